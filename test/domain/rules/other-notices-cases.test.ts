import { describe, expect, test } from '@jest/globals';
import { parseDate } from '../../../domain/calendar/dates.js';
import type { Definition, Rule } from '../../../domain/model/definition.js';
import { parseYuan } from '../../../domain/money/fen.js';
import { checkRules } from '../../../domain/rules/check-rules.js';
import { aggregate, countRow, evaluateMeasure, evaluateReach, type Tally } from '../../../domain/rules/measures.js';
import type { Row } from '../../../domain/rules/values.js';
import { committedDefinition, found, settingOf } from '../../support/definitions.js';

/** Rules and figures of other notices laid over a committed definition: only what these cases ask is replaced. */
const base = committedDefinition('lingcheng-2020');
const rule = (id: string, guards: string, deny: string | null, mark: string | null, clause: string): Rule => ({
  id,
  title: id,
  clause: [clause],
  readings: [],
  guards,
  deny,
  mark,
});
const settingWith = (own: Partial<Definition>, year: number, parameters = {}) =>
  settingOf({ ...base, amounts: {}, counts: {}, measures: {}, rules: {}, ...own }, year, parameters);
const today = parseDate('2019-11-01');

describe('who may join (three-year campaign of 2019)', () => {
  const deny = 'row.insurance == "pension" && (row.age < 16 || row.student || row.inOtherScheme || !row.householdHere)';
  const setting = settingWith({ rules: { pensionScope: rule('pensionScope', 'enrol', deny, null, 'S3-16') } }, 2019);
  test.each([
    ['C-E01', { age: 15 }, false],
    ['C-E02', { age: 16 }, true],
    ['C-E03', { age: 16, student: true }, false],
    ['C-E04', { age: 30, inOtherScheme: true }, false],
    ['C-E05', { age: 45 }, true],
  ] as const)('%s', (_, person, eligible) => {
    const row: Row = { insurance: 'pension', student: false, inOtherScheme: false, householdHere: true, ...person };
    expect(checkRules('enrol', { setting, unit: null, today, row }).denied.map(({ rule: id, clause }) => [id, ...clause])).toEqual(
      eligible ? [] : [['pensionScope', 'S3-16']],
    );
  });
});

describe('newborns within six months', () => {
  const setting = settingWith(
    {
      rules: {
        sixMonths: rule('sixMonths', 'enrol', 'row.insurance == "medical" && row.age < 1 && today > addMonths(row.born, 6)', null, 'S3-22'),
        parentInsured: rule(
          'parentInsured',
          'enrol',
          'row.insurance == "medical" && row.age < 1 && row.parentsInsured == 0',
          null,
          'S3-22',
        ),
      },
    },
    2019,
  );
  test.each([
    ['C-H17', '2019-05-31', '2019-11-30', 1, []],
    ['C-H18', '2019-05-31', '2019-12-01', 1, ['sixMonths']],
    ['C-H19', '2019-08-31', '2020-02-29', 1, []],
    ['C-H20', '2019-08-31', '2020-03-01', 1, ['sixMonths']],
    ['C-H21', '2019-10-01', '2019-11-01', 0, ['parentInsured']],
    ['C-H22', '2019-10-01', '2019-11-01', 2, []],
  ] as const)('%s born %s, enrolling %s, %i parents insured', (_, born, day, parentsInsured, expected) => {
    const row: Row = { insurance: 'medical', age: 0, born, parentsInsured };
    expect(checkRules('enrol', { setting, unit: null, today: parseDate(day), row }).denied.map(({ rule: id }) => id)).toEqual(expected);
  });
});

