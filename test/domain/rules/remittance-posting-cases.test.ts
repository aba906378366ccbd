import { describe, expect, test } from '@jest/globals';
import { stateCouncilCalendar as calendar } from '../../../domain/calendar/data/state-council.js';
import { daysBetween, parseDate } from '../../../domain/calendar/dates.js';
import { parseYuan } from '../../../domain/money/fen.js';
import { compareAnswers } from '../../../domain/rules/compare-answers.js';
import { earliestTakeDown, lastPostedDay, postingShortBy } from '../../../domain/rules/publication.js';
import { remittanceDue, type HeldPayment } from '../../../domain/rules/remittance.js';

const date = parseDate;
const LIMIT = parseYuan('10000');
const held = (...payments: readonly (readonly [string, string])[]): readonly HeldPayment[] =>
  payments.map(([day, amount]) => ({ on: date(`2019-${day}`), amount: parseYuan(amount) }));
const double = (...payments: readonly (readonly [string, string])[]) =>
  remittanceDue(calendar, held(...payments), { n: 5, unit: 'd' }, (sum) => sum >= LIMIT);

describe('remittance, 10,000 yuan or 5 days', () => {
  test('C-L01 daily mode', () => {
    expect(remittanceDue(calendar, held(['10-28', '3000']), { n: 0, unit: 'd' }, null)).toBe('2019-10-28');
  });
  test.each([
    [
      'C-L02',
      [
        ['10-28', '3000'],
        ['10-29', '4000'],
        ['10-30', '3500'],
      ],
      '2019-10-30',
    ],
    ['C-L03', [['10-28', '1000']], '2019-11-02'],
    ['C-L04', [['10-28', '9999.99']], '2019-11-02'],
    ['C-L05', [['10-28', '10000.00']], '2019-10-28'],
    [
      'C-L06',
      [
        ['10-28', '2000'],
        ['11-02', '8000'],
      ],
      '2019-11-02',
    ],
    [
      'C-L07',
      [
        ['10-28', '2000'],
        ['11-03', '8000'],
      ],
      '2019-11-02',
    ],
    ['C-L08', [['11-29', '500']], '2019-12-04'],
  ] as const)('%s', (_, payments, due) => {
    expect(double(...payments)).toBe(due);
    expect(double(...[...payments].reverse())).toBe(due);
  });
  test('C-L09 after a handover the clock starts anew', () => {
    expect(double(['10-28', '10000'])).toBe('2019-10-28');
    expect(double(['10-30', '500'])).toBe('2019-11-04');
  });
  test('C-L10 handed over on 11-03: due on 11-02, one day late', () => {
    const due = double(['10-28', '500']);
    expect(due).toBe('2019-11-02');
    expect(due && daysBetween(due, date('2019-11-03'))).toBe(1);
  });
  test('nothing held is due never', () => {
    expect(double()).toBeNull();
  });
  test('two payments of one day are looked at together', () => {
    expect(double(['10-28', '4000'], ['10-28', '6000'], ['10-29', '1'])).toBe('2019-10-28');
  });
});

describe('posting', () => {
  test.each([
    ['C-U01', '2018-04-02', '2018-04-12', 10, 0],
    ['C-U02', '2018-04-02', '2018-04-11', 10, 1],
    ['C-U03', '2018-04-02', '2018-04-30', 10, 0],
    ['C-U04', '2018-04-25', '2018-05-05', 10, 0],
    ['C-U05', '2019-01-02', '2019-01-08', 10, 4],
    ['C-U11', '2019-12-18', '2019-12-21', 0, 0],
  ])('%s posted %s to %s', (_, from, to, days, shortBy) => {
    expect(postingShortBy(date(from), date(to), days)).toBe(shortBy);
  });
  test('the last day and the first day of taking down', () => {
    expect(lastPostedDay(date('2018-04-02'), 10)).toBe('2018-04-12');
    expect(earliestTakeDown(date('2018-04-02'), 10)).toBe('2018-04-13');
  });
});

describe('monthly check between the parties', () => {
  const party = (role: string, persons: number, amount: string) => ({ role, answer: { persons, amount: parseYuan(amount) } });
  test('C-H23 equal answers agree', () => {
    expect(
      compareAnswers(['persons', 'amount'], [party('taxAuthority', 10000, '3000000'), party('hrDepartment', 10000, '3000000')]),
    ).toEqual([]);
  });
  test('C-H24 one line and 300 yuan differ', () => {
    const differences = compareAnswers(
      ['persons', 'amount'],
      [party('taxAuthority', 10000, '3000000'), party('hrDepartment', 9999, '2999700')],
    );
    expect(differences.map(({ field, spread }) => [field, spread])).toEqual([
      ['persons', 1],
      ['amount', parseYuan('300')],
    ]);
    expect(differences[0]?.values).toEqual([
      { role: 'taxAuthority', value: 10000 },
      { role: 'hrDepartment', value: 9999 },
    ]);
  });
  test('a missing answer is a difference', () => {
    expect(compareAnswers(['amount'], [party('taxAuthority', 1, '1'), { role: 'hrDepartment', answer: {} }])).toMatchObject([
      { field: 'amount', spread: null },
    ]);
  });
});
