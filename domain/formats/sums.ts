import { UNKNOWN_OUTCOME } from '../model/format.js';
import type { FileFigures } from '../rules/scope.js';
import type { FileRow, FileValue } from './columns.js';
import type { Layout } from './layout.js';

/** Lines and sums (fen, or counts) of one outcome. */
export interface OutcomeFigures {
  readonly lines: number;
  readonly sums: Readonly<Record<string, number>>;
}

class Part {
  lines = 0;
  readonly sums: number[];
  constructor(columns: number) {
    this.sums = Array.from({ length: columns }, () => 0);
  }
}

/** Adds up a file in one pass, for each outcome by itself. Exact: a sum that leaves the safe integers is told by `tooLarge`. */
export class Sums implements FileFigures {
  header: FileRow | null = null;
  trailer: FileRow | null = null;
  /** Lines that were there but could not be read. */
  unread = 0;
  private readonly parts = new Map<string, Part>();
  private readonly columns: readonly string[];
  private readonly slots: readonly number[];
  private last: Part | null = null;
  private lastKey = '';

  constructor({ summed, detail }: Pick<Layout, 'summed' | 'detail'>) {
    this.columns = summed;
    this.slots = summed.map((column) => detail.own.indexOf(column));
  }

  /** `outcome` null = a code that no table lists, or a format without codes. */
  add(row: FileRow, outcome: string | null): void {
    const { sums } = this.part(outcome);
    for (let i = 0; i < this.columns.length; i += 1) {
      const value = row[this.columns[i] ?? ''];
      if (typeof value === 'number') sums[i] = (sums[i] ?? 0) + value;
    }
  }

  /** The same for a line's own values in their order. */
  addValues(values: readonly FileValue[], outcome: string | null): void {
    const { sums } = this.part(outcome);
    for (let i = 0; i < this.slots.length; i += 1) {
      const value = values[this.slots[i] ?? 0];
      if (typeof value === 'number') sums[i] = (sums[i] ?? 0) + value;
    }
  }

  private part(outcome: string | null): Part {
    const key = outcome ?? UNKNOWN_OUTCOME;
    if (this.last === null || this.lastKey !== key) {
      this.last = this.parts.get(key) ?? new Part(this.columns.length);
      this.lastKey = key;
      this.parts.set(key, this.last);
    }
    this.last.lines += 1;
    return this.last;
  }

  get count(): number {
    let lines = this.unread;
    for (const part of this.parts.values()) lines += part.lines;
    return lines;
  }

  countOf(outcome: string): number {
    return this.parts.get(outcome)?.lines ?? 0;
  }

  sum(column: string, outcome: string | null): number {
    const at = this.columns.indexOf(column);
    if (outcome !== null) return this.parts.get(outcome)?.sums[at] ?? 0;
    let sum = 0;
    for (const part of this.parts.values()) sum += part.sums[at] ?? 0;
    return sum;
  }

  /** Columns whose sum is beyond exact arithmetic. */
  get tooLarge(): readonly string[] {
    return this.columns.filter((column) => !Number.isSafeInteger(this.sum(column, null)));
  }

  /** Figures by outcome, for what is printed. */
  get outcomes(): Readonly<Record<string, OutcomeFigures>> {
    return Object.fromEntries(
      [...this.parts].map(([outcome, { lines, sums }]) => [
        outcome,
        { lines, sums: Object.fromEntries(this.columns.map((column, i) => [column, sums[i] ?? 0])) },
      ]),
    );
  }
}
