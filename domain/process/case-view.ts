import type { Actor } from '../model/event.js';
import type { Field } from '../model/definition.js';
import type { RoleId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { Amendment, Obligation } from '../model/state.js';
import { isCase, isOpenTo } from './case-rules.js';
import { isFinal, stateOf } from './case-types.js';
import { frameOf } from './frame.js';
import { holds } from './permissions.js';

/** An act that people may do in the present state. */
export interface CaseActView {
  readonly id: string;
  readonly title: string;
  /** Each of them signs. */
  readonly by: readonly RoleId[];
  readonly signed: readonly RoleId[];
  /** Fields in which those who signed differ: the act waits. */
  readonly differs: readonly string[];
  /** Whether the actor is one of those who may sign. */
  readonly mine: boolean;
  /** It may not be done again, or waits for a case that this one opened. */
  readonly barred: boolean;
  readonly asks: readonly Field[];
  readonly reason: boolean;
  readonly evidence: readonly { readonly id: string; readonly title: string }[];
}

export interface CaseView {
  readonly type: string;
  readonly title: string;
  readonly state: { readonly id: string; readonly title: string; readonly final: boolean };
  readonly fields: readonly Field[];
  readonly acts: readonly CaseActView[];
}

/** What a person sees of a case besides its row. Null where the obligation is no case, or its kind is no longer there. */
export function viewCase(setting: Setting, amendments: readonly Amendment[], obligation: Obligation, actor: Actor): CaseView | null {
  const frame = frameOf(setting, amendments);
  const type = isCase(obligation) ? frame.definition.cases?.[obligation.case.type] : undefined;
  const state = type && stateOf(type, obligation.case?.state ?? '');
  if (!isCase(obligation) || !type || !state) return null;
  const open = obligation.closed === null;
  const acts = type.acts.filter((act) => open && act.by.length > 0 && act.in.includes(state.id));
  return {
    type: type.id,
    title: type.title,
    state: { id: state.id, title: state.title, final: isFinal(state) },
    fields: type.fields,
    acts: acts.map((act) => ({
      id: act.id,
      title: act.title,
      by: act.by,
      signed: obligation.parts.flatMap((part) => (part.act === act.id ? [part.role] : [])),
      differs: obligation.differences.flatMap((one) => (one.startsWith(`${act.id}.`) ? [one.slice(act.id.length + 1)] : [])),
      mine: act.by.some((role) => holds(frame, actor, role, obligation.unit)),
      barred: !isOpenTo(obligation.case, act),
      asks: type.fields.filter(({ id }) => act.asks.includes(id)),
      reason: act.asks.includes('reason'),
      evidence: act.evidence.map((id) => ({ id, title: frame.definition.papers[id]?.title ?? id })),
    })),
  };
}
