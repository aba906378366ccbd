import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import type { ProcessId } from '../domain/model/ids.js';
import { dataConverter } from '../server/engine/codec.js';
import { campaignWorkflowId } from '../workflows/contract/campaign.js';
import { median, tell, timed } from './figures.js';
import { startService, type Service } from './support/services.js';
import { withStage, type Stage } from './support/stage.js';

/*
 * The demonstration, Lingcheng with its 51 units, is played to the end of its year by the product's own commands; then its history, encrypted as the
 * engine keeps it, is replayed: what a worker does that takes over a campaign.
 */
const ROUNDS = 7;
const BOUND_MS = 2_000;
const LAST_DAY = '2020-12-31';
const started = z.object({ campaign: z.string(), users: z.array(z.object({ login: z.string(), password: z.string() })) });
const session = z.object({ token: z.string() });

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** One command of the product; returns what it printed as JSON. */
async function duban(root: string, env: NodeJS.ProcessEnv, ...verb: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...verb, '--json'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  if (code !== 0) throw new Error(`duban ${verb.join(' ')} ended with ${code}`);
  return JSON.parse(text);
}

/** The histories of all runs of a campaign, oldest first: a long one goes on in a new run. */
async function historiesOf({ engine }: Stage, workflowId: string): Promise<readonly History[]> {
  const first = engine.client.workflow.getHandle(workflowId);
  const histories: History[] = [];
  for (let runId = (await first.describe()).raw.workflowExecutionInfo?.firstRunId ?? null; runId !== null;) {
    const history = await engine.client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push(history);
    const next = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? '';
    runId = next === '' ? null : next;
  }
  return histories;
}

/** Plays the year and returns the campaign's number. */
async function playYear(stage: Stage, api: Service): Promise<ProcessId> {
  const home = join(stage.config.paths.home, 'replay');
  mkdirSync(home, { recursive: true });
  const scenario = join(stage.config.paths.root, 'definitions', 'demo', 'lingcheng-2020.yaml');
  const { root } = stage.config.paths;
  const env = { ...stage.env, DUBAN_HOME: home, DUBAN_API_URL: api.url };
  const { campaign, users } = started.parse(await duban(root, env, 'demo', scenario));
  const answer = await fetch(`${api.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'bench-session' },
    body: JSON.stringify(users[0]),
  });
  const { token } = session.parse(await answer.json());
  await duban(root, { ...env, DUBAN_TOKEN: token }, 'time', campaign, '--to', LAST_DAY);
  return campaign as ProcessId;
}

process.exitCode = await withStage(async (stage) => {
  const services: Service[] = [];
  try {
    services.push(await startService('worker', stage.env));
    const api = await startService('api', stage.env);
    services.push(api);
    const process_ = await playYear(stage, api);
    const row = await stage.store.db
      .selectFrom('processes')
      .select(['county_id', 'seq', 'wake_at'])
      .where('process_id', '=', process_)
      .executeTakeFirstOrThrow();
    const histories = await historiesOf(stage, campaignWorkflowId(row.county_id, process_));
    const events = histories.reduce((sum, history) => sum + (history.events?.length ?? 0), 0);
    const options = {
      workflowBundle: { codePath: join(stage.config.paths.root, 'dist', 'workflow-bundle.js') },
      dataConverter: dataConverter(stage.config.keys.payloads),
    };
    Runtime.install({ logger: new DefaultLogger('WARN') });
    const replay = async (): Promise<void> => {
      for (const history of histories) await Worker.runReplayHistory(options, history);
    };
    await replay();
    const times: number[] = [];
    for (let n = 0; n < ROUNDS; n += 1) times.push(await timed(replay));
    return tell([
      {
        name: 'replay of a year of Lingcheng, 51 units',
        value: median(times),
        unit: 'ms',
        bound: { is: 'at most', value: BOUND_MS },
        samples: ROUNDS,
        detail: `${row.seq} journal rows, ${events} history events in ${histories.length} runs; slowest ${Math.max(...times).toFixed(0)} ms`,
      },
    ]);
  } finally {
    for (const service of services) await service.stop();
  }
});
