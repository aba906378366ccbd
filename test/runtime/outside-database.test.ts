import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { loadSettings } from '../../server/config.js';
import { down, examine, pathsOf, readOperatorToken, removeDatabase, saySilently, up, type Paths } from '../../server/runtime/index.js';
import { choosePorts } from '../../server/runtime/ports.js';
import { startPostgres, stopPostgres, SUPERUSER } from '../../server/runtime/postgres/cluster.js';
import { ensureSecrets } from '../../server/secrets.js';
import { MIGRATIONS } from '../../store/migrations/index.js';
import { migrate } from '../../store/migrate.js';
import { As } from '../api/support/client.js';
import { sharedRuntime } from '../support/runtime.js';

/*
 * A PostgreSQL that others run: a server of its own, an owner and an application's role that we are only given. DUBAN_TEST_DATABASE_SERVER
 * (URL of a superuser) names another server to try all of it on.
 */

let server: URL;
let stopServer = async (): Promise<void> => undefined;
let engine = '';
const homes: Paths[] = [];

function ownHome(name: string): Paths {
  const home = join(process.env['DUBAN_TEST_HOME'] ?? '', name);
  mkdirSync(home, { recursive: true });
  const paths = { ...pathsOf(home), secretsFile: join(home, 'secrets.json') };
  for (const folder of [paths.log, paths.engine]) mkdirSync(folder, { recursive: true });
  homes.push(paths);
  return paths;
}

beforeAll(async () => {
  engine = (await sharedRuntime()).engineAddress;
  const given = process.env['DUBAN_TEST_DATABASE_SERVER'];
  if (given !== undefined) server = new URL(given);
  else {
    const paths = ownHome('other-server');
    const secrets = ensureSecrets(paths.secretsFile, () => false);
    const { database: port } = await choosePorts(paths, {});
    const running = await startPostgres({ paths, secrets, port, say: saySilently, started: () => undefined });
    server = new URL(`postgres://${SUPERUSER}:${secrets.database.superuser}@127.0.0.1:${port}/postgres`);
    stopServer = async () => void (await stopPostgres(running));
  }
  await asAdministrator(
    `create role office_owner login password 'owner pass/word'`,
    `create role office_app login password 'app#pass'`,
    `create role office_other login password 'other'`,
  );
}, 180_000);

afterAll(async () => {
  await asAdministrator(...['office_app', 'office_other', 'office_owner'].map((role) => `drop role if exists ${role}`));
  await stopServer();
  for (const paths of homes) {
    await down({ paths, say: saySilently });
    removeDatabase(paths);
    rmSync(paths.home, { recursive: true, force: true });
  }
}, 60_000);

async function run(url: URL | string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: String(url) });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
const asAdministrator = (...statements: readonly string[]): Promise<unknown> => run(server, ...statements);

const urlOf = (role: string, password: string, database: string): string => {
  const url = new URL(server);
  [url.username, url.password, url.pathname] = [role, encodeURIComponent(password), `/${database}`];
  return url.href;
};

/** A database as its administrator makes it for us, with the variables that he hands over. */
interface Given {
  readonly DATABASE_URL: string;
  readonly DATABASE_ADMIN_URL: string;
}
const made: string[] = [];
async function givenDatabase(how = `encoding 'UTF8' template template0`): Promise<Given> {
  const name = `office_${made.length}_${Date.now().toString(36)}`;
  await asAdministrator(`create database ${name} owner office_owner ${how}`);
  made.push(name);
  return { DATABASE_URL: urlOf('office_app', 'app#pass', name), DATABASE_ADMIN_URL: urlOf('office_owner', 'owner pass/word', name) };
}
afterEach(async () => {
  for (const name of made.splice(0)) await asAdministrator(`drop database if exists ${name} with (force)`);
});

const settingsOf = (variables: Readonly<Record<string, string>>) =>
  loadSettings({ TEMPORAL_ADDRESS: engine, TEMPORAL_NAMESPACE: 'outside-database', ...variables }, 'no-such-file.yaml');

const tables = async ({ DATABASE_ADMIN_URL }: Given): Promise<unknown[]> =>
  run(DATABASE_ADMIN_URL, `select relname from pg_class where relnamespace = 'public'::regnamespace order by 1`);

