import { dateOf } from '../../calendar/dates.js';
import type { Act, Actor } from '../../model/event.js';
import type { Obligation } from '../../model/state.js';
import type { Draft } from '../draft.js';
import { shelve, withDue, withStood } from '../ladder.js';
import { partsOf } from '../permissions.js';
import { refuse } from '../refusals.js';
import { aboutObligation, carryOut, followUpDue, oweCheck, textOfNotice, type About } from '../responses.js';
import { finish } from './finish.js';
import { titles, unitName } from './done.js';

type FollowUpAct = Extract<Act, { kind: 'release' | 'drop' | 'receive' | 'reply' | 'strike' | 'sendBack' }>;

/** How a confirmed act is carried out. */
export type Perform = (draft: Draft, act: Act, actor: Actor) => void;

/** Which act fits which follow-up. */
const FITS = {
  release: 'confirm',
  drop: 'confirm',
  receive: 'receive',
  reply: 'reply',
  strike: 'check',
  sendBack: 'check',
} as const satisfies Record<FollowUpAct['kind'], Obligation['origin']['kind']>;

/** Release or drop of a proposed response; 签收, 反馈, 核查 with 销号. Each is open to whoever owes the follow-up. */
export function followUpAct(draft: Draft, obligation: Obligation, act: FollowUpAct, actor: Actor, perform: Perform): void {
  const { origin } = obligation;
  if (origin.kind === 'duty' || origin.kind === 'case' || origin.kind !== FITS[act.kind])
    return refuse('not-a-follow-up', { act: act.kind });
  if (partsOf(draft.frame, actor, obligation).length === 0)
    refuse('not-yours', { roles: titles(draft, obligation.owes), unit: unitName(draft, obligation) });
  if (obligation.status === 'checking') refuse('wrong-state', { status: obligation.status, act: act.kind });
  const end = (reason: string | null): void => finish(draft, obligation, 'done', draft.today, actor.user, reason);
  switch (act.kind) {
    case 'release': {
      if (origin.kind !== 'confirm') return refuse('not-a-follow-up', { act: act.kind });
      return release(draft, obligation, origin, actor, perform);
    }
    case 'drop':
    case 'receive':
      return end(act.kind === 'drop' ? needReason(act.reason) : null);
    case 'reply': {
      const checker = origin.kind === 'confirm' ? null : (textOfNotice(draft, origin.notice)?.checker ?? null);
      const replied: Obligation = {
        ...obligation,
        parts: [
          {
            role: obligation.owes[0] ?? '',
            by: actor.user,
            onBehalfOf: actor.onBehalfOf,
            on: draft.today,
            at: draft.now,
            answer: { text: needReason(act.text) },
            nil: false,
            evidence: act.evidence ?? [],
          },
        ],
      };
      if (checker === null) return finish(draft, replied, 'done', draft.today, actor.user, act.text);
      draft.put({
        ...replied,
        status: 'checking',
        nextAt: null,
        closed: { on: draft.today, at: draft.now, by: actor.user, daysLate: 0, reason: act.text },
      });
      return oweCheck(draft, checker, obligation.id, aboutObligation(draft, replied), origin.kind === 'confirm' ? null : origin.notice);
    }
    case 'strike': {
      end(null);
      const checked = draft.find(origin.of as Obligation['id']);
      if (checked?.status === 'checking')
        finish(
          draft,
          { ...checked, status: 'open' },
          'done',
          checked.closed?.on ?? draft.today,
          checked.closed?.by ?? actor.user,
          checked.closed?.reason ?? null,
        );
      return;
    }
    case 'sendBack': {
      end(needReason(act.reason));
      const checked = draft.find(origin.of as Obligation['id']);
      if (checked?.status === 'checking') owedAnew(draft, checked);
      return;
    }
    default: {
      const never: never = act;
      return never;
    }
  }
}

/** The second person is another one than the first; then what was proposed is carried out as if it were sent or done now. */
function release(
  draft: Draft,
  obligation: Obligation,
  { of, rung, proposed }: Extract<Obligation['origin'], { kind: 'confirm' }>,
  actor: Actor,
  perform: Perform,
): void {
  if (proposed.kind === 'act' && proposed.actor.user === actor.user) refuse('second-person');
  finish(draft, obligation, 'done', draft.today, actor.user, null);
  if (proposed.kind === 'act') return perform(draft, proposed.act, proposed.actor);
  const about = aboutOf(draft, of);
  const [version = '1', ...place] = rung.split('.');
  if (about) carryOut(draft, proposed, { ...about, dueVersion: Number(version) }, place.join('.'), obligation.owes[0] ?? null);
}

/**
 * Sent back: what was given is owed again. A duty keeps its due day, and its escalation goes on where it was when it was given; past that day it becomes late
 * in this step. A reply gets its time anew, or waits for the calendar that gives it.
 */
function owedAnew(draft: Draft, checked: Obligation): void {
  const open: Obligation = { ...checked, status: 'open', parts: [], closed: null };
  if (checked.origin.kind !== 'reply') {
    shelve(draft, checked.closed === null ? open : withStood(draft, open, dateOf(checked.closed.at)));
    return;
  }
  const anew: Obligation = { ...open, since: draft.today };
  const due = followUpDue(draft, anew);
  const dated = withDue(draft, anew, due ?? draft.today);
  shelve(draft, due === null ? { ...dated, status: 'waiting', due: null, waitsFor: 'calendar' } : dated);
}

/** What a proposal spoke about: an obligation still open, or a judged milestone. */
function aboutOf(draft: Draft, id: string): About | null {
  const obligation = draft.find(id as Obligation['id']);
  if (obligation) return aboutObligation(draft, obligation);
  const judged = draft.state.milestones[id];
  const milestone = judged && draft.frame.definition.milestones[judged.milestone];
  if (!judged || !milestone) return null;
  return {
    id,
    title: milestone.title,
    clause: milestone.clause,
    unit: judged.unit,
    due: judged.due,
    dueVersion: judged.version,
    obligation: null,
  };
}

function needReason(text: string): string {
  return text.trim() === '' ? refuse('reason-missing') : text;
}
