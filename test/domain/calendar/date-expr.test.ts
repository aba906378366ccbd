import { describe, expect, test } from '@jest/globals';
import { parseDateExpr, referencesOf, type DateOptions } from '../../../domain/calendar/date-expr.js';
import { parseDate } from '../../../domain/calendar/dates.js';
import { formatDistance, parseDistance, parseDuration } from '../../../domain/calendar/distance.js';
import { evaluateDate, explainStep, phaseWindow, type DateContext } from '../../../domain/calendar/evaluate.js';
import { eachPeriod, periodsOf } from '../../../domain/calendar/periods.js';
import type { DateExpr, Rhythm } from '../../../domain/model/definition.js';
import { committedDefinition, settingOf, unit } from '../../support/definitions.js';

const date = parseDate;
const definition = committedDefinition('lingcheng-2020');
const setting = settingOf(definition, 2020, {
  remindBefore: '3d',
  patrolEvery: '10d',
  assessBy: '12-20',
  subsidy100: 0,
  orderAfter: '5wd',
});
const expr = (text: string, options?: DateOptions): DateExpr => {
  const parsed = parseDateExpr(text, options);
  if (!parsed.ok) throw new Error(parsed.error.en);
  return parsed.expr;
};
const context = (more: Partial<DateContext> = {}): DateContext => ({
  setting,
  unit: null,
  dueOf: () => null,
  doneOf: () => null,
  fact: () => null,
  ...more,
});
const day = (text: string, more?: Partial<DateContext>, options?: DateOptions): string => {
  const result = evaluateDate(expr(text, options), context(more));
  return 'date' in result ? result.date : `waiting for ${result.waiting}`;
};

