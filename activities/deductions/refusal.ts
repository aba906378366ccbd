import type { Refused } from '../../domain/deduction/order.js';
import type { ReturnProblem } from '../../domain/deduction/problems.js';

/** Stable codes of what the cycle refuses. */
export type CycleRefusalCode =
  | 'unknown-deduction'
  | 'outside-phase'
  | 'nobody-due'
  | 'unwritable'
  | 'no-settlement'
  | 'same-person'
  | 'already-settled'
  | 'wrong-choice'
  | 'evidence-refused'
  | 'reference-used'
  | 'clearing-differs'
  | 'nothing-to-clear'
  | 'unknown-batch'
  | 'cycle-stopped'
  | 'not-balanced'
  | 'refund-has-no-room'
  | 'bad-date'
  | 'file-refused';

/** A refusal of the cycle: nothing was changed. */
export class CycleRefusal extends Error {
  override readonly name = 'CycleRefusal';
  constructor(
    readonly code: CycleRefusalCode,
    readonly zh: string,
    readonly en: string,
    readonly params: Readonly<Record<string, string | number>> = {},
    /** Line by line, where there are lines. */
    readonly problems: readonly ReturnProblem[] = [],
  ) {
    super(`${code}: ${en}`);
  }
}

/** As an order keeps it. `counts`: all problems by code, when there are more than are listed. */
export function refusedBy(
  { code, zh, en, params, problems }: CycleRefusal,
  counts: Readonly<Record<string, number>> | null = null,
): Refused {
  const counted: Record<string, number> = {};
  for (const problem of problems) counted[problem.code] = (counted[problem.code] ?? 0) + 1;
  return { kind: 'refused', code, zh, en, params, counts: counts ?? counted };
}
