import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** A log over this size is set aside, one generation is kept: together at most twice as much, and what comes in between two looks. */
export const LOG_LIMIT = 20 * 1024 * 1024;
const STALE_MS = 10 * 60_000;

/**
 * Sets aside logs that have grown too long: copied to `.1`, then emptied in place, because whoever writes one keeps it open (for appending) as long as it
 * lives. Lines written in that instant are lost. One at a time; a second one leaves it to the first. Returns the names of the logs.
 */
export function rotateLogs(folder: string, limit = LOG_LIMIT): readonly string[] {
  if (!existsSync(folder)) return [];
  const busy = join(folder, '.rotating');
  if (!take(busy)) return [];
  try {
    const long = readdirSync(folder).filter((name) => name.endsWith('.log') && statSync(join(folder, name)).size > limit);
    for (const name of long) {
      const file = join(folder, name);
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, `${file}.1`);
      truncateSync(file, 0);
    }
    return long;
  } finally {
    rmdirSync(busy);
  }
}

/** Logs that nobody has cut although they are twice too long. */
export function longLogs(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.log') && statSync(join(folder, name)).size > 2 * LOG_LIMIT);
}

function take(busy: string): boolean {
  try {
    mkdirSync(busy);
    return true;
  } catch {
    // Whoever took it may have been killed.
    try {
      if (Date.now() - statSync(busy).mtimeMs > STALE_MS) rmdirSync(busy);
    } catch {
      // Given back meanwhile.
    }
    return false;
  }
}
