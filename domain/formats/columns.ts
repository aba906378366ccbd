import { isDate } from '../calendar/dates.js';
import type { FormatColumn } from '../model/format.js';
import { fen, formatYuan } from '../money/fen.js';
import type { FormatProblemCode } from './problem.js';

/** A value of a file: text, a count, fen, a day `YYYY-MM-DD`; null = nothing. */
export type FileValue = string | number | null;
/** Values of a record by column id; columns that always hold the same are left out. */
export type FileRow = Readonly<Record<string, FileValue>>;

const MOST_DIGITS = 15;
const ZERO = 48;

/** Whole number of the digits between two places; -1 when there is anything else, nothing, or more than 15 significant digits. */
export function digitsOf(text: string, from: number, to: number): number {
  let start = from;
  while (start < to - 1 && text.charCodeAt(start) === ZERO) start += 1;
  if (to <= start || to - start > MOST_DIGITS) return -1;
  let number = 0;
  for (let at = start; at < to; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

const POINT = 46;

/** Yuan to fen; -1 when it is none. */
function fenOf(text: string, from: number, to: number, decimals: FormatColumn['decimals']): number {
  const two = text.charCodeAt(to - 3) === POINT && to - 3 > from;
  const one = !two && decimals === 'short' && text.charCodeAt(to - 2) === POINT && to - 2 > from;
  if (!two && decimals === 'two') return -1;
  const end = two ? to - 3 : one ? to - 2 : to;
  const yuan = digitsOf(text, from, end);
  const rest = end === to ? 0 : digitsOf(text, end + 1, to);
  return yuan < 0 || rest < 0 || yuan >= 1e13 ? -1 : yuan * 100 + (one ? rest * 10 : rest);
}

/** Days repeat: those met before are remembered, up to a bound. */
const READ_DAYS = new Map<string, string>();
const WRITTEN_DAYS = new Map<string, string>();

function dayOf(text: string): string | undefined {
  const known = READ_DAYS.get(text);
  if (known !== undefined) return known;
  const day = text.length === 8 ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text;
  if (!isDate(day)) return undefined;
  if (READ_DAYS.size > 5000) READ_DAYS.clear();
  READ_DAYS.set(text, day);
  return day;
}

/** `20180301`; undefined for what is no day. */
function compactDay(day: string): string | undefined {
  const known = WRITTEN_DAYS.get(day);
  if (known !== undefined) return known;
  if (!isDate(day)) return undefined;
  const compact = day.replaceAll('-', '');
  if (WRITTEN_DAYS.size > 5000) WRITTEN_DAYS.clear();
  WRITTEN_DAYS.set(day, compact);
  return compact;
}

/** Reads what stands between two places of a line, without its fill. */
export type Parse = (text: string, from: number, to: number) => FileValue | undefined;

/** Codes and days mostly stand as in the line before: then nothing new is made. */
function remembering(parse: Parse): Parse {
  let [cell, value]: [string, FileValue | undefined] = ['', undefined];
  return (text, from, to) => {
    if (to - from === cell.length && to > from && text.startsWith(cell, from)) return value;
    const read = parse(text, from, to);
    if (read !== undefined && to > from) [cell, value] = [text.slice(from, to), read];
    return read;
  };
}

/** Reads what stands in a column without its fill; undefined = it is not of the type (`wrongValue` says how). */
export function parserOf({ type, decimals, empty }: FormatColumn): Parse {
  const nothing = (text: string, from: number, to: number): null | undefined =>
    empty !== null && (from === to || text.slice(from, to) === empty) ? null : undefined;
  const figure =
    (read: (text: string, from: number, to: number) => number): Parse =>
    (text, from, to) => {
      const number = read(text, from, to);
      return number >= 0 ? number : nothing(text, from, to);
    };
  const day = (width: number): Parse =>
    remembering((text, from, to) => (to - from === width ? dayOf(text.slice(from, to)) : undefined) ?? nothing(text, from, to));
  const words: Parse =
    empty === null
      ? (text, from, to) => (from === to ? undefined : text.slice(from, to))
      : (text, from, to) => (from === to || text.slice(from, to) === empty ? null : text.slice(from, to));
  switch (type) {
    case 'count':
    case 'fen':
      return figure(digitsOf);
    case 'money':
      return figure((text, from, to) => fenOf(text, from, to, decimals));
    case 'date':
      return day(10);
    case 'yyyyMMdd':
      return day(8);
    case 'text':
      return words;
    case 'code':
      return remembering(words);
    default: {
      const never: never = type;
      return never;
    }
  }
}

/** Why a text is not of the column's type. */
export function wrongValue(
  { type, decimals }: FormatColumn,
  text: string,
): { readonly code: FormatProblemCode; readonly expected: string } {
  if (text === '') return { code: 'empty-value', expected: type };
  const amount = type === 'money' || type === 'fen';
  if (amount && /^[0 ]*-[\d.]+$/.test(text)) return { code: 'negative-amount', expected: '>= 0' };
  switch (type) {
    case 'count':
      return { code: 'not-a-count', expected: '0-9' };
    case 'money':
      return { code: 'not-money', expected: decimals === 'two' ? '12.00' : '12, 12.5, 12.00' };
    case 'fen':
      return { code: 'not-fen', expected: '1200' };
    case 'date':
      return { code: 'not-a-date', expected: '2018-03-01' };
    case 'yyyyMMdd':
      return { code: 'not-a-date', expected: '20180301' };
    case 'text':
    case 'code':
      return { code: 'empty-value', expected: type };
    default: {
      const never: never = type;
      return never;
    }
  }
}

const isAmount = (value: FileValue): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** Writes a value without fill, or says why it cannot be written. Null only where the column may be empty. */
export function writerOf({ type, decimals, empty }: FormatColumn): (value: FileValue) => string | { readonly code: FormatProblemCode } {
  const wrong = { code: 'wrong-type' } as const;
  const nothing = empty ?? ({ code: 'missing-value' } as const);
  const written = (value: Exclude<FileValue, null>): string | { readonly code: FormatProblemCode } => {
    switch (type) {
      case 'count':
        return !isAmount(value) ? wrong : value >= 1e15 ? { code: 'too-wide' } : String(value);
      case 'fen':
      case 'money': {
        if (typeof value === 'number' && value < 0) return { code: 'negative-amount' };
        if (!isAmount(value)) return wrong;
        if (value >= 1e15) return { code: 'too-wide' };
        if (type === 'fen') return String(value);
        const yuan = formatYuan(fen(value));
        return decimals === 'two' ? yuan : yuan.replace(/\.00$|0$/, '');
      }
      case 'date':
      case 'yyyyMMdd': {
        const compact = typeof value === 'string' ? compactDay(value) : undefined;
        return compact === undefined || typeof value !== 'string' ? wrong : type === 'date' ? value : compact;
      }
      case 'text':
      case 'code':
        if (typeof value !== 'string') return wrong;
        // Read back, it would be nothing.
        return value === '' ? { code: 'missing-value' } : value === empty ? { code: 'edge-fill' } : value;
      default: {
        const never: never = type;
        return never;
      }
    }
  };
  return (value) => (value === null ? nothing : written(value));
}
