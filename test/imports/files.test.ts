import { describe, expect, test } from '@jest/globals';
import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { deflateRawSync } from 'node:zlib';
import { previewImport, type ImportSource } from '../../activities/imports/index.js';
import { readXlsx } from '../../activities/imports/read-xlsx.js';
import { readRows } from '../../activities/imports/read-rows.js';
import { inspectSource } from '../../activities/imports/source.js';
import { cellText, type SheetRow } from '../../activities/imports/cell.js';
import { gb18030, inventedId, refusal, rosterCsv } from './given.js';

const ID = inventedId(5);
const file = (content: Buffer | string, name = 'a.csv'): ImportSource => ({
  name,
  content: typeof content === 'string' ? Buffer.from(content, 'utf8') : content,
});
const rowsOf = async (source: ImportSource): Promise<readonly SheetRow[]> => {
  const rows: SheetRow[] = [];
  for await (const row of readRows(source, await inspectSource(source))) rows.push(row);
  return rows;
};
const textsOf = async (source: ImportSource): Promise<readonly (readonly string[])[]> =>
  (await rowsOf(source)).map(({ cells }) => cells.map(cellText));
const workbook = async (sheet: SheetData): Promise<Buffer> => writeExcelFile(sheet).toBuffer();
const text = (value: string) => ({ type: String, value });

describe('charsets of a CSV', () => {
  const roster = rosterCsv([[ID, '龘𠮷', '甲村', '300']]);
  test.each([
    ['UTF-8 without BOM', Buffer.from(roster, 'utf8')],
    ['UTF-8 with BOM', Buffer.from(`\uFEFF${roster}`, 'utf8')],
    ['GB18030, with a name that GBK cannot hold', gb18030(roster)],
  ])('%s gives the same rows', async (_, content) => {
    expect(await textsOf(file(content))).toEqual([
      ['身份证号码', '姓名', '村居', '应缴金额'],
      [ID, '龘𠮷', '甲村', '300'],
    ]);
  });
  test('UTF-16 is refused with a way out', async () => {
    const refused = await refusal(rowsOf(file(Buffer.from(roster, 'utf16le'))));
    expect(refused.code).toBe('wrong-charset');
    expect(refused.zh).toContain('另存为');
  });
  test('bytes of no known charset are refused whole', async () => {
    const broken = Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(60, 0xff), Buffer.from('\n')]);
    expect((await refusal(previewImport(file(broken), 'roster'))).code).toBe('wrong-charset');
  });
});

describe('files that are not whole or not tables', () => {
  test.each([
    ['empty-file', Buffer.alloc(0)],
    ['old-excel', Buffer.from('d0cf11e0a1b11ae100000000', 'hex')],
    ['not-a-table', Buffer.from('%PDF-1.7 ...')],
    ['half-written', Buffer.from('a,b,c\n1,2,3\n4,5')],
    ['half-written', Buffer.from('a,b,c\n1,"2,3\n4,5,6\n')],
  ])('%s', async (code, content) => {
    expect((await refusal(rowsOf(file(content)))).code).toBe(code);
  });
  test('a workbook that was cut is refused', async () => {
    const whole = await workbook([[text('姓名')], [text('测甲')]]);
    expect((await refusal(rowsOf(file(whole.subarray(0, whole.length - 40), 'a.xlsx')))).code).toBe('half-written');
  });
  test('a zip bomb is refused by what it declares', async () => {
    const whole = await workbook([[text('姓名')], [text('测甲')]]);
    const entry = whole.lastIndexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    whole.writeUInt32LE(0x7fffffff, entry + 24);
    expect((await refusal(rowsOf(file(whole, 'a.xlsx')))).code).toBe('zip-bomb');
  });
  test('a zip bomb that lies about its size is refused by what it unpacks to', async () => {
    const content = zipOf({ 'xl/workbook.xml': '<a/>', 'xl/worksheets/sheet1.xml': 'x'.repeat(5_000_000) }, 1_000);
    expect((await refusal(rowsOf(file(content, 'a.xlsx')))).code).toBe('zip-bomb');
  });
  test('a zip without a worksheet is no workbook', async () => {
    expect((await refusal(rowsOf(file(zipOf({ 'a.txt': 'hello' }, null), 'a.xlsx')))).code).toBe('not-a-workbook');
  });
});

