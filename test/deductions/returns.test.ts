import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import type { OrderResult } from '../../domain/deduction/order.js';
import { returnProblems } from '../../store/deductions/orders.js';
import { tellReturnProblem } from '../../domain/deduction/problems.js';
import { all, counters, COUNTY, givenCounty, type County, type Said } from './given.js';

/* What a bank may send: each is answered by line or by file, and nothing is ever posted in part. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

const MADE = '2018-04-02';
const CAME = '2018-04-04';

/** A batch of so many persons, all its own. */
async function batchOf(persons: number): Promise<string> {
  await county.people(Array.from({ length: persons }, (_, index) => ({ village: index % 2 === 0 ? ('u4' as const) : ('u6' as const) })));
  return county.made(MADE);
}

type Mangled = (text: string) => string | Buffer;
/** A sound return of three lines, changed by somebody on the way. */
async function mangled(
  change: Mangled,
  said: readonly Said[] = all(3, 'arrived'),
  name?: string,
): Promise<{ batch: string; result: OrderResult; codes: readonly string[] }> {
  const batch = await batchOf(3);
  const file = await county.written(batch, said);
  const text = iconv.decode(file.content, 'gb18030');
  const changed = change(text.replaceAll('{batch}', batch));
  const content = typeof changed === 'string' ? iconv.encode(changed, 'gb18030') : changed;
  const before = await county.rows('select count(*)::int as n from deduction_outcomes');
  const order = await county.order(CAME, { name: name ?? file.name, content });
  const result = await county.takeOrder(order);
  if (result.kind === 'refused') expect(await county.rows('select count(*)::int as n from deduction_outcomes')).toEqual(before);
  expect(await county.rows('select count(*)::int as n from deduction_staged')).toEqual([{ n: 0 }]);
  const problems = await returnProblems(county.store.db, COUNTY, order, 100);
  for (const problem of problems) {
    const { zh, en, doZh, doEn } = tellReturnProblem(problem);
    expect([zh, en, doZh, doEn].every((sentence) => sentence !== '' && !sentence.includes('{'))).toBe(true);
  }
  return { batch, result, codes: problems.map(({ code, line }) => (line === null ? code : `${code}@${line}`)) };
}

const lineOf =
  (n: number, change: (line: string) => string): Mangled =>
  (text) =>
    text
      .split('\r\n')
      .map((line, index) => (index === n ? change(line) : line))
      .join('\r\n');

