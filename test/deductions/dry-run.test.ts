import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tellReturnProblem } from '../../domain/deduction/problems.js';
import { returnProblems } from '../../store/deductions/orders.js';
import { found } from '../support/definitions.js';
import { all, COUNTY, givenCounty, setting, type County, type Said } from './given.js';

/* What a dry run of a return says is what taking it in then says: of the file, of its lines, of the money. */
let county: County;
beforeAll(async () => {
  // A code that the bank's table turns into what is none of this deduction's outcomes.
  const bankCodes = [...(setting.tables['bankCodes'] ?? []), { code: '1009', outcome: 'frozen' }];
  county = await givenCounty({ ...setting, tables: { ...setting.tables, bankCodes } });
});
afterAll(() => county.close());

test.each<readonly [string, readonly Said[], readonly string[]]>([
  ['taken and failed', [{ line: 1 }, { line: 2, outcome: 'short' }], []],
  [
    'codes that the table does not list',
    [{ line: 1 }, { line: 2, code: '9X' }, { line: 3, code: '9Y' }],
    ['unmapped-code@3', 'unmapped-code@4', 'line-left-unknown@3', 'line-left-unknown@4'],
  ],
  ['an outcome that is none of the deduction', [{ line: 1 }, { line: 2, code: '1009' }], ['line-left-unknown@3']],
  ['what the bank says it took before', [{ line: 1 }, { line: 2, outcome: 'duplicate' }], ['line-left-duplicate@3']],
  [
    'an amount that differs, beside a code that the table does not list',
    [
      { line: 1, code: '9X' },
      { line: 2, change: { amount: 1 } },
    ],
    ['unmapped-code@2', 'amount-differs@3'],
  ],
  [
    'lines that were not sent',
    [...all(3, 'arrived'), { line: 4 }, { line: 5, code: '9X' }],
    ['unmapped-code@6', 'line-unknown@5', 'line-unknown@6'],
  ],
])('%s', async (_, said, told) => {
  await county.people([{}, {}, {}]);
  const batch = await county.made('2018-04-02');
  const file = await county.written(batch, said);
  const before = await county.rows('select count(*)::int as n from deduction_orders');
  const dry = await county.tried('2018-04-04', file);
  expect(await county.rows('select count(*)::int as n from deduction_orders')).toEqual(before);
  const order = await county.order('2018-04-04', file);
  expect(dry.result).toEqual(await county.takeOrder(order));
  expect(dry.problems).toEqual(await returnProblems(county.store.db, COUNTY, order, 1_000));
  expect(dry.problems.map(({ code, line }) => `${code}@${line}`)).toEqual(told);
  if (said.some(({ code }) => code === '1009'))
    expect(dry.result).toMatchObject({ notices: { 'outcome-unknown': 1 }, outcomes: { unknown: 1 } });
});

test('a second file that says other than the first is told line by line, with what to do next, before it is posted and after', async () => {
  await county.people([{}, {}, {}]);
  const batch = await county.made('2018-04-02');
  await county.returned('2018-04-03', batch, [{ line: 1 }, { line: 2, outcome: 'short' }, { line: 3 }]);
  const second = await county.written(batch, [{ line: 1, outcome: 'short' }, { line: 2 }, { line: 3 }], { seq: 2 });
  const dry = await county.tried('2018-04-04', second);
  const order = await county.order('2018-04-04', second);
  expect(await county.takeOrder(order)).toEqual(dry.result);
  expect(dry.problems).toEqual(await returnProblems(county.store.db, COUNTY, order, 1_000));
  expect(dry.problems).toEqual([
    { line: 2, code: 'line-contradicts', params: { found: 1 } },
    { line: 3, code: 'line-taken-late', params: { found: 2 } },
  ]);
  for (const problem of dry.problems)
    expect(tellReturnProblem(problem)).toMatchObject({ doZh: expect.stringContaining('deduction settle') });
});

test('a return format without a code is refused by the dry run as by the real one', async () => {
  const { definition } = setting;
  const bare = found(definition.formats?.['bankReturn']);
  const own = await givenCounty({
    ...setting,
    definition: {
      ...definition,
      formats: {
        ...definition.formats,
        bankReturn: { ...bare, codes: null, totals: {}, detail: bare.detail.filter(({ type }) => type !== 'code') },
      },
    },
  });
  try {
    await own.people([{}]);
    const batch = await own.made('2018-04-02');
    const file = { name: `HP${batch}_01.txt`, content: Buffer.from(`H|${batch}|1|20000\r\n`) };
    const dry = await own.tried('2018-04-04', file);
    expect(dry.result).toMatchObject({ kind: 'refused', code: 'no-settlement' });
    expect(await own.take('2018-04-04', file)).toEqual(dry.result);
  } finally {
    await own.close();
  }
});
