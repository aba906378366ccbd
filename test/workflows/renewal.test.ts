import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Actor } from '../../domain/model/event.js';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { listIncidents } from '../../store/incidents.js';
import { putSetting } from '../../store/settings.js';
import { campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { collector, COUNTY, done, LEADER, smallSetting, Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.startWorker();
});
afterAll(() => stage.close());

const runOf = async (process: ProcessId): Promise<string> =>
  (await stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process)).describe()).runId;

test('a long history is renewed: state, clock and the answers of earlier acts go on', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(2));
  const first = await runOf(process);
  const answer = await stage.act(process, 'a1', collector('v1'), done('material/v1'));
  const to = '2020-05-02T00:00:00' as Moment;
  for (let i = 0; i < 1200 && (i % 50 !== 0 || (await runOf(process)) === first); i += 1) await stage.messages.advance(COUNTY, process, to);
  expect(await runOf(process)).not.toBe(first);

  expect(await stage.summary(process)).toMatchObject({ seq: 2, recorded: 2, now: to, wakeAt: '2020-05-20T08:30:00', quiet: true });
  // Past the gate, which asks the journal first: the process itself knows the act.
  const handle = stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process));
  const again = { actId: 'a1', actor: collector('v1'), act: done('material/v1'), at: to };
  expect(await handle.executeUpdate('acts', { args: [[again]] })).toEqual([answer]);
  expect(await stage.act(process, 'a2', collector('v2'), done('material/v2'), to)).toEqual({ ok: true, seq: 3 });
  expect((await stage.journal(process)).map(({ at }) => at)).toEqual(['2020-05-01T09:00:00', '2020-05-01T09:00:00', to]);
});

test('an act at which the core throws changes nothing, is told to the administrator, and the process goes on with a fresh history', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(1));
  const before = await runOf(process);
  // A role list that no caller of ours can produce.
  const broken: Actor = { ...collector('v1'), roles: JSON.parse('[null]') };
  expect(await stage.act(process, 'b1', broken, done('material/v1'))).toMatchObject({ ok: false, refusal: { code: 'core-failed' } });
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched']);
  expect(await listIncidents(stage.store.db, COUNTY, { process })).toMatchObject([
    { code: 'core-failed', status: 'open', detail: { about: 'acted' } },
  ]);
  await stage.until('the history is renewed', async () => (await runOf(process)) !== before);
  expect(await stage.act(process, 'b2', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });
});

test('figures at which the core throws are asked for again by the fresh history, and the milestone is judged once the rules are mended', async () => {
  const sound = smallSetting(1);
  // A response that no definition of ours can hold.
  const broken: Setting = JSON.parse(JSON.stringify(sound));
  Object.assign(broken.definition.milestones['byMay20'] ?? {}, { missed: [null] });
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), broken);
  const before = await runOf(process);
  const to = '2020-05-22T09:00:00' as Moment;
  await stage.messages.advance(COUNTY, process, to);
  expect(await listIncidents(stage.store.db, COUNTY, { process })).toMatchObject([{ code: 'core-failed', detail: { about: 'measured' } }]);
  expect((await stage.journal(process)).map(({ type }) => type)).not.toContain('measured');
  await stage.until('the history is renewed', async () => (await runOf(process)) !== before);

  const digest = await putSetting(stage.store.db, COUNTY, sound);
  await stage.messages.replaceSetting(COUNTY, process, { digest, what: 'tables', by: LEADER.user, reason: '更正', at: to });
  await stage.messages.advance(COUNTY, process, to);
  const measured = (await stage.journal(process)).filter(({ type }) => type === 'measured');
  expect(measured).toMatchObject([{ milestone: 'byMay20/u1' }]);
});

test('messages of the wrong shape or size are refused before they are taken in', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(1));
  const handle = stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process));
  const one = { actId: 'c1', actor: collector('v1'), act: done('material/v1'), at: '2020-05-01T09:00:00' };
  const refused = [
    [],
    Array.from({ length: 51 }, (_, i) => ({ ...one, actId: `c${i}` })),
    [{ ...one, at: '2020-05-01' }],
    [{ ...one, actId: '' }],
    [{ ...one, act: { ...one.act, reason: '缴'.repeat(22_000) } }],
  ];
  for (const requests of refused)
    await expect(handle.executeUpdate('acts', { args: [requests] })).rejects.toMatchObject({ cause: { type: 'bad-message' } });
  await expect(handle.executeUpdate('advance', { args: [{ to: '明天' }] })).rejects.toMatchObject({ cause: { type: 'bad-message' } });
  await expect(
    stage.act(process, 'c2', collector('v1'), { ...done('material/v1'), reason: '缴'.repeat(22_000) } as typeof one.act),
  ).rejects.toMatchObject({ code: 'act-too-large' });
  expect((await stage.journal(process)).map(({ type }) => type)).toEqual(['launched']);
});
