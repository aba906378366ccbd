import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import { payloadCodec } from '../../server/engine/codec.js';
import { pathsOf } from '../../server/runtime/index.js';
import { appendFacts } from '../../store/inbox.js';
import { campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { decrypted, keepHistory, storedHistories } from './support/history.js';
import { collector, COUNTY, done, LEADER, smallSetting, Stage } from './support/stage.js';

let stage: Stage;
let options: ReplayWorkerOptions;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.startWorker();
  const codePath = join(pathsOf().root, 'dist', 'workflow-bundle.js');
  expect(existsSync(codePath)).toBe(true);
  options = { workflowBundle: { codePath } };
});
afterAll(() => stage.close());

/** A life with everything in it: acts good and refused, wakes, figures, facts, a pause, the end. */
async function fullLife(): ReturnType<typeof decrypted> {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const process = await stage.launch(world, smallSetting(2));
  await stage.act(process, 'a1', collector('v1'), done('material/v1'));
  await stage.act(process, 'a2', collector('v2'), done('material/v1'));
  const fact = {
    kind: 'payment.collected' as const,
    unit: 'v1' as UnitId,
    insurance: 'pension',
    on: '2020-05-01' as LocalDate,
    amount: 30_000,
  };
  await stage.store.db.transaction().execute((trx) => appendFacts(trx, COUNTY, process, [fact], '2020-05-01T09:00:00' as Moment));
  await stage.move(world, '2020-05-27T09:00:00');
  await stage.act(process, 'a3', LEADER, { kind: 'pause', reason: '防汛' }, '2020-05-27T09:00:00');
  await stage.act(process, 'a4', LEADER, { kind: 'resume' }, '2020-05-27T09:00:00');
  await stage.act(process, 'a5', LEADER, { kind: 'stop', reason: '提前完成' }, '2020-05-27T09:00:00');
  const handle = stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process));
  await handle.result();
  return decrypted(await handle.fetchHistory(), payloadCodec(stage.config.keys.payloads));
}

test('what the present code has written it can replay', async () => {
  const history = await fullLife();
  keepHistory('campaign', history);
  await expect(Worker.runReplayHistory(options, history)).resolves.toBeUndefined();
});

test('every stored history can still be replayed', async () => {
  const stored = storedHistories();
  expect(stored.length).toBeGreaterThan(0);
  for (const [, history] of stored) await expect(Worker.runReplayHistory(options, history)).resolves.toBeUndefined();
});

test('a history of a shell that did other things is not replayed', async () => {
  const [first] = storedHistories();
  if (first === undefined) throw new Error('no stored history');
  const [, history] = first;
  const scheduled = history.events?.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'measure');
  const type = scheduled?.activityTaskScheduledEventAttributes?.activityType;
  if (!type) throw new Error('no figures in the stored history');
  type.name = 'count';
  await expect(Worker.runReplayHistory(options, history)).rejects.toBeInstanceOf(DeterminismViolationError);
});
