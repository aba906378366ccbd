import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkCharacter } from '../../domain/people/resident-id.js';

/** Invented, of an unassigned area: six digits, a birthday that moves with the number, a sequence. */
export function idOf(n: number): string {
  const born = new Date(Date.UTC(1950, 0, 1 + Math.floor(n / 1000))).toISOString().slice(0, 10).replaceAll('-', '');
  const digits = `990000${born}${String(n % 1000).padStart(3, '0')}`;
  return digits + checkCharacter(digits);
}

/** A CSV of so many lines below its heading, written as it is made. */
export async function writeLines(path: string, heading: string, count: number, line: (n: number) => string): Promise<void> {
  const pieces = function* (): Generator<string> {
    yield `${heading}\n`;
    for (let n = 0; n < count; n += 1000) {
      let text = '';
      for (let i = n; i < Math.min(n + 1000, count); i += 1) text += `${line(i)}\n`;
      yield text;
    }
  };
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}
