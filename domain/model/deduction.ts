import type { DateExpr, Element, Rhythm } from './definition.js';
import type { FormatId } from './format.js';
import type { DutyId, LadderId, ParameterId, PhaseId, RoleId } from './ids.js';

/** Id of a deduction; its rounds are the obligations of a duty of the same id. */
export type DeductionId = DutyId;
/** What a code of the return file means: `arrived`, `short`, ... `unknown` always exists. */
export type OutcomeId = string;

/**
 * What a deduction tells about one due beside its outcomes: the bank took what nobody owed (`owedBack`), and once nothing is owed back any more, how the last of it
 * was settled.
 */
export const REFUND_EVENTS = ['owedBack', 'paidBack', 'credited'] as const;
export type RefundEvent = (typeof REFUND_EVENTS)[number];

/**
 * What follows from an outcome. `success`: the money was taken; `retry`: in the next round; `stop`: not until an act of its case frees it;
 * `unknown`: never again by itself; `duplicate`: the bank says it took it before, settled by two people.
 */
export type RouteClass = 'success' | 'retry' | 'stop' | 'unknown' | 'duplicate';

export interface Outcome {
  readonly id: OutcomeId;
  /** How it is called wherever people see it; its id where the definition gives none. */
  readonly title: string;
  readonly class: RouteClass;
  /** CEL over `row` of `dues`: chooses between `open` and `else`; null = always `open`. */
  readonly if: string | null;
  /** Case types that the outcome opens for the due; null = none. */
  readonly open: string | null;
  readonly else: string | null;
}

/**
 * A bank takes from accounts what persons owe, again and again until it is there (construct K12). Each period is a round: everybody for whom `if` is
 * true, whose last attempt is none or of class `retry` (or freed by an act), and who has no line without a definite answer.
 */
export interface Deduction extends Element {
  /** Its id; the duty of the same id holds its rounds. */
  readonly id: DeductionId;
  readonly over: 'dues';
  /** CEL over `row` of `dues`: who is due. The own share must be above 0 and the account known besides. */
  readonly if: string;
  /** The bank. */
  readonly owes: RoleId;
  readonly during: PhaseId;
  readonly every: Rhythm;
  readonly due: DateExpr;
  readonly ladder: LadderId;
  /** Layout of the request, and of the return. */
  readonly request: FormatId;
  readonly return: FormatId;
  /** At most so many attempts a due; null = no limit. */
  readonly most: number | null;
  /** Not tried again so many days after the first attempt; null = no limit within `during`. */
  readonly within: number | null;
  /** Parameter (money): how much more than is owed people are advised to keep on the account; null = nothing is advised. */
  readonly margin: ParameterId | null;
  readonly outcomes: Readonly<Record<OutcomeId, Outcome>>;
}
