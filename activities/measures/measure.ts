import { createHash } from 'node:crypto';
import type { MeasureEffect } from '../../domain/model/effect.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { Digest, LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { CampaignActivities } from '../../workflows/contract/campaign.js';
import type { Store, Trx } from '../../store/connection.js';
import { addSnapshot, findSnapshot, lockSnapshots, type SnapshotKey } from '../../store/measures/snapshots.js';
import { keptTallies } from '../../store/measures/tallies.js';
import { standingDigests, type RowQuery } from '../../store/payments/row-sets.js';
import { targetsInForce } from '../../store/payments/targets.js';
import { unitIdsUnder } from '../../store/units/read.js';
import { loadCampaign } from '../imports/context.js';
import { columnsUsed } from './plan.js';
import { tallyCounts } from './tally.js';
import { isRowSet } from '../../domain/rules/columns.js';

/**
 * Figures as of a day: what happened by `happenedBy` and was recorded before `recordedBefore`, per unit of the subtree. The snapshot keeps them
 * with the target versions and a digest of the rows. The same question twice gives the first answer, so a retried activity is silent; a correction
 * asks with a later `recordedBefore` and is the next version.
 */
export async function measure(
  store: Store,
  request: { readonly county: string; readonly process: ProcessId; readonly effect: MeasureEffect },
): Promise<{ snapshot: string; tallies: UnitTallies }> {
  const { county, process, effect } = request;
  const campaign = await loadCampaign(store.db, county, process);
  return store.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const key: SnapshotKey = { county, process, key: effect.key };
      await lockSnapshots(trx, key);
      const same = await findSnapshot(trx, key, effect);
      if (same) return { snapshot: same.id, tallies: same.tallies };
      const query: RowQuery = {
        county,
        process,
        asOf: effect,
        today: effect.happenedBy,
        units: await unitIdsUnder(trx, county, effect.unit),
      };
      const { counts, wholes } = split(effect.needed);
      const tallies = { ...(await tallyCounts(trx, campaign.setting, counts, query)) };
      const versions = await addWholes(trx, campaign.setting, wholes, query, effect.recordedBefore, tallies);
      const digests = await standingDigests(trx, query);
      const hash = createHash('sha256');
      for (const { unit, rows, digest } of digests) hash.update(`${unit} ${rows} ${digest}\n`);
      const snapshot = await addSnapshot(trx, key, {
        asOf: effect,
        tallies,
        targetVersions: versions,
        rowsDigest: hash.digest('hex') as Digest,
        rowsCount: digests.reduce((sum, { rows }) => sum + rows, 0),
      });
      return { snapshot, tallies };
    });
}

/**
 * Present figures of the whole campaign, from the kept tallies. A count that depends on the day (age, phase) or on answers of a duty is not kept but
 * counted now. `today` is the world's day.
 */
export async function presentFigures(
  store: Store,
  request: { readonly county: string; readonly process: ProcessId; readonly needed: readonly string[]; readonly today: LocalDate },
): Promise<UnitTallies> {
  const { county, process, needed, today } = request;
  const { setting } = await loadCampaign(store.db, county, process);
  const { counts, wholes } = split(needed);
  return store.db.transaction().execute(async (trx) => {
    const query: RowQuery = { county, process, asOf: null, today, units: null };
    const fresh = counts.filter((id) => isVolatile(setting, id));
    const tallies: Record<string, Record<string, number>> = {};
    for (const [unit, values] of Object.entries(await tallyCounts(trx, setting, fresh, query))) tallies[unit] = { ...values };
    const kept = counts.filter((id) => !fresh.includes(id));
    for (const row of await keptTallies(trx, county, process, kept)) (tallies[row.unit] ??= {})[row.count] = row.value;
    await addWholes(trx, setting, wholes, query, null, tallies);
    return tallies;
  });
}

/** The activities of the campaign that this room implements. `now` gives the world's moment of a process. */
export function measureActivities(
  store: Store,
  now: (county: string, process: ProcessId) => Promise<Moment>,
): Pick<CampaignActivities, 'measure' | 'count'> {
  return {
    measure: (request) => measure(store, request),
    count: async ({ county, process, needed }) => ({
      tallies: await presentFigures(store, { county, process, needed, today: (await now(county, process)).slice(0, 10) as LocalDate }),
    }),
  };
}

function split(needed: readonly string[]): { readonly counts: readonly string[]; readonly wholes: readonly string[] } {
  return { counts: needed.filter((name) => !name.includes('.')), wholes: needed.filter((name) => name.includes('.')) };
}

function isVolatile(setting: Setting, id: string): boolean {
  const count = setting.definition.counts[id];
  if (!count || !isRowSet(count.over)) return true;
  const { columns } = columnsUsed(setting.definition, count.over, [count.if, count.value]);
  return (
    columns.has('age') ||
    columns.has('phase') ||
    [count.if, count.value].some((text) => text !== null && /\b(today|within|ageOn)\b/.test(text))
  );
}

async function addWholes(
  trx: Trx,
  setting: Setting,
  wholes: readonly string[],
  query: RowQuery,
  before: Moment | null,
  tallies: Record<string, Readonly<Record<string, number>>>,
): Promise<Readonly<Record<string, number>>> {
  const versions: Record<string, number> = {};
  for (const id of new Set(wholes.map((name) => name.split('.')[0] ?? ''))) {
    const table = setting.definition.tables[id];
    const found = table ? await targetsInForce(trx, query.county, query.process, table, before) : null;
    if (!found) continue;
    versions[found.table] = found.version;
    for (const { unit, values } of found.rows) {
      if (query.units !== null && !query.units.includes(unit)) continue;
      const own: Record<string, number> = { ...tallies[unit] };
      for (const name of wholes) {
        const value = name.startsWith(`${id}.`) ? values[name.slice(id.length + 1)] : undefined;
        if (typeof value === 'number') own[name] = value;
      }
      tallies[unit] = own;
    }
  }
  return versions;
}
