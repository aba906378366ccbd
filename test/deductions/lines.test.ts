import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLines } from '../../store/lists/deductions.js';
import { showOpenLine } from '../../activities/deductions/line-view.js';
import { COUNTY, DEDUCTION, givenCounty, key, paidOtherwise, setting, type County } from './given.js';

/* Who was not taken: of a round, and as it stands now. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

const open = (round: number | null) => {
  const of = { county: COUNTY, process: county.process, deduction: DEDUCTION, paths: ['/u1/'] };
  return openLines(county.store.db, of, { below: null, round, only: null, after: null, limit: 100 });
};
async function listed(round: number | null): Promise<readonly string[]> {
  const lines = await open(round);
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

test('given a failure that turns out to be a success, then nobody is told to deposit; once the money counts for the debt, or was paid otherwise, the person is on the list no more', async () => {
  const [late, cash] = await county.people([{}, {}]);
  const batch = await county.made('2018-05-04');
  const line = async (due: string | undefined) =>
    Number((await county.rows('select line from deduction_lines where batch_id = $1 and due_id = $2', batch, due))[0]?.['line']);
  const [lateLine, cashLine] = [await line(late), await line(cash)];
  await county.returned(
    '2018-05-06',
    batch,
    [lateLine, cashLine].map((one) => ({ line: one, outcome: 'short' })),
    3,
  );
  const shown = async (due: string | undefined) => {
    const found = (await open(null)).find((one) => one.due === due);
    const deduction = setting.definition.deductions?.[DEDUCTION];
    if (deduction === undefined) throw new Error('no deduction');
    return found === undefined ? null : showOpenLine(found, { setting, deduction, key, masked: true });
  };
  expect(await shown(late)).toMatchObject({ owedBack: false, toDeposit: 21_000 });
  await county.returned('2018-05-07', batch, [{ line: lateLine, outcome: 'arrived' }], 4);
  expect(await shown(late)).toMatchObject({ owedBack: true, toDeposit: 0, standing: 'failed-retryable' });

  await county.rows(`update deduction_refunds set settled_as = 'paid', settled_on = '2018-05-08', settled_at = '2018-05-08T09:00:00', settled_by = 'p1' where batch_id = $1`, batch); // prettier-ignore
  expect(await shown(late)).toMatchObject({ owedBack: false, toDeposit: 21_000 });
  await paidOtherwise(county, String(cash), 20_000, '2018-05-08');
  expect(await shown(cash)).toBeNull();
});
