import { clean } from './clean.js';
import { pad, widthOf } from './width.js';

/** One line of a plain-text picture: how much of the whole is done. `whole` 0 = no value (drawn empty). */
export interface Bar {
  readonly label: string;
  readonly part: number;
  readonly whole: number;
  /** Printed behind the bar, e.g. `96.01%  24,274 / 25,284`. */
  readonly figures: string;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `cells` cells. A part below its whole is never drawn full, a part above nothing never empty. */
export function bar(part: number, whole: number, cells: number): string {
  const steps = cells * 8;
  const exact = whole <= 0 ? 0 : Math.floor((Math.min(part, whole) * steps) / whole);
  const filled = part > 0 && whole > 0 ? Math.max(1, part < whole ? Math.min(exact, steps - 1) : exact) : 0;
  const text = '█'.repeat(Math.floor(filled / 8)) + (EIGHTHS[filled % 8] ?? '');
  return text + '░'.repeat(cells - [...text].length);
}

/** Bars with aligned labels; ends in a newline. */
export function bars(lines: readonly Bar[], cells = 24): string {
  const labels = Math.max(0, ...lines.map((line) => widthOf(clean(line.label))));
  return lines.map((line) => `${pad(clean(line.label), labels)}  ${bar(line.part, line.whole, cells)}  ${line.figures}\n`).join('');
}
