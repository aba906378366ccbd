import type { ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';

export interface ImportShown {
  readonly id: string;
  readonly process: ProcessId | null;
  readonly kind: string;
  readonly fileName: string;
  readonly digest: string;
  readonly status: string;
  readonly read: number;
  readonly kept: number;
  readonly bad: number;
  readonly totals: unknown;
  readonly by: string;
  readonly at: string;
}

const select = (db: Db, county: string) =>
  db
    .selectFrom('imports')
    .select([
      'import_id as id',
      'process_id as process',
      'kind',
      'file_name as fileName',
      'file_digest as digest',
      'status',
      'rows_read as read',
      'rows_kept as kept',
      'rows_bad as bad',
      'totals',
      'by_user as by',
      'at',
    ])
    .where('county_id', '=', county);

/** Imports of a campaign (null: those of no campaign), the latest first; at most `limit`. */
export async function listImports(db: Db, county: string, process: ProcessId | null, limit: number): Promise<ImportShown[]> {
  return select(db, county)
    .where('process_id', process === null ? 'is' : '=', process)
    .orderBy('stored_at', 'desc')
    .orderBy('import_id')
    .limit(limit)
    .execute();
}

export async function importById(db: Db, county: string, id: string): Promise<ImportShown | null> {
  return (await select(db, county).where('import_id', '=', id).executeTakeFirst()) ?? null;
}

export interface ImportErrorRow {
  readonly id: number;
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly params: unknown;
}

/** Rows that could not be kept, in the order of the file, after error `after`; one more than `limit`. */
export async function importErrors(db: Db, county: string, id: string, after: number, limit: number): Promise<ImportErrorRow[]> {
  const rows = await db
    .selectFrom('import_errors')
    .select(['error_id as id', 'line', 'column_name as column', 'code', 'params'])
    .where('county_id', '=', county)
    .where('import_id', '=', id)
    .where('error_id', '>', after)
    .orderBy('error_id')
    .limit(limit + 1)
    .execute();
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}
