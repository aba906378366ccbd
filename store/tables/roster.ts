import type { LocalDate, Moment, ProcessId, RoleId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Value } from '../../domain/model/definition.js';
import type { Generated, GeneratedAlways } from 'kysely';
import type { DefaultJson } from './columns.js';

/* Accounts of persons, what was deposited on them, and special identities. */

/** The account from which what a person owes is taken; one in force (`until_at` null) per person and insurance. */
export interface BankAccountsTable {
  county_id: string;
  account_id: string;
  person_id: string;
  insurance: string;
  holder_name: string;
  bank: string;
  branch_unit: UnitId | null;
  account_cipher: Buffer;
  account_index: Buffer;
  since_at: Moment;
  until_at: Moment | null;
  import_id: string | null;
  recorded_by: UserId;
  stored_at: Generated<Date>;
}

/** What a report says stands deposited for a due on a day, in all; append-only. Money in fen. */
export interface DepositsTable {
  county_id: string;
  process_id: ProcessId;
  deposit_id: string;
  due_id: string;
  amount: number;
  on_date: LocalDate;
  source: 'bank' | 'township';
  import_id: string | null;
  source_line: number | null;
  recorded_at: Moment;
  recorded_by: UserId;
  seq: GeneratedAlways<number>;
}

/** That a person belongs to a group, as certified and entered; one version in force (`until_at` null) per person and group. */
export interface IdentitiesTable {
  county_id: string;
  process_id: ProcessId;
  identity_id: string;
  version: number;
  person_id: string;
  group_id: string;
  certified_by: RoleId | null;
  certified_on: LocalDate | null;
  withdrawn: Generated<boolean>;
  entered_on: LocalDate | null;
  entered_by: UserId | null;
  attributes: DefaultJson<Readonly<Record<string, Value>>>;
  reason: string | null;
  since_at: Moment;
  until_at: Moment | null;
  import_id: string | null;
  recorded_by: UserId;
}
