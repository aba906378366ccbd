import type { Act, Actor } from '../../model/event.js';
import type { Obligation } from '../../model/state.js';
import type { Draft } from '../draft.js';
import { confirmOf, dutyOf, requireGrant, type GrantedAct } from '../permissions.js';
import { aboutObligation, oweRelease, type About } from '../responses.js';

type Granted = Extract<Act, { kind: GrantedAct }>;

/** Whether an act waits for a second person (`confirm` of its grant); if so it stands as a release to be given. The grant is checked first. */
export function waitsForSecond(draft: Draft, act: Act, actor: Actor): boolean {
  const confirm = confirmOf(draft.frame, act);
  if (confirm === null) return false;
  const granted = act as Granted;
  const obligation = 'obligation' in granted ? draft.find(granted.obligation) : undefined;
  if ('obligation' in granted && !obligation) return false;
  const unit = obligation?.unit ?? null;
  requireGrant(draft.frame, actor, granted.kind, unit, aboutOf(granted, obligation));
  const about: About = obligation
    ? aboutObligation(draft, obligation)
    : {
        id: granted.kind,
        title: draft.frame.definition.title,
        clause: [],
        unit: actor.roles[0]?.unit ?? ('' as Obligation['unit']),
        due: null,
        dueVersion: 1,
        obligation: null,
      };
  oweRelease(draft, { kind: 'act', act, actor }, confirm, about, `${granted.kind}+${draft.state.seq}`);
  return true;
}

function aboutOf(act: Granted, obligation: Obligation | undefined): string | null {
  if (obligation) return dutyOf(obligation);
  if (act.kind === 'amendPhase') return act.phase;
  return act.kind === 'amendParameter' ? act.parameter : null;
}
