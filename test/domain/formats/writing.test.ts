import { describe, expect, test } from '@jest/globals';
import { charsetOf } from '../../../activities/files/charset.js';
import { layoutOf, type Layout } from '../../../domain/formats/layout.js';
import { tellFormatProblem } from '../../../domain/formats/problem.js';
import { FormatWriter, FormatWriteError } from '../../../domain/formats/write.js';
import type { FileRow } from '../../../domain/formats/columns.js';
import type { LocalDate } from '../../../domain/model/ids.js';
import { bank, countyWith, layoutFrom, writeWhole } from './given.js';

const request = layoutOf(bank('bank-return-fixed'), 'bankRequest');
const header = { batch: 'PC2018030001', madeOn: '2018-03-10' };
const person = (n: number, more: FileRow = {}): FileRow => ({
  line: n,
  account: `62284800000000${10_000 + n}`,
  name: '张三',
  amount: 20_000,
  ...more,
});

const refused = (layout: Layout, rows: readonly FileRow[], given: FileRow = header): readonly string[] => {
  const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
  writer.check(rows);
  try {
    writer.begin({ header: given, trailer: {} });
  } catch (error) {
    if (!(error instanceof FormatWriteError)) throw error;
    return error.problems.map(({ code, line, column }) => `${code} ${line ?? '-'} ${column}`);
  }
  return [];
};

test('a request: figures of the controls filled in, every line of its width, the same bytes each time', () => {
  const rows = [person(1), person(2, { name: '欧阳翠花', amount: 1 })];
  const bytes = writeWhole(request, rows, { header });
  const lines = bytes.toString('latin1').split('\r\n');
  expect(lines.slice(0, -1).map((line) => line.length)).toEqual([82, 82, 82, 82]);
  expect(lines[0]).toBe(`1PC20180300012018031000000002000000000200.01${' '.repeat(38)}`);
  expect(lines[3]).toBe(`900000002000000000200.01${' '.repeat(58)}`);
  expect(writeWhole(request, rows, { header }).equals(bytes)).toBe(true);
});

describe('rows written ahead of the beginning', () => {
  const rows = [person(1), person(2, { name: '欧阳翠花', amount: 1 }), person(3)];
  const ahead = () => new FormatWriter(request, charsetOf('GBK'));

  test('give the bytes that checking first gives', () => {
    const writer = ahead();
    const body = [writer.rows(rows.slice(0, 2)), writer.rows(rows.slice(2))];
    const head = writer.begin({ header, trailer: {} });
    expect(Buffer.concat([head, ...body, writer.end()]).equals(writeWhole(request, rows, { header }))).toBe(true);
  });

  test('one that cannot be written is noted with its row, refuses the beginning and leaves nothing to hand over', () => {
    const writer = ahead();
    writer.rows([person(1)]);
    expect(writer.rows([person(2), person(3, { name: '王\u{2cb4e}' })])).toHaveLength(0);
    expect(writer.found.problems.map(({ line, column }) => [line, column])).toEqual([[3, 'name']]);
    expect(() => writer.begin({ header, trailer: {} })).toThrow(FormatWriteError);
  });

  test('nothing follows the figures that state them, and what was checked is not written ahead', () => {
    const begun = ahead();
    begun.rows(rows);
    begun.begin({ header, trailer: {} });
    expect(() => begun.rows([person(4)])).toThrow('the beginning stands between other rows');
    const checked = ahead();
    checked.check(rows);
    expect(() => checked.rows(rows)).toThrow('the beginning stands between other rows');
    const written = ahead();
    written.rows(rows);
    expect(() => written.check(rows)).toThrow('these rows were written already');
  });
});

test('the name of the file: day and number, three digits and no more', () => {
  const writer = new FormatWriter(request, charsetOf('GBK'));
  writer.begin({ header, trailer: {} });
  expect(writer.fileName('2018-03-10' as LocalDate, 7)).toBe('QQ20180310007.dat');
  expect(writer.fileName('2018-03-10' as LocalDate, 1000)).toBeNull();
  expect(writer.fileName(null, 1)).toBeNull();
});

