import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ProcessId } from '../../domain/model/ids.js';
import { startCampaign } from '../../server/temporal.js';
import { listIncidents } from '../../store/incidents.js';
import { campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { collector, COUNTY, done, LEADER, person, smallSetting, Stage } from './support/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.startWorker();
});
afterAll(() => stage.close());

const small = async (): Promise<ProcessId> => stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(2));
const typesOf = async (process: ProcessId): Promise<readonly string[]> => (await stage.journal(process)).map(({ type }) => type);

test('a launch is recorded: what is owed stands in the read model', async () => {
  const process = await small();
  expect(await typesOf(process)).toEqual(['launched']);
  const owed = await stage.store.db
    .selectFrom('obligations')
    .select(['obligation_id', 'status', 'due'])
    .where('process_id', '=', process)
    .orderBy('obligation_id')
    .execute();
  expect(owed).toEqual([
    { obligation_id: 'material/v1', status: 'open', due: '2020-05-25' },
    { obligation_id: 'material/v2', status: 'open', due: '2020-05-25' },
    { obligation_id: 'summary/u1', status: 'open', due: '2020-06-10' },
  ]);
});

test('the same launch again is the running process; another launch under its id is refused', async () => {
  const world = await stage.virtualWorld('2020-05-01T09:00:00');
  const input = await stage.prepare(world, smallSetting(1));
  expect(await startCampaign(stage.engine, input)).toBe('started');
  expect(await startCampaign(stage.engine, input)).toBe('running');
  const other = { ...input, begin: { kind: 'launch' as const, at: world.now ?? input.begin.kind, by: person('p99') } };
  await expect(startCampaign(stage.engine, other as typeof input)).rejects.toMatchObject({ code: 'process-start-differs' });
});

test('an act is answered when it is in the journal; the same act again has the same answer and no second effect', async () => {
  const process = await small();
  const answer = await stage.act(process, 'a1', collector('v1'), done('material/v1'));
  expect(answer).toEqual({ ok: true, seq: 2 });
  expect(await stage.act(process, 'a1', collector('v1'), done('material/v1'))).toEqual(answer);
  expect(await typesOf(process)).toEqual(['launched', 'acted']);
  expect((await stage.journal(process))[1]).toMatchObject({ type: 'acted', actId: 'a1', at: '2020-05-01T09:00:00' });
});

test('an act that the core refuses is answered with its reason and is not journalled', async () => {
  const process = await small();
  const answer = await stage.act(process, 'b1', collector('v2'), done('material/v1'));
  expect(answer).toMatchObject({ ok: false, refusal: { code: 'not-yours' } });
  expect(await stage.act(process, 'b2', collector('v1'), done('material/v9'))).toMatchObject({
    ok: false,
    refusal: { code: 'unknown-obligation' },
  });
  expect(await typesOf(process)).toEqual(['launched']);
});

test('400 acts at the same time are all recorded, each with its own answer', async () => {
  const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(400));
  const villages = Array.from({ length: 400 }, (_, i) => `v${i + 1}`);
  const answers = await Promise.all(
    villages.map((village) => stage.act(process, `c-${village}`, collector(village), done(`material/${village}`))),
  );
  expect(answers.filter(({ ok }) => !ok)).toEqual([]);
  const seqs = new Set(answers.map((answer) => (answer.ok ? answer.seq : 0)));
  expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, i) => i + 2));
  const { count } = await stage.store.db
    .selectFrom('obligations')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('process_id', '=', process)
    .where('status', '=', 'done')
    .executeTakeFirstOrThrow();
  expect(count).toBe(400);
});

test('a stopped campaign ends its workflow; an act after that is refused as closed', async () => {
  const process = await small();
  expect(await stage.act(process, 'd1', LEADER, { kind: 'stop', reason: '县里取消' })).toMatchObject({ ok: true });
  const handle = stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process));
  expect(await handle.result()).toMatchObject({ status: 'stopped', quiet: true });
  expect(await stage.act(process, 'd2', collector('v1'), done('material/v1'))).toMatchObject({
    ok: false,
    refusal: { code: 'process-closed' },
  });
  expect(await listIncidents(stage.store.db, COUNTY, { process })).toEqual([]);
});

test('histories hold nothing readable: neither names nor ids of obligations', async () => {
  const process = await small();
  await stage.act(process, 'e1', collector('v1'), done('material/v1'));
  const history = await stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process)).fetchHistory();
  const text = Buffer.from(JSON.stringify(history)).toString('utf8');
  const payloads = (history.events ?? []).flatMap((event) => event.workflowExecutionStartedEventAttributes?.input?.payloads ?? []);
  expect(payloads.map((payload) => Buffer.from(payload.metadata?.['encoding'] ?? []).toString())).toEqual(['binary/encrypted']);
  expect(text).not.toContain('material');
  expect(text).not.toContain(Buffer.from('material/v1').toString('base64').slice(0, 10));
});
