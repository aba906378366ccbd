import type { Milestone, Table, Value } from '../model/definition.js';
import type { UnitTallies } from '../model/event.js';
import type { Fen, UnitId } from '../model/ids.js';
import type { Obligation, Result } from '../model/state.js';
import { compileExpression } from '../rules/expressions.js';
import { isAboutPersons } from '../rules/figure-types.js';
import { aggregate, evaluateDoneIf, evaluateReach, type Tally } from '../rules/measures.js';
import type { Place, Scope } from '../rules/scope.js';
import { runTable } from '../rules/tables.js';
import { phaseDays } from './deadlines.js';
import type { Draft } from './draft.js';
import type { Frame } from './frame.js';
import { stillOwed } from './related.js';
import type { About } from './responses.js';

const FIGURES: Place = { kind: 'figures' };

/** What every expression of a process sees: parameters of the unit, today, what was done and met there, phases as amended. */
export function scopeOf(draft: Draft, unit: UnitId, period: string | null): Scope {
  return {
    setting: draft.frame.setting,
    unit,
    today: draft.today,
    ...(period === null ? {} : { period }),
    done: (duty) => stillOwed(draft, duty, { unit, insurance: null, period }).length === 0,
    met: (milestone) =>
      Object.values(draft.state.milestones).some(
        (at) => at.milestone === milestone && at.result === 'met' && draft.frame.within(unit, at.unit),
      ),
    phase: (id) => phaseDays(draft, id) ?? { start: draft.frame.definition.from, end: draft.frame.definition.from },
  };
}

/** `if` of a response. */
export function conditionHolds(draft: Draft, source: string, about: About): boolean {
  return (
    compileExpression(source, { kind: 'plain' }, draft.frame.definition).evaluate(
      scopeOf(draft, about.unit, about.obligation?.period ?? null),
    ) === true
  );
}

/** `dueIf`: whether the money held has reached its limit (reading A-38). */
export function heldReaches(draft: Draft, source: string, unit: UnitId, held: number): boolean {
  return (
    compileExpression(source, { kind: 'held' }, draft.frame.definition).evaluate({ ...scopeOf(draft, unit, null), held: held as Fen }) ===
    true
  );
}

/** Rules that guard a duty: what they refuse for this answer. */
export function denials(
  draft: Draft,
  duty: string,
  obligation: Obligation,
  answer: Readonly<Record<string, Value>>,
): readonly { readonly title: string; readonly clause: string }[] {
  return Object.values(draft.frame.definition.rules).flatMap((rule) => {
    if (rule.guards !== duty || rule.deny === null) return [];
    const scope = { ...scopeOf(draft, obligation.unit, obligation.period), answer };
    const denied = compileExpression(rule.deny, { kind: 'answer', duty }, draft.frame.definition).evaluate(scope) === true;
    return denied ? [{ title: rule.title, clause: rule.clause.join('、') }] : [];
  });
}

/** The table's answer; null where the notice leaves a gap to a person. */
export function tableAnswer(frame: Frame, table: Table, inputs: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> | null {
  const found = runTable(
    frame.setting,
    table.id,
    table.inputs.map(({ id }) => inputs[id] ?? ''),
  );
  return found.kind === 'rows' ? found.rows[0].outputs : null;
}

/** Counts and target columns behind the figures that an expression names. */
function behind(frame: Frame, source: string): readonly string[] {
  const { uses } = compileExpression(source, FIGURES, frame.definition);
  const names = [...uses.variables].flatMap((name) => {
    const measure = frame.definition.measures[name];
    if (measure) return measure.whole === null ? [measure.part] : [measure.part, measure.whole];
    return frame.definition.counts[name] ? [name] : [];
  });
  return [...new Set(names)];
}

export const neededCounts = (frame: Frame, milestone: Milestone): readonly string[] =>
  milestone.reach === null ? [] : behind(frame, milestone.reach);

/** Whether a condition over figures counts what is owed about persons. */
export const countsRows = (frame: Frame, source: string): boolean =>
  behind(frame, source).some((id) => isAboutPersons(frame.definition, frame.definition.counts[id]?.over ?? ''));

export function neededForDoneIf(draft: Draft): readonly string[] {
  const found = Object.values(draft.frame.definition.duties).flatMap((duty) =>
    duty.doneIf !== null && draft.shelf(duty.id).some(({ status }) => status === 'open' || status === 'waiting')
      ? behind(draft.frame, duty.doneIf)
      : [],
  );
  return [...new Set(found)];
}

/** Compared unrounded over the unit's subtree; an empty whole is what the milestone says (`empty`). */
export const reachResult = (frame: Frame, milestone: Milestone, unit: UnitId, tallies: UnitTallies): Result =>
  milestone.reach === null
    ? 'open'
    : evaluateReach(frame.setting, milestone, tallyUnder(frame, unit, tallies), { unit, today: frame.definition.from });

/** `doneIf`: a duty discharged by the fact itself; an empty whole discharges nothing. */
export const doneIfHolds = (draft: Draft, source: string, unit: UnitId, tallies: UnitTallies): boolean =>
  evaluateDoneIf(draft.frame.setting, source, tallyUnder(draft.frame, unit, tallies), { unit, today: draft.today });

const tallyUnder = (frame: Frame, unit: UnitId, tallies: UnitTallies): Tally =>
  aggregate(Object.entries(tallies).flatMap(([at, tally]) => (frame.within(at as UnitId, unit) ? [tally] : [])));
