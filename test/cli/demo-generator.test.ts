import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chineseNumber, inventedName } from '../../cli/demo/names.js';
import { payDays } from '../../cli/demo/pace.js';
import { inventPayers, type Village } from '../../cli/demo/payers.js';
import { Random } from '../../cli/demo/random.js';
import { checkResidentId } from '../../domain/people/resident-id.js';

const INVENTED = { areaCode: '700077', bornFrom: '1961-01-01', bornTo: '2003-12-31' };
const villages: readonly Village[] = [
  { name: '东村', payers: 17, yuan: 5100 },
  { name: '西村', payers: 127, yuan: 38100 },
  { name: '北村', payers: 203, yuan: 60900 },
];
const seeds = fc.string({ minLength: 0, maxLength: 12 });
const RUNS = { numRuns: 60, seed: 20200525 };

describe('invented payers', () => {
  test('whatever the seed: every village has the payers and the yuan its row prints, and no ID number comes twice', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const payers = inventPayers(villages, INVENTED, seed);
        for (const village of villages) {
          const own = payers.filter((payer) => payer.village === village.name);
          expect(own).toHaveLength(village.payers);
          expect(own.reduce((sum, payer) => sum + payer.yuan, 0)).toBe(village.yuan);
        }
        expect(new Set(payers.map((payer) => payer.idNumber)).size).toBe(payers.length);
      }),
      RUNS,
    );
  });

  test('whatever the seed: every ID number is valid, of the unassigned area, with a birthday inside the limits', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { idNumber } of inventPayers(villages, INVENTED, seed)) {
          expect(checkResidentId(idNumber).ok).toBe(true);
          expect(idNumber.startsWith(INVENTED.areaCode)).toBe(true);
          expect(idNumber.slice(6, 14) >= '19610101' && idNumber.slice(6, 14) <= '20031231').toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('more payers than there are birthdays still have numbers of their own', () => {
    const short = { ...INVENTED, bornFrom: '2000-02-28', bornTo: '2000-03-01' };
    const payers = inventPayers([{ name: '东村', payers: 290, yuan: 87000 }], short, 's');
    expect(new Set(payers.map((payer) => payer.idNumber)).size).toBe(290);
  });

  test('a row whose yuan are no whole sum for each payer is refused with its village', () => {
    expect(() => inventPayers([{ name: '东村', payers: 3, yuan: 100 }], INVENTED, 's')).toThrow(/东村/);
  });

  test('the same seed invents the same people, another seed others', () => {
    expect(inventPayers(villages, INVENTED, 'a')).toEqual(inventPayers(villages, INVENTED, 'a'));
    expect(inventPayers(villages, INVENTED, 'a')).not.toEqual(inventPayers(villages, INVENTED, 'b'));
  });
});

describe('the pace of paying', () => {
  const arrivals = [
    { on: '2020-05-06', paidInAll: 60 },
    { on: '2020-05-25', paidInAll: 333 },
    { on: '2020-05-28', paidInAll: 334 },
  ];

  test('whatever the seed: each day ends with exactly the total of the story, and nobody pays twice', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const days = payDays(inventPayers(villages, INVENTED, seed), arrivals, seed);
        const paid: string[] = [];
        for (const { on, paidInAll } of arrivals) {
          paid.push(...(days.get(on) ?? []).map((payer) => payer.idNumber));
          expect(paid).toHaveLength(paidInAll);
        }
        expect(new Set(paid).size).toBe(paid.length);
      }),
      RUNS,
    );
  });

  test('a total that falls or exceeds the payers is refused with its day', () => {
    const payers = inventPayers(villages, INVENTED, 's');
    expect(() => payDays(payers, [{ on: '2020-05-06', paidInAll: 348 }], 's')).toThrow(/2020-05-06/);
    expect(() =>
      payDays(
        payers,
        [
          { on: '2020-05-06', paidInAll: 5 },
          { on: '2020-05-07', paidInAll: 4 },
        ],
        's',
      ),
    ).toThrow(/2020-05-07/);
  });
});

describe('names nobody has', () => {
  test.each([
    [1, '一'],
    [10, '十'],
    [11, '十一'],
    [20, '二十'],
    [103, '一百零三'],
    [110, '一百一十'],
    [1001, '一千零一'],
    [1010, '一千零一十'],
    [9999, '九千九百九十九'],
  ])('%i is %s', (n, text) => expect(chineseNumber(n)).toBe(text));

  test('the first 1,071 of a village differ', () => {
    expect(new Set(Array.from({ length: 1071 }, (_, n) => inventedName(n))).size).toBe(1071);
    expect(inventedName(1020)).toBe('甲一百零三');
  });
});

test('shuffling keeps every thing once', () => {
  fc.assert(
    fc.property(seeds, fc.array(fc.integer(), { maxLength: 40 }), (seed, things) => {
      expect(new Random(seed, 'x').shuffled(things).sort((a, b) => a - b)).toEqual([...things].sort((a, b) => a - b));
    }),
    RUNS,
  );
});
