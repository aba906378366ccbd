import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Kysely, PostgresDialect } from 'kysely';
import copyStreams from 'pg-copy-streams';
import { beginSession } from '../begin.js';
import type { Store, Trx } from '../connection.js';
import type { Schema } from '../schema.js';

/** A value of a COPY row: text, whole number, bytes, list of texts, or null. */
export type CopyValue = string | number | Buffer | readonly string[] | null;

/** One transaction on one connection, with COPY beside its queries. */
export interface BulkSession {
  readonly trx: Trx;
  /** Streams rows into a table of this transaction; at most a few hundred rows are in memory. Returns how many. */
  copy(table: string, columns: readonly string[], rows: AsyncIterable<readonly CopyValue[]>): Promise<number>;
}

/** Thrown inside `inSession` to undo everything and give a result all the same (a dry run). */
export class Undo<T> extends Error {
  override readonly name = 'Undo';
  constructor(readonly result: T) {
    super('undone on purpose');
  }
}

/**
 * Runs `work` in one transaction. Whatever ends it (an error, a cancel, a killed process) leaves nothing: staging tables are temporary and
 * belong to the transaction.
 */
export async function inSession<T>(store: Store, work: (session: BulkSession) => Promise<T>): Promise<T> {
  const client = await beginSession(() => store.pool.connect());
  let broken = false;
  // A connection that breaks while it is lent out fails the query under way; without a listener it would end the program.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  try {
    const lent = {
      connect: () => Promise.resolve({ query: client.query.bind(client), release: () => undefined }),
      end: () => Promise.resolve(),
    };
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: lent }) });
    const copy: BulkSession['copy'] = async (table, columns, rows) => {
      const counter = { rows: 0 };
      const into: Writable = client.query(copyStreams.from(`copy ${table} (${columns.join(', ')}) from stdin`));
      await pipeline(Readable.from(lines(rows, counter), { objectMode: true, highWaterMark: 2 }), into);
      return counter.rows;
    };
    return await db.transaction().execute((trx) => work({ trx, copy }));
  } catch (error) {
    if (error instanceof Undo) return (error as Undo<T>).result;
    broken = true;
    throw error;
  } finally {
    if (!broken) client.off('error', ignore);
    // A connection on which a COPY broke off is not used again.
    client.release(broken);
  }
}

async function* lines(rows: AsyncIterable<readonly CopyValue[]>, counter: { rows: number }): AsyncGenerator<string> {
  let batch = '';
  for await (const row of rows) {
    counter.rows += 1;
    for (let i = 0; i < row.length; i += 1) batch += (i === 0 ? '' : '\t') + field(row[i] ?? null);
    batch += '\n';
    if (batch.length > 65_536) {
      yield batch;
      batch = '';
    }
  }
  if (batch !== '') yield batch;
}

function field(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return /[\\\t\n\r]/.test(value) ? escaped(value) : value;
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  return escaped(`{${value.map((item) => `"${item.replace(/(["\\])/g, '\\$1')}"`).join(',')}}`);
}

const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
