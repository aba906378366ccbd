import { describe, expect, test } from '@jest/globals';
import { parseDate } from '../../../domain/calendar/dates.js';
import type { Definition } from '../../../domain/model/definition.js';
import { fen } from '../../../domain/money/fen.js';
import { rate } from '../../../domain/money/rate.js';
import { amountsOver, evaluateAmount } from '../../../domain/rules/amounts.js';
import { checkExpression, compileExpression, expressionType } from '../../../domain/rules/expressions.js';
import { parameterReach } from '../../../domain/rules/parameter-reach.js';
import type { Place, Scope } from '../../../domain/rules/scope.js';
import { rewriteFigures } from '../../../domain/rules/syntax.js';
import { committedDefinition, found, settingOf, unit } from '../../support/definitions.js';

const definition = committedDefinition('lingcheng-2020');
const village = unit('u3', 'unit', null, { name: '陵北' });
const setting = settingOf(definition, 2020, { subsidy100: 0, remindBefore: '3d' }, {}, [village]);
const dues: Place = { kind: 'row', over: 'dues' };
const recipients: Place = { kind: 'row', over: 'recipients' };
const plain: Place = { kind: 'plain' };
const scope = (more: Partial<Scope> = {}): Scope => ({
  setting,
  unit: village.id,
  today: parseDate('2020-05-10'),
  period: '2020-05',
  ...more,
});
const value = (source: string, place: Place = plain, more: Partial<Scope> = {}) =>
  compileExpression(source, place, definition).evaluate(scope(more));

describe('checked at load', () => {
  test.each([
    ['row.tier < yuan("200")', dues, 'bool'],
    ['find("tiers", row.tier).subsidy + yuan("1") * 2', dues, 'Money'],
    ['size(row.groups) > 0 && "registeredPoor" in row.groups', dues, 'bool'],
    ['row.groups.exists(g, find("governmentRates", g).yuan > yuan("0"))', dues, 'bool'],
    ['row.governmentPaid > yuan("0")', dues, 'bool'],
    ['row.diedOn != null && row.month > monthOf(row.diedOn)', recipients, 'bool'],
    ['ageOn(row.born, today) >= 60', recipients, 'bool'],
    ['row.month == monthBefore(period)', recipients, 'bool'],
    ['addMonths(row.born, 6) < today', { kind: 'row', over: 'people' }, 'bool'],
    ['row.amount != row.payers * yuan("300")', { kind: 'table', table: 'villages' }, 'bool'],
    ['paidRate >= 96%', { kind: 'figures' }, 'bool'],
    ['paidSum >= 260 yuan && paid = 3', { kind: 'figures' }, 'bool'],
    ['held >= yuan("10000")', { kind: 'held' }, 'bool'],
    ['answer.found > 0', { kind: 'answer', duty: 'patrol' }, 'bool'],
    ['row.found', { kind: 'answers', duty: 'patrol' }, 'int'],
    ['unit.name == "陵北" && within(today, "collection") && !done("material") && met("byMay25")', plain, 'bool'],
    ['today <= end("collection")', plain, 'bool'],
  ] as const)('%s', (source, place, type) => {
    expect(checkExpression(source, place, definition)).toEqual([]);
    expect(expressionType(source, place, definition)).toBe(type);
  });

  test.each([
    ['row.tier < 200', dues, 'expression-type'],
    ['row.tier < yuan("200") ||', dues, 'expression-syntax'],
    ['row.teir < yuan("200")', dues, 'expression-type'],
    ['find("teirs", row.tier).subsidy', dues, 'expression-type'],
    ['find("tiers", row.year).subsidy', dues, 'expression-type'],
    ['find("tiers", row.tier, row.tier).subsidy', dues, 'expression-type'],
    ['find("tiers", row.tier).bonus', dues, 'expression-type'],
    ['find(row.name, row.tier).subsidy', dues, 'expression-type'],
    ['done("nothing")', plain, 'expression-type'],
    ['within(today, "nowhere")', plain, 'expression-type'],
    ['row.tier == yuan("300")', plain, 'expression-type'],
    ['held >= yuan("1")', plain, 'expression-type'],
    ['paidRate >= 96', { kind: 'figures' }, 'expression-type'],
    ['paidRate >= yuan("96")', { kind: 'figures' }, 'expression-type'],
    ['param.nothing == 1', plain, 'expression-type'],
    ['1.5 > 1.0', plain, 'expression-forbidden'],
    ['double(row.age) > 1.0', dues, 'expression-forbidden'],
    ['timestamp("2020-01-01T00:00:00Z") == timestamp("2020-01-01T00:00:00Z")', plain, 'expression-forbidden'],
    ['duration("1h") == duration("1h")', plain, 'expression-forbidden'],
    ['dyn(row.tier) < 3', dues, 'expression-forbidden'],
    ['row.name.matches("(a+)+$")', dues, 'expression-forbidden'],
    ['row["tier"] == yuan("1")', dues, 'expression-forbidden'],
    ['{"a": 1}.size() == 1', plain, 'expression-syntax'],
    ['b"x" == b"x"', plain, 'expression-forbidden'],
    ['yuan("12,5") == yuan("1")', plain, 'expression-forbidden'],
    ['date("2020-02-30") == today', plain, 'expression-forbidden'],
    ['percent("x") == percent("1")', plain, 'expression-forbidden'],
    ['yuan(row.name) == yuan("1")', dues, 'expression-forbidden'],
  ] as const)('refused: %s', (source, place, code) => {
    expect(checkExpression(source, place, definition)[0]?.code).toBe(code);
    expect(() => compileExpression(source, place, definition)).toThrow(expect.objectContaining({ code }));
  });

  test('the place of the mistake and the known names are told', () => {
    expect(checkExpression('row.year == 2020 && row.teir < yuan("200")', dues, definition)).toMatchObject([
      { at: 24, name: 'teir', known: expect.arrayContaining(['tier', 'governmentPaid']) },
    ]);
    expect(checkExpression('paidRat >= 96%', { kind: 'figures' }, definition)).toMatchObject([
      { at: 0, name: 'paidRat', known: expect.arrayContaining(['paidRate']) },
    ]);
    expect(checkExpression('paidRate >= 96% && paidRat >= 1', { kind: 'figures' }, definition)).toMatchObject([{ at: 19 }]);
  });

  test('the wrong kind of result is told', () => {
    expect(checkExpression('row.tier', dues, definition, ['bool'])).toMatchObject([{ code: 'expression-result' }]);
    expect(checkExpression('row.tier', dues, definition, ['Money', 'int'])).toEqual([]);
  });

  test('nesting without end is refused', () => {
    expect(checkExpression(`${'('.repeat(5000)}1${')'.repeat(5000)} == 1`, plain, definition)[0]?.code).toBe('expression-syntax');
    expect(checkExpression(Array.from({ length: 2000 }, () => 'true').join(' && '), plain, definition)[0]?.code).toBe('expression-syntax');
  });
});

