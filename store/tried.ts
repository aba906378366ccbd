import type { Store, Trx } from './connection.js';
import { Undo } from './imports/session.js';

/**
 * Runs `work` in one transaction. `dryRun`: with every check and every change, which are then undone; the result is given all the same. Errors: those of `work`, of
 * a dry run as of the real one.
 */
export async function inTransaction<T>(store: Pick<Store, 'db'>, dryRun: boolean, work: (trx: Trx) => Promise<T>): Promise<T> {
  try {
    return await store.db.transaction().execute(async (trx) => {
      const done = await work(trx);
      if (dryRun) throw new Undo(done);
      return done;
    });
  } catch (error) {
    if (dryRun && error instanceof Undo) return (error as Undo<T>).result;
    throw error;
  }
}
