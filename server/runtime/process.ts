import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOG_LIMIT } from './logs.js';

/**
 * A process as we remember it. Process ids are reused, so `token` (boot and start time) tells whether the process that has the
 * id now is still the one we started: nothing is ever killed by its id alone.
 */
export type ProcessMark = { readonly pid: number; readonly token: string };

export type Spawned = ProcessMark & {
  /** Settles when the process ends while we watch: exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Where in the log its own lines begin. */
  readonly logFrom: number;
};

/** Start token of a living process; null when there is none (a zombie counts as gone). */
export function startToken(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot}/${fields[19] ?? ''}`;
    } catch {
      return null;
    }
  }
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const line = (ps.stdout ?? '').trim();
  if (ps.status !== 0 || line === '' || line.startsWith('Z')) return null;
  return line.replace(/^\S+\s+/, '');
}

export function isAlive(mark: ProcessMark | null | undefined): mark is ProcessMark {
  return mark !== null && mark !== undefined && startToken(mark.pid) === mark.token;
}

export function markOf(pid: number): ProcessMark | null {
  const token = startToken(pid);
  return token === null ? null : { pid, token };
}

/** Opens a log for appending; a log over 20 MB is set aside as `.1` first (one generation is kept). */
function openLog(file: string): number {
  try {
    if (statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`);
  } catch {
    // No log yet.
  }
  return openSync(file, 'a', 0o600);
}

export type Command = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
};

/** Starts a process that outlives us, its output in `logFile`. Rejects when it cannot be started at all. */
export async function spawnDetached(what: Command): Promise<Spawned> {
  const log = openLog(what.logFile);
  const logFrom = fstatSync(log).size;
  try {
    const child = spawn(what.command, what.args, {
      cwd: what.cwd,
      env: what.env ?? process.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...what.user,
    });
    const ended = new Promise<number | string>((done) => {
      child.once('exit', (code, signal) => done(code ?? signal ?? 'unknown'));
    });
    await new Promise<void>((done, fail) => {
      child.once('spawn', done);
      child.once('error', fail);
    });
    child.unref();
    const pid = child.pid ?? 0;
    // A process that is gone before we look gets a token no living process has.
    return { pid, token: startToken(pid) ?? 'ended', ended, logFrom };
  } finally {
    closeSync(log);
  }
}

/**
 * Ends a process of ours: asks with `signal`, waits `graceMs`, then kills. Returns false when it was not there (any more).
 */
export async function stopProcess(mark: ProcessMark, options: { signal?: NodeJS.Signals; graceMs?: number } = {}): Promise<boolean> {
  if (!isAlive(mark)) return false;
  send(mark.pid, options.signal ?? 'SIGTERM');
  if (await gone(mark, options.graceMs ?? 15_000)) return true;
  if (isAlive(mark)) send(mark.pid, 'SIGKILL');
  await gone(mark, 5_000);
  return true;
}

async function gone(mark: ProcessMark, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (isAlive(mark)) {
    if (Date.now() > until) return false;
    await sleep(25);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

/** The last lines that a process wrote to its log, for a message that explains why a start failed. */
export function logTail(file: string, from: number, lines = 8): string {
  try {
    return readFileSync(file).subarray(from).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
