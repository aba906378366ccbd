import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clearBatch } from '../../activities/deductions/clear.js';
import { tallyCounts } from '../../activities/measures/tally.js';
import { all, clerk, COUNTY, counters, countyOver, day, givenCounty, launchedIn, moment, setting, type County } from './given.js';

/* Cases C-D01 to C-D13 as far as files and books carry them. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

describe('a round', () => {
  test('C-D15 is asked for only after the concentrated period', async () => {
    await county.people([{}]);
    expect(await county.make('2018-03-20')).toMatchObject({ kind: 'refused', code: 'outside-phase' });
  });

  test('takes who owes and has an account, and says of everybody else why not', async () => {
    await county.people([{ groups: ['minimumAllowance'] }, { account: false }, { amount: 0 }, { village: 'u6', name: '李四' }]);
    const made = await county.make('2018-04-02');
    expect(made).toMatchObject({ kind: 'made', round: 1, leftOut: { 'not-due': 1, 'no-account': 1, 'nothing-owed': 1 }, unwritable: [] });
    expect(made.kind === 'made' && made.batches).toMatchObject([{ lines: 2, amount: 40_000, file: 'DK20180402001.txt' }]);
    expect(await county.verified()).toBeNull();
  });
});

test('given two campaigns of a county that owe the same, when both make their round at once, then each debt is asked for by one of them', async () => {
  const one = await givenCounty();
  try {
    await one.people([{}, {}, {}]);
    const process = await launchedIn(one.store);
    const other = countyOver(one.store, process, setting, one.parts, () => Promise.resolve());
    await one.rows(
      `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, tier, amount, since_at)
       select county_id, $1, due_id, person_id, unit_id, unit_path, insurance, year, tier, amount, since_at from dues where process_id = $2`,
      process,
      one.process,
    );
    const both = await Promise.all([one.make('2018-04-02'), other.make('2018-04-02')]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['made', 'refused']);
    expect(both.find(({ kind }) => kind === 'made')).toMatchObject({ batches: [{ lines: 3 }] });
    expect(both.find(({ kind }) => kind === 'refused')).toMatchObject({ code: 'nobody-due', params: { pending: 3 } });
    expect(await one.rows('select count(*)::int as lines, count(distinct contribution_id)::int as debts from deduction_lines')).toEqual([
      { lines: 3, debts: 3 },
    ]);
  } finally {
    await one.close();
  }
});

test('where the government pays a part, the own share is asked for; where it pays all, nothing', async () => {
  const own = await givenCounty();
  try {
    await own.people([{ governmentPaid: 3_000 }, { governmentPaid: 20_000 }, {}]);
    const made = await own.make('2018-04-02');
    expect(made).toMatchObject({ kind: 'made', leftOut: { 'nothing-owed': 1 }, batches: [{ lines: 2, amount: 37_000 }] });
    expect(await own.rows('select amount from deduction_lines order by line')).toEqual([{ amount: 17_000 }, { amount: 20_000 }]);
    expect(await own.verified()).toBeNull();
  } finally {
    await own.close();
  }
});

test('C-D07 given a batch of ten with six paid, three short and one bare, then 1,200 yuan are taken, three are to retry and one is an anomaly', async () => {
  const own = await givenCounty();
  try {
    await own.people([...Array.from({ length: 9 }, () => ({})), { deposited: 26_000 }]);
    const batch = await own.made('2018-04-02');
    const result = await own.returned('2018-04-04', batch, [
      ...all(6, 'arrived'),
      ...[7, 8, 9].map((line) => ({ line, outcome: 'short' })),
      { line: 10, outcome: 'bare' },
    ]);
    expect(counters(result)).toBe('6 4 0 0');
    expect(result).toMatchObject({ taken: 120_000, opened: 4, outcomes: { arrived: 6, short: 3, bare: 1 } });
    expect(await own.rows('select case_type, event, count(*)::int as n from case_openings group by 1, 2 order by 1, 2')).toEqual([
      { case_type: 'deductionAnomaly', event: 'pensionDeduction.bare', n: 1 },
      { case_type: 'deductionRetry', event: 'pensionDeduction.short', n: 3 },
    ]);
    expect(await own.verified()).toBeNull();

    // C-D10: the bank says paid, the money has not come.
    expect(await own.rows('select count(*)::int as n from dues where arrived > 0')).toEqual([{ n: 0 }]);
    await clearBatch(own.parts, {
      ...own.of,
      batch,
      amount: 120_000,
      on: day('2018-04-05'),
      reference: 'S1',
      at: moment('2018-04-05'),
      by: clerk,
    });
    expect(await own.rows('select count(*)::int as n, min(arrived_on) as on from dues where arrived = 20000')).toEqual([
      { n: 6, on: '2018-04-05' },
    ]);
    expect(await own.verified()).toBeNull();

    // C-D08: the next round takes the failed ones alone.
    const second = await own.make('2018-04-20');
    expect(second).toMatchObject({ round: 2, leftOut: { 'not-due': 6 } });
    expect(second.kind === 'made' && second.batches[0]?.lines).toBe(4);
  } finally {
    await own.close();
  }
});

describe('what the bank says is taken, and its case ends when the money has come', () => {
  // Banks do not hand out balances: above the amount due, or to the fen, the answer is the same. What is reported to the fen is warned of before the run (S1-38):
  // an account that would fall to zero may fail.
  const warnedOf = async (): Promise<number> => {
    const query = { county: COUNTY, process: county.process, asOf: null, today: day('2018-04-05'), units: null };
    const tallies = await county.store.db.transaction().execute((trx) => tallyCounts(trx, setting, { counts: ['zeroLeft'] }, query));
    return Object.values(tallies).reduce((sum, { zeroLeft = 0 }) => sum + zeroLeft, 0);
  };
  test.each([
    ['C-D01 200.01 on the account', 20_001, 0],
    ['C-D02 200.00 on the account', 20_000, 1],
  ])('%s', async (_, deposited, warned) => {
    const before = await warnedOf();
    const [due = ''] = await county.people([{ deposited }]);
    expect((await warnedOf()) - before).toBe(warned);
    const batch = await county.made('2018-04-02');
    expect(await county.returned('2018-04-04', batch, all(1, 'arrived'))).toMatchObject({ taken: 20_000, opened: 0 });
    const arrived = () => county.rows('select arrived from dues where due_id = $1', due);
    expect(await arrived()).toEqual([{ arrived: 0 }]);
    await clearBatch(county.parts, {
      ...county.of,
      batch,
      amount: 20_000,
      on: day('2018-04-05'),
      reference: `T${deposited}`,
      at: moment('2018-04-05'),
      by: clerk,
    });
    expect(await arrived()).toEqual([{ arrived: 20_000 }]);
    expect(await warnedOf()).toBe(before);
  });
});
