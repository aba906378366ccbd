import type { OutcomeClass } from '../../domain/deduction/classes.js';
import type { AccountId, BookId } from '../../domain/ledger/accounts.js';
import type { TransactionKind } from '../../domain/ledger/events.js';
import type { Digest, LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { DefaultJson } from './columns.js';
import type { Generated, GeneratedAlways } from 'kysely';

/* The control ledger, and what makes a second deduction impossible. Only added to. */

export interface LedgerAccountsTable {
  account: AccountId;
  side: 'debit' | 'credit';
  holder: string | null;
}

export interface LedgerTransactionsTable {
  county_id: string;
  process_id: ProcessId;
  tx_id: string;
  kind: TransactionKind;
  year: number;
  happened_on: LocalDate;
  recorded_at: Moment;
  recorded_by: UserId;
  reverses: string | null;
}

export interface LedgerPostingsTable {
  county_id: string;
  process_id: ProcessId;
  tx_id: string;
  n: number;
  account: AccountId;
  holder: string | null;
  book: BookId;
  insurance: string;
  amount: number;
}

export interface ContributionDuesTable {
  county_id: string;
  contribution_id: string;
  person_id: string;
  insurance: string;
  year: number;
  item: Generated<string>;
}

export interface DeductionBatchesTable {
  county_id: string;
  batch_id: string;
  process_id: ProcessId;
  round: number;
  seq: number;
  format: string;
  digest: Digest;
  made_at: Moment;
  made_by: UserId;
  /** Of which deduction, and which period of it the round is. */
  deduction: string | null;
  period: string | null;
  /** Of one insurance and one year each, as its clearing account is. */
  insurance: string | null;
  year: number | null;
  file_id: string | null;
}

export interface DeductionBatchEventsTable {
  county_id: string;
  batch_id: string;
  n: number;
  status: string;
  at: Moment;
  by_user: UserId;
  detail: DefaultJson<unknown>;
}

export interface DeductionLinesTable {
  county_id: string;
  batch_id: string;
  line: number;
  contribution_id: string;
  attempt: number;
  previous: GeneratedAlways<number | null>;
  amount: number;
  bank_account: string;
  due_id: string | null;
  /** Where the person was at when it was sent. */
  unit_id: UnitId | null;
}

export interface DeductionReturnsTable {
  county_id: string;
  return_id: string;
  batch_id: string;
  kind: 'file' | 'decision';
  bytes_digest: Digest;
  meaning_digest: Digest;
  at: Moment;
  by_user: UserId;
}

export interface DeductionOutcomesTable {
  county_id: string;
  batch_id: string;
  line: number;
  return_id: string;
  class: OutcomeClass;
  code: string | null;
  late: Generated<boolean>;
  /** What the definition calls it. */
  outcome: string | null;
  /** The day on which the bank says that it took the money. */
  taken_on: LocalDate | null;
}

export interface DeductionReleasesTable {
  county_id: string;
  contribution_id: string;
  attempt: number;
  batch_id: string;
  line: number;
  return_id: string;
  class: 'failed-retryable' | 'failed-permanent';
}
