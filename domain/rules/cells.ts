import { dayNumber, isDate, parseMonth } from '../calendar/dates.js';
import type { Cell, Value } from '../model/definition.js';
import type { LocalDate } from '../model/ids.js';
import { MoneyError } from '../money/errors.js';
import { parseYuan } from '../money/fen.js';
import { compareRate, percent } from '../money/rate.js';
import { CalendarError } from '../calendar/errors.js';

/**
 * Cells of a decision table: `any`, a value, `a | b`, `16..19` (both ends), `25..`, `..18`, `16..<20`, `$parameter`. What a value is
 * depends on the column's type: money is written in yuan and kept in fen, percent is kept as text, dates and months as text.
 */
export type CellParse = { readonly ok: true; readonly cell: Cell } | { readonly ok: false; readonly zh: string; readonly en: string };
export type ValueParse = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly zh: string; readonly en: string };

/** Types whose values have an order and may stand in a range. */
export const isOrdered = (type: string): boolean => ['count', 'money', 'percent', 'date', 'month', 'expiry', 'instalments'].includes(type);

/** Reads one cell as YAML or CSV gives it. */
export function parseCell(raw: string | number | boolean, type: string): CellParse {
  const text = String(raw).trim();
  if (text === 'any') return { ok: true, cell: { kind: 'any' } };
  if (/^\$[A-Za-z][A-Za-z0-9]*$/.test(text)) return { ok: true, cell: { kind: 'parameter', parameter: text.slice(1) } };
  const range = /^(.*?)\s*\.\.(<?)\s*(.*)$/.exec(text);
  if (range && isOrdered(type)) return parseRange(range[1] ?? '', range[2] === '<', range[3] ?? '', type);
  const values: Value[] = [];
  for (const part of text.split('|')) {
    const value = parseValue(part.trim(), type);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return { ok: true, cell: { kind: 'oneOf', values } };
}

function parseRange(from: string, toOpen: boolean, to: string, type: string): CellParse {
  const ends: (Value | null)[] = [];
  for (const end of [from, to]) {
    if (end === '') ends.push(null);
    else {
      const value = parseValue(end, type);
      if (!value.ok) return value;
      ends.push(value.value);
    }
  }
  const [low = null, high = null] = ends;
  if (low === null && high === null) return wrong(`${from}..${to}`, '至少一端', 'at least one end');
  if (low !== null && high !== null && compareValues(low, high, type) > (toOpen ? -1 : 0))
    return wrong(`${from}..${to}`, '由小到大', 'an ascending range');
  return { ok: true, cell: { kind: 'range', from: low, to: high, toOpen } };
}

/** Reads one value of a type; money from yuan (text or number with at most two decimals) to fen. */
export function parseValue(raw: string | number | boolean, type: string): ValueParse {
  const text = String(raw).trim();
  switch (type) {
    case 'count':
      return /^-?\d{1,15}$/.test(text) ? { ok: true, value: Number(text) } : wrong(text, '整数', 'a whole number');
    case 'money':
    case 'instalments':
      return attempt(text, '金额（元）', 'an amount in yuan', () => parseYuan(text));
    case 'percent':
      return attempt(text, '百分数', 'a percentage', () => {
        percent(text.replace(/%$/, ''));
        return text.replace(/%$/, '');
      });
    case 'date':
    case 'expiry':
      return isDate(text) ? { ok: true, value: text } : wrong(text, '日期 YYYY-MM-DD', 'a day YYYY-MM-DD');
    case 'month':
      return attempt(text, '月份 YYYY-MM', 'a month YYYY-MM', () => parseMonth(text));
    case 'yesno':
      if (['true', 'yes', '是'].includes(text)) return { ok: true, value: true };
      return ['false', 'no', '否'].includes(text) ? { ok: true, value: false } : wrong(text, '是或否', 'yes or no');
    case 'result':
      return ['met', 'missed', 'open'].includes(text)
        ? { ok: true, value: text }
        : wrong(text, 'met、missed 或 open', 'met, missed or open');
    case 'duration':
      return /^\d{1,4}(wd|d|m|y)$/.test(text)
        ? { ok: true, value: text }
        : wrong(text, '时长，如10d、5wd', 'a duration such as 10d or 5wd');
    case 'roll':
      return ['none', 'before', 'after'].includes(text)
        ? { ok: true, value: text }
        : wrong(text, 'none、before 或 after', 'none, before or after');
    default:
      return text === '' ? wrong(text, '文字', 'a text') : { ok: true, value: text };
  }
}

/** Negative, 0 or positive; percentages by their exact value, everything else as number or text. */
export function compareValues(a: Value, b: Value, type: string): number {
  if (type === 'percent') return compareRate(percent(String(a)), percent(String(b)));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a value of the column's type fits a cell; parameters must have been replaced by their value. */
export function matchesCell(cell: Exclude<Cell, { kind: 'parameter' }>, value: Value, type: string): boolean {
  switch (cell.kind) {
    case 'any':
      return true;
    case 'oneOf':
      return cell.values.some((each) => typeof each === typeof value && compareValues(each, value, type) === 0);
    case 'range':
      if (cell.from !== null && compareValues(value, cell.from, type) < 0) return false;
      if (cell.to === null) return true;
      return compareValues(value, cell.to, type) < (cell.toOpen ? 0 : 1);
    default: {
      const never: never = cell;
      return never;
    }
  }
}

/** Position of an ordered value on a line of whole numbers (fen, days, months, millionths of a percent): for proving ranges. */
export function positionOf(value: Value, type: string): number {
  switch (type) {
    case 'date':
    case 'expiry':
      return dayNumber(value as LocalDate);
    case 'month':
      return Number(String(value).slice(0, 4)) * 12 + Number(String(value).slice(5, 7)) - 1;
    case 'percent': {
      const { part, whole } = percent(String(value));
      return part * (100_000_000 / whole);
    }
    default:
      return Number(value);
  }
}

function attempt(text: string, zh: string, en: string, read: () => Value): ValueParse {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof MoneyError || error instanceof CalendarError) return wrong(text, zh, en);
    throw error;
  }
}

function wrong(text: string, zh: string, en: string): { readonly ok: false; readonly zh: string; readonly en: string } {
  return { ok: false, zh: `“${text}”应为${zh}`, en: `'${text}' should be ${en}` };
}
