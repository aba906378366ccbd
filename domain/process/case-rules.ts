import type { CaseAct, CaseStanding } from '../model/case.js';
import type { Value } from '../model/definition.js';
import type { Moment } from '../model/ids.js';
import type { Obligation } from '../model/state.js';
import { compileExpression } from '../rules/expressions.js';
import { RuleError } from '../rules/errors.js';
import type { RowValue } from '../rules/values.js';
import { addDays, startOfDay } from '../calendar/dates.js';
import { phaseOfEnd, stateOf } from './case-types.js';
import { scopeOf } from './conditions.js';
import { phaseDays } from './deadlines.js';
import type { Draft } from './draft.js';

/** An obligation that is the present state of a case. */
export type CaseObligation = Obligation & { readonly case: CaseStanding };
export const isCase = (obligation: Obligation | undefined): obligation is CaseObligation => obligation?.case !== undefined;

/** What an expression sees as `case`: its fields with what is just asked; a field that nobody has given equals null. */
export function caseHolds(draft: Draft, main: CaseObligation, source: string | null, asked: Readonly<Record<string, Value>> = {}): boolean {
  if (source === null) return true;
  const { definition } = draft.frame;
  const place = { kind: 'case', case: main.case.type } as const;
  const compiled = compileExpression(source, place, definition);
  const { state, round, fields } = main.case;
  const row: Record<string, RowValue> = { ...fields, ...asked, state, round };
  try {
    return compiled.evaluate({ ...scopeOf(draft, main.unit, null), case: row }) === true;
  } catch (error) {
    // What nobody has said is not true: `case.deposited >= case.amount` before anything was deposited.
    const absent = [...compiled.uses.case].some((name) => row[name] === undefined);
    if (error instanceof RuleError && error.code === 'expression-failed' && absent) return false;
    throw error;
  }
}

/** Whether an act waits for the end of a phase that is over: that stands, as money that has arrived does. */
export const phaseIsOver = (draft: Draft, act: CaseAct): boolean =>
  act.after.some((event) => {
    const ends = endOfPhase(draft, event);
    return ends !== null && ends <= draft.now;
  });

/** When the phase of `<phase>.ended` is over: 00:00 after its last day; null = no such event, or not in sight. */
function endOfPhase(draft: Draft, event: string): Moment | null {
  const phase = phaseOfEnd(draft.frame.definition, event);
  const end = phase === null ? null : (phaseDays(draft, phase)?.end ?? null);
  return end === null ? null : startOfDay(addDays(end, 1));
}

/** The next phase end on which something is done to a case in its present state: now, where it is over already and what it waits for holds. */
export function phaseEndAwaited(draft: Draft, main: Obligation): Moment | null {
  const type = isCase(main) ? draft.frame.definition.cases?.[main.case.type] : undefined;
  if (!isCase(main) || !type) return null;
  let next: Moment | null = null;
  for (const act of type.acts)
    for (const event of act.after) {
      const at = endOfPhase(draft, event);
      if (at === null || !isOpenTo(main.case, act)) continue;
      const moment = at > draft.now ? at : caseHolds(draft, main, act.if) ? draft.now : null;
      if (moment !== null && (next === null || moment < next)) next = moment;
    }
  return next;
}

/** Rules that guard an activity and ask for no row: what they refuse at this unit today. Those that see a row are asked where the rows are. */
export function activityDenials(
  draft: Draft,
  activity: string,
  unit: Obligation['unit'],
): readonly { readonly title: string; readonly clause: string }[] {
  const { definition } = draft.frame;
  return Object.values(definition.rules).flatMap((rule) => {
    if (rule.guards !== activity || rule.deny === null) return [];
    const compiled = compileExpression(rule.deny, { kind: 'row', over: 'dues' }, definition);
    if (compiled.uses.row.size > 0 || compiled.evaluate(scopeOf(draft, unit, null)) !== true) return [];
    return [{ title: rule.title, clause: rule.clause.join('、') }];
  });
}

/** Whether an act may be done now as far as the case itself decides: its state, how often, and what it waits for. */
export const isOpenTo = (standing: CaseStanding, act: CaseAct): boolean =>
  act.in.includes(standing.state) &&
  (act.most === null || (standing.did[act.id] ?? 0) < act.most) &&
  !act.needs.some((need) => standing.waitsFor.includes(need));

/** `扣款失败重试：督促预存`: the case, and where it stands. */
export function titleOfCase(draft: Draft, type: string, state: string): string {
  const found = draft.frame.definition.cases?.[type];
  const at = found && stateOf(found, state);
  return !found || !at || at.title === found.title ? (found?.title ?? type) : `${found.title}：${at.title}`;
}
