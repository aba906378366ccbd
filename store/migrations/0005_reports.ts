import { sql, type Kysely } from 'kysely';

/*
 * What reports as of an earlier day are told from: what a person owed before it was changed, and bulletins as they were issued. Moments are
 * business times.
 */
const dues = `
-- Since when a due is as it is; what it was before is kept until it changed.
alter table dues add column since_at local_moment;
update dues d set since_at = coalesce(
  (select min(i.at::text) from imports i where i.county_id = d.county_id and i.process_id = d.process_id and i.kind = 'roster' and i.status = 'done'),
  (select p.launched_at::text from processes p where p.county_id = d.county_id and p.process_id = d.process_id),
  '0001-01-01T00:00:00');
alter table dues alter column since_at set not null;

create table dues_before (
  county_id ident not null, process_id ident not null, due_id ident not null, before_id bigint generated always as identity,
  person_id ident not null, unit_id ident not null, insurance ident not null, year integer not null, item ident not null, tier bigint,
  amount bigint not null, groups text[] not null, government_paid bigint not null, assigned_to ident, attributes jsonb not null,
  seq bigint not null, since_at local_moment not null, until_at local_moment not null,
  primary key (county_id, process_id, due_id, before_id));

create function keep_due() returns trigger language plpgsql as $$
begin
  insert into dues_before (county_id, process_id, due_id, person_id, unit_id, insurance, year, item, tier, amount, groups, government_paid,
    assigned_to, attributes, seq, since_at, until_at)
  values (old.county_id, old.process_id, old.due_id, old.person_id, old.unit_id, old.insurance, old.year, old.item, old.tier, old.amount, old.groups,
    old.government_paid, old.assigned_to, old.attributes, old.seq, old.since_at, new.since_at);
  return new;
end $$;
-- Money that comes in changes none of these columns.
create trigger dues_keep before update of unit_id, tier, amount, groups, government_paid, assigned_to, attributes on dues for each row
  when ((old.unit_id, old.tier, old.amount, old.groups, old.government_paid, old.assigned_to, old.attributes)
    is distinct from (new.unit_id, new.tier, new.amount, new.groups, new.government_paid, new.assigned_to, new.attributes))
  execute function keep_due();
`;

const bulletins = `
-- A report of the definition as it was issued with an obligation. The digest is over its canonical JSON, and in the county's audit chain.
create table bulletins (
  county_id ident not null, process_id ident not null, report ident not null, number integer not null, obligation_id ident not null,
  unit_id ident not null, at local_moment not null, by_user ident not null, body jsonb not null, digest ident not null,
  stored_at timestamptz not null default now(),
  primary key (county_id, process_id, report, number), foreign key (county_id, process_id) references processes);
create trigger bulletins_append_only before update or delete on bulletins for each row execute function refuse_change();
create trigger bulletins_keep before truncate on bulletins execute function refuse_change();
create trigger dues_before_append_only before update or delete on dues_before for each row execute function refuse_change();
create trigger dues_before_keep before truncate on dues_before execute function refuse_change();
`;

const journal = `
-- What a setting is amended by is looked for whenever figures are counted.
create index journal_amendments on journal (county_id, process_id, seq)
  where event -> 'act' ->> 'kind' in ('amendPhase', 'amendParameter', 'release');
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [dues, bulletins, journal]) await sql.raw(part).execute(db);
}