describe('hostile workbooks cost a process of their own, and never more than is allowed', () => {
  const CELL = '<c r="A1" t="inlineStr"><is><t>姓名</t></is></c>';
  const sheet = (rows: string): ImportSource => file(bookOf(`<worksheet><sheetData>${rows}</sheetData></worksheet>`), 'a.xlsx');
  const bounded = async (source: ImportSource, megabytes: number, seconds: number): Promise<unknown> => {
    for await (const row of readXlsx(source, 1, { megabytes, seconds })) expect(row.cells).toBeDefined();
    return 'read';
  };

  test('one far cell that makes every row as wide: reading it ends at the bound of memory', async () => {
    const rows = Array.from({ length: 800 }, (_, i) => `<row r="${i + 1}"><c r="A${i + 1}"><v>1</v></c></row>`).join('');
    const wide = sheet(`${rows}<row r="801"><c r="XFD801"><v>1</v></c></row>`);
    expect((await refusal(bounded(wide, 48, 60))).code).toBe('too-heavy');
    expect((await refusal(bounded(wide, 2_048, 60))).code).toBe('too-wide');
  });
  test('what takes too long ends at the bound of time', async () => {
    const slow = sheet(`<row r="1">${CELL}</row>${'<x/>'.repeat(20_000_000)}`);
    expect((await refusal(bounded(slow, 1_024, 1))).code).toBe('too-heavy');
  });
  test.each([
    ['a column beyond the last', '<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>', 'not-a-workbook'],
    ['a row beyond the last', '<row r="999999999"><c r="A999999999"><v>1</v></c></row>', 'not-a-workbook'],
    ['1,001 columns', '<row r="2"><c r="ALM2"><v>1</v></c></row>', 'too-wide'],
    ['a cell longer than any', `<row r="2"><c r="A2" t="inlineStr"><is><t>${'缴'.repeat(32_768)}</t></is></c></row>`, 'too-wide'],
    ['100,001 rows', '<row/>'.repeat(100_001), 'too-many-rows'],
  ])('%s', async (_what, rows, code) => {
    expect((await refusal(rowsOf(sheet(`<row r="1">${CELL}</row>${rows}`)))).code).toBe(code);
  });
  test('a string that thousands of cells share is read in pieces that fit', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `<row r="${i + 1}"><c r="A${i + 1}" t="s"><v>0</v></c></row>`).join('');
    const content = bookOf(`<worksheet><sheetData>${rows}</sheetData></worksheet>`, `<sst><si><t>${'缴'.repeat(30_000)}</t></si></sst>`);
    expect((await rowsOf(file(content, 'a.xlsx'))).length).toBe(300);
  });
  test('the reader of a preview ends with the preview; the next workbook is read all the same', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => `<row r="${i + 1}">${CELL.replaceAll('A1', `A${i + 1}`)}</row>`).join('');
    for (let turn = 0; turn < 4; turn += 1) {
      for await (const { line } of readXlsx(sheet(rows), 1)) {
        expect(line).toBe(1);
        break;
      }
    }
    expect((await rowsOf(sheet(rows))).length).toBe(5_000);
  });
});

describe('workbooks as offices export them', () => {
  test('title lines, a merged header of two rows, a total row and notes', async () => {
    const content = await workbook([
      [{ ...text('测试镇2020年度缴费名册'), columnSpan: 5 }, null, null, null, null],
      [text('身份证号码'), text('姓名'), text('村居'), { ...text('应缴'), columnSpan: 2 }, null],
      [null, null, null, text('档次'), text('金额')],
      [text(ID), text('测 甲'), text('甲村'), { type: Number, value: 300 }, { type: Number, value: 300 }],
      [text('合计'), null, null, null, { type: Number, value: 300 }],
      [text('制表人：某某'), null, null, null, null],
    ]);
    const preview = await previewImport(file(content, 'a.xlsx'), 'roster');
    expect(preview.headerLine).toBe(2);
    expect(preview.profile).toMatchObject({ headerRows: 2, columns: { idNumber: '身份证号码', tier: '应缴/档次', amount: '应缴/金额' } });
    expect(preview.sample.map(({ line, values }) => [line, values])).toEqual([
      [4, { idNumber: ID, name: '测甲', unit: '甲村', tier: 30_000, amount: 30_000 }],
    ]);
    expect(preview.warnings).toEqual([]);
  });

  test('an ID stored as a number is refused for its row, with row and column', async () => {
    const content = await workbook([
      [text('身份证号码'), text('姓名'), text('村居'), text('应缴金额')],
      [{ type: Number, value: Number('990000197003150050') }, text('测甲'), text('甲村'), { type: Number, value: 300 }],
    ]);
    const { sample } = await previewImport(file(content, 'a.xlsx'), 'roster');
    expect(sample[0]?.problems).toEqual([{ line: 2, column: '身份证号码', code: 'number-cell', params: {} }]);
  });

  test('a formula is reported, not taken for its last value', async () => {
    const content = await workbook([
      [text('身份证号码'), text('姓名'), text('村居'), text('应缴金额')],
      [text(ID), text('测甲'), text('甲村'), { type: 'Formula', value: '100+200' }],
    ]);
    const { sample } = await previewImport(file(content, 'a.xlsx'), 'roster');
    expect(sample[0]?.problems).toEqual([{ line: 2, column: '应缴金额', code: 'formula-cell', params: {} }]);
  });

  test('a missing column is named and may be given as a constant', async () => {
    const { missing, warnings } = await previewImport(file('姓名,村居,应缴金额\n测甲,甲村,300\n'), 'roster');
    expect(missing.map(({ id }) => id)).toEqual(['idNumber']);
    expect(warnings.map(({ code }) => code)).toEqual(['missing-columns']);
  });

  test('a file without any known heading is refused', async () => {
    expect((await refusal(previewImport(file('a,b\n1,2\n'), 'payments'))).code).toBe('header-not-found');
  });
});

/** A workbook with this sheet and these shared strings, written by hand. */
function bookOf(worksheet: string, strings = '<sst/>'): Buffer {
  const rel = (id: string, kind: string, target: string): string =>
    `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" Target="${target}"/>`;
  return zipOf(
    {
      '[Content_Types].xml': '<Types/>',
      'xl/workbook.xml': '<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': `<Relationships>${rel('rId1', 'worksheet', 'worksheets/sheet1.xml')}${rel('rId2', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
      'xl/sharedStrings.xml': strings,
      'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>',
      'xl/worksheets/sheet1.xml': worksheet,
    },
    null,
  );
}

/** A zip with its own central directory; `declared` is what it says its sheet unpacks to (null: the truth). */
function zipOf(entries: Readonly<Record<string, string>>, declared: number | null): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, body] of Object.entries(entries)) {
    const packed = deflateRawSync(Buffer.from(body));
    const size = name.includes('sheet') && declared !== null ? declared : Buffer.byteLength(body);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    directory.push(central, Buffer.from(name));
    locals.push(local, Buffer.from(name), packed);
    at += 30 + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, list, end]);
}
