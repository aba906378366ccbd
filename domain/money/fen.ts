import type { Fen } from '../model/ids.js';
import { MoneyError } from './errors.js';

/**
 * Money is a whole number of fen within the safe integers (about 90 billion yuan times 1,000): every sum is exact or refused with
 * `money-too-large`. Texts are yuan with at most two decimals.
 */
const YUAN = /^([+-]?)(\d{1,14})(?:\.(\d{1,2}))?$/;

/** Throws `not-whole-fen` or `money-too-large`. */
export function fen(amount: number): Fen {
  if (!Number.isInteger(amount))
    throw new MoneyError('not-whole-fen', `金额不是整数分：${amount}`, `not a whole number of fen: ${amount}`, { amount: String(amount) });
  if (!Number.isSafeInteger(amount))
    throw new MoneyError('money-too-large', '金额超出可精确计算的范围', 'amount beyond exact arithmetic', { amount: String(amount) });
  return (amount === 0 ? 0 : amount) as Fen;
}

export const ZERO_FEN: Fen = fen(0);

/** `492`, `492.0`, `492.00`, `-0.01`; no thousands separators, no blanks, no exponent. Throws `not-money`. */
export function parseYuan(text: string): Fen {
  const found = YUAN.exec(text);
  if (!found)
    throw new MoneyError(
      'not-money',
      `不是有效金额：“${text}”（元，最多两位小数）`,
      `not an amount in yuan: '${text}' (at most two decimals)`,
      { text },
    );
  const whole = Number(found[2]) * 100 + Number((found[3] ?? '').padEnd(2, '0'));
  return fen(found[1] === '-' ? -whole : whole);
}

/** `492.00`: always two decimals, no separators; for files and the wire. */
export function formatYuan(amount: Fen): string {
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `7,585,200.00`: for reading. */
export function showYuan(amount: Fen): string {
  const [whole = '', part = ''] = formatYuan(amount).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${part}`;
}

export const addFen = (a: Fen, b: Fen): Fen => fen(a + b);
export const subtractFen = (a: Fen, b: Fen): Fen => fen(a - b);
/** `count` is a whole number. */
export function timesFen(amount: Fen, count: number): Fen {
  if (!Number.isInteger(count))
    throw new MoneyError('not-whole-fen', `份数不是整数：${count}`, `not a whole count: ${count}`, { count: String(count) });
  return fen(amount * count);
}
export const sumFen = (amounts: Iterable<Fen>): Fen => {
  let sum = ZERO_FEN;
  for (const amount of amounts) sum = addFen(sum, amount);
  return sum;
};
