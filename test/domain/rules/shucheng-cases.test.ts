import { describe, expect, test } from '@jest/globals';
import { parseDate } from '../../../domain/calendar/dates.js';
import { evaluateDate } from '../../../domain/calendar/evaluate.js';
import type { LocalDate } from '../../../domain/model/ids.js';
import { parseYuan } from '../../../domain/money/fen.js';
import { evaluateAmount } from '../../../domain/rules/amounts.js';
import { checkRules } from '../../../domain/rules/check-rules.js';
import { compileExpression } from '../../../domain/rules/expressions.js';
import { groupsForAmount, membershipOf, type GroupMember, type Identity } from '../../../domain/rules/groups.js';
import { aggregate, countRow, evaluateMeasure, evaluateReach, type Tally } from '../../../domain/rules/measures.js';
import type { Row } from '../../../domain/rules/values.js';
import { committedDefinition, found, settingOf } from '../../support/definitions.js';

const definition = committedDefinition('shucheng-2018');
/** The county's own subsidy table is not printed: 35 yuan at 200 is a test value of the worked cases. */
const tiers = [200, 400, 500, 1000].map((tier) => ({ tier: tier * 100, subsidy: tier === 200 ? 3500 : 6000 }));
const setting = settingOf(
  definition,
  2018,
  { lowestTier: 20000, thirdTier: 40000, countGovernmentPaid: true, publicityEnd: '2018-03-02' },
  { tiers },
);
const today = parseDate('2018-03-01');
const yuan = (amount: number): number => parseYuan(String(amount));

/** Nothing here hangs on other duties or facts: the cut-off is the end of a phase. */
const dates = { dueOf: () => null, doneOf: () => null, fact: () => null };
const identity = (group: string, row: Row = {}, enteredOn = '2018-02-10'): Identity => ({
  group,
  certifiedBy: found(definition.groups[group], group).by,
  enteredOn: parseDate(enteredOn),
  row: { liftedOn: null, ...row },
});
const couple = (row: Row): Identity => identity('onlyChildLossCouple', { furtherChild: false, ...row });
/** Born so that the wife is exactly this old on the cut-off day, 28 February 2018. */
const wife = (age: number): Row => ({ wifeBorn: `${2018 - age}-02-28` });

const amountOf = (amount: string, members: readonly GroupMember[], row: Row = {}): number =>
  evaluateAmount(amount, {
    setting,
    unit: null,
    today,
    row: { tier: yuan(200), arrived: false, groups: members.map(({ group }) => group), ...row },
    groupsFor: (id) => groupsForAmount(members, id),
  });
const membersOf = (identities: readonly Identity[]) => membershipOf(setting, identities, today, dates).members;

describe('floor of the tiers', () => {
  const declare = (row: Row, day: LocalDate = today) => {
    const { denied, marked } = checkRules('declare', { setting, unit: null, today: day, row });
    return [denied.map(({ rule }) => rule), marked.map(({ rule }) => rule)];
  };
  test.each([
    ['C-T30', { tier: yuan(200), year: 2018 }, []],
    ['C-T31', { tier: yuan(100), year: 2018 }, ['countyFloor']],
    ['C-T32', { tier: yuan(100), year: 2018, groups: ['minimumAllowance'] }, ['countyFloor']],
    ['C-T33', { tier: yuan(100), year: 2015 }, ['countyFloor']],
    // Somebody who turns 60 pays arrears of an earlier year (the claim itself is of part 3).
    ['C-Q09', { tier: yuan(100), year: 2016, age: 60 }, ['countyFloor']],
    ['C-T34', { tier: yuan(200), year: 2015 }, []],
  ] as const)('%s', (_, row, denied) => {
    expect(declare(row)[0]).toEqual(denied);
  });

  test('C-T36 a township raises its floor to 300: 200 is legal, accepted and flagged', () => {
    const raised = settingOf(definition, 2018, { lowestTier: 30000 });
    const { denied, marked } = checkRules('declare', { setting: raised, unit: null, today, row: { tier: yuan(200) } });
    expect(denied).toEqual([]);
    expect(marked).toMatchObject([{ rule: 'townFloor', clause: ['S1-17'] }]);
  });

  test('C-T37 a township may set its floor upwards only', () => {
    const reach = found(definition.parameters['lowestTier']?.reach, 'reach of lowestTier');
    const allows = (tier: number) =>
      compileExpression(reach, { kind: 'parameter', parameter: 'lowestTier' }, definition).evaluate({
        setting,
        unit: null,
        today,
        value: tier,
      });
    expect([allows(yuan(300)), allows(yuan(200)), allows(yuan(150))]).toEqual([true, true, false]);
  });
});

