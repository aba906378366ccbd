import { describe, expect, test } from '@jest/globals';
import { layoutOf } from '../../../domain/formats/layout.js';
import { FORMAT_PROBLEMS, tellFormatProblem } from '../../../domain/formats/problem.js';
import type { ReadOptions } from '../../../domain/formats/reading.js';
import { bank, layoutFrom, readWhole, returned, told, writeWhole } from './given.js';

const delimited = layoutOf(bank('bank-return-delimited'), 'bankReturn');
const fixed = layoutOf(bank('bank-return-fixed'), 'bankReturn');
const BATCH = 'PC2018030001';
const sound = writeWhole(delimited, returned(4).slice(0, 3), { header: { batch: BATCH } });
const soundFixed = writeWhole(fixed, returned(4).slice(0, 3), { header: { batch: BATCH } });

/** The sound file with a piece replaced; bytes are one character each. */
const with_ = (found: string, put: string, from: Buffer = sound): Buffer => {
  const text = from.toString('latin1');
  if (!text.includes(found)) throw new Error(`not in the file: ${found}`);
  return Buffer.from(text.replace(found, put), 'latin1');
};
const toldOf = (bytes: Uint8Array, options: ReadOptions = {}): readonly string[] => told(readWhole(delimited, bytes, options));
const toldFixed = (bytes: Uint8Array): readonly string[] => told(readWhole(fixed, bytes));

describe('a sound return file', () => {
  test.each([
    ['delimited', delimited, sound, 'HPPC2018030001_01.txt'],
    ['fixed width', fixed, soundFixed, 'HPPC201803000101.dat'],
  ] as const)('%s: lines, outcomes and totals, whatever the chunks', (_, layout, bytes, name) => {
    for (const chunk of [1, 7, 64, bytes.length]) {
      const whole = readWhole(layout, bytes, { name, batch: BATCH }, chunk);
      expect(told(whole)).toEqual([]);
      expect(whole.sound).toBe(true);
      expect(whole.read.map(({ row }) => row)).toEqual(returned(3));
      expect(whole.read.map(({ outcome }) => outcome)).toEqual(['arrived', 'arrived', 'short']);
      expect(whole.outcomes).toEqual({ arrived: { lines: 2, sums: { amount: 40_001 } }, short: { lines: 1, sums: { amount: 20_002 } } });
      expect(whole.totals.every(({ holds }) => holds === true)).toBe(true);
      expect(whole.batch).toBe(BATCH);
    }
  });

  test('each line says where it stands in the file', () => {
    for (const { offset, line } of readWhole(delimited, sound).read) {
      const text = sound.subarray(offset).toString('latin1');
      expect(text.startsWith(`D|${line - 1}|`)).toBe(true);
    }
  });

  test('an unlisted code is unknown, and told', () => {
    const bytes = with_('|1001|', '|7777|');
    const { outcomes, sound: good } = readWhole(delimited, bytes);
    expect(toldOf(bytes)).toEqual(['unmapped-code 4:- code']);
    expect(outcomes['unknown']?.lines).toBe(1);
    expect(good).toBe(true);
  });
});

