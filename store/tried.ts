import type { Store, Trx } from './connection.js';
import { Undo } from './imports/session.js';

/**
 * Runs `work` in one transaction. `dryRun`: with every check and every change, which are then undone; the result is given all the same. Errors: those of `work`, of
 * a dry run as of the real one.
 */
export async function inTransaction<T>(store: Pick<Store, 'db'>, dryRun: boolean, work: (trx: Trx) => Promise<T>): Promise<T> {
  let result: { readonly of: T } | null = null;
  try {
    return await store.db.transaction().execute(async (trx) => {
      const done = await work(trx);
      if (!dryRun) return done;
      result = { of: done };
      throw new Undo(done);
    });
  } catch (error) {
    if (error instanceof Undo && result !== null) return (result as { readonly of: T }).of;
    throw error;
  }
}
