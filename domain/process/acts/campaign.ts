import { dateOf } from '../../calendar/dates.js';
import { CalendarError } from '../../calendar/errors.js';
import type { Parameter, Value } from '../../model/definition.js';
import type { Act, Actor } from '../../model/event.js';
import type { LocalDate, UnitId } from '../../model/ids.js';
import type { Obligation } from '../../model/state.js';
import { compileExpression } from '../../rules/expressions.js';
import { reproject, settle } from '../advance.js';
import { bearPeriods, reopenPeriods } from '../births.js';
import { phaseDays } from '../deadlines.js';
import type { Draft } from '../draft.js';
import { shelve } from '../ladder.js';
import { askMilestone, setMilestones } from '../milestones.js';
import { requireGrant } from '../permissions.js';
import { refuse } from '../refusals.js';
import { resumed } from './clock.js';
import { finish } from './finish.js';
import { checkFields } from './evidence.js';

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
  for (const obligation of everyOpen(draft))
    if (draft.find(obligation.id)) finish(draft, obligation, 'withdrawn', draft.today, by, reason);
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
    if (obligation.status !== 'open' || obligation.suspended !== null) continue;
    // What began during the pause moves by its own days of it, and was not late before anybody could act.
    const born = obligation.since > since;
    shelve(draft, resumed(born ? { ...obligation, late: false } : obligation, born ? obligation.since : since, draft.today));
  }
}

function amendPhase(draft: Draft, act: Extract<Act, { kind: 'amendPhase' }>, actor: Actor): void {
  requireGrant(draft.frame, actor, 'amendPhase', null, act.phase);
  if (!draft.frame.definition.phases[act.phase]) refuse('unknown-phase', { phase: act.phase });
  if (act.reason.trim() === '') refuse('reason-missing');
  const before = phaseDays(draft, act.phase);
  const start = act.from ?? before?.start ?? null;
  const end = act.to ?? before?.end ?? null;
  if (start !== null && end !== null && end < start) refuse('phase-order');
  if (
    (act.from !== null && (act.from < draft.today || (before !== null && before.start < draft.today))) ||
    (act.to !== null && act.to < draft.today)
  )
    refuse('phase-reached');
  draft.amend([
    ...draft.state.amendments,
    { kind: 'phase', phase: act.phase, from: act.from, to: act.to, reason: act.reason, at: draft.now, by: actor.user },
  ]);
  if (draft.state.phases[act.phase] === undefined) draft.setPhase(act.phase, 'ahead');
  afterAmendment(draft);
}

function amendParameter(draft: Draft, act: Extract<Act, { kind: 'amendParameter' }>, actor: Actor): void {
  requireGrant(draft.frame, actor, 'amendParameter', act.unit, act.parameter);
  const parameter = draft.frame.definition.parameters[act.parameter];
  if (!parameter) return refuse('unknown-parameter', { parameter: act.parameter });
  if (act.reason.trim() === '') refuse('reason-missing');
  checkFields([{ id: parameter.id, title: parameter.title, type: parameter.type, codes: parameter.codes }], { [parameter.id]: act.value });
  checkReach(draft, parameter, act.unit, act.value);
  draft.amend([
    ...draft.state.amendments,
    { kind: 'parameter', parameter: act.parameter, unit: act.unit, value: act.value, reason: act.reason, at: draft.now, by: actor.user },
  ]);
  try {
    afterAmendment(draft);
  } catch (error) {
    // A rhythm of zero days, for instance: the dates that hang on the value cannot be computed.
    if (error instanceof CalendarError) refuse('parameter-refused', { parameter: parameter.title, why: error.zh });
    throw error;
  }
}

/** `reach`: bounds within which a value may be set (requirement S1-17: upwards only). */
function checkReach(draft: Draft, { id, title, reach }: Parameter, unit: UnitId | null, value: Value): void {
  if (reach === null) return;
  const { definition, setting } = draft.frame;
  const within = compileExpression(reach, { kind: 'parameter', parameter: id }, definition).evaluate({
    setting,
    unit,
    today: draft.today,
    value,
  });
  if (within !== true) refuse('parameter-refused', { parameter: title, why: reach });
}

/** Milestones that are still ahead move too; judged ones stand. */
export function afterAmendment(draft: Draft): void {
  setMilestones(draft, null);
  reopenPeriods(draft);
  reproject(draft);
  settle(draft);
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
