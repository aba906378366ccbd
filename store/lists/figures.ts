import type { ProcessId } from '../../domain/model/ids.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { MilestoneState } from '../../domain/model/state.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

export interface MilestoneRow {
  readonly key: string;
  readonly path: string;
  readonly snapshot: string | null;
  readonly body: MilestoneState;
}

/** Milestones of a campaign in a scope, by key after `after`; one more than `limit`. */
export async function listMilestones(
  db: Db,
  county: string,
  process: ProcessId,
  filter: {
    readonly scope: Scope;
    readonly result: 'met' | 'missed' | 'open' | null;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<MilestoneRow[]> {
  let query = db
    .selectFrom('milestones')
    .select(['key', 'unit_path as path', 'snapshot_id as snapshot', 'body'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(pathInScope('unit_path', filter.scope))
    .orderBy('key')
    .limit(filter.limit + 1);
  if (filter.result !== null) query = query.where('result', '=', filter.result);
  if (filter.after !== null) query = query.where('key', '>', filter.after);
  return query.execute();
}

export interface SnapshotRow {
  readonly id: string;
  readonly key: string;
  readonly version: number;
  readonly happenedBy: string;
  readonly recordedBefore: string;
  readonly tallies: UnitTallies;
  readonly targetVersions: Readonly<Record<string, number>>;
  readonly rowsDigest: string;
  readonly rowsCount: number;
}

/** Every version of a milestone's snapshot, oldest first, when its milestone lies in the scope. */
export async function snapshotsOf(db: Db, county: string, process: ProcessId, key: string, scope: Scope): Promise<SnapshotRow[]> {
  return db
    .selectFrom('snapshots as s')
    .innerJoin('milestones as m', (join) =>
      join.onRef('m.county_id', '=', 's.county_id').onRef('m.process_id', '=', 's.process_id').onRef('m.key', '=', 's.key'),
    )
    .select([
      's.snapshot_id as id',
      's.key',
      's.version',
      's.happened_by as happenedBy',
      's.recorded_before as recordedBefore',
      's.tallies',
      's.target_versions as targetVersions',
      's.rows_digest as rowsDigest',
      's.rows_count as rowsCount',
    ])
    .where('s.county_id', '=', county)
    .where('s.process_id', '=', process)
    .where('s.key', '=', key)
    .where(pathInScope('m.unit_path', scope))
    .orderBy('s.version')
    .execute();
}