describe('government-paid contributions', () => {
  test.each([
    ['C-G01', [identity('registeredPoor')], 200],
    ['C-G02', [identity('registeredPoor', { liftedOn: '2017-11-15' })], 0],
    ['C-G03', [identity('registeredPoor', { liftedOn: '2018-03-20' })], 200],
    ['C-G04', [identity('minimumAllowance', {}, '2018-02-28')], 200],
    ['C-G05', [identity('minimumAllowance', {}, '2018-03-01')], 0],
    ['C-G06', [identity('specialHardship', {}, '2018-01-20')], 200],
    ['C-G07', [identity('severelyDisabled', { grade: 1 })], 200],
    ['C-G08', [identity('severelyDisabled', { grade: 2 })], 200],
    ['C-G09', [identity('severelyDisabled', { grade: 3 })], 0],
    ['C-G10', [identity('surgeryComplication', { grade: 1 })], 500],
    ['C-G11', [identity('surgeryComplication', { grade: 3 })], 500],
    ['C-G12', [identity('surgeryComplication', { grade: 4 })], 0],
    ['C-G13', [couple({ childGrade: 1, ...wife(49) })], 1000],
    ['C-G14', [couple({ childGrade: 1, ...wife(48) })], 0],
    ['C-G15', [couple({ childGrade: 3, ...wife(52) })], 1000],
    ['C-G16', [couple({ childGrade: 4, ...wife(52) })], 0],
    ['C-G17', [couple({ childGrade: 1, furtherChild: true, ...wife(50) })], 0],
    ['C-G18', [identity('minimumAllowance'), identity('severelyDisabled', { grade: 1 })], 200],
    ['C-G19', [identity('minimumAllowance'), identity('surgeryComplication', { grade: 2 })], 500],
    ['C-G20', [identity('surgeryComplication', { grade: 2 }), couple({ childGrade: 1, ...wife(50) })], 1000],
    ['C-G21', [], 0],
    ['C-G22', [identity('oneChildParent')], 0],
  ] as const)('%s', (_, identities, paid) => {
    expect(amountOf('governmentPaid', membersOf(identities))).toBe(yuan(paid));
  });

  test('the wife turns 49 one day after the cut-off: not yet', () => {
    expect(amountOf('governmentPaid', membersOf([couple({ childGrade: 1, wifeBorn: '1969-03-01' })]))).toBe(0);
  });

  test.each([
    ['C-G23', 3500],
    ['C-G24', 3500],
  ])('%s a one-child-certificate parent who pays 200 gets the subsidy of the tier and 30 more', (_, subsidy) => {
    expect(amountOf('subsidy', membersOf([identity('oneChildParent')]), { arrived: true })).toBe(subsidy + yuan(30));
  });

  test('C-G25 who does not pay gets no extra subsidy', () => {
    const members = membersOf([identity('oneChildParent')]);
    expect(amountOf('extraSubsidy', members)).toBe(0);
    expect(amountOf('extraSubsidy', members, { arrived: true })).toBe(yuan(30));
  });

  test('C-G26 government-paid at 200 with a one-child certificate: both apply', () => {
    const members = membersOf([identity('minimumAllowance'), identity('oneChildParent')]);
    expect([amountOf('governmentPaid', members), amountOf('subsidy', members)]).toEqual([yuan(200), yuan(65)]);
  });

  test('C-G27 the county pays for 100 low-income, 20 surgery and 10 persons of only-child-loss couples', () => {
    const each = (count: number, member: Identity): number => count * amountOf('governmentPaid', membersOf([member]));
    const cost =
      each(100, identity('minimumAllowance')) +
      each(20, identity('surgeryComplication', { grade: 2 })) +
      each(10, couple({ childGrade: 1, ...wife(50) }));
    expect(cost).toBe(yuan(40_000));
  });

  test('entered after the cut-off the payment of the year is lost, the 30 yuan are not', () => {
    const late = membersOf([identity('minimumAllowance', {}, '2018-03-01'), identity('oneChildParent', {}, '2018-03-01')]);
    expect([amountOf('governmentPaid', late), amountOf('extraSubsidy', late, { arrived: true })]).toEqual([0, yuan(30)]);
  });

  test('a row that says which of its groups came late is computed alike, also where one amount names another', () => {
    const row = { groups: ['minimumAllowance', 'oneChildParent'], tier: yuan(200), arrived: false, deposited: 0, amount: yuan(200) };
    const counted = (lateGroups: readonly string[]) => {
      const scope = { setting, unit: null, today, row: { ...row, lateGroups } };
      return [evaluateAmount('governmentPaid', scope), evaluateAmount('subsidy', scope), countRow('ready', scope)];
    };
    expect(counted([])).toEqual([yuan(200), yuan(65), 1]);
    expect(counted(['oneChildParent'])).toEqual([yuan(200), yuan(65), 1]);
    expect(counted(['minimumAllowance'])).toEqual([0, 0, 0]);
  });

  test('a township enters only what a department has certified', () => {
    const verdict = (certified: boolean) => checkRules('enterIdentity', { setting, unit: null, today, row: { certified } }).denied;
    expect(verdict(true)).toEqual([]);
    expect(verdict(false)).toMatchObject([{ rule: 'certifiedOnly', clause: ['S1-24', 'S1-32'] }]);
  });
});