describe('what people write in a condition on figures', () => {
  test.each([
    ['paidRate >= 96%', 'paidRate >= percent("96")'],
    ['paidRate>=97.5%', 'paidRate>=percent("97.5")'],
    ['perCapita >= 260 yuan', 'perCapita >= yuan("260")'],
    ['incomeBalance = 0 yuan', 'incomeBalance == yuan("0")'],
    ['recoveryNew = 0', 'recoveryNew == 0'],
    ['a != 1 && b <= 2 && c == 3', 'a != 1 && b <= 2 && c == 3'],
    ['paidRate >= percent("96")', 'paidRate >= percent("96")'],
    ['n % 5 == 0', 'n % 5 == 0'],
    ['10 % n == 0', '10 % n == 0'],
    ['unit.name == "96% = 1 yuan"', 'unit.name == "96% = 1 yuan"'],
  ])('%s', (written, rewritten) => {
    expect(rewriteFigures(written).text).toBe(rewritten);
    expect(rewriteFigures(rewritten).text).toBe(rewritten);
  });
});

describe('evaluation', () => {
  test('money is exact and comes back as fen', () => {
    expect(value('row.tier - yuan("0.01")', dues, { row: { tier: 30000 } })).toBe(29999);
    expect(value('find("tiers", row.tier).subsidy', dues, { row: { tier: 50000 } })).toBe(6000);
  });
  test('days, months and ages', () => {
    expect(value('within(today, "collection")')).toBe(true);
    expect(value('within(today, "catchUp")')).toBe(false);
    expect(value('monthBefore(period)')).toBe('2020-04');
    expect(value('addMonths(date("2019-08-31"), 6)')).toBe('2020-02-29');
    expect(value('daysBetween(date("2020-03-02"), today)')).toBe(69);
    expect(value('end("collection")')).toBe('2020-05-25');
    expect(value('within(today, "collection")', plain, { phase: () => ({ start: parseDate('2020-06-01'), end: null }) })).toBe(false);
  });
  test('a day that has not been is compared with null before it is used', () => {
    const died = 'row.diedOn != null && row.month > monthOf(row.diedOn)';
    expect(value(died, recipients, { row: { diedOn: null, month: '2020-05' } })).toBe(false);
    expect(value(died, recipients, { row: { diedOn: '2020-04-30', month: '2020-05' } })).toBe(true);
    expect(value(died, recipients, { row: { diedOn: '2020-05-01', month: '2020-05' } })).toBe(false);
    expect(() => value('row.diedOn < today', recipients, { row: { diedOn: null } })).toThrow(
      expect.objectContaining({ code: 'expression-failed' }),
    );
  });
  test('facts of the process', () => {
    expect(value('done("material")', plain, { done: (id) => id === 'material' })).toBe(true);
    expect(value('met("byMay25")', plain, { met: () => false })).toBe(false);
    expect(() => value('done("material")')).toThrow(expect.objectContaining({ code: 'expression-failed' }));
  });
  test('sums, shares and money per head compare exactly', () => {
    const figures = { paid: 24272, paidSum: fen(26000), cadreShare: 0, paidRate: rate(24272, 25284), amountRate: rate(1, 2), shareDone: 0 };
    expect(value('paidRate >= 96%', { kind: 'figures' }, { figures })).toBe(false);
    expect(value('paidSum >= 260 yuan && shareDone = 0', { kind: 'figures' }, { figures })).toBe(true);
    expect(value('held >= yuan("10000")', { kind: 'held' }, { held: fen(999_999) })).toBe(false);
    expect(value('held >= yuan("10000")', { kind: 'held' }, { held: fen(1_000_000) })).toBe(true);
  });
  test('a missing or mistyped column is named, not taken for nothing', () => {
    expect(() => value('row.arrived', dues, { row: {} })).toThrow(
      expect.objectContaining({ code: 'row-column-missing', params: { name: 'arrived' } }),
    );
    expect(() => value('row.tier > yuan("1")', dues, { row: { tier: '300' } })).toThrow(
      expect.objectContaining({ code: 'row-column-type' }),
    );
    expect(() => value('row.tier > yuan("1")', dues, { row: { tier: 0.5 } })).toThrow(expect.objectContaining({ code: 'row-column-type' }));
    expect(() => value('row.born < today', { kind: 'row', over: 'people' }, { row: { born: '1960-02-30' } })).toThrow(
      expect.objectContaining({ code: 'row-column-type' }),
    );
  });
  test('a gap of a table cannot be hidden by && or ||', () => {
    const hidden = { row: { tier: 20000, groups: ['registeredPoor'] } };
    expect(() => value('find("tiers", row.tier).hardshipOnly && size(row.groups) == 0', dues, hidden)).toThrow(
      expect.objectContaining({ code: 'table-gap' }),
    );
    expect(() => value('size(row.groups) > 0 || find("tiers", row.tier).hardshipOnly', dues, hidden)).not.toThrow();
  });
  test('the branch not taken is not looked up', () => {
    expect(value('row.tier == yuan("200") ? yuan("0") : find("tiers", row.tier).subsidy', dues, { row: { tier: 20000 } })).toBe(0);
  });
  test('the same text at the same place is compiled once', () => {
    expect(compileExpression('row.arrived', dues, definition)).toBe(compileExpression('row.arrived', dues, definition));
  });
});

