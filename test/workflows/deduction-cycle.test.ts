import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clearBatch } from '../../activities/deductions/clear.js';
import type { ProcessId } from '../../domain/model/ids.js';
import { payloadCodec } from '../../server/engine/codec.js';
import { pathsOf } from '../../server/runtime/index.js';
import { findOrder } from '../../store/deductions/orders.js';
import { setStop } from '../../store/deductions/orders.js';
import { deductionCycleWorkflowId, QUERY_CYCLE, type CycleSummary } from '../../workflows/contract/deduction-cycle.js';
import { all, clerk, countyOver, day, DEDUCTION, moment, setting, type County } from '../deductions/given.js';
import { decrypted, keepHistory } from './support/history.js';
import { COUNTY, Stage } from './support/stage.js';

/* The cycle as it runs: orders in the store, a durable workflow on the real engine, a worker of its own that may be killed. */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.startWorker();
});
afterAll(() => stage.close());

async function launched(): Promise<{
  readonly county: County;
  readonly process: ProcessId;
  readonly world: Awaited<ReturnType<Stage['virtualWorld']>>;
}> {
  const world = await stage.virtualWorld('2018-04-01T09:00:00');
  const process = await stage.launch(world, setting);
  const parts = { store: stage.store, key: stage.config.keys.personalData, handOverFolder: null };
  return { county: countyOver(stage.store, process, setting, parts, () => Promise.resolve()), process, world };
}

const finished = (order: string) =>
  stage.until(`order ${order} is done`, async () => {
    const found = await findOrder(stage.store.db, COUNTY, order);
    return found?.status === 'done' || found?.status === 'refused';
  });

const summary = (process: ProcessId) =>
  stage.engine.client.workflow.getHandle(deductionCycleWorkflowId(COUNTY, process, DEDUCTION)).query<CycleSummary>(QUERY_CYCLE);

test('a round is made, sent, answered and told to its campaign, across a killed worker; nothing is charged twice', async () => {
  const { county, process, world } = await launched();
  await county.people([{}, {}, { village: 'u6' }]);
  const run = await county.runOrder('2018-04-02');
  await finished(run);
  const batch = (await findOrder(stage.store.db, COUNTY, run))?.batch_id ?? '';
  await stage.until('the campaign has heard of it', async () => {
    const facts = (await stage.journal(process)).flatMap((event) => (event.type === 'facts' ? event.facts : []));
    return facts.some((fact) => fact.kind === 'deduction' && fact.event === 'pensionDeduction.sent');
  });

  await stage.killWorker();
  const file = await county.written(batch, [...all(2, 'arrived'), { line: 3, outcome: 'short' }]);
  const first = await county.order('2018-04-04', file);
  const again = await county.order('2018-04-05', { ...file, name: file.name.replace('_01', '_02') });
  await stage.startWorker();
  await finished(first);
  await finished(again);
  expect((await findOrder(stage.store.db, COUNTY, first))?.result).toMatchObject({ kind: 'posted', same: false, taken: 40_000 });
  expect((await findOrder(stage.store.db, COUNTY, again))?.result).toMatchObject({ kind: 'posted', same: true });
  expect(await summary(process)).toEqual({ done: 3, working: null });
  expect(await county.verified()).toBeNull();

  await clearBatch(county.parts, {
    ...county.of,
    batch,
    amount: 40_000,
    on: day('2018-04-05'),
    reference: 'S1',
    at: moment('2018-04-05'),
    by: clerk,
  });
  await stage.move(world, '2018-04-06T09:00:00');
  const told = (await stage.journal(process)).flatMap((event) => (event.type === 'facts' ? event.facts : []));
  expect(told.filter((fact) => fact.kind === 'deduction').map((fact) => `${fact.event} ${fact.unit} ${fact.persons}`)).toEqual(
    expect.arrayContaining(['pensionDeduction.returned u4 2', 'pensionDeduction.arrived u4 2', 'pensionDeduction.short u6 1']),
  );
  expect(told.filter((fact) => fact.kind === 'payment.arrived')).toMatchObject([{ unit: 'u4', amount: 40_000 }]);

  const handle = stage.engine.client.workflow.getHandle(deductionCycleWorkflowId(COUNTY, process, DEDUCTION));
  const history = await decrypted(await handle.fetchHistory(), payloadCodec(stage.config.keys.payloads));
  keepHistory('deductionCycle', history);
  const codePath = join(pathsOf().root, 'dist', 'workflow-bundle.js');
  await expect(Worker.runReplayHistory({ workflowBundle: { codePath } }, history)).resolves.toBeUndefined();
});

test('a cycle that stands still takes nothing up until somebody lets it go on', async () => {
  const { county, process } = await launched();
  await county.people([{}]);
  const stop = (stopped: boolean) =>
    stage.store.db.transaction().execute((trx) => setStop(trx, county.of, { stopped, detail: {}, at: moment('2018-04-02'), by: clerk }));
  await stop(true);
  const run = await county.runOrder('2018-04-02');
  await stage.until('the cycle is there', async () => (await summary(process).catch(() => null)) !== null, 60_000);
  expect((await findOrder(stage.store.db, COUNTY, run))?.status).toBe('waiting');
  await stop(false);
  await finished(run);
  expect((await findOrder(stage.store.db, COUNTY, run))?.status).toBe('done');
});
