import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLines } from '../../store/lists/deductions.js';
import { COUNTY, DEDUCTION, givenCounty, type County } from './given.js';

/* Who was not taken: of a round, and as it stands now. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

async function listed(round: number | null): Promise<readonly string[]> {
  const of = { county: COUNTY, process: county.process, deduction: DEDUCTION, paths: ['/u1/'] };
  const lines = await openLines(county.store.db, of, { below: null, round, only: null, after: null, limit: 100 });
  return lines.map(({ round: asked, due, standing }) => `${asked} ${due} ${standing}`).sort();
}

test('given a person who failed and one who was taken, when the next round is made and answered, then each is listed once and no longer when the money is there; the round before is still told', async () => {
  const [taken, failed, twice] = await county.people([{}, {}, {}]);
  const first = await county.made('2018-04-02');
  const lineOf = async (batch: string, due: string | undefined): Promise<number> => {
    const [row] = await county.rows('select line from deduction_lines where batch_id = $1 and due_id = $2', batch, due);
    return Number(row?.['line']);
  };
  const said = async (batch: string, outcomes: Readonly<Record<string, string>>) =>
    Promise.all(Object.entries(outcomes).map(async ([due, outcome]) => ({ line: await lineOf(batch, due), outcome })));
  await county.returned('2018-04-05', first, await said(first, { [`${taken}`]: 'arrived', [`${failed}`]: 'short', [`${twice}`]: 'short' }));
  expect(await listed(null)).toEqual([`1 ${failed} failed-retryable`, `1 ${twice} failed-retryable`].sort());

  const second = await county.made('2018-04-20');
  expect(await listed(null)).toEqual([`2 ${failed} pending`, `2 ${twice} pending`].sort());
  await county.returned('2018-04-23', second, await said(second, { [`${failed}`]: 'arrived', [`${twice}`]: 'short' }), 2);
  expect(await listed(null)).toEqual([`2 ${twice} failed-retryable`]);
  expect(await listed(1)).toEqual([`1 ${failed} failed-retryable`, `1 ${twice} failed-retryable`].sort());
});
