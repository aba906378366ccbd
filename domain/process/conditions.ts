import type { Milestone, Table, Value } from '../model/definition.js';
import type { UnitTallies } from '../model/event.js';
import type { Fen, UnitId } from '../model/ids.js';
import type { Obligation, Result } from '../model/state.js';
import { rate } from '../money/rate.js';
import { compileExpression } from '../rules/expressions.js';
import type { Figure, Place, Scope } from '../rules/scope.js';
import { runTable } from '../rules/tables.js';
import { phaseDays } from './deadlines.js';
import type { Draft } from './draft.js';
import type { Frame } from './frame.js';
import { stillOwed } from './related.js';
import type { About } from './responses.js';

const FIGURES: Place = { kind: 'figures' };

/** What every expression of a process sees: parameters of the unit, today, what was done and met there, phases as amended. */
function scopeOf(draft: Draft, unit: UnitId, period: string | null): Scope {
  return {
    setting: draft.frame.setting,
    unit,
    today: draft.today,
    ...(period === null ? {} : { period }),
    done: (duty) => stillOwed(draft, duty, { unit, insurance: null, period }).length === 0,
    met: (milestone) => Object.values(draft.state.milestones).some((at) => at.milestone === milestone && at.result === 'met' && draft.frame.within(unit, at.unit)),
    phase: (id) => phaseDays(draft, id) ?? { start: draft.frame.definition.from, end: draft.frame.definition.from },
  };
}

/** `if` of a response. */
export function conditionHolds(draft: Draft, source: string, about: About): boolean {
  return compileExpression(source, { kind: 'plain' }, draft.frame.definition).evaluate(scopeOf(draft, about.unit, about.obligation?.period ?? null)) === true;
}

/** `dueIf`: whether the money held has reached its limit (reading A-38). */
export function heldReaches(draft: Draft, source: string, unit: UnitId, held: number): boolean {
  return compileExpression(source, { kind: 'held' }, draft.frame.definition).evaluate({ ...scopeOf(draft, unit, null), held: held as Fen }) === true;
}

/** Rules that guard a duty: what they refuse for this answer. */
export function denials(draft: Draft, duty: string, obligation: Obligation, answer: Readonly<Record<string, Value>>): readonly { readonly title: string; readonly clause: string }[] {
  return Object.values(draft.frame.definition.rules).flatMap((rule) => {
    if (rule.guards !== duty || rule.deny === null) return [];
    const scope = { ...scopeOf(draft, obligation.unit, obligation.period), answer };
    const denied = compileExpression(rule.deny, { kind: 'answer', duty }, draft.frame.definition).evaluate(scope) === true;
    return denied ? [{ title: rule.title, clause: rule.clause.join('、') }] : [];
  });
}

/** The table's answer; null where the notice leaves a gap to a person. */
export function tableAnswer(frame: Frame, table: Table, inputs: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> | null {
  const found = runTable(frame.setting, table.id, table.inputs.map(({ id }) => inputs[id] ?? ''));
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

export const neededCounts = (frame: Frame, milestone: Milestone): readonly string[] => (milestone.reach === null ? [] : behind(frame, milestone.reach));

export function neededForDoneIf(draft: Draft): readonly string[] {
  const found = Object.values(draft.frame.definition.duties).flatMap((duty) =>
    duty.doneIf !== null && draft.shelf(duty.id).some(({ status }) => status === 'open' || status === 'waiting') ? behind(draft.frame, duty.doneIf) : [],
  );
  return [...new Set(found)];
}

/** Figures of a unit's subtree: sums of the counts, measures as exact fractions (never a mean of means). An empty whole has no value. */
function figuresOf(frame: Frame, source: string, unit: UnitId, tallies: UnitTallies): Readonly<Record<string, Figure>> {
  const sums = new Map<string, number>();
  for (const [at, counts] of Object.entries(tallies)) {
    if (!frame.within(at as UnitId, unit)) continue;
    for (const [name, value] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const sum = (name: string): number => sums.get(name) ?? 0;
  const figures: Record<string, Figure> = {};
  for (const name of compileExpression(source, FIGURES, frame.definition).uses.variables) {
    const measure = frame.definition.measures[name];
    if (!measure) figures[name] = sum(name);
    else if (measure.whole === null) figures[name] = sum(measure.part);
    else figures[name] = sum(measure.whole) === 0 ? null : rate(sum(measure.part), sum(measure.whole));
  }
  return figures;
}

const isEmpty = (figures: Readonly<Record<string, Figure>>): boolean => Object.values(figures).some((figure) => figure === null);

/** Compared unrounded; an empty whole is what the milestone says (`empty`). */
export function reachResult(frame: Frame, milestone: Milestone, unit: UnitId, tallies: UnitTallies): Result {
  if (milestone.reach === null) return 'open';
  const figures = figuresOf(frame, milestone.reach, unit, tallies);
  if (isEmpty(figures)) return milestone.empty;
  const reached = compileExpression(milestone.reach, FIGURES, frame.definition).evaluate({ setting: frame.setting, unit, today: frame.definition.from, figures });
  return reached === true ? 'met' : 'missed';
}

/** `doneIf`: a duty discharged by the fact itself; an empty whole discharges nothing. */
export function doneIfHolds(draft: Draft, source: string, unit: UnitId, tallies: UnitTallies): boolean {
  const figures = figuresOf(draft.frame, source, unit, tallies);
  if (isEmpty(figures)) return false;
  return compileExpression(source, FIGURES, draft.frame.definition).evaluate({ ...scopeOf(draft, unit, null), figures }) === true;
}

