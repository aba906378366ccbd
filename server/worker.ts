import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { cycleActivities } from '../activities/deductions/index.js';
import { campaignActivities } from '../activities/index.js';
import { recountMissing } from '../activities/measures/index.js';
import { watchActivities } from '../activities/process/watch.js';
import { channelsOf, dispatchNotices, sendMessages } from '../activities/notify/index.js';
import { conductWorlds } from '../activities/worlds/conductor.js';
import { openStore } from '../store/connection.js';
import { inTurn } from '../store/engine/turns.js';
import { checkSchema } from '../store/version.js';
import { loadConfig } from './config.js';
import { campaignMessages } from './engine/processes.js';
import { refuseUnfit } from './fit.js';
import { HOUSEKEEPING_EVERY_MS, keepHouse } from './housekeeping.js';
import { rotateLogs } from './runtime/logs.js';
import { openEngine } from './temporal.js';
import { cycleDispatcher, startCycles } from './worker/cycles.js';
import { factsDispatcher } from './worker/dispatcher.js';
import { drillAt } from './worker/drill.js';
import { runLoop } from './worker/loop.js';
import { workerMetrics } from './worker/metrics.js';
import { startPoller } from './worker/poller.js';
import { serveProbe } from './worker/probe.js';
import { restartMissing } from './worker/restarts.js';

/** Connections of the pool: 20 activities at once share them with the loops, each of which holds one for its turn. */
const CONNECTIONS = 16;
/** How long the loops may take to end what they have begun. */
const DRAIN_MS = 5_000;
const EVERY_MS = { facts: 300, worlds: 200, restarts: 20_000, notices: 1_000, housekeeping: HOUSEKEEPING_EVERY_MS } as const;

/** The worker: polls the engine, and looks after what no process can do for itself. SIGTERM lets it finish what is begun. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = pino({ level: config.logLevel, base: { service: 'worker' } });
  const store = openStore(config.database.url, CONNECTIONS);
  await refuseUnfit(store, config.keys, log);
  const engine = openEngine(config);
  const metrics = workerMetrics(store.db);
  const stopping = new AbortController();
  const { signal } = stopping;
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stopping.abort());

  const poller = startPoller({
    config,
    log,
    signal,
    activities: {
      ...campaignActivities(store),
      ...cycleActivities({
        store,
        key: config.keys.personalData,
        handOverFolder: config.files.handOver ?? null,
        ...(config.worker.drill === null ? {} : { at: drillAt(config.worker.drill) }),
      }),
    },
    watch: watchActivities(store.db, {
      failed(activity, code, error) {
        metrics.activityFailures.inc({ activity, code });
        log.warn({ activity, code, err: error }, '活动出错，稍后再试 / an activity failed, trying again');
      },
    }),
    lost: () => metrics.engineLost.inc(),
  });

  const report = {
    failed(loop: string, error: unknown): void {
      metrics.loopFailures.inc({ loop });
      log.warn({ loop, err: error }, '后台任务出错，稍后再试 / a background loop failed, trying again');
    },
  };
  const processes = campaignMessages(engine);
  // Notices leave by a loop of their own; the conductor calls the same function at each moment of a virtual world.
  const channels = channelsOf(config.notices);
  const dispatch = (): Promise<void> => dispatchNotices(store, channels, config.keys.personalData);
  const facts = factsDispatcher(store, processes, () => metrics.factsTold.inc());
  const upToDate = new AbortController();
  const compared = { done: new Set<string>(), answering: true };
  const loops = [
    // Once: figures that an earlier version kept.
    runLoop('figures', EVERY_MS.notices, AbortSignal.any([signal, upToDate.signal]), report, async () => {
      const looked = await inTurn(store, 'figures', async () => {
        const campaigns = await recountMissing(store);
        if (campaigns > 0) log.info({ campaigns }, '现时数字已按险种重数 / present figures counted anew by insurance kind');
      });
      if (looked) upToDate.abort();
    }),
    runLoop('facts', EVERY_MS.facts, signal, report, () => facts.turn()),
    runLoop('cycles', EVERY_MS.facts, signal, report, cycleDispatcher(engine, store)),
    runLoop('worlds', EVERY_MS.worlds, signal, report, async () => {
      const failures = await conductWorlds({ store, processes, dispatchNotices: dispatch, signal });
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} worlds could not be moved`);
    }),
    runLoop('notices', EVERY_MS.notices, signal, report, async () => {
      await dispatch();
      await sendMessages(store, channels, signal);
    }),
    runLoop('restarts', EVERY_MS.restarts, signal, report, () =>
      restartMissing(engine, store, compared, signal, (why) => metrics.restarts.inc({ why })),
    ),
    runLoop('cycle-starts', EVERY_MS.restarts, signal, report, () => startCycles(engine, store)),
    runLoop('housekeeping', EVERY_MS.housekeeping, signal, report, async () => {
      rotateLogs(config.paths.log);
      await inTurn(store, 'housekeeping', () => keepHouse(store.db, config.files.keepDays, log));
    }),
  ];

  const probe = await serveProbe(
    config.worker.port,
    async () => {
      const [polling, database] = await Promise.all([poller.isPolling(engine), answers(() => checkSchema(store))]);
      metrics.polling.set(polling ? 1 : 0);
      return [...(polling ? [] : ['engine']), ...(database ? [] : ['database'])];
    },
    metrics.registry,
  );
  log.info({ port: config.worker.port }, '工作进程已启动 / the worker is up');

  await poller.done;
  // What waits for the engine would wait long: everything that is unfinished is in the store and taken up by the next worker.
  await Promise.race([Promise.all(loops), sleep(DRAIN_MS, undefined, { ref: false })]);
  probe.close();
  await facts.stop();
  await engine.close();
  await store.close();
  log.info('工作进程已停止 / the worker has stopped');
  process.exit(0);
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
}

await main();
