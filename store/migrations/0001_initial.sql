-- One county may share a database with others: county_id stands in every table and unique key.
-- Business times are local text ('2020-05-25', '2020-05-25T08:30:00', Asia/Shanghai) and come from events; now() only in *_stored_at columns.
-- Ids are surrogates (u17, p12, c3, w1). Money is bigint fen.

create table counties (county_id text primary key, name text not null, next_id bigint not null default 1);

-- One clock. Virtual: `now` moves only by the conductor. Real: now = host clock + offset_seconds (0 outside tests).
create table worlds (
  county_id text not null references counties, world_id text not null, kind text not null check (kind in ('real', 'virtual')),
  now_at text, offset_seconds integer not null default 0, advancing_to text, stored_at timestamptz not null default now(),
  primary key (county_id, world_id));

create table definitions (
  county_id text not null references counties, definition_id text not null, version text not null, digest text not null,
  body jsonb not null, source_text text not null, released_by text not null, stored_at timestamptz not null default now(),
  primary key (county_id, definition_id, version));
create unique index definitions_digest on definitions (county_id, digest);

-- Settings pinned by digest; a run points to its present one.
create table settings (county_id text not null references counties, digest text not null, body jsonb not null, stored_at timestamptz not null default now(), primary key (county_id, digest));

create table processes (
  county_id text not null references counties, process_id text not null, kind text not null check (kind in ('campaign')), definition_id text not null, version text not null,
  definition_digest text not null, setting_digest text not null, world_id text not null, root_unit text not null, year integer not null,
  status text not null check (status in ('launching', 'running', 'paused', 'stopped', 'ended')), title text not null, seq bigint not null default 0, wake_at text, launched_at text, launched_by text not null,
  core_revision integer not null default 1, facts_up_to bigint not null default 0, stored_at timestamptz not null default now(),
  primary key (county_id, process_id), foreign key (county_id, world_id) references worlds);
create unique index processes_start_key on processes (county_id, definition_id, root_unit, year, world_id);
create index processes_wake on processes (county_id, world_id, wake_at) where wake_at is not null;

create table journal (
  county_id text not null, process_id text not null, seq bigint not null, act_id text, event jsonb not null, at text not null, actor text not null, stored_at timestamptz not null default now(),
  primary key (county_id, process_id, seq), foreign key (county_id, process_id) references processes);
create unique index journal_act on journal (county_id, process_id, act_id) where act_id is not null;

-- Read model: folded from the journal, rebuilt by folding it again.
create table obligations (
  county_id text not null, process_id text not null, obligation_id text not null, origin text not null, duty text not null, unit_id text not null, unit_path text not null,
  insurance text, period text, owes text[] not null, status text not null, since text not null, due text, late boolean not null, days_late integer, rung integer not null default -1, closed_on text,
  body jsonb not null, seq bigint not null,
  primary key (county_id, process_id, obligation_id), foreign key (county_id, process_id) references processes);
create index obligations_due on obligations (county_id, unit_path text_pattern_ops, due, process_id, obligation_id) where status in ('open', 'beforeLaunch', 'checking');
create index obligations_late on obligations (county_id, due, unit_path text_pattern_ops, process_id, obligation_id) where late and status = 'open';
create index obligations_duty on obligations (county_id, process_id, duty, unit_id);
-- Counts the board shows, one row per unit, kept by the recording transaction.
create table board (
  county_id text not null, process_id text not null, unit_id text not null, unit_path text not null, open integer not null default 0, late integer not null default 0, done integer not null default 0, done_late integer not null default 0,
  primary key (county_id, process_id, unit_id));
create index board_path on board (county_id, unit_path text_pattern_ops);

create table milestones (
  county_id text not null, process_id text not null, key text not null, milestone text not null, unit_id text not null, unit_path text not null, period text, due text not null, status text not null, result text, body jsonb not null, seq bigint not null,
  primary key (county_id, process_id, key));
-- Figures frozen at a date with what they were computed from; never updated: a correction is the next version.
create table snapshots (
  county_id text not null, snapshot_id text not null, process_id text not null, key text not null, version integer not null, happened_by text not null, recorded_before text not null, tallies jsonb not null, target_versions jsonb not null, rows_digest text not null, rows_count bigint not null, stored_at timestamptz not null default now(),
  primary key (county_id, snapshot_id));
create table flags (county_id text not null, process_id text not null, flag_id text not null, report text not null, unit_id text not null, unit_path text not null, about text not null, on_date text not null, days_late integer not null, primary key (county_id, process_id, flag_id));
create table publications (county_id text not null, process_id text not null, obligation_id text not null, posted_on text not null, earliest_down text not null, taken_down_on text, primary key (county_id, process_id, obligation_id));

