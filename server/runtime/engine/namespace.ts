import { Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineConnectionOptions } from '../../config.js';
import { RuntimeProblem } from '../problem.js';
import { NOT_TEMPORAL, whyUnreachable, type Why } from './reach.js';
import { checkServerVersion } from './version.js';

// gRPC status codes.
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const DENIED = new Set([7, 16]);
const PASSING = new Set([4, 14]);

const PATIENCE_MS = 60_000;
/** So long a good connection needs at most; then it is looked into what keeps it. */
const LOOK_AFTER_MS = 500;

/** True when the engine's frontend serves. */
export async function engineAnswers(to: EngineConnectionOptions): Promise<boolean> {
  const connection = Connection.lazy({ ...to, connectTimeout: '2s' });
  try {
    await connection.ensureConnected();
    const health = await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
    return health.status === 1;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

/**
 * Sees to it that the namespace exists and can be used; answers with the server's version. On the embedded engine it is registered; on an external
 * cluster one that is missing is refused with the command for its administrator (`namespace-missing`). Errors: `engine-unreachable`, `engine-denied`,
 * `engine-too-old`.
 */
export async function ensureNamespace(
  to: EngineConnectionOptions,
  namespace: string,
  options: { register: boolean; retentionDays: number },
): Promise<string> {
  const orDenied = (cause: unknown): unknown => (isDenied(cause) ? denied(to, namespace, cause) : cause);
  const connection = await connect(to).catch((cause: unknown) => Promise.reject(orDenied(cause)));
  try {
    const version = await serverVersion(connection);
    checkServerVersion(version, to.address);
    if (!(await exists(connection, namespace))) {
      if (!options.register) throw namespaceMissing(namespace, to.address, options.retentionDays);
      const retention = msToTs(options.retentionDays * 86_400_000);
      await untilServed(() =>
        connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention }),
      ).catch((error: unknown) => {
        if (!(isGrpcServiceError(error) && Number(error.code) === ALREADY_EXISTS)) throw error;
      });
    }
    await usable(connection, namespace);
    return version;
  } catch (cause) {
    throw orDenied(cause);
  } finally {
    await connection.close();
  }
}

/** As `ensureNamespace`, but changes nothing. */
export const lookAtNamespace = (to: EngineConnectionOptions, namespace: string, retentionDays: number): Promise<string> =>
  ensureNamespace(to, namespace, { register: false, retentionDays });

/** When pollers of a task queue were last seen, in milliseconds of the epoch; null when there are none. */
export async function lastPollerSeen(to: EngineConnectionOptions, namespace: string, taskQueue: string): Promise<number | null> {
  const connection = await connect(to);
  try {
    const answer = await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: 1 });
    const times = (answer.pollers ?? []).map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000);
    return times.length === 0 ? null : Math.max(...times);
  } finally {
    await connection.close();
  }
}

/**
 * A connection that stands. What the library would only wait for is looked into meanwhile, so that a wrong address or certificate is told at once;
 * a connection that comes all the same (through a proxy) wins. Error: `engine-unreachable`.
 */
async function connect(to: EngineConnectionOptions): Promise<Connection> {
  const connection = Connection.lazy({ ...to, connectTimeout: '5s' });
  const connected = connection.ensureConnected();
  const told = sleep(LOOK_AFTER_MS, undefined, { ref: false }).then(async () => {
    const why = await whyUnreachable(to);
    return why === null ? connected : Promise.reject(unreachable(to, why));
  });
  told.catch(() => undefined);
  try {
    await Promise.race([connected, told]);
    return connection;
  } catch (cause) {
    await connection.close();
    connected.catch(() => undefined);
    if (cause instanceof RuntimeProblem || isDenied(cause)) throw cause;
    throw unreachable(to, (await whyUnreachable(to)) ?? NOT_TEMPORAL, cause);
  }
}

const unreachable = (to: EngineConnectionOptions, why: Why, cause?: unknown): RuntimeProblem =>
  new RuntimeProblem(
    'engine-unreachable',
    `连不上 Temporal（${to.address}）：${why.zh}。`,
    `Temporal at ${to.address} cannot be reached: ${why.en}.`,
    { cause },
  );

/** A refusal of rights, also inside the error that the library makes of it when connecting. */
function isDenied(error: unknown): boolean {
  if (isGrpcServiceError(error)) return DENIED.has(Number(error.code));
  return error instanceof Error && error.cause !== undefined && isDenied(error.cause);
}

async function serverVersion(connection: Connection): Promise<string> {
  return (await untilServed(() => connection.workflowService.getSystemInfo({}))).serverVersion ?? '';
}

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await untilServed(() => connection.workflowService.describeNamespace({ namespace }));
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) return false;
    throw error;
  }
}

/** The frontend answers before it has found the services behind it: until then calls fail as unavailable. */
async function untilServed<T>(call: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const passing = isGrpcServiceError(error) && PASSING.has(Number(error.code));
      if (!passing || Date.now() > until) throw error;
      await sleep(50);
    }
  }
}

/** A new namespace reaches the server's caches within seconds; before that, starts in it would fail. */
async function usable(connection: Connection, namespace: string): Promise<void> {
  const probe = { namespace, execution: { workflowId: 'duban-probe' } };
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await untilServed(() => connection.workflowService.describeWorkflowExecution(probe));
      return;
    } catch (error) {
      // That there is no such workflow is said by the history service: the namespace is known there.
      const missing = isGrpcServiceError(error) && Number(error.code) === NOT_FOUND;
      if (missing && !/namespace/i.test(error.details ?? '')) return;
      if (!missing || Date.now() > until) throw error;
      await sleep(50);
    }
  }
}

function denied(to: EngineConnectionOptions, namespace: string, cause: unknown): RuntimeProblem {
  const [zh, en] =
    to.apiKey === undefined
      ? ['没有设置密钥（环境变量 TEMPORAL_API_KEY）', 'no key is set (TEMPORAL_API_KEY)']
      : ['密钥（TEMPORAL_API_KEY）无效、已过期或没有权限', 'the key (TEMPORAL_API_KEY) is wrong, has expired or lacks the right'];
  return new RuntimeProblem(
    'engine-denied',
    `Temporal 集群 ${to.address} 拒绝访问命名空间 ${namespace}：${zh}。请其管理员给予该命名空间的读写权限。`,
    `The cluster ${to.address} refuses access to the namespace ${namespace}: ${en}. Ask its administrator for the right to read and write it.`,
    { cause },
  );
}

function namespaceMissing(namespace: string, address: string, retentionDays: number): RuntimeProblem {
  const command = `temporal operator namespace create --address ${address} --namespace ${namespace} --retention ${retentionDays}d`;
  return new RuntimeProblem(
    'namespace-missing',
    `Temporal 集群 ${address} 上没有命名空间 ${namespace}。请其管理员建立：${command}`,
    `The cluster ${address} has no namespace ${namespace}. Its administrator makes it: ${command}`,
  );
}
