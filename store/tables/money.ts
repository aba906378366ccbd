import type { Generated, GeneratedAlways } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { ActId, Digest, LocalDate, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { DefaultJson, Json, NullableJson } from './columns.js';

/* Insured persons, what each owes, what arrived, and the files it came in. */

export interface TargetsTable {
  county_id: string;
  process_id: ProcessId;
  table_id: string;
  version: number;
  provisional: Generated<boolean>;
  unit_id: UnitId;
  values: Json<Readonly<Record<string, Value>>>;
  import_id: string | null;
  valid_from_at: Moment;
}

export interface PeopleTable {
  county_id: string;
  person_id: string;
  id_number_cipher: Buffer | null;
  id_number_index: Buffer | null;
  name: string;
  born: LocalDate | null;
  phone_cipher: Buffer | null;
  unit_id: UnitId;
  attributes: DefaultJson<Readonly<Record<string, Value>>>;
  version: Generated<number>;
  stored_at: Generated<Date>;
}

/** What a person owes: scheme (insurance), year, item. */
export interface DuesTable {
  county_id: string;
  process_id: ProcessId;
  due_id: string;
  person_id: string;
  unit_id: UnitId;
  unit_path: string;
  insurance: string;
  year: number;
  item: Generated<string>;
  tier: number | null;
  amount: number;
  groups: Generated<readonly string[]>;
  /** Of these, entered after their cut-off. */
  late_groups: Generated<readonly string[]>;
  government_paid: Generated<number>;
  assigned_to: UserId | null;
  arrived: Generated<number>;
  collected: Generated<number>;
  /** What stands deposited by the newest report. */
  deposited: Generated<number>;
  arrived_on: LocalDate | null;
  attributes: DefaultJson<Readonly<Record<string, Value>>>;
  /** Why somebody changed this one due so, and who; null when it came with a file or follows from one. */
  reason: string | null;
  changed_by: UserId | null;
  /** Since when it is owed so. */
  since_at: Moment;
  seq: GeneratedAlways<number>;
}

/** What was owed before it was changed: kept by the table `dues` itself. */
export interface DuesBeforeTable {
  county_id: string;
  process_id: ProcessId;
  due_id: string;
  before_id: GeneratedAlways<number>;
  person_id: string;
  unit_id: UnitId;
  insurance: string;
  year: number;
  item: string;
  tier: number | null;
  amount: number;
  groups: readonly string[];
  late_groups: readonly string[];
  government_paid: number;
  assigned_to: UserId | null;
  attributes: Json<Readonly<Record<string, Value>>>;
  reason: string | null;
  changed_by: UserId | null;
  seq: number;
  since_at: Moment;
  until_at: Moment;
}

export interface AssignmentsTable {
  county_id: string;
  process_id: ProcessId;
  assignment_id: GeneratedAlways<number>;
  user_id: UserId;
  unit_id: UnitId | null;
  person_id: string | null;
  kind: 'area' | 'village' | 'household';
  valid_from: LocalDate;
  valid_to: LocalDate | null;
}

/** Facts about money, append-only. happened_on and recorded_at are business times. */
export interface PaymentsTable {
  county_id: string;
  process_id: ProcessId;
  payment_id: string;
  due_id: string | null;
  person_id: string | null;
  unit_id: UnitId | null;
  insurance: string;
  year: number;
  amount: number;
  kind: 'collected' | 'remitted' | 'arrived' | 'reversal';
  happened_on: LocalDate;
  recorded_at: Moment;
  source: string;
  source_line: number | null;
  external_id: string | null;
  receipt: string | null;
  channel: string | null;
  means: string | null;
  meaning: string;
  reverses: string | null;
  import_id: string | null;
  recorded_by: UserId;
  on_behalf_of: string | null;
  seq: GeneratedAlways<number>;
}

/** Money that breaks a rule: never refused, allotted or refunded by a follow-up. */
export interface SuspenseTable {
  county_id: string;
  process_id: ProcessId;
  suspense_id: string;
  payment_id: string;
  reason: string;
  amount: number;
  status: 'open' | 'allotted' | 'refunded';
  settled_by: UserId | null;
  settled_at: Moment | null;
  detail: DefaultJson<unknown>;
}

/** Village totals by day, entered before the detail exists; the detail replaces them and the difference is shown. */
export interface UnitTotalsTable {
  county_id: string;
  process_id: ProcessId;
  unit_id: UnitId;
  insurance: string;
  on_date: LocalDate;
  persons: number;
  amount: number;
  recorded_at: Moment;
  recorded_by: UserId;
  version: number;
  replaced_at: Moment | null;
}

export interface ReceiptsTable {
  county_id: string;
  process_id: ProcessId;
  range_id: GeneratedAlways<number>;
  prefix: string;
  first_number: number;
  last_number: number;
  unit_id: UnitId;
  issued_to: string | null;
  issued_on: LocalDate;
}

/** Present figures per unit and count, kept in the recording transaction. */
export interface TalliesTable {
  county_id: string;
  process_id: ProcessId;
  unit_id: UnitId;
  unit_path: string;
  count_id: string;
  value: number;
}

export interface ImportsTable {
  county_id: string;
  import_id: string;
  process_id: ProcessId | null;
  kind: string;
  file_name: string;
  file_digest: Digest;
  profile: Json<unknown>;
  status: 'running' | 'done' | 'refused' | 'dryRun';
  rows_read: Generated<number>;
  rows_kept: Generated<number>;
  rows_bad: Generated<number>;
  totals: NullableJson<unknown>;
  by_user: UserId;
  at: Moment;
  stored_at: Generated<Date>;
}

export interface ImportErrorsTable {
  county_id: string;
  import_id: string;
  line: number;
  column_name: string | null;
  code: string;
  params: Json<unknown>;
  error_id: GeneratedAlways<number>;
}

export interface ImportProfilesTable {
  county_id: string;
  name: string;
  kind: string;
  profile: Json<unknown>;
  stored_at: Generated<Date>;
}

export interface FilesTable {
  county_id: string;
  file_id: string;
  digest: Digest;
  name: string;
  media_type: string;
  size: number;
  by_user: UserId;
  content: Buffer;
  stored_at: Generated<Date>;
}

/** Numbers given as evidence: one obligation of a campaign has each, claimed by an act before it is journalled. */
export interface SerialsTable {
  county_id: string;
  process_id: ProcessId;
  /** `papers.receipt.number` or `duties.handIn.slip`. */
  field: string;
  number: string;
  act_id: ActId;
  obligation_id: ObligationId;
  stored_at: Generated<Date>;
}

/** Obligations that a stored file is evidence for: whoever sees one of them sees the file. */
export interface FileUsesTable {
  county_id: string;
  file_id: string;
  process_id: ProcessId;
  obligation_id: ObligationId;
  act_id: ActId;
  stored_at: Generated<Date>;
}
