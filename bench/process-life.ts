import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { pino } from 'pino';
import { campaignActivities } from '../activities/index.js';
import { watchActivities } from '../activities/process/watch.js';
import type { ActId, Moment, ProcessId } from '../domain/model/ids.js';
import { startCampaign } from '../server/temporal.js';
import { startPoller } from '../server/worker/poller.js';
import { canonicalJson } from '../store/json.js';
import { insertEvents, readEvents } from '../store/journal.js';
import { alone } from '../store/parts.js';
import {
  campaignWorkflowId,
  UPDATE_ACTS,
  UPDATE_ADVANCE,
  type ActAnswer,
  type ActRequest,
  type AdvanceRequest,
  type CampaignInput,
} from '../workflows/contract/campaign.js';
import { comparePairs, report } from './pairs.js';
import { collectorOf, COUNTY, countySetting, done, leader } from './support/county.js';
import { plantUnits, prepareCampaign, withStage, type Stage } from './support/stage.js';
import type { minimal, MinimalActivities } from './workflows/minimal.js';

/*
 * A life: launch, six acts, five wakes, stop; eight lives at a time, in a county of one town with ten villages. The floor is a workflow that writes
 * the same journal rows by as many activities and knows no rules; both run in one worker with the product's own options and codec.
 */
const LIVES = 8;
const PAIRS = 11;
/** At least 0.8 of the floor's throughput. */
const BOUND = 1 / 0.8;
const setting = countySetting({ towns: 1, villagesEach: 10 });
const LAUNCH = '2020-01-01T09:00:00' as Moment;

type Script = { readonly kind: 'act'; readonly request: ActRequest } | { readonly kind: 'wake'; readonly to: Moment };
const act = (n: number, at: string, request: Pick<ActRequest, 'actor' | 'act'>): Script => ({
  kind: 'act',
  request: { actId: `a${n}` as ActId, at: at as Moment, ...request },
});
const village = (n: number, duty: string, at: string): Script => {
  const unit = `v1-${n}`;
  return act(n, at, { actor: collectorOf(unit), act: done(duty, unit, '2020-01') });
};
const wake = (to: string): Script => ({ kind: 'wake', to: to as Moment });

const LIFE: readonly Script[] = [
  village(1, 'visit', '2020-01-10T10:00:00'),
  village(2, 'visit', '2020-01-10T10:00:00'),
  wake('2020-01-17T08:30:00'),
  village(3, 'visit', '2020-01-18T10:00:00'),
  wake('2020-01-21T00:00:00'),
  wake('2020-01-21T08:30:00'),
  village(4, 'reconcile', '2020-01-22T10:00:00'),
  village(5, 'reconcile', '2020-01-22T10:00:00'),
  wake('2020-02-01T00:00:00'),
  village(6, 'reconcile', '2020-02-01T10:00:00'),
  wake('2020-02-03T08:30:00'),
  act(7, '2020-02-03T10:00:00', { actor: leader, act: { kind: 'stop', reason: '测速' } }),
];

/** The same messages to either workflow, one after the other; ends with the workflow. */
async function live(handle: WorkflowHandle): Promise<void> {
  for (const [index, step] of LIFE.entries()) {
    const updateId = `m${index}`;
    if (step.kind === 'wake') {
      await handle.executeUpdate<unknown, [AdvanceRequest]>(UPDATE_ADVANCE, { args: [{ to: step.to }], updateId });
      continue;
    }
    const [answer] = await handle.executeUpdate<readonly ActAnswer[], [readonly ActRequest[]]>(UPDATE_ACTS, {
      args: [[step.request]],
      updateId,
    });
    if (answer?.ok !== true) throw new Error(`act ${index} was refused: ${answer?.refusal.en ?? 'no answer'}`);
  }
  await handle.result();
}

async function ours({ engine }: Stage, input: CampaignInput): Promise<void> {
  await startCampaign(engine, input);
  await live(engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, input.process)));
}

