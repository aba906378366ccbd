import type { CaseActId } from './case.js';
import type { Value } from './definition.js';
import type { ActId, Digest, DutyId, LocalDate, Moment, ObligationId, ParameterId, PhaseId, RoleId, UnitId, UserId } from './ids.js';
import type { EvidenceGiven, RowSums } from './state.js';

/** Who acts: the user, with the roles checked when the act was taken in. The core checks again. */
export interface Actor {
  readonly user: UserId;
  readonly roles: readonly { readonly role: RoleId; readonly unit: UnitId }[];
  /** Person without an account whose act is recorded (both names are kept). */
  readonly onBehalfOf: string | null;
}

/** What people do. `on`: the day it happened, when not today (never in the future). */
export type Act =
  | {
      readonly kind: 'done';
      readonly obligation: ObligationId;
      readonly on?: LocalDate;
      readonly answer?: Readonly<Record<string, Value>>;
      /** 'none' as a signed answer. */
      readonly nil?: boolean;
      readonly items?: readonly string[];
      readonly evidence?: readonly EvidenceGiven[];
      readonly reason?: string;
    }
  /** An act of a case, by its id. */
  | {
      readonly kind: 'step';
      readonly obligation: ObligationId;
      readonly act: CaseActId;
      readonly on?: LocalDate;
      /** Fields that it asks for. Money in fen. */
      readonly answer?: Readonly<Record<string, Value>>;
      readonly evidence?: readonly EvidenceGiven[];
      readonly reason?: string;
    }
  /** Ticks items of a checklist without finishing. */
  | { readonly kind: 'tick'; readonly obligation: ObligationId; readonly items: readonly string[] }
  | { readonly kind: 'waive'; readonly obligation: ObligationId; readonly reason: string }
  | {
      readonly kind: 'extend';
      readonly obligation: ObligationId;
      readonly due: LocalDate;
      readonly reason: string;
      readonly evidence?: readonly EvidenceGiven[];
    }
  | { readonly kind: 'suspend'; readonly obligation: ObligationId; readonly reason: string }
  | { readonly kind: 'unsuspend'; readonly obligation: ObligationId }
  /** The leading role's mark on what was due before launch. */
  | {
      readonly kind: 'markBeforeLaunch';
      readonly obligation: ObligationId;
      readonly mark:
        | { readonly as: 'done'; readonly on: LocalDate; readonly evidence?: readonly EvidenceGiven[] }
        | { readonly as: 'stillOwed'; readonly due: LocalDate }
        | { readonly as: 'notApplicable'; readonly reason: string };
    }
  /** Releases or drops a proposed response. */
  | { readonly kind: 'release'; readonly obligation: ObligationId }
  | { readonly kind: 'drop'; readonly obligation: ObligationId; readonly reason: string }
  /** 签收, 反馈, 核查 with 销号, or sent back. */
  | { readonly kind: 'receive'; readonly obligation: ObligationId }
  | { readonly kind: 'reply'; readonly obligation: ObligationId; readonly text: string; readonly evidence?: readonly EvidenceGiven[] }
  | { readonly kind: 'strike'; readonly obligation: ObligationId }
  | { readonly kind: 'sendBack'; readonly obligation: ObligationId; readonly reason: string }
  | { readonly kind: 'takeDown'; readonly obligation: ObligationId; readonly on?: LocalDate }
  | { readonly kind: 'judge'; readonly milestone: string }
  | { readonly kind: 'correctSnapshot'; readonly milestone: string; readonly reason: string }
  | {
      readonly kind: 'amendPhase';
      readonly phase: PhaseId;
      readonly from: LocalDate | null;
      readonly to: LocalDate | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'amendParameter';
      readonly parameter: ParameterId;
      readonly unit: UnitId | null;
      readonly value: Value;
      readonly reason: string;
    }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop'; readonly reason: string };

/** Facts per unit and day, summed by the store (never one per person). Amount in fen. */
export type UnitFact =
  | {
      /** `rows.touched`: no money; what rows are judged by, or a row itself, has changed. */
      readonly kind: 'payment.collected' | 'payment.remitted' | 'payment.arrived' | 'rows.touched';
      readonly unit: UnitId;
      readonly insurance: string | null;
      readonly on: LocalDate;
      readonly amount: number;
    }
  /** Of a deduction: `<id>.sent` (a request was handed over), `<id>.returned` (its answer is posted), `<id>.<outcome>` with how many persons of the unit. */
  | {
      readonly kind: 'deduction';
      readonly event: string;
      readonly round: number;
      readonly unit: UnitId;
      readonly insurance: string;
      readonly on: LocalDate;
      readonly persons: number;
      readonly amount: number;
    };

/** Counts per unit: `{ u17: { paid: 24, 'villages.payers': 30 } }`. Money in fen. Sums add upwards. */
export type UnitTallies = Readonly<Record<UnitId, Readonly<Record<string, number>>>>;

/** Everything that can happen to a campaign. Each is numbered and journalled; folding them rebuilds all. */
export type CoreEvent =
  | { readonly type: 'launched'; readonly at: Moment; readonly by: UserId }
  | { readonly type: 'woke'; readonly at: Moment }
  | { readonly type: 'acted'; readonly at: Moment; readonly actId: ActId; readonly actor: Actor; readonly act: Act }
  | { readonly type: 'facts'; readonly at: Moment; readonly upTo: number; readonly facts: readonly UnitFact[] }
  /** Answer to a `measure` effect. */
  | { readonly type: 'measured'; readonly at: Moment; readonly milestone: string; readonly snapshot: string; readonly tallies: UnitTallies }
  /** Answer to a `count` effect: present figures for `doneIf`. */
  | { readonly type: 'counted'; readonly at: Moment; readonly tallies: UnitTallies }
  /** Answer to a `rows` effect. */
  | {
      readonly type: 'rowsTurned';
      readonly at: Moment;
      /** The event whose effect it answers. */
      readonly turn: number;
      readonly nextAt: Moment | null;
      readonly sums: Readonly<Record<DutyId, RowSums>>;
      /** How many rows this turn opened, stepped and settled by facts. */
      readonly did: { readonly opened: number; readonly stepped: number; readonly settled: number };
      /** Entries of the rows' journal above `from` and up to `to`, with one digest over them. */
      readonly journal: { readonly from: number; readonly to: number; readonly entries: number; readonly digest: Digest };
    }
  /** Units or calendar replaced: the shell gives `step` the new setting with this event. */
  | {
      readonly type: 'settingChanged';
      readonly at: Moment;
      readonly setting: Digest;
      readonly what: 'units' | 'calendar' | 'tables';
      readonly by: UserId;
      readonly reason: string;
    }
  | { readonly type: 'revised'; readonly at: Moment; readonly coreRevision: number };
