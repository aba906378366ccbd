import { dateOf } from '../../domain/calendar/dates.js';
import { fen, showYuan } from '../../domain/money/fen.js';
import type { LocalDate, Moment, UserId } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { addBatchEvent, countLines, findBatch, lockBatch, type Batch } from '../../store/deductions/batches.js';
import { bookClearing, clearingOf, isReferenceUsed } from '../../store/deductions/clear.js';
import { planForMany } from '../../store/deductions/plans.js';
import { countBatches } from '../../store/deductions/standing.js';
import { refreshStatistics } from '../../store/imports/statistics.js';
import { nextId } from '../../store/ids.js';
import { appendFacts, tellTouched } from '../../store/inbox.js';
import { lockMoney } from '../../store/payments/merge.js';
import { inTransaction } from '../../store/tried.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { sayOwedBack } from './owed-back.js';
import { loadCycle, type CycleOf, type CycleParts } from './parts.js';
import { CycleRefusal } from './refusal.js';

export interface ClearBatch extends CycleOf {
  readonly batch: string;
  /** Fen, as the bank's slip states it. */
  readonly amount: number;
  readonly on: LocalDate;
  readonly reference: string;
  readonly at: Moment;
  readonly by: UserId;
  /** Everything is checked and done, and then undone. */
  readonly dryRun?: boolean;
}

export interface Cleared {
  readonly clearing: string;
  readonly lines: number;
  readonly amount: number;
}

/** The batch, when it is this cycle's. Refusal: `unknown-batch`. */
export async function batchIn(trx: Trx, of: CycleOf, id: string): Promise<Batch> {
  const batch = await findBatch(trx, of.county, id);
  if (batch === null || batch.process !== of.process || batch.deduction !== of.deduction)
    throw new CycleRefusal('unknown-batch', `没有批次 ${id}`, `there is no batch ${id}`, { batch: id });
  return batch;
}

/**
 * The bank's money for what it took has come to the income account: only now has it arrived, for figures, duties and cases. It must be what the returns of the batch
 * say to the fen, and a slip is good once; otherwise nothing is booked. Refusals: `nothing-to-clear`, `clearing-differs`, `reference-used`, `bad-date`.
 */
export async function clearBatch({ store }: Pick<CycleParts, 'store'>, act: ClearBatch): Promise<Cleared> {
  const { county, process, at, by, on, reference, amount } = act;
  const context = await loadCycle({ store }, act);
  const { campaign } = context;
  return inTransaction(store, act.dryRun === true, async (trx) => {
    await lockMoney(trx, county, process);
    const batch = await batchIn(trx, act, act.batch);
    await lockBatch(trx, county, batch.id);
    if (on > dateOf(at) || on < dateOf(batch.madeAt))
      throw new CycleRefusal('bad-date', '到账日期须在送出之后、今天之前', 'the day is not between sending and today', { on });
    if (await isReferenceUsed(trx, act))
      throw new CycleRefusal('reference-used', `银行单号 ${reference} 已经用过`, `slip ${reference} has been used`, { reference });
    await planForMany(trx, await countLines(trx, county, batch.id));
    const open = await clearingOf(trx, county, batch.id);
    if (open.lines === 0)
      throw new CycleRefusal('nothing-to-clear', '这一批没有待到账的款项', 'no money of this batch is awaited', { batch: batch.id });
    if (open.amount !== amount)
      throw new CycleRefusal(
        'clearing-differs',
        `回盘成功 ${showYuan(fen(open.amount))} 元，到账 ${showYuan(fen(amount))} 元，差 ${showYuan(fen(amount - open.amount))} 元：请与银行核对后再登记`,
        `the returns say ${showYuan(fen(open.amount))} yuan, ${showYuan(fen(amount))} have come, difference ${showYuan(fen(amount - open.amount))}: settle it with the bank first`,
        { expected: open.amount, found: amount, difference: amount - open.amount },
      );
    const id = await nextId(trx, county, 'z');
    const credited = await bookClearing(trx, { county, process, id, batch: batch.id, amount, on, reference, at, by });
    await refreshStatistics(trx, open.lines, ['payments', 'deduction_cleared_lines', 'ledger_transactions', 'ledger_postings']);
    await addBatchEvent(trx, county, batch.id, 'cleared', at, by, { clearing: id, amount, lines: open.lines });
    await closeWhenDone(trx, county, batch.id, at, by);
    await refreshTallies(trx, { county, process, setting: campaign.setting, today: dateOf(at) }, [
      ...new Set(credited.map(({ unit }) => unit)),
    ]);
    await appendFacts(
      trx,
      county,
      process,
      credited.map(({ unit, insurance, amount: sum }) => ({ kind: 'payment.arrived' as const, unit, insurance, on, amount: sum })),
      at,
    );
    await sayOwedBack(trx, act, context, batch.id, { at, by });
    await tellTouched(trx, county, at);
    await appendAudit(trx, county, {
      at,
      actor: by,
      action: 'deduction.cleared',
      subject: id,
      detail: { process, batch: batch.id, amount, lines: open.lines, on, reference },
    });
    return { clearing: id, lines: open.lines, amount };
  });
}

/** A batch is closed when every line has a definite answer and all money has come. */
export async function closeWhenDone(trx: Trx, county: string, batch: string, at: Moment, by: UserId): Promise<void> {
  const [figures] = await countBatches(trx, county, [batch]);
  if (figures === undefined || figures.pending > 0 || figures.unknown > 0) return;
  if ((await clearingOf(trx, county, batch)).lines > 0) return;
  await addBatchEvent(trx, county, batch, 'closed', at, by, {});
}