async function floor({ engine }: Stage, input: CampaignInput): Promise<void> {
  const { county, process, setting: digest } = input;
  const handle = await engine.client.workflow.start<typeof minimal>('minimal', {
    workflowId: `minimal-${process}`,
    taskQueue: engine.taskQueue,
    args: [{ county, process, setting: digest, at: LAUNCH, by: leader.user }],
  });
  await live(handle);
}

/** The bundle lies where the product's poller looks for it below a root; so the floor gets the product's own worker options. */
async function bundleBelow(root: string): Promise<void> {
  const quiet = (): void => undefined;
  const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
  const path = (module: string): string => fileURLToPath(new URL(module, import.meta.url));
  const { code } = await bundleWorkflowCode({
    workflowsPath: path('workflows.js'),
    preloadModules: [path('../domain/process/index.js')],
    logger,
  });
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', 'workflow-bundle.js'), code);
}

function activitiesOf({ store }: Stage): object {
  const own: Pick<MinimalActivities, 'writeRows'> = {
    async writeRows({ county, process, fromSeq, events }) {
      await alone(store.db, county, process, insertEvents(fromSeq, events));
      return { recorded: fromSeq + events.length - 1 };
    },
  };
  return { ...campaignActivities(store), ...own };
}

/** What was compared must be the same work: the same journal rows, by as many activities. */
async function mustMatch(stage: Stage, one: ProcessId, other: ProcessId): Promise<void> {
  const journalOf = async (process: ProcessId): Promise<string> =>
    canonicalJson(await readEvents(stage.store.db, COUNTY, process, 0, 1000));
  if ((await journalOf(one)) !== (await journalOf(other))) throw new Error('the floor wrote other journal rows');
  const activities = async (workflowId: string): Promise<number> => {
    const { events } = await stage.engine.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes).length;
  };
  const [a, b] = [await activities(campaignWorkflowId(COUNTY, one)), await activities(`minimal-${other}`)];
  if (a !== b || a === 0) throw new Error(`the campaign called ${a} activities, the floor ${b}`);
  process.stdout.write(`a life: ${LIFE.length + 1} journal rows, ${a} activities\n`);
}

process.exitCode = await withStage(async (stage) => {
  await plantUnits(stage, setting);
  const root = join(stage.config.paths.home, 'process-life');
  await bundleBelow(root);
  const stopping = new AbortController();
  const poller = startPoller({
    config: { ...stage.config, paths: { ...stage.config.paths, root } },
    activities: activitiesOf(stage),
    watch: watchActivities(stage.store.db, { failed: (activity, code, error) => console.error(activity, code, error) }),
    log: pino({ level: 'warn' }, pino.destination(2)),
    signal: stopping.signal,
    lost: () => undefined,
  });
  try {
    while (!(await poller.isPolling(stage.engine))) await sleep(100);
    const prepare = (): Promise<CampaignInput> => prepareCampaign(stage, setting, LAUNCH);
    const [one, other] = [await prepare(), await prepare()];
    await ours(stage, one);
    await floor(stage, other);
    await mustMatch(stage, one.process, other.process);
    // Rows of processes and worlds are there before: the life begins with the start of the workflow.
    const waiting: CampaignInput[] = [];
    for (let n = 0; n < 2 * (PAIRS + 1) * LIVES; n += 1) waiting.push(await prepare());
    const together = (life: (on: Stage, input: CampaignInput) => Promise<void>) => async (): Promise<void> => {
      await Promise.all(waiting.splice(0, LIVES).map((input) => life(stage, input)));
    };
    return report([
      await comparePairs(
        'process lives against a minimal workflow (1.25x = 0.8 of its throughput)',
        BOUND,
        together(floor),
        together(ours),
        PAIRS,
      ),
    ]);
  } finally {
    stopping.abort();
    await poller.done;
  }
});
