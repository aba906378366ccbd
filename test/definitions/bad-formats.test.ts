import { describe, expect, test } from '@jest/globals';
import { told } from './bad-input.js';

/** A delimited format of one detail record; `words` are further keys, one a line. */
const format = (detail: string, words = ''): string =>
  `formats:\n  f:\n    clause: ours\n    charset: GBK\n    detail: [${detail}]\n${words}`;
const delimited = (detail: string, words = ''): string => format(detail, `    separator: "|"\n${words}`);
const records = (words: string): string => `formats:\n  f:\n    clause: ours\n    charset: GBK\n    separator: "|"\n${words}`;

describe('columns of a fixed-width format', () => {
  test('bytes that overlap, or leave a gap', () => {
    expect(told(format('{ id: one, type: text, bytes: 1-8 }, { id: two, type: text, bytes: 8-9 }'))).toEqual([
      'bytes-overlap 4:81 formats.f.detail[1].bytes',
    ]);
    expect(told(format('{ id: one, type: text, bytes: 1-8 }, { id: two, type: text, bytes: 11-12 }'), { withWords: true })).toEqual([
      'bytes-gap 4:81 formats.f.detail[1].bytes: bytes 9 to 10 before \'two\' belong to no column (a filler is a column with value: "")',
    ]);
    expect(told(format('{ id: one, type: text, bytes: 2-8 }'))).toEqual(['bytes-gap 4:44 formats.f.detail[0].bytes']);
  });

  test('no bytes, or bytes beside a separator', () => {
    expect(told(format('{ id: one, type: text }'))).toEqual(['bytes-needed 4:14 formats.f.detail[0]']);
    expect(told(delimited('{ id: one, type: text, bytes: 1-2 }'))).toEqual(['bytes-needed 4:37 formats.f.detail[0].bytes']);
  });

  test('bytes backwards', () => {
    expect(told(format('{ id: one, type: text, bytes: 8-1 }'), { withGuess: true })).toEqual([
      'bad-value 4:44 formats.f.detail[0].bytes 1-8',
    ]);
  });

  test('a fill that cannot be told from the value', () => {
    expect(told(format('{ id: one, type: count, bytes: 1-8, align: left }'))).toEqual(['bad-fill 4:57 formats.f.detail[0].align']);
    expect(told(format('{ id: one, type: count, bytes: 1-8, fill: "7" }'))).toEqual(['bad-fill 4:56 formats.f.detail[0].fill']);
  });

  test('a constant wider than its column', () => {
    expect(told(format('{ id: one, value: "HEAD", bytes: 1-3 }, { id: two, type: text, bytes: 4-9 }'))).toEqual([
      'value-unfit 4:32 formats.f.detail[0].value',
    ]);
  });

  test('quotes, or a fill in a delimited format', () => {
    expect(told(format('{ id: one, type: text, bytes: 1-2 }', "    quotes: '\"'"))).toEqual(['unknown-key 5:5 formats.f.quotes']);
    expect(told(delimited('{ id: one, type: count, fill: "0" }'))).toEqual(['unknown-key 4:38 formats.f.detail[0].fill']);
  });
});

describe('records', () => {
  test('a tag that two records share', () => {
    const words =
      '    header: [{ id: tag, value: "D" }, { id: lines, type: count }]\n    detail: [{ id: tag, value: "D" }, { id: line, type: count }]';
    expect(told(records(words))).toEqual(['tag-shared 6:32 formats.f.detail[0].value']);
  });

  test('a trailer that cannot be told from a detail line', () => {
    const words = '    detail: [{ id: line, type: count }]\n    trailer: [{ id: tag, value: "T" }, { id: lines, type: count }]';
    expect(told(records(words))).toEqual(['tag-missing 5:5 formats.f.detail']);
  });

  test('a tag that stands elsewhere', () => {
    const words =
      '    detail: [{ id: tag, value: "D" }, { id: line, type: count }]\n    trailer: [{ id: lines, type: count }, { id: tag, value: "T" }]';
    expect(told(records(words), { withWords: true })).toEqual([
      "tag-missing 6:5 formats.f.trailer: the tag of 'trailer' stands elsewhere than that of 'detail'",
    ]);
  });

  test('a column twice, a column without a type, a line number that is no number', () => {
    expect(told(delimited('{ id: one, type: text }, { id: one, type: fen }'))).toEqual(['column-twice 4:45 formats.f.detail[1].id']);
    expect(told(delimited('{ id: one }'))).toEqual(['missing-key 4:14 formats.f.detail[0]']);
    expect(told(delimited('{ id: line, type: text }'))).toEqual(['value-unfit 4:20 formats.f.detail[0].id']);
  });

  test('a tag without quotes is no number', () => {
    expect(told(delimited('{ id: tag, value: 01 }, { id: one, type: text }'), { withGuess: true })).toEqual([
      'wrong-type 4:32 formats.f.detail[0].value "01"',
    ]);
  });

  test('nothing that would be a figure', () => {
    expect(told(delimited('{ id: amount, type: fen, empty: "0" }'))).toEqual(['value-unfit 4:46 formats.f.detail[0].empty']);
  });
});

