import { describe, expect, test } from '@jest/globals';
import type { FileRow } from '../../../domain/formats/columns.js';
import { layoutOf, type Layout } from '../../../domain/formats/layout.js';
import { bank, readWhole, returned, writeWhole, type Whole } from './given.js';

/** Columns of a line that no total of the format covers; whoever books the file compares them with the batch. */
const UNCOVERED = ['line', 'account', 'name', 'takenOn'];
/** Of two codes of which neither moves money a file cannot say which is right: nothing is added up over them. */
const moneyStays = (before: Whole, after: Whole): boolean =>
  before.read.every(
    ({ outcome }, i) => outcome === after.read[i]?.outcome || (outcome !== 'arrived' && after.read[i]?.outcome !== 'arrived'),
  );
const EVERY_BYTE = process.env['DUBAN_LONG'] === '1';
const VALUES = EVERY_BYTE
  ? Array.from({ length: 256 }, (_, n) => n)
  : [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x2d, 0x2e, 0x30, 0x31, 0x39, 0x44, 0x48, 0x54, 0x61, 0x7c, 0x7f, 0x80, 0x81, 0xc4, 0xff];

/** Columns in which two readings of the same number of lines differ; null = something else differs. */
function changed(before: Whole, after: Whole): readonly string[] | null {
  const same = JSON.stringify([before.header, before.trailer]) === JSON.stringify([after.header, after.trailer]);
  if (!same || before.read.length !== after.read.length) return null;
  return before.read.flatMap(({ row }, i) => {
    const other: FileRow = after.read[i]?.row ?? {};
    return Object.keys(row).filter((id) => row[id] !== other[id]);
  });
}

const cases: readonly (readonly [string, Layout, string])[] = [
  ['delimited', layoutOf(bank('bank-return-delimited'), 'bankReturn'), 'HPPC2018030001_01.txt'],
  ['fixed width', layoutOf(bank('bank-return-fixed'), 'bankReturn'), 'HPPC201803000101.dat'],
];

describe.each(cases)('a single byte changed in a return file, %s', (_, layout, name) => {
  const bytes = writeWhole(layout, returned(3), { header: { batch: 'PC2018030001' } });
  const before = readWhole(layout, bytes, { name });

  test('is told, or says the same, or lies in one column that the batch knows', () => {
    expect(before.sound).toBe(true);
    const silent: string[] = [];
    let [toldOf, harmless, uncovered] = [0, 0, 0];
    for (let at = 0; at < bytes.length; at += 1)
      for (const value of VALUES) {
        if (bytes[at] === value) continue;
        const mutant = Buffer.from(bytes);
        mutant[at] = value;
        // Whoever sent the batch knows its number; the name of a file does not tell upper from lower case.
        const after = readWhole(layout, mutant, { name, batch: 'PC2018030001' });
        const columns = changed(before, after);
        if (after.problems.length > 0) toldOf += 1;
        else if (columns?.length === 0) harmless += 1;
        else if (columns?.join() === 'code' && moneyStays(before, after)) uncovered += 1;
        else if (columns?.length === 1 && UNCOVERED.includes(columns[0] ?? '')) uncovered += 1;
        else silent.push(`${at}: ${bytes[at]} -> ${value}`);
      }
    expect(silent).toEqual([]);
    expect(toldOf).toBeGreaterThan(harmless + uncovered);
  });

  test('a byte lost or doubled too', () => {
    const silent: string[] = [];
    for (let at = 0; at < bytes.length; at += 1)
      for (const mutant of [
        Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
        Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]),
      ]) {
        const after = readWhole(layout, mutant, { name });
        const columns = changed(before, after);
        if (after.problems.length === 0 && !(columns !== null && columns.length <= 1 && columns.every((id) => UNCOVERED.includes(id))))
          silent.push(`${at}`);
      }
    expect(silent).toEqual([]);
  });
});
