import { addDays, daysBetween, later } from '../../calendar/dates.js';
import type { Act, Actor } from '../../model/event.js';
import type { LocalDate } from '../../model/ids.js';
import type { Obligation } from '../../model/state.js';
import type { Draft } from '../draft.js';
import { shelve, withDue, withStood } from '../ladder.js';
import { dutyOf, evidenceOf, mostOf, requireGrant } from '../permissions.js';
import { projectAnew } from '../projection.js';
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
      if (obligation.suspended !== null) refuse('clock-stands');
      if (act.due < draft.today || (obligation.due !== null && act.due <= obligation.due)) refuse('date-not-later', { due: act.due });
      if (obligation.status !== 'open' && obligation.status !== 'waiting')
        refuse('wrong-state', { status: obligation.status, act: act.kind });
      dropProposals(draft, obligation, actor);
      return grant(draft, { ...obligation, extended: obligation.extended + 1 }, act.due);
    }
    case 'suspend':
      if (obligation.status !== 'open' || obligation.suspended !== null)
        refuse('wrong-state', { status: obligation.suspended ? 'suspended' : obligation.status, act: act.kind });
      shelve(draft, { ...obligation, suspended: { since: draft.today, reason: needReason(act.reason) } });
      return;
    case 'unsuspend': {
      if (obligation.suspended === null) return refuse('wrong-state', { status: obligation.status, act: act.kind });
      shelve(draft, resumed(draft, obligation, obligation.suspended.since));
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

/**
 * A deadline that stood still since a day moves by the days lost, and its ladder starts anew. What was already late stays late: its day stands, and
 * its escalation goes on where it was.
 */
export function resumed(draft: Draft, obligation: Obligation, stoodSince: LocalDate): Obligation {
  const running = { ...obligation, suspended: null };
  const since = later(stoodSince, obligation.since);
  const lost = daysBetween(since, draft.today);
  if (lost <= 0 || obligation.due === null) return running;
  // What is being checked gets its days when it is sent back.
  if (obligation.late || obligation.due < since) return obligation.status === 'checking' ? running : withStood(draft, running, since);
  return withDue(draft, { ...running, moved: (obligation.moved ?? 0) + lost }, addDays(obligation.due, lost));
}

/** A day that a person gives is counted from nothing; what hangs on it follows. */
function grant(draft: Draft, obligation: Obligation, due: LocalDate): void {
  const { moved: _, ...kept } = obligation;
  shelve(draft, { ...withDue(draft, kept, due), status: 'open' });
  const { origin, subject } = obligation;
  if (origin.kind === 'duty' && subject === undefined && draft.frame.namedByDue.has(origin.duty)) projectAnew(draft);
}

/** What the ladder of the former date proposed and nobody has released is no longer wanted. */
function dropProposals(draft: Draft, { id }: Obligation, actor: Actor): void {
  for (const proposal of draft.shelf('~confirm'))
    if (proposal.origin.kind === 'confirm' && proposal.origin.of === id && proposal.origin.proposed.kind !== 'act')
      finish(draft, proposal, 'withdrawn', draft.today, actor.user, null);
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
      return grant(draft, { ...obligation, dateGiven: true }, as.due);
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
