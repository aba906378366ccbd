import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, markOf, type ProcessMark } from './process.js';
import { RuntimeProblem, systemCode, type Say } from './problem.js';

/**
 * Runs `work` while no other process holds `file`. Waits for the holder; a lock whose holder is dead is taken over.
 * Refuses with `lock-held` after `waitMs`.
 */
export async function withLock<T>(file: string, say: Say, work: () => Promise<T>, waitMs = 15 * 60_000): Promise<T> {
  const until = Date.now() + waitMs;
  let told = false;
  while (!tryLock(file)) {
    const holder = readHolder(file);
    if (holder !== null && !isAlive(holder)) {
      removeStale(file, holder);
      continue;
    }
    if (holder === null && ageMs(file) > 10_000) rmSync(file, { force: true });
    if (!told && holder !== null) {
      say(
        `另一个督办命令正在运行（进程 ${holder.pid}），等待它结束……`,
        `Another duban command is at work (process ${holder.pid}); waiting for it.`,
      );
      told = true;
    }
    if (Date.now() > until) {
      throw new RuntimeProblem('lock-held', `等待 ${file} 超时，另一个命令仍在运行。`, `${file} is still held by another command.`);
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(markOf(process.pid)), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The holder; null when the lock is gone again or is just being written. */
function readHolder(file: string): ProcessMark | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && 'pid' in value && 'token' in value) {
      return { pid: Number(value.pid), token: String(value.token) };
    }
  } catch {
    // Being written, or removed a moment ago.
  }
  return null;
}

/** A lock that stays unreadable was left by a holder killed while writing it. */
function ageMs(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** Of several that find a stale lock only one may remove it: the rename succeeds once, and gives back a fresh lock taken by mistake. */
function removeStale(file: string, holder: ProcessMark): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const found = readHolder(aside);
  if (found !== null && (found.pid !== holder.pid || found.token !== holder.token)) {
    renameSync(aside, file);
    return;
  }
  rmSync(aside, { force: true });
}
