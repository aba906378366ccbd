import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FileRow } from '../../../domain/formats/columns.js';
import { layoutOf, type Layout } from '../../../domain/formats/layout.js';
import { bank, readWhole, told, writeWhole } from './given.js';
import { definitionOf, settingOf } from '../../support/definitions.js';

const RUNS = process.env['DUBAN_LONG'] === '1' ? 10_000 : 300;

/** Characters whose second byte in GBK is `|` (0x7C), a backslash, a brace or a tilde, beside common ones. */
const tricky = '鄚饇瓅墊歕磡誠昞昤乗俓儅僜';
const common = '张王李赵买买提欧阳春晓翠花国建';
const rare = '㛃\u{2cb4e}\u{20000}龴';

const words = (alphabet: string, edges: boolean): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...alphabet, 'a', 'Z', '7', '0', ' ', '·', '-'), { minLength: 1, maxLength: 9 })
    .map((characters) => characters.join(''))
    .filter((text) => edges || text.trim() === text)
    .filter((text) => text !== '');

const amount = fc.integer({ min: 0, max: 9_999_999 });
const day = fc.constantFrom('2018-03-15', '2020-02-29', '1999-12-31');

const rowsOf = (row: fc.Arbitrary<FileRow>): fc.Arbitrary<readonly FileRow[]> =>
  fc.array(row, { maxLength: 12 }).map((rows) => rows.map((one, i) => ({ ...one, line: i + 1 })));

const returnRow = (alphabet: string, edges: boolean): fc.Arbitrary<FileRow> =>
  fc.record({
    line: fc.constant(0),
    account: fc.stringMatching(/^[1-9][0-9]{11,18}$/),
    name: words(alphabet, edges),
    amount,
    code: fc.constantFrom('0000', '1001', '1002', '9999'),
    takenOn: fc.option(day, { nil: null }),
  });

const thirdRow: fc.Arbitrary<FileRow> = fc.record({
  line: fc.constant(0),
  name: words(`${common}${tricky}${rare}"@|`, true),
  due: fc.constant(9_999_999),
  taken: fc.option(amount, { nil: null }),
  result: fc.constantFrom('OK', 'E1', 'E2', 'E9', 'ZZ'),
  note: fc.option(words(`${common}"`, true), { nil: null }),
});

const county = settingOf(definitionOf('third-format.yaml', 'test/definitions'), 2022);
const layouts: readonly (readonly [string, Layout, fc.Arbitrary<readonly FileRow[]>, FileRow])[] = [
  [
    'delimited, GB18030',
    layoutOf(bank('bank-return-delimited'), 'bankReturn'),
    rowsOf(returnRow(common + tricky + rare, true)),
    { batch: 'PC1' },
  ],
  ['fixed width, GBK', layoutOf(bank('bank-return-fixed'), 'bankReturn'), rowsOf(returnRow(common + tricky, false)), { batch: 'PC1' }],
  ['the third, UTF-8 with quotes', layoutOf(county, 'postReturn'), rowsOf(thirdRow), { batch: 'B1', made: '2022-03-04' }],
];

describe.each(layouts)('%s', (_, layout, rows, header) => {
  test('what is written reads back with the same values, however it is cut into chunks', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 97 }), (given, chunk) => {
        const bytes = writeWhole(layout, given, { header });
        const whole = readWhole(layout, bytes, {}, chunk);
        expect(whole.read.map(({ row }) => row)).toEqual(given);
        expect(whole.problems.filter(({ code }) => code !== 'unmapped-code')).toEqual([]);
        expect(whole.totals.every(({ holds }) => holds === true)).toBe(true);
        expect(writeWhole(layout, given, { header }).equals(bytes)).toBe(true);
      }),
      { numRuns: RUNS, seed: Number(process.env['DUBAN_SEED'] ?? 20_181_121) },
    );
  });
});

test('the third format was written from the reference alone: its own words come out as its bank prints them', () => {
  const layout = layoutOf(county, 'postReturn');
  const bytes = writeWhole(
    layout,
    [
      { line: 1, name: '甲"@|@乙', due: 32_000, taken: 32_000, result: 'OK', note: null },
      { line: 2, name: '丙', due: 1250, taken: null, result: 'E2', note: '余额不足' },
    ],
    { header: { batch: 'B1', made: '2022-03-04' } },
  );
  expect(bytes.toString('utf8')).toBe(
    '\uFEFFB1@|@YZ07@|@2022-03-04@|@1@|@320\n1@|@"甲""@|@乙"@|@320@|@320@|@OK@|@@|@\n2@|@丙@|@12.5@|@-@|@E2@|@余额不足@|@\n',
  );
  expect(told(readWhole(layout, bytes, { name: 'R-YZ07-20220304-0001.csv' }))).toEqual([]);
  expect(told(readWhole(layout, bytes, { name: 'R-YZ08-20220304-0001.csv' }))).toEqual(['file-name -:- -']);
});
