import type { Generated, GeneratedAlways } from 'kysely';
import type { RowBirth, RowContext, RowsEffect } from '../../domain/model/effect.js';
import type { ActId, Digest, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { ObligationStatus } from '../../domain/model/state.js';
import type { RowEvent } from '../../domain/process/rows.js';
import type { Json } from './columns.js';

/* What is owed about single persons, beside its rows in `obligations`. */

/** What rows are stepped under from the process's event `seq` on. */
export interface RowTurnsTable {
  county_id: string;
  process_id: ProcessId;
  seq: number;
  kind: RowsEffect['kind'];
  at: Moment;
  setting_digest: Digest;
  context: Json<RowContext>;
  births: Json<readonly RowBirth[]>;
  done: Generated<boolean>;
}

/** What happened to each row from outside: its own journal. */
export interface RowJournalTable {
  county_id: string;
  process_id: ProcessId;
  row_id: ObligationId;
  number: number;
  under: number;
  act_id: ActId | null;
  event: Json<RowEvent>;
  at: Moment;
  actor: UserId;
  digest: Digest;
  entry_id: GeneratedAlways<number>;
  stored_at: Generated<Date>;
}

/** How many rows of a duty stand how, per unit. */
export interface RowCountsTable {
  county_id: string;
  process_id: ProcessId;
  duty: string;
  unit_id: UnitId;
  insurance: string;
  status: ObligationStatus;
  late: boolean;
  /** Of a case; empty: a duty about persons. */
  state: string;
  rows: number;
}

/** Dues that have changed since the rows about them were last looked at. */
export interface DueTouchesTable {
  county_id: string;
  process_id: ProcessId;
  due_id: string;
  touch_id: GeneratedAlways<number>;
}
