import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { addDays, addMonths, firstOfMonth, monthOf, parseDate, parseMonth } from '../../../domain/calendar/dates.js';
import { evaluateDate } from '../../../domain/calendar/evaluate.js';
import { parseDateExpr } from '../../../domain/calendar/date-expr.js';
import type { LocalDate } from '../../../domain/model/ids.js';
import type { TableRow } from '../../../domain/model/setting.js';
import { formatYuan, parseYuan } from '../../../domain/money/fen.js';
import { compareRate, neededFor, percent, rate } from '../../../domain/money/rate.js';
import { ageForMonth } from '../../../domain/people/resident-id.js';
import { evaluateAmount } from '../../../domain/rules/amounts.js';
import { checkRules, type RuleVerdict } from '../../../domain/rules/check-rules.js';
import { groupsForAmount, membershipOf, type Identity } from '../../../domain/rules/groups.js';
import { aggregate, aggregateUnder, countRow, evaluateDoneIf, evaluateMeasure, evaluateReach } from '../../../domain/rules/measures.js';
import { runTable } from '../../../domain/rules/tables.js';
import type { Row } from '../../../domain/rules/values.js';
import { committedDefinition, found, settingOf, unit } from '../../support/definitions.js';

const definition = committedDefinition('lingcheng-2020');
const villages: readonly (TableRow & { unit: string; payers: number; amount: number })[] = readFileSync(
  'definitions/campaigns/lingcheng-2020-villages.csv',
  'utf8',
)
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => line.split(','))
  .map(([, village = '', payers = '', amount = '']) => ({ unit: village, payers: Number(payers), amount: parseYuan(amount) }));
const setting = settingOf(definition, 2020, { subsidy100: 0 }, { villages });
const today = parseDate('2020-05-10');
const yuan = (text: string | number): number => parseYuan(String(text));
const scopeOf = (row: Row, day: LocalDate = today) => ({ setting, unit: null, today: day, row });
const never = { dueOf: () => null, doneOf: () => null, fact: () => null };
const rulesHit = (verdict: RuleVerdict): readonly string[] => verdict.denied.map(({ rule }) => rule);

const claim = (group: string, row: Row = {}): Identity => ({ group, certifiedBy: 'certifier', enteredOn: today, row });
const groupsOf = (...identities: readonly Identity[]): readonly string[] =>
  membershipOf(setting, identities, today, never).members.map(({ group }) => group);
const declare = (tier: number, groups: readonly string[] = [], yearSum = tier): RuleVerdict =>
  checkRules('declare', scopeOf({ tier: yuan(tier), groups, yearSum: yuan(yearSum) }));

