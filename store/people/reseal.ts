import { sql } from 'kysely';
import type { Db } from '../connection.js';
import type { PersonalDataKey } from './personal-data-key.js';

const PAGE = 500;

interface Row {
  readonly county: string;
  readonly person: string;
  readonly id: Buffer | null;
  readonly phone: Buffer | null;
}

/** Persons of whom something is not sealed with the active key. */
export async function countStale(db: Db, key: Pick<PersonalDataKey, 'prefix'>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from people where ${stale(key)}`.execute(db);
  return rows[0]?.n ?? 0;
}

const stale = (key: Pick<PersonalDataKey, 'prefix'>) => {
  const prefix = key.prefix();
  return sql`(substring(id_number_cipher from 1 for ${prefix.length}) <> ${prefix} or substring(phone_cipher from 1 for ${prefix.length}) <> ${prefix})`;
};

/**
 * Seals personal data anew with the active key, a page a transaction, and the blind index with it: what was read in between was always readable.
 * Broken off anywhere, the next call goes on. Returns how many persons were changed. Throws `CannotOpen` when a key is missing.
 */
export async function reseal(db: Db, key: PersonalDataKey, progress?: (done: number) => void): Promise<number> {
  let done = 0;
  for (let after: Row | null = null; ;) {
    const page: readonly Row[] = await db.transaction().execute(async (trx) => {
      const last: Row | null = after;
      const { rows } = await sql<Row>`
        select county_id as county, person_id as person, id_number_cipher as id, phone_cipher as phone from people
        where ${stale(key)} and (county_id, person_id) > (${last?.county ?? ''}, ${last?.person ?? ''})
        order by county_id, person_id limit ${PAGE} for update`.execute(trx);
      const numbers = rows.map(({ id }) => (id === null ? null : key.decrypt(id)));
      await sql`
        update people p set id_number_cipher = n.id, id_number_index = n.index, phone_cipher = n.phone
        from unnest(${rows.map(({ county }) => county)}::text[], ${rows.map(({ person }) => person)}::text[],
          ${numbers.map((number) => (number === null ? null : key.encrypt(number)))}::bytea[],
          ${numbers.map((number) => (number === null ? null : key.index(number)))}::bytea[],
          ${rows.map(({ phone }) => (phone === null ? null : key.encrypt(key.decrypt(phone))))}::bytea[]) as n (county, person, id, index, phone)
        where p.county_id = n.county and p.person_id = n.person`.execute(trx);
      return rows;
    });
    done += page.length;
    progress?.(done);
    after = page.at(-1) ?? null;
    if (page.length < PAGE) return done;
  }
}
