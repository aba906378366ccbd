import { setTimeout as sleep } from 'node:timers/promises';

/** What the loops tell: a line in the log and a number in the metrics. */
export interface LoopReport {
  failed(loop: string, error: unknown): void;
}

const LONGEST_WAIT_MS = 30_000;

/**
 * Does `work` again and again, `everyMs` after each end, until `signal` says stop; what is begun is finished. After a failure it waits longer each
 * time, up to half a minute, and says so: a store or an engine that is away must not end the worker.
 */
export async function runLoop(
  name: string,
  everyMs: number,
  signal: AbortSignal,
  report: LoopReport,
  work: () => Promise<void>,
): Promise<void> {
  let wait = everyMs;
  while (!signal.aborted) {
    try {
      await work();
      wait = everyMs;
    } catch (error) {
      if (!signal.aborted) report.failed(name, error);
      wait = Math.min(Math.max(wait * 2, 500), LONGEST_WAIT_MS);
    }
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}