describe('a mark accepts and flags', () => {
  const setting = settingWith(
    {
      parameters: {
        lowestTier: {
          id: 'lowestTier',
          title: '',
          clause: [],
          readings: [],
          type: 'money',
          value: 20000,
          per: 'town',
          reach: '>= 200',
          codes: {},
        },
      },
      rules: {
        countyFloor: rule('countyFloor', 'declare', 'row.tier < yuan("200")', null, 'S1-15'),
        townFloor: rule('townFloor', 'declare', null, 'row.tier < param.lowestTier', 'S1-17'),
      },
    },
    2018,
    { lowestTier: 30000 },
  );
  const declare = (tier: number) => {
    const { denied, marked } = checkRules('declare', { setting, unit: null, today, row: { tier: parseYuan(String(tier)) } });
    return [denied.map((hit) => hit.rule), marked.map((hit) => hit.rule)];
  };
  test('C-T36 200 yuan below the township floor of 300 is accepted and flagged', () => {
    expect(declare(200)).toEqual([[], ['townFloor']]);
    expect(declare(300)).toEqual([[], []]);
  });
  test('C-T31 100 yuan is refused', () => {
    expect(declare(100)).toEqual([['countyFloor'], ['townFloor']]);
  });
});

describe('per-capita and third tier', () => {
  const element = (id: string) => ({ id, title: id, clause: [], readings: [] });
  const figures = (counted: string): Partial<Definition> => ({
    counts: {
      payers: { ...element('payers'), over: 'dues', if: counted, value: null },
      paidSum: { ...element('paidSum'), over: 'dues', if: counted, value: 'row.tier' },
      thirdTier: { ...element('thirdTier'), over: 'dues', if: `(${counted}) && row.tier >= yuan("400")`, value: null },
    },
    measures: {
      perCapita: { ...element('perCapita'), part: 'paidSum', whole: 'payers', per: null, show: 'yuan' },
      highTierShare: { ...element('highTierShare'), part: 'thirdTier', whole: 'payers', per: null, show: 'percent' },
    },
  });
  const withGovernment = settingWith(figures('row.arrived || row.item == "government"'), 2018);
  const withoutGovernment = settingWith(figures('row.arrived && row.item != "government"'), 2018);
  type Payers = readonly (readonly [tier: number, heads: number, item?: string])[];

  /** Counts one row of each kind with the real expressions and multiplies by the heads. */
  const tallyOf = (setting: typeof withGovernment, payers: Payers): Tally =>
    aggregate(
      payers.map(([tier, heads, item = 'contribution']) =>
        Object.fromEntries(
          ['payers', 'paidSum', 'thirdTier'].map((id) => [
            id,
            heads * countRow(id, { setting, unit: null, today, row: { tier: tier * 100, arrived: true, item } }),
          ]),
        ),
      ),
    );
  const bulletin = (tally: Tally, setting = withGovernment) => {
    const { definition } = setting;
    const reach = (text: string) =>
      evaluateReach(setting, { ...found(base.milestones['byJune30'], 'byJune30'), reach: text, empty: 'open' }, tally, {
        unit: null,
        today,
      });
    return [
      evaluateMeasure(definition, 'perCapita', tally).shown,
      evaluateMeasure(definition, 'highTierShare', tally).shown,
      reach('perCapita >= 260 yuan'),
      reach('highTierShare >= 30%'),
    ];
  };

  test.each([
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
    [
      'C-I10',
      [
        [200, 100, 'government'],
        [200, 530],
        [400, 370],
      ],
      ['274.00', '37.00%', 'met', 'met'],
    ],
  ] as const)('%s', (_, payers, expected) => {
    expect(bulletin(tallyOf(withGovernment, payers))).toEqual(expected);
  });

  test('C-I11 without the government-paid', () => {
    const payers: Payers = [
      [200, 100, 'government'],
      [200, 530],
      [400, 370],
    ];
    expect(bulletin(tallyOf(withoutGovernment, payers), withoutGovernment)).toEqual(['282.22', '41.11%', 'met', 'met']);
  });

  test('C-I12 the county is weighted, not the mean of the townships', () => {
    const a = tallyOf(withGovernment, [
      [200, 700],
      [400, 300],
    ]);
    const b = tallyOf(withGovernment, [
      [200, 700],
      [300, 300],
    ]);
    expect(bulletin(aggregate([a, b]))).toEqual(['245.00', '15.00%', 'missed', 'missed']);
  });
});