describe('tiers', () => {
  test.each([
    ['C-T01', 300],
    ['C-T02', 500],
    ['C-T03', 600],
    ['C-T04', 800],
    ['C-T05', 1000],
    ['C-T06', 1500],
    ['C-T07', 2000],
    ['C-T08', 2500],
    ['C-T09', 3000],
    ['C-T10', 4000],
    ['C-T11', 5000],
  ] as const)('%s an ordinary payer may choose %i yuan', (_, tier) => {
    expect(declare(tier)).toEqual({ denied: [], marked: [] });
  });

  test('C-T12 100 yuan is for the hardship groups only', () => {
    const [hit, ...others] = declare(100).denied;
    expect(others).toEqual([]);
    expect(hit).toMatchObject({ rule: 'tierOpen', title: '100元档仅限六类困难群体', detail: null });
    expect(hit?.clause).toContain('S4-18');
  });

  test.each([
    ['C-T13', claim('severelyDisabled', { grade: 2 })],
    ['C-T14', claim('minimumAllowance')],
    ['C-T15', claim('fiveGuarantees')],
    ['C-T16', claim('threeWithouts', { noLivelihood: true, noAbility: true, noSupporter: true })],
    ['C-T17', claim('entitledGroup')],
    ['C-T18', claim('registeredPoor')],
  ])('%s a certified member may stay at 100 yuan', (_, identity) => {
    const groups = groupsOf(identity);
    expect(groups).toEqual([identity.group]);
    expect(rulesHit(declare(100, groups))).toEqual([]);
  });

  test('C-T19 disability grade 3 is not severe: 100 yuan is refused', () => {
    const { members, refused } = membershipOf(setting, [claim('severelyDisabled', { grade: 3 })], today, never);
    expect(members).toEqual([]);
    expect(refused).toMatchObject([{ group: 'severelyDisabled', code: 'condition-not-met' }]);
    expect(rulesHit(declare(100, []))).toEqual(['tierOpen']);
  });

  test.each([
    ['C-T20', 0],
    ['C-T21', 99],
    ['C-T22', 200],
    ['C-T23', 400],
    ['C-T24', 700],
    ['C-T25', 5001],
    ['C-T26', 6000],
  ])('%s %i yuan is not a tier', (_, tier) => {
    const hit = declare(tier).denied.find(({ rule }) => rule === 'tierOpen');
    expect(hit?.detail).toMatchObject({ code: 'table-gap' });
    expect(rulesHit(declare(tier, ['registeredPoor']))).toContain('tierOpen');
  });

  test('C-T27 a registered poor person may choose 300 yuan', () => {
    expect(rulesHit(declare(300, groupsOf(claim('registeredPoor'))))).toEqual([]);
  });

  test('C-T28 3,000 booked and 2,500 declared break the yearly cap', () => {
    expect(rulesHit(declare(2500, [], 5500))).toEqual(['yearlyCap']);
  });

  test('C-T29 3,000 booked and 2,000 more reach the cap and are accepted', () => {
    expect(rulesHit(declare(2000, [], 5000))).toEqual([]);
  });

  test('a group is certified by its office only', () => {
    const { members, refused } = membershipOf(setting, [{ ...claim('registeredPoor'), certifiedBy: 'townHr' }], today, never);
    expect(members).toEqual([]);
    expect(refused).toMatchObject([{ code: 'not-certified' }]);
    expect(() => groupsOf(claim('rich'))).toThrow(expect.objectContaining({ code: 'unknown-group' }));
  });
});

describe('who may join', () => {
  const person = { student: false, inEmployeeScheme: false };
  const roster = (row: Row): readonly string[] => rulesHit(checkRules('roster', scopeOf({ ...person, ...row })));
  const enrol = (row: Row): readonly string[] => rulesHit(checkRules('enrol', scopeOf({ ...person, ...row })));

  test.each([
    ['C-E06', { age: 15 }, ['mayStayOut'], []],
    ['C-E07', { age: 16 }, [], []],
    ['C-E08', { age: 20, student: true }, ['mayStayOut'], []],
    ['C-E09', { age: 30, inEmployeeScheme: true }, [], ['scope']],
    ['C-E10', { age: 59 }, [], []],
  ] as const)('%s', (_, row, notListed, notEnrolled) => {
    expect(roster(row)).toEqual(notListed);
    expect(enrol(row)).toEqual(notEnrolled);
  });
});

