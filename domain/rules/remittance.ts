import { earlier } from '../calendar/dates.js';
import { addDuration, type Duration } from '../calendar/distance.js';
import type { Calendar } from '../model/setting.js';
import type { Fen, LocalDate } from '../model/ids.js';
import { addFen, ZERO_FEN } from '../money/fen.js';

/** Money collected and not yet handed over. */
export interface HeldPayment {
  readonly on: LocalDate;
  readonly amount: Fen;
}

/**
 * When held money is due under time limit and amount limit, whichever comes first: the oldest payment's day plus `within`, or the
 * end of the day on which the sum held reaches `isDue` (the duty's `dueIf` on the sum at that day's end). null when nothing is held.
 * After a handover the caller passes only what is held since: the clock starts anew. Without `isDue` only time counts; `within` of 0d is
 * the daily mode.
 */
export function remittanceDue(
  calendar: Calendar,
  held: readonly HeldPayment[],
  within: Duration,
  isDue: ((sum: Fen, on: LocalDate) => boolean) | null,
): LocalDate | null {
  const inOrder = [...held].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  const [oldest] = inOrder;
  if (!oldest) return null;
  const byTime = addDuration(calendar, oldest.on, within);
  if (!isDue) return byTime;
  const byDay = new Map<LocalDate, Fen>();
  let sum = ZERO_FEN;
  for (const { on, amount } of inOrder) {
    sum = addFen(sum, amount);
    byDay.set(on, sum);
  }
  for (const [on, total] of byDay) if (isDue(total, on)) return earlier(on, byTime);
  return byTime;
}
