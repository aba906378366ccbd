import { daysBetween } from '../../calendar/dates.js';
import type { Act, Actor } from '../../model/event.js';
import type { Obligation } from '../../model/state.js';
import type { Draft } from '../draft.js';
import { parseObligationId } from '../obligation-ids.js';
import { holds } from '../permissions.js';
import { refuse } from '../refusals.js';
import { isCase } from '../case-rules.js';
import { campaignAct } from './campaign.js';
import { caseAct } from './case.js';
import { clockAct } from './clock.js';
import { done, tick, titles } from './done.js';
import { followUpAct } from './follow-up.js';
import { waitsForSecond } from './second-person.js';

/** Carries out one act or refuses it (throws `Refused`). What `may` grants only with a confirmation waits for the second person. */
export function perform(draft: Draft, act: Act, actor: Actor): void {
  checkRunning(draft, act);
  checkWaivable(draft, act);
  if (!waitsForSecond(draft, act, actor)) carryOutAct(draft, act, actor);
}

function checkRunning(draft: Draft, act: Act): void {
  const { status, paused } = draft.state;
  if (status === 'stopped' || status === 'ended') refuse('campaign-ended');
  if (status === 'paused' && act.kind !== 'resume' && act.kind !== 'stop' && !endsPause(draft, act))
    refuse('campaign-paused', { reason: paused?.reason ?? '' });
}

/** While paused the second person still answers a proposal to resume or to stop. */
function endsPause(draft: Draft, act: Act): boolean {
  const origin = act.kind === 'release' || act.kind === 'drop' ? draft.find(act.obligation)?.origin : undefined;
  return origin?.kind === 'confirm' && origin.proposed.kind === 'act' && ['resume', 'stop'].includes(origin.proposed.act.kind);
}

/** A proposal is released or dropped and a check struck or sent back by whom it waits for; nobody waives it over their head. */
function checkWaivable(draft: Draft, act: Act): void {
  const origin = act.kind === 'waive' ? draft.find(act.obligation)?.origin.kind : undefined;
  if (origin === 'confirm' || origin === 'check') refuse('not-a-follow-up', { act: act.kind });
}

function carryOutAct(draft: Draft, act: Act, actor: Actor): void {
  switch (act.kind) {
    case 'pause':
    case 'resume':
    case 'stop':
    case 'amendPhase':
    case 'amendParameter':
    case 'judge':
    case 'correctSnapshot':
      return campaignAct(draft, act, actor);
    case 'takeDown':
      return takeDown(draft, act, actor);
    case 'step': {
      const obligation = standing(draft, act.obligation);
      return isCase(obligation) ? caseAct(draft, obligation, act, actor) : refuse('not-a-follow-up', { act: act.kind });
    }
    case 'done':
    case 'tick': {
      const obligation = standing(draft, act.obligation);
      const duty = obligation.origin.kind === 'duty' ? draft.frame.definition.duties[obligation.origin.duty] : undefined;
      if (!duty) return refuse('not-a-follow-up', { act: act.kind });
      return act.kind === 'done' ? done(draft, obligation, duty, act, actor) : tick(draft, obligation, duty, act.items, actor);
    }
    case 'waive':
    case 'extend':
    case 'suspend':
    case 'unsuspend':
    case 'markBeforeLaunch':
      return clockAct(draft, standing(draft, act.obligation), act, actor);
    case 'release':
    case 'drop':
    case 'receive':
    case 'reply':
    case 'strike':
    case 'sendBack':
      return followUpAct(draft, standing(draft, act.obligation), act, actor, carryOutAct);
    default: {
      const never: never = act;
      throw new TypeError(`unknown act ${JSON.stringify(never)}`);
    }
  }
}

function standing(draft: Draft, id: Obligation['id']): Obligation {
  const obligation = draft.find(id);
  if (obligation) return obligation;
  const mark = draft.closedMark(id);
  return mark ? refuse('already-closed', { on: mark.on }) : refuse('unknown-obligation', { obligation: id });
}

/** A posted list comes down only after its full days (reading A-23). */
function takeDown(draft: Draft, act: Extract<Act, { kind: 'takeDown' }>, actor: Actor): void {
  const publication = draft.state.publications[act.obligation];
  if (!publication || publication.takenDownOn !== null) return refuse('not-posted');
  const on = act.on ?? draft.today;
  if (on > draft.today) refuse('future-date', { on, today: draft.today });
  const { duty, unit } = parseObligationId(act.obligation);
  const owes = draft.frame.definition.duties[duty]?.owes ?? [];
  if (!owes.some((role) => holds(draft.frame, actor, role, unit)))
    refuse('not-yours', { roles: titles(draft, owes), unit: draft.frame.unit(unit)?.name ?? unit });
  if (on < publication.earliestDown)
    refuse('too-early-down', { days: daysBetween(publication.postedOn, publication.earliestDown) - 1, earliest: publication.earliestDown });
  draft.setPublication({ ...publication, takenDownOn: on });
}
