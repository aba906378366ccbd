import type { Logger } from 'pino';
import type { Store } from '../store/connection.js';
import { StoreError } from '../store/errors.js';
import { checkSchema } from '../store/version.js';
import { checkKeys, type Keys } from './keys.js';
import { RuntimeProblem } from './runtime/problem.js';

const AGAIN_MS = 2_000;

/**
 * Ends a service whose program or secrets do not fit its database (another version's schema, another installation's keys), before it reads or writes
 * anything. A database that does not answer is no reason to end: it may come, is asked again, and until then the service says that it is not ready.
 */
export async function refuseUnfit(store: Store, keys: Keys, log: Logger): Promise<void> {
  try {
    await checkSchema(store);
    await checkKeys(store.db, keys);
  } catch (error) {
    if (error instanceof StoreError || error instanceof RuntimeProblem) {
      log.fatal({ code: error.code }, `${error.zh} / ${error.en}`);
      process.exit(1);
    }
    log.warn({ err: error }, '数据库没有应答，继续等待 / the database does not answer yet');
    setTimeout(() => void refuseUnfit(store, keys, log), AGAIN_MS).unref();
  }
}
