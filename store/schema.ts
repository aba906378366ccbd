import type * as processes from './tables/processes.js';
import type * as offices from './tables/offices.js';
import type * as money from './tables/money.js';
import type * as messages from './tables/messages.js';

/** Tables as the newest migration leaves them, column by column. What they mean is said once, in the migrations. */
export interface Schema {
  counties: processes.CountiesTable;
  worlds: processes.WorldsTable;
  definitions: processes.DefinitionsTable;
  settings: processes.SettingsTable;
  processes: processes.ProcessesTable;
  journal: processes.JournalTable;
  obligations: processes.ObligationsTable;
  board: processes.BoardTable;
  milestones: processes.MilestonesTable;
  snapshots: processes.SnapshotsTable;
  bulletins: processes.BulletinsTable;
  flags: processes.FlagsTable;
  publications: processes.PublicationsTable;
  units: offices.UnitsTable;
  unit_events: offices.UnitEventsTable;
  users: offices.UsersTable;
  holdings: offices.HoldingsTable;
  sessions: offices.SessionsTable;
  targets: money.TargetsTable;
  people: money.PeopleTable;
  dues: money.DuesTable;
  dues_before: money.DuesBeforeTable;
  assignments: money.AssignmentsTable;
  payments: money.PaymentsTable;
  suspense: money.SuspenseTable;
  unit_totals: money.UnitTotalsTable;
  receipts: money.ReceiptsTable;
  tallies: money.TalliesTable;
  imports: money.ImportsTable;
  import_errors: money.ImportErrorsTable;
  import_profiles: money.ImportProfilesTable;
  files: money.FilesTable;
  serials: money.SerialsTable;
  file_uses: money.FileUsesTable;
  inbox: messages.InboxTable;
  outbox: messages.OutboxTable;
  messages: messages.MessagesTable;
  incidents: messages.IncidentsTable;
  audit: messages.AuditTable;
  idempotency: messages.IdempotencyTable;
}
