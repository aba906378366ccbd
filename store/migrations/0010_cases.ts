import { sql, type Kysely } from 'kysely';

/*
 * Cases of single persons. What calls for one (or is heard by one that is open) is stored by whoever finds it, in its own transaction; the campaign's
 * rows take it up on their next turn, page by page, and journal what became of it.
 */
const openings = `
-- case_type: the kind to open; null = only told to the open cases of the due. event: as an act's \`after\` names it. opening_id is the
-- caller's, made of what it comes from: the same thing told twice is stored once. n: in the order of storing.
create table case_openings (
  county_id ident not null, process_id ident not null, opening_id ident not null, n bigint generated always as identity,
  case_type ident, due_id ident not null, event ident not null, cause jsonb not null, at local_moment not null, by_user ident not null,
  -- No key to processes: whoever posts money must not wait for the recorder, which holds the process's row.
  primary key (county_id, process_id, opening_id));
create unique index case_openings_number on case_openings (county_id, process_id, n);
create index case_openings_due on case_openings (county_id, process_id, due_id, n);
create trigger case_openings_append_only before update or delete on case_openings for each row execute function refuse_change();
create trigger case_openings_keep before truncate on case_openings execute function refuse_change();

-- Openings that the rows have not yet taken up.
create table case_openings_waiting (
  county_id ident not null, process_id ident not null, n bigint not null, due_id ident not null, primary key (county_id, process_id, n));
create function await_openings() returns trigger language plpgsql as $$
begin
  insert into case_openings_waiting (county_id, process_id, n, due_id) select a.county_id, a.process_id, a.n, a.due_id from added a;
  return null;
end $$;
create trigger case_openings_await after insert on case_openings referencing new table as added
  for each statement execute function await_openings();

-- What frees a due for a deduction: up to and with after_round its outcomes no longer stop it. extra: into a round outside the rhythm.
create table deduction_frees (
  county_id ident not null, process_id ident not null, deduction ident not null, due_id ident not null, after_round integer not null,
  extra boolean not null, row_id ident not null, at local_moment not null, by_user ident not null, reason text,
  primary key (county_id, process_id, deduction, due_id, after_round, extra));
create trigger deduction_frees_append_only before update or delete on deduction_frees for each row execute function refuse_change();
create trigger deduction_frees_keep before truncate on deduction_frees execute function refuse_change();
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(openings).execute(db);
}
