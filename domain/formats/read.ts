import { Blocks, holdsControl, type Block } from './blocks.js';
import { splitCells } from './cells.js';
import { MARKS, type Charset } from './charset.js';
import type { FileRow, FileValue } from './columns.js';
import { beginsWith, delimitedRow, delimitedTag, rowOfCells } from './delimited.js';
import { Fault } from './fault.js';
import { fixedRow } from './fixed.js';
import type { Layout, LayoutRecord } from './layout.js';
import { CONTROL, MOST_PROBLEMS, Problems, short, shown, type FormatProblem, type FormatProblemCode } from './problem.js';
import { ReadLine, rowOf, type FileReading, type ReadOptions } from './reading.js';
import { markOf, SeenNumbers } from './seen.js';
import { Sums } from './sums.js';
import { judgeFile } from './verdict.js';
import { UNKNOWN_OUTCOME } from '../model/format.js';

/** Lines of one file; more are not read. */
export const MOST_LINES = 2_000_000;

const [LF, CR] = [10, 13];

/**
 * Reads a file chunk by chunk: bytes in, detail lines out, and at the end what the file as a whole says. Memory does not grow with the file but by 33 bits
 * a line (whether it came before, and what it said). Nothing is thrown for what a bank may send: it is a problem with a code, a line and a byte.
 */
export class FormatReader {
  private readonly blocks = new Blocks();
  private readonly problems: Problems;
  private readonly sums: Sums;
  private readonly seen = new SeenNumbers();
  private readonly separator: string | null;
  private readonly tabs: boolean;
  private readonly lineSlot: number;
  private readonly batchSlot: number;
  private readonly codeSlot: number;
  private readonly usualTag: string | null;
  private line = 0;
  private bytes = 0;
  private details = 0;
  private batch: string | null = null;
  private blank = 0;
  private ends = { crlf: 0, lf: 0 };
  private headerSeen = false;
  private trailerSeen = false;
  /** The rest is not read: another charset, or too many lines. */
  private stopped = false;
  private guess: string | null = null;
  private utf8: 'unknown' | 'yes' | 'no' = 'unknown';
  private out: ReadLine[] = [];

  constructor(
    private readonly layout: Layout,
    private readonly charset: Charset,
    private readonly options: ReadOptions = {},
  ) {
    this.problems = new Problems(options.mostProblems ?? MOST_PROBLEMS);
    this.sums = new Sums(layout);
    this.separator = layout.format.separator;
    this.tabs = this.separator?.includes('\t') === true;
    const { own, columns } = layout.detail;
    this.lineSlot = own.indexOf('line');
    this.batchSlot = own.indexOf('batch');
    this.codeSlot = layout.codeColumn === null ? -1 : own.indexOf(layout.codeColumn);
    this.usualTag = layout.recognition === 'tags' && layout.tagAt.index === 0 ? (columns[0]?.constant ?? null) : null;
  }

  /** The detail lines that are complete with this chunk. */
  push(chunk: Uint8Array): readonly ReadLine[] {
    const block = this.blocks.push(chunk);
    this.bytes += chunk.length;
    if (block !== null) this.read(block);
    return this.taken();
  }

  /** The last lines, and what the file says. To be called once. */
  finish(): { readonly lines: readonly ReadLine[]; readonly reading: FileReading } {
    const rest = this.blocks.finish();
    const complete = this.trailerSeen;
    if (rest !== null) this.read(rest);
    // A trailer speaks for the file, a fixed-width line for itself; any other last line may have been cut.
    const sure = this.layout.trailer !== null ? this.trailerSeen && !complete : this.separator === null;
    const { layout, problems, sums, details } = this;
    if (rest !== null && !this.stopped && !sure) problems.file('cut-short', {}, { line: this.line });
    const totals = judgeFile({
      layout,
      problems,
      sums,
      details,
      bytes: this.bytes,
      line: this.line,
      stopped: this.stopped,
      droppedBytes: this.blocks.dropped,
      guess: this.utf8 === 'yes' ? 'UTF-8' : this.guess,
      sureGuess: this.utf8 === 'yes',
      ends: this.ends,
      headerSeen: this.headerSeen,
      trailerSeen: this.trailerSeen,
      batch: this.batch,
      name: this.options.name ?? null,
    });
    const reading: FileReading = {
      sound: problems.errors === 0,
      bytes: this.bytes,
      lines: this.line,
      details,
      header: sums.header,
      trailer: sums.trailer,
      batch: this.batch,
      outcomes: sums.outcomes,
      totals,
      problems: problems.list,
      counts: problems.counts,
    };
    return { lines: this.taken(), reading };
  }

  private taken(): readonly ReadLine[] {
    const out = this.out;
    this.out = [];
    return out;
  }

