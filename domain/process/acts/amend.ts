import { CalendarError } from '../../calendar/errors.js';
import type { Parameter, Value } from '../../model/definition.js';
import type { Act, Actor } from '../../model/event.js';
import type { LocalDate, PhaseId, UnitId } from '../../model/ids.js';
import type { Amendment } from '../../model/state.js';
import { compileExpression } from '../../rules/expressions.js';
import { phaseDays } from '../deadlines.js';
import type { Draft } from '../draft.js';
import { requireGrant } from '../permissions.js';
import { projectAnew } from '../projection.js';
import { refuse } from '../refusals.js';
import { checkFields } from './evidence.js';

interface Days {
  readonly start: LocalDate;
  readonly end: LocalDate | null;
}

/**
 * A phase gets other days. It may be lengthened after it ended: it opens again. A first day that has come, and a last day before today, are not given any
 * more; the same holds for the phases whose days hang on this one, but that one pushed later begins anew.
 */
export function amendPhase(draft: Draft, act: Extract<Act, { kind: 'amendPhase' }>, actor: Actor): void {
  requireGrant(draft.frame, actor, 'amendPhase', null, act.phase);
  const phase = draft.frame.definition.phases[act.phase];
  if (!phase) return refuse('unknown-phase', { phase: act.phase });
  if (act.reason.trim() === '') refuse('reason-missing');
  const was = phaseDays(draft, act.phase);
  const from = act.from === was?.start ? null : act.from;
  const to = act.to === was?.end ? null : act.to;
  if (from === null && to === null) refuse('nothing-amended');
  const [start, end] = [from ?? was?.start, to ?? was?.end];
  if (start && end && end < start) refuse('phase-order');
  if (from !== null && was !== null && was.start <= draft.today) refuse('phase-begun', { phase: phase.title, start: was.start });
  if ((from !== null && from < draft.today) || (to !== null && to < draft.today)) refuse('phase-reached');
  amend(draft, { kind: 'phase', phase: act.phase, from, to, reason: act.reason, at: draft.now, by: actor.user });
}

/** Lays the amendment over the definition and projects everything that is open anew. Milestones that are still ahead move too; reached and judged ones stand. */
function amend(draft: Draft, amendment: Amendment): void {
  const phases = Object.keys(draft.frame.definition.phases);
  const before = new Map(phases.map((id) => [id, phaseDays(draft, id)]));
  draft.amend([...draft.state.amendments, amendment]);
  for (const id of phases) checkDays(draft, id, before.get(id) ?? null, phaseDays(draft, id));
  projectAnew(draft);
}

/** What an amendment would make of a phase, its own or one that hangs on it. */
function checkDays(draft: Draft, id: PhaseId, before: Days | null, after: Days | null): void {
  if (after === null || (before?.start === after.start && before.end === after.end)) return;
  const phase = draft.frame.definition.phases[id]?.title ?? id;
  const { start, end } = after;
  const { to } = draft.frame.definition;
  if (end !== null && end < start) refuse('phase-order');
  if (end !== null && end < draft.today && end !== before?.end) refuse('phase-cut-short', { phase, end, today: draft.today });
  if (end !== null && to !== null && end > to && end !== before?.end) refuse('phase-outside', { phase, end, to });
}

export function amendParameter(draft: Draft, act: Extract<Act, { kind: 'amendParameter' }>, actor: Actor): void {
  requireGrant(draft.frame, actor, 'amendParameter', act.unit, act.parameter);
  const parameter = draft.frame.definition.parameters[act.parameter];
  if (!parameter) return refuse('unknown-parameter', { parameter: act.parameter });
  if (act.reason.trim() === '') refuse('reason-missing');
  checkFields([{ id: parameter.id, title: parameter.title, type: parameter.type, codes: parameter.codes }], { [parameter.id]: act.value });
  checkReach(draft, parameter, act.unit, act.value);
  try {
    const { parameter: id, unit, value, reason } = act;
    amend(draft, { kind: 'parameter', parameter: id, unit, value, reason, at: draft.now, by: actor.user });
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