test('duban up migrates it and works on it; the application’s role gets its rights and nothing more', async () => {
  const { ensureNamespace } = await import('../../server/runtime/index.js');
  await ensureNamespace({ address: engine }, 'outside-database', { register: true, retentionDays: 1 });
  const [paths, given] = [ownHome('office'), await givenDatabase()];
  const settings = settingsOf({ ...given });
  const running = await up({ paths, settings, say: saySilently });
  try {
    expect([...running.started].sort()).toEqual(['api', 'worker']);
    const operator = new As(running.apiUrl, readOperatorToken(paths.secretsFile));
    const set = await operator.post('/setup', { county: '外库县', administrator: { login: 'admin', name: '管理员' } });
    expect(set.status).toBe(201);
    expect(await run(given.DATABASE_URL, 'select name from counties')).toEqual([{ name: '外库县' }]);
    await expect(run(given.DATABASE_URL, 'delete from journal')).rejects.toMatchObject({ code: '42501' });
    await expect(run(given.DATABASE_URL, 'create table mine (a int)')).rejects.toMatchObject({ code: '42501' });
    expect(await run(given.DATABASE_URL, `select 1 from pg_class where relowner = 'office_app'::regrole`)).toEqual([]);
    expect((await examine(paths, settings)).filter(({ healthy }) => !healthy)).toEqual([]);
    // The same without the owner: nothing to migrate.
    expect(
      (await up({ paths, settings: settingsOf({ DATABASE_URL: given.DATABASE_URL }), say: saySilently })).database.adminUrl,
    ).toBeNull();
    // A second machine with the same secrets runs a worker alone; with secrets of its own nothing.
    const second = { ...ownHome('office-second'), secretsFile: paths.secretsFile };
    const alone = settingsOf({ DATABASE_URL: given.DATABASE_URL, DUBAN_SERVICES: 'worker' });
    expect((await up({ paths: second, settings: alone, say: saySilently })).started).toEqual(['worker']);
    expect((await examine(second, alone)).filter(({ healthy }) => !healthy)).toEqual([]);
    expect(await down({ paths: second, say: saySilently })).toEqual(['worker']);
    await expect(up({ paths: ownHome('office-third'), settings: alone, say: saySilently })).rejects.toMatchObject({
      code: 'secrets-differ',
    });
  } finally {
    await down({ paths, say: saySilently });
  }
});

