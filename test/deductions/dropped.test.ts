import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dropOrder } from '../../activities/deductions/drop.js';
import { cycleActivities } from '../../activities/deductions/index.js';
import { stageReturn } from '../../activities/deductions/stage.js';
import { deductionText } from '../../cli/print/deductions.js';
import { addOrder, findOrder, lockOrder } from '../../store/deductions/orders.js';
import { raiseIncident } from '../../store/incidents.js';
import { failingOrders, orderOfBytes } from '../../store/lists/deductions.js';
import { found } from '../support/definitions.js';
import { all, clerk, counters, COUNTY, DEDUCTION, givenCounty, moment, officer, type County } from './given.js';

/* An order that cannot go on is given up, and what waits behind it is taken up; nothing that is booked, made or handed over ever is. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
});
afterAll(() => county.close());

const drop = (order: string, reason = '文件损坏，银行重出') =>
  county.store.db
    .transaction()
    .execute(async (trx) => dropOrder(trx, await lockOrder(trx, COUNTY, order), { reason, at: moment('2018-04-06'), by: officer }));
const statusOf = async (order: string) => found(await findOrder(county.store.db, COUNTY, order)).status;
const staged = () => county.rows('select count(*)::int as n from deduction_staged');
async function batchOf(persons: number): Promise<string> {
  await county.people(Array.from({ length: persons }, () => ({})));
  return county.made('2018-04-02');
}

describe('a return', () => {
  test('given one that was read and cannot be posted, when it is given up, then nothing of it is posted and the next is taken', async () => {
    const cycle = cycleActivities(county.parts);
    const batch = await batchOf(2);
    const file = await county.written(batch, all(2, 'short'));
    const bad = await county.order('2018-04-04', file);
    const good = await county.order('2018-04-05', await county.written(batch, all(2, 'arrived'), { seq: 2 }));
    expect(await cycle.nextCycleOrder(county.of)).toMatchObject({ order: { order: bad } });
    expect(await cycle.stageReturn({ ...county.of, order: bad })).toEqual({ sound: true });
    // What keeps failing is seen beside the order that it holds up.
    await raiseIncident(county.store.db, {
      county: COUNTY,
      process: county.process,
      code: 'activity-failing',
      cause: 'postReturn: 22003',
      detail: { activity: 'postReturn', attempt: 10, order: bad },
    });
    const failing = () => failingOrders(county.store.db, COUNTY, county.process, DEDUCTION);
    expect(await failing()).toEqual([{ order: bad, cause: 'postReturn: 22003', attempt: 10 }]);
    const text = deductionText({ title: '代扣', stopped: null, batches: [], orders: [], failing: [...(await failing())] }, 'zh');
    expect(text).toContain(`${bad} 已试 10 次仍不成（postReturn: 22003）`);

    await drop(bad);
    expect(await failing()).toEqual([]);
    expect(await staged()).toEqual([{ n: 0 }]);
    expect(await cycle.postReturn({ ...county.of, order: bad })).toEqual({ posted: false });
    expect(await cycle.stageReturn({ ...county.of, order: bad })).toEqual({ sound: false });
    expect(await findOrder(county.store.db, COUNTY, bad)).toMatchObject({
      status: 'dropped',
      result: { kind: 'refused', code: 'given-up', params: { by: officer, reason: '文件损坏，银行重出' } },
    });
    expect(await county.rows(`select actor, detail ->> 'reason' as reason, detail ->> 'status' as status from audit where subject = $1 and action = 'deduction.order.dropped'`, bad)).toEqual([{ actor: officer, reason: '文件损坏，银行重出', status: 'staged' }]); // prettier-ignore

    expect(await cycle.nextCycleOrder(county.of)).toMatchObject({ order: { order: good } });
    expect(counters(await county.takeOrder(good))).toBe('2 0 0 0');
    // The same bytes may be handed in again.
    const digest = createHash('sha256').update(file.content).digest('hex');
    expect(await orderOfBytes(county.store.db, COUNTY, county.process, DEDUCTION, digest)).toBeNull();
    expect(await county.verified()).toBeNull();
  });

  test('given one that a worker reads, when it is given up meanwhile, then the worker is refused and takes nothing more in', async () => {
    const batch = await batchOf(3);
    const order = await county.order('2018-04-04', await county.written(batch, all(3, 'arrived')));
    const parts = { ...county.parts, at: (point: string) => (point === 'staging' ? drop(order) : undefined) };
    await expect(stageReturn(parts, county.of, order)).rejects.toMatchObject({ code: 'order-fenced' });
    expect(await stageReturn(county.parts, county.of, order)).toMatchObject({ kind: 'refused', code: 'given-up' });
    expect([await statusOf(order), await staged()]).toEqual(['dropped', [{ n: 0 }]]);
    expect(counters(await county.returned('2018-04-05', batch, all(3, 'arrived'), 2))).toBe('3 0 0 0');
  });

  test('what is posted, or over, is never given up', async () => {
    const batch = await batchOf(1);
    const order = await county.order('2018-04-04', await county.written(batch, all(1, 'arrived')));
    await county.takeOrder(order);
    await expect(drop(order)).rejects.toMatchObject({ code: 'order-over', params: { status: 'done' } });
    const bad = await county.order('2018-04-04', { name: 'x.txt', content: Buffer.from('') });
    await county.takeOrder(bad);
    await expect(drop(bad)).rejects.toMatchObject({ code: 'order-over', params: { status: 'refused' } });
    expect([await statusOf(order), await statusOf(bad)]).toEqual(['done', 'refused']);
  });
});

describe('a round', () => {
  test('that waits, or was proposed, is given up: nothing is made', async () => {
    const cycle = cycleActivities(county.parts);
    const before = await county.rows('select count(*)::int as n from deduction_batches');
    await county.people([{}]);
    const waits = await county.runOrder('2018-04-02');
    const proposed = await county.store.db.transaction().execute((trx) =>
      addOrder(trx, { county: COUNTY, process: county.process, deduction: DEDUCTION, kind: 'make', status: 'proposed', request: {}, file: null, at: moment('2018-04-02'), by: clerk }),
    ); // prettier-ignore
    await drop(waits, '改日再做');
    await drop(proposed, '改日再做');
    expect(await cycle.makeBatches({ ...county.of, order: waits })).toEqual({ batches: [] });
    expect(await cycle.nextCycleOrder(county.of)).toMatchObject({ order: null });
    expect(await county.rows('select count(*)::int as n from deduction_batches')).toEqual(before);
  });

  test('whose request is made stays: its persons count as asked until the bank answers', async () => {
    const cycle = cycleActivities(county.parts);
    await county.people([{}]);
    const order = await county.runOrder('2018-04-02');
    const { batches } = await cycle.makeBatches({ ...county.of, order });
    expect(batches).toHaveLength(1);
    await expect(drop(order)).rejects.toMatchObject({ code: 'order-over', params: { status: 'staged' } });
    for (const batch of batches) await cycle.handOverBatch({ ...county.of, batch });
    await cycle.finishMake({ ...county.of, order });
    await expect(drop(order)).rejects.toMatchObject({ code: 'order-over', params: { status: 'done' } });
    expect(await county.verified()).toBeNull();
  });
});
