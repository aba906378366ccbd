import { fen, subtractFen, ZERO_FEN } from '../money/fen.js';
import type { Fen, LocalDate } from '../model/ids.js';
import { LEDGER_ACCOUNTS, NO_UNIT, type AccountId, type BookId } from './accounts.js';
import type { Basis, LedgerEvent, TransactionKind } from './events.js';

/** One side of an entry. `amount` in fen: debit above 0, credit below. */
export interface Posting {
  readonly account: AccountId;
  readonly holder: string | null;
  readonly book: BookId;
  readonly insurance: string;
  readonly amount: Fen;
}

export interface LedgerTransaction {
  /** Derived from the cause. */
  readonly id: string;
  readonly kind: TransactionKind;
  readonly year: number;
  readonly on: LocalDate;
  readonly reverses: string | null;
  readonly postings: readonly Posting[];
}

/** Where money of a basis lies, and what says whose it is. The store's statements for whole files read the same two tables. */
export const LIES_IN = { collected: 'cash', arrived: 'income' } as const satisfies Readonly<Record<Basis, AccountId>>;
export const CREDITS = { collected: 'received', arrived: 'contribution' } as const satisfies Readonly<Record<Basis, AccountId>>;

type Side = readonly [account: AccountId, holder: string | null];
type Entry = readonly [debit: Side, credit: Side];

/**
 * The transaction that an event makes: one entry or more, each debit with its credit, so that it balances by construction in its book and
 * insurance. Throws `RangeError` for an amount of 0.
 */
export function post(event: LedgerEvent): LedgerTransaction {
  if (event.amount === 0) throw new RangeError(`a transaction of nothing: ${event.cause}`);
  const back = event.kind === 'reversed' || event.kind === 'deductionReversed';
  const amount = back ? subtractFen(ZERO_FEN, event.amount) : event.amount;
  const { book, insurance } = event;
  return {
    id: event.cause,
    kind: event.kind,
    year: event.year,
    on: event.on,
    reverses: back ? event.reverses : null,
    postings: entriesOf(event).flatMap(([debit, credit]) => [
      { account: debit[0], holder: debit[1], book, insurance, amount },
      { account: credit[0], holder: credit[1], book, insurance, amount: subtractFen(ZERO_FEN, amount) },
    ]),
  };
}

/** Posting rules. A reversal has the entries of what it takes back; its amount turns them round. */
function entriesOf(event: LedgerEvent): readonly Entry[] {
  switch (event.kind) {
    case 'collected':
      return [[lies('collected', event.unit), [CREDITS.collected, event.person]]];
    case 'arrived':
      return [[lies('arrived', null), [CREDITS.arrived, event.person]]];
    case 'remitted':
      return [[['transit', unitOf(event.unit)], lies('collected', event.unit)]];
    case 'matched':
      return [
        [
          ['received', event.person],
          ['transit', unitOf(event.unit)],
        ],
      ];
    case 'suspended':
      return [[lies(event.basis, event.unit), ['suspense', event.suspense]]];
    case 'reversed':
      return [
        [
          lies(event.basis, event.unit),
          'person' in event.from ? [CREDITS[event.basis], event.from.person] : ['suspense', event.from.suspense],
        ],
      ];
    case 'offset':
      return [
        [
          ['suspense', event.suspense],
          ['suspense', event.against],
        ],
      ];
    case 'allotted':
      return [
        [
          ['suspense', event.suspense],
          [CREDITS[event.basis], event.person],
        ],
        ...(event.basis === 'collected' && event.from !== event.unit
          ? [[lies('collected', event.unit), lies('collected', event.from)] as const]
          : []),
      ];
    case 'refunded':
      return [[['suspense', event.suspense], lies(event.basis, event.unit)]];
    case 'deductionPosted':
    case 'deductionReversed':
      return [
        [
          ['clearing', event.batch],
          ['contribution', event.person],
        ],
      ];
    case 'refundOwed':
      return [
        [
          ['clearing', event.batch],
          ['refundPayable', event.person],
        ],
      ];
    case 'refundPaid':
      return [
        [
          ['refundPayable', event.person],
          ['income', null],
        ],
      ];
    case 'refundCredited':
      return [
        [
          ['refundPayable', event.person],
          ['contribution', event.person],
        ],
      ];
    case 'deductionCleared':
      return [
        [
          ['income', null],
          ['clearing', event.batch],
        ],
      ];
    default:
      return never(event);
  }
}

const unitOf = (unit: string | null): string => unit ?? NO_UNIT;
const lies = (basis: Basis, unit: string | null): Side => [
  LIES_IN[basis],
  LEDGER_ACCOUNTS[LIES_IN[basis]].holder === 'unit' ? unitOf(unit) : null,
];

function never(event: never): never {
  throw new Error(`no posting rule for ${JSON.stringify(event)}`);
}

/** What does not balance: book, insurance and by how much; empty when all is well. */
export function imbalances(
  postings: readonly Posting[],
): readonly { readonly book: BookId; readonly insurance: string; readonly by: Fen }[] {
  const sums = new Map<string, { book: BookId; insurance: string; by: Fen }>();
  for (const { book, insurance, amount } of postings) {
    const key = `${book}/${insurance}`;
    sums.set(key, { book, insurance, by: fen((sums.get(key)?.by ?? 0) + amount) });
  }
  return [...sums.values()].filter(({ by }) => by !== 0);
}

/** How a balance of the ledger (debit above 0) is shown: above 0 on the account's own side. */
export const shownBalance = (account: AccountId, balance: number): Fen =>
  fen(LEDGER_ACCOUNTS[account].side === 'debit' ? balance : -balance);
