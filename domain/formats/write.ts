import { cutsWrongly, losesEdge, quoteCell } from './cells.js';
import { MARKS, type Charset } from './charset.js';
import type { FileRow } from './columns.js';
import { writeName } from './file-name.js';
import type { Layout, LayoutColumn, LayoutRecord } from './layout.js';
import { CONTROL, MOST_PROBLEMS, Problems, type FormatProblem, type FormatProblemCode } from './problem.js';
import { Sums } from './sums.js';
import { withControls } from './totals.js';
import type { LocalDate } from '../model/ids.js';

/** What a file is made of besides its lines: columns of header and trailer that the control totals do not state. */
export interface FileGiven {
  readonly header: FileRow;
  readonly trailer: FileRow;
}

/** A line or record that cannot be written; nothing of its file may be handed over. */
export class FormatWriteError extends Error {
  override readonly name = 'FormatWriteError';
  constructor(
    readonly problems: readonly FormatProblem[],
    readonly counts: Readonly<Partial<Record<FormatProblemCode, number>>>,
  ) {
    super(`${problems[0]?.code ?? 'unwritable'}: the file cannot be written`);
  }
}

/**
 * Rows to lines. First `check` every row (whatever cannot be written is told with its row and column, also a character that the charset does not hold), then
 * `begin`, `rows`, `end`: the same rows give the same bytes. Header and trailer get the figures that the control totals state. Where rows are costly to get, `rows`
 * may come instead of `check`, before `begin`: then each row is asked for once, and the caller puts the beginning before what was written ahead of it.
 */
export class FormatWriter {
  readonly sums: Sums;
  private readonly problems: Problems;
  private readonly lineEnd: string;
  private written: Sums | null = null;
  private made: FileGiven = { header: {}, trailer: {} };
  private row = 0;
  private way: 'checked' | 'ahead' | null = null;

  constructor(
    private readonly layout: Layout,
    private readonly charset: Charset,
    mostProblems = MOST_PROBLEMS,
  ) {
    this.sums = new Sums(layout);
    this.problems = new Problems(mostProblems);
    this.lineEnd = layout.format.ends === 'LF' ? '\n' : '\r\n';
  }

  /** First pass: adds the rows up and notes what cannot be written. */
  check(rows: Iterable<FileRow>): void {
    if (this.way === 'ahead') throw new Error('these rows were written already');
    this.way = 'checked';
    for (const row of rows) {
      this.row += 1;
      this.lineOf(this.layout.detail, row);
      this.sums.add(row, this.outcomeOf(row));
    }
  }

  /** What `check`, or writing ahead, found; empty = the file can be written. */
  get found(): { readonly problems: readonly FormatProblem[]; readonly counts: Readonly<Partial<Record<FormatProblemCode, number>>> } {
    return { problems: this.problems.list, counts: this.problems.counts };
  }

  /** Beginning of the file. Throws `FormatWriteError` when a row or the header cannot be written. */
  begin(given: FileGiven): Uint8Array {
    this.refuse();
    this.made = withControls(this.layout, this.sums, given);
    const { header, format } = this.layout;
    this.row = 0;
    const text = header === null ? '' : `${this.lineOf(header, this.made.header)}${this.lineEnd}`;
    if (this.layout.trailer !== null) this.lineOf(this.layout.trailer, this.made.trailer);
    this.refuse();
    this.written = this.way === 'ahead' ? this.sums : new Sums(this.layout);
    const body = this.charset.encode(text);
    return format.bom && format.charset !== 'GBK' ? Uint8Array.from([...MARKS[format.charset], ...body]) : body;
  }

  /** The next lines. Throws `FormatWriteError` for a row that cannot be written; before `begin` it is only noted in `found`, and nothing more is written. */
  rows(rows: Iterable<FileRow>): Uint8Array {
    const { written, sums } = this;
    if (written === null ? this.way === 'checked' : written === sums) throw new Error('the beginning stands between other rows');
    if (written === null) this.way = 'ahead';
    let text = '';
    for (const row of rows) {
      this.row += 1;
      text += this.lineOf(this.layout.detail, row) + this.lineEnd;
      (written ?? sums).add(row, this.outcomeOf(row));
    }
    if (written !== null) this.refuse();
    return this.charset.encode(this.problems.errors > 0 ? '' : text);
  }

