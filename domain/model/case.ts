import type { DateExpr, Element, Field, Response, Value } from './definition.js';
import type { LadderId, LocalDate, PaperId, RoleId } from './ids.js';

/** Id of a kind of case: `deductionRetry`. */
export type CaseId = string;
/** Ids that are unique in their case. */
export type StateId = string;
export type CaseActId = string;

/**
 * States with an owner and a due date, and acts that lead from one to the next. Being in a state is an obligation; entering it again is a new one. A case is
 * about one due of the year.
 */
export interface CaseType extends Element {
  readonly id: CaseId;
  readonly per: 'due';
  /** Events about the due that open one, beside the outcomes that name it: `pensionDeduction.short`. */
  readonly after: readonly string[];
  /** Who may open one by hand; empty = nobody. */
  readonly by: readonly RoleId[];
  /** While one is open a second opening joins it, as a note. */
  readonly unique: boolean;
  readonly fields: readonly Field[];
  /** In written order: the first is the start; one that nobody owes is final. */
  readonly states: readonly CaseState[];
  /** In written order: of several that an event fits the first runs. */
  readonly acts: readonly CaseAct[];
}

export interface CaseState extends Element {
  readonly id: StateId;
  /** All of them jointly; empty = a final state. */
  readonly owes: readonly RoleId[];
  /** Null in a final state. */
  readonly due: DateExpr | null;
  readonly ladder: LadderId | null;
}

export interface CaseAct extends Element {
  readonly id: CaseActId;
  readonly in: readonly StateId[];
  /** Each of them signs, and the step is done with the last; empty = the engine acts, on an event of `after`. */
  readonly by: readonly RoleId[];
  readonly after: readonly string[];
  /** CEL over `case`, what is asked included; null = always. */
  readonly if: string | null;
  /** Fields of the case that must be given; `reason` is always one. */
  readonly asks: readonly string[];
  readonly evidence: readonly PaperId[];
  /** Kinds of case opened by this one that must be closed first. */
  readonly needs: readonly CaseId[];
  /**
   * A guarded activity: its rules hold here. `deduct` frees the due for the deduction that the case follows; `reportDeposit` records the field `deposited` as
   * what stands deposited for the due.
   */
  readonly does: string | null;
  readonly next: StateId;
  /** At most so often in one case; null = no limit. */
  readonly most: number | null;
  readonly then: readonly Response[];
}

/** Where a case stands; part of the obligation that its present state is. Plain data, money in fen. */
export interface CaseStanding {
  readonly type: CaseId;
  /** The n-th case of its kind about this due, from 1; kept for good. */
  readonly number: number;
  readonly state: StateId;
  /** How many states it has been in, this one included: each was an obligation of its own. */
  readonly entry: number;
  readonly openedOn: LocalDate;
  /** What opened it, and what was known of that (`case` = the case that did). */
  readonly opener: { readonly event: string; readonly cause: Readonly<Record<string, Value>> };
  readonly fields: Readonly<Record<string, Value>>;
  /** How often each act was done. */
  readonly did: Readonly<Record<CaseActId, number>>;
  /** Last round of the deduction that it has heard of; 0 = none. */
  readonly round: number;
  /** Openings that joined it. */
  readonly notes: number;
  /** Day on which the money arrived; null while it has not. */
  readonly arrivedOn: LocalDate | null;
  /** Kinds of case that it opened and that are still open. */
  readonly waitsFor: readonly CaseId[];
}