  private read({ bytes, offset }: Block): void {
    if (this.stopped) return;
    const mark = offset === 0 ? this.mark(bytes) : 0;
    if (this.stopped) return;
    const body = mark === 0 ? bytes : bytes.subarray(mark);
    this.watchCharset(body);
    const text = this.separator === null ? this.charset.byteText(body) : this.charset.decode(body);
    if (text === null) this.readPieces(body, offset + mark);
    else this.readText(text, body, offset + mark);
  }

  /** Length of a byte order mark; the mark of another charset ends the reading. */
  private mark(bytes: Uint8Array): number {
    const { charset, bom } = this.layout.format;
    const found = Object.entries(MARKS).find(([, mark]) => mark.every((byte, i) => bytes[i] === byte));
    if (!found) {
      if (bom) this.problems.file('bom-missing');
      return 0;
    }
    const [name, mark] = found;
    if (name === charset) {
      if (!bom) this.problems.file('bom-found');
      return mark.length;
    }
    this.problems.file('wrong-charset', { expected: charset, found: name });
    this.stopped = true;
    return 0;
  }

  /** Chinese text in GBK does not read as UTF-8; text that does all through the file is UTF-8, though it may decode as GBK too. */
  private watchCharset(bytes: Uint8Array): void {
    if (this.utf8 === 'no' || this.layout.format.charset === 'UTF-8' || this.charset.isAscii(bytes)) return;
    this.utf8 = this.charset.guess(bytes) === 'UTF-8' ? 'yes' : 'no';
  }

  /** Lines of a block that decodes as a whole. `text` is the characters, or one for each byte in a fixed-width format. */
  private readText(text: string, bytes: Uint8Array, offset: number): void {
    const fixed = this.separator === null;
    const clean = fixed || !holdsControl(bytes, this.tabs);
    // Where every character is a byte, places in the text are places in the file.
    const same = text.length === bytes.length;
    let [start, at] = [0, 0];
    while (start < text.length) {
      const feed = text.indexOf('\n', start);
      const ended = feed >= 0;
      const next = ended ? feed + 1 : text.length;
      let end = ended ? feed : text.length;
      const carriage = end > start && text.charCodeAt(end - 1) === CR;
      if (carriage) end -= 1;
      if (ended && carriage) this.ends.crlf += 1;
      else if (ended) this.ends.lf += 1;
      this.line += 1;
      if (end === start) this.blank += 1;
      else if (fixed) this.takeFixed(text, start, end, bytes, offset + at);
      else if (clean || !CONTROL.test(this.withoutTabs(text.slice(start, end)))) this.takeDelimited(text, start, end, offset + at);
      else this.takeControl(text.slice(start, end), offset + at);
      at = same ? next : ended ? bytes.indexOf(LF, at) + 1 : bytes.length;
      start = next;
      if (this.line >= MOST_LINES && start < text.length) {
        this.problems.file('too-many-lines', { expected: MOST_LINES });
        this.stopped = true;
        return;
      }
    }
  }

  private withoutTabs(line: string): string {
    return this.tabs ? line.replaceAll('\t', ' ') : line;
  }

  /** Lines of a block that does not decode as a whole: each by itself. */
  private readPieces(bytes: Uint8Array, offset: number): void {
    for (let at = 0; at < bytes.length && !this.stopped;) {
      const feed = bytes.indexOf(LF, at);
      const next = feed < 0 ? bytes.length : feed + 1;
      const piece = bytes.subarray(at, next);
      const text = this.charset.decode(piece);
      if (text === null) this.takeUndecoded(piece, offset + at);
      else this.readText(text, piece, offset + at);
      at = next;
    }
  }

  private takeUndecoded(bytes: Uint8Array, offset: number): void {
    this.line += 1;
    this.blankBefore();
    this.guess ??= this.charset.guess(bytes);
    // Which record it is nobody knows; it is counted as a detail line.
    this.details += 1;
    this.unread(new Fault('bad-bytes', { expected: this.charset.name }, null, () => this.charset.soundBytes(bytes)), offset, null);
  }

  private takeControl(line: string, offset: number): void {
    this.blankBefore();
    this.details += 1;
    this.unread(new Fault('control-character', {}, null, line.slice(0, this.withoutTabs(line).search(CONTROL))), offset, null);
  }

  private takeDelimited(text: string, start: number, end: number, offset: number): void {
    const { format, tagAt } = this.layout;
    const separator = format.separator ?? '';
    const { quotes } = format;
    if (quotes !== null && text.slice(start, end).includes(quotes)) {
      const cells = splitCells(text.slice(start, end), separator, quotes);
      const record = cells === null ? this.layout.detail : this.recordOf(cells[tagAt.index] ?? '', offset);
      if (cells === null) this.details += 1;
      if (record !== null) this.takeOr(cells === null ? new Fault('bad-quotes') : rowOfCells(cells, record, separator), record, offset);
      return;
    }
    const usual = this.usualTag !== null && beginsWith(text, start, end, this.usualTag, separator);
    const tag = usual
      ? (this.usualTag ?? '')
      : this.layout.recognition === 'tags'
        ? delimitedTag(text, start, end, separator, tagAt.index)
        : '';
    const record = this.recordOf(tag, offset);
    if (record === null) return;
    const row = delimitedRow(text, start, end, record, separator);
    if (row !== null) this.take(record, row, offset);
    else this.takeOr(rowOfCells(text.slice(start, end).split(separator), record, separator), record, offset);
  }

