import { median, tell, timed, type Figure } from './figures.js';

/** One measured pair: milliseconds of the floor and of ours, taken one right after the other. */
export interface Pair {
  readonly floor: number;
  readonly ours: number;
}
export interface Verdict {
  readonly name: string;
  /** Median of ours / floor over all pairs. */
  readonly ratio: number;
  readonly bound: number;
  readonly pairs: readonly Pair[];
}

/**
 * Runs floor and ours in turn, `count` times (at least 7) after one round that does not count, in changing order, so that a busy moment of the
 * machine meets both. The median of the pairs' ratios is what is judged.
 */
export async function comparePairs(
  name: string,
  bound: number,
  floor: () => Promise<unknown>,
  ours: () => Promise<unknown>,
  count = 25,
): Promise<Verdict> {
  await floor();
  await ours();
  const pairs: Pair[] = [];
  for (let n = 0; n < count; n += 1) {
    if (n % 2 === 0) {
      const first = await timed(floor);
      pairs.push({ floor: first, ours: await timed(ours) });
    } else {
      const first = await timed(ours);
      pairs.push({ ours: first, floor: await timed(floor) });
    }
  }
  return { name, bound, pairs, ratio: median(pairs.map((pair) => pair.ours / pair.floor)) };
}

/** A verdict as a figure. */
export function ratioFigure({ name, ratio, bound, pairs }: Verdict): Figure {
  const floor = median(pairs.map((pair) => pair.floor)).toFixed(1);
  const ours = median(pairs.map((pair) => pair.ours)).toFixed(1);
  const detail = `floor ${floor} ms, ours ${ours} ms`;
  return { name, value: ratio, unit: 'x', bound: { is: 'at most', value: bound }, samples: pairs.length, detail };
}

/** Tells each ratio with its bound; 1 when one is outside, else 0. */
export const report = (verdicts: readonly Verdict[]): number => tell(verdicts.map(ratioFigure));
