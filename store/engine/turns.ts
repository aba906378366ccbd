import type pg from 'pg';
import { beginSession } from '../begin.js';
import type { Store } from '../connection.js';

/** Space of our advisory locks, so that they do not meet those of others in the same database. */
const LOCK_SPACE = 0x6475_6261;

/**
 * Runs `work` while holding the lock `name` over all workers; false, without running it, when another holds it. The lock hangs on one
 * connection: when that breaks, another may begin, so `work` must be repeatable.
 */
export async function inTurn(store: Store, name: string, work: () => Promise<void>): Promise<boolean> {
  const client = await beginSession(() => store.pool.connect());
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

/** A turn that is kept from call to call. */
export interface KeptTurn {
  /** Runs `work` when the turn is ours, or becomes ours; false when another has it. */
  take(work: () => Promise<void>): Promise<boolean>;
  /** Gives it back, for another to take. */
  release(): Promise<void>;
}

/**
 * As `inTurn`, but whoever has the turn keeps it until it is released or its connection breaks: what `work` remembers from call to call is then of one
 * worker alone.
 */
export function keptTurn(store: Store, name: string): KeptTurn {
  let held: pg.PoolClient | null = null;
  const lose = (broken: boolean): void => {
    held?.removeListener('error', ignore);
    held?.release(broken);
    held = null;
  };
  const ours = async (): Promise<boolean> => {
    try {
      if (held !== null) {
        await held.query('select 1');
        return true;
      }
      held = await beginSession(() => store.pool.connect());
      held.on('error', ignore);
      if (await tryLock(held, name)) return true;
      lose(false);
      return false;
    } catch (error) {
      lose(true);
      throw error;
    }
  };
  return {
    async take(work) {
      if (!(await ours())) return false;
      await work();
      return true;
    },
    async release() {
      await held?.query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_SPACE, name]).catch(() => undefined);
      lose(held !== null);
    },
  };
}

/** What breaks a connection shows at its next use. */
const ignore = (): void => undefined;

/**
 * Counts as one of the services called `name` from now on, until `leave` is called or its connection breaks. When there is no other, `alone` is run first, and
 * others who join meanwhile wait for it. Returns `leave`.
 */
export async function joinOthers(store: Store, name: string, alone: () => Promise<void>): Promise<() => void> {
  const client = await beginSession(() => store.pool.connect());
  client.on('error', ignore);
  try {
    if (await tryLock(client, name)) {
      try {
        await alone();
      } finally {
        await client.query('select pg_advisory_lock_shared($1, hashtext($2)), pg_advisory_unlock($1, hashtext($2))', [LOCK_SPACE, name]);
      }
    } else await client.query('select pg_advisory_lock_shared($1, hashtext($2))', [LOCK_SPACE, name]);
    // Closing the connection frees the lock.
    return () => client.release(true);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function tryLock(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', [LOCK_SPACE, name]);
  return rows[0]?.got === true;
}
