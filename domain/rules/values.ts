import { isDate, parseMonth } from '../calendar/dates.js';
import type { Value } from '../model/definition.js';
import type { Fen, LocalDate } from '../model/ids.js';
import { fen } from '../money/fen.js';
import { percent, type Rate } from '../money/rate.js';
import { RuleError } from './errors.js';

/** Money inside an expression. */
export class MoneyValue {
  constructor(readonly fen: Fen) {}
}
/** An exact fraction inside an expression: a share, or money per head when `yuan` is set (fen over a count). */
export class RateValue {
  constructor(readonly rate: Rate) {}
}
export class PerHeadValue {
  constructor(readonly rate: Rate) {}
}
/** A day inside an expression; null = no such day. */
export class DayValue {
  constructor(readonly date: LocalDate | null) {}
}

/** A value of a row or parameter: plain data, lists for identities, null for a day that has not been. */
export type RowValue = Value | readonly string[] | null;
export type Row = Readonly<Record<string, RowValue>>;

/** Types an expression can have. `Rate` is a share, `PerHead` money over a count. */
export type CelType = 'bool' | 'int' | 'string' | 'Money' | 'Rate' | 'PerHead' | 'LocalDate' | 'list<string>';
export type CelValue = boolean | bigint | string | MoneyValue | RateValue | PerHeadValue | DayValue | readonly string[];

/** The type in expressions of a value type, a level, a group or a phase of the language. */
export function celTypeOf(type: string): CelType {
  switch (type) {
    case 'count':
      return 'int';
    case 'money':
    case 'instalments':
      return 'Money';
    case 'percent':
      return 'Rate';
    case 'date':
    case 'expiry':
      return 'LocalDate';
    case 'yesno':
      return 'bool';
    case 'texts':
      return 'list<string>';
    default:
      return 'string';
  }
}

/** Plain data to a value in expressions. Throws `row-column-type` when it is not of its type: nothing is converted silently. */
export function toCel(value: RowValue, type: string, name: string, nullable = false): CelValue {
  const cel = celTypeOf(type);
  switch (cel) {
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'int':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
      break;
    case 'Money':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return new MoneyValue(fen(value));
      break;
    case 'Rate':
      if (typeof value === 'string') return new RateValue(percent(value));
      break;
    case 'LocalDate':
      if (value === null && nullable) return new DayValue(null);
      if (typeof value === 'string' && isDate(value)) return new DayValue(value);
      break;
    case 'list<string>':
      if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
      break;
    case 'string':
      if (typeof value === 'string') return type === 'month' ? parseMonth(value) : value;
      break;
    case 'PerHead':
      break;
    default: {
      const never: never = cel;
      return never;
    }
  }
  throw new RuleError('row-column-type', `“${name}”的值类型不符，应为 ${type}`, `the value of '${name}' is not of type ${type}`, {
    name,
    type,
  });
}

/** A value of an expression back to plain data: money as fen, a day as text, a share as `part/whole`. */
export function fromCel(value: unknown): RowValue {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') {
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER))
      throw new RuleError('expression-result', '结果超出可精确计算的范围', 'result beyond exact arithmetic');
    return Number(value);
  }
  if (value instanceof MoneyValue) return value.fen;
  if (value instanceof DayValue) return value.date;
  if (value instanceof RateValue || value instanceof PerHeadValue) return `${value.rate.part}/${value.rate.whole}`;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw new RuleError('expression-result', '表达式的结果不是可用的数据', 'the result of the expression is not usable data');
}
