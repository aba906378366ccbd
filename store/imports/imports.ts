import type { Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { toJson } from '../json.js';

export interface ImportRow {
  readonly county: string;
  readonly id: string;
  readonly process: ProcessId | null;
  readonly kind: string;
  readonly fileName: string;
  readonly digest: Digest;
  readonly profile: unknown;
  readonly status: 'done' | 'refused';
  readonly read: number;
  readonly kept: number;
  readonly bad: number;
  readonly totals: unknown;
  readonly by: UserId;
  readonly at: Moment;
}

/** The record of one import; rows of `import_errors` belong to it. */
export async function insertImport(db: Db, row: ImportRow): Promise<void> {
  await db
    .insertInto('imports')
    .values({
      county_id: row.county,
      import_id: row.id,
      process_id: row.process,
      kind: row.kind,
      file_name: row.fileName,
      file_digest: row.digest,
      profile: toJson(row.profile),
      status: row.status,
      rows_read: row.read,
      rows_kept: row.kept,
      rows_bad: row.bad,
      totals: toJson(row.totals),
      by_user: row.by,
      at: row.at,
    })
    .execute();
}
