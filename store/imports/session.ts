import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Kysely, PostgresDialect } from 'kysely';
import copyStreams from 'pg-copy-streams';
import { beginSession } from '../begin.js';
import type { Store, Trx } from '../connection.js';
import { CopyText, type CopyValue } from './copy-text.js';
import type { Schema } from '../schema.js';

/** One transaction on one connection, with COPY beside its queries. */
export interface BulkSession {
  readonly trx: Trx;
  /** Streams rows into a table of this transaction; at most a few hundred rows are in memory. Returns how many. */
  copy(table: string, columns: readonly string[], rows: AsyncIterable<readonly CopyValue[]>): Promise<number>;
  /** The same with rows that are text already. */
  copyText(table: string, columns: readonly string[], text: CopyText): Promise<void>;
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
    const feed = async (table: string, columns: readonly string[], text: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> => {
      const into: Writable = client.query(copyStreams.from(`copy ${table} (${columns.join(', ')}) from stdin`));
      await pipeline(Readable.from(text, { objectMode: true, highWaterMark: 2 }), into);
    };
    const copy: BulkSession['copy'] = async (table, columns, rows) => {
      const counter = { rows: 0 };
      await feed(table, columns, piecesOf(rows, counter));
      return counter.rows;
    };
    const copyText: BulkSession['copyText'] = (table, columns, text) => feed(table, columns, text.rest());
    return await db.transaction().execute((trx) => work({ trx, copy, copyText }));
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

async function* piecesOf(rows: AsyncIterable<readonly CopyValue[]>, counter: { rows: number }): AsyncGenerator<Buffer> {
  const text = new CopyText();
  for await (const row of rows) {
    counter.rows += 1;
    text.add(row);
    if (text.full) yield* text.complete();
  }
  yield* text.rest();
}
