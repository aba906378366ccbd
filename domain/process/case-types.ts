import type { CaseAct, CaseId, CaseState, CaseType } from '../model/case.js';
import type { Definition } from '../model/definition.js';
import type { DeductionId } from '../model/deduction.js';
import type { PhaseId } from '../model/ids.js';

/** What a case needs to know of its kind. Nothing here is state. */

export const stateOf = (type: CaseType, id: string): CaseState | undefined => type.states.find((state) => state.id === id);
export const actOfCase = (type: CaseType, id: string): CaseAct | undefined => type.acts.find((act) => act.id === id);
export const isFinal = (state: CaseState): boolean => state.owes.length === 0;

/** The activity that records what stands deposited, and the field that says how much. */
export const REPORTS_DEPOSIT = 'reportDeposit';
export const DEPOSITED = 'deposited';

/** The deductions that a kind of case follows: those whose outcomes open it or are heard by it; else the only one that there is. */
export function deductionsOfCase(definition: Definition, id: CaseId): readonly DeductionId[] {
  const all = Object.values(definition.deductions ?? {});
  const type = definition.cases?.[id];
  const heard = new Set([...(type?.after ?? []), ...(type?.acts ?? []).flatMap(({ after }) => after)].map((event) => event.split('.')[0]));
  const routed = all.filter(
    (deduction) =>
      heard.has(deduction.id) || Object.values(deduction.outcomes).some((outcome) => outcome.open === id || outcome.else === id),
  );
  return (routed.length > 0 ? routed : all).map((deduction) => deduction.id);
}

/** The phase whose end an act waits for: `<phase>.ended`; null = another event. */
export function phaseOfEnd({ phases }: Pick<Definition, 'phases'>, event: string): PhaseId | null {
  const [phase = '', what] = event.split('.');
  return what === 'ended' && Object.hasOwn(phases, phase) ? phase : null;
}

/** Whether an event opens a kind of case by itself, whoever tells it. */
export const isOpenedBy = ({ after }: CaseType, event: string): boolean => after.includes(event);

/** Whether some case waits for an event: then whoever finds it tells the cases of the due. */
export const isHeard = (definition: Definition, event: string): boolean =>
  Object.values(definition.cases ?? {}).some(({ after, acts }) => after.includes(event) || acts.some((act) => act.after.includes(event)));