describe('subsidy and account credit', () => {
  const credit = (tier: number, groups: readonly string[] = []) => {
    const scope = scopeOf({ tier: yuan(tier), groups });
    return Object.fromEntries(
      ['governmentPaid', 'personPays', 'subsidy', 'accountCredit'].map((amount) => [amount, evaluateAmount(amount, scope) / 100]),
    );
  };

  test.each([
    ['C-S01', 100, 0, 100],
    ['C-S02', 300, 30, 330],
    ['C-S03', 500, 60, 560],
    ['C-S04', 600, 60, 660],
    ['C-S05', 800, 80, 880],
    ['C-S06', 1000, 80, 1080],
    ['C-S07', 1500, 80, 1580],
    ['C-S08', 2000, 80, 2080],
    ['C-S09', 2500, 80, 2580],
    ['C-S10', 3000, 80, 3080],
    ['C-S11', 4000, 80, 4080],
    ['C-S12', 5000, 80, 5080],
  ])('%s tier %i: subsidy %i, credit %i', (_, tier, subsidy, accountCredit) => {
    expect(credit(tier)).toMatchObject({ subsidy, accountCredit, governmentPaid: 0, personPays: tier });
  });

  test('C-S13 a hardship person at 100 pays nothing', () => {
    expect(credit(100, ['registeredPoor'])).toEqual({ governmentPaid: 100, personPays: 0, subsidy: 0, accountCredit: 100 });
  });

  test('C-S14 a hardship person at 500 pays 400', () => {
    expect(credit(500, ['minimumAllowance', 'registeredPoor'])).toEqual({
      governmentPaid: 100,
      personPays: 400,
      subsidy: 60,
      accountCredit: 560,
    });
  });

  test('C-S15 the whole town at 300', () => {
    const town = definition.tables.villages?.totals['payers'] ?? 0;
    expect(['personPays', 'subsidy'].map((amount) => town * (credit(300)[amount] ?? 0))).toEqual([7_585_200, 758_520]);
  });

  test('the subsidy of the 100 tier is asked for as long as the county has not set it', () => {
    const unset = settingOf(definition, 2020, {}, { villages });
    expect(() => evaluateAmount('subsidy', { setting: unset, unit: null, today, row: { tier: yuan(100), groups: [] } })).toThrow(
      expect.objectContaining({ code: 'parameter-unset', params: { parameter: 'subsidy100' } }),
    );
    expect(evaluateAmount('subsidy', { setting: unset, unit: null, today, row: { tier: yuan(300), groups: [] } })).toBe(yuan(30));
  });
});

describe('monthly basic pension', () => {
  const benefit = (age: number, years: number, month = '2020-06'): number =>
    evaluateAmount('monthlyBenefit', scopeOf({ age, years, month })) / 100;
  const byBirthday = (born: string, years: number, month: string): number =>
    benefit(ageForMonth(parseDate(born), parseMonth(month)), years, month);

  test.each([
    ['C-B01', 59, 30, 0], ['C-B02', 60, 0, 118], ['C-B03', 60, 15, 118], ['C-B04', 60, 16, 138], ['C-B05', 60, 19, 138], ['C-B06', 60, 20, 148],
    ['C-B07', 60, 24, 148], ['C-B08', 60, 25, 158], ['C-B09', 60, 40, 158], ['C-B10', 64, 15, 118], ['C-B11', 64, 25, 158], ['C-B12', 65, 0, 123],
    ['C-B13', 65, 16, 143], ['C-B14', 65, 20, 153], ['C-B15', 65, 25, 163], ['C-B16', 70, 0, 123], ['C-B17', 74, 0, 123], ['C-B18', 74, 19, 143],
    ['C-B19', 74, 24, 153], ['C-B20', 74, 30, 163], ['C-B21', 75, 0, 128], ['C-B22', 75, 16, 148], ['C-B23', 75, 20, 158], ['C-B24', 75, 25, 168],
    ['C-B25', 80, 10, 128], ['C-B26', 90, 25, 168],
  ] as const)('%s age %i, %i years: %i', (_, age, years, expected) => {
    expect(benefit(age, years)).toBe(expected);
  }); // prettier-ignore

  test.each([
    ['C-M01', '1960-05-10', 15, '2020-05', 0],
    ['C-M02', '1960-05-10', 15, '2020-06', 118],
    ['C-M03', '1960-05-31', 16, '2020-06', 138],
    ['C-M04', '1960-06-01', 16, '2020-06', 0],
    ['C-M05', '1960-06-01', 16, '2020-07', 138],
    ['C-M06', '1955-06-15', 0, '2020-06', 118],
    ['C-M07', '1955-06-15', 0, '2020-07', 123],
    ['C-M08', '1955-06-15', 20, '2020-07', 153],
    ['C-M09', '1945-12-31', 0, '2020-12', 123],
    ['C-M10', '1945-12-31', 0, '2021-01', 128],
    ['C-M11', '1945-12-31', 25, '2021-01', 168],
    ['C-M12', '1960-02-29', 16, '2020-02', 0],
    ['C-M13', '1960-02-29', 16, '2020-03', 138],
    ['C-M14', '1948-02-29', 0, '2023-02', 123],
    ['C-M15', '1948-02-29', 0, '2023-03', 128],
  ] as const)('%s born %s, %i years, month %s: %i', (_, born, years, month, expected) => {
    expect(byBirthday(born, years, month)).toBe(expected);
  });

  test('C-M16 born 1955-06-15, 20 years: the twelve months of 2020', () => {
    const months = Array.from({ length: 12 }, (_, i) => monthOf(addMonths(parseDate('2020-01-01'), i)));
    expect(months.reduce((sum, month) => sum + byBirthday('1955-06-15', 20, month), 0)).toBe(1806);
  });

  test('C-M17 the next adjustment of the lowest standard is due by 2023-01-01', () => {
    const due = definition.duties['adjustPension']?.due;
    expect(due && evaluateDate(due, { setting, unit: null, ...never })).toMatchObject({ date: '2023-01-01' });
  });

  test('a month before the first printed amount is refused, not guessed', () => {
    expect(() => benefit(70, 0, '2017-12')).toThrow(expect.objectContaining({ code: 'table-gap' }));
    expect(addDays(firstOfMonth(parseMonth('2020-06')), -1)).toBe('2020-05-31');
  });
});

