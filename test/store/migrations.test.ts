import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { openStore } from '../../store/connection.js';
import { MIGRATIONS } from '../../store/migrations/index.js';
import { migrate } from '../../store/migrate.js';
import { freshDatabase } from '../support/runtime.js';

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;
const made: Fresh[] = [];
async function empty(): Promise<Fresh> {
  const database = await freshDatabase({ empty: true });
  made.push(database);
  return database;
}
afterEach(async () => {
  for (const database of made.splice(0)) await database.drop();
});

async function rows(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Columns, indexes, constraints, triggers and rights, in a stable order. */
async function shape(url: string): Promise<unknown[]> {
  return [
    await rows(
      url,
      `select table_name, column_name, data_type, domain_name, is_nullable, column_default, is_identity, generation_expression
       from information_schema.columns where table_schema = 'public' order by 1, 2`,
    ),
    await rows(url, `select indexdef from pg_indexes where schemaname = 'public' order by 1`),
    await rows(
      url,
      `select conrelid::regclass::text as t, pg_get_constraintdef(oid) as d from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`,
    ),
    await rows(url, `select tgrelid::regclass::text as t, tgname from pg_trigger where not tgisinternal order by 1, 2`),
    await rows(
      url,
      `select table_name, privilege_type from information_schema.role_table_grants where grantee = 'duban_app' order by 1, 2`,
    ),
  ];
}

test('migrating an empty database makes every table, and migrating again does nothing', async () => {
  const database = await empty();
  expect(await migrate(database)).toEqual(Object.keys(MIGRATIONS));
  const before = await shape(database.adminUrl);
  expect(await migrate(database)).toEqual([]);
  expect(await shape(database.adminUrl)).toEqual(before);
});

test('two migrations at once: one works, the other waits and finds it done', async () => {
  const database = await empty();
  const both = await Promise.all([migrate(database), migrate(database)]);
  expect(both.flat()).toEqual(Object.keys(MIGRATIONS));
});

test.each(Object.keys(MIGRATIONS))('from %s on the way up leads to the same schema as from empty', async (version) => {
  const stepwise = await empty();
  await migrate({ ...stepwise, upTo: version });
  await migrate(stepwise);
  const direct = await empty();
  await migrate(direct);
  expect(await shape(stepwise.adminUrl)).toEqual(await shape(direct.adminUrl));
});

test('a role that does not exist is named', async () => {
  const database = await empty();
  await expect(migrate({ ...database, appRole: 'nobody_here' })).rejects.toMatchObject({
    code: 'app-role-missing',
    params: { role: 'nobody_here' },
  });
});

test('the owner itself is refused as the application role', async () => {
  const database = await empty();
  await expect(migrate({ ...database, appRole: 'duban_owner' })).rejects.toMatchObject({ code: 'app-role-owns' });
});

test('the application can neither change the schema nor take back what is append-only', async () => {
  const database = await empty();
  await migrate(database);
  for (const table of ['journal', 'audit', 'payments', 'snapshots', 'bulletins', 'dues_before']) {
    await expect(rows(database.url, `delete from ${table}`)).rejects.toMatchObject({ code: '42501' });
    await expect(rows(database.url, `update ${table} set county_id = 'x'`)).rejects.toMatchObject({ code: '42501' });
    await expect(rows(database.url, `truncate ${table}`)).rejects.toMatchObject({ code: '42501' });
    await expect(rows(database.adminUrl, `truncate ${table}`)).rejects.toMatchObject({ code: 'DB001' });
  }
  await expect(rows(database.url, `create table mine (a int)`)).rejects.toMatchObject({ code: '42501' });
  await expect(rows(database.url, `alter table journal disable trigger all`)).rejects.toMatchObject({ code: '42501' });
});

test('even the owner cannot change a journal row: the trigger refuses', async () => {
  const database = await empty();
  await migrate(database);
  await rows(database.adminUrl, `insert into counties values ('k', '县')`);
  await rows(
    database.adminUrl,
    `insert into audit (county_id, chain, seq, at, actor, action, subject, detail, previous, hash)
    values ('k', 'county', 1, '2020-05-01T08:00:00', 'p1', 'a', 's', '{}', '', 'h')`,
  );
  await expect(rows(database.adminUrl, `update audit set action = 'b'`)).rejects.toMatchObject({ code: 'DB001' });
  await expect(rows(database.adminUrl, `delete from audit`)).rejects.toMatchObject({ code: 'DB001' });
});

test('a day or moment of the wrong length never gets in', async () => {
  const database = await empty();
  await migrate(database);
  await rows(database.adminUrl, `insert into counties values ('k', '县')`);
  await expect(
    rows(database.url, `insert into worlds (county_id, world_id, kind, now_at) values ('k', 'w1', 'virtual', '2020-05-01')`),
  ).rejects.toMatchObject({ code: '23514' });
});

test('whole numbers beyond 2^53 are refused, never rounded', async () => {
  const database = await empty();
  await migrate(database);
  const store = openStore(database.url);
  try {
    expect((await store.pool.query<{ n: number }>('select 9007199254740991::bigint as n')).rows[0]?.n).toBe(9007199254740991);
    await expect(store.pool.query('select 9007199254740993::bigint as n')).rejects.toMatchObject({ code: 'number-too-large' });
  } finally {
    await store.close();
  }
});
