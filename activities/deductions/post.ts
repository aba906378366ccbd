import { dateOf } from '../../domain/calendar/dates.js';
import { allPending, difference, moved, type Counters } from '../../domain/deduction/counters.js';
import type { Posted, Refused } from '../../domain/deduction/order.js';
import type { UnitFact } from '../../domain/model/event.js';
import type { LocalDate } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import type { Trx } from '../../store/connection.js';
import { addBatchEvent, countLines, findBatch, lastFigures, linesByUnit, lockBatch, type Batch } from '../../store/deductions/batches.js';
import { findDeductionFile } from '../../store/deductions/files.js';
import { changeOrder, findOrder, keepReturnProblems, lockOrder, type Order } from '../../store/deductions/orders.js';
import {
  judgeStaged,
  judgedProblems,
  meaningOf,
  meantBefore,
  postedByUnit,
  postJudged,
  toldOfPosted,
  type Answer,
  type PostedFigures,
} from '../../store/deductions/post.js';
import { planForMany } from '../../store/deductions/plans.js';
import { countBatches } from '../../store/deductions/standing.js';
import { clearStaged } from '../../store/deductions/stage.js';
import { StoreError } from '../../store/errors.js';
import { refreshStatistics } from '../../store/imports/statistics.js';
import { appendFacts } from '../../store/inbox.js';
import { lockMoney } from '../../store/payments/merge.js';
import { sayOwedBack } from './owed-back.js';
import { loadCycle, type CycleContext, type CycleOf, type CycleParts } from './parts.js';
import { telling, untold, type Tell } from './progress.js';
import { refusalOf } from './refusal.js';
import { routePosted } from './route.js';
import { refusedFile, refuseReturn } from './stage.js';

/** Problems of a file that are listed; all are counted. */
export const MOST_LISTED = 1_000;

/**
 * Posts a staged return, all of it or nothing, in one transaction with outcomes, releases, refunds, contradictions, the ledger, what calls for cases, the facts for
 * the campaign and an audit record. Again, it gives the answer that was given. Error: `counters-differ` (nothing is posted, the cycle must stop).
 */
export async function postReturn(parts: CycleParts, of: CycleOf, orderId: string): Promise<Posted | Refused> {
  const { store } = parts;
  const before = await findOrder(store.db, of.county, orderId);
  if (before?.result?.kind === 'posted' || before?.result?.kind === 'refused') return before.result;
  const context = await loadCycle(parts, of);
  await parts.at?.('posting');
  try {
    const posted = await telling(store, of.county, orderId, (tell) =>
      store.db.transaction().execute(async (trx) => {
        await lockMoney(trx, of.county, of.process);
        const order = await lockOrder(trx, of.county, orderId);
        // Posted by another worker meanwhile, or given up.
        if (order.result?.kind === 'posted' || order.result?.kind === 'refused') return order.result;
        const done = await postIn(trx, of, context, order, tell);
        await parts.at?.('before-commit');
        return done;
      }),
    );
    await parts.at?.('posted');
    return posted;
  } catch (error) {
    if (before === null) throw error;
    return refuseReturn(parts, of, before, refusalOf(error));
  }
}

/** What a staged return comes to, inside the caller's transaction. */
export async function postIn(trx: Trx, of: CycleOf, context: CycleContext, order: Order, tell: Tell = untold): Promise<Posted> {
  const { county, process } = of;
  const { order_id: id, batch_id: batchId, file_id: fileId, result, token, at, by_user: by } = order;
  const [batch, file] = [await findBatch(trx, county, batchId ?? ''), await findDeductionFile(trx, county, fileId ?? '')];
  if (batch === null || file === null || result?.kind !== 'staged' || order.status !== 'staged')
    throw new Error(`order ${id} is not staged`);
  const today = dateOf(at);
  const place = { county, process, batch: batch.id };
  await lockBatch(trx, county, batch.id);
  const total = result.lines;
  await planForMany(trx, total);
  tell({ step: 'judging', done: 0, total });
  await judgeStaged(trx, place, { id, token, today });
  const { counts, first } = await judgedProblems(trx, MOST_LISTED);
  if (first.length > 0)
    throw refusedFile(
      '回盘与所送的批次不符，整个文件未入账',
      'the return does not agree with the batch: nothing of it was posted',
      first,
      counts,
    );
  const meaning = await meaningOf(trx, batch.id);
  const same = await meantBefore(trx, place, meaning);
  const posted = same
    ? await unchanged(trx, county, batch, result.lines, result.notices)
    : await postAnswer(
        trx,
        of,
        context,
        batch,
        { ...place, returnId: id, kind: 'file', bytes: file.digest, meaning, at, by },
        total,
        result.notices,
        tell,
      );
  if (!same) await keepReturnProblems(trx, county, id, await toldOfPosted(trx, MOST_LISTED));
  await changeOrder(trx, county, id, { status: 'posted', result: posted });
  if (!same) await refreshStatistics(trx, result.lines, ['deduction_outcomes', 'ledger_transactions', 'ledger_postings']);
  await appendAudit(trx, county, {
    at,
    actor: by,
    action: same ? 'deduction.return.same' : 'deduction.return.posted',
    subject: id,
    detail: { process, batch: batch.id, digest: file.digest, meaning, verdicts: posted.verdicts, counters: posted.counters },
  });
  return posted;
}

