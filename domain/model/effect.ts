import type { DutyId, LocalDate, MilestoneId, Moment, ObligationId, RoleId, TextId, UnitId, UserId } from './ids.js';
import type { CaseId } from './case.js';
import type { DeductionId } from './deduction.js';
import type { Address, MilestoneState, Obligation, Publication, State } from './state.js';
import type { Value } from './definition.js';

/**
 * What `step` wants done. The recorder writes all of it in one transaction with the event: `obligation`, `milestone`, `publication` are rows of the
 * read model, `notice` an outbox row, `flag` a line of a report. Only `measure`, `count` and `rows` need an answer: the shell runs the
 * activity and feeds `measured`, `counted` or `rowsTurned` back.
 */
export type Effect =
  | { readonly type: 'obligation'; readonly obligation: Obligation }
  /** Obligations that moved to another id (a unit merged): the old row is withdrawn by its own effect, this keeps the link. */
  | { readonly type: 'notice'; readonly notice: NoticeDraft }
  | {
      readonly type: 'flag';
      readonly report: string;
      readonly unit: UnitId;
      readonly about: string;
      readonly on: LocalDate;
      readonly daysLate: number;
    }
  | { readonly type: 'milestone'; readonly key: string; readonly milestone: MilestoneState; readonly snapshot: string | null }
  | { readonly type: 'publication'; readonly publication: Publication }
  | { readonly type: 'process'; readonly status: 'running' | 'paused' | 'stopped' | 'ended' }
  | OpeningEffect
  | FreeEffect
  | DepositEffect
  | MeasureEffect
  | { readonly type: 'count'; readonly needed: readonly string[] }
  | RowsEffect;

/** A case calls for another one about the same due (`type`), or tells the cases of the due. Taken up on the rows' next turn. */
export interface OpeningEffect {
  readonly type: 'opening';
  readonly at: Moment;
  readonly opening: {
    readonly id: string;
    readonly type: CaseId | null;
    readonly due: string;
    readonly event: string;
    readonly cause: Readonly<Record<string, Value>>;
  };
  readonly by: UserId;
}

/** A due is freed for a deduction: outcomes up to `afterRound` no longer stop it. `extra`: into a round outside the rhythm. */
export interface FreeEffect {
  readonly type: 'free';
  readonly at: Moment;
  readonly case: ObligationId;
  readonly due: string;
  readonly deduction: DeductionId;
  readonly afterRound: number;
  readonly extra: boolean;
  readonly by: UserId;
  readonly reason: string | null;
}

/** An act says what stands deposited for a due, in all: a township's report of the day. It books nothing. */
export interface DepositEffect {
  readonly type: 'deposit';
  readonly due: string;
  /** Fen. */
  readonly amount: number;
  readonly on: LocalDate;
  readonly by: UserId;
}

/** Figures of a unit's subtree as they were at the end of `happenedBy`, recorded before `recordedBefore`; rows are kept as a snapshot. */
export interface MeasureEffect {
  readonly type: 'measure';
  readonly key: string;
  readonly milestone: MilestoneId;
  readonly unit: UnitId;
  readonly happenedBy: LocalDate;
  readonly recordedBefore: Moment;
  /** Ids of counts and `table.column` wholes that `reach` needs. */
  readonly needed: readonly string[];
}

/** Rows that a duty opens: for everybody about whom it is owed in this period. */
export interface RowBirth {
  readonly duty: DutyId;
  readonly period: string | null;
  readonly window: { readonly start: LocalDate; readonly end: LocalDate } | null;
  readonly since: LocalDate;
}

/** What a row takes from its process: it is stepped under this. The setting goes with it by digest. */
export interface RowContext {
  readonly coreRevision: number;
  readonly status: State['status'];
  readonly launchedAt: Moment;
  readonly amendments: State['amendments'];
  readonly paused: State['paused'];
}

/**
 * The rows' turn: open what is born, bring the rest up to `at` under `context`, settle what facts have touched. `turn` is the number of the event
 * it comes from; `kind`: `facts` looks at touched rows alone.
 */
export interface RowsEffect {
  readonly type: 'rows';
  readonly turn: number;
  readonly kind: 'step' | 'context' | 'facts';
  readonly at: Moment;
  readonly births: readonly RowBirth[];
  readonly context: RowContext;
  /** Up to here earlier answers vouch for the rows' journal. */
  readonly journalled: number;
}

export interface NoticeDraft {
  /** Stable: obligation, due version, rung; one outbox row for each address. */
  readonly id: string;
  readonly obligation: ObligationId | null;
  readonly dueVersion: number;
  /** Rung index as text, or the response's name (`missed.0`). */
  readonly rung: string;
  readonly text: TextId;
  readonly to: readonly Address[];
  readonly mandatory: boolean;
  /** When it may go out: noticeTime of the day, on a working day unless mandatory. */
  readonly sendAt: Moment;
  readonly fields: Readonly<Record<string, Value>>;
  /** Role that releases has released. */
  readonly releasedBy: RoleId | null;
}

/** Refusal of an act: nothing changed. `params` fill the message. */
export interface Refusal {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly params: Readonly<Record<string, Value | readonly string[]>>;
}

/** One step of the core. `refusal` is set only for `acted`; then state is unchanged and effects are empty. */
export interface Stepped<S> {
  readonly state: S;
  readonly effects: readonly Effect[];
  /** Next moment at which something is due; null = nothing ahead. */
  readonly wakeAt: Moment | null;
  readonly refusal: Refusal | null;
}