describe('funeral grant', () => {
  const grant = (recipient: boolean, died: string, accepted: string): number => {
    const days = (Date.parse(accepted) - Date.parse(died)) / 86_400_000;
    const result = runTable(setting, 'funeralGrant', [recipient, days]);
    return result.kind === 'rows' ? Number(result.rows[0].outputs['yuan']) / 100 : -1;
  };

  test.each([
    ['C-F01', '2020-03-02', '2020-03-02', 600],
    ['C-F02', '2020-03-02', '2020-03-31', 600],
    ['C-F03', '2020-03-02', '2020-04-01', 600],
    ['C-F04', '2020-03-02', '2020-04-02', 0],
    ['C-F05', '2020-01-31', '2020-03-01', 600],
    ['C-F06', '2020-01-31', '2020-03-02', 0],
    ['C-F07', '2019-01-31', '2019-03-02', 600],
    ['C-F08', '2019-01-31', '2019-03-03', 0],
    ['C-F09', '2020-12-15', '2021-01-14', 600],
    ['C-F10', '2020-12-15', '2021-01-15', 0],
    ['C-F11', '2020-05-15', '2020-06-14', 600],
    ['C-F12', '2020-05-15', '2020-06-15', 0],
  ] as const)('%s died %s, accepted %s: %i', (_, died, accepted, expected) => {
    expect(grant(true, died, accepted)).toBe(expected);
  });

  test('C-F13 with the option on, the last day moves past the weekend', () => {
    const parsed = parseDateExpr('fact(diedOn) +30d', { roll: { parameter: 'grantRoll' } });
    const lastDay = (roll: string) =>
      parsed.ok &&
      evaluateDate(parsed.expr, {
        setting: settingOf(definition, 2020, { grantRoll: roll }),
        unit: null,
        ...never,
        fact: () => parseDate('2020-05-15'),
      });
    expect(lastDay('none')).toMatchObject({ date: '2020-06-14' });
    expect(lastDay('after')).toMatchObject({ date: '2020-06-15' });
  });

  test('C-F14 no grant for a participant who draws no pension', () => {
    expect(grant(false, '2020-03-02', '2020-03-10')).toBe(0);
  });
});