describe('the milestones of 31 March and 30 June', () => {
  const judged = (milestone: 'ninety' | 'full', tally: Tally) => {
    const judge = found(definition.milestones[milestone], milestone);
    return evaluateReach(setting, judge, tally, { unit: null, today });
  };
  test.each([
    ['C-P01', 10_000, 8_999, 'missed'],
    ['C-P02', 10_000, 9_000, 'met'],
    ['C-P03', 10_000, 9_001, 'met'],
    ['C-P04', 7_333, 6_599, 'missed'],
    ['C-P05', 7_333, 6_600, 'met'],
  ] as const)('%s of %i payers %i are ready on 31 March', (_, task, ready, result) => {
    expect(judged('ninety', { ready, 'task.payers': task })).toBe(result);
  });
  test.each([
    ['C-P06', 9_999, 'missed'],
    ['C-P07', 10_000, 'met'],
    ['C-P08', 10_200, 'met'],
  ] as const)('%s of 10,000 payers %i have paid by 30 June', (_, arrived, result) => {
    expect(judged('full', { arrived, 'task.payers': 10_000 })).toBe(result);
  });

  test('C-P09 what is reached on 1 April came too late: the milestone is judged on 31 March', () => {
    const due = evaluateDate(found(definition.milestones['ninety'], 'ninety').due, { ...dates, setting, unit: null });
    expect(due).toMatchObject({ date: '2018-03-31' });
  });

  test.each([
    ['money has arrived', { arrived: true }, [1, 1]],
    ['the government pays', { groups: ['minimumAllowance'] }, [1, 1]],
    ['enough is deposited', { deposited: yuan(200) }, [1, 0]],
    ['a fen is missing', { deposited: yuan(200) - 1 }, [0, 0]],
  ] as const)('who counts when %s (A-25)', (_, row, expected) => {
    const scope = {
      setting,
      unit: null,
      today,
      row: { groups: [], arrived: false, deposited: 0, amount: yuan(200), tier: yuan(200), ...row },
    };
    expect([countRow('ready', scope), countRow('arrived', scope)]).toEqual(expected);
  });
});

