import { sql } from 'kysely';
import type { UnitTallies } from '../../domain/model/event.js';
import type { Digest, ProcessId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { nextId } from '../ids.js';
import { toJson } from '../json.js';
import type { AsOf } from '../payments/as-of.js';

/** Figures as of a day, as they were first given. */
export interface Snapshot {
  readonly id: string;
  readonly tallies: UnitTallies;
}

/** What one measuring is about: its key is unique in the process. */
export interface SnapshotKey {
  readonly county: string;
  readonly process: ProcessId;
  readonly key: string;
}

/** Who measures the same thing waits here; the lock ends with the transaction. */
export async function lockSnapshots(trx: Trx, { county, process, key }: SnapshotKey): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-snapshot'), hashtext(${`${county}/${process}/${key}`}))`.execute(trx);
}

/** The answer given before to the same question; null when it was never asked. */
export async function findSnapshot(trx: Trx, { county, process, key }: SnapshotKey, asOf: AsOf): Promise<Snapshot | null> {
  const row = await trx
    .selectFrom('snapshots')
    .select(['snapshot_id as id', 'tallies'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('key', '=', key)
    .where('happened_by', '=', asOf.happenedBy)
    .where('recorded_before', '=', asOf.recordedBefore)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export interface NewSnapshot {
  readonly asOf: AsOf;
  readonly tallies: UnitTallies;
  /** By table, the version whose targets were used. */
  readonly targetVersions: Readonly<Record<string, number>>;
  readonly rowsDigest: Digest;
  readonly rowsCount: number;
}

/** Keeps figures as the next version of their key. Returns the snapshot's id. */
export async function addSnapshot(trx: Trx, { county, process, key }: SnapshotKey, made: NewSnapshot): Promise<string> {
  const snapshot = await nextId(trx, county, 'm');
  const before = await trx
    .selectFrom('snapshots')
    .select((eb) => eb.fn.max('version').as('version'))
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('key', '=', key)
    .executeTakeFirst();
  await trx
    .insertInto('snapshots')
    .values({
      county_id: county,
      snapshot_id: snapshot,
      process_id: process,
      key,
      version: (before?.version ?? 0) + 1,
      happened_by: made.asOf.happenedBy,
      recorded_before: made.asOf.recordedBefore,
      tallies: toJson(made.tallies),
      target_versions: toJson(made.targetVersions),
      rows_digest: made.rowsDigest,
      rows_count: made.rowsCount,
    })
    .execute();
  return snapshot;
}
