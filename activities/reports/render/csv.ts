import { stringify } from 'csv-stringify/sync';
import type { Sheet } from './sheet.js';

/** A text that a spreadsheet would take for a formula is led by an apostrophe, which spreadsheets show as plain text. */
export const plainCell = (cell: string | number): string | number =>
  typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;

/** UTF-8 with a BOM, so that office programs read the Chinese; lines end in CRLF. */
export function csvOf(sheet: Sheet): Buffer {
  const line = (text: string): readonly string[] => [text];
  const lines = [...sheet.above.map(line), sheet.columns, ...sheet.rows, ...sheet.below.map(line)];
  const text = stringify(
    lines.map((cells) => cells.map(plainCell)),
    { record_delimiter: 'windows', bom: true },
  );
  return Buffer.from(text, 'utf8');
}
