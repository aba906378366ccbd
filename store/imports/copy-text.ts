/** A value of a COPY row: text, whole number, bytes, list of texts, or null. */
export type CopyValue = string | number | Buffer | readonly string[] | null;

const PIECE = 65_536;
/** Characters that are put together before they become bytes. */
const TEXT = 4_096;

/**
 * Rows as the text that COPY takes, in pieces of some 64 KB. They are bytes at once: text put together from many small parts keeps every part until it is
 * read, and a few thousand rows of that outlive the young generation, so that memory grew with the file until a full collection.
 */
export class CopyText {
  readonly #pieces: Buffer[] = [];
  #piece: Buffer | null = null;
  #at = 0;
  #text = '';
  #rows = 0;

  add(row: readonly CopyValue[]): void {
    for (let i = 0; i < row.length; i += 1) this.#text += (i === 0 ? '' : '\t') + field(row[i] ?? null);
    this.#text += '\n';
    this.#rows += 1;
    if (this.#text.length >= TEXT) this.#write();
  }

  get rows(): number {
    return this.#rows;
  }

  /** At least one piece is complete. */
  get full(): boolean {
    return this.#pieces.length > 0;
  }

  /** The pieces that are complete; they are not held here any more. */
  complete(): readonly Buffer[] {
    return this.#pieces.splice(0);
  }

  /** All that is left. */
  rest(): readonly Buffer[] {
    this.#write();
    this.#close();
    return this.complete();
  }

  #write(): void {
    // A UTF-16 unit is three bytes of UTF-8 at most.
    const most = this.#text.length * 3;
    if (this.#piece !== null && this.#at + most > this.#piece.length) this.#close();
    this.#piece ??= Buffer.allocUnsafeSlow(Math.max(PIECE, most));
    this.#at += this.#piece.write(this.#text, this.#at, 'utf8');
    this.#text = '';
  }

  #close(): void {
    if (this.#piece !== null && this.#at > 0) this.#pieces.push(this.#piece.subarray(0, this.#at));
    [this.#piece, this.#at] = [null, 0];
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
