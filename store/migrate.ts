import { pathToFileURL } from 'node:url';
import { Kysely, Migrator, PostgresDialect, type Migration, type MigrationResult } from 'kysely';
import pg from 'pg';
import { StoreError } from './errors.js';
import { grantRights } from './grants.js';
import { MIGRATIONS } from './migrations/index.js';
import type { Schema } from './schema.js';

export interface MigrateRequest {
  /** URL of the owner's role, which may create tables. */
  readonly adminUrl: string;
  /** The application's role; it must exist and own nothing. */
  readonly appRole: string;
  /** Stop after this migration (tests of the way from an earlier version); default: the newest. */
  readonly upTo?: string;
}

/**
 * Brings the database to the newest schema and the application's role to its rights; does nothing where both are there already. Two at once
 * wait for each other. Returns the names of the migrations that ran.
 * Errors: `migration-failed` (the failed one is undone), `app-role-missing`, `app-role-owns`.
 */
export async function migrate(request: MigrateRequest): Promise<readonly string[]> {
  const pool = new pg.Pool({ connectionString: request.adminUrl, max: 2 });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve<Record<string, Migration>>({ ...MIGRATIONS }) } });
    const { error, results } = request.upTo === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(request.upTo);
    if (error !== undefined) throw failed(error, results ?? []);
    if (request.upTo === undefined) await grantRights(db, request.appRole);
    return (results ?? []).map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

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
