import { describe, expect, test } from '@jest/globals';
import { meaningsOf, sumUpwards, unitFigures } from '../../activities/reports/figures.js';
import { goalsOf, thresholdOf } from '../../activities/reports/goals.js';
import { parseDate } from '../../domain/calendar/dates.js';
import type { DateExpr, Distance, Milestone } from '../../domain/model/definition.js';
import { count, FIGURES, measure, sampleProgress, unitId, UNITS } from './sample.js';

describe('figures of a report', () => {
  test('a town sums its villages; 24,272 of 25,284 prints 96.00% and is one short of 96%', () => {
    const progress = sampleProgress();
    const town = progress.units.find(({ name }) => name === '甲镇');
    expect(town?.figures.map(({ part, whole, shown }) => [part, whole, shown])).toEqual([
      [24272, 25284, '96.00%'],
      [24272 * 30000, 25284 * 30000, '96.00%'],
    ]);
    expect(town?.above).toBeNull();
    expect(progress.units.filter(({ above }) => above === town?.unit).map(({ name }) => name)).toEqual(['东村', '西<村>&']);
  });

  test('a unit without any task has no value instead of a rate', () => {
    const [town] = unitFigures(FIGURES, UNITS, sumUpwards(UNITS, []), () => '');
    expect(town?.figures.map(({ shown }) => shown)).toEqual(['—', '—']);
  });

  test('a sum beyond exact arithmetic is refused, never rounded', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(() => sumUpwards(UNITS, [count('/u1/u2/', 'paidSum', most), count('/u1/u3/', 'paidSum', 1)])).toThrow(RangeError);
  });

  test('money over persons is money over persons: only the part is yuan', () => {
    const perHead = measure('perHead', 'paidSum', 'paid');
    expect(meaningsOf({ ...FIGURES, measures: { perHead } }).map(({ money, wholeMoney }) => [money, wholeMoney])).toEqual([[true, false]]);
  });

  test('what lies outside the units shown is not in any sum', () => {
    const below = UNITS.filter(({ id }) => id === 'u2');
    const sums = sumUpwards(below, [count('/u1/u2/', 'paid', 3), count('/u1/u3/', 'paid', 5)]);
    expect([...sums.entries()].map(([unit, counts]) => [unit, counts.get('paid')])).toEqual([['u2', 3]]);
  });

  test('each figure says what it is: formula, money or persons', () => {
    expect(meaningsOf(FIGURES).map(({ formula, money }) => [formula, money])).toEqual([
      ['已缴人数 ÷ 任务·payers', false],
      ['已缴金额 ÷ 任务·amount', true],
    ]);
  });
});

describe('goals', () => {
  test('a threshold is read from the condition, another shape of condition has none', () => {
    expect(thresholdOf('paidRate >= percent("96")')).toEqual({ measure: 'paidRate', text: '96%', atLeast: { part: 96, whole: 100 } });
    expect(thresholdOf('paidRate >= percent("96") && other > 3')).toBeNull();
    expect(thresholdOf('paidRate >= 97.5%')).toEqual({ measure: 'paidRate', text: '97.5%', atLeast: { part: 975, whole: 1000 } });
    expect(thresholdOf(null)).toBeNull();
  });

  const goal = (reach: string | null, part: number) =>
    goalsOf(
      { ...FIGURES, milestones: { byMay30: milestone(reach) } },
      [
        {
          key: 'byMay30/u2',
          path: '/u1/u2/',
          body: {
            milestone: 'byMay30',
            unit: unitId('u2'),
            period: null,
            due: parseDate('2020-05-30'),
            judgeAt: null,
            status: 'ahead',
            result: null,
            version: 0,
          },
        },
      ],
      new Map([
        [
          'u2',
          new Map([
            ['paid', part],
            ['task.payers', 25284],
          ]),
        ],
      ]),
      parseDate('2020-05-25'),
    )[0];

  test.each([
    [24272, 1],
    [24273, 0],
    [25284, 0],
  ])('with %i of 25,284 paid, %i are short of 96%', (part, short) => {
    expect(goal('paidRate >= percent("96")', part)).toMatchObject({ short, daysLeft: 5, threshold: '96%', result: null });
  });

  test('a goal whose condition is not one rate says no shortage', () => {
    expect(goal('done(material)', 24272)).toMatchObject({ short: null, threshold: null });
  });
});

function milestone(reach: string | null): Milestone {
  const due: DateExpr = { text: '05-30', anchor: { kind: 'monthDay', month: 5, day: 30 }, distances: [], roll: 'none', outside: false };
  const grace: Distance = { kind: 'fixed', n: 0, unit: 'd' };
  return {
    id: 'byMay30',
    title: '',
    clause: ['S4-07'],
    readings: [],
    per: 'town',
    every: null,
    due,
    reach,
    needs: [],
    strength: 'must',
    grace,
    empty: 'open',
    met: [],
    missed: [],
  };
}
