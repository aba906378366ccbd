/**
 * One figure of a bench. `bound` null: printed for the record only. `pairs`: how many measurements its median is taken over.
 */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'x' | 'ms' | 'MB' | 'KB' | 'a second' | 'acts';
  readonly bound: { readonly is: 'at most' | 'at least'; readonly value: number } | null;
  readonly samples: number;
  /** In words: what the value is made of. */
  readonly detail: string;
}

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
