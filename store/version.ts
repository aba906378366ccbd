import pg from 'pg';
import type { Store } from './connection.js';
import { StoreError } from './errors.js';
import { MIGRATIONS } from './migrations/index.js';
import { databaseProblem } from './reach.js';

/** How the database's schema stands to the program's. `locked`: it is there, but this role was given no rights. */
export type SchemaState = 'current' | 'empty' | 'older' | 'newer' | 'locked';

// PostgreSQL's code.
const NO_RIGHT = '42501';

export async function schemaState({ pool }: Pick<Store, 'pool'>): Promise<SchemaState> {
  try {
    const there = await pool.query<{ there: boolean }>(`select to_regclass('public.kysely_migration') is not null as there`);
    if (there.rows[0]?.there !== true) return 'empty';
    const { rows } = await pool.query<{ name: string }>('select name from kysely_migration');
    return stateOf(rows.map(({ name }) => name));
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
    if (code === NO_RIGHT) return 'locked';
    throw error;
  }
}

/** By the names of the migrations that ran. A database that has both more and less than the program is a newer one of another branch. */
export function stateOf(ran: readonly string[]): Exclude<SchemaState, 'locked'> {
  const ours = Object.keys(MIGRATIONS);
  if (ran.some((name) => !ours.includes(name))) return 'newer';
  if (ran.length === 0) return 'empty';
  return ours.every((name) => ran.includes(name)) ? 'current' : 'older';
}

const MIGRATE = {
  zh: '请设置 DATABASE_ADMIN_URL（所有者）和 DATABASE_URL 后运行 npx duban up 升级',
  en: 'set DATABASE_ADMIN_URL (the owner) and DATABASE_URL and run npx duban up to migrate it',
};

/** The refusal of a schema that this program cannot work with. */
export function schemaProblem(state: Exclude<SchemaState, 'current'>): StoreError {
  switch (state) {
    case 'newer':
      return new StoreError(
        'schema-newer',
        '数据库已由更新版本的督办升级，本版本不能使用。请改用新版程序（或恢复升级前的备份）',
        'The database was migrated by a newer Duban and cannot be used by this one: use the newer program (or restore the backup from before)',
      );
    case 'locked':
      return new StoreError(
        'schema-locked',
        `应用角色还没有得到权限：${MIGRATE.zh}`,
        `The application's role has no rights yet: ${MIGRATE.en}`,
      );
    case 'empty':
      return new StoreError('schema-older', `数据库还是空的：${MIGRATE.zh}`, `The database is empty: ${MIGRATE.en}`);
    case 'older':
      return new StoreError('schema-older', `数据库的结构比程序旧：${MIGRATE.zh}`, `The database is older than the program: ${MIGRATE.en}`);
  }
}

/** Errors: `schema-older`, `schema-newer`, `schema-locked`; the server's own when it does not answer. */
export async function checkSchema(store: Pick<Store, 'pool'>): Promise<void> {
  const state = await schemaState(store);
  if (state !== 'current') throw schemaProblem(state);
}

const LOOK_WITHIN_MS = 5_000;

/** The database behind a URL, as doctor tells of it. */
export interface DatabaseSeen {
  readonly version: string;
  /** As PostgreSQL prints it: `31 MB`. */
  readonly size: string;
}

/**
 * Looks at the database at `url` with the rights of its role. Errors: `database-refused`, `database-missing`, `database-unreachable`, and those of
 * `checkSchema`.
 */
export async function lookAtDatabase(url: string): Promise<DatabaseSeen> {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: LOOK_WITHIN_MS });
  pool.on('error', () => undefined);
  try {
    await checkSchema({ pool });
    const { rows } = await pool.query<{ version: string; size: string }>(
      `select current_setting('server_version') as version, pg_size_pretty(pg_database_size(current_database())) as size`,
    );
    return rows[0] ?? { version: '?', size: '?' };
  } catch (error) {
    throw databaseProblem(error, url);
  } finally {
    await pool.end();
  }
}