describe('totals, codes and names', () => {
  test('a total that names an unknown column, with the column of the mistake', () => {
    const total = (cel: string): string =>
      delimited(
        '{ id: line, type: count }, { id: amount, type: fen }',
        `    header: [{ id: lines, type: count }]\n    totals: { sum: '${cel}' }`,
      );
    expect(told(total('file.header.lines == file.count'))).toEqual([]);
    expect(told(total('file.header.lins == file.count'), { withGuess: true })).toEqual(['bad-expression 7:33 formats.f.totals.sum lines']);
    expect(told(total('file.sum("amuont") == yuan("0")'), { withWords: true })).toEqual([
      "bad-expression 7:30 formats.f.totals.sum: unknown column that can be added up 'amuont'; known: amount",
    ]);
    expect(told(total('file.header.lines == file.sum("amount")'))).toEqual([
      expect.stringMatching(/^bad-expression 7:\d+ formats\.f\.totals\.sum$/),
    ]);
    expect(told(total('file.trailer.lines == file.count'))).toEqual([
      expect.stringMatching(/^bad-expression 7:\d+ formats\.f\.totals\.sum$/),
    ]);
    expect(told(total('file.count'))).toEqual(['bad-expression 7:21 formats.f.totals.sum']);
  });

  test('an outcome that the printed table does not give', () => {
    const sections = `tables:\n  codes: { inputs: { code: text }, outputs: { outcome: text }, rows: [["00", arrived]], else: unknown, clause: ours }\n${delimited(
      '{ id: amount, type: fen }, { id: code, type: code }',
      `    codes: codes\n    totals: { sum: 'file.sum("amount", "arived") == yuan("0")' }`,
    )}`;
    expect(told(sections, { withWords: true })).toEqual([
      "bad-expression 9:40 formats.f.totals.sum: unknown outcome 'arived'; known: arrived, unknown",
    ]);
  });

  test('a code column without table, a table without code column, two code columns', () => {
    expect(told(delimited('{ id: code, type: code }'))).toEqual(['code-column 4:32 formats.f.detail[0].type']);
    const table = 'tables:\n  codes: { inputs: { code: text }, outputs: { outcome: text }, load: bureau, clause: ours }\n';
    expect(told(`${table}${delimited('{ id: line, type: count }', '    codes: codes')}`)).toEqual(['code-column 8:12 formats.f.codes']);
    expect(told(`${table}${delimited('{ id: one, type: code }, { id: two, type: code }', '    codes: codes')}`)).toEqual([
      'code-column 6:56 formats.f.detail[1].type',
    ]);
  });

  test('a table that gives no outcome, or another one for what it does not list', () => {
    const with_ = (table: string): string =>
      `tables:\n  codes: { ${table}, load: bureau, clause: ours }\n${delimited('{ id: code, type: code }', '    codes: codes')}`;
    expect(told(with_('inputs: { code: text }, outputs: { meaning: text }'))).toEqual(['codes-table 8:12 formats.f.codes']);
    expect(told(with_('inputs: { code: text }, outputs: { outcome: text }, else: arrived'))).toEqual(['codes-table 8:12 formats.f.codes']);
    expect(told(with_('inputs: { code: text, bank: text }, outputs: { outcome: text }'))).toEqual(['codes-table 8:12 formats.f.codes']);
    expect(told(delimited('{ id: code, type: code }', '    codes: cods'))).toEqual(['unknown-reference 6:12 formats.f.codes']);
  });

  test('a file name that cannot be written or read back', () => {
    const named = (name: string): readonly string[] =>
      told(
        delimited('{ id: line, type: count }', `    header: [{ id: batch, type: text }, { id: kind, type: text }]\n    file: "${name}"`),
        { withGuess: true },
      );
    expect(named('DK{yyyyMMdd}{seq:3}.txt')).toEqual([]);
    expect(named('DK{bach}.txt')).toEqual(['bad-pattern 7:15 formats.f.file batch']);
    expect(named('{batch}{kind}.txt')).toEqual(['bad-pattern 7:19 formats.f.file null']);
    expect(named('../{batch}.txt')).toEqual(['bad-pattern 7:12 formats.f.file null']);
  });

  test('an unknown charset, separators and quotes that are none, a mark that GBK does not have', () => {
    expect(told(delimited('{ id: line, type: count }').replace('GBK', 'gb2312'), { withGuess: true })).toEqual([
      'not-in-list 3:14 formats.f.charset null',
    ]);
    expect(told(delimited('{ id: line, type: count }').replace('GBK', 'GB-18030'), { withGuess: true })).toEqual([
      'not-in-list 3:14 formats.f.charset GB18030',
    ]);
    expect(told(delimited('{ id: line, type: count }').replace('"|"', '"0"'))).toEqual(['bad-separator 5:16 formats.f.separator']);
    expect(told(delimited('{ id: amount, type: money }').replace('"|"', '"."'))).toEqual(['bad-separator 5:16 formats.f.separator']);
    expect(told(delimited('{ id: line, type: count }', '    quotes: "x"'))).toEqual(['bad-separator 6:13 formats.f.quotes']);
    expect(told(delimited('{ id: line, type: count }', '    bom: true'))).toEqual(['value-unfit 6:10 formats.f.bom']);
  });
});
