import { sql, type Kysely } from 'kysely';

/** Papers that were given for how a line is settled. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`alter table deduction_decisions add column evidence jsonb not null default '[]'`).execute(db);
}