-- Units: a tree with validity. path = '/u1/u4/' of surrogates; names may repeat and change.
create table units (
  county_id text not null references counties, unit_id text not null, level text not null, parent_id text, path text not null, name text not null, code text, kind text, valid_from text, valid_to text, successors text[] not null default '{}', version integer not null default 1, stored_at timestamptz not null default now(),
  primary key (county_id, unit_id));
create index units_path on units (county_id, path text_pattern_ops);
create index units_name on units (county_id, name);
create table unit_events (county_id text not null, unit_event_id bigint generated always as identity, unit_id text not null, kind text not null check (kind in ('created', 'renamed', 'moved', 'merged', 'split', 'retired')), on_date text not null, detail jsonb not null, by_user text not null, primary key (county_id, unit_event_id));

create table users (
  county_id text not null references counties, user_id text not null, login text not null, name text not null, phone text, email text, password_hash text, must_change boolean not null default true, demonstration boolean not null default false,
  failed integer not null default 0, locked_until timestamptz, disabled boolean not null default false, language text not null default 'zh', version integer not null default 1, stored_at timestamptz not null default now(),
  primary key (county_id, user_id));
create unique index users_login on users (county_id, login);
-- A role held at a unit for a time; `definition_id` null = in every campaign. Engine roles: admin, auditor.
create table holdings (
  county_id text not null, holding_id bigint generated always as identity, user_id text not null, role text not null, unit_id text not null, definition_id text, valid_from text, valid_to text, stand_in_for text, paper jsonb, stored_at timestamptz not null default now(),
  primary key (county_id, holding_id), foreign key (county_id, user_id) references users, foreign key (county_id, unit_id) references units);
create unique index holdings_once on holdings (county_id, user_id, role, unit_id, coalesce(definition_id, ''), coalesce(valid_from, ''));
create index holdings_role on holdings (county_id, role, unit_id);
create table sessions (county_id text not null, token_hash text primary key, user_id text not null, kind text not null check (kind in ('session', 'token')), label text, expires_at timestamptz, last_used_at timestamptz, stored_at timestamptz not null default now(), foreign key (county_id, user_id) references users);

create table targets (
  county_id text not null, process_id text not null, table_id text not null, version integer not null, provisional boolean not null default false, unit_id text not null, values jsonb not null, import_id text, valid_from_at text not null,
  primary key (county_id, process_id, table_id, version, unit_id));

create table people (
  county_id text not null references counties, person_id text not null, id_number_cipher bytea, id_number_index bytea, name text not null, born text, phone_cipher bytea, unit_id text not null, attributes jsonb not null default '{}', version integer not null default 1, stored_at timestamptz not null default now(),
  primary key (county_id, person_id), foreign key (county_id, unit_id) references units);
create unique index people_id_number on people (county_id, id_number_index) where id_number_index is not null;
create index people_unit on people (county_id, unit_id);
-- What a person owes: scheme (insurance), year, item.
create table dues (
  county_id text not null, process_id text not null, due_id text not null, person_id text not null, unit_id text not null, unit_path text not null, insurance text not null, year integer not null, item text not null default 'contribution', tier bigint, amount bigint not null, groups text[] not null default '{}', government_paid bigint not null default 0,
  assigned_to text, arrived bigint not null default 0, collected bigint not null default 0, arrived_on text, attributes jsonb not null default '{}', seq bigint generated always as identity,
  primary key (county_id, process_id, due_id));
create unique index dues_once on dues (county_id, process_id, person_id, insurance, year, item);
create index dues_unit on dues (county_id, process_id, unit_id);
create table assignments (county_id text not null, process_id text not null, assignment_id bigint generated always as identity, user_id text not null, unit_id text, person_id text, kind text not null check (kind in ('area', 'village', 'household')), valid_from text not null, valid_to text, primary key (county_id, assignment_id));

-- Facts about money, append-only. happened_on and recorded_at are business times.
create table payments (
  county_id text not null, process_id text not null, payment_id text not null, due_id text, person_id text, unit_id text, insurance text not null, year integer not null, amount bigint not null, kind text not null check (kind in ('collected', 'remitted', 'arrived', 'reversal')),
  happened_on text not null, recorded_at text not null, source text not null, source_line integer, external_id text, receipt text, channel text, means text, meaning text not null, reverses text, import_id text, recorded_by text not null, on_behalf_of text, seq bigint generated always as identity,
  primary key (county_id, process_id, payment_id));
