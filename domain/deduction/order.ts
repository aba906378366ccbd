import type { Counters } from './counters.js';

/* What came of an order of the cycle: plain data, kept with it and shown as it is. Amounts in fen. */

export interface Unwritable {
  readonly due: string;
  readonly code: string;
  readonly column: string | null;
  readonly params: Readonly<Record<string, string | number>>;
}

export interface Made {
  readonly kind: 'made';
  readonly round: number;
  readonly period: string;
  readonly batches: readonly {
    readonly id: string;
    readonly lines: number;
    readonly amount: number;
    readonly file: string;
    readonly digest: string;
  }[];
  /** Persons not in the round, by reason (`LeftOut`). */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Persons who would be in it and whom the file cannot hold. */
  readonly unwritable: readonly Unwritable[];
}

/** Nothing of it was taken or made. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly params: Readonly<Record<string, string | number>>;
  /** Problems by code, all of them counted. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Lines and amount of a return by what became of them. */
export interface Posted {
  readonly kind: 'posted';
  readonly batch: string;
  readonly round: number;
  /** The same meaning had been posted before: nothing was done. */
  readonly same: boolean;
  readonly lines: number;
  /** By verdict: `post`, `late`, `again`, `quarantine`. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Lines that were posted, by outcome of the definition. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly taken: number;
  readonly refunds: number;
  readonly opened: number;
  readonly counters: Counters;
  /** Codes that the table does not list, and other things only told, by code. */
  readonly notices: Readonly<Record<string, number>>;
}

/** Between reading and posting. */
export interface Staged {
  readonly kind: 'staged';
  readonly lines: number;
  readonly notices: Readonly<Record<string, number>>;
}

export type OrderResult = Made | Refused | Staged | Posted;

/** What is being done for an order, in its order: who is in the round, the lines of the file; the return held against its batch, booked, its cases opened. */
export const PROGRESS_STEPS = ['considering', 'writing', 'judging', 'posting', 'opening'] as const;
export type ProgressStep = (typeof PROGRESS_STEPS)[number];

/** How far it is. `done` of `total` lines; a step that is one statement over all lines stands at 0 until the next. */
export interface Progress {
  readonly step: ProgressStep;
  readonly done: number;
  readonly total: number;
}
