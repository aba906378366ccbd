import { sql } from 'kysely';
import type { UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';

/** Sign-ins last this long; tokens for scripts as long as their maker says. */
export const SESSION_HOURS = 12;

export interface NewSession {
  /** SHA-256 of the token; the token itself is stored nowhere. */
  readonly tokenHash: string;
  readonly user: UserId;
  readonly kind: 'session' | 'token';
  readonly label: string | null;
  readonly days: number | null;
}

export interface Session {
  readonly tokenHash: string;
  readonly user: UserId;
  readonly kind: 'session' | 'token';
  readonly label: string | null;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
}

const COLUMNS = ['token_hash', 'user_id', 'kind', 'label', 'expires_at', 'last_used_at'] as const;
interface Row {
  token_hash: string;
  user_id: string;
  kind: string;
  label: string | null;
  expires_at: Date | null;
  last_used_at: Date | null;
}
const read = (row: Row): Session => ({
  tokenHash: row.token_hash,
  user: row.user_id as UserId,
  kind: row.kind === 'token' ? 'token' : 'session',
  label: row.label,
  expiresAt: (row.expires_at ?? new Date(0)).toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

export async function openSession(trx: Db, county: string, session: NewSession): Promise<Session> {
  const lasts =
    session.days === null
      ? sql<Date>`now() + make_interval(hours => ${SESSION_HOURS})`
      : sql<Date>`now() + make_interval(days => ${session.days})`;
  const row = await trx
    .insertInto('sessions')
    .values({
      county_id: county,
      token_hash: session.tokenHash,
      user_id: session.user,
      kind: session.kind,
      label: session.label,
      expires_at: lasts,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return read(row);
}

/** The live session of a token; null when unknown, ended or its user is disabled. Its last use is kept to the minute. */
export async function liveSession(db: Db, county: string, tokenHash: string): Promise<Session | null> {
  const row = await db
    .selectFrom('sessions as s')
    .innerJoin('users as u', (join) => join.onRef('u.county_id', '=', 's.county_id').onRef('u.user_id', '=', 's.user_id'))
    .select([
      's.token_hash',
      's.user_id',
      's.kind',
      's.label',
      's.expires_at',
      's.last_used_at',
      sql<boolean>`s.last_used_at is null or s.last_used_at < now() - interval '1 minute'`.as('stale'),
    ])
    .where('s.county_id', '=', county)
    .where('s.token_hash', '=', tokenHash)
    .where('u.disabled', '=', false)
    .where('s.expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.stale) {
    await db
      .updateTable('sessions')
      .set({ last_used_at: sql<Date>`now()` })
      .where('county_id', '=', county)
      .where('token_hash', '=', tokenHash)
      .execute();
  }
  return read(row);
}

/** Tokens for scripts of one user. */
export async function tokensOf(db: Db, county: string, user: UserId): Promise<Session[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(COLUMNS)
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .where('kind', '=', 'token')
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('token_hash')
    .execute();
  return rows.map(read);
}

/** Ends a session or token of a user; false when there is none. */
export async function endSession(trx: Db, county: string, user: UserId, tokenHash: string): Promise<boolean> {
  const done = await trx
    .deleteFrom('sessions')
    .where('county_id', '=', county)
    .where('user_id', '=', user)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return done.numDeletedRows > 0n;
}

/** Ends all sessions and tokens of a user, but one: after a new password, when disabled. */
export async function endSessions(trx: Trx, county: string, user: UserId, but: string | null): Promise<void> {
  let query = trx.deleteFrom('sessions').where('county_id', '=', county).where('user_id', '=', user);
  if (but !== null) query = query.where('token_hash', '!=', but);
  await query.execute();
}
