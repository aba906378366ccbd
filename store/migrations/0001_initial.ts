import { sql, type Kysely } from 'kysely';

/*
 * One county may share a database with others: county_id stands in every table and unique key. Business times are local text and come from
 * events; now() only in stored_at columns. Ids are surrogates (u17, p12, c3, w1). Money is bigint fen. Texts that are compared or paged by
 * are `ident`: byte order, the same on every server, and a prefix search that any index serves.
 */
const types = `
create domain ident as text collate "C";
create domain local_date as text collate "C" check (length(value) = 10);
create domain local_moment as text collate "C" check (length(value) = 19);
create sequence surrogates;
`;

/** Counties, their clocks, released definitions and pinned settings. */
const registry = `
create table counties (county_id ident primary key, name text not null);

-- One clock. Virtual: now moves only by the conductor. Real: now = host clock + offset_seconds (0 outside tests).
create table worlds (
  county_id ident not null references counties, world_id ident not null, kind text not null check (kind in ('real', 'virtual')),
  now_at local_moment, offset_seconds integer not null default 0, advancing_to local_moment,
  stored_at timestamptz not null default now(),
  primary key (county_id, world_id));

-- json, not jsonb: a definition's elements keep the order in which the notice has them.
create table definitions (
  county_id ident not null references counties, definition_id ident not null, version ident not null, digest ident not null,
  body json not null, source_text text not null, released_by ident not null, stored_at timestamptz not null default now(),
  primary key (county_id, definition_id, version));
create unique index definitions_digest on definitions (county_id, digest);

-- Settings pinned by digest; a run points to its present one.
create table settings (
  county_id ident not null references counties, digest ident not null, body json not null,
  stored_at timestamptz not null default now(), primary key (county_id, digest));
`;

/** Processes and their journals: the truth about what was done. */
const process = `
create table processes (
  county_id ident not null references counties, process_id ident not null, kind text not null check (kind in ('campaign')),
  definition_id ident not null, version ident not null,
  definition_digest ident not null, first_setting ident not null, setting_digest ident not null, world_id ident not null, root_unit ident not null,
  year integer not null,
  status text not null check (status in ('launching', 'running', 'paused', 'stopped', 'ended')), title text not null,
  seq bigint not null default 0, wake_at local_moment, launched_at local_moment, launched_by ident not null,
  core_revision integer not null default 1, facts_up_to bigint not null default 0, stored_at timestamptz not null default now(),
  primary key (county_id, process_id), foreign key (county_id, world_id) references worlds);
create unique index processes_start_key on processes (county_id, definition_id, root_unit, year, world_id);
create index processes_wake on processes (county_id, world_id, wake_at) where wake_at is not null;

create table journal (
  county_id ident not null, process_id ident not null, seq bigint not null, act_id ident, event jsonb not null,
  at local_moment not null, actor ident not null, stored_at timestamptz not null default now(),
  primary key (county_id, process_id, seq), foreign key (county_id, process_id) references processes);
create unique index journal_act on journal (county_id, process_id, act_id) where act_id is not null;
`;

