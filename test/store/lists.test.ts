import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Recorder } from '../../activities/record/recorder.js';
import type { ObligationId, ProcessId } from '../../domain/model/ids.js';
import { boardRows } from '../../store/board.js';
import type { Store } from '../../store/connection.js';
import { findObligation, findObligationAnywhere, listObligations, listOverdue, type ObligationFilter } from '../../store/obligations.js';
import { listProcesses } from '../../store/processes.js';
import { narrowScope, normalScope, pathBelow } from '../../store/scope.js';
import { found } from '../support/definitions.js';
import { COUNTY, PATHS, givenProcess, givenStore, played } from './given.js';

let store: Store;
let close: () => Promise<void>;
let first: ProcessId;
let second: ProcessId;
beforeAll(async () => {
  ({ store, close } = await givenStore());
  const recorder = new Recorder(store);
  ({ process: first } = await givenProcess(store));
  ({ process: second } = await givenProcess(store));
  await recorder.record(COUNTY, first, 1, played('2020-07-02').events);
  await recorder.record(COUNTY, second, 1, played('2020-05-10').events);
});
afterAll(() => close());

async function everything(scope: readonly string[], filter: ObligationFilter = {}, limit = 1000): Promise<string[]> {
  const all: string[] = [];
  let after: string | null = null;
  do {
    const page: { rows: readonly { process: string; id: string; due: string | null }[]; next: string | null } = await listObligations(
      store.db,
      COUNTY,
      scope,
      filter,
      { limit, ...(after === null ? {} : { after }) },
    );
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    all.push(...page.rows.map((row) => `${row.due ?? '9999-12-31'} ${row.process} ${row.id}`));
    after = page.next;
  } while (after !== null);
  return all;
}

describe('paging', () => {
  test('every page size gives the same rows in the same order, each once', async () => {
    const whole = await everything([PATHS.u1]);
    const { rows } = await store.pool.query<{ n: number }>('select count(*) as n from obligations');
    expect(whole.length).toBe(rows[0]?.n);
    expect(new Set(whole).size).toBe(whole.length);
    expect(whole).toEqual([...whole].sort());
    for (const limit of [1, 3, 7]) expect(await everything([PATHS.u1], {}, limit)).toEqual(whole);
  });

  test('a list of some campaigns is what each gives, merged in order, whatever the page; of none it is empty', async () => {
    const apart = [...(await everything([PATHS.u1], { process: first })), ...(await everything([PATHS.u1], { process: second }))];
    expect(await everything([PATHS.u1], { among: [first, second] }, 7)).toEqual([...apart].sort());
    for (const filter of [{ late: true, status: ['open' as const] }, {}])
      expect(await everything([PATHS.u2], { ...filter, among: [second] }, 2)).toEqual(
        await everything([PATHS.u2], { ...filter, process: second }),
      );
    expect(await everything([PATHS.u1], { among: [] })).toEqual([]);
  });

  test('a row that closes between two pages moves no other', async () => {
    const whole = await everything([PATHS.u1], { late: true });
    const page = await listObligations(store.db, COUNTY, [PATHS.u1], { late: true }, { limit: 2 });
    const gone = found(page.rows[0]);
    await store.db.deleteFrom('obligations').where('process_id', '=', gone.process).where('obligation_id', '=', gone.id).execute();
    const rest = await listObligations(store.db, COUNTY, [PATHS.u1], { late: true }, { limit: 1000, after: found(page.next) });
    expect(rest.rows.length).toBe(whole.length - 2);
    await new Recorder(store).rebuild(COUNTY, gone.process);
    expect(await everything([PATHS.u1], { late: true })).toEqual(whole);
  });

  test.each(['', 'x', Buffer.from('["2020-01-01"]').toString('base64url'), Buffer.from('[1,2,3]').toString('base64url')])(
    'a cursor that is not one (%j) is refused',
    async (after) => {
      await expect(listOverdue(store.db, COUNTY, [PATHS.u1], {}, { limit: 5, after })).rejects.toMatchObject({ code: 'bad-cursor' });
    },
  );
});

