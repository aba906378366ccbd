import { Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineConnectionOptions } from '../../config.js';
import { messageOf, RuntimeProblem } from '../problem.js';

// gRPC status codes.
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PASSING = new Set([4, 14]);

const PATIENCE_MS = 60_000;

/** True when the engine's frontend serves. */
export async function engineAnswers(to: EngineConnectionOptions): Promise<boolean> {
  try {
    const connection = await Connection.connect({ ...to, connectTimeout: '2s' });
    try {
      const health = await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
      return health.status === 1;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

/**
 * Sees to it that the namespace exists and can be used. On the embedded engine it is registered; on an external cluster one that
 * is missing is refused with the command for its administrator (`namespace-missing`). Errors: `engine-unreachable`.
 */
export async function ensureNamespace(
  to: EngineConnectionOptions,
  namespace: string,
  options: { register: boolean; retentionDays: number },
): Promise<void> {
  const connection = await connect(to);
  try {
    if (!(await exists(connection, namespace))) {
      if (!options.register) throw namespaceMissing(namespace, to.address);
      const retention = msToTs(options.retentionDays * 86_400_000);
      await untilServed(() =>
        connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention }),
      ).catch((error: unknown) => {
        if (!(isGrpcServiceError(error) && Number(error.code) === ALREADY_EXISTS)) throw error;
      });
    }
    await usable(connection, namespace);
  } finally {
    await connection.close();
  }
}

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

async function connect(to: EngineConnectionOptions): Promise<Connection> {
  try {
    return await Connection.connect({ ...to, connectTimeout: '5s' });
  } catch (cause) {
    throw new RuntimeProblem(
      'engine-unreachable',
      `连不上 Temporal（${to.address}）：${messageOf(cause)}。请检查地址、证书、密钥和网络。`,
      `Temporal at ${to.address} cannot be reached. Check address, certificates, key and network.`,
      { cause },
    );
  }
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

function namespaceMissing(namespace: string, address: string): RuntimeProblem {
  return new RuntimeProblem(
    'namespace-missing',
    `Temporal 集群 ${address} 上没有命名空间 ${namespace}。请管理员建立：temporal operator namespace create --namespace ${namespace} --retention 30d`,
    `The cluster ${address} has no namespace ${namespace}. Its administrator makes it: temporal operator namespace create --namespace ${namespace} --retention 30d`,
  );
}