/** What lists and boards read. */
const reading = `
-- Read model: folded from the journal, rebuilt by folding it again.
create table obligations (
  county_id ident not null, process_id ident not null, obligation_id ident not null, origin text not null, duty ident not null,
  unit_id ident not null, unit_path ident not null,
  insurance ident, period ident, owes text[] not null, status text not null, since local_date not null, due local_date,
  late boolean not null, days_late integer, rung integer not null default -1, closed_on local_date,
  body jsonb not null, seq bigint not null, due_order ident generated always as (coalesce(due::text, '9999-12-31')) stored,
  primary key (county_id, process_id, obligation_id), foreign key (county_id, process_id) references processes);
create index obligations_process on obligations (county_id, process_id, status, late, due_order, obligation_id);
-- Lists are read in order of due date below any unit: one index for each depth of the tree that a scope can begin at (see scope.ts).
create index obligations_depth1 on obligations
  (county_id, (substring(unit_path from '^(?:/[^/]+){1}/')), status, late, due_order, process_id, obligation_id);
create index obligations_depth2 on obligations
  (county_id, (substring(unit_path from '^(?:/[^/]+){2}/')), status, late, due_order, process_id, obligation_id);
create index obligations_depth3 on obligations
  (county_id, (substring(unit_path from '^(?:/[^/]+){3}/')), status, late, due_order, process_id, obligation_id);
create index obligations_depth4 on obligations
  (county_id, (substring(unit_path from '^(?:/[^/]+){4}/')), status, late, due_order, process_id, obligation_id);
-- Counts the board shows, one row per unit, kept by the recording transaction.
create table board (
  county_id ident not null, process_id ident not null, unit_id ident not null, unit_path ident not null,
  open integer not null default 0, late integer not null default 0, checking integer not null default 0,
  before_launch integer not null default 0, done integer not null default 0, done_late integer not null default 0,
  primary key (county_id, process_id, unit_id));
create index board_process on board (county_id, process_id, unit_path);
create index board_path on board (county_id, unit_path);

create table milestones (
  county_id ident not null, process_id ident not null, key ident not null, milestone ident not null, unit_id ident not null,
  unit_path ident not null, period ident, due local_date not null, status text not null, result text, snapshot_id ident, body jsonb not null,
  seq bigint not null,
  primary key (county_id, process_id, key));
-- Figures frozen at a date with what they were computed from; never updated: a correction is the next version.
create table snapshots (
  county_id ident not null, snapshot_id ident not null, process_id ident not null, key ident not null, version integer not null,
  happened_by local_date not null, recorded_before local_moment not null, tallies jsonb not null, target_versions jsonb not null,
  rows_digest ident not null, rows_count bigint not null, stored_at timestamptz not null default now(),
  primary key (county_id, snapshot_id));
create table flags (
  county_id ident not null, process_id ident not null, flag_id ident not null, report ident not null, unit_id ident not null,
  unit_path ident not null, about text not null, on_date local_date not null, days_late integer not null,
  primary key (county_id, process_id, flag_id));
create table publications (
  county_id ident not null, process_id ident not null, obligation_id ident not null, posted_on local_date not null,
  earliest_down local_date not null, taken_down_on local_date, primary key (county_id, process_id, obligation_id));
`;

/** The tree of units, the people who work in it, and how they sign in. */
const offices = `
-- Units: a tree with validity. path = '/u1/u4/' of surrogates; names may repeat and change.
create table units (
  county_id ident not null references counties, unit_id ident not null, level text not null, parent_id ident, path ident not null,
  name text not null, code text, kind text, valid_from local_date, valid_to local_date, successors text[] not null default '{}',
  version integer not null default 1, stored_at timestamptz not null default now(),
  primary key (county_id, unit_id));
create index units_path on units (county_id, path);
create index units_name on units (county_id, name);
create table unit_events (
  county_id ident not null, unit_event_id bigint generated always as identity, unit_id ident not null,
  kind text not null check (kind in ('created', 'renamed', 'moved', 'merged', 'split', 'retired')), on_date local_date not null,
  detail jsonb not null, by_user ident not null, primary key (county_id, unit_event_id));

create table users (
  county_id ident not null references counties, user_id ident not null, login text not null, name text not null, phone text,
  email text, password_hash text, must_change boolean not null default true, demonstration boolean not null default false,
  failed integer not null default 0, locked_until timestamptz, disabled boolean not null default false,
  language text not null default 'zh', version integer not null default 1, stored_at timestamptz not null default now(),
  primary key (county_id, user_id));
create unique index users_login on users (county_id, login);
-- A role held at a unit for a time; definition_id null = in every campaign. Engine roles: admin, auditor.
create table holdings (
  county_id ident not null, holding_id bigint generated always as identity, user_id ident not null, role ident not null,
  unit_id ident not null, definition_id ident, valid_from local_date, valid_to local_date, stand_in_for text, paper jsonb,
  stored_at timestamptz not null default now(),
  primary key (county_id, holding_id), foreign key (county_id, user_id) references users,
  foreign key (county_id, unit_id) references units);
create unique index holdings_once on holdings
  (county_id, user_id, role, unit_id, coalesce(definition_id::text, ''), coalesce(valid_from::text, ''));
create index holdings_role on holdings (county_id, role, unit_id);
create table sessions (
  county_id ident not null, token_hash ident primary key, user_id ident not null,
  kind text not null check (kind in ('session', 'token')), label text, expires_at timestamptz, last_used_at timestamptz,
  stored_at timestamptz not null default now(), foreign key (county_id, user_id) references users);
`;

