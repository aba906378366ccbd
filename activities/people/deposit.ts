import type { LocalDate } from '../../domain/model/ids.js';
import { lockDue } from '../../store/payments/book.js';
import { addDeposit, type DepositSource } from '../../store/payments/deposits.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { dayOf, inMoneyAct, notLater, type DailyAct } from './act.js';
import { refuse } from './refusal.js';

export interface ReportDeposit extends DailyAct {
  readonly due: string;
  /** What stands deposited in all, fen. */
  readonly amount: number;
  readonly on: LocalDate;
  readonly source: DepositSource;
}

/**
 * Reports what stands deposited for one due on a day. It books nothing: money is true when the bank has taken it. The same word again changes nothing. Errors: `unknown-due`,
 * `bad-amount`, `bad-date`.
 */
export async function reportDeposit(act: ReportDeposit): Promise<{ readonly known: boolean }> {
  if (!Number.isSafeInteger(act.amount) || act.amount < 0)
    throw refuse('bad-amount', '金额必须是不小于零的整数分', 'the amount is a whole number of fen, not below zero', { amount: act.amount });
  notLater(act.on, act.now);
  return inMoneyAct(act, async (trx, { setting }) => {
    const { county, process, source, now, actor } = act;
    const due = await lockDue(trx, county, process, act.due);
    if (due === null) throw refuse('unknown-due', '没有这笔应缴', 'there is no such due', { due: act.due });
    const added = await addDeposit(trx, { county, process, source, at: now, by: actor.user, importId: null }, act);
    await refreshTallies(trx, { county, process, setting, today: dayOf(now) }, [due.unit]);
    const detail = { process, amount: act.amount, on: act.on, source, onBehalfOf: actor.onBehalfOf };
    return { result: { known: !added }, audit: added ? { action: 'deposit.reported', subject: due.due, detail } : null };
  });
}
