import { describe, expect, test } from '@jest/globals';
import { parseDate } from '../../../domain/calendar/dates.js';
import { parseYuan } from '../../../domain/money/fen.js';
import { compareAnswers } from '../../../domain/rules/compare-answers.js';
import { earliestTakeDown, lastPostedDay, postingShortBy } from '../../../domain/rules/publication.js';

const date = parseDate;
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
