import { sql, type RawBuilder } from 'kysely';
import type { Db, Trx } from '../connection.js';
import { countStalePieces, resealPieces } from '../deductions/files.js';
import type { PersonalDataKey } from './personal-data-key.js';

const PAGE = 500;

/** One row with sealed columns, by its key. */
interface Sealed {
  readonly county: string;
  readonly id: string;
  readonly first: Buffer | null;
  readonly second: Buffer | null;
}

/** A table with sealed columns: where they are, and how they are put back. `first` has a blind index beside it. */
interface SealedTable {
  readonly page: (trx: Trx, prefix: Buffer, after: Sealed | null) => Promise<readonly Sealed[]>;
  readonly put: (trx: Trx, anew: RawBuilder<unknown>) => Promise<unknown>;
  readonly count: (db: Db, prefix: Buffer) => Promise<number>;
}

const older = (column: string, prefix: Buffer): RawBuilder<boolean> =>
  sql`substring(${sql.id(column)} from 1 for ${prefix.length}) <> ${prefix}`;

function sealedTable(table: string, id: string, first: string, second: string | null, index: string): SealedTable {
  const [name, key] = [sql.id(table), sql.id(id)];
  const stale = (prefix: Buffer): RawBuilder<boolean> =>
    second === null ? older(first, prefix) : sql`(${older(first, prefix)} or ${older(second, prefix)})`;
  return {
    async page(trx, prefix, after) {
      const { rows } = await sql<Sealed>`
        select county_id as county, ${key} as id, ${sql.id(first)} as first, ${second === null ? sql`null::bytea` : sql.id(second)} as second from ${name}
        where ${stale(prefix)} and (county_id, ${key}) > (${after?.county ?? ''}, ${after?.id ?? ''})
        order by county_id, ${key} limit ${PAGE} for update`.execute(trx);
      return rows;
    },
    put: (trx, anew) =>
      sql`
      update ${name} t set ${sql.id(first)} = n.first, ${sql.id(index)} = n.index${second === null ? sql`` : sql`, ${sql.id(second)} = n.second`}
      from ${anew} as n (county, id, first, index, second) where t.county_id = n.county and t.${key} = n.id`.execute(trx),
    async count(db, prefix) {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${name} where ${stale(prefix)}`.execute(db);
      return rows[0]?.n ?? 0;
    },
  };
}

const TABLES: readonly SealedTable[] = [
  sealedTable('people', 'person_id', 'id_number_cipher', 'phone_cipher', 'id_number_index'),
  sealedTable('bank_accounts', 'account_id', 'account_cipher', null, 'account_index'),
];

/** Persons, accounts and pieces of banks' files of which something is not sealed with the active key. */
export async function countStale(db: Db, key: Pick<PersonalDataKey, 'prefix'>): Promise<number> {
  let sum = 0;
  for (const table of TABLES) sum += await table.count(db, key.prefix());
  return sum + (await countStalePieces(db, key));
}

/**
 * Seals personal data anew with the active key, a page a transaction, and the blind index with it: what was read in between was always readable.
 * Broken off anywhere, the next call goes on. Returns how many persons, accounts and pieces of files were changed. Throws `CannotOpen` when a key is missing.
 */
export async function reseal(db: Db, key: PersonalDataKey, progress?: (done: number) => void): Promise<number> {
  let done = 0;
  for (const table of TABLES) {
    for (let after: Sealed | null = null; ;) {
      const last: Sealed | null = after;
      const page: readonly Sealed[] = await db.transaction().execute(async (trx) => {
        const rows = await table.page(trx, key.prefix(), last);
        await table.put(trx, anew(key, rows));
        return rows;
      });
      done += page.length;
      progress?.(done);
      after = page.at(-1) ?? null;
      if (page.length < PAGE) break;
    }
  }
  return resealPieces(db, key, done, progress);
}

function anew(key: PersonalDataKey, rows: readonly Sealed[]): RawBuilder<unknown> {
  const numbers = rows.map(({ first }) => (first === null ? null : key.decrypt(first)));
  return sql`unnest(${rows.map(({ county }) => county)}::text[], ${rows.map(({ id }) => id)}::text[],
    ${numbers.map((number) => (number === null ? null : key.encrypt(number)))}::bytea[],
    ${numbers.map((number) => (number === null ? null : key.index(number)))}::bytea[],
    ${rows.map(({ second }) => (second === null ? null : key.encrypt(key.decrypt(second))))}::bytea[])`;
}
