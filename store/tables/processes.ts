import type { Generated, GeneratedAlways } from 'kysely';
import type { Definition } from '../../domain/model/definition.js';
import type { CoreEvent, UnitTallies } from '../../domain/model/event.js';
import type { ActId, Digest, LocalDate, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { MilestoneState, Obligation, ObligationStatus, Result } from '../../domain/model/state.js';
import type { Bulletin } from '../reports/model.js';
import type { Json } from './columns.js';

/* Campaigns: their clocks, definitions, settings and journals, and what lists and boards read. */

export interface CountiesTable {
  county_id: string;
  name: string;
}

/** One clock. Virtual: now moves only by the conductor. Real: now = host clock + offset_seconds (0 outside tests). */
export interface WorldsTable {
  county_id: string;
  world_id: string;
  kind: 'real' | 'virtual';
  now_at: Moment | null;
  offset_seconds: Generated<number>;
  advancing_to: Moment | null;
  stored_at: Generated<Date>;
}

export interface DefinitionsTable {
  county_id: string;
  definition_id: string;
  version: string;
  digest: Digest;
  body: Json<Definition>;
  source_text: string;
  released_by: UserId;
  stored_at: Generated<Date>;
}

/** Settings pinned by digest; a run points to its present one. */
export interface SettingsTable {
  county_id: string;
  digest: Digest;
  body: Json<Setting>;
  stored_at: Generated<Date>;
}

export interface ProcessesTable {
  county_id: string;
  process_id: ProcessId;
  kind: 'campaign';
  definition_id: string;
  version: string;
  definition_digest: Digest;
  /** What it was launched with: where a fold of the journal begins. */
  first_setting: Digest;
  /** What it runs with now. */
  setting_digest: Digest;
  world_id: string;
  root_unit: UnitId;
  year: number;
  status: 'launching' | 'running' | 'paused' | 'stopped' | 'ended';
  title: string;
  seq: Generated<number>;
  wake_at: Moment | null;
  launched_at: Moment | null;
  launched_by: UserId;
  core_revision: Generated<number>;
  facts_up_to: Generated<number>;
  stored_at: Generated<Date>;
}

export interface JournalTable {
  county_id: string;
  process_id: ProcessId;
  seq: number;
  act_id: ActId | null;
  event: Json<CoreEvent>;
  at: Moment;
  actor: UserId;
  stored_at: Generated<Date>;
}

/** Read model: folded from the journal, rebuilt by folding it again. */
export interface ObligationsTable {
  county_id: string;
  process_id: ProcessId;
  obligation_id: ObligationId;
  origin: Obligation['origin']['kind'];
  duty: string;
  unit_id: UnitId;
  unit_path: string;
  insurance: string | null;
  period: string | null;
  owes: readonly string[];
  status: ObligationStatus;
  since: LocalDate;
  due: LocalDate | null;
  late: boolean;
  days_late: number | null;
  rung: Generated<number>;
  closed_on: LocalDate | null;
  body: Json<Obligation>;
  seq: number;
  due_order: GeneratedAlways<string>;
  /** The row it belongs to, for what is owed about a person; null = an office's own. */
  row_id: ObligationId | null;
  person_id: string | null;
  due_id: string | null;
  next_at: Moment | null;
  row_number: number | null;
}

/** Counts the board shows, one row per unit, kept by the recording transaction. */
export interface BoardTable {
  county_id: string;
  process_id: ProcessId;
  unit_id: UnitId;
  unit_path: string;
  open: Generated<number>;
  late: Generated<number>;
  checking: Generated<number>;
  before_launch: Generated<number>;
  done: Generated<number>;
  done_late: Generated<number>;
}

export interface MilestonesTable {
  county_id: string;
  process_id: ProcessId;
  key: string;
  milestone: string;
  unit_id: UnitId;
  unit_path: string;
  period: string | null;
  due: LocalDate;
  status: MilestoneState['status'];
  result: Result | null;
  snapshot_id: string | null;
  body: Json<MilestoneState>;
  seq: number;
}

/** Figures frozen at a date with what they were computed from; never updated: a correction is the next version. */
export interface SnapshotsTable {
  county_id: string;
  snapshot_id: string;
  process_id: ProcessId;
  key: string;
  version: number;
  happened_by: LocalDate;
  recorded_before: Moment;
  tallies: Json<UnitTallies>;
  target_versions: Json<Readonly<Record<string, number>>>;
  rows_digest: Digest;
  rows_count: number;
  stored_at: Generated<Date>;
}

/** A report as it was issued. */
export interface BulletinsTable {
  county_id: string;
  process_id: ProcessId;
  report: string;
  number: number;
  obligation_id: ObligationId;
  unit_id: UnitId;
  at: Moment;
  by_user: UserId;
  body: Json<Bulletin>;
  digest: Digest;
  stored_at: Generated<Date>;
}

export interface FlagsTable {
  county_id: string;
  process_id: ProcessId;
  flag_id: string;
  report: string;
  unit_id: UnitId;
  unit_path: string;
  about: string;
  on_date: LocalDate;
  days_late: number;
}

export interface PublicationsTable {
  county_id: string;
  process_id: ProcessId;
  obligation_id: ObligationId;
  posted_on: LocalDate;
  earliest_down: LocalDate;
  taken_down_on: LocalDate | null;
}
