import type { CaseActId, CaseId, CaseStanding, StateId } from './case.js';
import type { Recipient, Value } from './definition.js';
import type { Act, Actor } from './event.js';
import type {
  ActId,
  DutyId,
  LadderId,
  LocalDate,
  MilestoneId,
  Moment,
  ObligationId,
  ParameterId,
  PhaseId,
  ProcessId,
  RoleId,
  TextId,
  UnitId,
  UserId,
} from './ids.js';

/** A role at a unit: where a notice goes. Persons are resolved when it is sent. */
export interface Address {
  readonly role: RoleId;
  readonly unit: UnitId;
}

/** Where an obligation comes from. Everything that is not a duty follows up something else. */
export type Origin =
  | { readonly kind: 'duty'; readonly duty: DutyId }
  /** A rung or response that a person must release before it goes out. */
  | { readonly kind: 'confirm'; readonly of: string; readonly rung: string; readonly proposed: Proposed }
  /** 签收, 反馈 of a notice, and the check (核查, 销号) of a reply or of a discharged duty. */
  | { readonly kind: 'receive' | 'reply' | 'check'; readonly of: string; readonly notice: string | null }
  /** A state of a case: the one it is in, or (under the id of the entry) one that it was in. */
  | { readonly kind: 'case'; readonly case: CaseId; readonly state: StateId };

/** What waits for a second person: a response that would be sent, or an act that `may` grants only with a confirmation. */
export type Proposed =
  | { readonly kind: 'tell'; readonly text: TextId; readonly to: readonly Recipient[]; readonly mandatory: boolean }
  | { readonly kind: 'flag'; readonly report: string }
  | { readonly kind: 'act'; readonly act: Act; readonly actor: Actor };

export type ObligationStatus =
  /** Due before the launch: waits for the leading role's mark, fires nothing. */
  | 'beforeLaunch'
  /** Its due date hangs on something that has not happened. */
  | 'waiting'
  | 'open'
  /** Discharged, but a checker still owes the check. */
  | 'checking'
  | 'done'
  | 'waived'
  | 'notApplicable'
  /** Ended without being done: campaign stopped, unit merged, amendment. */
  | 'withdrawn';

/** What one part (a role) of a joint obligation has given. */
export interface PartDone {
  readonly role: RoleId;
  /** The act of a case that it signs; absent = the duty itself. */
  readonly act?: CaseActId;
  readonly by: UserId;
  /** Person without an account on whose behalf it was recorded. */
  readonly onBehalfOf: string | null;
  readonly on: LocalDate;
  readonly at: Moment;
  readonly answer: Readonly<Record<string, Value>>;
  readonly nil: boolean;
  readonly evidence: readonly EvidenceGiven[];
}
export interface EvidenceGiven {
  readonly paper: string;
  readonly fields: Readonly<Record<string, Value>>;
  /** Stored file, when attached. */
  readonly file: string | null;
}

export interface Obligation {
  readonly id: ObligationId;
  readonly origin: Origin;
  readonly title: string;
  readonly unit: UnitId;
  readonly insurance: string | null;
  /** Period id (`2020-05`, `2020-Q2`), event day (`2018-04-13.2`: the second of that day), or null for once. */
  readonly period: string | null;
  readonly owes: readonly RoleId[];
  readonly ladder: LadderId | null;
  readonly status: ObligationStatus;
  readonly since: LocalDate;
  /** The period's days, already cut to the phase. */
  readonly window: { readonly start: LocalDate; readonly end: LocalDate } | null;
  /** Last good day; null while waiting. */
  readonly due: LocalDate | null;
  /** Counts up with each new due date: the ladder starts anew. */
  readonly dueVersion: number;
  /** What it waits for while `due` is null, as written: `done(fundsApplied)`. */
  readonly waitsFor: string | null;
  /** When this ladder began: reminders before it stay silent but for the latest to each addressee; escalation is counted from no earlier day. */
  readonly ladderFrom: Moment;
  /** True from 00:00 of the day after `due`. */
  readonly late: boolean;
  /** Rungs of this due version that have fired, by index. */
  readonly fired: readonly number[];
  /** Next moment at which this obligation has something due; null = nothing. */
  readonly nextAt: Moment | null;
  readonly parts: readonly PartDone[];
  readonly ticked: readonly string[];
  readonly suspended: { readonly since: LocalDate; readonly reason: string } | null;
  /** Points proposed by the table, see `Duty.table`. */
  readonly proposal: { readonly values: Readonly<Record<string, Value>>; readonly final: boolean; readonly decisionNeeded: boolean } | null;
  readonly closed: {
    readonly on: LocalDate;
    readonly at: Moment;
    readonly by: UserId;
    readonly daysLate: number;
    readonly reason: string | null;
  } | null;
  /** Extensions granted. */
  readonly extended: number;
  /** Its due day was given by a person (还应办理), not by the rule; absent = by the rule. Not an extension. */
  readonly dateGiven?: true;
  /** Days by which pauses and suspensions moved the due day; absent = none. */
  readonly moved?: number;
  /** Days on which the clock stood still after the due day: that day stands, the escalation goes on so much later; absent = none. */
  readonly stood?: number;
  /** Differences already answered (`compare`), so that each opens its responses once. */
  readonly differences: readonly string[];
  /** `wants` that were missing when it was done: unit names are printed, ids kept. */
  readonly missing: readonly string[];
  /** Whom it is about, for what is kept as a row; absent = an office's own. */
  readonly subject?: Subject;
  /** The round of a deduction whose answers it follows, where a fact discharges it; absent = none. */
  readonly round?: number;
  /** Where the case stands whose present state this is; absent = no case. */
  readonly case?: CaseStanding;
}

