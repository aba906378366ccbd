import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loadSettings } from '../../server/config.js';
import * as runtime from '../../server/runtime/index.js';
import { beginSession } from '../../store/begin.js';
import { migrate } from '../../store/migrate.js';

/**
 * The real PostgreSQL and the real engine that all test files of one jest run share. Started by the first test that asks,
 * stopped by jest's global teardown. Every file takes a database and a namespace of its own.
 */
let shared: Promise<runtime.Running> | null = null;

export function sharedRuntime(): Promise<runtime.Running> {
  shared ??= start();
  return shared;
}

async function start(): Promise<runtime.Running> {
  const home = process.env['DUBAN_TEST_HOME'];
  if (home === undefined) throw new Error('DUBAN_TEST_HOME is not set: run the tests with jest and its global set-up');
  const paths = runtime.pathsOf(home);
  compile(paths.root);
  // Nothing of the developer's own settings reaches the tests, except a binary for the engine.
  const binary = process.env['TEMPORAL_SERVER_BINARY'];
  const settings = loadSettings(binary === undefined ? {} : { TEMPORAL_SERVER_BINARY: binary }, join(home, 'no-temporal.yaml'));
  return runtime.up({ paths: { ...paths, secretsFile: join(home, 'secrets.json') }, settings, what: 'ground', say: runtime.saySilently });
}

/** Services run compiled. `npm test` has compiled before; a single test file run by hand compiles what is stale here. */
export function compile(root: string): void {
  const done = spawnSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { encoding: 'utf8' });
  if (done.status !== 0) process.stderr.write(done.stderr);
  if (!existsSync(join(root, 'dist', 'server', 'runtime', 'index.js'))) throw new Error('dist/ could not be compiled');
}

export type TestDatabase = {
  /** The owner's URL. */
  readonly adminUrl: string;
  /** The application's URL: its role owns nothing. */
  readonly url: string;
  readonly appRole: string;
  drop(): Promise<void>;
};

const TEMPLATE = 'duban_template';

/** A database of its own: migrated (copied from a template that is migrated once a run), or empty. */
export async function freshDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const { database } = await sharedRuntime();
  if (database.adminUrl === null) throw new Error('the embedded database has an owner');
  const name = `t${randomBytes(6).toString('hex')}`;
  const adminUrl = withDatabase(database.adminUrl, name);
  const url = withDatabase(database.url, name);
  const appRole = new URL(database.url).username;
  const maintenance = withDatabase(database.adminUrl, 'postgres');
  await asOwner(maintenance, async (client) => {
    if (options.empty === true) {
      await client.query(`create database ${name}`);
      return;
    }
    // One at a time: a template cannot be copied while it is being made.
    await client.query('select pg_advisory_lock(1)');
    const found = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
    if (found.rowCount === 0) {
      // One that could not be migrated is made anew, so that every test tells the migration's own error.
      await client.query(`drop database if exists ${TEMPLATE}_new`);
      await client.query(`create database ${TEMPLATE}_new`);
      await migrate({ adminUrl: withDatabase(maintenance, `${TEMPLATE}_new`), appRole });
      await client.query(`alter database ${TEMPLATE}_new rename to ${TEMPLATE}`);
    }
    await client.query(`create database ${name} template ${TEMPLATE}`);
  });
  const drop = async (): Promise<void> => {
    // While the server cleans a large table of its own accord, nobody but a superuser may end that: it is waited for.
    for (let tries = 120; ; tries -= 1)
      try {
        await asOwner(maintenance, (client) => client.query(`drop database if exists ${name} with (force)`).then(() => undefined));
        return;
      } catch (error) {
        if (tries === 0 || !(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
        await sleep(1000);
      }
  };
  return { adminUrl, url, appRole, drop };
}

export async function asOwner(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await beginSession(async () => {
    const session = new pg.Client({ connectionString: url });
    await session.connect();
    return session;
  });
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** host:port of the shared engine. */
export async function engineAddress(): Promise<string> {
  return (await sharedRuntime()).engineAddress;
}

/** A namespace of its own on the shared engine: workflow ids of different test files cannot meet. */
export async function freshNamespace(): Promise<string> {
  const namespace = `t-${randomBytes(6).toString('hex')}`;
  await runtime.ensureNamespace({ address: await engineAddress() }, namespace, { register: true, retentionDays: 1 });
  return namespace;
}

/** Environment of a worker and an API that belong together: own database, own namespace, free ports. */
export async function freshEnvironment(): Promise<{ env: NodeJS.ProcessEnv; database: TestDatabase; namespace: string }> {
  const { state: _state, ...ground } = await sharedRuntime();
  const database = await freshDatabase();
  const namespace = await freshNamespace();
  const home = process.env['DUBAN_TEST_HOME'] ?? '';
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    DUBAN_HOME: home,
    DUBAN_SECRETS_FILE: join(home, 'secrets.json'),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: ground.engineAddress,
    TEMPORAL_NAMESPACE: namespace,
    DUBAN_API_PORT: String(await freePort()),
    DUBAN_WORKER_PORT: String(await freePort()),
  };
  return { env, database, namespace };
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

export type TestService = {
  readonly url: string;
  readonly pid: number;
  /** Asks it to end and waits. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
};

/** Starts dist/server/worker.js as a process of its own and waits until it is ready. */
export function startWorker(env: NodeJS.ProcessEnv): Promise<TestService> {
  return startService('worker', env, env['DUBAN_WORKER_PORT'] ?? '');
}

/** Starts dist/server/api.js as a process of its own and waits until it is ready. */
export function startApi(env: NodeJS.ProcessEnv): Promise<TestService> {
  return startService('api', env, env['DUBAN_API_PORT'] ?? '');
}

async function startService(name: 'worker' | 'api', env: NodeJS.ProcessEnv, port: string): Promise<TestService> {
  const paths = runtime.pathsOf(process.env['DUBAN_TEST_HOME']);
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(paths.log, `${name}-${port}.log`);
  const program = join(paths.root, 'dist', 'server', `${name}.js`);
  const args = ['--enable-source-maps', program, runtime.homeArgument(paths)];
  const started = await runtime.spawnDetached({ command: process.execPath, args, cwd: paths.root, env, logFile });
  const state: { end: number | string | null } = { end: null };
  void started.ended.then((end) => (state.end = end));
  const until = Date.now() + 60_000;
  while (!(await runtime.isReady(url))) {
    if (state.end !== null || Date.now() > until) {
      await runtime.stopProcess(started);
      throw new Error(`${name} did not become ready (${state.end ?? 'no answer'}):\n${runtime.logTail(logFile, started.logFrom, 20)}`);
    }
    await sleep(50);
  }
  return {
    url,
    pid: started.pid,
    stop: async () => {
      await runtime.stopProcess(started);
    },
    kill: async () => {
      await runtime.stopProcess(started, { signal: 'SIGKILL' });
    },
  };
}
