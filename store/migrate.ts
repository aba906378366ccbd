import { pathToFileURL } from 'node:url';
import { Kysely, Migrator, PostgresDialect, type Migration, type MigrationResult } from 'kysely';
import pg from 'pg';
import { StoreError } from './errors.js';
import { checkRole, grantRights } from './grants.js';
import { MIGRATIONS } from './migrations/index.js';
import { databaseProblem } from './reach.js';
import type { Schema } from './schema.js';
import { schemaProblem, schemaState } from './version.js';

export interface MigrateRequest {
  /** URL of the owner's role, which may create tables. */
  readonly adminUrl: string;
  /** The application's role; it must exist and own nothing. */
  readonly appRole: string;
  /** Stop after this migration (tests of the way from an earlier version); default: the newest. */
  readonly upTo?: string;
}

/** The oldest server on which everything is tried (docs/adr/0016). */
const OLDEST_SERVER = 15;
const CONNECT_WITHIN_MS = 5_000;

/**
 * Brings the database to the newest schema and the application's role to its rights; does nothing where both are there already. Two at once
 * wait for each other. What can be known to fail is refused before anything is changed. Returns the names of the migrations that ran.
 * Errors: `database-refused`, `database-missing`, `database-unreachable`, `database-unfit` (server too old, not UTF-8, the role may not make tables),
 * `schema-newer`, `app-role-missing`, `app-role-owns`, `migration-failed` (all of this call's migrations are undone).
 */
export async function migrate(request: MigrateRequest): Promise<readonly string[]> {
  const pool = new pg.Pool({ connectionString: request.adminUrl, max: 2, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  // A connection that breaks while idle is no failure of the migration; without a listener it would end the program.
  pool.on('error', () => undefined);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkServer(pool);
    if ((await schemaState({ pool })) === 'newer') throw schemaProblem('newer');
    await checkRole(db, request.appRole);
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve<Record<string, Migration>>({ ...MIGRATIONS }) } });
    const { error, results } = request.upTo === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(request.upTo);
    if (error !== undefined) throw failed(error, results ?? []);
    if (request.upTo === undefined) await grantRights(db, request.appRole);
    return (results ?? []).map((result) => result.migrationName);
  } catch (error) {
    throw databaseProblem(error, request.adminUrl);
  } finally {
    await db.destroy();
  }
}

async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string; number: number; encoding: string; creates: boolean }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
       current_setting('server_encoding') as encoding, has_schema_privilege(current_user, 'public', 'create') as creates`,
  );
  const [server] = rows;
  if (server === undefined) return;
  if (server.number < OLDEST_SERVER * 10_000)
    throw unfit(
      `PostgreSQL ${server.version} 太旧，需要 ${OLDEST_SERVER} 以上`,
      `PostgreSQL ${server.version} is too old, ${OLDEST_SERVER} or newer is needed`,
    );
  if (server.encoding !== 'UTF8')
    throw unfit(
      `数据库的编码是 ${server.encoding}，需要 UTF8：create database 名称 owner 所有者 encoding 'UTF8' template template0`,
      `The database's encoding is ${server.encoding}, UTF8 is needed: create database NAME owner OWNER encoding 'UTF8' template template0`,
    );
  if (!server.creates)
    throw unfit(
      'DATABASE_ADMIN_URL 的角色不能在数据库里建表：它应是数据库的所有者（alter database 名称 owner to 角色）',
      'The role of DATABASE_ADMIN_URL may not make tables: it should own the database (alter database NAME owner to ROLE)',
    );
}

const unfit = (zh: string, en: string): StoreError => new StoreError('database-unfit', zh, en);

function failed(cause: unknown, results: readonly MigrationResult[]): StoreError {
  const migration = results.find((result) => result.status === 'Error')?.migrationName ?? '?';
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreError(
    'migration-failed',
    `数据库升级 ${migration} 失败，已回退：${why}`,
    `Migration ${migration} failed and was undone: ${why}`,
    { migration },
    { cause },
  );
}

/** `node dist/store/migrate.js`: DATABASE_ADMIN_URL migrates, the user of DATABASE_URL gets the application's rights. */
async function main(): Promise<number> {
  const adminUrl = process.env['DATABASE_ADMIN_URL'];
  const url = process.env['DATABASE_URL'];
  const appRole = url === undefined ? '' : decodeURIComponent(new URL(url).username);
  if (adminUrl === undefined || appRole === '') {
    process.stderr.write('请设置 DATABASE_ADMIN_URL 和 DATABASE_URL。 Set DATABASE_ADMIN_URL and DATABASE_URL.\n');
    return 2;
  }
  try {
    const done = await migrate({ adminUrl, appRole });
    process.stdout.write(done.length === 0 ? '数据库已是最新。 The database is up to date.\n' : `${done.join('\n')}\n`);
    return 0;
  } catch (error) {
    const text = error instanceof StoreError ? `${error.zh}\n${error.en}` : String(error);
    process.stderr.write(`${text}\n`);
    return 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main();
