import type { Logger } from 'pino';
import type { Store } from '../store/connection.js';
import { schemaProblem, schemaState } from '../store/version.js';

/**
 * Ends a service that was started on a database of another version than its own, before it reads or writes anything. A database that does not
 * answer is no reason to end: it may come, and until then the service says that it is not ready.
 */
export async function refuseWrongSchema(store: Pick<Store, 'pool'>, log: Logger): Promise<void> {
  const state = await schemaState(store).catch((error: unknown) => {
    log.warn({ err: error }, '数据库没有应答，继续等待 / the database does not answer yet');
    return null;
  });
  if (state === null || state === 'current') return;
  const { code, zh, en } = schemaProblem(state);
  log.fatal({ code }, `${zh} / ${en}`);
  process.exit(1);
}
