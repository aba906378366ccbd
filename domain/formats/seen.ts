/** Numbers below this are kept as bits: a batch counts its lines from 1. */
const DENSE = 4_194_304;

/** Line numbers of a file: bits for small numbers, a set for others. */
export class SeenNumbers {
  private bits = new Uint8Array(1024);
  private readonly others = new Set<number>();

  /** True when the number was there before. */
  has(number: number): boolean {
    if (number >= DENSE) {
      const before = this.others.has(number);
      if (!before) this.others.add(number);
      return before;
    }
    const [at, bit] = [number >> 3, 1 << (number & 7)];
    if (at >= this.bits.length) this.grow(at);
    const byte = this.bits[at] ?? 0;
    this.bits[at] = byte | bit;
    return (byte & bit) !== 0;
  }

  private grow(at: number): void {
    const grown = new Uint8Array(Math.min(DENSE / 8, Math.max(at + 1, this.bits.length * 2)));
    grown.set(this.bits);
    this.bits = grown;
  }
}
