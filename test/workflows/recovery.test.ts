import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Act, Actor } from '../../domain/model/event.js';
import type { Moment } from '../../domain/model/ids.js';
import { createGate } from '../../server/gate.js';
import { startCampaign } from '../../server/temporal.js';
import { listIncidents } from '../../store/incidents.js';
import { beginMove, getWorld } from '../../store/worlds.js';
import { campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { collector, COUNTY, done, LEADER, request, smallSetting, Stage } from './support/stage.js';

let stage: Stage;
let running = false;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(async () => {
  if (!running) await stage.startWorker();
  running = true;
});

async function kill(): Promise<void> {
  await stage.killWorker();
  running = false;
}
async function restart(): Promise<void> {
  await stage.startWorker();
  running = true;
}

test('a worker killed between two acts: the next one goes on where it was', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(3));
  await stage.act(process, 'a1', collector('v1'), done('material/v1'));
  await kill();
  // Its answer may come too late for this first try: the same act again is safe.
  await Promise.allSettled([stage.act(process, 'a2', collector('v2'), done('material/v2')), restart()]);
  expect(await stage.act(process, 'a2', collector('v2'), done('material/v2'))).toEqual({ ok: true, seq: 3 });
  expect(await stage.act(process, 'a1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched', 'acted', 'acted']);
});

test('no answer in time: the act is refused as engine-busy, and is recorded once when it is sent again', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(1));
  await kill();
  await expect(stage.act(process, 'b1', collector('v1'), done('material/v1'))).rejects.toMatchObject({ code: 'engine-busy' });
  await restart();
  expect(await stage.act(process, 'b1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });
  expect((await stage.journal(process)).length).toBe(2);
});

test('the answer to a stop is lost on the way: what the journal holds is acknowledged, and only what came after it is refused', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(2));
  const connection = new Proxy(stage.engine.connection, {
    get: (real, name) =>
      name === 'withDeadline'
        ? async (deadline: number, call: () => Promise<unknown>): Promise<never> => {
            await real.withDeadline(deadline, call);
            throw new Error('the connection was lost before the answer came');
          }
        : Reflect.get(real, name),
  });
  const gate = createGate({ client: stage.engine.client, connection }, stage.store.db);
  const send = (id: string, who: Actor, act: Act) => gate.act(COUNTY, process, request(id, who, act, '2020-05-01T09:00:00'));
  const first = send('e1', collector('v1'), done('material/v1'));
  await stage.until('the act is recorded', async () => (await stage.journal(process)).length === 2);
  const stop = send('e2', LEADER, { kind: 'stop', reason: '提前完成' });
  expect(await Promise.all([first, stop])).toEqual([
    { ok: true, seq: 2 },
    { ok: true, seq: 3 },
  ]);
  expect(await send('e3', collector('v2'), done('material/v2'))).toMatchObject({ ok: false, refusal: { code: 'process-closed' } });
});

test('a worker killed while a world moves: the next one takes it to its goal, nothing twice and nothing left out', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(5));
  await stage.store.db.transaction().execute((trx) => beginMove(trx, COUNTY, world.id, '2020-07-01T00:00:00' as Moment));
  await stage.until('it is on its way', async () => (await stage.row(process)).seq > 2);
  await kill();
  await restart();
  await stage.arrived(world);
  const moments = (await stage.journal(process)).filter(({ type }) => type === 'woke').map(({ at }) => at);
  expect(moments).toEqual([...new Set(moments)].sort());
  const sent = await stage.store.db
    .selectFrom('outbox')
    .select(['text_id', 'send_at'])
    .where('process_id', '=', process)
    .where('text_id', '=', 'dueSoon')
    .orderBy('send_at')
    .execute();
  expect(sent.map(({ send_at }) => send_at)).toEqual([...Array.from({ length: 5 }, () => '2020-05-20T08:30:00'), '2020-06-05T08:30:00']);
  expect((await getWorld(stage.store.db, COUNTY, world.id)).now).toBe('2020-07-01T00:00:00');
});

test('a launch whose start was lost is started by the worker', async () => {
  const input = await stage.prepare(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(1));
  await kill();
  await restart();
  await stage.until('the launch is recorded', async () => (await stage.row(input.process)).status === 'running');
  expect(await stage.journal(input.process)).toMatchObject([{ type: 'launched', at: '2020-05-01T09:00:00', by: 'p1' }]);
});

test('a process whose history is lost begins anew from its journal, with all that was done', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(2));
  await stage.act(process, 'c1', collector('v1'), done('material/v1'));
  const handle = stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process));
  await handle.terminate('the test loses it');
  await kill();
  await restart();
  await stage.until('it runs again', async () => (await handle.describe()).status.name === 'RUNNING');
  expect(await stage.act(process, 'c1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });
  expect(await stage.act(process, 'c2', collector('v2'), done('material/v2'))).toEqual({ ok: true, seq: 3 });
  expect((await listIncidents(stage.store.db, COUNTY, { process })).map(({ code, cause }) => [code, cause])).toEqual([
    ['process-restarted', 'history-lost'],
  ]);
});

test('the journal holds another event than the run: the store wins and the run starts again from it', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(2));
  const handle = stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process));
  // A second run of the same process under another id writes behind the first one's back, as after a restore.
  const input = await stage.prepare(world, smallSetting(2));
  const other = await stage.engine.client.workflow.start('campaign', {
    workflowId: `${handle.workflowId}-behind`,
    taskQueue: stage.engine.taskQueue,
    args: [{ ...input, begin: { kind: 'journal' } }],
  });
  const act = { actId: 'd0', actor: collector('v2'), act: done('material/v2'), at: '2020-05-01T09:00:00' };
  expect(await other.executeUpdate('acts', { args: [[act]] })).toEqual([{ ok: true, seq: 2 }]);
  await other.terminate();

  expect(await stage.act(process, 'd1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 3 });
  expect((await stage.journal(process)).map((event) => (event.type === 'acted' ? event.actId : event.type))).toEqual([
    'launched',
    'd0',
    'd1',
  ]);
  const codes = (await listIncidents(stage.store.db, COUNTY, { process })).map(({ code }) => code);
  expect(codes).toContain('journal-conflict');
});

test('starting from the journal while the process runs changes nothing', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(1));
  const row = await stage.row(process);
  const again = await startCampaign(stage.engine, {
    county: COUNTY,
    process,
    setting: row.setting_digest,
    clock: { kind: 'virtual' },
    begin: { kind: 'journal' },
  });
  expect(again).toBe('running');
});
