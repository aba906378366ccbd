import type { Rule } from '../model/definition.js';
import { ACTIVITY_ROWS } from './columns.js';
import { RuleError } from './errors.js';
import { compileExpression } from './expressions.js';
import type { Place, Scope } from './scope.js';

/** A rule that an act breaks (`deny`) or that marks it. `detail` says which table had no row when that is the reason. */
export interface RuleHit {
  readonly rule: string;
  readonly title: string;
  readonly clause: readonly string[];
  readonly readings: readonly string[];
  readonly detail: { readonly code: string; readonly zh: string; readonly en: string } | null;
}

/**
 * What the caller makes of it: before money moves a denied act is refused with title and clause; money that has arrived is booked to
 * suspense with the same hits. Marked acts are accepted and flagged.
 */
export interface RuleVerdict {
  readonly denied: readonly RuleHit[];
  readonly marked: readonly RuleHit[];
}

/** Refusals of a table are answers, not faults: an amount in no row of the tier table is "not a tier". */
const ANSWERS: readonly string[] = ['table-gap', 'table-needs-person'];

/**
 * All rules that guard an activity (`enrol`, `declare`, `pay` ...) or a duty, in the definition's order; all are looked at, so that a
 * person hears every reason at once. The scope carries `row` for an activity and `answer` for a duty. Throws RuleError for what a rule
 * cannot decide (missing column, unset parameter, table not loaded).
 */
export function checkRules(guarded: string, scope: Scope): RuleVerdict {
  const { definition } = scope.setting;
  const place = placeOfRule(guarded);
  const denied: RuleHit[] = [];
  const marked: RuleHit[] = [];
  for (const rule of Object.values(definition.rules)) {
    if (rule.guards !== guarded) continue;
    const deny = judge(rule, rule.deny, place, scope);
    const mark = judge(rule, rule.mark, place, scope);
    if (deny) denied.push(deny);
    if (mark) marked.push(mark);
  }
  return { denied, marked };
}

/** Where the expressions of a rule stand; for the loader. */
export const placeOfRule = (guards: string): Place => {
  const over = ACTIVITY_ROWS[guards];
  return over ? { kind: 'row', over } : { kind: 'answer', duty: guards };
};

function judge({ id, title, clause, readings }: Rule, source: string | null, place: Place, scope: Scope): RuleHit | null {
  if (source === null) return null;
  const hit = (detail: RuleHit['detail']): RuleHit => ({ rule: id, title, clause, readings, detail });
  try {
    return compileExpression(source, place, scope.setting.definition).evaluate(scope) === true ? hit(null) : null;
  } catch (error) {
    if (error instanceof RuleError && ANSWERS.includes(error.code)) return hit({ code: error.code, zh: error.zh, en: error.en });
    throw error;
  }
}
