import type { Generated, GeneratedAlways } from 'kysely';
import type { OutcomeClass } from '../../domain/deduction/classes.js';
import type { OrderResult, ProgressStep } from '../../domain/deduction/order.js';
import type { Digest, LocalDate, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { EvidenceGiven } from '../../domain/model/state.js';
import type { DefaultJson, NullableJson } from './columns.js';

/* The deduction cycle: orders, files, what a file says, and what people decide about it. */

export interface DeductionFilesTable {
  county_id: string;
  file_id: string;
  kind: 'request' | 'return';
  name: string;
  digest: Digest;
  bytes: number;
  at: Moment;
  by_user: UserId;
}

export interface DeductionFilePiecesTable {
  county_id: string;
  file_id: string;
  n: number;
  sealed: Buffer;
}

/**
 * `proposed`: waits for a second person. `staged`: its lines are read; `posted`: they are in the ledger; `done`: fed back. `refused`: nothing of it
 * was taken.
 */
export type OrderStatus = 'proposed' | 'waiting' | 'working' | 'staged' | 'posted' | 'done' | 'refused' | 'dropped';

/** What an order asks. */
export interface OrderRequest {
  /** make: persons whom the file cannot hold are left out and listed. */
  readonly leaveOut?: boolean;
  /** make: at most so many lines a file. */
  readonly mostLines?: number;
}

export interface DeductionOrdersTable {
  county_id: string;
  process_id: ProcessId;
  order_id: string;
  n: GeneratedAlways<number>;
  deduction: string;
  kind: 'make' | 'return';
  status: OrderStatus;
  token: Generated<number>;
  request: DefaultJson<OrderRequest>;
  file_id: string | null;
  batch_id: string | null;
  lines: Generated<number>;
  result: NullableJson<OrderResult>;
  at: Moment;
  by_user: UserId;
  confirmed_by: UserId | null;
  confirmed_at: Moment | null;
}

export interface DeductionStopsTable {
  county_id: string;
  process_id: ProcessId;
  deduction: string;
  n: number;
  stopped: boolean;
  detail: DefaultJson<unknown>;
  at: Moment;
  by_user: UserId;
}

export interface DeductionProgressTable {
  county_id: string;
  order_id: string;
  step: ProgressStep;
  done: number;
  total: number;
}

export interface DeductionStagedTable {
  county_id: string;
  order_id: string;
  token: number;
  file_line: number;
  line: number | null;
  account_index: Buffer | null;
  name: string | null;
  amount: number | null;
  code: string | null;
  outcome: string | null;
  class: OutcomeClass | null;
  taken_on: LocalDate | null;
}

export interface DeductionProblemsTable {
  county_id: string;
  order_id: string;
  n: number;
  file_line: number | null;
  code: string;
  params: DefaultJson<unknown>;
}

export interface DeductionQuarantineTable {
  county_id: string;
  process_id: ProcessId;
  batch_id: string;
  line: number;
  return_id: string;
  outcome: string;
  class: OutcomeClass;
  code: string | null;
  taken_on: LocalDate | null;
  at: Moment;
  settled_at: Moment | null;
  settled_by: UserId | null;
  settled_as: string | null;
}

export interface DeductionRefundsTable {
  county_id: string;
  process_id: ProcessId;
  refund_id: string;
  batch_id: string;
  line: number;
  why: 'late' | 'excess';
  amount: number;
  on_date: LocalDate;
  at: Moment;
  by_user: UserId;
  settled_as: 'paid' | 'credited' | null;
  settled_on: LocalDate | null;
  settled_at: Moment | null;
  settled_by: UserId | null;
}

export interface DeductionDecisionsTable {
  county_id: string;
  process_id: ProcessId;
  decision_id: string;
  kind: 'line' | 'quarantine' | 'refund';
  subject: string;
  choice: string;
  reason: string;
  /** Papers that the grant asks for. */
  evidence: DefaultJson<readonly EvidenceGiven[]>;
  by_user: UserId;
  at: Moment;
  status: Generated<'open' | 'confirmed' | 'dropped'>;
  decided_by: UserId | null;
  decided_at: Moment | null;
}

export interface DeductionClearingsTable {
  county_id: string;
  process_id: ProcessId;
  clearing_id: string;
  batch_id: string;
  amount: number;
  on_date: LocalDate;
  reference: string;
  at: Moment;
  by_user: UserId;
}

export interface DeductionClearedLinesTable {
  county_id: string;
  batch_id: string;
  line: number;
  clearing_id: string;
}
