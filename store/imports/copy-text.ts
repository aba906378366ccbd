/** A value of a COPY row: text, whole number, bytes, list of texts, or null. */
export type CopyValue = string | number | Buffer | readonly string[] | null;

const PIECE = 65_536;

/** Rows as the text that COPY takes, in pieces of some 64 KB: less to hold than the rows, and nothing more to do when they are fed to the database. */
export class CopyText {
  readonly #pieces: string[] = [];
  #last = '';
  #rows = 0;

  add(row: readonly CopyValue[]): void {
    for (let i = 0; i < row.length; i += 1) this.#last += (i === 0 ? '' : '\t') + field(row[i] ?? null);
    this.#last += '\n';
    this.#rows += 1;
    if (this.#last.length <= PIECE) return;
    this.#pieces.push(this.#last);
    this.#last = '';
  }

  get rows(): number {
    return this.#rows;
  }

  /** At least one piece is complete. */
  get full(): boolean {
    return this.#pieces.length > 0;
  }

  *pieces(): Generator<string> {
    yield* this.#pieces;
    if (this.#last !== '') yield this.#last;
  }
}

function field(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return /[\\\t\n\r]/.test(value) ? escaped(value) : value;
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  return escaped(`{${value.map((item) => `"${item.replace(/(["\\])/g, '\\$1')}"`).join(',')}}`);
}

const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
