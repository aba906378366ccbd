import { appendAudit } from '../../store/audit.js';
import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../../store/connection.js';
import { addReceiptRange, lockReceipts, receiptRanges, usedReceipts, type ReceiptRange } from '../../store/people/daily.js';
import { unitById } from '../../store/units/read.js';
import type { DailyAct } from './act.js';
import { refuse } from './refusal.js';

export interface IssueReceipts extends DailyAct {
  readonly prefix: string;
  readonly first: number;
  readonly last: number;
  readonly unit: UnitId;
  readonly issuedTo: string | null;
  readonly on: LocalDate;
}

const MOST = 1_000_000;

/** Issues a range of numbered receipts to a unit. A number is issued once: an overlap is refused (`receipt-overlap`). */
export async function issueReceipts(act: IssueReceipts): Promise<{ readonly range: number }> {
  if (
    !Number.isSafeInteger(act.first) ||
    !Number.isSafeInteger(act.last) ||
    act.first < 0 ||
    act.last < act.first ||
    act.last - act.first >= MOST
  )
    throw refuse('bad-receipt-range', '票据号段有误', 'the range of receipt numbers is wrong', { first: act.first, last: act.last });
  return act.store.db.transaction().execute(async (trx) => {
    await lockReceipts(trx, act.county, act.process);
    const overlap = (await receiptRanges(trx, act.county, act.process)).find(
      (range) => range.prefix === act.prefix && range.first <= act.last && range.last >= act.first,
    );
    if (overlap)
      throw refuse(
        'receipt-overlap',
        `与已发放的号段${act.prefix}${overlap.first}—${overlap.last}重叠`,
        `overlaps the range ${act.prefix}${overlap.first} to ${overlap.last}`,
        { first: overlap.first, last: overlap.last },
      );
    const range = await addReceiptRange(trx, act.county, act.process, {
      prefix: act.prefix,
      first: act.first,
      last: act.last,
      unit: act.unit,
      issuedTo: act.issuedTo,
      issuedOn: act.on,
    });
    await appendAudit(trx, act.county, {
      at: act.now,
      actor: act.actor.user,
      action: 'receipts.issued',
      subject: act.process,
      detail: { prefix: act.prefix, first: act.first, last: act.last, unit: act.unit, issuedTo: act.issuedTo },
    });
    return { range };
  });
}

/** Checks that a receipt was issued to the unit (or a unit above it) and has not been used; holds the receipts until the transaction ends. */
export async function takeReceipt(trx: Trx, county: string, process: ProcessId, unit: UnitId, receipt: string): Promise<void> {
  await lockReceipts(trx, county, process);
  const path = (await unitById(trx, county, unit))?.path ?? '';
  const range = (await receiptRanges(trx, county, process)).find((each) => numberIn(each, receipt) !== null);
  if (!range || !path.includes(`/${range.unit}/`))
    throw refuse('receipt-not-issued', `票据${receipt}没有发给该单位`, `receipt ${receipt} was not issued to this unit`, { receipt });
  if ((await usedReceipts(trx, county, process, receipt)).includes(receipt))
    throw refuse('receipt-used', `票据${receipt}已经用过`, `receipt ${receipt} has been used`, { receipt });
}

export interface ReceiptUse {
  readonly range: ReceiptRange;
  readonly used: number;
  /** Numbers below the highest used one that were not used: to be accounted for. */
  readonly gaps: readonly string[];
  readonly unused: number;
}

/** Every range with what was used of it and which numbers are missing in between. */
export async function receiptUse(db: Db, county: string, process: ProcessId): Promise<readonly ReceiptUse[]> {
  const found: ReceiptUse[] = [];
  for (const range of await receiptRanges(db, county, process)) {
    const used = new Set((await usedReceipts(db, county, process, range.prefix)).flatMap((receipt) => numberIn(range, receipt) ?? []));
    const highest = Math.max(range.first - 1, ...used);
    const gaps: string[] = [];
    for (let number = range.first; number < highest; number += 1) if (!used.has(number)) gaps.push(`${range.prefix}${number}`);
    found.push({ range, used: used.size, gaps, unused: range.last - range.first + 1 - used.size });
  }
  return found;
}

function numberIn(range: ReceiptRange, receipt: string): number | null {
  if (!receipt.startsWith(range.prefix)) return null;
  const digits = receipt.slice(range.prefix.length);
  const number = /^\d{1,15}$/.test(digits) ? Number(digits) : null;
  return number !== null && number >= range.first && number <= range.last ? number : null;
}
