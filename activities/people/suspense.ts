import type { LocalDate } from '../../domain/model/ids.js';
import { fen, showYuan } from '../../domain/money/fen.js';
import { nextId } from '../../store/ids.js';
import { appendFacts } from '../../store/inbox.js';
import { matchPaid, postEvents } from '../../store/ledger/post.js';
import { addPayment, creditDue, lockDue, lockSuspense, settleSuspense, type SuspenseRow } from '../../store/payments/book.js';
import type { Trx } from '../../store/connection.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { causeOf, dayOf, inMoneyAct, recordingOf, type DailyAct } from './act.js';
import { refuse } from './refusal.js';

export interface AllotSuspense extends DailyAct {
  readonly suspense: string;
  readonly due: string;
  readonly reason: string;
}

/**
 * Gives money that rested in suspense to the due it was meant for: the payment is reversed where it rested and booked to the due, on the day it
 * came. All of it or nothing: more than is owed is refused (`too-much-for-due`), settled cases are refused (`suspense-settled`), a due of another insurance
 * is refused (`other-insurance`): the funds are never mixed.
 */
export async function allotSuspense(act: AllotSuspense): Promise<{ readonly payment: string }> {
  return inMoneyAct(act, async (trx, campaign) => {
    const { county, process } = act;
    const rests = await openCase(trx, act);
    const due = await lockDue(trx, county, process, act.due);
    if (due === null) throw refuse('unknown-due', '没有这笔应缴', 'there is no such due', { due: act.due });
    if (due.insurance !== rests.insurance)
      throw refuse(
        'other-insurance',
        '险种不同的资金不能相互入账，请退还后另行缴纳',
        'money of one insurance is never booked to another: refund it',
        {
          insurance: due.insurance,
          rests: rests.insurance,
        },
      );
    const left = due.amount - due[rests.basis];
    if (rests.amount > left)
      throw refuse(
        'too-much-for-due',
        `应缴余额为${showYuan(fen(left))}元，少于待分配的${showYuan(fen(rests.amount))}元`,
        `only ${showYuan(fen(left))} yuan are owed, less than the ${showYuan(fen(rests.amount))} in suspense`,
        { left, amount: rests.amount },
      );
    await takeOut(trx, act, rests, 'allot');
    const payment = await nextId(trx, county, 'k');
    await addPayment(trx, { county, process, id: payment, due: due.due, person: due.person, unit: due.unit, insurance: due.insurance, year: due.year, amount: rests.amount, kind: rests.basis, on: rests.on, at: act.now, source: 'suspense', meaning: `s|${act.suspense}|to`, by: act.actor.user, onBehalfOf: act.actor.onBehalfOf, externalId: act.suspense }); // prettier-ignore
    await postEvents(trx, recordingOf(act), [
      {
        kind: 'allotted',
        cause: causeOf(payment),
        book: 'personalAccount',
        insurance: due.insurance,
        year: due.year,
        amount: fen(rests.amount),
        on: rests.on,
        basis: rests.basis,
        suspense: act.suspense,
        person: due.person,
        from: rests.unit,
        unit: due.unit,
      },
    ]);
    await creditDue(trx, county, process, due.due, rests.basis, rests.amount, rests.on);
    await matchPaid(trx, recordingOf(act), payment, due.due, rests.on);
    await settleSuspense(trx, county, process, act.suspense, 'allotted', act.actor.user, act.now, {
      due: due.due,
      payment,
      reason: act.reason,
    });
    await refreshTallies(trx, { county, process, setting: campaign.setting, today: dayOf(act.now) }, [
      due.unit,
      ...(rests.unit === null ? [] : [rests.unit]),
    ]);
    return {
      result: { payment },
      audit: {
        action: 'suspense.allotted',
        subject: act.suspense,
        detail: { process, due: due.due, amount: rests.amount, payment, reason: act.reason },
      },
    };
  });
}

export interface RefundSuspense extends DailyAct {
  readonly suspense: string;
  readonly on: LocalDate;
  readonly reason: string;
}

/** Gives money that rested in suspense back to who paid it. */
export async function refundSuspense(act: RefundSuspense): Promise<{ readonly payment: string }> {
  return inMoneyAct(act, async (trx, campaign) => {
    const { county, process } = act;
    const rests = await openCase(trx, act);
    const payment = await takeOut(trx, act, rests, 'refund', act.on);
    await postEvents(trx, recordingOf(act), [
      {
        kind: 'refunded',
        cause: causeOf(payment),
        book: 'personalAccount',
        insurance: rests.insurance,
        year: rests.year,
        amount: fen(rests.amount),
        on: act.on,
        basis: rests.basis,
        suspense: act.suspense,
        unit: rests.unit,
      },
    ]);
    await settleSuspense(trx, county, process, act.suspense, 'refunded', act.actor.user, act.now, { payment, reason: act.reason });
    await refreshTallies(
      trx,
      { county, process, setting: campaign.setting, today: dayOf(act.now) },
      rests.unit === null ? [] : [rests.unit],
    );
    // Cash given back is held no longer, as if it had been handed in.
    if (rests.unit !== null && rests.basis === 'collected')
      await appendFacts(
        trx,
        county,
        process,
        [{ kind: 'payment.remitted', unit: rests.unit, insurance: rests.insurance, on: act.on, amount: rests.amount }],
        act.now,
      );
    return {
      result: { payment },
      audit: { action: 'suspense.refunded', subject: act.suspense, detail: { process, amount: rests.amount, payment, reason: act.reason } },
    };
  });
}

async function openCase(trx: Trx, act: DailyAct & { readonly suspense: string }): Promise<SuspenseRow> {
  const found = await lockSuspense(trx, act.county, act.process, act.suspense);
  if (found === null) throw refuse('unknown-suspense', '没有这笔待处理款', 'there is no such case of suspense', { suspense: act.suspense });
  if (found.status !== 'open')
    throw refuse('suspense-settled', '这笔待处理款已经处理过', 'this case of suspense is settled', {
      suspense: act.suspense,
      status: found.status,
    });
  return found;
}

/** The resting payment is reversed, never changed. */
async function takeOut(
  trx: Trx,
  act: DailyAct & { readonly suspense: string },
  rests: SuspenseRow,
  why: string,
  on: LocalDate = rests.on,
): Promise<string> {
  const { county, process } = act;
  const id = await nextId(trx, county, 'k');
  await addPayment(trx, { county, process, id, due: null, person: rests.person, unit: rests.unit, insurance: rests.insurance, year: rests.year, amount: -rests.amount, kind: 'reversal', on, at: act.now, source: 'suspense', meaning: `s|${act.suspense}|${why}`, by: act.actor.user, reverses: rests.payment, externalId: act.suspense }); // prettier-ignore
  return id;
}
