import { sql, type Kysely } from 'kysely';

/** Lines whose answer is not definite wait for two people or a later file: their list does not read all that was ever answered. */
const open = `create index deduction_outcomes_open on deduction_outcomes (county_id, batch_id, line) where class in ('unknown', 'duplicate-reported');`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(open).execute(db);
}
