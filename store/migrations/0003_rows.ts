import { sql, type Kysely } from 'kysely';

/*
 * What is owed about single persons. Such an obligation stands in `obligations` like an office's, with its subject and its next moment; it has a journal
 * of its own. What its process was when rows are stepped under it stands in `row_turns`.
 */
const rows = `
-- row_id: the row's own obligation, on it and on its follow-ups; row_number: its last journal entry.
alter table obligations add column row_id ident, add column person_id ident, add column due_id ident, add column next_at local_moment,
  add column row_number integer;
create index obligations_next on obligations (county_id, process_id, next_at, obligation_id) where next_at is not null;
create index obligations_follow_ups on obligations (county_id, process_id, row_id) where row_id is not null and origin <> 'duty';

-- Written with the process's event \`seq\`: from it on rows are stepped under this; a turn for facts alone changes nothing of that.
-- done: the rows have had this turn.
create table row_turns (
  county_id ident not null, process_id ident not null, seq bigint not null, kind text not null, at local_moment not null,
  setting_digest ident not null, context jsonb not null, births jsonb not null, done boolean not null default false,
  primary key (county_id, process_id, seq), foreign key (county_id, process_id) references processes);
create index row_turns_waiting on row_turns (county_id, process_id) where not done;

-- What happened to each row from outside. entry_id follows the order of commits as far as \`lockEntries\` is used.
create table row_journal (
  county_id ident not null, process_id ident not null, row_id ident not null, number integer not null, under bigint not null, act_id ident,
  event jsonb not null, at local_moment not null, actor ident not null, digest ident not null,
  entry_id bigint generated always as identity, stored_at timestamptz not null default now(),
  -- No key to processes: acts on rows must not wait for the recorder, which holds the process's row.
  primary key (county_id, process_id, row_id, number));
create unique index row_journal_act on row_journal (county_id, process_id, act_id) where act_id is not null;
create unique index row_journal_entry on row_journal (county_id, process_id, entry_id);
create trigger row_journal_append_only before update or delete on row_journal for each row execute function refuse_change();
create trigger row_journal_keep before truncate on row_journal execute function refuse_change();

-- How many rows of a duty stand how, per unit: kept in the transaction that writes the rows.
create table row_counts (
  county_id ident not null, process_id ident not null, duty ident not null, unit_id ident not null, insurance ident not null,
  status text not null, late boolean not null, rows integer not null,
  primary key (county_id, process_id, duty, unit_id, insurance, status, late));

-- Dues that have changed since the rows about them were last looked at.
create table due_touches (
  county_id ident not null, process_id ident not null, due_id ident not null, touch_id bigint generated always as identity,
  primary key (touch_id));
create index due_touches_process on due_touches (county_id, process_id, touch_id);

alter table outbox add column rows integer not null default 0;
`;

/** Whatever changes a due or its person, the rows about it are looked at again: only where the campaign has rows. */
const touching = `
create function touch_dues() returns trigger language plpgsql as $$
begin
  insert into due_touches (county_id, process_id, due_id)
  select n.county_id, n.process_id, n.due_id from changed n
  where exists (select from row_turns t where t.county_id = n.county_id and t.process_id = n.process_id);
  return null;
end $$;
create trigger dues_added after insert on dues referencing new table as changed for each statement execute function touch_dues();
create trigger dues_changed after update on dues referencing new table as changed for each statement execute function touch_dues();
create function touch_people() returns trigger language plpgsql as $$
begin
  insert into due_touches (county_id, process_id, due_id)
  select d.county_id, d.process_id, d.due_id
  from changed n join (select distinct county_id, process_id from row_turns) t on t.county_id = n.county_id
  join dues d on d.county_id = t.county_id and d.process_id = t.process_id and d.person_id = n.person_id;
  return null;
end $$;
create trigger people_changed after update on people referencing new table as changed for each statement execute function touch_people();
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(rows).execute(db);
  await sql.raw(touching).execute(db);
}