describe('dates as written', () => {
  test.each([
    ['2020-05-25', '2020-05-25'],
    ['05-25', '2020-05-25'],
    ['02-end', '2020-02-29'],
    ['start(collection)', '2020-05-01'],
    ['start(collection) -1d', '2020-04-30'],
    ['end(collection) +1wd', '2020-05-26'],
    ['end(catchUp)', '2020-06-30'],
    ['end(standing)', '2020-12-31'],
    ['$assessBy', '2020-12-20'],
    ['$assessBy -$remindBefore', '2020-12-17'],
    ['05-31 +1m -1d', '2020-06-29'],
    ['2020-02-29 +1y', '2021-02-28'],
    ['05-25+$orderAfter', '2020-06-01'],
    ['end(collection)-5d', '2020-05-20'],
    ['nextMonth(end(collection)) +2d', '2020-06-03'],
    ['2023-01-01 outside', '2023-01-01'],
  ])('%s is %s', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  test('of a period, an event, a case and a person', () => {
    const period = { start: date('2020-02-10'), end: date('2020-02-29') };
    expect(day('end(period)', { period })).toBe('2020-02-29');
    expect(day('day(31)', { period })).toBe('2020-02-29');
    expect(day('day(10)', { period })).toBe('2020-02-10');
    expect(day('since +5d', { since: date('2019-10-28') })).toBe('2019-11-02');
    expect(day('opened', { opened: date('2020-05-05') })).toBe('2020-05-05');
    expect(day('birthday(60) -1m', { born: date('1960-02-29') })).toBe('2020-01-29');
    expect(day('due(material) -2d', { dueOf: (id) => (id === 'material' ? date('2020-05-25') : null) })).toBe('2020-05-23');
    expect(day('nextMonth(fact(diedOn))', { fact: () => date('2020-12-31') })).toBe('2021-01-01');
  });

  test('what has not happened is waited for', () => {
    expect(day('done(material) +5d')).toBe('waiting for done(material)');
    expect(day('due(material)')).toBe('waiting for due(material)');
    expect(day('since')).toBe('waiting for since');
    expect(day('nextMonth(fact(diedOn))')).toBe('waiting for fact(diedOn)');
  });

  test('the roll moves the result to a working day', () => {
    expect(day('05-03', {}, { roll: 'before' })).toBe('2020-04-30');
    expect(day('05-03', {}, { roll: 'after' })).toBe('2020-05-06');
    expect(day('05-03', {}, { roll: 'none' })).toBe('2020-05-03');
  });

  test('each step is told, and its days one by one', () => {
    const result = evaluateDate(expr('end(collection) +$orderAfter', { roll: 'after' }), context());
    if (!('date' in result)) throw new Error(result.waiting);
    expect(result.steps).toEqual([
      { kind: 'anchor', text: '05-25', date: '2020-05-25' },
      { kind: 'anchor', text: 'end(collection)', date: '2020-05-25' },
      { kind: 'distance', text: '+$orderAfter', n: 5, unit: 'wd', from: '2020-05-25', date: '2020-06-01' },
      { kind: 'roll', roll: 'after', from: '2020-06-01', date: '2020-06-01' },
    ]);
    const counted = result.steps.flatMap((step) => explainStep(setting.calendar, step));
    expect(counted.map(({ date: at, counted: counts }) => `${at}${counts ? '' : '*'}`)).toEqual([
      '2020-05-26',
      '2020-05-27',
      '2020-05-28',
      '2020-05-29',
      '2020-05-30*',
      '2020-05-31*',
      '2020-06-01',
    ]);
  });

  test('days are listed backwards too', () => {
    const result = evaluateDate(expr('05-25 -3d'), context());
    const listed = 'date' in result ? result.steps.flatMap((step) => explainStep(setting.calendar, step)) : [];
    expect(listed.map(({ date: at, n }) => [at, n])).toEqual([
      ['2020-05-24', 1],
      ['2020-05-23', 2],
      ['2020-05-22', 3],
    ]);
  });

  test('a unit below uses the parameter set by the unit above it', () => {
    const town = unit('u1', 'town', null);
    const village = unit('u2', 'unit', 'u1');
    const own = {
      ...settingOf(definition, 2020, {}, {}, [town, village]),
      parameters: { remindBefore: { value: '3d', perUnit: { [town.id]: '7d' } } },
    };
    const result = evaluateDate(expr('05-25 -$remindBefore'), { ...context(), setting: own, unit: village.id });
    expect('date' in result && result.date).toBe('2020-05-18');
  });
});

describe('what is refused', () => {
  test.each([
    ['02-30', 'no-such-day', 0],
    ['2019-02-29', 'no-such-day', 0],
    ['13-01', 'no-such-day', 0],
    ['13-end', 'no-such-day', 0],
    ['day(32)', 'no-such-day', 0],
    ['endd(collection)', 'bad-date-expression', 0],
    ['end(collection', 'bad-date-expression', 0],
    ['', 'bad-date-expression', 0],
    ['05-25 5d', 'bad-distance', 6],
    ['05-25 +5w', 'bad-distance', 6],
    ['05-25 + 5d', 'bad-distance', 6],
    ['05-25 outside +1d', 'bad-distance', 6],
    ['nextMonth(02-30)', 'no-such-day', 10],
    ['tomorrow', 'bad-date-expression', 0],
  ])('%p: %s', (text, code, at) => {
    expect(parseDateExpr(text)).toMatchObject({ ok: false, error: { code, at } });
  });

  test('what was expected is said', () => {
    const parsed = parseDateExpr('05-25 +5w');
    expect(parsed.ok ? '' : parsed.error.en).toContain('+5wd');
  });

  test.each([
    ['end(colection)', 'unknown-phase', {}],
    ['$bulletinAfter', 'parameter-unset', {}],
    ['$patrolEvery', 'wrong-parameter-type', {}],
    ['05-25 +$assessBy', 'wrong-parameter-type', {}],
    ['day(1)', 'no-period', {}],
    ['2026-12-31 +3wd', 'calendar-year-missing', {}],
  ])('%s: %s', (text, code, more) => {
    expect(() => day(text, more)).toThrow(expect.objectContaining({ code }));
  });

  test('29 February of a common year', () => {
    const common = settingOf(definition, 2021);
    expect(() => evaluateDate(expr('02-29'), { ...context(), setting: common })).toThrow(expect.objectContaining({ code: 'no-such-day' }));
  });

  test('phases that depend on each other', () => {
    const phase = definition.phases['collection'];
    if (!phase) throw new Error('no phase');
    const circle = {
      ...definition,
      phases: {
        ...definition.phases,
        collection: { ...phase, from: expr('end(catchUp)'), to: expr('end(catchUp)') },
        catchUp: { ...phase, id: 'catchUp', to: expr('end(collection)') },
      },
    };
    expect(() => evaluateDate(expr('end(collection)'), { ...context(), setting: { ...setting, definition: circle } })).toThrow(
      expect.objectContaining({ code: 'date-circle', params: { chain: 'collection -> catchUp -> collection' } }),
    );
  });

  test('an open phase has no end', () => {
    const open = { ...setting, definition: { ...definition, to: null } };
    expect(() => evaluateDate(expr('end(standing)'), { ...context(), setting: open })).toThrow(
      expect.objectContaining({ code: 'phase-without-date' }),
    );
    expect(phaseWindow('standing', { ...context(), setting: open })).toEqual({ start: '2020-05-01', end: null });
  });
});

test('the names a date uses are known to the loader', () => {
  expect(referencesOf(expr('nextMonth(start(collection)) +$a -$b', { roll: { parameter: 'r' } }))).toEqual({
    phases: ['collection'],
    due: [],
    done: [],
    parameters: ['a', 'b', 'r'],
    facts: [],
    period: false,
  });
  expect(referencesOf(expr('day($n)'))).toMatchObject({ period: true, parameters: ['n'] });
  expect(referencesOf(expr('due(ninety) -1d')).due).toEqual(['ninety']);
});

test('distances are read and written alike', () => {
  expect(['+10d', '-1m', '+5wd', '-$planBefore', '+1y'].map((text) => formatDistance(parseDistance(text)))).toEqual([
    '+10d',
    '-1m',
    '+5wd',
    '-$planBefore',
    '+1y',
  ]);
  expect(parseDistance('-0d')).toEqual({ kind: 'fixed', n: 0, unit: 'd' });
  expect(parseDuration('5wd')).toEqual({ n: 5, unit: 'wd' });
  for (const bad of ['+5', '5 d', '', 'wd', '+5w', '--1d'])
    expect(() => parseDistance(bad)).toThrow(expect.objectContaining({ code: 'bad-distance' }));
  expect(() => parseDuration('+5d')).toThrow(expect.objectContaining({ code: 'bad-distance' }));
});

describe('periods', () => {
  const window = { start: date('2020-05-10'), end: date('2020-08-15') };
  const shown = (rhythm: Rhythm, of = window): readonly string[] =>
    periodsOf(rhythm, of, setting).map(({ id, start, end }) => `${id} ${start}..${end}`);

  test('are cut to the window', () => {
    expect(shown({ kind: 'month' })).toEqual([
      '2020-05 2020-05-10..2020-05-31',
      '2020-06 2020-06-01..2020-06-30',
      '2020-07 2020-07-01..2020-07-31',
      '2020-08 2020-08-01..2020-08-15',
    ]);
    expect(shown({ kind: 'quarter' })).toEqual(['2020-Q2 2020-05-10..2020-06-30', '2020-Q3 2020-07-01..2020-08-15']);
    expect(shown({ kind: 'year' })).toEqual(['2020 2020-05-10..2020-08-15']);
    expect(shown({ kind: 'day' }, { start: date('2020-02-28'), end: date('2020-03-01') })).toEqual([
      '2020-02-28 2020-02-28..2020-02-28',
      '2020-02-29 2020-02-29..2020-02-29',
      '2020-03-01 2020-03-01..2020-03-01',
    ]);
    expect(
      shown({ kind: 'distance', distance: parseDistance('$patrolEvery') }, { start: date('2020-05-01'), end: date('2020-05-25') }),
    ).toEqual(['2020-05-01 2020-05-01..2020-05-10', '2020-05-11 2020-05-11..2020-05-20', '2020-05-21 2020-05-21..2020-05-25']);
  });

  test('months of a distance keep their first day', () => {
    expect(shown({ kind: 'distance', distance: parseDistance('1m') }, { start: date('2020-01-31'), end: date('2020-04-01') })).toEqual([
      '2020-01-31 2020-01-31..2020-02-28',
      '2020-02-29 2020-02-29..2020-03-30',
      '2020-03-31 2020-03-31..2020-04-01',
    ]);
  });

  test('go on for ever in an open window', () => {
    const open = eachPeriod({ kind: 'month' }, { start: date('2020-12-15'), end: null }, setting);
    expect([open.next().value, open.next().value].map((period) => period?.id)).toEqual(['2020-12', '2021-01']);
  });

  test('refuse a distance that leads nowhere', () => {
    expect(() => shown({ kind: 'distance', distance: parseDistance('0d') })).toThrow(expect.objectContaining({ code: 'bad-distance' }));
    expect(shown({ kind: 'month' }, { start: date('2020-05-10'), end: date('2020-05-09') })).toEqual([]);
  });
});
