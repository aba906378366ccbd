import type { Digest, UserId } from '../../domain/model/ids.js';
import { answerKey, claimKey, holdKey, releaseKey, type KeyedRequest } from '../../store/idempotency.js';
import type { Operation } from './idempotency.js';
import type { RawCall, Reply, Route } from './route.js';
import type { Services } from './services.js';

/** Well within the minute for which a claim holds by itself. */
const HOLD_EVERY_MS = 15_000;

/** What is kept of an answer, enough to give it again. */
interface Kept {
  readonly body: unknown;
  readonly version: number | null;
  readonly headers: Readonly<Record<string, string>>;
}

const isKept = (value: unknown): value is Kept => typeof value === 'object' && value !== null && 'body' in value && 'headers' in value;

const keep = (reply: Reply<unknown>): Kept => ({
  body: 'repeat' in reply ? reply.repeat : reply.body,
  version: reply.version ?? null,
  headers: reply.headers ?? {},
});

/**
 * Runs a route with the guarantees of its kind: everything in one transaction together with the kept answer, or, for effects in the engine, claim,
 * work, answer. A refusal changes nothing and frees the key; an answer that was given is given again.
 */
export async function changing(route: Route, call: RawCall, services: Services): Promise<Reply<unknown>> {
  try {
    const reply = await once(route, call, services);
    if (reply.undo !== true) await route.afterwards(call, reply.body);
    return reply;
  } catch (error) {
    if (error instanceof Undone) return error.reply;
    throw error;
  }
}

/** Thrown through a transaction to undo it while its answer is given: a dry run. */
class Undone extends Error {
  constructor(readonly reply: Reply<unknown>) {
    super('dry run');
  }
}

async function once(route: Route, call: RawCall, services: Services): Promise<Reply<unknown>> {
  const { db } = services.store;
  const inOne = route.effects === 'transaction';
  if (route.effects === 'none' || call.operation === null) {
    return inOne ? db.transaction().execute((trx) => route.run(call, trx)) : route.run(call, null);
  }
  const request = keyedRequest(call, call.operation, services);
  const claimed = await claimKey(db, request);
  if (claimed.kind === 'answered') return again(claimed.status, claimed.response);
  const answered = (reply: Reply<unknown>) => ({ status: reply.status ?? route.status, response: keep(reply) });
  // An import may take longer than a claim holds.
  const holding = setInterval(() => {
    holdKey(db, request).catch((error: unknown) => services.log.warn({ err: error }, 'a claim could not be held'));
  }, HOLD_EVERY_MS);
  try {
    if (inOne) {
      return await db.transaction().execute(async (trx) => {
        const reply = await route.run(call, trx);
        if (reply.undo === true) throw new Undone(reply);
        await answerKey(trx, request, answered(reply));
        return reply;
      });
    }
    const reply = await route.run(call, null);
    // Its own transactions have undone what it did.
    if (reply.undo === true) throw new Undone(reply);
    await answerKey(db, request, answered(reply));
    return reply;
  } catch (error) {
    await releaseKey(db, request);
    throw error;
  } finally {
    clearInterval(holding);
  }
}

/** Set-up has no user yet: its key belongs to the operator. */
const OPERATOR = 'operator' as UserId;

const keyedRequest = (call: RawCall, operation: Operation, services: Services): KeyedRequest => ({
  county: services.county,
  keyHash: operation.id,
  user: call.caller?.id ?? OPERATOR,
  route: operation.route,
  bodyDigest: operation.bodyDigest as Digest,
});

function again(status: number, response: unknown): Reply<unknown> {
  if (!isKept(response)) throw new Error('a kept answer cannot be read');
  const known = ([200, 201, 202, 204] as const).find((code) => code === status);
  return {
    body: response.body,
    headers: { ...response.headers, 'Idempotency-Replayed': 'true' },
    ...(known === undefined ? {} : { status: known }),
    ...(response.version === null ? {} : { version: response.version }),
  };
}