describe('scope', () => {
  test('whatever the scope, the subtree and the filter, a list shows exactly the rows that all of them allow', async () => {
    const all = await store.db.selectFrom('obligations').selectAll().execute();
    const paths = Object.values(PATHS);
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            scope: fc.subarray(paths),
            below: fc.constantFrom(...paths),
            late: fc.boolean(),
            status: fc.subarray(['open', 'done', 'beforeLaunch', 'waiting'] as const),
            role: fc.constantFrom(...new Set(all.flatMap((row) => row.owes))),
            duty: fc.constantFrom(...new Set(all.map((row) => row.duty))),
            process: fc.constantFrom(first, second),
            dueBy: fc.constantFrom('2020-05-25', '2020-06-30'),
          },
          { requiredKeys: ['scope'] },
        ),
        async ({ scope, dueBy, ...filter }) => {
          const wanted = all
            .filter((row) => scope.some((prefix) => row.unit_path.startsWith(prefix)))
            .filter((row) => filter.below === undefined || row.unit_path.startsWith(filter.below))
            .filter((row) => filter.late === undefined || row.late === filter.late)
            .filter((row) => filter.status === undefined || (filter.status as readonly string[]).includes(row.status))
            .filter((row) => filter.role === undefined || row.owes.includes(filter.role))
            .filter((row) => filter.duty === undefined || row.duty === filter.duty)
            .filter((row) => filter.process === undefined || row.process_id === filter.process)
            .filter((row) => dueBy === undefined || (row.due !== null && row.due <= dueBy))
            .map((row) => `${row.due ?? '9999-12-31'} ${row.process_id} ${row.obligation_id}`)
            .sort();
          expect(await everything(scope, { ...filter, ...(dueBy === undefined ? {} : { dueBy: dueBy as never }) }, 13)).toEqual(wanted);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  test('someone with very many separate places sees all of them in one order', async () => {
    const many = [PATHS.u3, PATHS.u5, ...Array.from({ length: 40 }, (_, n) => `/u1/u2/u${n + 100}/`)];
    const whole = await everything([PATHS.u1]);
    const mine = new Set([...(await everything([PATHS.u3])), ...(await everything([PATHS.u5]))]);
    expect(mine.size).toBeGreaterThan(0);
    for (const limit of [4, 1000]) expect(await everything(many, {}, limit)).toEqual(whole.filter((row) => mine.has(row)));
  });

  test('one obligation out of scope reads as absent, in scope it is the whole row', async () => {
    const { rows } = await listOverdue(store.db, COUNTY, [PATHS.u2], { process: first }, { limit: 1 });
    const row = found(rows[0]);
    expect(await findObligation(store.db, COUNTY, [row.unitPath], first, row.id)).toEqual(row);
    expect(await findObligation(store.db, COUNTY, [PATHS.u4], first, 'material/u2' as ObligationId)).toBeNull();
    expect(await findObligation(store.db, 'k2', [row.unitPath], first, row.id)).toBeNull();
    expect(await findObligation(store.db, COUNTY, [], first, row.id)).toBeNull();
    expect((await findObligationAnywhere(store.db, COUNTY, [PATHS.u1], row.id)).map(({ process }) => process)).toEqual([second, first]);
    expect(await findObligationAnywhere(store.db, COUNTY, [PATHS.u4], 'material/u2' as ObligationId)).toEqual([]);
  });

  test('a unit whose number begins like another is not below it', async () => {
    expect(await everything(['/u1/u'], {}).catch((error: unknown) => error)).toMatchObject({ code: 'bad-path' });
    expect(await boardRows(store.db, COUNTY, ['/u1/u20/'])).toEqual([]);
    expect((await boardRows(store.db, COUNTY, ['/u1/u2/'])).every((row) => row.unitPath.startsWith('/u1/u2/'))).toBe(true);
  });

  test.each(['u1/', '/u1', '//', '/u%/', '/', "/u1/' or true --"])('a path that is not one (%j) is refused', (path) => {
    expect(() => normalScope([path])).toThrow(expect.objectContaining({ code: 'bad-path' }));
  });

  test('paths below another are dropped; a narrower wish stays, a wider one gives no more', () => {
    expect(normalScope(['/u1/u2/', '/u1/', '/u1/u2/'])).toEqual(['/u1/']);
    expect(narrowScope(['/u1/'], '/u1/u2/')).toEqual(['/u1/u2/']);
    expect(narrowScope(['/u1/u2/'], '/u1/')).toEqual(['/u1/u2/']);
    expect(narrowScope(['/u1/u2/'], '/u1/u3/')).toEqual([]);
    expect(narrowScope([], null)).toEqual([]);
  });

  test('a campaign is seen by who works in its units and nobody else', async () => {
    const seen = async (scope: readonly string[]): Promise<string[]> =>
      (await listProcesses(store.db, COUNTY, scope)).map((row) => row.process_id);
    expect((await seen([PATHS.u1])).sort()).toEqual([first, second].sort());
    expect((await seen([PATHS.u4])).sort()).toEqual([first, second].sort());
    expect(await seen(['/u9/'])).toEqual([]);
    expect(await seen([])).toEqual([]);
  });

  test('the board of a subtree is the part of the whole board below it, summed over campaigns when none is named, or over some', async () => {
    const whole = await boardRows(store.db, COUNTY, [PATHS.u1]);
    expect(await boardRows(store.db, COUNTY, [PATHS.u2])).toEqual(whole.filter((row) => row.unitPath.startsWith(PATHS.u2)));
    const each = await Promise.all([first, second].map((process) => boardRows(store.db, COUNTY, [PATHS.u1], { process })));
    expect(await boardRows(store.db, COUNTY, [PATHS.u1], { among: [first] })).toEqual(each[0]);
    for (const row of whole) {
      const parts = each.flat().filter(({ unit }) => unit === row.unit);
      expect(parts.reduce((sum, part) => sum + part.open, 0)).toBe(row.open);
      expect(parts.reduce((sum, part) => sum + part.late, 0)).toBe(row.late);
    }
  });
});

test('the overdue list of a unit at any indexed depth can be read from an index in its order', async () => {
  const client = await store.pool.connect();
  try {
    // A table this small is read whole unless that is forbidden.
    await client.query('set enable_seqscan = off; set enable_sort = off; set enable_bitmapscan = off');
    for (const path of [PATHS.u1, PATHS.u2, PATHS.u3, PATHS.u4]) {
      const depth = path.split('/').length - 2;
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain select 1 from obligations where county_id = '${COUNTY}' and substring(unit_path from '^(?:/[^/]+){${depth}}/') = '${path}'
         and status = 'open' and late = true order by due_order, process_id, obligation_id limit 50`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toContain('Sort');
      expect(plan).toContain(`obligations_depth${depth}`);
    }
  } finally {
    client.release(true);
  }
});

test.each([
  ['/u1/u2/u3/u4/u5/', ['/u1/u2/u3/u4/u5/', '/u1/u2/u3/u4/u5/u6/']],
  ['/u1/u2/u3/u4/', ['/u1/u2/u3/u4/', '/u1/u2/u3/u4/u5/', '/u1/u2/u3/u4/u5/u6/', '/u1/u2/u3/u4/u55/']],
])('below %s, deeper than the indexes know, the path decides', async (prefix, wanted) => {
  const paths = ['/u1/', '/u1/u2/u3/u4/', '/u1/u2/u3/u4/u5/', '/u1/u2/u3/u4/u5/u6/', '/u1/u2/u3/u4/u55/', '/u1/u2/u3/u44/'];
  const { rows } = await sql<{ path: string }>`
    select path from unnest(${paths}::text[]) as t (path) where ${pathBelow('path', prefix)} order by path collate "C"`.execute(store.db);
  expect(rows.map(({ path }) => path)).toEqual(wanted);
});