describe('a file as a whole', () => {
  test('empty', () => expect(toldOf(Buffer.alloc(0))).toEqual(['empty-file -:- -']));

  test('cut within its last line, and before its trailer', () => {
    const trailer = sound.lastIndexOf('T|');
    expect(toldOf(sound.subarray(0, trailer - 6))).toEqual(expect.arrayContaining(['cut-short 4:- -', 'trailer-missing 4:- -']));
    expect(toldOf(sound.subarray(0, trailer))).toEqual([
      'trailer-missing 4:- -',
      'total-unstated -:- -',
      'total-unstated -:- -',
      'total-unstated -:- -',
    ]);
    expect(toldOf(sound.subarray(0, sound.length - 3))).toEqual(['wrong-sum -:- takenSum']);
    // The line end alone says nothing.
    expect(toldOf(sound.subarray(0, sound.length - 2))).toEqual([]);
  });

  test('a wrong count, a wrong sum: what is stated, what there is, and the difference', () => {
    const counted = readWhole(delimited, with_('H|PC2018030001|3|', 'H|PC2018030001|4|'));
    expect(told(counted)).toEqual(['wrong-count -:- lines']);
    expect(counted.problems[0]?.params).toEqual({
      total: 'lines',
      title: '总笔数',
      place: 'header',
      found: '4',
      expected: '3',
      difference: 1,
    });
    const summed = readWhole(delimited, with_('|40001', '|40002'));
    expect(told(summed)).toEqual(['wrong-sum -:- takenSum']);
    expect(summed.problems.map(tellFormatProblem)[0]?.en).toBe(
      "'成功金额': the trailer states 400.02 yuan, the lines add up to 400.01 yuan, difference 0.01 yuan",
    );
    // Header and trailer that state the same wrong figure are told once, with both places; different ones twice.
    const both = with_('H|PC2018030001|3|', 'H|PC2018030001|4|').toString('latin1');
    const twice = readWhole(delimited, Buffer.from(both.replace('T|3|', 'T|4|'), 'latin1'));
    expect(twice.problems.map((problem) => tellFormatProblem(problem).zh)).toEqual(['“总笔数”不符：表头、表尾写 4，实有 3，差 1']);
    expect(toldOf(Buffer.from(both.replace('T|3|', 'T|5|'), 'latin1'))).toEqual(['wrong-count -:- lines', 'wrong-count -:- lines']);
    expect(toldOf(with_('|20000|0000', '|20001|0000'))).toEqual(['wrong-sum -:- sum', 'wrong-sum -:- takenSum']);
  });

  test('a wrong trailer', () => {
    expect(toldOf(with_('T|3|2|40001', 'T|3|2'))).toEqual([
      'total-unstated -:- -',
      'total-unstated -:- -',
      'total-unstated -:- -',
      'too-few-columns 5:- -',
    ]);
    expect(toldOf(with_('T|3|2|', 'T|3|x|'))).toEqual(expect.arrayContaining(['not-a-count 5:5 taken']));
  });

  test('records out of place', () => {
    const [header = '', one = '', two = '', three = '', trailer = ''] = sound.toString('latin1').split('\r\n');
    const file = (...lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
    expect(toldOf(file(header, header, one, two, three, trailer))).toEqual(['header-twice 2:- -']);
    expect(toldOf(file(one, header, two, three, trailer))).toEqual(['header-late 2:- -']);
    expect(toldOf(file(one, two, three, trailer))).toEqual(['header-missing -:- -', 'total-unstated -:- -', 'total-unstated -:- -']);
    expect(toldOf(file(header, one, two, trailer, three))).toEqual(['after-trailer 5:- -']);
    expect(toldOf(file(header, one, two, three, trailer, trailer))).toEqual(['trailer-twice 6:- -']);
    expect(toldOf(file(header, one, 'X|1|2', two, three, trailer))).toContain('unknown-record 3:- -');
    expect(toldOf(file(header, one, '', two, three, trailer))).toEqual(['blank-line 3:- -']);
    // At the end of a file blank lines say nothing.
    expect(toldOf(file(header, one, two, three, trailer, '', ''))).toEqual([]);
  });

  test('line ends of both kinds are read, a mixture is told', () => {
    const lf = Buffer.from(sound.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    expect(toldOf(lf)).toEqual([]);
    const mixed = readWhole(delimited, with_('\r\n', '\n'));
    expect(told(mixed)).toEqual(['mixed-line-ends -:- -']);
    expect(mixed.problems[0]?.params).toEqual({ crlf: 4, lf: 1 });
    expect(mixed.sound).toBe(true);
  });

  test('marks: its own is left out, that of another charset refuses the file', () => {
    expect(toldOf(Buffer.concat([Buffer.from('84319533', 'hex'), sound]))).toEqual(['bom-found -:- -']);
    expect(readWhole(delimited, Buffer.concat([Buffer.from('efbbbf', 'hex'), sound])).problems[0]).toMatchObject({
      code: 'wrong-charset',
      params: { expected: 'GB18030', found: 'UTF-8' },
    });
    expect(toldOf(Buffer.from('\uFEFFH|PC1|0', 'utf16le'))).toEqual(['wrong-charset -:- -']);
  });

  test('UTF-8 where GB18030 or GBK is agreed, though it decodes', () => {
    const utf8 = Buffer.from(new TextDecoder('gb18030').decode(sound), 'utf8');
    expect(readWhole(delimited, utf8).problems[0]).toMatchObject({ code: 'wrong-charset', params: { found: 'UTF-8' } });
  });

  test('GB18030 where UTF-8 is agreed', () => {
    const layout = layoutFrom('charset: UTF-8\nseparator: "|"\ndetail: [{ id: line, type: count }, { id: name, type: text }]');
    const bytes = Buffer.concat([Buffer.from('1|'), Buffer.from('d5c5c8fd', 'hex'), Buffer.from('\r\n')]);
    expect(told(readWhole(layout, bytes))).toEqual(['wrong-charset -:- -', 'bad-bytes 1:3 -']);
  });

  test('four-byte characters where GBK is agreed', () => {
    const layout = layoutFrom('charset: GBK\nseparator: "|"\ndetail: [{ id: line, type: count }, { id: name, type: text }]');
    const bytes = Buffer.concat([Buffer.from('1|'), Buffer.from('8139ef30', 'hex'), Buffer.from('\r\n')]);
    expect(told(readWhole(layout, bytes))).toContain('bad-bytes 1:3 -');
  });

  test('a renamed file, by its name and by its batch', () => {
    expect(toldOf(sound, { name: 'HPPC2018030001_01.txt' })).toEqual([]);
    expect(toldOf(sound, { name: 'hppc2018030001_01.TXT' })).toEqual([]);
    expect(toldOf(sound, { name: '回盘 (1).txt' })).toEqual(['file-name -:- -']);
    const renamed = readWhole(delimited, sound, { name: 'HPPC2018040001_01.txt' });
    expect(renamed.problems[0]).toMatchObject({
      code: 'name-differs',
      params: { column: 'batch', found: 'PC2018040001', expected: BATCH },
    });
    expect(renamed.sound).toBe(false);
    expect(toldOf(sound, { batch: 'PC2018040001' })).toEqual(['other-batch 1:- batch']);
  });

  test('a batch that changes from line to line', () => {
    const layout = layoutFrom('charset: GBK\nseparator: ","\ndetail: [{ id: batch, type: text }, { id: line, type: count }]');
    expect(told(readWhole(layout, Buffer.from('B1,1\r\nB1,2\r\nB2,3\r\n')))).toEqual(['other-batch 3:- batch']);
  });
});

describe('a line', () => {
  test.each([
    ['an amount below zero', '|20001|0000', '|-20001|0000', 'negative-amount 3:34 amount'],
    ['an amount that is none', '|20001|0000', '|2O001|0000', 'not-fen 3:34 amount'],
    ['a number that is none', 'D|2|', 'D|2a|', 'not-a-count 3:3 line'],
    ['a day that is none', '|0000|20180315', '|0000|20180231', 'not-a-date 2:41 takenOn'],
    ['too few columns', '|20001|0000', '|200010000', 'too-few-columns 3:- -'],
    ['too many columns', '|20001|0000', '|200|01|0000', 'too-many-columns 3:- -'],
    ['a control character', '|20001|0000', '|20001|00\u00010', 'control-character 3:42 -'],
    ['nothing where something must be', '|20001|0000', '|20001|', 'empty-value 3:40 code'],
  ])('%s', (_, found, put, expected) => {
    const whole = readWhole(delimited, with_(found, put));
    expect(told(whole)).toContain(expected);
    expect(whole.sound).toBe(false);
    // The others are read.
    expect(whole.read).toHaveLength(2);
    expect(whole.details).toBe(3);
  });

  test('a line number twice', () => {
    expect(toldOf(with_('D|2|', 'D|1|'))).toEqual(['line-twice-differs 3:- line']);
    const [header = '', one = '', two = '', , trailer = ''] = sound.toString('latin1').split('\r\n');
    const twice = (again: string): readonly string[] =>
      toldOf(Buffer.from(`${[header, one, two, again, trailer].join('\r\n')}\r\n`, 'latin1')).filter((text) => text.startsWith('line-'));
    expect(twice(two)).toEqual(['line-twice 4:- line']);
    expect(twice(two.replace('|0000|', '|1001|'))).toEqual(['line-twice-differs 4:- line']);
  });

  test('bytes of no character: line and byte', () => {
    expect(toldOf(with_('D|1|6228', 'D|1|\x81\x20228'))).toContain('bad-bytes 2:5 -');
  });

  test.each([
    ['one byte short', '2000000016228', '200000001622', 'line-too-short 2:94 -'],
    ['one byte long', '2000000016228', '20000000162289', 'line-too-long 2:95 -'],
    ['blanks in a figure', '000000200.00', '   000200.00', 'not-money 2:71 amount'],
    ['an amount below zero', '000000200.00', '-00000200.00', 'negative-amount 2:71 amount'],
    ['one decimal', '000000200.00', '0000000200.0', 'not-money 2:71 amount'],
    ['half a character at the end of a column', '\xd5\xc5\xc8\xfd', '\xd5\xc5\xc8\x20', 'bad-bytes 2:33 name'],
    ['something in a filler', '000000600.03 ', '000000600.03x', 'wrong-constant 1:37 filler'],
    ['an unknown tag', '2000000016228', '3000000016228', 'unknown-record 2:- -'],
  ])('fixed width: %s', (_, found, put, expected) => {
    expect(toldFixed(with_(found, put, soundFixed))).toContain(expected);
  });

  test('a name whose second byte is the separator', () => {
    const rows = [{ ...returned(1)[0], name: '鄚饇瓅', code: '0000' }];
    const bytes = writeWhole(delimited, rows, { header: { batch: BATCH } });
    expect(bytes.toString('latin1').split('|').length).toBeGreaterThan(3 + 6 + 3 + 3);
    expect(readWhole(delimited, bytes).read.map(({ row }) => row)).toEqual(rows);
  });

  test('quotes: doubled inside, refused when they do not pair', () => {
    const layout = layoutFrom(`charset: UTF-8\nseparator: ","\nquotes: '"'\ndetail: [{ id: name, type: text }, { id: line, type: count }]`);
    const whole = readWhole(layout, Buffer.from('"a,""b""",1\n"c,2\nd"e,3\nf,4\n'));
    expect(whole.read.map(({ row }) => row)).toEqual([
      { name: 'a,"b"', line: 1 },
      { name: 'f', line: 4 },
    ]);
    expect(told(whole)).toEqual(['bad-quotes 2:- -', 'bad-quotes 3:- -']);
  });

  test('a separator that is a tab is no control character', () => {
    const layout = layoutFrom('charset: GBK\nseparator: "\\t"\ndetail: [{ id: name, type: text }, { id: line, type: count }]');
    const whole = readWhole(layout, Buffer.from('a\t1\r\nb\u0002\t2\r\n'));
    expect(whole.read.map(({ row }) => row)).toEqual([{ name: 'a', line: 1 }]);
    expect(told(whole)).toEqual(['control-character 2:2 -']);
  });
});

describe('bounds', () => {
  test('every line wrong: the first are listed, all are counted', () => {
    const lines = 20_000;
    const bytes = Buffer.from(Array.from({ length: lines }, (_, n) => `D|${n}|x|y|-5|0000|\r\n`).join(''));
    const whole = readWhole(delimited, bytes, { mostProblems: 25 }, 4096);
    expect(whole.counts['negative-amount']).toBe(lines);
    expect(whole.problems.filter(({ line, code }) => line !== null && code === 'negative-amount')).toHaveLength(25);
    expect(whole.details).toBe(lines);
    expect(whole.read).toEqual([]);
  });

  test('a line that never ends is not kept', () => {
    const endless = Buffer.alloc(400_000, 'x');
    const whole = readWhole(delimited, endless, {}, 10_000);
    expect(told(whole)).toEqual(expect.arrayContaining(['cut-short 1:- -', 'line-too-long 1:- -', 'trailer-missing 1:- -']));
  });

  test('sums beyond exact arithmetic are refused, not rounded', () => {
    const layout = layoutFrom('charset: GBK\nseparator: "|"\ndetail: [{ id: line, type: count }, { id: amount, type: fen }]');
    const bytes = Buffer.from(Array.from({ length: 12 }, (_, n) => `${n}|999999999999999\r\n`).join(''));
    expect(told(readWhole(layout, bytes))).toEqual(['sum-too-large -:- amount']);
  });

  test('no problem repeats an account', () => {
    const problem = readWhole(delimited, with_('|20001|0000', '|6228480000000010001|0000x|')).problems;
    expect(JSON.stringify(problem)).not.toContain('6228480000000010001');
  });
});

test('every code has both languages and says what to do', () => {
  for (const [code, { zh, en, doZh, doEn }] of Object.entries(FORMAT_PROBLEMS)) {
    expect([code, zh !== '' && doZh !== '']).toEqual([code, true]);
    expect([code, /[一-鿿]/.test(`${en}${doEn}`)]).toEqual([code, false]);
  }
});
