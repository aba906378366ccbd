import { expect, test } from '@jest/globals';
import { CopyText, type CopyValue } from '../../store/imports/copy-text.js';

/* Rows as bytes for COPY: nothing is lost or cut where a piece ends, whatever a character takes. */
const joined = (pieces: readonly Buffer[]): string => Buffer.concat(pieces).toString('utf8');

test('rows longer and shorter than a piece, of characters of one to four bytes, come out whole and in order', () => {
  const text = new CopyText();
  const rows = Array.from({ length: 5_000 }, (_, n): readonly CopyValue[] => [
    n,
    '张三𠮷é'.repeat(n % 40),
    n === 2_500 ? '玥'.repeat(100_000) : 'x',
  ]);
  const early: Buffer[] = [];
  for (const row of rows) {
    text.add(row);
    if (text.full) early.push(...text.complete());
  }
  expect(text.rows).toBe(5_000);
  expect(early.length).toBeGreaterThan(5);
  const rest = text.rest();
  expect(joined([...early, ...rest])).toBe(rows.map((row) => `${row.join('\t')}\n`).join(''));
  expect(joined(text.rest())).toBe('');
});

test('what COPY would read as its own signs is escaped: backslash, tab, line end, bytes, lists, nothing', () => {
  const text = new CopyText();
  text.add(['a\\b\tc\nd\re', Buffer.from([0, 255]), ['甲"', '乙\\'], null, 0]);
  expect(joined(text.rest())).toBe('a\\\\b\\tc\\nd\\re\t\\\\x00ff\t{"甲\\\\"","乙\\\\\\\\"}\t\\N\t0\n');
});
