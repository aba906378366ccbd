import type { FileValue } from './columns.js';

/** Numbers below this are kept as bits and marks: a batch counts its lines from 1. */
const DENSE = 4_194_304;

/** 32 bits (FNV-1a) of what a line says: two contents are taken for the same once in 4 billion pairs, which changes only the wording of a refusal. */
export function markOf(values: readonly FileValue[]): number {
  let mark = 0x811c9dc5;
  for (const value of values) {
    const text = value === null ? '\u0000' : typeof value === 'number' ? String(value) : value;
    for (let i = 0; i < text.length; i += 1) mark = Math.imul(mark ^ text.charCodeAt(i), 0x01000193);
    mark = Math.imul(mark ^ 0x1f, 0x01000193);
  }
  return mark >>> 0;
}

/** Line numbers of a file and what stood there: bits and marks for small numbers, a map for others. */
export class SeenNumbers {
  private bits = new Uint8Array(1024);
  private marks = new Uint32Array(8 * 1024);
  private readonly others = new Map<number, number>();

  /** Whether the number was there before, with the same content (by its mark) or another; the first content counts. */
  before(number: number, mark: number): 'none' | 'same' | 'other' {
    if (number >= DENSE) {
      const first = this.others.get(number);
      if (first === undefined) this.others.set(number, mark);
      return first === undefined ? 'none' : first === mark ? 'same' : 'other';
    }
    const [at, bit] = [number >> 3, 1 << (number & 7)];
    if (at >= this.bits.length) this.grow(at);
    const byte = this.bits[at] ?? 0;
    if ((byte & bit) !== 0) return this.marks[number] === mark ? 'same' : 'other';
    this.bits[at] = byte | bit;
    this.marks[number] = mark;
    return 'none';
  }

  private grow(at: number): void {
    const bytes = Math.min(DENSE / 8, Math.max(at + 1, this.bits.length * 2));
    const grown = new Uint8Array(bytes);
    grown.set(this.bits);
    this.bits = grown;
    const marks = new Uint32Array(bytes * 8);
    marks.set(this.marks);
    this.marks = marks;
  }
}