describe('the village table', () => {
  const sum = (column: 'payers' | 'amount'): number => villages.reduce((total, row) => total + row[column], 0);
  const needed = (village: string): number => neededFor(percent('96'), villages.find((row) => row.unit === village)?.payers ?? 0);

  test('C-V01 has 51 rows', () => {
    expect(villages).toHaveLength(51);
    expect(new Set(villages.map((row) => row.unit)).size).toBe(51);
  });
  test('C-V02 sums to 25,284 payers, as its total row says', () => {
    expect(sum('payers')).toBe(25284);
    expect(definition.tables['villages']?.totals).toEqual({ payers: 25284, amount: 758_520_000 });
  });
  test('C-V03 sums to 7,585,200 yuan', () => {
    expect(sum('amount')).toBe(yuan('7585200'));
  });
  test('C-V04 has the factor 300 in every row', () => {
    expect(villages.filter((row) => row.amount !== row.payers * yuan(300))).toEqual([]);
  });
  test('C-V05 names the five largest units', () => {
    const largest = [...villages].sort((a, b) => b.payers - a.payers).slice(0, 5);
    expect(largest.map((row) => [row.unit, row.payers])).toEqual([
      ['西程', 1071],
      ['章枣', 994],
      ['中疃', 944],
      ['东宫', 936],
      ['红庙', 818],
    ]);
  });
  test('C-V06 names the two smallest', () => {
    const smallest = [...villages].sort((a, b) => a.payers - b.payers).slice(0, 2);
    expect(smallest.map((row) => [row.unit, row.payers])).toEqual([
      ['城镇', 17],
      ['郑庄', 127],
    ]);
  });
  test('C-V07 西程 needs 1,029 payers for 96%', () => {
    expect(needed('西程')).toBe(1029);
  });
  test('C-V08 城镇 needs all 17', () => {
    expect(needed('城镇')).toBe(17);
  });
  test('C-V09 郑庄 needs 122', () => {
    expect(needed('郑庄')).toBe(122);
  });
  test('C-V10 rounded shares must not be added up: 24,303 instead of 24,273', () => {
    expect(villages.reduce((total, row) => total + neededFor(percent('96'), row.payers), 0)).toBe(24303);
    expect(neededFor(percent('96'), 25284)).toBe(24273);
  });
});

