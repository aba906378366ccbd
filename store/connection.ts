import { Kysely, PostgresDialect, sql, Transaction } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.js';
import { StoreError } from './errors.js';
import { PreparingPool } from './prepared.js';

/** Queries of the store take either the connection or the caller's open transaction. */
export type Db = Kysely<Schema>;
export type Trx = Transaction<Schema>;

export interface Store {
  readonly db: Db;
  /** For COPY streams; everything else goes through `db`. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/**
 * A bigint column as a number. Money in fen and row numbers stay far below 2^53; a value beyond it is refused, never rounded
 * (`number-too-large`).
 */
function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new StoreError('number-too-large', `数字 ${text} 超出可精确表示的范围`, `${text} cannot be held exactly`, { value: text });
  }
  return value;
}

const types: pg.CustomTypesConfig = {
  getTypeParser(id, format) {
    return id === pg.types.builtins.INT8 && format !== 'binary' ? exactNumber : pg.types.getTypeParser(id, format);
  },
};

/** Also how long a query waits for a free connection of the pool. */
const CONNECT_WITHIN_MS = 30_000;

/**
 * Opens the database at `url` (`postgres://...`) with a pool of `connections`. Nothing is asked of the server until the first query, so a
 * server that is not there yet shows there.
 */
export function openStore(url: string, connections = 10): Store {
  const pool = new pg.Pool({ connectionString: url, max: connections, types, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  // A connection that breaks while idle is replaced at the next query; without a listener it would end the program.
  pool.on('error', () => undefined);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: new PreparingPool(pool) }) });
  const close = async (): Promise<void> => {
    await db.destroy();
    // Kysely leaves alone a pool that was only used directly.
    if (!pool.ending) await pool.end();
  };
  return { db, pool, close };
}

/** Reads several things as they stand at one moment: in the caller's transaction, else in one of its own that sees no later change. */
export async function inOneView<T>(db: Db, read: (trx: Trx) => Promise<T>): Promise<T> {
  if (db instanceof Transaction) return read(db);
  return db.transaction().setIsolationLevel('repeatable read').execute(read);
}

/** Work that may fail without undoing what its transaction has done before. */
export async function inSavepoint<T>(trx: Trx, work: () => Promise<T>): Promise<T> {
  await sql`savepoint attempt`.execute(trx);
  try {
    const value = await work();
    await sql`release savepoint attempt`.execute(trx);
    return value;
  } catch (error) {
    await sql`rollback to savepoint attempt`.execute(trx);
    throw error;
  }
}
