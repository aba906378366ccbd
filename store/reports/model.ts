import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import type { ChainHead } from './figures.js';

/* Reports as they are made, and a bulletin as it is kept when it is issued. */

/** What is known at what time: facts that happened by `happenedBy` (its whole day) and were recorded before `recordedBefore`. */
export interface CutOff {
  readonly happenedBy: LocalDate;
  readonly recordedBefore: Moment;
}

/** What a column of figures means, so that no figure stands alone. */
export interface MeasureMeaning {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  readonly show: 'percent' | 'yuan' | 'count';
  readonly partTitle: string;
  readonly wholeTitle: string | null;
  /** `part` is fen. */
  readonly money: boolean;
  /** `whole` is fen. */
  readonly wholeMoney: boolean;
  /** Its figures are given for each insurance kind, and for all of them together nowhere (S3-21). */
  readonly perInsurance: boolean;
  readonly clause: readonly string[];
  readonly readings: readonly string[];
}

/** One measure at one unit, everything below it included. */
export interface Figure {
  readonly measure: string;
  /** The insurance kind that is counted; null = all. */
  readonly insurance: string | null;
  readonly part: number;
  /** null: a plain count or sum. */
  readonly whole: number | null;
  /** For display only: `96.00%`, `7,585,200.00`, `24,272`; `—` where there is no value. */
  readonly shown: string;
  /** Where the rows behind it are listed. */
  readonly rows: string;
}

export interface UnitFigures {
  readonly unit: UnitId;
  readonly name: string;
  readonly level: string;
  readonly path: string;
  /** The nearest unit above that is shown too; null = top of what is shown. */
  readonly above: UnitId | null;
  readonly figures: readonly Figure[];
}

/** A dated goal ahead or behind. */
export interface Goal {
  readonly key: string;
  readonly milestone: string;
  readonly title: string;
  readonly unit: UnitId;
  readonly due: LocalDate;
  /** Days until the last good day, which counts; negative = past. */
  readonly daysLeft: number;
  readonly status: string;
  readonly result: 'met' | 'missed' | 'open' | null;
  /** By how many (or how much, in fen) the unit is short of it now; null where that is not one number. */
  readonly short: number | null;
  readonly measure: string | null;
  readonly threshold: string | null;
  readonly clause: readonly string[];
}

/** Points of a score: what is settled, what can still be had. */
export interface PointsInSight {
  readonly duty: string;
  readonly title: string;
  readonly unit: UnitId;
  /** Settled by the milestones' results, or by the person who decided; null = still open. */
  readonly settled: number | null;
  /** When every goal ahead is met; null = a person decides. */
  readonly best: number | null;
  /** When no goal ahead is met; null = a person decides. */
  readonly worst: number | null;
  readonly decisionNeeded: boolean;
  readonly clause: readonly string[];
}

export interface PhaseLeft {
  readonly phase: string;
  readonly title: string;
  readonly from: LocalDate;
  readonly to: LocalDate | null;
  /** null = no end. */
  readonly daysLeft: number | null;
}

/** Head of every report. */
export interface ReportHead {
  readonly campaign: string;
  readonly title: string;
  readonly status: string;
  readonly cutOff: CutOff;
  /** Insurance kinds that are told apart; none where the campaign has only one. */
  readonly insurance: readonly { readonly id: string; readonly title: string }[];
  /** What the report would tell and cannot tell exactly as of its day: named, never guessed. */
  readonly untold: readonly { readonly id: string; readonly title: string }[];
  readonly measures: readonly MeasureMeaning[];
}

export interface Progress extends ReportHead {
  readonly phases: readonly PhaseLeft[];
  readonly goals: readonly Goal[];
  readonly points: readonly PointsInSight[];
  readonly units: readonly UnitFigures[];
}

/** One cell of a bulletin. Duties: how many are open, late, done. Papers: how many of those asked for were given, and when the last. */
export type BulletinCell =
  | { readonly kind: 'figure'; readonly show: string; readonly figure: Figure }
  | {
      readonly kind: 'milestone';
      readonly show: string;
      readonly result: string | null;
      readonly due: LocalDate | null;
      readonly shown: string;
    }
  | {
      readonly kind: 'duty';
      readonly show: string;
      readonly open: number;
      readonly late: number;
      readonly done: number;
      readonly daysLate: number;
      readonly shown: string;
    }
  | {
      readonly kind: 'paper';
      readonly show: string;
      readonly given: number;
      readonly asked: number;
      readonly last: LocalDate | null;
      readonly shown: string;
    }
  /** It cannot be told exactly as of the day. */
  | { readonly kind: 'untold'; readonly show: string; readonly shown: string };

export interface BulletinRow {
  readonly unit: UnitId;
  readonly name: string;
  /** Lines of one kind are ranked among themselves; null = the line is about all kinds. */
  readonly insurance: string | null;
  readonly rank: number;
  readonly cells: readonly BulletinCell[];
  readonly flags: readonly string[];
}

/** A bulletin as it was issued: it stays as it was. */
export interface Issue {
  /** 第几期 of this bulletin in the campaign, from 1. */
  readonly number: number;
  /** The duty's obligation that was done with it. */
  readonly obligation: string;
  readonly at: Moment;
  readonly by: string;
  /** SHA-256 of the bulletin as issued, whole; the county's audit chain holds it too. */
  readonly digest: string;
}

export interface Bulletin extends ReportHead {
  readonly report: string;
  /** null = the figures as they stand, or as of a day. */
  readonly issue: Issue | null;
  readonly reportTitle: string;
  readonly clause: readonly string[];
  readonly columns: readonly { readonly id: string; readonly title: string }[];
  readonly rows: readonly BulletinRow[];
  readonly total: UnitFigures | null;
  /** Newest links of the campaign's and the county's audit chains: the printed page can be checked against them. */
  readonly chainHeads: readonly ChainHead[];
}
