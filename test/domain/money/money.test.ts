import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addFen, fen, formatYuan, parseYuan, showYuan, subtractFen, sumFen, timesFen } from '../../../domain/money/fen.js';
import { compareRate, neededFor, percent, rate, showPercent, showYuanQuotient } from '../../../domain/money/rate.js';

describe('amounts', () => {
  test('yuan are read exactly', () => {
    expect(parseYuan('492.00')).toBe(49200);
    expect(parseYuan('0.1')).toBe(10);
    expect(parseYuan('0.29')).toBe(29);
    expect(parseYuan('-0.01')).toBe(-1);
    expect(parseYuan('1234567.89')).toBe(123456789);
    expect(Object.is(parseYuan('-0'), 0)).toBe(true);
  });

  test.each(['', ' 1', '1.', '.5', '1.005', '1,000', '1e3', '一百', '0x10', 'NaN', '99999999999999999'])('refuses %p', (text) => {
    expect(() => parseYuan(text)).toThrow(expect.objectContaining({ code: 'not-money' }));
  });

  test('400,000 additions of 0.01 give 4,000.00', () => {
    expect(formatYuan(sumFen(Array.from({ length: 400_000 }, () => parseYuan('0.01'))))).toBe('4000.00');
  });

  test('nothing is rounded silently', () => {
    expect(() => fen(0.5)).toThrow(expect.objectContaining({ code: 'not-whole-fen' }));
    expect(() => timesFen(fen(100), 0.5)).toThrow(expect.objectContaining({ code: 'not-whole-fen' }));
    expect(() => addFen(fen(Number.MAX_SAFE_INTEGER), fen(1))).toThrow(expect.objectContaining({ code: 'money-too-large' }));
    expect(() => timesFen(fen(Number.MAX_SAFE_INTEGER), 2)).toThrow(expect.objectContaining({ code: 'money-too-large' }));
  });

  test('large amounts are shown with separators', () => {
    expect(showYuan(parseYuan('7585200'))).toBe('7,585,200.00');
    expect(showYuan(parseYuan('-1234.5'))).toBe('-1,234.50');
    expect(showYuan(parseYuan('0.05'))).toBe('0.05');
  });

  test('writing and reading are inverse; sums do not depend on their order', () => {
    const amount = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }).map(fen);
    fc.assert(
      fc.property(amount, amount, amount, (a, b, c) => {
        expect(parseYuan(formatYuan(a))).toBe(a);
        expect(sumFen([a, b, c])).toBe(sumFen([c, a, b]));
        expect(subtractFen(addFen(a, b), b)).toBe(a);
      }),
    );
  });
});

describe('rates', () => {
  test('percent is an exact fraction', () => {
    expect(percent('96')).toEqual({ part: 96, whole: 100 });
    expect(percent('97.5')).toEqual({ part: 975, whole: 1000 });
    expect(() => percent('96%')).toThrow(expect.objectContaining({ code: 'not-a-rate' }));
    expect(() => percent('-1')).toThrow(expect.objectContaining({ code: 'not-a-rate' }));
    expect(() => rate(1, 0)).toThrow(expect.objectContaining({ code: 'no-whole' }));
    expect(() => rate(1.5, 2)).toThrow(expect.objectContaining({ code: 'not-a-rate' }));
  });

  test('C-K16 24,272 of 25,284 shows 96.00% and is below 96%; 24,273 reaches it', () => {
    expect(showPercent(rate(24272, 25284))).toBe('96.00%');
    expect(compareRate(rate(24272, 25284), percent('96'))).toBeLessThan(0);
    expect(compareRate(rate(24273, 25284), percent('96'))).toBeGreaterThan(0);
  });

  test('C-K17 24,270 of 25,284 shows 95.99%', () => {
    expect(showPercent(rate(24270, 25284))).toBe('95.99%');
  });

  test('display rounds half up', () => {
    expect(showPercent(rate(1, 8000))).toBe('0.01%');
    expect(showPercent(rate(1, 20000))).toBe('0.01%'); // exactly 0.005%
    expect(showPercent(rate(1, 3))).toBe('33.33%');
    expect(showYuanQuotient(rate(25998, 100))).toBe('2.60');
    expect(showYuanQuotient(rate(1, 2))).toBe('0.01');
    expect(showPercent(rate(800_000_000, 758_520_000))).toBe('105.47%');
  });

  test('comparison is exact beyond the precision of doubles', () => {
    const big = Number.MAX_SAFE_INTEGER;
    expect(compareRate(rate(big - 1, big), rate(big - 2, big - 1))).toBeGreaterThan(0);
  });

  test('the count needed reaches the rate and one less does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_00 }), fc.integer({ min: 1, max: 2_000_000 }), (hundredths, whole) => {
        const atLeast = rate(hundredths, 10_000);
        const needed = neededFor(atLeast, whole);
        expect(compareRate(rate(needed, whole), atLeast)).toBeGreaterThanOrEqual(0);
        expect(compareRate(rate(needed - 1, whole), atLeast)).toBeLessThan(0);
      }),
    );
  });
});