describe('per-capita and third tier', () => {
  type Payers = readonly (readonly [tier: number, heads: number, government?: true])[];
  /** One row of each kind counted with the definition's own expressions, times the heads. */
  const tallyOf = (payers: Payers, of = setting): Tally =>
    aggregate(
      payers.map(([tier, heads, government]) => {
        const row = { tier: yuan(tier), arrived: government !== true, groups: government === true ? ['minimumAllowance'] : [] };
        const counted = ['payers', 'paidSum', 'highTier'].map((id) => [id, heads * countRow(id, { setting: of, unit: null, today, row })]);
        return Object.fromEntries(counted) as Tally;
      }),
    );
  const bulletin = (tally: Tally) => [
    evaluateMeasure(definition, 'perCapita', tally).shown,
    evaluateMeasure(definition, 'highTierShare', tally).shown,
    ...(['perCapita260', 'highTier30'] as const).map((id) =>
      evaluateReach(setting, found(definition.milestones[id], id), tally, { unit: null, today }),
    ),
  ];
  const ordinary: Payers = [
    [200, 530],
    [400, 370],
  ];
  test.each<[string, Payers, readonly string[]]>([
    [
      'C-I01',
      [
        [200, 700],
        [400, 300],
      ],
      ['260.00', '30.00%', 'met', 'met'],
    ],
    [
      'C-I02',
      [
        [200, 700],
        [300, 300],
      ],
      ['230.00', '0.00%', 'missed', 'missed'],
    ],
    [
      'C-I03',
      [
        [200, 800],
        [500, 200],
      ],
      ['260.00', '20.00%', 'met', 'missed'],
    ],
    [
      'C-I04',
      [
        [200, 950],
        [1000, 50],
      ],
      ['240.00', '5.00%', 'missed', 'missed'],
    ],
    [
      'C-I05',
      [
        [200, 690],
        [300, 10],
        [400, 200],
        [500, 100],
      ],
      ['271.00', '30.00%', 'met', 'met'],
    ],
    [
      'C-I06',
      [
        [200, 7001],
        [400, 2999],
      ],
      ['259.98', '29.99%', 'missed', 'missed'],
    ],
    [
      'C-I07',
      [
        [200, 600],
        [300, 95],
        [400, 305],
      ],
      ['270.50', '30.50%', 'met', 'met'],
    ],
    ['C-I08', [[1000, 1]], ['1000.00', '100.00%', 'met', 'met']],
    ['C-I09', [[200, 0]], ['—', '—', 'open', 'open']],
    ['C-I10', [[200, 100, true], ...ordinary], ['274.00', '37.00%', 'met', 'met']],
  ])('%s', (_, payers, expected) => {
    expect(bulletin(tallyOf(payers))).toEqual(expected);
  });

  test('C-I11 a county may leave the government-paid out', () => {
    const without = settingOf(definition, 2018, { thirdTier: 40000, countGovernmentPaid: false }, { tiers });
    expect(bulletin(tallyOf([[200, 100, true], ...ordinary], without))).toEqual(['282.22', '41.11%', 'met', 'met']);
  });

  test('C-I12 the county is weighted, not the mean of the townships', () => {
    const [a, b] = [
      tallyOf([
        [200, 700],
        [400, 300],
      ]),
      tallyOf([
        [200, 700],
        [300, 300],
      ]),
    ];
    expect(bulletin(aggregate([a, b]))).toEqual(['245.00', '15.00%', 'missed', 'missed']);
  });
});