describe('what cannot be written is told before anything leaves', () => {
  test('a name that the charset cannot hold: person, character, code point', () => {
    const writer = new FormatWriter(request, charsetOf('GBK'));
    writer.check([person(1), person(2, { name: '王\u{2cb4e}' }), person(3, { name: '㛃' })]);
    expect(writer.found.problems.map(({ line, column }) => [line, column])).toEqual([
      [2, 'name'],
      [3, 'name'],
    ]);
    const [first] = writer.found.problems;
    expect(first && tellFormatProblem(first).zh).toBe('GBK写不下字符“\u{2cb4e} U+2CB4E”');
    expect(() => writer.begin({ header, trailer: {} })).toThrow(FormatWriteError);
  });

  test.each<[string, FileRow, string]>([
    ['too wide in bytes, though not in characters', { name: '买'.repeat(21) }, 'too-wide 1 name'],
    ['an amount too wide', { amount: 100_000_000_000 }, 'too-wide 1 amount'],
    ['an amount below zero', { amount: -1 }, 'negative-amount 1 amount'],
    ['half a fen', { amount: 0.5 }, 'wrong-type 1 amount'],
    ['no name', { name: null }, 'missing-value 1 name'],
    ['an empty name', { name: '' }, 'missing-value 1 name'],
    ['a line break in a name', { name: '张\n三' }, 'control-character 1 name'],
    ['a blank that would be lost', { name: '张三 ' }, 'edge-fill 1 name'],
    ['a number where text belongs', { account: 6_228_480 }, 'wrong-type 1 account'],
  ])('%s', (_, more, expected) => expect(refused(request, [person(1, more)])).toEqual([expected]));

  test('a header without its day, a day that is none', () => {
    expect(refused(request, [person(1)], { batch: 'PC1' })).toEqual(['missing-value - madeOn']);
    expect(refused(request, [person(1)], { batch: 'PC1', madeOn: '2018-02-30' })).toEqual(['wrong-type - madeOn']);
  });

  test('the beginning of a longer separator at the end of a text: quoted, or refused without quotes', () => {
    const columns = 'separator: "@|@"\ncharset: UTF-8\ndetail:\n  - { id: name, type: text }\n  - { id: note, type: text }';
    expect(refused(layoutFrom(columns), [{ name: '@|', note: 'x' }])).toEqual(['holds-separator 1 name']);
    expect(refused(layoutFrom(columns), [{ name: '|@', note: 'x' }])).toEqual([]);
    const quoted = layoutFrom(`quotes: '"'\n${columns}`);
    expect(writeWhole(quoted, [{ name: '@|', note: 'x' }]).toString()).toBe('"@|"@|@x\r\n');
    expect(writeWhole(quoted, [{ name: '|@', note: 'x' }]).toString()).toBe('|@@|@x\r\n');
  });

  test('the separator in a text without quotes', () => {
    const layout = layoutFrom('charset: GBK\nseparator: "|"\ndetail: [{ id: name, type: text }]');
    expect(refused(layout, [{ name: 'a|b' }])).toEqual(['holds-separator 1 name']);
    expect(refused(layout, [{ name: '鄚' }])).toEqual([]);
  });

  test('rows other than those that were checked', () => {
    const writer = new FormatWriter(request, charsetOf('GBK'));
    writer.check([person(1), person(2)]);
    writer.begin({ header, trailer: {} });
    writer.rows([person(1)]);
    expect(() => writer.end()).toThrow('not the rows that were checked');
  });

  test('a parameter that is not set, a table of codes that is not loaded', () => {
    const open = countyWith(
      'parameters:\n  agency: { type: text, title: 单位编号, clause: ours }\nformats:\n  f: { charset: GBK, separator: ",", detail: [{ id: agency, value: $agency }, { id: line, type: count }], clause: ours }',
    );
    expect(() => layoutOf(open, 'f')).toThrow("parameter 'agency' is not set");
    expect(() => layoutOf({ ...bank('bank-return-fixed'), tables: {} }, 'bankReturn')).toThrow("table of codes 'bankCodes' is not loaded");
    expect(() => layoutOf(open, 'g')).toThrow("unknown format 'g'");
  });
});
