import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { asOwner } from '../support/runtime.js';
import { given, inventedId, rosterCsv, type Given } from './given.js';

/* What the planner knows of a table after a file filled it. -1: never counted. */

let g: Given;
beforeAll(async () => {
  g = await given();
  // The server counts of its own accord when it has the time: not here.
  for (const table of ['dues', 'people'])
    await asOwner(g.adminUrl, async (client) => void (await client.query(`alter table ${table} set (autovacuum_enabled = off)`)));
}, 240_000);
afterAll(() => g.close());

const known = async (table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select reltuples::integer as n from pg_class where oid = ${table}::regclass`.execute(
    g.store.db,
  );
  return rows[0]?.n ?? Number.NaN;
};
const roster = (from: number, to: number): string =>
  rosterCsv(
    Array.from(
      { length: to - from },
      (_, n) => [inventedId((from + n) % 1_000, from + n < 1_000 ? '19700315' : '19700316'), `测${from + n}`, '甲村', '300'] as const,
    ),
  );

test('a large file brings statistics with it, a dry run and a small file leave them', async () => {
  await g.run('roster', roster(1, 1_201), { dryRun: true });
  expect(await known('dues')).toBe(-1);
  await g.run('roster', roster(1, 51));
  expect(await known('dues')).toBe(-1);
  await g.run('roster', roster(51, 1_251));
  expect([await known('dues'), await known('people')]).toEqual([1_250, 1_250]);
}, 120_000);
