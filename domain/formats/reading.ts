import type { FileRow, FileValue } from './columns.js';
import type { FormatProblem, FormatProblemCode } from './problem.js';
import type { OutcomeFigures } from './sums.js';
import type { TotalResult } from './totals.js';

/** A detail line that could be read. `outcome` is `unknown` for a code that the table does not list; null in a format without codes. */
export class ReadLine {
  constructor(
    /** Line of the file, from 1. */
    readonly line: number,
    /** First byte of the line in the file, from 0. */
    readonly offset: number,
    /** The line's own values, in the order of `layout.detail.own`. */
    readonly values: readonly FileValue[],
    readonly outcome: string | null,
    private readonly own: readonly string[],
  ) {}

  /** The values by column id. */
  get row(): FileRow {
    return rowOf(this.own, this.values);
  }
}

/** Values by column id. */
export const rowOf = (own: readonly string[], values: readonly FileValue[]): FileRow =>
  Object.fromEntries(own.map((id, i) => [id, values[i] ?? null]));

/** What a whole file says. `sound` is false when anything refuses the file or one of its lines. */
export interface FileReading {
  readonly sound: boolean;
  readonly bytes: number;
  /** Lines of the file, and detail lines among them (readable or not). */
  readonly lines: number;
  readonly details: number;
  readonly header: FileRow | null;
  readonly trailer: FileRow | null;
  readonly batch: string | null;
  readonly outcomes: Readonly<Record<string, OutcomeFigures>>;
  readonly totals: readonly TotalResult[];
  /** The first problems, those of the file before those of its lines; every one is counted. */
  readonly problems: readonly FormatProblem[];
  readonly counts: Readonly<Partial<Record<FormatProblemCode, number>>>;
}

export interface ReadOptions {
  /** Name under which the file came; null = not known, then it is not checked. */
  readonly name?: string | null;
  /** The batch that is expected. */
  readonly batch?: string | null;
  /** Problems of lines that are kept; all are counted. */
  readonly mostProblems?: number;
}
