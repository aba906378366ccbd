import { sql } from 'kysely';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';

/** What a fold of the journals fills. */
const FOLDED = ['obligations', 'board', 'milestones', 'flags', 'publications', 'row_counts'] as const;
export type FoldedTable = (typeof FOLDED)[number];

/** One digest for each table that a fold fills, over the rows of a process in whatever order; `rowsToo` false leaves out what is owed about persons. */
export async function readModelDigests(
  db: Db,
  county: string,
  process: ProcessId,
  rowsToo: boolean,
): Promise<Readonly<Partial<Record<FoldedTable, string>>>> {
  const found: Partial<Record<FoldedTable, string>> = {};
  for (const table of FOLDED) {
    // Sums of all obligations stand for nothing while those about persons are left out.
    if (!rowsToo && (table === 'board' || table === 'row_counts')) continue;
    const which = table === 'obligations' && !rowsToo ? sql`and row_id is null` : table === 'row_counts' ? sql`and rows <> 0` : sql``;
    const { rows } = await sql<{ digest: string }>`
      select count(*) || ':' || coalesce(sum(('x' || left(md5((to_jsonb(t) - 'stored_at')::text), 15))::bit(60)::bigint), 0) as digest
      from ${sql.id(table)} t where county_id = ${county} and process_id = ${process} ${which}`.execute(db);
    found[table] = rows[0]?.digest ?? '';
  }
  return found;
}
