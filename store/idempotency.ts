import type { Digest, UserId } from '../domain/model/ids.js';
import type { Db } from './connection.js';
import { StoreError } from './errors.js';
import { toJson } from './json.js';

/** A request under an Idempotency-Key. `keyHash` = hash(user, route, key); `bodyDigest` = digest of the canonical body. */
export interface KeyedRequest {
  readonly county: string;
  readonly keyHash: string;
  readonly user: UserId;
  readonly route: string;
  readonly bodyDigest: Digest;
}
export type KeyState = { readonly kind: 'new' } | { readonly kind: 'answered'; readonly status: number; readonly response: unknown };

/**
 * Claims a key. `new`: do it, then `answerKey` or `releaseKey`. `answered`: answer as the first time. `stale` is how long a claim without an
 * answer holds (its server may have been killed); what it began has its own guard against a second effect.
 * Errors: `idempotency-other-body` (422), `idempotency-in-progress` (409).
 */
export async function claimKey(db: Db, request: KeyedRequest, staleAfterSeconds = 60): Promise<KeyState> {
  const made = await db
    .insertInto('idempotency')
    .values({
      county_id: request.county,
      key_hash: request.keyHash,
      user_id: request.user,
      route: request.route,
      body_digest: request.bodyDigest,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key_hash')
    .executeTakeFirst();
  if (made !== undefined) return { kind: 'new' };
  const first = await mine(db, request).executeTakeFirst();
  // Released between the two statements.
  if (first === undefined) return claimKey(db, request, staleAfterSeconds);
  if (first.body_digest !== request.bodyDigest) {
    throw new StoreError(
      'idempotency-other-body',
      '同一个 Idempotency-Key 已用于另一内容的请求，请换一个新的',
      'This Idempotency-Key was used for a request with another body: use a new one',
      { route: first.route },
    );
  }
  if (first.status !== null) return { kind: 'answered', status: first.status, response: first.response };
  const stale = new Date(Date.now() - staleAfterSeconds * 1000);
  const taken = await db
    .updateTable('idempotency')
    .set({ stored_at: new Date() })
    .where('county_id', '=', request.county)
    .where('key_hash', '=', request.keyHash)
    .where('status', 'is', null)
    .where('stored_at', '<', stale)
    .executeTakeFirst();
  if (taken.numUpdatedRows === 1n) return { kind: 'new' };
  throw new StoreError(
    'idempotency-in-progress',
    '同样的请求正在处理，请稍后用同一个 Idempotency-Key 再试',
    'The same request is being worked on: try again with the same Idempotency-Key',
    { route: first.route },
  );
}

function mine(db: Db, request: Pick<KeyedRequest, 'county' | 'keyHash'>) {
  return db.selectFrom('idempotency').selectAll().where('county_id', '=', request.county).where('key_hash', '=', request.keyHash);
}

/** Keeps the answer, in the transaction of the work itself where there is one. */
export async function answerKey(
  db: Db,
  request: Pick<KeyedRequest, 'county' | 'keyHash'>,
  answer: { status: number; response: unknown },
): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ status: answer.status, response: toJson(answer.response ?? null) })
    .where('county_id', '=', request.county)
    .where('key_hash', '=', request.keyHash)
    .execute();
}

/** Says that a claim's work goes on: it does not become stale while its server lives. An answered or released one stays as it is. */
export async function holdKey(db: Db, request: Pick<KeyedRequest, 'county' | 'keyHash'>): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ stored_at: new Date() })
    .where('county_id', '=', request.county)
    .where('key_hash', '=', request.keyHash)
    .where('status', 'is', null)
    .execute();
}

/** Nothing was done (refused, failed): the key may be used again. An answered one stays. */
export async function releaseKey(db: Db, request: Pick<KeyedRequest, 'county' | 'keyHash'>): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where('county_id', '=', request.county)
    .where('key_hash', '=', request.keyHash)
    .where('status', 'is', null)
    .execute();
}

/**
 * Claims that nobody will answer any more, because no server of the county is left that could have made them: whoever sends such a request again
 * need not wait until the claim is stale.
 */
export async function abandonClaims(db: Db, county: string): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ stored_at: new Date(0) })
    .where('county_id', '=', county)
    .where('status', 'is', null)
    .execute();
}

/** Forgets answers older than `days`. Returns how many. */
export async function forgetKeys(db: Db, days: number): Promise<number> {
  const before = new Date(Date.now() - days * 86_400_000);
  const done = await db.deleteFrom('idempotency').where('stored_at', '<', before).executeTakeFirst();
  return Number(done.numDeletedRows);
}
