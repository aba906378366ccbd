import type { LocalDate, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Store, Trx } from '../../store/connection.js';
import { appendAudit } from '../../store/audit.js';
import { tellTouched } from '../../store/inbox.js';
import type { Recording } from '../../store/ledger/post.js';
import { lockMoney } from '../../store/payments/merge.js';
import { loadCampaign, type CampaignContext } from '../imports/context.js';
import { refuse } from './refusal.js';

/** Who does something, where and when. Rights and unit scope are the caller's to check. */
export interface DailyAct {
  readonly store: Store;
  readonly county: string;
  readonly process: ProcessId;
  readonly actor: { readonly user: UserId; readonly onBehalfOf: string | null };
  /** Business moment of the world. */
  readonly now: Moment;
  /** The same act sent twice has one effect. */
  readonly actId: string;
}

export const dayOf = (now: Moment): LocalDate => now.slice(0, 10) as LocalDate;

/** What the ledger is told of an act's circumstances. */
export const recordingOf = ({ county, process, now, actor }: DailyAct): Recording => ({ county, process, at: now, by: actor.user });

/** The ledger's cause of a payment. */
export const causeOf = (payment: string): string => `payment/${payment}`;

/** One transaction in which money of the campaign is booked by nobody else; with one audit record. */
export async function inMoneyAct<T>(
  act: DailyAct,
  work: (
    trx: Trx,
    campaign: CampaignContext,
  ) => Promise<{
    readonly result: T;
    readonly audit: { readonly action: string; readonly subject: string; readonly detail: Readonly<Record<string, unknown>> } | null;
  }>,
): Promise<T> {
  const campaign = await loadCampaign(act.store.db, act.county, act.process);
  return act.store.db.transaction().execute(async (trx) => {
    await lockMoney(trx, act.county, act.process);
    const { result, audit } = await work(trx, campaign);
    await tellTouched(trx, act.county, act.now);
    if (audit) await appendAudit(trx, act.county, { at: act.now, actor: act.actor.user, ...audit });
    return result;
  });
}

/** Throws `bad-amount` unless it is a whole number of fen above zero. */
export function positive(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount <= 0)
    throw refuse('bad-amount', '金额必须是大于零的整数分', 'the amount is a whole number of fen above zero', { amount });
  return amount;
}

/** Throws `bad-date` for a day after today. */
export function notLater(on: LocalDate, now: Moment): LocalDate {
  if (on > dayOf(now)) throw refuse('bad-date', '日期不能晚于今天', 'the day is in the future', { on });
  return on;
}
