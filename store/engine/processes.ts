import type { Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';

/** What is needed to start a process (again). */
export interface LivingProcess {
  readonly county: string;
  readonly process: ProcessId;
  readonly status: 'launching' | 'running' | 'paused';
  readonly setting: Digest;
  readonly seq: number;
  readonly launchedAt: Moment | null;
  readonly launchedBy: UserId;
  readonly clock: { readonly kind: 'real'; readonly offsetSeconds: number } | { readonly kind: 'virtual' };
  /** The virtual world's now; null in the real world. */
  readonly now: Moment | null;
}

/** Processes that are neither stopped nor ended, in the order of their ids, after `after`; at most `limit`. */
export async function livingProcesses(
  db: Db,
  after: { readonly county: string; readonly process: string } | null,
  limit: number,
): Promise<readonly LivingProcess[]> {
  let query = db
    .selectFrom('processes as p')
    .innerJoin('worlds as w', (join) => join.onRef('w.county_id', '=', 'p.county_id').onRef('w.world_id', '=', 'p.world_id'))
    .select([
      'p.county_id',
      'p.process_id',
      'p.status',
      'p.setting_digest',
      'p.seq',
      'p.launched_at',
      'p.launched_by',
      'w.kind',
      'w.now_at',
      'w.offset_seconds',
    ])
    .where('p.status', 'in', ['launching', 'running', 'paused'])
    .orderBy('p.county_id')
    .orderBy('p.process_id')
    .limit(limit);
  if (after !== null)
    query = query.where((e) => e(e.refTuple('p.county_id', 'p.process_id'), '>', e.tuple(after.county, after.process as ProcessId)));
  return (await query.execute()).flatMap((row) =>
    row.status === 'stopped' || row.status === 'ended'
      ? []
      : [
          {
            county: row.county_id,
            process: row.process_id,
            status: row.status,
            setting: row.setting_digest,
            seq: row.seq,
            launchedAt: row.launched_at,
            launchedBy: row.launched_by,
            clock: row.kind === 'virtual' ? { kind: 'virtual' } : { kind: 'real', offsetSeconds: row.offset_seconds },
            now: row.now_at,
          },
        ],
  );
}
