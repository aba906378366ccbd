import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { handOverBatch } from '../../activities/deductions/hand-over.js';
import { cycleActivities } from '../../activities/deductions/index.js';
import { findBatch } from '../../store/deductions/batches.js';
import { stopOf } from '../../store/deductions/orders.js';
import { found } from '../support/definitions.js';
import { countyOver, all, COUNTY, DEDUCTION, givenCounty, launchedIn, setting, type County } from './given.js';

let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

test('given figures that do not add up, then nothing is posted, the cycle stands still and the difference is named', async () => {
  await county.people([{}, {}]);
  const batch = await county.made('2018-04-02');
  await county.returned('2018-04-04', batch, [{ line: 1 }]);
  // What was kept of the first answer says that both were taken.
  await county.rows(
    `insert into deduction_batch_events (county_id, batch_id, n, status, at, by_user, detail)
     values ('${COUNTY}', $1, 90, 'answered', '2018-04-04T09:00:00', 'p1', '{"counters": {"sent": 2, "succeeded": 2, "failed": 0, "unknown": 0, "pending": 0}}')`,
    batch,
  );
  const order = await county.order('2018-04-05', await county.written(batch, [{ line: 2, outcome: 'short' }], { seq: 2 }));
  const cycle = cycleActivities(county.parts);
  await cycle.stageReturn({ ...county.of, order });
  await expect(cycle.postReturn({ ...county.of, order })).rejects.toMatchObject({ type: 'cycle-stopped', nonRetryable: true });
  expect(await county.rows('select count(*)::int as n from deduction_outcomes where batch_id = $1', batch)).toEqual([{ n: 1 }]);
  expect(await stopOf(county.store.db, COUNTY, county.process, DEDUCTION)).toMatchObject({
    detail: { batch, counter: 'succeeded', expected: 2, found: 1 },
  });
  expect(await cycle.nextCycleOrder(county.of)).toMatchObject({ order: null });
  expect(await county.rows(`select code, detail from incidents where process_id = $1`, county.process)).toMatchObject([
    { code: 'cycle-stopped', detail: { batch, counter: 'succeeded', expected: 2, found: 1 } },
  ]);
  expect(await county.verified()).toMatchObject({ code: 'counters-differ', at: batch });
});

test('a request goes into the bank’s folder whole, and again as the same bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duban-bank-'));
  const own = await givenCounty(undefined, { handOverFolder: folder });
  try {
    await own.rows(`update worlds set kind = 'real', now_at = null where world_id = (select world_id from processes where process_id = $1)`, own.process); // prettier-ignore
    await own.people([{}, { name: '欧阳翠花' }]);
    const batch = await own.made('2018-04-02');
    const { fileName, digest } = found(await findBatch(own.store.db, COUNTY, batch));
    expect(readdirSync(folder)).toEqual([fileName]);
    const written = (): string =>
      createHash('sha256')
        .update(readFileSync(join(folder, fileName)))
        .digest('hex');
    expect(written()).toBe(digest);
    await handOverBatch(own.parts, own.of, batch);
    expect([readdirSync(folder), written()]).toEqual([[fileName], digest]);
    expect(await own.rows(`select count(*)::int as n from deduction_batch_events where batch_id = $1 and status = 'sent'`, batch)).toEqual([
      { n: 1 },
    ]);
    await own.returned('2018-04-04', batch, all(2, 'arrived'));
    expect(await own.verified()).toBeNull();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await own.close();
  }
});

test('what is rehearsed is never where the bank looks; two campaigns of a day have files of different names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duban-bank-'));
  const own = await givenCounty(undefined, { handOverFolder: folder });
  try {
    await own.people([{}]);
    const { fileName } = found(await findBatch(own.store.db, COUNTY, await own.made('2018-04-02')));
    expect(readdirSync(folder)).toEqual(['rehearsal']);
    expect(readdirSync(join(folder, 'rehearsal', own.process))).toEqual([fileName]);
    const other = countyOver(own.store, await launchedIn(own.store), setting, own.parts, () => Promise.resolve());
    await own.rows(`update processes set year = 2019, world_id = (select world_id from processes where process_id = $1) where process_id = $2`, own.process, other.process); // prettier-ignore
    await other.people([{}]);
    const second = found(await findBatch(own.store.db, COUNTY, await other.made('2018-04-02')));
    expect([fileName, second.fileName]).toEqual(['DK20180402001.txt', 'DK20180402002.txt']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await own.close();
  }
});