describe('rates of the town', () => {
  const target = { 'villages.payers': 25284, 'villages.amount': yuan('7585200') };
  const milestone = found(definition.milestones['byJune30'], 'byJune30');
  const at = { unit: null, today };

  test('C-K15 the amount rate is shown beside the rate of payers and decides nothing', () => {
    const tally = { ...target, paid: 24000, paidSum: yuan('8000000') };
    expect(evaluateMeasure(definition, 'amountRate', tally).shown).toBe('105.47%');
    expect(evaluateMeasure(definition, 'paidRate', tally).shown).toBe('94.92%');
    expect(evaluateReach(setting, milestone, tally, at)).toBe('missed');
  });

  test('C-K16 24,272 payers show 96.00% and miss 96%', () => {
    expect(evaluateMeasure(definition, 'paidRate', { ...target, paid: 24272 })).toMatchObject({
      part: 24272,
      whole: 25284,
      shown: '96.00%',
    });
    expect(evaluateReach(setting, milestone, { ...target, paid: 24272 }, at)).toBe('missed');
    expect(evaluateReach(setting, milestone, { ...target, paid: 24273 }, at)).toBe('met');
  });

  test('C-K17 24,270 payers show 95.99%', () => {
    expect(evaluateMeasure(definition, 'paidRate', { ...target, paid: 24270 }).shown).toBe('95.99%');
  });

  test('without a target there is no rate and the milestone stays open', () => {
    expect(evaluateMeasure(definition, 'paidRate', { paid: 24270 })).toMatchObject({ value: null, shown: '—', whole: 0 });
    expect(evaluateReach(setting, milestone, { paid: 24270 }, at)).toBe('open');
    expect(evaluateReach(setting, { ...milestone, empty: 'met' }, { paid: 0, 'villages.payers': 0 }, at)).toBe('met');
  });

  test('the town is the sum of its villages, never a mean of their rates', () => {
    const tallies = villages.map(({ payers, amount }, i) => ({
      paid: i % 2 === 0 ? payers : 0,
      'villages.payers': payers,
      'villages.amount': amount,
    }));
    const { value, part, whole } = evaluateMeasure(definition, 'paidRate', aggregate(tallies));
    expect(whole).toBe(25284);
    expect(part).toBe(villages.filter((_, i) => i % 2 === 0).reduce((total, { payers }) => total + payers, 0));
    expect(value !== null && typeof value === 'object' && compareRate(value, rate(part, 25284))).toBe(0);
  });

  test('a unit has the figures of all units below it and of no other', () => {
    const units = [unit('u1', 'town', null), unit('u2', 'area', 'u1'), unit('u3', 'unit', 'u2'), unit('u4', 'unit', 'u1')];
    const tree = settingOf(definition, 2020, {}, {}, units);
    const tallies = { u3: { paid: 3, 'villages.payers': 5 }, u4: { paid: 4, 'villages.payers': 5 } };
    const under = (i: number) => aggregateUnder(tree, found(units[i], 'unit').id, tallies);
    expect(under(0)).toEqual({ paid: 7, 'villages.payers': 10 });
    expect(under(1)).toEqual({ paid: 3, 'villages.payers': 5 });
    expect(under(3)).toEqual({ paid: 4, 'villages.payers': 5 });
  });

  test('a duty is done by the fact itself, not before there is a target', () => {
    const done = (tally: Readonly<Record<string, number>>) =>
      evaluateDoneIf(setting, definition.duties['collectTask']?.doneIf ?? '', tally, at);
    expect(done({ paid: 16, 'villages.payers': 17 })).toBe(false);
    expect(done({ paid: 17, 'villages.payers': 17 })).toBe(true);
    expect(done({ paid: 17 })).toBe(false);
  });

  test('a person paid for by the government counts as a payer', () => {
    const row = { arrived: false, groups: ['registeredPoor'] };
    expect(countRow('paid', scopeOf(row))).toBe(1);
    expect(countRow('paid', scopeOf({ arrived: false, groups: [] }))).toBe(0);
    expect(countRow('paidSum', scopeOf({ arrived: true, amount: yuan(300) }))).toBe(yuan(300));
    expect(countRow('paidSum', scopeOf({ arrived: false, amount: yuan(300) }))).toBe(0);
  });
});

describe('points', () => {
  const points = (first: string, second: string, last: string): number | 'person' => {
    const result = runTable(setting, 'points', [first, second, last]);
    return result.kind === 'rows' ? Number(result.rows[0].outputs['points']) : 'person';
  };
  test('10, 8, 0, or a person decides', () => {
    expect(points('met', 'met', 'met')).toBe(10);
    expect(points('missed', 'met', 'met')).toBe(8);
    expect(points('missed', 'missed', 'missed')).toBe(0);
    expect(points('missed', 'missed', 'met')).toBe('person');
    expect(points('missed', 'missed', 'open')).toBe('person');
  });
});

test('late entry takes away only the amounts named', () => {
  const members = [
    { group: 'a', enteredOn: today, late: true, loses: ['governmentPaid'] },
    { group: 'b', enteredOn: today, late: false, loses: [] },
  ];
  expect(groupsForAmount(members, 'governmentPaid')).toEqual(['b']);
  expect(groupsForAmount(members, 'subsidy')).toEqual(['a', 'b']);
  expect(formatYuan(parseYuan('30'))).toBe('30.00');
});
