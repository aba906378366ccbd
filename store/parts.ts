import { sql, type RawBuilder } from 'kysely';
import type { Db } from './connection.js';

/**
 * Part of a larger statement: an insert that reads the process it belongs to from `held (county_id, process_id)`. Where `held` has no row, it writes
 * nothing; so one condition decides for all parts of a statement, and one round trip writes them all or none.
 */
export type Part = RawBuilder<unknown>;

/** Runs one part as a statement of its own, for a process (or a chain) that the caller holds. */
export async function alone(db: Db, county: string, process: string, part: Part): Promise<void> {
  await sql`/* prepared */ with held as (select ${county}::text as county_id, ${process}::text as process_id) ${part}`.execute(db);
}
