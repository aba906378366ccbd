import { sql } from 'kysely';
import type { UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';

/** Wrong passwords in a row before an account is locked, and for how long. Technical clock: signing in is no business event. */
export const LOCK_AFTER = 5;
export const LOCK_MINUTES = 15;

export interface Credentials {
  readonly user: UserId;
  readonly hash: string | null;
  readonly disabled: boolean;
  /** Seconds until the lock ends; 0 = not locked. */
  readonly lockedSeconds: number;
}

export async function credentialsOf(db: Db, county: string, login: string): Promise<Credentials | null> {
  const row = await db
    .selectFrom('users')
    .select([
      'user_id',
      'password_hash',
      'disabled',
      sql<number>`greatest(0, ceil(extract(epoch from locked_until - now())))::int`.as('locked_seconds'),
    ])
    .where('county_id', '=', county)
    .where('login', '=', login)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { user: row.user_id as UserId, hash: row.password_hash, disabled: row.disabled, lockedSeconds: row.locked_seconds ?? 0 };
}

export async function passwordHashOf(db: Db, county: string, user: UserId): Promise<string | null> {
  const row = await db
    .selectFrom('users')
    .select('password_hash')
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .executeTakeFirst();
  return row?.password_hash ?? null;
}

/** Counts a wrong password, in one statement so that parallel guesses all count; true when this one locked the account. */
export async function countFailure(db: Db, county: string, user: UserId): Promise<boolean> {
  const row = await db
    .updateTable('users')
    .set({
      failed: sql<number>`case when failed + 1 >= ${LOCK_AFTER} then 0 else failed + 1 end`,
      locked_until: sql<Date | null>`case when failed + 1 >= ${LOCK_AFTER} then now() + make_interval(mins => ${LOCK_MINUTES}) else locked_until end`,
    })
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .returning('failed')
    .executeTakeFirst();
  return row?.failed === 0;
}

/** Forgets wrong passwords and a lock. */
export async function clearFailures(db: Db, county: string, user: UserId): Promise<void> {
  await db
    .updateTable('users')
    .set({ failed: 0, locked_until: null })
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .execute();
}

/** Sets a password. `mustChange` = one that somebody else has seen. */
export async function setPassword(trx: Trx, county: string, user: UserId, hash: string, mustChange: boolean): Promise<void> {
  await trx
    .updateTable('users')
    .set((eb) => ({ password_hash: hash, must_change: mustChange, failed: 0, locked_until: null, version: eb('version', '+', 1) }))
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .execute();
}
