import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tallyCounts } from '../../activities/measures/tally.js';
import type { UnitTallies } from '../../domain/model/event.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { AsOf } from '../../store/payments/as-of.js';
import { found } from '../support/definitions.js';
import { all, COUNTY, day, givenCounty, moment, setting, type County } from './given.js';

/* Lines by where they stand, as counts of a definition see them. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

const counted = (asOf: AsOf | null = null): Promise<UnitTallies> =>
  county.store.db
    .transaction()
    .execute((trx) =>
      tallyCounts(
        trx,
        setting,
        { counts: ['unanswered', 'duplicates'] },
        { county: COUNTY, process: county.process, asOf, today: '2018-04-20' as LocalDate, units: null },
      ),
    );
const asOf = (on: string): AsOf => ({ happenedBy: day(on), recordedBefore: moment('2018-05-01') });

test('C-D12 one of ten lines has no answer: one is counted, at its village, until a file or two people answer it', async () => {
  expect(await counted()).toEqual({});
  await county.people([...Array.from({ length: 8 }, () => ({})), { village: 'u6' }, { village: 'u6', name: '李四' }]);
  const batch = await county.made('2018-04-02');
  expect(await counted()).toEqual({ u4: { duplicates: 0, unanswered: 8 }, u6: { duplicates: 0, unanswered: 2 } });
  await county.returned('2018-04-04', batch, all(9, 'arrived'));
  expect(await counted()).toEqual({ u4: { duplicates: 0, unanswered: 0 }, u6: { duplicates: 0, unanswered: 1 } });
  await county.returned('2018-04-06', batch, [{ line: 10, outcome: 'duplicate' }], 2);
  expect(await counted()).toEqual({ u4: { duplicates: 0, unanswered: 0 }, u6: { duplicates: 1, unanswered: 0 } });
});

test('as of an earlier day it counts what was made and said by then', async () => {
  expect(await counted(asOf('2018-04-01'))).toEqual({});
  expect(found(Object.entries(await counted(asOf('2018-04-03'))).find(([unit]) => unit === 'u4'))[1]).toMatchObject({ unanswered: 8 });
  expect(found(Object.entries(await counted(asOf('2018-04-05'))).find(([unit]) => unit === 'u6'))[1]).toMatchObject({
    unanswered: 1,
    duplicates: 0,
  });
  expect(found(Object.entries(await counted(asOf('2018-04-06'))).find(([unit]) => unit === 'u6'))[1]).toMatchObject({
    unanswered: 0,
    duplicates: 1,
  });
});
