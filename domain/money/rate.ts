import { Decimal } from 'decimal.js';
import { MoneyError } from './errors.js';

/**
 * An exact fraction. Rates are compared as fractions and rounded only when they are printed: 24,272 of 25,284 prints 96.00% and is
 * below 96%. `whole` is never 0; no whole means no value.
 */
export interface Rate {
  readonly part: number;
  readonly whole: number;
}

/** Own precision, so that a product of two safe integers is exact whatever other code sets on decimal.js. */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
const PERCENT = /^(\d{1,7})(?:\.(\d{1,6}))?$/;

/** Throws `no-whole` for a whole of 0 and `not-a-rate` for numbers that are not safe integers. */
export function rate(part: number, whole: number): Rate {
  if (!Number.isSafeInteger(part) || !Number.isSafeInteger(whole)) throw notARate(`${part}/${whole}`);
  if (whole === 0) throw new MoneyError('no-whole', '分母为零，没有比率', 'the whole is 0: there is no rate');
  return whole < 0 ? { part: part === 0 ? 0 : -part, whole: -whole } : { part: part === 0 ? 0 : part, whole };
}

/** `96`, `97.5`: percent as an exact fraction (96/100, 975/1000). Throws `not-a-rate`. */
export function percent(text: string): Rate {
  const found = PERCENT.exec(text);
  if (!found) throw notARate(text);
  const decimals = found[2] ?? '';
  return { part: Number(`${found[1]}${decimals}`), whole: 100 * 10 ** decimals.length };
}

/** Negative, 0 or positive as `a` is below, equal to or above `b`; unrounded. */
export const compareRate = (a: Rate, b: Rate): number => new Exact(a.part).times(b.whole).comparedTo(new Exact(b.part).times(a.whole));

/** `96.00%`: two decimals, rounded half up, for display only. */
export const showPercent = ({ part, whole }: Rate): string =>
  `${new Exact(part).times(100).dividedBy(whole).toFixed(2, Decimal.ROUND_HALF_UP)}%`;

/** A quotient of fen by a count, in yuan: `259.98`; two decimals, rounded half up, for display only. */
export const showYuanQuotient = ({ part, whole }: Rate): string =>
  new Exact(part).dividedBy(whole).dividedBy(100).toFixed(2, Decimal.ROUND_HALF_UP);

/** A plain quotient of two counts: `3.50`; two decimals, rounded half up, for display only. */
export const showQuotient = ({ part, whole }: Rate): string => new Exact(part).dividedBy(whole).toFixed(2, Decimal.ROUND_HALF_UP);

/** Smallest whole number whose share of `whole` reaches `atLeast`; never a rounded share (96% of 25,284 = 24,273). */
export const neededFor = (atLeast: Rate, whole: number): number =>
  new Exact(atLeast.part).times(whole).dividedBy(atLeast.whole).ceil().toNumber();

function notARate(text: string): MoneyError {
  return new MoneyError('not-a-rate', `不是有效比率：“${text}”`, `not a rate: '${text}'`, { text });
}