/** Insured persons and what each owes. */
const persons = `
create table targets (
  county_id ident not null, process_id ident not null, table_id ident not null, version integer not null,
  provisional boolean not null default false, unit_id ident not null, values jsonb not null, import_id ident,
  valid_from_at local_moment not null,
  primary key (county_id, process_id, table_id, version, unit_id));

create table people (
  county_id ident not null references counties, person_id ident not null, id_number_cipher bytea, id_number_index bytea,
  name text not null, born local_date, phone_cipher bytea, unit_id ident not null, attributes jsonb not null default '{}',
  version integer not null default 1, stored_at timestamptz not null default now(),
  primary key (county_id, person_id), foreign key (county_id, unit_id) references units);
create unique index people_id_number on people (county_id, id_number_index) where id_number_index is not null;
create index people_unit on people (county_id, unit_id);
-- What a person owes: scheme (insurance), year, item.
create table dues (
  county_id ident not null, process_id ident not null, due_id ident not null, person_id ident not null, unit_id ident not null,
  unit_path ident not null, insurance ident not null, year integer not null, item ident not null default 'contribution', tier bigint,
  amount bigint not null, groups text[] not null default '{}', government_paid bigint not null default 0,
  assigned_to ident, arrived bigint not null default 0, collected bigint not null default 0, arrived_on local_date,
  attributes jsonb not null default '{}', seq bigint generated always as identity,
  primary key (county_id, process_id, due_id));
create unique index dues_once on dues (county_id, process_id, person_id, insurance, year, item);
create index dues_unit on dues (county_id, process_id, unit_id);
create table assignments (
  county_id ident not null, process_id ident not null, assignment_id bigint generated always as identity, user_id ident not null,
  unit_id ident, person_id ident, kind text not null check (kind in ('area', 'village', 'household')), valid_from local_date not null,
  valid_to local_date, primary key (county_id, assignment_id));
`;

/** Facts about money. */
const money = `
-- Facts about money, append-only. happened_on and recorded_at are business times.
create table payments (
  county_id ident not null, process_id ident not null, payment_id ident not null, due_id ident, person_id ident, unit_id ident,
  insurance ident not null, year integer not null, amount bigint not null,
  kind text not null check (kind in ('collected', 'remitted', 'arrived', 'reversal')),
  happened_on local_date not null, recorded_at local_moment not null, source text not null, source_line integer, external_id text,
  receipt text, channel text, means text, meaning ident not null, reverses ident, import_id ident, recorded_by ident not null,
  on_behalf_of text, seq bigint generated always as identity,
  primary key (county_id, process_id, payment_id));
create unique index payments_meaning on payments (county_id, process_id, meaning);
create index payments_due on payments (county_id, process_id, due_id);
create index payments_unit_day on payments (county_id, process_id, unit_id, happened_on);
-- Money that breaks a rule: never refused, allotted or refunded by a follow-up.
create table suspense (
  county_id ident not null, process_id ident not null, suspense_id ident not null, payment_id ident not null, reason text not null,
  amount bigint not null, status text not null check (status in ('open', 'allotted', 'refunded')), settled_by ident,
  settled_at local_moment, detail jsonb not null default '{}', primary key (county_id, process_id, suspense_id));
-- Village totals by day, entered before the detail exists; the detail replaces them and the difference is shown.
create table unit_totals (
  county_id ident not null, process_id ident not null, unit_id ident not null, insurance ident not null, on_date local_date not null,
  persons integer not null, amount bigint not null, recorded_at local_moment not null, recorded_by ident not null,
  version integer not null, replaced_at local_moment, primary key (county_id, process_id, unit_id, insurance, on_date, version));
create table receipts (
  county_id ident not null, process_id ident not null, range_id bigint generated always as identity, prefix text not null,
  first_number bigint not null, last_number bigint not null, unit_id ident not null, issued_to text, issued_on local_date not null,
  primary key (county_id, range_id));
-- Present figures per unit and count, kept in the recording transaction.
create table tallies (
  county_id ident not null, process_id ident not null, unit_id ident not null, unit_path ident not null, count_id ident not null,
  value bigint not null, primary key (county_id, process_id, unit_id, count_id));
`;

