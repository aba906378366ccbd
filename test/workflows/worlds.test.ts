import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import { appendFacts } from '../../store/inbox.js';
import { getWorld } from '../../store/worlds.js';
import { collector, COUNTY, done, LEADER, smallSetting, Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.startWorker();
});
afterAll(() => stage.close());

test('a virtual world stands still until it is moved', async () => {
  const world = await stage.virtualWorld('2020-05-19T23:59:59');
  const process = await stage.launch(world, smallSetting(1));
  expect(await stage.summary(process)).toMatchObject({ now: '2020-05-19T23:59:59', wakeAt: '2020-05-20T08:30:00', quiet: true });
  expect((await stage.row(process)).wake_at).toBe('2020-05-20T08:30:00');
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched']);
});

test('moving a world fires every rung at its own moment, in order, and asks for figures on the way', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(1));
  await stage.move(world, '2020-05-29T12:00:00');

  const sent = await stage.store.db
    .selectFrom('outbox')
    .select(['outbox_id', 'text_id', 'send_at'])
    .where('process_id', '=', process)
    .orderBy('seq')
    .orderBy('outbox_id')
    .execute();
  expect(sent).toEqual([
    { outbox_id: expect.stringContaining('material/v1#1.0'), text_id: 'dueSoon', send_at: '2020-05-20T08:30:00' },
    { outbox_id: expect.stringContaining('byMay20/u1'), text_id: 'missed', send_at: '2020-05-21T08:30:00' },
    { outbox_id: expect.stringContaining('material/v1#1.1'), text_id: 'overdue', send_at: '2020-05-26T08:30:00' },
    { outbox_id: expect.stringContaining('material/v1#1.2'), text_id: 'overdue', send_at: '2020-05-28T08:30:00' },
  ]);
  const measured = (await stage.journal(process)).filter(({ type }) => type === 'measured');
  expect(measured).toMatchObject([{ milestone: 'byMay20/u1', at: '2020-05-21T00:00:00' }]);
  const moments = (await stage.journal(process)).map(({ at }) => at);
  expect(moments).toEqual([...moments].sort());
  expect(await getWorld(stage.store.db, COUNTY, world.id)).toMatchObject({ now: '2020-05-29T12:00:00', advancingTo: null });
});

test('what is done in time is neither reminded of nor late', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(2));
  await stage.move(world, '2020-05-19T09:00:00');
  expect(await stage.act(process, 'w1', collector('v1'), done('material/v1'), '2020-05-19T09:00:00')).toMatchObject({ ok: true });
  await stage.move(world, '2020-05-30T00:00:00');
  const about = await stage.store.db
    .selectFrom('outbox')
    .select('obligation_id')
    .where('process_id', '=', process)
    .where('obligation_id', 'is not', null)
    .execute();
  expect(new Set(about.map(({ obligation_id }) => obligation_id))).toEqual(new Set(['material/v2']));
  const late = await stage.store.db
    .selectFrom('obligations')
    .select('obligation_id')
    .where('process_id', '=', process)
    .where('late', '=', true)
    .execute();
  expect(late).toEqual([{ obligation_id: 'material/v2' }]);
});

test('two campaigns of one world share its clock', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const first = await stage.launch(world, smallSetting(1));
  const other = smallSetting(1);
  const second = await stage.launch(world, { ...other, definition: { ...other.definition, id: 'small-other' } });
  await stage.move(world, '2020-06-30T00:00:00');
  for (const process of [first, second]) {
    const woke = (await stage.journal(process)).filter(({ type }) => type === 'woke').map(({ at }) => at);
    expect(woke).toEqual(
      expect.arrayContaining(['2020-05-20T08:30:00', '2020-05-26T00:00:00', '2020-06-05T08:30:00', '2020-06-11T08:30:00']),
    );
  }
});

test('facts reach the process until the journal acknowledges them', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(1));
  const fact = {
    kind: 'payment.collected' as const,
    unit: 'v1' as UnitId,
    insurance: 'pension',
    on: '2020-05-01' as LocalDate,
    amount: 30_000,
  };
  await stage.store.db
    .transaction()
    .execute((trx) => appendFacts(trx, COUNTY, process, [fact, { ...fact, amount: 10_000 }], '2020-05-01T09:00:00' as Moment));
  const { newest } = await stage.store.db
    .selectFrom('inbox')
    .select((e) => e.fn.max('inbox_id').as('newest'))
    .where('process_id', '=', process)
    .executeTakeFirstOrThrow();
  await stage.until('the facts are acknowledged', async () => (await stage.row(process)).facts_up_to === newest);
  const facts = (await stage.journal(process)).filter(({ type }) => type === 'facts');
  expect(facts).toMatchObject([{ at: '2020-05-01T09:00:00', upTo: newest, facts: [{ unit: 'v1', amount: 40_000 }] }]);
});

test('a paused campaign sleeps while its world moves; resumed, it goes on', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(1));
  await stage.act(process, 'p1', LEADER, { kind: 'pause', reason: '防汛' });
  await stage.move(world, '2020-05-22T00:00:00');
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched', 'acted']);
  expect(await stage.act(process, 'p2', LEADER, { kind: 'resume' }, '2020-05-22T00:00:00')).toMatchObject({ ok: true });
  expect((await stage.row(process)).status).toBe('running');
});

test('the real clock fires a timer at midnight: what was due is late from 00:00 of the next day', async () => {
  const process = await stage.launch(await stage.shiftedWorld('2020-05-25T23:59:55'), smallSetting(1));
  await stage.until('midnight has been recorded', async () =>
    (await stage.journal(process)).some(({ type, at }) => type === 'woke' && at === '2020-05-26T00:00:00'),
  );
  const late = await stage.store.db
    .selectFrom('obligations')
    .select(['obligation_id', 'late'])
    .where('process_id', '=', process)
    .where('late', '=', true)
    .execute();
  expect(late).toEqual([{ obligation_id: 'material/v1', late: true }]);
});

test('the clock of the real world is not moved by a message', async () => {
  const process = await stage.launch(await stage.shiftedWorld('2020-05-02T10:00:00'), smallSetting(1));
  await expect(stage.messages.advance(COUNTY, process, '2020-06-01T00:00:00' as Moment)).rejects.toMatchObject({
    cause: { type: 'real-world' },
  });
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched']);
});
