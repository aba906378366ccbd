import type { GeneratedAlways } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { Moment, ObligationId, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Json } from './columns.js';

/* What calls for cases of single persons, and what they free. */

export interface CaseOpeningsTable {
  county_id: string;
  process_id: ProcessId;
  opening_id: string;
  n: GeneratedAlways<number>;
  case_type: string | null;
  due_id: string;
  event: string;
  cause: Json<Readonly<Record<string, Value>>>;
  at: Moment;
  by_user: UserId;
}

export interface CaseOpeningsWaitingTable {
  county_id: string;
  process_id: ProcessId;
  n: number;
  due_id: string;
}

export interface DeductionFreesTable {
  county_id: string;
  process_id: ProcessId;
  deduction: string;
  due_id: string;
  after_round: number;
  extra: boolean;
  row_id: ObligationId;
  at: Moment;
  by_user: UserId;
  reason: string | null;
}
