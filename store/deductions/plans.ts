import { sql } from 'kysely';
import type { Db, Trx } from '../connection.js';

/** Memory of the database for one step of a plan: the lines of a county are sorted and summed in it, and not by way of the disk. */
const MEMORY = '128MB';

/** From so many rows on, joining row by row costs more than reading the tables. */
const MANY = 1_000;

/**
 * For the rest of this transaction: statements over many lines are joined as wholes. The tables have just been filled by a file, the planner takes them for as small as
 * before it and would join row by row, for hours.
 */
export async function planForMany(trx: Db, rows: number): Promise<void> {
  if (rows >= MANY) await sql`select set_config('enable_nestloop', 'off', true), set_config('work_mem', ${MEMORY}, true)`.execute(trx);
}

/**
 * Inserts of many rows that refer to rows inserted just before: each reference is looked up by its index, though the planner takes that table for empty and has perhaps kept
 * a plan that reads it from end to end for every row.
 */
export async function insertMany<T>(trx: Trx, work: () => Promise<T>): Promise<T> {
  await sql`discard plans`.execute(trx);
  await sql`select set_config('enable_seqscan', 'off', true)`.execute(trx);
  const done = await work();
  await sql`select set_config('enable_seqscan', 'on', true)`.execute(trx);
  return done;
}
