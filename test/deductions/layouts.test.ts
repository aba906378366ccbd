import { afterEach, expect, test } from '@jest/globals';
import { findBatch } from '../../store/deductions/batches.js';
import { contentOf } from '../../store/deductions/files.js';
import { found } from '../support/definitions.js';
import { counters, COUNTY, givenCounty, key, type County } from './given.js';
import { withFixedWidth, withThirdFormat } from './layouts.js';

/* A round with each layout that a county may choose: what differs is the definition, never the code. */
let county: County | null = null;
afterEach(async () => {
  await county?.close();
  county = null;
});

/** The request as it was kept for the bank. */
async function requestOf({ store }: County, batch: string): Promise<{ readonly name: string; readonly content: Buffer }> {
  const { file, fileName } = found(await findBatch(store.db, COUNTY, batch));
  const pieces: Buffer[] = [];
  for await (const piece of contentOf(store.db, key, COUNTY, file)) pieces.push(piece);
  return { name: fileName, content: Buffer.concat(pieces) };
}

test('given the fixed-width GBK layout, a round is made, answered and posted, and the failed are asked for again', async () => {
  const own = (county = await givenCounty(withFixedWidth()));
  await own.people([{ name: '欧阳翠花' }, { name: '王五', amount: 12_345 }, { village: 'u6', name: '李四' }]);
  const batch = await own.made('2018-04-02');
  const { name, content } = await requestOf(own, batch);
  expect(name).toBe('QQ20180402001.dat');
  const lines = content.toString('latin1').split('\r\n');
  // Bytes, not characters: 欧阳翠花 takes eight of them.
  expect(lines.map(({ length }) => length)).toEqual([82, 82, 82, 82, 82, 0]);
  expect(lines.map((line) => line[0])).toEqual(['1', '2', '2', '2', '9', undefined]);
  expect(lines[2]?.slice(-12).trim()).toBe('000000123.45');

  const file = await own.written(batch, [{ line: 1 }, { line: 2, change: { takenOn: '2018-04-03' } }, { line: 3, outcome: 'short' }]);
  expect(file.name).toBe(`HP${batch}01.dat`);
  expect((await own.tried('2018-04-04', file)).result).toMatchObject({ kind: 'posted', taken: 32_345 });
  const result = await own.take('2018-04-04', file);
  expect(counters(result)).toBe('2 1 0 0');
  expect(result).toMatchObject({ taken: 32_345, outcomes: { arrived: 2, short: 1 }, notices: {} });
  const next = await own.make('2018-04-20');
  expect(next).toMatchObject({ kind: 'made', round: 2, batches: [{ lines: 1, amount: 20_000, file: 'QQ20180420001.dat' }] });
  expect(await own.verified()).toBeNull();
});

test('given a line of the fixed-width layout that is a byte short, or a name that differs, nothing is posted', async () => {
  const own = (county = await givenCounty(withFixedWidth()));
  await own.people([{ name: '欧阳翠花' }, {}]);
  const batch = await own.made('2018-04-02');
  const file = await own.written(batch, [{ line: 1 }, { line: 2 }]);
  const cut = Buffer.concat([file.content.subarray(0, 150), file.content.subarray(151)]);
  expect(await own.take('2018-04-04', { ...file, content: cut })).toMatchObject({ kind: 'refused', counts: { 'line-too-short': 1 } });
  const other = await own.written(batch, [{ line: 1, change: { name: '欧阳翠华' } }, { line: 2 }]);
  expect(await own.take('2018-04-04', other)).toMatchObject({ kind: 'refused', counts: { 'name-differs-sent': 1 } });
  expect(counters(await own.take('2018-04-04', file))).toBe('2 0 0 0');
});

test('given files that were written from the reference alone, a round is made, answered and posted without a line of code', async () => {
  const own = (county = await givenCounty(withThirdFormat()));
  await own.people([{ name: '甲"@|@乙' }, { name: '丙', amount: 12_350 }, { name: '𬭎', village: 'u6' }, { name: '丁' }]);
  const batch = await own.made('2018-04-02');
  const { name, content } = await requestOf(own, batch);
  expect(name).toBe('Q-YZ07-20180402-0001.csv');
  const [head, first, second] = content.toString('utf8').split('\n');
  expect(head).toBe(`\uFEFF${batch}@|@YZ07@|@2018-04-02@|@4@|@723.5@|@`);
  expect(first).toMatch(/^1@\|@62\d+@\|@"甲""@\|@乙"@\|@200@\|@$/);
  expect(second).toMatch(/@\|@丙@\|@123\.5@\|@$/);

  const file = await own.written(batch, [
    { line: 1, code: 'OK' },
    { line: 2, code: 'OK' },
    { line: 3, outcome: 'short', code: 'E1' },
    // The bank's own word for what this county's deduction does not know.
    { line: 4, outcome: 'account', code: 'E9' },
  ]);
  expect(file.name).toBe('R-YZ07-20180404-0001.csv');
  const result = await own.take('2018-04-04', file);
  expect(counters(result)).toBe('2 1 1 0');
  expect(result).toMatchObject({ taken: 32_350, outcomes: { arrived: 2, short: 1, unknown: 1 }, notices: { 'outcome-unknown': 1 } });
  // What the bank took must be what it was asked for, and from whom.
  const part = await own.written(batch, [{ line: 1, code: 'OK', change: { taken: 10_000 } }], { seq: 2 });
  expect(await own.take('2018-04-05', part)).toMatchObject({ kind: 'refused', counts: { 'amount-differs': 1 } });
  const other = await own.written(batch, [{ line: 1, code: 'OK', change: { name: '乙' } }], { seq: 3 });
  expect(await own.take('2018-04-05', other)).toMatchObject({ kind: 'refused', counts: { 'name-differs-sent': 1 } });
  expect(await own.verified()).toBeNull();
});
