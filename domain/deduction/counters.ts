import type { OutcomeClass, Standing } from './classes.js';

/** Lines of a batch (or of a round) by where they stand. Identity: `sent = succeeded + failed + unknown + pending`. */
export interface Counters {
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unknown: number;
  readonly pending: number;
}

/** How many answers moved a line from one standing to another. */
export interface Move {
  readonly from: Standing;
  readonly to: OutcomeClass;
  readonly lines: number;
}

export const allPending = (sent: number): Counters => ({ sent, succeeded: 0, failed: 0, unknown: 0, pending: sent });

/** Which counter a standing is counted under. `duplicate-reported` counts as unknown until two people settle it. */
export function counterOf(standing: Standing): Exclude<keyof Counters, 'sent'> {
  switch (standing) {
    case 'success':
      return 'succeeded';
    case 'failed-retryable':
    case 'failed-permanent':
      return 'failed';
    case 'unknown':
    case 'duplicate-reported':
      return 'unknown';
    case 'pending':
      return 'pending';
    default: {
      const never: never = standing;
      return never;
    }
  }
}

/** The counters that answers must lead to. */
export function moved(before: Counters, moves: readonly Move[]): Counters {
  const after = { ...before };
  for (const { from, to, lines } of moves) {
    after[counterOf(from)] -= lines;
    after[counterOf(to)] += lines;
  }
  return after;
}

/** Where counters do not add up or are not what they must be: by how many lines; null = all is well. */
export function difference(
  found: Counters,
  expected: Counters,
): { readonly counter: keyof Counters; readonly expected: number; readonly found: number } | null {
  const sum = found.succeeded + found.failed + found.unknown + found.pending;
  if (sum !== found.sent) return { counter: 'sent', expected: found.sent, found: sum };
  for (const counter of ['sent', 'succeeded', 'failed', 'unknown', 'pending'] as const)
    if (found[counter] !== expected[counter]) return { counter, expected: expected[counter], found: found[counter] };
  return null;
}