  private takeFixed(text: string, start: number, end: number, bytes: Uint8Array, offset: number): void {
    const { tagAt } = this.layout;
    const record = this.recordOf(text.slice(start + tagAt.from, Math.min(end, start + tagAt.to)), offset);
    if (record !== null) this.takeOr(fixedRow(text, start, end, bytes, record, this.charset), record, offset);
  }

  private takeOr(row: readonly FileValue[] | Fault, record: LayoutRecord, offset: number): void {
    if (row instanceof Fault) this.unread(row, offset, record);
    else this.take(record, row, offset);
  }

  private blankBefore(): void {
    if (this.blank > 0) this.problems.file('blank-line', {}, { line: this.line - this.blank });
    this.blank = 0;
  }

  /** The record that a line is, by its tag or its place; null = told. */
  private recordOf(tag: string, offset: number): LayoutRecord | null {
    const { layout } = this;
    if (this.blank > 0) this.blankBefore();
    const record =
      layout.recognition === 'tags'
        ? (layout.tags.get(tag) ?? layout.tags.get(tag.trim()) ?? null)
        : layout.recognition === 'first' && !this.headerSeen
          ? layout.header
          : layout.detail;
    if (record === null) {
      this.unread(new Fault('unknown-record', { found: shown(tag) }), offset, null);
      return null;
    }
    const { kind } = record;
    if (kind === 'detail') {
      this.details += 1;
      if (this.trailerSeen) this.lineProblem('after-trailer', offset, null, null, {});
      return record;
    }
    const here = { line: this.line, offset };
    if (kind === 'header' ? this.headerSeen : this.trailerSeen)
      this.problems.file(kind === 'header' ? 'header-twice' : 'trailer-twice', {}, here);
    else if (kind === 'header' && this.trailerSeen) this.problems.file('after-trailer', {}, here);
    else if (kind === 'header' && this.details > 0) this.problems.file('header-late', {}, here);
    if (kind === 'header') this.headerSeen = true;
    else this.trailerSeen = true;
    return record;
  }

  private take({ kind, own }: LayoutRecord, values: readonly FileValue[], offset: number): void {
    if (kind !== 'detail') {
      const row = rowOf(own, values);
      this.sums[kind] ??= row;
      if (kind === 'header') this.checkBatch(row['batch'], offset);
      return;
    }
    if (this.batchSlot >= 0) this.checkBatch(values[this.batchSlot], offset);
    if (this.lineSlot >= 0) {
      const number = values[this.lineSlot];
      const before = typeof number === 'number' ? this.seen.before(number, markOf(values)) : 'none';
      if (before !== 'none')
        this.lineProblem(before === 'same' ? 'line-twice' : 'line-twice-differs', offset, null, 'line', { found: Number(number) });
    }
    let outcome: string | null = null;
    if (this.codeSlot >= 0) {
      const code = values[this.codeSlot];
      outcome = typeof code === 'string' ? this.layout.outcome(code) : null;
      if (outcome === null) {
        this.lineProblem('unmapped-code', offset, null, this.layout.codeColumn, { found: typeof code === 'string' ? shown(code) : '' });
        outcome = UNKNOWN_OUTCOME;
      }
    }
    this.sums.addValues(values, outcome);
    this.out.push(new ReadLine(this.line, offset, values, outcome, own));
  }

  private checkBatch(batch: FileRow[string] | undefined, offset: number): void {
    if (typeof batch !== 'string') return;
    const expected = this.options.batch ?? this.batch;
    this.batch ??= batch;
    if (expected !== null && batch !== expected)
      this.lineProblem('other-batch', offset, null, 'batch', { found: short(batch), expected: short(expected) });
  }

  private unread({ code, params, column, before }: Fault, offset: number, record: LayoutRecord | null): void {
    if (record === null || record.kind === 'detail') this.sums.unread += 1;
    this.lineProblem(code, offset, before, column, params);
  }

  private lineProblem(
    code: FormatProblemCode,
    offset: number,
    before: Fault['before'],
    column: string | null,
    params: FormatProblem['params'],
  ): void {
    this.problems.line(code, () => {
      const counted = typeof before === 'function' ? before() : before;
      const bytes = typeof counted === 'string' ? Math.max(0, this.charset.measure(counted)) : counted;
      return { line: this.line, offset, byte: bytes === null ? null : bytes + 1, column, params };
    });
  }
}