  /** End of the file. Throws when the rows written are not those that were checked: the header would state other figures. */
  end(): Uint8Array {
    const { written, sums, layout } = this;
    if (
      written === null ||
      written.count !== sums.count ||
      layout.summed.some((column) => written.sum(column, null) !== sums.sum(column, null))
    )
      throw new Error('the rows written are not the rows that were checked');
    return this.charset.encode(layout.trailer === null ? '' : `${this.lineOf(layout.trailer, this.made.trailer)}${this.lineEnd}`);
  }

  /** Name of the file; null in a format without a name, or where the name lacks a piece. `seq`: number of the file on its day. */
  fileName(date: LocalDate | null, seq: number | null): string | null {
    const { layout, made } = this;
    if (layout.name === null) return null;
    const columns = Object.fromEntries(
      (layout.header?.columns ?? []).flatMap(({ id, constant, write }) => {
        const text = constant ?? write(made.header[id] ?? null);
        return typeof text === 'string' ? [[id, text]] : [];
      }),
    );
    const { batch } = made.header;
    return writeName(layout.name, { date, seq, columns: typeof batch === 'string' ? { batch, ...columns } : columns });
  }

  private refuse(): void {
    if (this.problems.errors > 0) throw new FormatWriteError(this.problems.list, this.problems.counts);
  }

  private outcomeOf(row: FileRow): string | null {
    const { codeColumn } = this.layout;
    const code = codeColumn === null ? null : row[codeColumn];
    return typeof code === 'string' ? this.layout.outcome(code) : null;
  }

  private lineOf(record: LayoutRecord, row: FileRow): string {
    const { columns } = record;
    const { separator } = this.layout.format;
    let line = '';
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i];
      if (column === undefined) continue;
      const value = column.constant ?? column.write(row[column.id] ?? null);
      if (typeof value !== 'string') this.tell(value.code, column, record, { expected: column.column.type });
      else if (separator === null) line += this.fixedCell(column, value, record);
      else {
        if (i > 0) line += separator;
        line += column.words && column.constant === null ? this.delimitedCell(column, value, separator, record) : value;
      }
    }
    return line;
  }

  private delimitedCell(column: LayoutColumn, value: string, separator: string, record: LayoutRecord): string {
    const { quotes } = this.layout.format;
    this.held(value, column, record);
    if (!cutsWrongly(value, separator) && (quotes === null || !value.includes(quotes))) return value;
    const quoted = quoteCell(value, separator, quotes);
    if (quoted === null) this.tell('holds-separator', column, record, {});
    return quoted ?? '';
  }

  private fixedCell(own: LayoutColumn, value: string, record: LayoutRecord): string {
    const { column, from, to, words, constant } = own;
    const bytes = words || constant !== null ? this.held(value, own, record) : value.length;
    const room = to - from - bytes;
    if (room < 0) {
      this.tell('too-wide', own, record, { found: bytes, expected: to - from });
      return '';
    }
    const nothing = value === column.empty;
    if (words && constant === null && !nothing && losesEdge(value, column)) this.tell('edge-fill', own, record, {});
    if (room === 0) return value;
    if (nothing) return value + ' '.repeat(room);
    return column.align === 'left' ? value + column.fill.repeat(room) : column.fill.repeat(room) + value;
  }

  /** Bytes of a text. A control character, or one that the charset cannot hold, is told. */
  private held(text: string, column: LayoutColumn, record: LayoutRecord): number {
    let plain = true;
    for (let at = 0; at < text.length && plain; at += 1) {
      const unit = text.charCodeAt(at);
      plain = unit >= 32 && unit < 127;
    }
    if (plain) return text.length;
    if (CONTROL.test(text)) this.tell('control-character', column, record, {});
    const bytes = this.charset.measure(text);
    if (bytes >= 0) return bytes;
    const point = text.codePointAt(-1 - bytes) ?? 0;
    const found = `${String.fromCodePoint(point)} U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
    this.tell('not-held', column, record, { expected: this.charset.name, found });
    return 0;
  }

  private tell(code: FormatProblemCode, { id }: LayoutColumn, { kind }: LayoutRecord, params: FormatProblem['params']): void {
    const line = kind === 'detail' ? this.row : null;
    this.problems.line(code, () => ({
      line,
      offset: null,
      byte: null,
      column: id,
      params: kind === 'detail' ? params : { ...params, record: kind },
    }));
  }
}
