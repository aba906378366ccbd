import type { Act, Actor } from '../../domain/model/event.js';
import type { ActId, ObligationId } from '../../domain/model/ids.js';
import { actOnRow } from '../../activities/rows/act.js';
import type { CampaignSeen } from '../http/campaign.js';
import { papersWanted } from '../http/papers.js';
import { Problem } from '../http/problems.js';
import type { Call } from '../http/route.js';
import { EngineError } from '../engine/errors.js';

/** Refusals of the core that speak of rights or of something that is not there have statuses of their own; the rest is 409. */
const FORBIDDEN: ReadonlySet<string> = new Set(['not-yours', 'not-granted', 'never-granted', 'forbidden-act', 'apart']);
const MISSING: ReadonlySet<string> = new Set(['unknown-obligation', 'unknown-milestone']);

/**
 * Hands an act to the campaign, or to the row `onRow` that it is about (which can be tried: `dryRun`), under this request's id, so that a repeat has one effect even when the answer was lost. Errors: `act-refused` with the
 * core's code (or `not-permitted`, `not-found`), `campaign-not-running`, `engine-busy`.
 */
export async function act<P, Q, B>(
  call: Call<P, Q, B>,
  campaign: CampaignSeen,
  actor: Actor,
  what: Act,
  onRow: ObligationId | null = null,
  dryRun = false,
): Promise<{ seq: number }> {
  if (call.operation === null) throw new Problem('idempotency-key-missing');
  const { row, now } = campaign;
  if (row.status === 'launching' && row.seq === 0)
    throw new Problem('campaign-not-running', { zh: '工作正在启动，请稍候', en: 'The campaign is still being launched' });
  const { store, turns, county } = call.services;
  const request = { actId: call.operation.id as ActId, actor, act: what, at: now };
  const answer =
    onRow === null
      ? await call.services.engine.act(row.process_id, request).catch((error: unknown) => {
          throw problemOf(error);
        })
      : await actOnRow(store, turns, { county, process: row.process_id, row: onRow, ...request, dryRun });
  if (answer.ok) return { seq: answer.seq };
  const { code, zh, en, params } = answer.refusal;
  const kind = FORBIDDEN.has(code) ? 'not-permitted' : MISSING.has(code) ? 'not-found' : 'act-refused';
  throw new Problem(kind, { zh, en, wayOut: papersWanted(params), members: { refusal: { code, params } } });
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  if (error.code === 'engine-busy') return new Problem('engine-busy', { headers: { 'Retry-After': '1' }, cause: error });
  if (error.code === 'act-too-large') return new Problem('body-too-large', { zh: error.zh, en: error.en });
  return error;
}
