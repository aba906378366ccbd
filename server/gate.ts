import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ACTS_LIMIT, campaignWorkflowId, FAILURE, UPDATE_ACTS, type ActAnswer, type ActRequest } from '../workflows/contract/campaign.js';
import type { ActId, ProcessId } from '../domain/model/ids.js';
import type { Db } from '../store/connection.js';
import { findAct } from '../store/journal.js';
import { findProcess } from '../store/processes.js';
import { EngineError } from './engine/errors.js';
import type { Engine } from './temporal.js';

/** The engine takes 10 updates in flight on one workflow and loses what comes above; 8 leave room for `advance` and settings. */
const IN_FLIGHT = 8;
const ANSWER_WITHIN_MS = 10_000;
/** A run that is being renewed, or begins from the journal, is back in a moment. */
const AGAIN_AFTER_MS = 100;

export interface Gate {
  /**
   * One act of one person: answered when it is in the journal, or refused by the core. A recorded act is answered from the journal. Errors:
   * `engine-busy` (no answer within 10 s; the same act may be sent again), `act-too-large`, `bad-message`.
   */
  act(county: string, process: ProcessId, request: ActRequest): Promise<ActAnswer>;
}

interface Waiting {
  readonly request: ActRequest;
  readonly bytes: number;
  readonly deadline: number;
  readonly answer: Promise<ActAnswer>;
  readonly resolve: (answer: ActAnswer) => void;
  readonly reject: (error: EngineError) => void;
}

interface Lane {
  readonly county: string;
  readonly process: ProcessId;
  readonly waiting: Waiting[];
  /** By act id: waiting or in flight. The same act twice shares one answer. */
  readonly open: Map<ActId, Waiting>;
  inFlight: number;
}

export function createGate(engine: Pick<Engine, 'client' | 'connection'>, db: Db): Gate {
  const lanes = new Map<string, Lane>();

  const pump = (lane: Lane): void => {
    while (lane.inFlight < IN_FLIGHT && lane.waiting.length > 0) {
      const batch = takeBatch(lane.waiting);
      lane.inFlight += 1;
      void deliver(engine, db, lane, batch).finally(() => {
        lane.inFlight -= 1;
        for (const { request } of batch) lane.open.delete(request.actId);
        pump(lane);
        if (lane.open.size === 0) lanes.delete(campaignWorkflowId(lane.county, lane.process));
      });
    }
  };

  return {
    async act(county, process, request) {
      const bytes = Buffer.byteLength(JSON.stringify(request)) + 1;
      if (bytes + 2 > ACTS_LIMIT.bytes) throw new EngineError('act-too-large', {});
      const recorded = await findAct(db, county, process, request.actId);
      if (recorded !== null) return { ok: true, seq: recorded.seq };
      const id = campaignWorkflowId(county, process);
      const lane: Lane = lanes.get(id) ?? { county, process, waiting: [], open: new Map(), inFlight: 0 };
      lanes.set(id, lane);
      const same = lane.open.get(request.actId);
      const mine = same ?? waiting(request, bytes);
      if (same === undefined) {
        lane.open.set(request.actId, mine);
        lane.waiting.push(mine);
        // The pump runs after this turn: acts that arrive together travel together.
        setImmediate(() => pump(lane));
      }
      return inTime(mine.answer);
    },
  };
}

function waiting(request: ActRequest, bytes: number): Waiting {
  const { promise, resolve, reject } = withResolvers<ActAnswer>();
  // Its caller may have gone after 10 s: an error then is nobody's.
  promise.catch(() => undefined);
  return { request, bytes, deadline: Date.now() + ANSWER_WITHIN_MS, answer: promise, resolve, reject };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: EngineError) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: EngineError) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new EngineError('engine-busy', {})), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The oldest acts that fit into one update. */
function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  let bytes = 2;
  let count = 0;
  for (const next of waiting) {
    if (count >= ACTS_LIMIT.acts || bytes + next.bytes > ACTS_LIMIT.bytes) break;
    bytes += next.bytes;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** Sends one batch until it is answered or its time is over, and gives each act its own answer. Never throws. */
async function deliver(engine: Pick<Engine, 'client' | 'connection'>, db: Db, lane: Lane, batch: readonly Waiting[]): Promise<void> {
  const deadline = Math.max(...batch.map((one) => one.deadline));
  const handle = engine.client.workflow.getHandle(campaignWorkflowId(lane.county, lane.process));
  const requests = batch.map(({ request }) => request);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answers = await engine.connection.withDeadline(deadline, () =>
        handle.executeUpdate<readonly ActAnswer[], [readonly ActRequest[]]>(UPDATE_ACTS, {
          args: [requests],
          updateId: updateId(requests, attempt),
        }),
      );
      batch.forEach((one, i) => {
        const answer = answers[i];
        if (answer) one.resolve(answer);
        else one.reject(new EngineError('bad-message', {}));
      });
      return;
    } catch (error) {
      const verdict = await judge(error, db, lane);
      if (verdict.kind === 'closed' && (await answerClosed(db, lane, batch))) return;
      if (verdict.kind === 'error') return batch.forEach((one) => one.reject(verdict.error));
      if (Date.now() + AGAIN_AFTER_MS >= deadline)
        return batch.forEach((one) => one.reject(new EngineError('engine-busy', {}, { cause: error })));
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

/** The same batch sent again is the same update; a refused attempt needs another id, since the engine would repeat the refusal. */
function updateId(requests: readonly ActRequest[], attempt: number): string {
  const hash = createHash('sha256');
  for (const { actId } of requests) hash.update(actId).update('\n');
  return `acts-${hash.digest('hex').slice(0, 32)}-${attempt}`;
}

type Verdict = { readonly kind: 'again' } | { readonly kind: 'error'; readonly error: EngineError } | { readonly kind: 'closed' };

async function judge(error: unknown, db: Db, lane: Lane): Promise<Verdict> {
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type === FAILURE.badMessage) {
    return { kind: 'error', error: new EngineError('bad-message', {}, { cause: error }) };
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return { kind: 'error', error: new EngineError('engine-busy', {}, { cause: error }) };
  if (isGone(error)) {
    const row = await findProcess(db, lane.county, lane.process).catch(() => undefined);
    if (row === null || row?.status === 'stopped' || row?.status === 'ended') return { kind: 'closed' };
  }
  // Renewing, begun anew from the journal, not yet begun, the engine away for a moment: all of these pass.
  return { kind: 'again' };
}

/** The answer to an act that is in the journal may have been lost on the way, that of the stop itself above all. False: the journal cannot be asked now. */
async function answerClosed(db: Db, lane: Lane, batch: readonly Waiting[]): Promise<boolean> {
  try {
    const found = await Promise.all(batch.map(({ request }) => findAct(db, lane.county, lane.process, request.actId)));
    batch.forEach((one, i) => {
      const recorded = found[i];
      one.resolve(recorded ? { ok: true, seq: recorded.seq } : { ok: false, refusal: CLOSED });
    });
    return true;
  } catch {
    return false;
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof WorkflowNotFoundError ||
    error instanceof WorkflowUpdateFailedError ||
    (isGrpcServiceError(error) && error.code === NOT_FOUND)
  );
}
/** gRPC status NOT_FOUND. */
const NOT_FOUND = 5;

const CLOSED = { code: 'process-closed', zh: '工作已结束或停止，不能再办理', en: 'The campaign has ended or was stopped', params: {} };