describe('amounts', () => {
  const withAmounts = (values: Readonly<Record<string, string>>): Definition => ({
    ...definition,
    amounts: Object.fromEntries(
      Object.entries(values).map(([id, text]) => [id, { id, title: id, clause: [], readings: [], over: 'dues' as const, value: text }]),
    ),
  });
  test('use each other in any order', () => {
    const own = withAmounts({
      total: 'row.base + row.extra',
      extra: 'row.heads * 2 > 3 ? yuan("30") : yuan("0")',
      heads: 'size(row.groups)',
      base: 'row.tier',
    });
    expect(amountsOver(own, 'dues')).toEqual(['base', 'heads', 'extra', 'total']);
    expect(expressionType('row.heads', dues, own)).toBe('int');
    expect(
      evaluateAmount('total', { ...scope({ row: { tier: 20000, groups: ['a', 'b'] } }), setting: { ...setting, definition: own } }),
    ).toBe(23000);
  });
  test('in a circle are refused with the chain', () => {
    const circle = withAmounts({ a: 'row.b', b: 'row.c + row.tier', c: 'row.a' });
    expect(() => amountsOver(circle, 'dues')).toThrow(
      expect.objectContaining({ code: 'amount-circle', params: { chain: 'a -> b -> c -> a' } }),
    );
    expect(checkExpression('row.tier > yuan("1")', dues, circle)).toMatchObject([{ en: expect.stringContaining('a -> b -> c -> a') }]);
  });
  test('do not count a group that was entered too late for them', () => {
    const late = scope({
      row: { tier: 30000, groups: ['registeredPoor'] },
      groupsFor: (amount) => (amount === 'governmentPaid' ? [] : ['registeredPoor']),
    });
    expect(evaluateAmount('governmentPaid', late)).toBe(0);
    expect(evaluateAmount('personPays', late)).toBe(30000);
    expect(evaluateAmount('governmentPaid', scope({ row: { tier: 30000, groups: ['registeredPoor'] } }))).toBe(10000);
  });
});

describe('what a unit may set', () => {
  test('is limited by the reach of the parameter', () => {
    expect(parameterReach('>= 200', 'money')).toBe('value >= yuan("200")');
    expect(parameterReach('= 3', 'count')).toBe('value == 3');
    expect(parameterReach('<= 97.5%', 'percent')).toBe('value <= percent("97.5")');
    expect(parameterReach('>= 2020-02-30', 'date')).toBeNull();
    expect(parameterReach('about 200', 'money')).toBeNull();
    const own = {
      ...definition,
      parameters: {
        ...definition.parameters,
        lowestTier: { ...found(definition.parameters['subsidy100'], 'subsidy100'), id: 'lowestTier' },
      },
    };
    const allowed = (amount: number) =>
      compileExpression(parameterReach('>= 200', 'money') ?? '', { kind: 'parameter', parameter: 'lowestTier' }, own).evaluate(
        scope({ value: amount }),
      );
    expect(allowed(15000)).toBe(false);
    expect(allowed(30000)).toBe(true);
  });
});
