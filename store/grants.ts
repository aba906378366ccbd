import { sql, type Kysely } from 'kysely';
import { StoreError } from './errors.js';
import { FILLED_BY_FILES } from './imports/statistics.js';
import type { Schema } from './schema.js';

type Right = 'select' | 'insert' | 'update' | 'delete';
const APPEND: readonly Right[] = ['select', 'insert'];
const CHANGE: readonly Right[] = ['select', 'insert', 'update'];
const ALL: readonly Right[] = ['select', 'insert', 'update', 'delete'];

/**
 * What the application's role may do, table by table. What is a fact or a proof can only be added to; what is delete-able is either folded
 * from the journal (`rebuild`), staging, or a right that is taken away.
 */
const RIGHTS: Readonly<Record<keyof Schema, readonly Right[]>> = {
  sealing_keys: APPEND,
  counties: CHANGE,
  worlds: CHANGE,
  definitions: APPEND,
  settings: APPEND,
  processes: CHANGE,
  journal: APPEND,
  obligations: ALL,
  board: ALL,
  milestones: ALL,
  snapshots: APPEND,
  bulletins: APPEND,
  flags: ALL,
  publications: ALL,
  units: CHANGE,
  unit_events: APPEND,
  users: CHANGE,
  holdings: ALL,
  sessions: ALL,
  targets: APPEND,
  people: CHANGE,
  dues: ALL,
  dues_before: APPEND,
  bank_accounts: CHANGE,
  deposits: APPEND,
  identities: CHANGE,
  assignments: ALL,
  payments: APPEND,
  suspense: CHANGE,
  unit_totals: CHANGE,
  receipts: APPEND,
  tallies: ALL,
  imports: CHANGE,
  import_errors: APPEND,
  import_profiles: ALL,
  files: APPEND,
  serials: ALL,
  file_uses: ALL,
  ledger_accounts: ['select'],
  ledger_transactions: APPEND,
  ledger_postings: APPEND,
  contribution_dues: APPEND,
  deduction_batches: APPEND,
  deduction_batch_events: APPEND,
  deduction_lines: APPEND,
  deduction_returns: APPEND,
  deduction_outcomes: APPEND,
  deduction_releases: APPEND,
  deduction_files: APPEND,
  deduction_file_pieces: CHANGE,
  deduction_orders: CHANGE,
  deduction_stops: APPEND,
  deduction_staged: ALL,
  deduction_problems: APPEND,
  deduction_progress: ALL,
  deduction_quarantine: CHANGE,
  deduction_refunds: CHANGE,
  deduction_decisions: CHANGE,
  deduction_clearings: APPEND,
  deduction_cleared_lines: APPEND,
  row_turns: CHANGE,
  row_journal: APPEND,
  row_counts: ALL,
  due_touches: ALL,
  case_openings: APPEND,
  case_openings_waiting: ALL,
  deduction_frees: APPEND,
  inbox: APPEND,
  outbox: CHANGE,
  messages: CHANGE,
  incidents: CHANGE,
  audit: APPEND,
  idempotency: ALL,
};

/** Tables that may grow by many rows at once: by a file, or by what follows from one. */
const ANALYZED: readonly (keyof Schema)[] = [
  ...FILLED_BY_FILES,
  'deduction_staged',
  'due_touches',
  'obligations',
  'row_journal',
  'case_openings',
  'case_openings_waiting',
];

/**
 * Sets the rights of `role` to exactly those above, whatever they were. Run by the owner after every migration.
 * Errors: `app-role-missing`; `app-role-owns` when the role is a superuser, may act as the owner, or owns something in the store's schema.
 */
export async function grantRights(owner: Kysely<Schema>, role: string): Promise<void> {
  await owner.transaction().execute(async (db) => {
    // Two owners at once would collide in the catalogue.
    await sql`select pg_advisory_xact_lock(hashtext('duban-grants'))`.execute(db);
    await checkRole(db, role);
    const to = sql.id(role);
    await sql`revoke all on all tables in schema public from ${to}, public`.execute(db);
    await sql`revoke all on all sequences in schema public from ${to}, public`.execute(db);
    await sql`revoke create on schema public from ${to}, public`.execute(db);
    await sql`grant usage on schema public to ${to}`.execute(db);
    await sql`grant usage on all sequences in schema public to ${to}`.execute(db);
    // The services tell by it whether the store is as new as the program.
    await sql`grant select on kysely_migration to ${to}`.execute(db);
    for (const [table, rights] of Object.entries(RIGHTS)) {
      await sql`grant ${sql.raw(rights.join(', '))} on ${sql.id(table)} to ${to}`.execute(db);
    }
    await sql`grant execute on function forget_files(integer, integer) to ${to}`.execute(db);
    // An import brings a table's statistics up to date; before PostgreSQL 17 only the owner can.
    const { rows } = await sql<{ known: boolean }>`select current_setting('server_version_num')::integer >= 170000 as known`.execute(db);
    if (rows[0]?.known === true) for (const table of ANALYZED) await sql`grant maintain on ${sql.id(table)} to ${to}`.execute(db);
  });
}

/** Errors: `app-role-missing`, `app-role-owns` (see below). */
export async function checkRole(db: Kysely<Schema>, role: string): Promise<void> {
  const { rows } = await sql<{ mighty: boolean; owns: boolean }>`
    select r.rolsuper or pg_has_role(r.oid, current_user, 'usage') as mighty,
      exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relowner = r.oid) as owns
    from pg_roles r where r.rolname = ${role}`.execute(db);
  const found = rows[0];
  if (found === undefined) {
    throw new StoreError(
      'app-role-missing',
      `数据库里没有角色 ${role}，请先建立（create role ... login）`,
      `The database has no role ${role}: create it first (create role ... login)`,
      { role },
    );
  }
  if (found.mighty || found.owns) {
    throw new StoreError(
      'app-role-owns',
      `应用角色 ${role} 拥有表或可冒充所有者，只增不改的保证就落空了；请让应用用另一个角色`,
      `The application's role ${role} owns tables or can act as the owner, which voids what is append-only: use another role`,
      { role },
    );
  }
}
