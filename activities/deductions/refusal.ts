import type { Refused } from '../../domain/deduction/order.js';
import { tellReturnProblem, type ReturnProblem } from '../../domain/deduction/problems.js';
import { FormatWriteError } from '../../domain/formats/write.js';
import { RuleError } from '../../domain/rules/errors.js';

/** Stable codes of what the cycle refuses. */
export type CycleRefusalCode =
  | 'unknown-deduction'
  | 'outside-phase'
  | 'nobody-due'
  | 'unwritable'
  | 'no-file-name'
  | 'rule-undecided'
  | 'no-settlement'
  | 'same-person'
  | 'already-settled'
  | 'already-confirmed'
  | 'wrong-choice'
  | 'evidence-refused'
  | 'reference-used'
  | 'clearing-differs'
  | 'nothing-to-clear'
  | 'unknown-batch'
  | 'cycle-stopped'
  | 'order-over'
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

/**
 * What an error means for an order: a file that cannot be written and a rule that cannot decide refuse it, since to try again would not help and would hold up all
 * that comes behind it. Throws every other error on.
 */
export function refusalOf(error: unknown): CycleRefusal {
  if (error instanceof CycleRefusal) return error;
  if (error instanceof FormatWriteError) return unwritten(error);
  if (error instanceof RuleError) {
    const { code, zh, en, params } = error;
    return new CycleRefusal('rule-undecided', `${zh}：补齐后重做`, `${en}: see to it and order it again`, { ...params, because: code });
  }
  throw error;
}

function unwritten({ problems }: FormatWriteError): CycleRefusal {
  const told = problems.map(({ line, code, column, params }): ReturnProblem => ({
    line,
    code,
    params: { ...params, column: column ?? '' },
  }));
  const [first] = told;
  const { zh, en } = first === undefined ? { zh: '', en: '' } : tellReturnProblem(first);
  const { line = null, params = {} } = first ?? {};
  const place = line === null ? String(params['record'] ?? 'file') : String(line);
  return new CycleRefusal(
    'unwritable',
    `请求文件写不成（${line === null ? place : `第 ${place} 行`}）：${zh}；什么也没有制作，请按银行的格式说明改写格式`,
    `the request cannot be written (${line === null ? place : `line ${place}`}): ${en}; nothing was made: correct the format by the bank's description`,
    { place, column: params['column'] ?? '' },
    told,
  );
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
