import { wrongValue, type FileValue } from './columns.js';
import { Fault } from './fault.js';
import type { LayoutRecord } from './layout.js';
import { shown } from './problem.js';

/** Whether the first cell of a line is this text: the usual place of a tag. */
export const beginsWith = (text: string, start: number, end: number, cell: string, separator: string): boolean =>
  text.startsWith(cell, start) && (start + cell.length === end || text.startsWith(separator, start + cell.length));

/** The cell in which a line's tag stands; empty when the line has none. Lines with quotes go by their cells. */
export function delimitedTag(text: string, start: number, end: number, separator: string, index: number): string {
  let at = start;
  for (let i = 0; i < index; i += 1) {
    const next = text.indexOf(separator, at);
    if (next < 0 || next >= end) return '';
    at = next + separator.length;
  }
  const next = text.indexOf(separator, at);
  return text.slice(at, next < 0 || next > end ? end : next);
}

/** Reads a line without quotes where it stands in its block; null when anything is wrong with it (`rowOfCells` says what). */
export function delimitedRow(
  text: string,
  start: number,
  end: number,
  { columns, own }: LayoutRecord,
  separator: string,
): FileValue[] | null {
  const values: FileValue[] = Array<FileValue>(own.length).fill(null);
  const last = columns.length - 1;
  let at = start;
  for (let i = 0; i <= last; i += 1) {
    const column = columns[i];
    if (column === undefined) return null;
    let next = text.indexOf(separator, at);
    if (next < 0 || next >= end) next = end;
    // Only the last cell ends the line.
    if ((i === last) !== (next === end)) return null;
    if (column.constant === null) {
      const value = column.parse(text, at, next);
      if (value === undefined) return null;
      values[column.slot] = value;
    } else if (next - at !== column.constant.length || !text.startsWith(column.constant, at)) return null;
    at = next + separator.length;
  }
  return values;
}

/** Cells of a line with or without quotes as a row, or what is wrong with them. */
export function rowOfCells(cells: readonly string[], { columns, own }: LayoutRecord, separator: string): FileValue[] | Fault {
  if (cells.length !== columns.length)
    return new Fault(cells.length < columns.length ? 'too-few-columns' : 'too-many-columns', {
      found: cells.length,
      expected: columns.length,
    });
  const values: FileValue[] = own.map(() => null);
  for (const [i, column] of columns.entries()) {
    const cell = cells[i] ?? '';
    const value = column.constant === null ? column.parse(cell, 0, cell.length) : null;
    if (column.constant === null ? value !== undefined : cell === column.constant) {
      if (column.constant === null) values[column.slot] = value ?? null;
      continue;
    }
    const before = cells
      .slice(0, i)
      .map((one) => one + separator)
      .join('');
    const found = shown(cell);
    if (column.constant !== null) return new Fault('wrong-constant', { expected: column.constant, found }, column.id, before);
    const { code, expected } = wrongValue(column.column, cell.trim() === '' ? '' : cell);
    return new Fault(code, { found, expected }, column.id, before);
  }
  return values;
}
