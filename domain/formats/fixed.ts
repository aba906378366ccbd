import { trimFill } from './cells.js';
import type { Charset } from './charset.js';
import { wrongValue, type FileValue } from './columns.js';
import { Fault } from './fault.js';
import type { LayoutColumn, LayoutRecord } from './layout.js';
import { CONTROL, shown } from './problem.js';

const BLANK = 32;

/**
 * Reads a fixed-width line. `text` has one character for each byte of the block, `start` and `end` bound the line in it; words are decoded from `bytes`, column by column,
 * so a column that cuts a character in two is told.
 */
export function fixedRow(
  text: string,
  start: number,
  end: number,
  bytes: Uint8Array,
  { columns, own, width }: LayoutRecord,
  charset: Charset,
): FileValue[] | Fault {
  const found = end - start;
  if (found !== width)
    return new Fault(found < width ? 'line-too-short' : 'line-too-long', { found, expected: width }, null, Math.min(found, width));
  const values: FileValue[] = own.map(() => null);
  for (const column of columns) {
    const [from, to] = [start + column.from, start + column.to];
    const words = column.words || column.constant !== null;
    const value = words ? wordsIn(text, from, to, bytes, column, charset) : figureIn(text, from, to, column);
    if (value instanceof Fault) return value;
    if (value === undefined) return faultOf(text.slice(from, to), column);
    if (column.constant === null) values[column.slot] = value;
  }
  return values;
}

/** Figures and days are ASCII: they are read where they stand. */
function figureIn(text: string, from: number, to: number, { column, parse }: LayoutColumn): FileValue | undefined {
  let [start, end] = [from, to];
  const fill = column.fill.charCodeAt(0);
  if (column.align === 'left') while (end > start && text.charCodeAt(end - 1) === fill) end -= 1;
  // Zeros on the left are part of a figure; a day has its own width.
  else if (column.fill !== '0') while (start < end && text.charCodeAt(start) === fill) start += 1;
  else if (column.type === 'date' || column.type === 'yyyyMMdd') {
    const own = to - (column.type === 'date' ? 10 : 8);
    while (start < own && text.charCodeAt(start) === fill) start += 1;
  }
  const value = parse(text, start, end);
  if (value !== undefined || column.empty === null) return value;
  // Nothing is written with blanks after it, whatever the column's own fill.
  const written = text.slice(from, to).trimEnd();
  return written === '' || written === column.empty ? null : undefined;
}

function wordsIn(
  text: string,
  from: number,
  to: number,
  bytes: Uint8Array,
  own: LayoutColumn,
  charset: Charset,
): FileValue | undefined | Fault {
  const { column, constant, parse, id } = own;
  // A blank is never part of another character; other fills may be (a digit ends a four-byte character).
  let end = to;
  if (column.align === 'left' && column.fill === ' ') while (end > from && text.charCodeAt(end - 1) === BLANK) end -= 1;
  let plain = true;
  for (let at = from; at < end && plain; at += 1) {
    const unit = text.charCodeAt(at);
    plain = unit >= BLANK && unit < 0x7f;
  }
  const decoded = plain ? text.slice(from, end) : charset.decode(bytes.subarray(from, end));
  if (decoded === null) {
    const control = text.slice(from, end).search(/[\u0000-\u001f]/); // eslint-disable-line no-control-regex
    if (control >= 0) return new Fault('control-character', {}, id, own.from + control);
    return new Fault('bad-bytes', { expected: charset.name }, id, () => own.from + charset.soundBytes(bytes.subarray(from, end)));
  }
  if (!plain && CONTROL.test(decoded)) return new Fault('control-character', {}, id, own.from);
  const value = trimFill(decoded, column);
  if (constant !== null) return value === trimFill(constant, column) ? null : undefined;
  if (value === '' && column.empty !== null) return null;
  return parse(value, 0, value.length);
}

function faultOf(cell: string, { column, constant, id, from, words }: LayoutColumn): Fault {
  const found = shown(cell.trimEnd());
  if (constant !== null) return new Fault('wrong-constant', { expected: constant, found }, id, from);
  const { code, expected } = wrongValue(column, cell.trim() === '' || words ? '' : cell);
  return new Fault(code, { found, expected }, id, from);
}
