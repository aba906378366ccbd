import type { ValueType } from '../model/definition.js';
import { parseValue } from './cells.js';

const REACH = /^\s*(>=|<=|==|=|>|<)\s*(.+?)\s*$/;

/**
 * The expression behind the `reach` of a parameter: `>= 200` of a money parameter becomes `value >= yuan("200")`, for the place
 * `parameter`. null when it is not a comparison with a value of the parameter's type.
 */
export function parameterReach(reach: string, type: ValueType): string | null {
  const found = REACH.exec(reach);
  const limit = found?.[2] ?? '';
  if (!found || !parseValue(limit, type).ok) return null;
  const op = found[1] === '=' ? '==' : found[1];
  return `value ${op} ${literalOf(limit, type)}`;
}

function literalOf(limit: string, type: ValueType): string {
  switch (type) {
    case 'count':
    case 'yesno':
      return limit;
    case 'money':
    case 'instalments':
      return `yuan("${limit}")`;
    case 'percent':
      return `percent("${limit.replace(/%$/, '')}")`;
    case 'date':
    case 'expiry':
      return `date("${limit}")`;
    default:
      return JSON.stringify(limit);
  }
}
