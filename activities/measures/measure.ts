import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { MeasureEffect } from '../../domain/model/effect.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { Digest, LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { CampaignActivities } from '../../workflows/contract/campaign.js';
import type { Db, Store, Trx } from '../../store/connection.js';
import { nextId } from '../../store/ids.js';
import { pageInbox } from '../../store/inbox.js';
import { toJson } from '../../store/json.js';
import { standingDigests, type RowQuery } from '../../store/payments/row-sets.js';
import { targetsInForce } from '../../store/payments/targets.js';
import { loadCampaign } from '../imports/context.js';
import { columnsUsed } from './plan.js';
import { tallyCounts } from './tally.js';
import { isRowSet } from '../../domain/rules/columns.js';

/** How many inbox rows one `loadFacts` gives. */
const FACT_PAGE = 500;

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
      await sql`select pg_advisory_xact_lock(hashtext('duban-snapshot'), hashtext(${`${county}/${process}/${effect.key}`}))`.execute(trx);
      const before = await trx
        .selectFrom('snapshots')
        .select(['snapshot_id', 'version', 'happened_by', 'recorded_before', 'tallies'])
        .where('county_id', '=', county)
        .where('process_id', '=', process)
        .where('key', '=', effect.key)
        .orderBy('version', 'desc')
        .execute();
      const same = before.find((row) => row.happened_by === effect.happenedBy && row.recorded_before === effect.recordedBefore);
      if (same) return { snapshot: same.snapshot_id, tallies: same.tallies };
      const query: RowQuery = {
        county,
        process,
        asOf: effect,
        today: effect.happenedBy,
        units: await unitsUnder(trx, county, effect.unit),
      };
      const { counts, wholes } = split(effect.needed);
      const tallies = { ...(await tallyCounts(trx, campaign.setting, counts, query)) };
      const versions = await addWholes(trx, campaign.setting, wholes, query, effect.recordedBefore, tallies);
      const digests = await standingDigests(trx, query);
      const hash = createHash('sha256');
      for (const { unit, rows, digest } of digests) hash.update(`${unit} ${rows} ${digest}\n`);
      const snapshot = await nextId(trx, county, 'm');
      await trx
        .insertInto('snapshots')
        .values({
          county_id: county,
          snapshot_id: snapshot,
          process_id: process,
          key: effect.key,
          version: (before[0]?.version ?? 0) + 1,
          happened_by: effect.happenedBy,
          recorded_before: effect.recordedBefore,
          tallies: toJson(tallies),
          target_versions: toJson(versions),
          rows_digest: hash.digest('hex') as Digest,
          rows_count: digests.reduce((sum, { rows }) => sum + rows, 0),
        })
        .execute();
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
    if (kept.length > 0) {
      const rows = await trx
        .selectFrom('tallies')
        .select(['unit_id', 'count_id', 'value'])
        .where('county_id', '=', county)
        .where('process_id', '=', process)
        .where('count_id', 'in', kept)
        .execute();
      for (const row of rows) (tallies[row.unit_id] ??= {})[row.count_id] = row.value;
    }
    await addWholes(trx, setting, wholes, query, null, tallies);
    return tallies;
  });
}

/** Facts above `after`, one page, summed per unit, day, insurance and kind; `upTo` is what the journal then acknowledges. */
export async function loadFacts(
  db: Db,
  request: { readonly county: string; readonly process: ProcessId; readonly after: number },
): ReturnType<CampaignActivities['loadFacts']> {
  const rows = await pageInbox(db, request.county, request.process, request.after, FACT_PAGE + 1);
  const page = rows.slice(0, FACT_PAGE);
  const sums = new Map<string, (typeof page)[number]['fact']>();
  for (const { fact } of page) {
    const key = `${fact.kind}|${fact.unit}|${fact.insurance ?? ''}|${fact.on}`;
    const sum = sums.get(key);
    sums.set(key, sum ? { ...sum, amount: sum.amount + fact.amount } : fact);
  }
  return { upTo: page.at(-1)?.id ?? request.after, facts: [...sums.values()], more: rows.length > FACT_PAGE };
}

/** The activities of the campaign that this room implements. `now` gives the world's moment of a process. */
export function measureActivities(
  store: Store,
  now: (county: string, process: ProcessId) => Promise<Moment>,
): Pick<CampaignActivities, 'measure' | 'count' | 'loadFacts'> {
  return {
    measure: (request) => measure(store, request),
    count: async ({ county, process, needed }) => ({
      tallies: await presentFigures(store, { county, process, needed, today: (await now(county, process)).slice(0, 10) as LocalDate }),
    }),
    loadFacts: (request) => loadFacts(store.db, request),
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

async function unitsUnder(trx: Trx, county: string, unit: UnitId): Promise<readonly UnitId[]> {
  const { rows } = await sql<{ unit_id: UnitId }>`
    select b.unit_id from units a join units b on b.county_id = a.county_id and starts_with(b.path, a.path) where a.county_id = ${county} and a.unit_id = ${unit}`.execute(
    trx,
  );
  return rows.map((row) => row.unit_id);
}
