import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { beginSession } from './begin.js';

/**
 * A statement that begins so is parsed once for each connection and planned seldom: worth it for large ones that run at every event. Its text
 * must be fixed and its columns named, since a plan outlives what made it.
 */
const MARK = '/* prepared */';

/** Distinct texts that may be prepared; others run as any statement does. A server keeps each one for each connection. */
const LIMIT = 32;

/** Connections of `pool` that prepare the statements marked so. */
export class PreparingPool implements PostgresPool {
  readonly #names = new Map<string, string>();

  constructor(private readonly pool: pg.Pool) {}

  async connect(): Promise<PostgresPoolClient> {
    return new PreparingClient(await beginSession(() => this.pool.connect()), (text) => this.#nameOf(text));
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  #nameOf(text: string): string | undefined {
    if (!text.startsWith(MARK)) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= LIMIT) return known;
    const name = `duban-${this.#names.size + 1}`;
    this.#names.set(text, name);
    return name;
  }
}

class PreparingClient implements PostgresPoolClient {
  constructor(
    private readonly client: pg.PoolClient,
    private readonly nameOf: (text: string) => string | undefined,
  ) {}

  query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(query: string | PostgresCursor<R>, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof query !== 'string') throw new Error('cursors are not used');
    return this.#run<R>(query, parameters);
  }

  release(): void {
    this.client.release();
  }

  async #run<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const name = this.nameOf(text);
    const values = [...parameters];
    const result = await this.client.query<R & pg.QueryResultRow>(name === undefined ? { text, values } : { name, text, values });
    return { command: result.command as PostgresQueryResult<R>['command'], rowCount: result.rowCount ?? 0, rows: result.rows };
  }
}