/** What came in as files. */
const files = `
create table imports (
  county_id ident not null, import_id ident not null, process_id ident, kind text not null, file_name text not null,
  file_digest ident not null, profile jsonb not null, status text not null check (status in ('running', 'done', 'refused', 'dryRun')),
  rows_read bigint not null default 0, rows_kept bigint not null default 0, rows_bad bigint not null default 0, totals jsonb,
  by_user ident not null, at local_moment not null, stored_at timestamptz not null default now(),
  primary key (county_id, import_id));
create table import_errors (
  county_id ident not null, import_id ident not null, line integer not null, column_name text, code text not null,
  params jsonb not null, error_id bigint generated always as identity, primary key (county_id, import_id, error_id));
create table import_profiles (
  county_id ident not null, name text not null, kind text not null, profile jsonb not null,
  stored_at timestamptz not null default now(), primary key (county_id, name));
create table files (
  county_id ident not null, file_id ident not null, digest ident not null, name text not null, media_type text not null,
  size bigint not null, by_user ident not null, content bytea not null, stored_at timestamptz not null default now(),
  primary key (county_id, file_id));
`;

/** What goes to and from a process. */
const messages = `
-- Facts for a process; a dispatcher signals 'facts up to W' until the journal acknowledges.
create table inbox (
  county_id ident not null, process_id ident not null, inbox_id bigint generated always as identity, fact jsonb not null,
  at local_moment not null, primary key (county_id, process_id, inbox_id));
-- One row for each notice and address, written with the event; messages are made from them, one digest per person and morning.
create table outbox (
  county_id ident not null, process_id ident not null, outbox_id ident not null, notice_id ident not null, obligation_id ident,
  unit_id ident not null, unit_path ident not null, role ident not null, text_id ident not null, fields jsonb not null,
  mandatory boolean not null, send_at local_moment not null, via text[] not null,
  status text not null check (status in ('waiting', 'sent', 'failed', 'noHolder', 'withdrawn')), seq bigint not null,
  primary key (county_id, process_id, outbox_id));
create index outbox_waiting on outbox (county_id, process_id, send_at) where status = 'waiting';
-- One message to one person by one channel; its id is what adapters see, the same at every retry.
create table messages (
  county_id ident not null, message_id ident not null, process_id ident not null, user_id ident not null, channel text not null,
  address text, subject text not null, body text not null, outbox_ids text[] not null, mandatory boolean not null,
  send_at local_moment not null, status text not null check (status in ('waiting', 'sent', 'failed')),
  attempts integer not null default 0, next_try_at timestamptz not null default now(), last_error text, sent_at local_moment,
  read_at local_moment, stored_at timestamptz not null default now(),
  primary key (county_id, message_id));
create index messages_waiting on messages (next_try_at) where status = 'waiting';
create index messages_user on messages (county_id, user_id, send_at);
`;

/** Incidents, audit chains, answered requests. */
const keeping = `
create table incidents (
  county_id ident not null, incident_id ident not null, process_id ident, code text not null, cause text not null,
  detail jsonb not null, owner_role text not null, status text not null check (status in ('open', 'closed')),
  count integer not null default 1, first_at timestamptz not null default now(), last_at timestamptz not null default now(),
  closed_by ident, primary key (county_id, incident_id));
create unique index incidents_open on incidents (county_id, coalesce(process_id::text, ''), code, cause) where status = 'open';

-- Hash chains: one per process by seq, one per county for administration (chain = 'county').
create table audit (
  county_id ident not null, chain ident not null, seq bigint not null, at local_moment not null, actor ident not null,
  action text not null, subject text not null, detail jsonb not null, previous ident not null, hash ident not null,
  stored_at timestamptz not null default now(),
  primary key (county_id, chain, seq));
-- Same Idempotency-Key with another body is refused; with the same, answered alike.
create table idempotency (
  county_id ident not null, key_hash ident not null, user_id ident not null, route text not null, body_digest ident not null,
  status integer, response jsonb, stored_at timestamptz not null default now(), primary key (county_id, key_hash));
`;

/** Rights alone do not stop an owner: triggers do. */
const appendOnly = `
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'append-only: % on %', tg_op, tg_table_name using errcode = 'DB001';
end $$;
create trigger journal_append_only before update or delete on journal for each row execute function refuse_change();
create trigger journal_keep before truncate on journal execute function refuse_change();
create trigger audit_append_only before update or delete on audit for each row execute function refuse_change();
create trigger audit_keep before truncate on audit execute function refuse_change();
create trigger payments_append_only before update or delete on payments for each row execute function refuse_change();
create trigger payments_keep before truncate on payments execute function refuse_change();
create trigger snapshots_append_only before update or delete on snapshots for each row execute function refuse_change();
create trigger snapshots_keep before truncate on snapshots execute function refuse_change();
`;

/** The whole store, from empty. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [types, registry, process, reading, offices, persons, money, files, messages, keeping, appendOnly]) {
    await sql.raw(part).execute(db);
  }
}
