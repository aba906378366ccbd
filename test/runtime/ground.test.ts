import { afterAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { loadSettings } from '../../server/config.js';
import {
  down,
  isAlive,
  pathsOf,
  readRunState,
  removeDatabase,
  saySilently,
  stopProcess,
  up,
  type Paths,
  type Running,
} from '../../server/runtime/index.js';
import { engineAddress, freshDatabase, freshNamespace } from '../support/runtime.js';

const homes: Paths[] = [];

/** A home of its own beside the shared one, so that its parts may be killed. */
function ownHome(name: string): Paths {
  const home = join(process.env['DUBAN_TEST_HOME'] ?? '', name);
  mkdirSync(home, { recursive: true });
  const paths = { ...pathsOf(home), secretsFile: join(home, 'secrets.json') };
  homes.push(paths);
  return paths;
}

const bring = (paths: Paths, env: Record<string, string> = {}): Promise<Running> =>
  up({ paths, settings: loadSettings(env, 'no-such-file.yaml'), what: 'ground', say: saySilently });

afterAll(async () => {
  for (const paths of homes) {
    await down({ paths, say: saySilently });
    removeDatabase(paths);
    rmSync(paths.home, { recursive: true, force: true });
  }
});

async function ask<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

test('the application has a role that owns nothing and may not create tables; writes are synced', async () => {
  const database = await freshDatabase();
  const owned = await ask(
    database.url,
    `select relname from pg_class where relowner = (select oid from pg_roles where rolname = current_user)`,
  );
  expect(owned).toEqual([]);
  await expect(ask(database.url, 'create table intruder (x int)')).rejects.toMatchObject({ code: '42501' });
  expect(await ask(database.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  await database.drop();
});

test('each fresh database is migrated and apart from the others', async () => {
  const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
  const count = `select count(*)::int as n from information_schema.tables where table_schema = 'public'`;
  expect((await ask<{ n: number }>(one.adminUrl, count))[0]?.n).toBeGreaterThan(5);
  await ask(one.adminUrl, 'create table only_here (x int)');
  await expect(ask(other.adminUrl, 'select * from only_here')).rejects.toMatchObject({ code: '42P01' });
  await Promise.all([one.drop(), other.drop()]);
});

test('a fresh namespace can be used at once on the real engine', async () => {
  const namespace = await freshNamespace();
  const connection = await Connection.connect({ address: await engineAddress() });
  const info = await connection.workflowService.getSystemInfo({});
  expect(info.serverVersion).toBe('1.32.0');
  const list = await connection.workflowService.listWorkflowExecutions({ namespace });
  expect(list.executions).toEqual([]);
  await connection.close();
});

test('starting twice changes nothing; after kill -9 of database and engine the data is there again', async () => {
  const paths = ownHome('killed');
  const first = await bring(paths);
  expect([...first.started].sort()).toEqual(['database', 'engine']);
  expect((await bring(paths)).started).toEqual([]);
  const owner = first.database.adminUrl ?? '';
  await ask(owner, 'create table kept (x int)');
  await ask(owner, 'insert into kept values (7)');
  for (const part of ['database', 'engine'] as const) {
    const mark = readRunState(paths)[part];
    // Waits until it is gone: a signal is only on its way when `kill` returns.
    expect(mark !== undefined && mark !== null && (await stopProcess(mark, { signal: 'SIGKILL' }))).toBe(true);
  }
  const again = await bring(paths);
  expect([...again.started].sort()).toEqual(['database', 'engine']);
  expect(await ask(again.database.adminUrl ?? '', 'select x from kept')).toEqual([{ x: 7 }]);
  expect(statSync(paths.runFile).mode & 0o777).toBe(0o600);
});

test('two starts at once make one database and one engine', async () => {
  const paths = ownHome('twice');
  const [one, other] = await Promise.all([bring(paths), bring(paths)]);
  expect([...one.started, ...other.started].sort()).toEqual(['database', 'engine']);
  expect(one.ports).toEqual(other.ports);
});

test('two homes run side by side on different ports', async () => {
  const [one, other] = await Promise.all([bring(ownHome('left')), bring(ownHome('right'))]);
  const shared = Object.values(one.ports).filter((port) => Object.values(other.ports).includes(port));
  expect(shared).toEqual([]);
});

test('a taken port that was set by hand is refused and nothing stays behind', async () => {
  const paths = ownHome('taken');
  const server = createServer();
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await expect(bring(paths, { DUBAN_DATABASE_PORT: String(port) })).rejects.toMatchObject({ code: 'port-taken' });
  expect(readRunState(paths)).toEqual({ version: 1 });
  server.close();
});

test('an engine binary that does not run is refused and the database that was started is stopped again', async () => {
  const paths = ownHome('binary');
  await expect(bring(paths, { TEMPORAL_SERVER_BINARY: '/nonexistent/temporal-server' })).rejects.toMatchObject({ code: 'engine-binary' });
  const state = readRunState(paths);
  expect(isAlive(state.database)).toBe(false);
  expect(await down({ paths, say: saySilently })).toEqual([]);
});

test('down also ends what run.json has forgotten', async () => {
  const paths = ownHome('forgotten');
  await bring(paths);
  rmSync(paths.runFile);
  expect([...(await down({ paths, say: saySilently }))].sort()).toEqual(['database', 'engine']);
  expect(await down({ paths, say: saySilently })).toEqual([]);
});

test('data without its secrets is refused instead of being hidden behind new keys', async () => {
  const paths = ownHome('secrets');
  await bring(paths);
  await down({ paths, say: saySilently });
  rmSync(paths.secretsFile);
  await expect(bring(paths)).rejects.toMatchObject({ code: 'secrets-lost' });
});
