import { phaseWindow } from '../calendar/evaluate.js';
import { daysBetween } from '../calendar/dates.js';
import { eachPeriod, type Period } from '../calendar/periods.js';
import type { Deduction } from '../model/deduction.js';
import type { LocalDate } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { Standing } from './classes.js';

/** A round: a period of the deduction, numbered from 1 within its phase. */
export interface Round extends Period {
  readonly round: number;
}

/** The round in which a day lies; null outside the deduction's phase, or while the phase has no dates. */
export function roundOn(setting: Setting, deduction: Deduction, day: LocalDate, settingBefore?: (day: LocalDate) => Setting): Round | null {
  const unknown = (): null => null;
  const window = phaseWindow(deduction.during, { setting, unit: null, dueOf: unknown, doneOf: unknown, fact: unknown });
  if (!('start' in window) || day < window.start || (window.end !== null && day > window.end)) return null;
  let round = 0;
  for (const period of eachPeriod(deduction.every, window, setting, null, settingBefore)) {
    round += 1;
    if (day <= period.end) return { ...period, round };
  }
  return null;
}

/** What is known of a debt when a round is put together. */
export interface Candidate {
  /** The definition's `if` and its rules that guard `deduct`. */
  readonly due: boolean;
  /** Something is still owed that nobody has taken. */
  readonly owes: boolean;
  readonly account: boolean;
  /** Attempts of this deduction so far. */
  readonly attempts: number;
  /** Where its last attempt stands; null = it was never attempted. */
  readonly standing: Standing | null;
  /** The bank took it late and it is not yet given back. */
  readonly refund: boolean;
  /** Round of the last attempt; 0 = none. */
  readonly lastRound: number;
  readonly firstOn: LocalDate | null;
  /** Up to this round an act freed it; 0 = none. `extra`: also for a second attempt in the same round. */
  readonly freedUpTo: number;
  readonly extra: boolean;
}

/** Why somebody is not in a round. */
export const LEFT_OUT = {
  'not-due': ['不属于代扣范围', 'is not for deduction'],
  'nothing-owed': ['已无应缴余额', 'owes nothing any more'],
  taken: ['银行已扣', 'the bank has taken it'],
  pending: ['上次尚无结果', 'waits for the answer to the last attempt'],
  unknown: ['上次结果不明，须先查清', 'what became of the last attempt is not known: settle it first'],
  duplicate: ['银行称已扣过，须先查清', 'the bank says that it took it before: settle it first'],
  refund: ['有一笔应退款未处理', 'money taken late is not yet given back'],
  stopped: ['上次失败须先由办件放行', 'stopped by its last failure until its case frees it'],
  'this-round': ['本轮已扣过', 'was attempted in this round'],
  'too-many': ['已达最多次数', 'attempted as often as is allowed'],
  'too-late': ['已过重试期限', 'beyond the days within which it is tried'],
  'no-account': ['没有扣款账户', 'has no account'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;
export type LeftOut = keyof typeof LEFT_OUT;

/** Whether a debt is in this round, or why not; the first reason that holds. Never in while anything before it has no definite answer. */
export function standsInRound(
  { most, within }: Pick<Deduction, 'most' | 'within'>,
  { round, on }: { readonly round: number; readonly on: LocalDate },
  candidate: Candidate,
): 'in' | LeftOut {
  const { standing, lastRound, freedUpTo, attempts, firstOn } = candidate;
  if (!candidate.due) return 'not-due';
  if (standing === 'success') return 'taken';
  if (standing === 'pending') return 'pending';
  if (standing === 'unknown') return 'unknown';
  if (standing === 'duplicate-reported') return 'duplicate';
  if (candidate.refund) return 'refund';
  if (!candidate.owes) return 'nothing-owed';
  const freed = lastRound > 0 && freedUpTo >= lastRound;
  if (standing === 'failed-permanent' && !freed) return 'stopped';
  if (lastRound >= round && lastRound > 0 && !(freed && candidate.extra)) return 'this-round';
  if (most !== null && attempts >= most) return 'too-many';
  if (within !== null && firstOn !== null && daysBetween(firstOn, on) > within) return 'too-late';
  return candidate.account ? 'in' : 'no-account';
}
