import type pg from 'pg';
import type { Store } from '../connection.js';

/** Space of our advisory locks, so that they do not meet those of others in the same database. */
const LOCK_SPACE = 0x6475_6261;

/**
 * Runs `work` while holding the lock `name` over all workers; false, without running it, when another holds it. The lock hangs on one
 * connection: when that breaks, another may begin, so `work` must be repeatable.
 */
export async function inTurn(store: Store, name: string, work: () => Promise<void>): Promise<boolean> {
  const client = await store.pool.connect();
  let broken = true;
  try {
    if (!(await tryLock(client, name))) {
      broken = false;
      return false;
    }
    try {
      await work();
    } finally {
      await client.query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_SPACE, name]);
      broken = false;
    }
    return true;
  } finally {
    // A connection whose lock could not be given back is closed: that frees it.
    client.release(broken);
  }
}

async function tryLock(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', [LOCK_SPACE, name]);
  return rows[0]?.got === true;
}
