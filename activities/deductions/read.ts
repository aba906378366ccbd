import { CLASS_OF } from '../../domain/deduction/classes.js';
import type { RETURN_LINE } from '../../domain/deduction/columns.js';
import { layoutOf, titleOfColumn, type Layout } from '../../domain/formats/layout.js';
import { FormatReader } from '../../domain/formats/read.js';
import type { FileReading, ReadLine } from '../../domain/formats/reading.js';
import { severityOf, type FormatProblemCode } from '../../domain/formats/problem.js';
import { UNKNOWN_OUTCOME } from '../../domain/model/format.js';
import type { Deduction } from '../../domain/model/deduction.js';
import type { CopyValue } from '../../store/imports/copy-text.js';
import { charsetOf } from '../files/charset.js';
import type { CycleContext, CycleParts } from './parts.js';
import { CycleRefusal } from './refusal.js';

/** Reads a return piece by piece into rows for staging. */
export class ReturnReader {
  readonly #reader: FormatReader;
  readonly #slots: Readonly<Record<keyof typeof RETURN_LINE, number>>;
  readonly #code: number;
  readonly #layout: Layout;
  /** Lines whose outcome by the table is none of this deduction: taken as unknown, and told. */
  #strange = 0;

  constructor(
    private readonly parts: Pick<CycleParts, 'key'>,
    private readonly context: CycleContext,
    private readonly head: (reading: ReadLine) => readonly CopyValue[],
    about: { readonly name: string; readonly batch: string | null },
  ) {
    const layout = layoutOf(context.campaign.setting, context.deduction.return);
    const { own } = layout.detail;
    this.#reader = new FormatReader(layout, charsetOf(layout.format.charset), about);
    const slot = (id: string): number => own.indexOf(id);
    this.#slots = {
      line: slot('line'),
      account: slot('account'),
      name: slot('name'),
      amount: slot('amount'),
      due: slot('due'),
      taken: slot('taken'),
      takenOn: slot('takenOn'),
    };
    this.#layout = layout;
    this.#code = layout.codeColumn === null ? -1 : own.indexOf(layout.codeColumn);
    // Without these, lines could not be told apart at all.
    if (this.#slots.line < 0 || layout.codeColumn === null)
      throw new CycleRefusal('no-settlement', '回盘格式没有行号或返回码', 'the return format has no line number or no code');
  }

  titleOf(column: string): string {
    return titleOfColumn(this.#layout, column);
  }

  push(piece: Uint8Array): readonly (readonly CopyValue[])[] {
    return this.#reader.push(piece).map((line) => this.#row(line));
  }

  finish(): { readonly rows: readonly (readonly CopyValue[])[]; readonly reading: FileReading } {
    const { lines, reading } = this.#reader.finish();
    return { rows: lines.map((line) => this.#row(line)), reading };
  }

  #row(read: ReadLine): readonly CopyValue[] {
    const { values } = read;
    const text = (slot: number): string | null => {
      const value = slot < 0 ? null : (values[slot] ?? null);
      return typeof value === 'string' ? value : null;
    };
    const figure = (slot: number): number | null => {
      const value = slot < 0 ? null : (values[slot] ?? null);
      return typeof value === 'number' ? value : null;
    };
    const outcome = this.#outcome(read.outcome);
    const success = outcome.class === 'success';
    const { line, account, name, amount, due, taken, takenOn } = this.#slots;
    // What was taken must be what was asked for: a bank that takes a part has not done what it was told.
    const said = (success ? figure(taken) : null) ?? figure(amount) ?? figure(due);
    const number = text(account);
    return [
      ...this.head(read),
      figure(line),
      number === null ? null : this.parts.key.index(number),
      text(name),
      said,
      text(this.#code),
      outcome.id,
      outcome.class,
      text(takenOn),
    ];
  }

  #outcome(id: string | null): { readonly id: string; readonly class: (typeof CLASS_OF)[keyof typeof CLASS_OF] } {
    const { outcomes }: Deduction = this.context.deduction;
    const found = outcomes[id ?? UNKNOWN_OUTCOME];
    if (found !== undefined) return { id: found.id, class: CLASS_OF[found.class] };
    if (id !== null && id !== UNKNOWN_OUTCOME) this.#strange += 1;
    return { id: UNKNOWN_OUTCOME, class: 'unknown' };
  }

  /** What is only told of a file, by code; all are counted. */
  noticesOf({ counts }: FileReading): Record<string, number> {
    const codes = Object.keys(counts) as FormatProblemCode[];
    const told = codes.flatMap((code) => (severityOf(code) === 'notice' ? [[code, counts[code] ?? 0] as const] : []));
    return Object.fromEntries([...told, ...(this.#strange === 0 ? [] : [['outcome-unknown', this.#strange] as const])]);
  }
}
