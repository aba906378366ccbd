import writeXlsxFile, { type Cell, type Row } from 'write-excel-file/node';
import type { Sheet } from './sheet.js';

const WIDEST = 40;

/** An .xlsx workbook of one sheet. Counts are numbers; amounts, rates and names are text, so that nothing is reformatted or computed. */
export async function xlsxOf(sheet: Sheet): Promise<Buffer> {
  const text = (value: string, bold = false): Cell => ({ value, type: String, ...(bold ? { fontWeight: 'bold' as const } : {}) });
  const cell = (value: string | number): Cell => (typeof value === 'number' ? { value, type: Number } : text(value));
  const rows: Row[] = [
    ...sheet.above.map((line, at) => [text(line, at === 0)]),
    sheet.columns.map((column) => text(column, true)),
    ...sheet.rows.map((row) => row.map(cell)),
    ...sheet.below.map((line) => [text(line)]),
  ];
  const columns = sheet.columns.map((column, at) => ({
    width: Math.min(
      WIDEST,
      2 + Math.max(...[column, ...sheet.rows.map((row) => String(row[at] ?? ''))].map((each) => Buffer.byteLength(each, 'utf8') * 0.75)),
    ),
  }));
  return writeXlsxFile(rows, { sheet: sheetName(sheet.name), columns }).toBuffer();
}

/** What a sheet may be called: at most 31 characters, none of []:*?/\ */
const sheetName = (name: string): string => name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31) || '1';
