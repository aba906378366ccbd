import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Moment } from '../../domain/model/ids.js';
import { CORE_REVISION, initialState, step } from '../../domain/process/index.js';
import { listIncidents } from '../../store/incidents.js';
import { CAMPAIGN_WORKFLOW, campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { collector, COUNTY, done, smallSetting, Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.startWorker();
});
afterAll(() => stage.close());

test('a state carried from an older core adopts the present revision as a recorded event, once, and goes on', async () => {
  const setting = smallSetting(1);
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), setting);
  const [launched] = await stage.journal(process);
  if (launched === undefined) throw new Error('nothing was launched');
  const { state, wakeAt } = step(setting, initialState(process), launched);
  const workflowId = campaignWorkflowId(COUNTY, process);
  // As continue-as-new would hand it over, had the program before been of another revision.
  const carried = { kind: 'carried', state: { ...state, coreRevision: CORE_REVISION - 1 }, wakeAt, now: state.now, wakeHeld: false };
  const { setting_digest: digest } = await stage.row(process);
  await stage.engine.client.workflow.start(CAMPAIGN_WORKFLOW, {
    workflowId,
    taskQueue: stage.engine.taskQueue,
    args: [{ county: COUNTY, process, setting: digest, clock: { kind: 'virtual' }, begin: carried }],
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
  await stage.until('the revision is recorded', async () => (await stage.journal(process)).length === 2);
  expect((await stage.journal(process)).at(-1)).toEqual({ type: 'revised', at: '2020-05-01T09:00:00', coreRevision: CORE_REVISION });
  expect(await stage.act(process, 'a1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 3 });
  const to = '2020-05-02T00:00:00' as Moment;
  await stage.messages.advance(COUNTY, process, to);
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched', 'revised', 'acted']);
  expect(await listIncidents(stage.store.db, COUNTY, { process })).toEqual([]);
});