describe('refused as a whole, with a code and what to do next', () => {
  test.each<readonly [string, Mangled, readonly string[]]>([
    ['cut in the middle', (text) => text.slice(0, text.length - 40), ['cut-short', 'trailer-missing']],
    ['without its trailer', (text) => text.slice(0, text.lastIndexOf('T|')), ['trailer-missing']],
    ['an empty file', () => '', ['empty-file']],
    ['a wrong count', (text) => text.replace(/\r\nT\|3\|/, '\r\nT|4|'), ['wrong-count']],
    ['a wrong sum of what was taken', (text) => text.replace(/\|60000\r\n$/, '|60001\r\n'), ['wrong-sum']],
    ['in another charset', (text) => Buffer.from(text, 'utf8'), ['wrong-charset']],
    ['a negative amount', lineOf(2, (line) => line.replace('|20000|', '|-20000|')), ['negative-amount@3']],
    ['a line twice', (text) => text.replace(/(D\|2\|.*\r\n)D\|3\|[^\r]*\r\n/, '$1$1'), ['line-twice@4']],
    [
      'a line twice with another result',
      (text) => text.replace(/(D\|2\|.*)\|0000\|(.*\r\n)D\|3\|[^\r]*\r\n/, '$1|0000|$2$1|1001|$2'),
      ['line-twice-differs@4'],
    ],
  ])('%s', async (_, change, codes) => {
    const found = await mangled(change);
    expect(found.result).toMatchObject({ kind: 'refused', code: 'file-refused' });
    expect(found.codes.map((code) => (codes.includes(code) ? code : code.replace(/@.*/, '')))).toEqual(expect.arrayContaining([...codes]));
    // The same batch is answered by the right file afterwards.
    expect(counters(await county.returned(CAME, found.batch, all(3, 'arrived'), 2))).toBe('3 0 0 0');
    expect(await county.verified()).toBeNull();
  });

  test('C-D11 a line that is not in the batch: the file is refused, the line named', async () => {
    const { result, codes } = await mangled((text) => text, [...all(3, 'arrived'), { line: 4 }]);
    expect(result).toMatchObject({ kind: 'refused', counts: { 'line-unknown': 1 } });
    expect(codes).toContain('line-unknown@5');
  });

  test.each([3_000_000_000, 999_999_999_999_999])(
    'a line number %d that no batch ever has is a line that is not in the batch',
    async (line) => {
      const { batch, result, codes } = await mangled((text) => text, [...all(3, 'arrived'), { line }]);
      expect(result).toMatchObject({ kind: 'refused', code: 'file-refused', counts: { 'line-unknown': 1 } });
      expect(codes).toEqual(['line-unknown@5']);
      // The dry run says the same, and a good file behind it is not held up.
      const dry = await county.tried(CAME, await county.written(batch, [...all(3, 'arrived'), { line }]));
      expect(dry).toMatchObject({ result: { kind: 'refused' }, problems: [{ line: 5, code: 'line-unknown', params: { found: line } }] });
      expect(counters(await county.returned(CAME, batch, all(3, 'arrived'), 2))).toBe('3 0 0 0');
    },
  );

  test.each<readonly [string, NonNullable<Said['change']>, string]>([
    ['an amount changed by a fen', { amount: 20_001 }, 'amount-differs'],
    ['an account that was not sent', { account: '6228480000000099999' }, 'account-differs'],
    ['another name', { name: '李四' }, 'name-differs-sent'],
    ['a day before the request', { takenOn: '2018-04-01' }, 'day-impossible'],
    ['a day that has not come', { takenOn: '2018-04-05' }, 'day-impossible'],
  ])('%s', async (_, change, code) => {
    const { result, codes } = await mangled((text) => text, [{ line: 1, change }, { line: 2 }, { line: 3 }]);
    expect(result).toMatchObject({ kind: 'refused', counts: { [code]: 1 } });
    expect(codes).toEqual([`${code}@2`]);
  });

  test('a batch that nobody made, and the return of another batch under this one’s name', async () => {
    const { codes } = await mangled((text) => text.replace(/^H\|b\d+/, 'H|b999999'), undefined, 'HPb999999_01.txt');
    expect(codes).toContain('batch-unknown');
    const [one, other] = [await batchOf(2), await batchOf(2)];
    const file = await county.written(one, all(2, 'arrived'));
    expect(await county.take(CAME, { ...file, name: file.name.replace(one, other) })).toMatchObject({
      kind: 'refused',
      counts: { 'name-differs': 1 },
    });
  });
});

describe('taken, and told', () => {
  test('a byte order mark, and lines that end otherwise', async () => {
    const found = await mangled((text) => text.replaceAll('\r\n', '\n'));
    expect(counters(found.result)).toBe('3 0 0 0');
    const marked = await mangled((text) => Buffer.concat([Buffer.from([0x84, 0x31, 0x95, 0x33]), iconv.encode(text, 'gb18030')]));
    expect(counters(marked.result)).toBe('3 0 0 0');
    expect(marked.result).toMatchObject({ notices: { 'bom-found': 1 } });
  });

  test('a code that the table does not list is unknown and never retried by itself', async () => {
    const batch = await batchOf(1);
    const result = await county.returned(CAME, batch, [{ line: 1, code: '9X' }]);
    expect(counters(result)).toBe('0 0 1 0');
    expect(result).toMatchObject({ notices: { 'unmapped-code': 1 }, opened: 1 });
    const [line] = await county.rows('select due_id from deduction_lines where batch_id = $1', batch);
    expect(await county.rows(`select case_type from case_openings where due_id = $1`, line?.['due_id'])).toEqual([
      { case_type: 'deductionAnomaly' },
    ]);
    const next = await county.make('2018-04-20');
    expect(next.kind === 'made' ? next.leftOut : next.kind === 'refused' && next.params).toMatchObject({ unknown: 1 });
  });
});

