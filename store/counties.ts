import { sql } from 'kysely';
import type { Db, Trx } from './connection.js';

/** Adds the county once; a second call changes nothing. */
export async function ensureCounty(trx: Trx, county: string, name: string): Promise<void> {
  await trx
    .insertInto('counties')
    .values({ county_id: county, name })
    .onConflict((on) => on.doNothing())
    .execute();
}

/** Ids of all counties of the database. */
export async function allCounties(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('counties').select('county_id').orderBy('county_id').execute();
  return rows.map(({ county_id }) => county_id);
}

/** One at a time may set up a county; the lock ends with the transaction. */
export async function lockSetup(trx: Trx, county: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`setup/${county}`}, 0))`.execute(trx);
}
