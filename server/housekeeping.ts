import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Db } from '../store/connection.js';
import { forgetFiles, forgetSessions } from '../store/housekeeping.js';
import { forgetKeys } from '../store/idempotency.js';

const HOUR_MS = 3_600_000;
export const HOUSEKEEPING_EVERY_MS = HOUR_MS;
/** No request takes so long: what still lies there was left by an API that was killed. */
const LEFT_BEHIND_MS = 24 * HOUR_MS;

/** Answers of POSTs, and sign-ins that have ended, are kept for so long. */
const ANSWERS_DAYS = 30;
const SIGN_INS_DAYS = 30;

/** What nobody will ask for any more: answered requests, ended sign-ins, files that are evidence for nothing. */
export async function keepHouse(db: Db, filesDays: number, log: Logger): Promise<void> {
  const [answers, signIns, files] = [
    await forgetKeys(db, ANSWERS_DAYS),
    await forgetSessions(db, SIGN_INS_DAYS),
    await forgetFiles(db, filesDays),
  ];
  if (answers + signIns + files > 0) log.info({ answers, signIns, files }, '已清理过期内容 / what has expired was removed');
}

/** Removes what uploads have left in `folder` when their API was killed. Returns how many files. */
export async function clearUploads(folder: string, now = Date.now()): Promise<number> {
  if (!existsSync(folder)) return 0;
  let removed = 0;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found === null || !found.isFile() || now - found.mtimeMs < LEFT_BEHIND_MS) continue;
    await rm(file, { force: true });
    removed += 1;
  }
  return removed;
}
