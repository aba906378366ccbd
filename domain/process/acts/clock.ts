import { addDays, daysBetween, later } from '../../calendar/dates.js';
import type { Act, Actor } from '../../model/event.js';
import type { LocalDate } from '../../model/ids.js';
import type { Obligation } from '../../model/state.js';
import type { Draft } from '../draft.js';
import { shelve, withDue } from '../ladder.js';
import { dutyOf, evidenceOf, mostOf, requireGrant } from '../permissions.js';
import { refuse } from '../refusals.js';
import { checkEvidence } from './evidence.js';
import { finish } from './finish.js';

type ClockAct = Extract<Act, { kind: 'waive' | 'extend' | 'suspend' | 'unsuspend' | 'markBeforeLaunch' }>;

/** Acts on the clock of one obligation, each only for whom `may` names. */
export function clockAct(draft: Draft, obligation: Obligation, act: ClockAct, actor: Actor): void {
  const { frame } = draft;
  requireGrant(frame, actor, act.kind, obligation.unit, dutyOf(obligation));
  switch (act.kind) {
    case 'waive':
      return finish(draft, obligation, 'waived', draft.today, actor.user, needReason(act.reason));
    case 'extend': {
      needReason(act.reason);
      checkEvidence(frame, evidenceOf(frame, 'extend'), act.evidence ?? []);
      const most = mostOf(frame, 'extend');
      if (most !== null && obligation.extended >= most) refuse('too-often', { most });
      if (act.due < draft.today || (obligation.due !== null && act.due <= obligation.due)) refuse('date-not-later', { due: act.due });
      if (obligation.status !== 'open' && obligation.status !== 'waiting')
        refuse('wrong-state', { status: obligation.status, act: act.kind });
      shelve(draft, { ...withDue(draft, { ...obligation, extended: obligation.extended + 1 }, act.due), status: 'open' });
      return;
    }
    case 'suspend':
      if (obligation.status !== 'open' || obligation.suspended !== null)
        refuse('wrong-state', { status: obligation.suspended ? 'suspended' : obligation.status, act: act.kind });
      shelve(draft, { ...obligation, suspended: { since: draft.today, reason: needReason(act.reason) } });
      return;
    case 'unsuspend': {
      if (obligation.suspended === null) return refuse('wrong-state', { status: obligation.status, act: act.kind });
      shelve(draft, resumed(obligation, obligation.suspended.since, draft.today));
      return;
    }
    case 'markBeforeLaunch':
      return mark(draft, obligation, act.mark, actor);
    default: {
      const never: never = act;
      return never;
    }
  }
}

/** A deadline that stood still moves by the days lost; what was already late stays late. */
export function resumed(obligation: Obligation, since: LocalDate, today: LocalDate): Obligation {
  const lost = daysBetween(later(since, obligation.since), today);
  const moves = lost > 0 && !obligation.late && obligation.due !== null && obligation.due >= since;
  if (!moves || obligation.due === null) return { ...obligation, suspended: null };
  return { ...obligation, suspended: null, due: addDays(obligation.due, lost), moved: (obligation.moved ?? 0) + lost };
}

type Mark = Extract<Act, { kind: 'markBeforeLaunch' }>['mark'];

function mark(draft: Draft, obligation: Obligation, as: Mark, actor: Actor): void {
  if (obligation.status !== 'beforeLaunch') refuse('not-before-launch');
  switch (as.as) {
    case 'done':
      if (as.on > draft.today) refuse('future-date', { on: as.on, today: draft.today });
      return finish(
        draft,
        {
          ...obligation,
          parts: obligation.owes.map((role) => ({
            role,
            by: actor.user,
            onBehalfOf: actor.onBehalfOf,
            on: as.on,
            at: draft.now,
            answer: {},
            nil: false,
            evidence: as.evidence ?? [],
          })),
        },
        'done',
        as.on,
        actor.user,
        null,
      );
    case 'stillOwed':
      if (as.due < draft.today) refuse('date-not-later', { due: as.due });
      shelve(draft, { ...withDue(draft, obligation, as.due), status: 'open', dateGiven: true });
      return;
    case 'notApplicable':
      return finish(draft, obligation, 'notApplicable', draft.today, actor.user, needReason(as.reason));
    default: {
      const never: never = as;
      return never;
    }
  }
}

function needReason(text: string): string {
  return text.trim() === '' ? refuse('reason-missing') : text;
}
