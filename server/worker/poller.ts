import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import proto from '@temporalio/proto';
import { DefaultLogger, NativeConnection, Runtime, Worker, type ActivityInterceptorsFactory, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';
import { engineConnectionOptions, type Config } from '../config.js';
import { dataConverter } from '../engine/codec.js';
import type { Engine } from '../temporal.js';

const LONGEST_WAIT_MS = 10_000;
/** The engine must answer the question whether it sees us within this time. */
const ASK_WITHIN_MS = 2_000;

export interface PollerParts {
  readonly config: Config;
  readonly activities: object;
  readonly watch: ActivityInterceptorsFactory;
  readonly log: Logger;
  readonly signal: AbortSignal;
  lost(): void;
}

export interface Poller {
  /** Ends when the signal stops it and what was begun is finished. */
  readonly done: Promise<void>;
  /** True while the engine itself names this worker among the pollers of the task queue. */
  isPolling(engine: Engine): Promise<boolean>;
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies Record<LogLevel, string>;

/** Polls the engine for as long as the process lives; while the engine is away it keeps trying, and says so each time. */
export function startPoller(parts: PollerParts): Poller {
  const { config, log, signal } = parts;
  Runtime.install({
    // Signals are ours: the loops must drain too.
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message }) => log[LEVELS[level]]({ part: 'engine' }, message)),
  });
  // In containers every worker is process 1 of a host that may be named alike: chance tells them apart.
  const identity = `worker-${process.pid}-${randomUUID().slice(0, 8)}`;
  let worker: Worker | null = null;

  const once = async (): Promise<void> => {
    const connection = await NativeConnection.connect(engineConnectionOptions(config.engine));
    try {
      worker = await Worker.create({
        connection,
        namespace: config.engine.namespace,
        taskQueue: config.engine.taskQueue,
        identity,
        workflowBundle: { codePath: join(config.paths.root, 'dist', 'workflow-bundle.js') },
        activities: parts.activities,
        dataConverter: dataConverter(config.keys.payloads),
        interceptors: { activity: [parts.watch] },
        maxConcurrentActivityTaskExecutions: 20,
        maxCachedWorkflows: 300,
        shutdownGraceTime: '8s',
        shutdownForceTime: '12s',
      });
      const running = worker;
      const stop = (): void => running.shutdown();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      log.info({ address: config.engine.address, taskQueue: config.engine.taskQueue }, '开始轮询引擎 / polling the engine');
      try {
        await running.run();
      } finally {
        signal.removeEventListener('abort', stop);
      }
    } finally {
      worker = null;
      await connection.close();
    }
  };

  const done = (async () => {
    for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      const began = Date.now();
      try {
        await once();
      } catch (error) {
        if (signal.aborted) break;
        parts.lost();
        if (Date.now() - began > 60_000) wait = 500;
        log.error(
          { err: error, address: config.engine.address, againInMs: wait },
          '连不上引擎，继续重试 / the engine is away, trying again',
        );
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  })();

  return {
    done,
    async isPolling(engine) {
      if (worker?.getState() !== 'RUNNING') return false;
      const answer = await engine.connection
        .withDeadline(Date.now() + ASK_WITHIN_MS, () =>
          engine.connection.workflowService.describeTaskQueue({
            namespace: config.engine.namespace,
            taskQueue: { name: config.engine.taskQueue },
            taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
          }),
        )
        .catch(() => null);
      return answer?.pollers?.some((poller) => poller.identity === identity) ?? false;
    },
  };
}
