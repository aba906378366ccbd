import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Secrets } from '../../secrets.js';
import type { Paths } from '../paths.js';
import { isFree, portTaken } from '../ports.js';
import { logTail, spawnDetached, stopProcess, type ProcessMark } from '../process.js';
import { messageOf, RuntimeProblem, type Say } from '../problem.js';
import { placeDatabase, type Placement } from './placement.js';

/** Roles of the embedded database: the superuser only sets up, the owner migrates, the application's role owns nothing. */
export const SUPERUSER = 'postgres';
export const OWNER_ROLE = 'duban_owner';
export const APP_ROLE = 'duban_app';
export const DATABASE_NAME = 'duban';

export type RunningDatabase = ProcessMark & { readonly data: string; readonly owner: string };

/** URL of a database of the embedded cluster for one of its roles. */
export function databaseUrl(secrets: Secrets, port: number, role: 'owner' | 'app', database = DATABASE_NAME): string {
  const user = role === 'owner' ? OWNER_ROLE : APP_ROLE;
  return `postgres://${user}:${secrets.database[role]}@127.0.0.1:${port}/${database}`;
}

/**
 * Starts the embedded PostgreSQL (making the cluster on the first start), waits until it answers with our passwords, and
 * sees to roles and database. `started` is told the process as soon as it exists, so that a failed start can be undone.
 * Errors: `port-taken`, `database-init`, `database-start`, `database-version`.
 */
export async function startPostgres(options: {
  paths: Paths;
  secrets: Secrets;
  port: number;
  say: Say;
  started: (mark: RunningDatabase) => void;
}): Promise<RunningDatabase> {
  const { paths, secrets, port, say } = options;
  const place = placeDatabase(paths);
  if (!existsSync(join(place.data, 'PG_VERSION'))) {
    say('正在建立内嵌数据库（PostgreSQL）……', 'Making the embedded database (PostgreSQL).');
    initialise(place, secrets);
  }
  checkVersion(place);
  const running = await launch({ ...options, place });
  await setUpRoles(secrets, port);
  return running;
}

/** Fast shutdown: open transactions are rolled back, all that is committed is on disk. */
export async function stopPostgres(mark: ProcessMark): Promise<boolean> {
  return stopProcess(mark, { signal: 'SIGINT', graceMs: 30_000 });
}

/** Made beside and renamed into place, so that an interrupted `initdb` leaves nothing half made. */
function initialise(place: Placement, secrets: Secrets): void {
  const fresh = `${place.data}.new`;
  const passwordFile = join(place.folder, 'password');
  rmSync(fresh, { recursive: true, force: true });
  try {
    writeFileSync(passwordFile, `${secrets.database.superuser}\n`, { mode: 0o600 });
    if (place.user !== null) chownSync(passwordFile, place.user.uid, place.user.gid);
    const args = ['-D', fresh, '-U', SUPERUSER, '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8'];
    const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-locale'];
    const made = spawnSync(join(place.binaries.native, 'bin', 'initdb'), [...args, ...locale, '--no-instructions'], {
      cwd: place.folder,
      encoding: 'utf8',
      env: databaseEnv(),
      ...asUser(place),
    });
    if (made.status !== 0) {
      const why = made.error?.message ?? made.stderr.trim();
      throw new RuntimeProblem(
        'database-init',
        `无法建立数据库：${why}`,
        `initdb failed in ${place.folder}; check disk space and permissions.`,
      );
    }
    renameSync(fresh, place.data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function checkVersion(place: Placement): void {
  const made = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim();
  const ours = place.binaries.version.split('.')[0] ?? '';
  if (made === ours) return;
  throw new RuntimeProblem(
    'database-version',
    `数据是 PostgreSQL ${made} 建立的，而现在的程序是 ${ours}。请先用旧版本的 pg_dump 导出，再导入新版本。`,
    `The data was made by PostgreSQL ${made}, the programs are ${ours}. Export with the old version's pg_dump, then load into the new one.`,
  );
}

async function launch(options: {
  paths: Paths;
  secrets: Secrets;
  port: number;
  place: Placement;
  started: (mark: RunningDatabase) => void;
}): Promise<RunningDatabase> {
  const { paths, place, port } = options;
  const log = join(paths.log, 'postgres.log');
  const until = Date.now() + 60_000;
  for (;;) {
    if (!(await isFree(port))) throw portTaken('database', port);
    const spawned = await spawnDetached({
      command: join(place.binaries.native, 'bin', 'postgres'),
      args: ['-D', place.data, '-p', String(port), ...serverOptions()],
      cwd: place.folder,
      env: databaseEnv(),
      logFile: log,
      ...(place.user === null ? {} : { user: { uid: place.user.uid, gid: place.user.gid } }),
    });
    const running = { pid: spawned.pid, token: spawned.token, data: place.data, owner: OWNER_ROLE };
    options.started(running);
    const state: { end: number | string | null } = { end: null };
    void spawned.ended.then((end) => (state.end = end));
    while (state.end === null && Date.now() < until) {
      if (await accepts(options.secrets, port)) return running;
      await sleep(50);
    }
    const tail = logTail(log, spawned.logFrom);
    // After a kill -9 the old server's children hold its memory for a moment longer, or its parent has yet to collect it.
    const lingering = /shared memory block|lock file "postmaster.pid" already exists/.test(tail);
    if (state.end !== null && lingering && Date.now() < until) {
      await sleep(500);
      continue;
    }
    throw new RuntimeProblem(
      'database-start',
      `数据库没有启动成功，日志 ${log} 的末尾：\n${tail}`,
      `The database did not start; see the end of ${log} above.`,
    );
  }
}

function serverOptions(): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Values of rows (names, identity numbers) stay out of the log: no DETAIL, CONTEXT or statement parameters.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Nothing of the caller's PG* variables may reach the server. */
function databaseEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

function asUser(place: Placement): { uid?: number; gid?: number } {
  return place.user === null ? {} : { uid: place.user.uid, gid: place.user.gid };
}

function superuser(secrets: Secrets, port: number, database = 'postgres'): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: secrets.database.superuser,
    database,
    connectionTimeoutMillis: 2_000,
  });
}

/** Our password is accepted: it is up, and it is ours. */
async function accepts(secrets: Secrets, port: number): Promise<boolean> {
  const client = superuser(secrets, port);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw new RuntimeProblem(
        'database-password',
        '数据库拒绝了 secrets.json 里的口令：该文件与数据目录不是一套，请从备份恢复。',
        'The database refuses the password of secrets.json: that file and the data do not belong together; restore it from a backup.',
        { cause: error },
      );
    }
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function setUpRoles(secrets: Secrets, port: number): Promise<void> {
  const client = superuser(secrets, port);
  try {
    await client.connect();
    const names = await client.query<{ rolname: string }>('select rolname from pg_roles');
    const has = new Set(names.rows.map((row) => row.rolname));
    for (const [role, rights, password] of [
      [OWNER_ROLE, 'createdb', secrets.database.owner],
      [APP_ROLE, 'nocreatedb', secrets.database.app],
    ] as const) {
      if (!has.has(role)) await client.query(`create role ${role} login ${rights} password ${client.escapeLiteral(password)}`);
    }
    const databases = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
    if (databases.rowCount === 0) await client.query(`create database ${DATABASE_NAME} owner ${OWNER_ROLE}`);
  } catch (cause) {
    throw new RuntimeProblem('database-roles', `无法建立数据库角色：${messageOf(cause)}`, 'The database roles could not be made.', {
      cause,
    });
  } finally {
    await client.end();
  }
}
