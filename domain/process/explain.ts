import { explainStep, type DateStep } from '../calendar/evaluate.js';
import type { CountedDay } from '../calendar/working-days.js';
import type { Recipient } from '../model/definition.js';
import type { LocalDate, Moment, RoleId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { Obligation, State } from '../model/state.js';
import { isCase } from './case-rules.js';
import { stateOf } from './case-types.js';
import { dateFor } from './deadlines.js';
import { Draft } from './draft.js';
import { rungMoments, rungsOf } from './ladder.js';
import { parseObligationId } from './obligation-ids.js';

/** Why an obligation is due when it is: deadline <- rule <- clause <- days counted one by one; and what its ladder does. */
export interface DueExplained {
  readonly due: LocalDate | null;
  /** The rule as written, e.g. `end(collection) +5wd`; null for a follow-up. */
  readonly rule: string | null;
  readonly clause: readonly string[];
  readonly readings: readonly string[];
  /** What a date without a day yet waits for. */
  readonly waitsFor: string | null;
  readonly steps: readonly { readonly step: DateStep; readonly days: readonly CountedDay[] }[];
  /** Set when an extension or a pause moved the date away from the rule's. */
  readonly moved: boolean;
  readonly rungs: readonly {
    readonly index: number;
    readonly at: Moment | null;
    readonly fired: boolean;
    readonly to: readonly Recipient[];
    readonly confirm: RoleId | null;
  }[];
}

export function explainDue(setting: Setting, state: State, obligation: Obligation): DueExplained {
  const draft = new Draft(setting, state, state.now);
  const { frame } = draft;
  const { origin } = obligation;
  const duty = origin.kind === 'duty' ? frame.definition.duties[origin.duty] : undefined;
  const { insurance, period } = parseObligationId(obligation.id);
  const type = isCase(obligation) ? frame.definition.cases?.[obligation.case.type] : undefined;
  const at = type && origin.kind === 'case' ? stateOf(type, origin.state) : undefined;
  const ruled = duty ?? at;
  const { unit, window, since } = obligation;
  const found = duty
    ? dateFor(draft, duty.due, { unit, insurance, period, window, since })
    : at?.due && isCase(obligation)
      ? dateFor(draft, at.due, { unit, insurance, period: null, window, since, opened: obligation.case.openedOn })
      : null;
  const steps = found && 'steps' in found ? found.steps : [];
  const moments = rungMoments(frame, obligation);
  return {
    due: obligation.due,
    rule: ruled?.due?.text ?? null,
    clause: ruled?.clause ?? [],
    readings: ruled?.readings ?? [],
    waitsFor: found && 'waiting' in found ? found.waiting : null,
    steps: steps.map((one) => ({ step: one, days: explainStep(frame.setting.calendar, one) })),
    moved: found !== null && 'date' in found && found.date !== obligation.due,
    rungs: rungsOf(frame, obligation).map(({ response }, index) => ({
      index,
      at: moments[index] ?? null,
      fired: obligation.fired.includes(index),
      to: response.kind === 'tell' ? response.to : [],
      confirm: response.confirm,
    })),
  };
}