/** The meaning was posted before: only the answer that all is as it was. */
async function unchanged(trx: Trx, county: string, batch: Batch, lines: number, notices: Posted['notices']): Promise<Posted> {
  const counters = await countersOf(trx, county, batch.id);
  return {
    kind: 'posted',
    batch: batch.id,
    round: batch.round,
    same: true,
    lines,
    verdicts: {},
    outcomes: {},
    taken: 0,
    refunds: 0,
    opened: 0,
    counters,
    notices,
  };
}

/** Posts what stands in `judged`: for a file, and for what two people decide about one line. */
export async function postAnswer(
  trx: Trx,
  of: CycleOf,
  context: CycleContext,
  batch: Batch,
  answer: Answer,
  lines: number,
  notices: Posted['notices'],
  tell: Tell = untold,
): Promise<Posted> {
  const { county, process } = of;
  const { at, by, returnId } = answer;
  const before = (await lastFigures(trx, county, batch.id)) ?? allPending(await countLines(trx, county, batch.id));
  tell({ step: 'posting', done: 0, total: lines });
  const figures = await postJudged(trx, answer);
  const counters = await checkCounters(trx, county, batch, before, figures);
  const today: LocalDate = dateOf(at);
  tell({ step: 'opening', done: 0, total: lines });
  const opened = await routePosted(
    trx,
    { county, process, deduction: of.deduction, batch: batch.id, round: batch.round, returnId, today },
    context,
    { at, by },
  );
  if (figures.refunds > 0) await sayOwedBack(trx, of, context, batch.id, { at, by });
  await addBatchEvent(trx, county, batch.id, 'answered', at, by, { return: returnId, counters });
  await appendFacts(trx, county, process, await factsOf(trx, county, batch, today), at);
  return {
    kind: 'posted',
    batch: batch.id,
    round: batch.round,
    same: false,
    lines,
    verdicts: figures.verdicts,
    outcomes: figures.outcomes,
    taken: figures.taken,
    refunds: figures.refunds,
    opened,
    counters,
    notices,
  };
}

async function countersOf(trx: Trx, county: string, batch: string): Promise<Counters> {
  const [found] = await countBatches(trx, county, [batch]);
  if (found === undefined) throw new Error(`batch ${batch} has no lines`);
  const { sent, succeeded, failed, unknown, pending } = found;
  return { sent, succeeded, failed, unknown, pending };
}

/** `sent = succeeded + failed + unknown + pending`, and each as the answers before and this one make it. A break stops the cycle with the difference named. */
async function checkCounters(trx: Trx, county: string, batch: Batch, before: Counters, { moves }: PostedFigures): Promise<Counters> {
  const counters = await countersOf(trx, county, batch.id);
  const wrong = difference(counters, moved(before, moves));
  if (wrong === null) return counters;
  const { counter, expected, found } = wrong;
  throw new StoreError(
    'counters-differ',
    `批次 ${batch.id} 的“${counter}”应为 ${expected} 行，实为 ${found} 行，差 ${found - expected} 行；代扣已停止`,
    `Batch ${batch.id}: '${counter}' should be ${expected} lines and is ${found}, difference ${found - expected}; the cycle stands still`,
    { batch: batch.id, counter, expected, found },
  );
}

/** That an answer is there, to every unit with a line in the batch; and how many persons of which outcome. */
async function factsOf(trx: Trx, county: string, batch: Batch, on: LocalDate): Promise<readonly UnitFact[]> {
  const posted = await postedByUnit(trx);
  const fact = (
    event: string,
    { unit, persons, amount }: { readonly unit: UnitFact['unit']; readonly persons: number; readonly amount: number },
  ): UnitFact => ({
    kind: 'deduction',
    event: `${batch.deduction}.${event}`,
    round: batch.round,
    unit,
    insurance: batch.insurance,
    on,
    persons,
    amount,
  });
  const answered = new Map<string, { persons: number; amount: number }>();
  for (const { unit, persons, amount } of posted) {
    const sum = answered.get(unit) ?? { persons: 0, amount: 0 };
    answered.set(unit, { persons: sum.persons + persons, amount: sum.amount + amount });
  }
  const units = await linesByUnit(trx, county, batch.id);
  return [
    ...units.map(({ unit }) => fact('returned', { unit, ...(answered.get(unit) ?? { persons: 0, amount: 0 }) })),
    ...posted.map((one) => fact(one.outcome, one)),
  ];
}

/** After posting: what was staged is taken away and the order is done; a batch with nothing open is closed. Repeatable. */
export async function feedBack(parts: CycleParts, of: CycleOf, orderId: string): Promise<void> {
  const { county } = of;
  await parts.store.db.transaction().execute(async (trx) => {
    const order = await lockOrder(trx, county, orderId);
    if (order.status !== 'posted') return;
    await clearStaged(trx, county, orderId);
    await changeOrder(trx, county, orderId, { status: 'done' });
  });
  await parts.at?.('fed-back');
}
