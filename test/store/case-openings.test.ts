import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Moment, ObligationId, ProcessId, UserId } from '../../domain/model/ids.js';
import { freedDues, freeDues } from '../../store/cases/frees.js';
import { openCases, openCasesFrom } from '../../store/cases/openings.js';
import { COUNTY, givenStore } from './given.js';

/* What calls for cases is stored once, whoever stores it and however often; the rows have it to take up. */

let given: Awaited<ReturnType<typeof givenStore>>;
beforeAll(async () => {
  given = await givenStore();
});
afterAll(() => given.close());

const TOLD = { at: '2018-04-10T10:00:00' as Moment, by: 'system' as UserId };
const P = 'c1' as ProcessId;
const opening = (id: string, due: string) => ({
  id,
  type: 'deductionRetry',
  due,
  event: 'pensionDeduction.short',
  cause: { round: 1, outcome: 'short', amount: 20_000, short: 1 },
});
const count = async (table: string): Promise<number> =>
  Number((await given.store.pool.query<{ n: string }>(`select count(*) n from ${table}`)).rows[0]?.n);

test('the same opening stored twice is one, and waits once', async () => {
  const { db } = given.store;
  const store = (rows: readonly ReturnType<typeof opening>[]) => db.transaction().execute((trx) => openCases(trx, COUNTY, P, rows, TOLD));
  expect(await store([opening('b1/1/r1', 'd1'), opening('b1/2/r1', 'd2')])).toBe(2);
  expect(await store([opening('b1/2/r1', 'd2'), opening('b1/3/r1', 'd3')])).toBe(1);
  expect(await store([])).toBe(0);
  expect(await count('case_openings')).toBe(3);
  expect(await count('case_openings_waiting')).toBe(3);
});

test('one query stores as many as it finds', async () => {
  const { db } = given.store;
  const many = sql`select 'b2/' || i || '/r1', null::text, 'd' || i, 'pensionDeduction.bare', '{"round": 2}'::jsonb from generate_series(1, 5000) i order by i`;
  expect(await db.transaction().execute((trx) => openCasesFrom(trx, COUNTY, P, many, TOLD))).toBe(5000);
  expect(await count('case_openings_waiting')).toBe(5003);
});

test('openings are never changed and never taken away', async () => {
  await expect(given.store.pool.query(`update case_openings set event = 'x'`)).rejects.toThrow();
  await expect(given.store.pool.query(`delete from case_openings`)).rejects.toThrow();
});

test('a due freed twice for a round is freed once; the newest round counts', async () => {
  const { db } = given.store;
  const free = (due: string, afterRound: number, extra: boolean) => ({
    deduction: 'pensionDeduction',
    due,
    afterRound,
    extra,
    row: `deductionAnomaly/${due}@1` as ObligationId,
    ...TOLD,
    reason: null,
  });
  for (const frees of [[free('d1', 1, false), free('d2', 1, false)], [free('d1', 1, false)], [free('d1', 2, true), free('d1', 2, false)]])
    await db.transaction().execute((trx) => freeDues(trx, COUNTY, P, frees));
  expect(await freedDues(db, COUNTY, P, 'pensionDeduction')).toEqual([
    { due: 'd1', afterRound: 2, extra: true },
    { due: 'd2', afterRound: 1, extra: false },
  ]);
});
