import { createHash } from 'node:crypto';
import type { MeasureEffect } from '../../domain/model/effect.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { Digest, LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import type { CampaignActivities } from '../../workflows/contract/campaign.js';
import type { Store } from '../../store/connection.js';
import { addSnapshot, findSnapshot, lockSnapshots, type SnapshotKey } from '../../store/measures/snapshots.js';
import { standingDigests, type RowQuery } from '../../store/payments/row-sets.js';
import { unitIdsUnder } from '../../store/units/read.js';
import { loadCampaign } from '../imports/context.js';
import { figuresAt } from './figures-at.js';

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
  const { setting, amended } = await loadCampaign(store.db, county, process);
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
      const { tallies, targetVersions } = await figuresAt(trx, { ...query, setting, amended, needed: effect.needed });
      const digests = await standingDigests(trx, query);
      const hash = createHash('sha256');
      for (const { unit, rows, digest } of digests) hash.update(`${unit} ${rows} ${digest}\n`);
      const snapshot = await addSnapshot(trx, key, {
        asOf: effect,
        tallies,
        targetVersions,
        rowsDigest: hash.digest('hex') as Digest,
        rowsCount: digests.reduce((sum, { rows }) => sum + rows, 0),
      });
      return { snapshot, tallies };
    });
}

/** Present figures of the whole campaign. `today` is the world's day. */
async function presentFigures(
  store: Store,
  request: { readonly county: string; readonly process: ProcessId; readonly needed: readonly string[]; readonly today: LocalDate },
): Promise<UnitTallies> {
  const { setting, amended } = await loadCampaign(store.db, request.county, request.process);
  const asked = { ...request, setting, amended, asOf: null, units: null };
  return store.db.transaction().execute(async (trx) => (await figuresAt(trx, asked)).tallies);
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
