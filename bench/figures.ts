import { z } from 'zod';

/**
 * One figure of a bench, as it also crosses from the bench's process to the runner. `bound` null: printed for the record only. `samples`: how many
 * measurements its median is taken over. `detail`: in words, what the value is made of.
 */
export const figureSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.enum(['x', 's', 'ms', 'MB', 'KB', 'a second', 'acts']),
  bound: z.strictObject({ is: z.enum(['at most', 'at least']), value: z.number() }).nullable(),
  samples: z.int(),
  detail: z.string(),
});
export type Figure = Readonly<z.infer<typeof figureSchema>>;

export const isOutside = ({ value, bound }: Figure): boolean =>
  bound !== null && !(bound.is === 'at most' ? value <= bound.value : value >= bound.value);

/** A figure as one line for people. */
export function lineOf(figure: Figure): string {
  const { name, value, unit, bound, detail, samples } = figure;
  const limit = bound === null ? '' : `, bound ${bound.is} ${bound.value}`;
  return `${name}: ${rounded(value)} ${unit} (${detail}; ${samples} measured${limit})${isOutside(figure) ? '  OUTSIDE' : ''}`;
}

export const rounded = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2));

/** Prints the figures and hands them to the runner, if one started this bench. 1 when one is outside its bound, else 0. */
export function tell(figures: readonly Figure[]): number {
  for (const figure of figures) {
    process.stdout.write(`${lineOf(figure)}\n`);
    process.send?.(figure);
  }
  return figures.some(isOutside) ? 1 : 0;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