/** A person and what the person owes in the year: surrogates, never a name. */
export interface Subject {
  readonly person: string;
  readonly due: string;
}

/** Compact mark of a closed obligation: enough for `needs`, `done(...)`, `apart` and counts. `s`: d done, w waived, n not applicable, x withdrawn. */
export interface ClosedMark {
  readonly s: 'd' | 'w' | 'n' | 'x';
  readonly on: LocalDate;
  /** Days late, when late. */
  readonly l?: number;
  /** The due day that was granted, where another date hangs on it. */
  readonly d?: LocalDate;
  /** Who did a part of it, kept for duties whose posts are held apart. */
  readonly by?: readonly UserId[];
}

export type Result = 'met' | 'missed' | 'open';
export interface MilestoneState {
  readonly milestone: MilestoneId;
  readonly unit: UnitId;
  readonly period: string | null;
  readonly due: LocalDate;
  readonly judgeAt: Moment | null;
  /** `asked`: waits for the figures; `beforeLaunch`: judged only when the leading role asks; `dropped`: its unit ended before it was judged. */
  readonly status: 'ahead' | 'asked' | 'judged' | 'beforeLaunch' | 'dropped';
  readonly result: Result | null;
  /** Count of judgements: 2 after a corrected snapshot. */
  readonly version: number;
}

export interface Publication {
  readonly obligation: ObligationId;
  readonly postedOn: LocalDate;
  /** First day on which it may be taken down: posting day + days + 1. */
  readonly earliestDown: LocalDate;
  readonly takenDownOn: LocalDate | null;
}

/** Money collected and not yet remitted at a unit. */
export interface Held {
  readonly since: LocalDate;
  readonly amount: number;
}

/** Laid over the definition, in order; never an edit of it. */
export type Amendment =
  | {
      readonly kind: 'phase';
      readonly phase: PhaseId;
      readonly from: LocalDate | null;
      readonly to: LocalDate | null;
      readonly reason: string;
      readonly at: Moment;
      readonly by: UserId;
    }
  | {
      readonly kind: 'parameter';
      readonly parameter: ParameterId;
      readonly unit: UnitId | null;
      readonly value: Value;
      readonly reason: string;
      readonly at: Moment;
      readonly by: UserId;
    };

/**
 * State of a campaign: plain JSON. From run to run it is carried packed (`process/carried.ts`), below 512 KB for 20 townships and 400 villages with
 * monthly duties; what it takes is measured by `npm run bench -- step`.
 */
export interface State {
  readonly schema: 1;
  readonly coreRevision: number;
  readonly process: ProcessId;
  readonly status: 'running' | 'paused' | 'stopped' | 'ended';
  readonly seq: number;
  readonly now: Moment;
  readonly launchedAt: Moment;
  /** First key: duty id, or `~confirm`, `~receive`, `~reply`, `~check`. */
  readonly open: Readonly<Record<string, Readonly<Record<ObligationId, Obligation>>>>;
  /** First key: duty and period (`patrol@2020-05`), see `markShelfOf`. The order within a shelf means nothing and is not carried. */
  readonly closed: Readonly<Record<string, Readonly<Record<ObligationId, ClosedMark>>>>;
  readonly milestones: Readonly<Record<string, MilestoneState>>;
  /** Per recurring duty: start of the next period to open; absent = none left. */
  readonly periods: Readonly<Record<DutyId, LocalDate>>;
  /** Per phase: where it stands. One that lasts again is ahead again, and opens in the same step. */
  readonly phases: Readonly<Record<PhaseId, 'ahead' | 'open' | 'ended'>>;
  /** Per phase event (`collection.ended`): the day on which it was first told. What hangs on it is owed once, however often it happens. */
  readonly told?: Readonly<Record<string, LocalDate>>;
  readonly held: Readonly<Record<string, Held>>;
  readonly publications: Readonly<Record<ObligationId, Publication>>;
  readonly amendments: readonly Amendment[];
  readonly paused: { readonly since: Moment; readonly reason: string } | null;
  /** The last acts with their answers, so that a repeat is answered alike; at most 2,000, oldest first. */
  readonly acts: readonly (readonly [ActId, string | null])[];
  /** Highest inbox row taken in. */
  readonly factsUpTo: number;
  /** What the process knows of the rows it owns; absent while no duty is owed about persons. */
  readonly rows?: RowsStanding;
}

/** Rows of one duty, all units. `late` are among the open; `closed` counts what is over, however it ended. */
export interface RowSums {
  readonly open: number;
  readonly late: number;
  readonly closed: number;
}

/** Counts and the next moment of the rows of a process; the rows themselves are in the store. */
export interface RowsStanding {
  /** Next moment at which some row has something due; null = nothing ahead, or a turn is asked for. */
  readonly nextAt: Moment | null;
  /** Turns asked for and not yet answered. */
  readonly asked: readonly number[];
  /** Up to which entry of the rows' journal the answers vouch. */
  readonly journalled: number;
  readonly sums: Readonly<Record<DutyId, RowSums>>;
}
