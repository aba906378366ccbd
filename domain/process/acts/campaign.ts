import { dateOf } from '../../calendar/dates.js';
import type { Act, Actor } from '../../model/event.js';
import type { LocalDate } from '../../model/ids.js';
import type { Obligation } from '../../model/state.js';
import { bearPeriods } from '../births.js';
import type { Draft } from '../draft.js';
import { shelve } from '../ladder.js';
import { askMilestone } from '../milestones.js';
import { requireGrant } from '../permissions.js';
import { refuse } from '../refusals.js';
import { amendParameter, amendPhase } from './amend.js';
import { resumed } from './clock.js';
import { finish } from './finish.js';

type CampaignAct = Extract<Act, { kind: 'pause' | 'resume' | 'stop' | 'amendPhase' | 'amendParameter' | 'judge' | 'correctSnapshot' }>;

/** Acts on the campaign as a whole. */
export function campaignAct(draft: Draft, act: CampaignAct, actor: Actor): void {
  switch (act.kind) {
    case 'pause':
      requireGrant(draft.frame, actor, 'pause', null);
      if (act.reason.trim() === '') refuse('reason-missing');
      draft.set({ status: 'paused', paused: { since: draft.now, reason: act.reason } });
      return draft.emit({ type: 'process', status: 'paused' });
    case 'resume':
      return resume(draft, actor);
    case 'stop':
      requireGrant(draft.frame, actor, 'stop', null);
      if (act.reason.trim() === '') refuse('reason-missing');
      withdrawAll(draft, actor.user, act.reason);
      draft.set({ status: 'stopped', paused: null });
      return draft.emit({ type: 'process', status: 'stopped' });
    case 'amendPhase':
      return amendPhase(draft, act, actor);
    case 'amendParameter':
      return amendParameter(draft, act, actor);
    case 'judge':
    case 'correctSnapshot':
      return judgeAgain(draft, act, actor);
    default: {
      const never: never = act;
      return never;
    }
  }
}

const everyOpen = (draft: Draft): readonly Obligation[] => Object.keys(draft.state.open).flatMap((shelf) => draft.shelf(shelf));

/** Stopped: what is still owed ends without being done. */
export function withdrawAll(draft: Draft, by: Actor['user'], reason: string | null): void {
  for (const obligation of everyOpen(draft)) if (draft.find(obligation.id)) finish(draft, obligation, 'withdrawn', draft.today, by, reason);
}

/** Open deadlines stood still and move by the days lost. */
function resume(draft: Draft, actor: Actor): void {
  requireGrant(draft.frame, actor, 'resume', null);
  const { paused } = draft.state;
  if (paused === null) return refuse('wrong-state', { status: draft.state.status, act: 'resume' });
  const since = dateOf(paused.since);
  draft.set({ status: 'running', paused: null });
  bearPeriods(draft);
  goOn(draft, since);
  draft.emit({ type: 'process', status: 'running' });
}

/** After a pause since a day: what stood still moves. */
export function goOn(draft: Draft, since: LocalDate): void {
  for (const obligation of everyOpen(draft)) {
    const moves = obligation.status === 'open' || obligation.status === 'checking';
    // What began during the pause moves by its own days of it.
    if (moves && obligation.suspended === null) shelve(draft, resumed(draft, obligation, since));
  }
}

function judgeAgain(draft: Draft, act: Extract<Act, { kind: 'judge' | 'correctSnapshot' }>, actor: Actor): void {
  const milestone = draft.state.milestones[act.milestone];
  if (!milestone) return refuse('unknown-milestone', { milestone: act.milestone });
  requireGrant(draft.frame, actor, act.kind, milestone.unit, milestone.milestone);
  if (act.kind === 'correctSnapshot' && act.reason.trim() === '') refuse('reason-missing');
  if (milestone.status === 'ahead' || milestone.status === 'asked') refuse('milestone-not-reached', { due: milestone.due });
  if (milestone.status === 'dropped' || (act.kind === 'judge' && milestone.status === 'judged'))
    refuse('wrong-state', { status: milestone.status, act: act.kind });
  askMilestone(draft, act.milestone, 'again');
}