create unique index payments_meaning on payments (county_id, process_id, meaning);
create index payments_due on payments (county_id, process_id, due_id);
create index payments_unit_day on payments (county_id, process_id, unit_id, happened_on);
-- Money that breaks a rule: never refused, allotted or refunded by a follow-up.
create table suspense (county_id text not null, process_id text not null, suspense_id text not null, payment_id text not null, reason text not null, amount bigint not null, status text not null check (status in ('open', 'allotted', 'refunded')), settled_by text, settled_at text, detail jsonb not null default '{}', primary key (county_id, process_id, suspense_id));
-- Village totals by day, entered before the detail exists; the detail replaces them and the difference is shown.
create table unit_totals (county_id text not null, process_id text not null, unit_id text not null, insurance text not null, on_date text not null, persons integer not null, amount bigint not null, recorded_at text not null, recorded_by text not null, version integer not null, replaced_at text, primary key (county_id, process_id, unit_id, insurance, on_date, version));
create table receipts (county_id text not null, process_id text not null, range_id bigint generated always as identity, prefix text not null, first_number bigint not null, last_number bigint not null, unit_id text not null, issued_to text, issued_on text not null, primary key (county_id, range_id));
-- Present figures per unit and count, kept in the recording transaction.
create table tallies (county_id text not null, process_id text not null, unit_id text not null, unit_path text not null, count_id text not null, value bigint not null, primary key (county_id, process_id, unit_id, count_id));

create table imports (
  county_id text not null, import_id text not null, process_id text, kind text not null, file_name text not null, file_digest text not null, profile jsonb not null, status text not null check (status in ('running', 'done', 'refused', 'dryRun')), rows_read bigint not null default 0, rows_kept bigint not null default 0, rows_bad bigint not null default 0, totals jsonb, by_user text not null, at text not null, stored_at timestamptz not null default now(),
  primary key (county_id, import_id));
create table import_errors (county_id text not null, import_id text not null, line integer not null, column_name text, code text not null, params jsonb not null, error_id bigint generated always as identity, primary key (county_id, import_id, error_id));
create table import_profiles (county_id text not null, name text not null, kind text not null, profile jsonb not null, stored_at timestamptz not null default now(), primary key (county_id, name));
create table files (county_id text not null, file_id text not null, digest text not null, name text not null, media_type text not null, size bigint not null, by_user text not null, content bytea not null, stored_at timestamptz not null default now(), primary key (county_id, file_id));

-- Facts for a process; a dispatcher signals 'facts up to W' until the journal acknowledges.
create table inbox (county_id text not null, process_id text not null, inbox_id bigint generated always as identity, fact jsonb not null, at text not null, primary key (county_id, process_id, inbox_id));
-- One row for each notice and address, written with the event; messages are made from them, one digest per person and morning.
create table outbox (
  county_id text not null, process_id text not null, outbox_id text not null, notice_id text not null, obligation_id text, unit_id text not null, unit_path text not null, role text not null, text_id text not null, fields jsonb not null, mandatory boolean not null, send_at text not null, via text[] not null, status text not null check (status in ('waiting', 'sent', 'failed', 'noHolder', 'withdrawn')), seq bigint not null,
  primary key (county_id, process_id, outbox_id));
create index outbox_waiting on outbox (county_id, process_id, send_at) where status = 'waiting';
-- One message to one person by one channel; its id is what adapters see, the same at every retry.
create table messages (
  county_id text not null, message_id text not null, process_id text not null, user_id text not null, channel text not null, address text, subject text not null, body text not null, outbox_ids text[] not null, mandatory boolean not null, send_at text not null, status text not null check (status in ('waiting', 'sent', 'failed')), attempts integer not null default 0, next_try_at timestamptz not null default now(), last_error text, sent_at text, read_at text, stored_at timestamptz not null default now(),
  primary key (county_id, message_id));
create index messages_waiting on messages (next_try_at) where status = 'waiting';
create index messages_user on messages (county_id, user_id, send_at);

create table incidents (county_id text not null, incident_id text not null, process_id text, code text not null, cause text not null, detail jsonb not null, owner_role text not null, status text not null check (status in ('open', 'closed')), count integer not null default 1, first_at timestamptz not null default now(), last_at timestamptz not null default now(), closed_by text, primary key (county_id, incident_id));
create unique index incidents_open on incidents (county_id, coalesce(process_id, ''), code, cause) where status = 'open';

-- Hash chains: one per process by seq, one per county for administration (chain = 'county').
create table audit (
  county_id text not null, chain text not null, seq bigint not null, at text not null, actor text not null, action text not null, subject text not null, detail jsonb not null, previous text not null, hash text not null, stored_at timestamptz not null default now(),
  primary key (county_id, chain, seq));
-- Same Idempotency-Key with another body is refused; with the same, answered alike.
create table idempotency (county_id text not null, key_hash text not null, user_id text not null, route text not null, body_digest text not null, status integer, response jsonb, stored_at timestamptz not null default now(), primary key (county_id, key_hash));

create function refuse_change() returns trigger language plpgsql as $$ begin raise exception 'append-only: % on %', tg_op, tg_table_name using errcode = 'DB001'; end $$;
create trigger journal_append_only before update or delete on journal for each row execute function refuse_change();
create trigger audit_append_only before update or delete on audit for each row execute function refuse_change();
create trigger payments_append_only before update or delete on payments for each row execute function refuse_change();
create trigger snapshots_append_only before update or delete on snapshots for each row execute function refuse_change();