describe('several files for a batch', () => {
  test('C-D12 one of ten lines is missing: nine are applied, one has no answer and may be answered later, also out of order', async () => {
    const batch = await batchOf(10);
    expect(counters(await county.returned(CAME, batch, all(9, 'arrived')))).toBe('9 0 0 1');
    expect(counters(await county.returned(CAME, batch, [{ line: 10, outcome: 'short' }], 2))).toBe('9 1 0 0');
    expect(await county.verified()).toBeNull();
  });

  test('C-D13 the same return twice: the second has no effect, under another name or with other line ends neither', async () => {
    const batch = await batchOf(3);
    const file = await county.written(batch, all(3, 'arrived'));
    expect(await county.take(CAME, file)).toMatchObject({ kind: 'posted', same: false });
    const before = await county.rows('select count(*)::int as n from ledger_postings');
    expect(await county.take('2018-04-09', file)).toMatchObject({ kind: 'posted', same: true, verdicts: {} });
    const text = iconv.decode(file.content, 'gb18030').replaceAll('\r\n', '\n');
    expect(
      await county.take('2018-04-09', { name: file.name.replace('_01', '_07'), content: iconv.encode(text, 'gb18030') }),
    ).toMatchObject({ same: true });
    expect(await county.rows('select count(*)::int as n from ledger_postings')).toEqual(before);
  });

  test('an old file again after a newer one changes nothing: what was said before stays said', async () => {
    const batch = await batchOf(2);
    const first = await county.written(batch, [{ line: 1, outcome: 'arrived' }]);
    await county.take(CAME, first);
    expect(counters(await county.returned(CAME, batch, all(2, 'arrived'), 2))).toBe('2 0 0 0');
    expect(await county.take(CAME, { ...first, name: first.name.replace('_01', '_05') })).toMatchObject({ same: true });
    expect(await county.verified()).toBeNull();
  });

  test('what was unknown is answered by a later file; duplicate-reported counts as unknown until it is', async () => {
    const batch = await batchOf(3);
    expect(
      counters(
        await county.returned(CAME, batch, [
          { line: 1, code: '9X' },
          { line: 2, outcome: 'duplicate' },
          { line: 3, code: '9X' },
        ]),
      ),
    ).toBe('0 0 3 0');
    expect(counters(await county.returned(CAME, batch, [{ line: 1 }, { line: 2, outcome: 'short' }], 2))).toBe('1 1 1 0');
    expect(await county.verified()).toBeNull();
  });

  test('a success after a definite failure is owed back, and the person is not tried again meanwhile', async () => {
    const batch = await batchOf(1);
    await county.returned(CAME, batch, all(1, 'short'));
    const late = await county.returned(CAME, batch, all(1, 'arrived'), 2);
    expect(late).toMatchObject({ verdicts: { late: 1 }, refunds: 20_000, taken: 0 });
    expect(counters(late)).toBe('0 1 0 0');
    expect(await county.verified()).toBeNull();
    const next = await county.make('2018-04-20');
    expect(next.kind === 'made' ? next.leftOut : next.kind === 'refused' && next.params).toMatchObject({ refund: 1 });
    expect(await county.returned(CAME, batch, [{ line: 1, change: { takenOn: '2018-04-03' } }], 3)).toMatchObject({
      verdicts: { again: 1 },
    });
  });

  test('any other contradiction of a definite answer is set aside, the rest of the file is posted', async () => {
    const batch = await batchOf(3);
    await county.returned(CAME, batch, [{ line: 1 }, { line: 2, outcome: 'account' }]);
    const result = await county.returned(CAME, batch, [{ line: 1, outcome: 'short' }, { line: 2, outcome: 'short' }, { line: 3 }], 2);
    expect(result).toMatchObject({ verdicts: { quarantine: 2, post: 1 } });
    expect(counters(result)).toBe('2 1 0 0');
    expect(await county.rows(`select line, outcome from deduction_quarantine where batch_id = $1 order by line`, batch)).toEqual([
      { line: 1, outcome: 'short' },
      { line: 2, outcome: 'short' },
    ]);
    expect(await county.verified()).toBeNull();
  });
});
