import { afterEach, describe, expect, test } from '@jest/globals';
import { tellReturnProblem } from '../../domain/deduction/problems.js';
import type { FormatColumn } from '../../domain/model/format.js';
import type { Setting } from '../../domain/model/setting.js';
import { returnProblems } from '../../store/deductions/orders.js';
import { makeBatches } from '../../activities/deductions/make.js';
import { found } from '../support/definitions.js';
import { COUNTY, givenCounty, setting, type County } from './given.js';
import { withFixedWidth, withRequest, withThirdFormat } from './layouts.js';

/* A request that cannot be written is refused as a whole, and whatever waits behind it goes on. */
let county: County | null = null;
afterEach(async () => {
  await county?.close();
  county = null;
});
const nothingMade = async ({ rows }: County): Promise<void> =>
  expect(await rows('select (select count(*) from deduction_batches)::int + (select count(*) from deduction_lines)::int + (select count(*) from deduction_files)::int as n')).toEqual([{ n: 0 }]); // prettier-ignore

/** A column of text in the header of the request, which `definition check` would not let pass. */
const withAgency = (own: Setting): Setting =>
  withRequest(({ header }) => {
    const like = found(header?.find(({ id }) => id === 'batch'));
    const agency: FormatColumn = { ...like, id: 'agency', title: '机构号' };
    return { header: [...(header ?? []), agency] };
  }, own);

describe('refused, with the column and the way out', () => {
  test('a column of the header that nobody can fill in', async () => {
    const own = (county = await givenCounty(withAgency(setting)));
    await own.people([{}]);
    const order = await own.runOrder('2018-04-02');
    const refused = await makeBatches(own.parts, own.of, order);
    expect(refused).toMatchObject({ kind: 'refused', code: 'unwritable', params: { column: 'agency', place: 'header' } });
    expect(refused).toMatchObject({ zh: expect.stringContaining('“agency”缺少值'), en: expect.stringContaining("'agency'") });
    const [problem] = await returnProblems(own.store.db, COUNTY, order, 10);
    expect(tellReturnProblem(found(problem))).toMatchObject({ zh: '“agency”缺少值' });
    await nothingMade(own);
    expect(await own.rows('select status from deduction_orders')).toEqual([{ status: 'refused' }]);
  });

  test('a layout whose parameter has no value', async () => {
    const third = withThirdFormat();
    const unset = { ...third, definition: { ...third.definition, parameters: { ...setting.definition.parameters } } };
    const own = (county = await givenCounty(unset));
    await own.people([{}]);
    expect(await own.make('2018-04-02')).toMatchObject({ kind: 'refused', code: 'rule-undecided', params: { because: expect.stringContaining('parameter') } }); // prettier-ignore
    await nothingMade(own);
  });

  test('the tenth file of a day where the name has one digit: none is made, and none goes out under another name', async () => {
    const own = (county = await givenCounty(
      withRequest(({ file }) => ({ file: (file ?? []).map((part) => (part.kind === 'seq' ? { kind: 'seq', digits: 1 } : part)) })),
    ));
    await own.people(Array.from({ length: 10 }, () => ({})));
    expect(await own.make('2018-04-02', { mostLines: 1 })).toMatchObject({ kind: 'refused', code: 'no-file-name', params: { seq: 10 } });
    await nothingMade(own);
    const made = await own.make('2018-04-02', { mostLines: 2 });
    expect(made.kind === 'made' && made.batches.map(({ file }) => file)).toEqual([1, 2, 3, 4, 5].map((n) => `DK20180402${n}.txt`));
  });
});

test('a name that the bank’s charset cannot hold is told before anything is sent; the others may go without', async () => {
  const own = (county = await givenCounty(withFixedWidth()));
  const [, bad] = await own.people([{}, { name: '张𬭎' }]);
  const refused = await own.make('2018-04-02');
  expect(refused).toMatchObject({ kind: 'refused', code: 'unwritable', params: { persons: 1 } });
  await nothingMade(own);
  const made = await own.make('2018-04-02', { leaveOut: true });
  expect(made).toMatchObject({
    kind: 'made',
    unwritable: [{ due: bad, code: 'not-held', column: 'name', params: { expected: 'GBK', found: '𬭎 U+2CB4E' } }],
  });
  expect(made.kind === 'made' && made.batches[0]?.lines).toBe(1);
});

test('a control character in a name is told as well, whatever the charset', async () => {
  const own = (county = await givenCounty());
  const [, bad] = await own.people([{}, { name: '张\u0007三' }]);
  expect(await own.make('2018-04-02', { leaveOut: true })).toMatchObject({
    kind: 'made',
    unwritable: [{ due: bad, code: 'control-character', column: 'name' }],
  });
});
