import type { Fen, LocalDate, UnitId } from '../model/ids.js';
import type { BookId } from './accounts.js';

/** Where money was counted: taken by a collector, or come to the income account. */
export type Basis = 'collected' | 'arrived';

interface Common {
  /** What the transaction comes from, made of surrogates: the same cause is the same transaction. */
  readonly cause: string;
  readonly book: BookId;
  readonly insurance: string;
  /** Year that is contributed for. */
  readonly year: number;
  /** Fen, not 0. Below 0 the entries change sides: money that rests in suspense may be owed to us. */
  readonly amount: Fen;
  readonly on: LocalDate;
}

/** Money whose place is known: a person's due, or a case of suspense. */
type Place = { readonly person: string } | { readonly suspense: string };

/** Everything that moves money in the ledger; one transaction each. Nothing is changed: what was wrong is reversed. */
export type LedgerEvent = Common &
  (
    | { readonly kind: 'collected'; readonly person: string; readonly unit: UnitId | null }
    | { readonly kind: 'remitted'; readonly unit: UnitId | null }
    | { readonly kind: 'arrived'; readonly person: string }
    /** Arrival of what a collector had taken: claim and way are closed. */
    | { readonly kind: 'matched'; readonly person: string; readonly unit: UnitId | null }
    | { readonly kind: 'suspended'; readonly basis: Basis; readonly suspense: string; readonly unit: UnitId | null }
    /** `amount` is what is taken back, above 0; `reverses`: the transaction it takes back, null when the file names none that is known. */
    | {
        readonly kind: 'reversed';
        readonly basis: Basis;
        readonly from: Place;
        readonly unit: UnitId | null;
        readonly reverses: string | null;
      }
    /** Two cases of suspense that cancel each other. */
    | { readonly kind: 'offset'; readonly suspense: string; readonly against: string }
    /** `from`: the unit at which the money rested, `unit`: that of the due. */
    | {
        readonly kind: 'allotted';
        readonly basis: Basis;
        readonly suspense: string;
        readonly person: string;
        readonly from: UnitId | null;
        readonly unit: UnitId | null;
      }
    | { readonly kind: 'refunded'; readonly basis: Basis; readonly suspense: string; readonly unit: UnitId | null }
    /** A line of a return file says that the bank took it. */
    | { readonly kind: 'deductionPosted'; readonly batch: string; readonly person: string }
    | { readonly kind: 'deductionReversed'; readonly batch: string; readonly person: string; readonly reverses: string }
    /** The bank took it a second time, or too late: it is owed back. */
    | { readonly kind: 'refundOwed'; readonly batch: string; readonly person: string }
    | { readonly kind: 'refundPaid'; readonly person: string }
    /** What was owed back stands for the contribution after all. */
    | { readonly kind: 'refundCredited'; readonly person: string }
    /** The bank hands over what it took. */
    | { readonly kind: 'deductionCleared'; readonly batch: string }
  );

export type TransactionKind = LedgerEvent['kind'];

/** What each kind is called. */
export const TRANSACTION_KINDS: Readonly<Record<TransactionKind, { readonly zh: string; readonly en: string }>> = {
  collected: { zh: '代收', en: 'collected' },
  remitted: { zh: '上缴', en: 'handed in' },
  arrived: { zh: '到账', en: 'arrived' },
  matched: { zh: '代收款到账核销', en: 'collected money has arrived' },
  suspended: { zh: '转入待处理', en: 'into suspense' },
  reversed: { zh: '冲正', en: 'reversal' },
  offset: { zh: '待处理款对冲', en: 'suspense cancelled out' },
  allotted: { zh: '待处理款入账', en: 'suspense allotted' },
  refunded: { zh: '退费', en: 'refunded' },
  deductionPosted: { zh: '划扣成功', en: 'deduction posted' },
  deductionReversed: { zh: '划扣冲正', en: 'deduction reversed' },
  refundOwed: { zh: '应退款', en: 'refund owed' },
  refundPaid: { zh: '已退款', en: 'refund paid' },
  refundCredited: { zh: '应退款转为缴费', en: 'refund credited to the contribution' },
  deductionCleared: { zh: '划扣款到账', en: 'deduction money arrived' },
};
