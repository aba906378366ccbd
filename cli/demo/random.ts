import { createHash } from 'node:crypto';

/**
 * Numbers that look random and are the same for the same seed and label on every machine: SHA-256 of seed, label and a counter. Two labels
 * never disturb each other, so that a change in one part of a story leaves the others as they were.
 */
export class Random {
  private block = Buffer.alloc(0);
  private at = 0;
  private counter = 0;

  constructor(
    private readonly seed: string,
    private readonly label: string,
  ) {}

  /** A whole number from 0 to `below` - 1, every one equally likely. */
  below(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 0x1_0000_0000) throw new RangeError(`below: ${below}`);
    const limit = Math.floor(0x1_0000_0000 / below) * below;
    for (;;) {
      const value = this.next();
      if (value < limit) return value % below;
    }
  }

  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[] {
    const result = [...things];
    for (let at = result.length - 1; at > 0; at -= 1) {
      const other = this.below(at + 1);
      const [a, b] = [result[at], result[other]];
      if (a !== undefined && b !== undefined) [result[at], result[other]] = [b, a];
    }
    return result;
  }

  private next(): number {
    if (this.at + 4 > this.block.length) {
      this.block = createHash('sha256')
        .update(JSON.stringify([this.seed, this.label, this.counter]))
        .digest();
      this.counter += 1;
      this.at = 0;
    }
    const value = this.block.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }
}