describe('what stands in the way is said, and nothing is begun', () => {
  const cases: readonly (readonly [string, string, (given: Given) => Record<string, string> | Promise<Record<string, string>>, string?])[] = [
    ['the owner’s password is wrong', 'database-refused', (g) => ({ ...g, DATABASE_ADMIN_URL: g.DATABASE_ADMIN_URL.replace('owner%20', 'x') })],
    ['the role of the owner is not there', 'database-refused', (g) => ({ ...g, DATABASE_ADMIN_URL: g.DATABASE_ADMIN_URL.replace('office_owner', 'x') })],
    ['the application’s password is wrong', 'database-refused', async (g) => {
      await migrate({ adminUrl: g.DATABASE_ADMIN_URL, appRole: 'office_app' });
      return { ...g, DATABASE_URL: g.DATABASE_URL.replace('app%23', 'x') };
    }],
    ['there is no such database', 'database-missing', (g) => ({ ...g, DATABASE_ADMIN_URL: `${g.DATABASE_ADMIN_URL}x` })],
    ['nothing listens there', 'database-unreachable', (g) => ({ ...g, DATABASE_ADMIN_URL: g.DATABASE_ADMIN_URL.replace(`:${server.port}`, ':9') })],
    ['the host is not known', 'database-unreachable', (g) => ({ ...g, DATABASE_ADMIN_URL: g.DATABASE_ADMIN_URL.replace(server.hostname, 'db.invalid') })],
    ['the application’s role is not there', 'app-role-missing', (g) => ({ ...g, DATABASE_URL: g.DATABASE_URL.replace('office_app', 'nobody') })],
    ['one role for both', 'app-role-owns', (g) => ({ ...g, DATABASE_URL: g.DATABASE_ADMIN_URL })],
    ['the role that migrates is not the owner', 'database-unfit', (g) => ({ ...g, DATABASE_ADMIN_URL: g.DATABASE_ADMIN_URL.replace('office_owner:owner%20pass%2Fword', 'office_other:other') })],
    ['another encoding', 'database-unfit', (g) => ({ ...g }), `encoding 'SQL_ASCII' locale_provider libc lc_collate 'C' lc_ctype 'C' template template0`],
    ['an empty database and no owner to migrate it', 'schema-older', ({ DATABASE_URL }) => ({ DATABASE_URL })],
    ['an older schema and no owner', 'schema-older', async (g) => {
      await migrate({ adminUrl: g.DATABASE_ADMIN_URL, appRole: 'office_app', upTo: Object.keys(MIGRATIONS)[0] ?? '' });
      await run(g.DATABASE_ADMIN_URL, 'grant select on kysely_migration to office_app');
      return { DATABASE_URL: g.DATABASE_URL };
    }],
    ['a schema without rights for this role', 'schema-locked', async (g) => {
      await migrate({ adminUrl: g.DATABASE_ADMIN_URL, appRole: 'office_app' });
      return { DATABASE_URL: g.DATABASE_URL.replace('office_app:app%23pass', 'office_other:other') };
    }],
    ['a newer schema', 'schema-newer', async (g) => {
      await migrate({ adminUrl: g.DATABASE_ADMIN_URL, appRole: 'office_app' });
      await run(g.DATABASE_ADMIN_URL, `insert into kysely_migration values ('9999_future', now()::text)`);
      return { ...g };
    }],
    ['a newer schema and no owner', 'schema-newer', async (g) => {
      await migrate({ adminUrl: g.DATABASE_ADMIN_URL, appRole: 'office_app' });
      await run(g.DATABASE_ADMIN_URL, `insert into kysely_migration values ('9999_future', now()::text)`);
      return { DATABASE_URL: g.DATABASE_URL };
    }],
  ]; // prettier-ignore

  test.each(cases.map(([what, code, variablesOf, how]) => ({ what, code, variablesOf, how })))(
    '$what',
    async ({ code, variablesOf, how }) => {
      const [paths, given] = [ownHome('refused'), await givenDatabase(how)];
      const variables = await variablesOf(given);
      const before = await tables(given);
      const starting = up({ paths, settings: settingsOf(variables), say: saySilently });
      await expect(starting).rejects.toMatchObject({ code });
      await expect(starting).rejects.not.toThrow(/app%?23?#?pass|owner.pass|other:/);
      expect(await tables(given)).toEqual(before);
      expect(await down({ paths, say: saySilently })).toEqual([]);
      const database = (await examine(paths, settingsOf({ DATABASE_URL: variables['DATABASE_URL'] ?? '' }))).find(
        ({ check }) => check === 'database',
      );
      expect(database).toMatchObject({ healthy: false, todo: { en: expect.stringContaining('DATABASE_URL') } });
    },
  );

  test('a service started by hand on an older schema ends and says why', async () => {
    const given = await givenDatabase();
    await migrate({ adminUrl: given.DATABASE_ADMIN_URL, appRole: 'office_app', upTo: Object.keys(MIGRATIONS)[0] ?? '' });
    await run(given.DATABASE_ADMIN_URL, 'grant select on kysely_migration to office_app');
    const paths = ownHome('by-hand');
    ensureSecrets(paths.secretsFile, () => false);
    const env = {
      PATH: process.env['PATH'],
      DUBAN_HOME: paths.home,
      TEMPORAL_ADDRESS: engine,
      DATABASE_URL: given.DATABASE_URL,
      DUBAN_API_PORT: '1',
      DUBAN_WORKER_PORT: '1',
    };
    for (const name of ['api', 'worker']) {
      const child = spawn(process.execPath, [join(paths.root, 'dist', 'server', `${name}.js`)], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [output, ended] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      expect([name, ended]).toEqual([name, [1, null]]);
      expect(output).toContain('schema-older');
    }
  });

  test.each([
    ['an owner without the application’s URL', { DATABASE_ADMIN_URL: 'postgres://o:p@h/d' }, /DATABASE_ADMIN_URL/],
    ['special characters that are not encoded', { DATABASE_URL: 'postgres://app:a#b@h/d' }, /%XX/],
    ['no user', { DATABASE_URL: 'postgres://h/d' }, /DATABASE_URL/],
    ['no database', { DATABASE_URL: 'postgres://u:p@h' }, /DATABASE_URL/],
  ])('%s is refused with the settings, without showing them', (_what, variables, says) => {
    expect(() => settingsOf(variables)).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
    expect(() => settingsOf(variables)).toThrow(says);
    expect(() => settingsOf(variables)).not.toThrow(/a#b/);
  });
});
