import { sql } from 'kysely';
import type { Trx } from '../connection.js';

/** Tables that a file may fill with many rows at once: the role may count them anew (store/grants.ts). */
export const FILLED_BY_FILES = [
  'people',
  'dues',
  'bank_accounts',
  'deposits',
  'identities',
  'payments',
  'ledger_transactions',
  'ledger_postings',
  'contribution_dues',
  'deduction_lines',
  'deduction_outcomes',
  'deduction_cleared_lines',
] as const;
/** A table is counted anew when a file brought so many rows, and so large a part of what was there: what autoanalyze would do within a minute. */
const ROWS = 1_000;
const PART = 0.2;

/**
 * After a large file the planner would take the tables that it filled (`filled`; default: any of those that files fill) for as small as before it. Where the role may not (PostgreSQL 16 knows no MAINTAIN) the
 * server skips it with a warning, and autoanalyze comes later.
 */
export async function refreshStatistics(
  trx: Trx,
  added: number,
  filled: readonly (typeof FILLED_BY_FILES)[number][] = FILLED_BY_FILES,
): Promise<void> {
  if (added < ROWS) return;
  const { rows } = await sql<{ name: string }>`
    select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relname = any(${[...filled]}::text[]) and c.relkind = 'r' and ${added}::bigint > greatest(c.reltuples, 0) * ${PART}::float8
    order by 1`.execute(trx);
  for (const { name } of rows) await sql`analyze ${sql.id(name)}`.execute(trx);
}

/** Just after a large file the planner takes the tables that it filled for empty and would join them row by row: not in `work`. */
export async function joinedByHash<T>(trx: Trx, work: () => Promise<T>): Promise<T> {
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(trx);
  const done = await work();
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(trx);
  return done;
}
