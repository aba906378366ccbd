import { sql, type Kysely } from 'kysely';

/*
 * Who takes part, besides what 0001 has of persons and what they owe: the accounts from which a bank takes it, what was deposited there, the special
 * identities that offices certify and townships enter. Days and moments are business times.
 */
const accounts = `
-- The account from which a person's contribution is taken: dedicated passbook or social security card. One is in force per person and insurance; what
-- was in force before stays, with the moment until which it was.
create table bank_accounts (
  county_id ident not null references counties, account_id ident not null, person_id ident not null, insurance ident not null,
  holder_name text not null, bank text not null, branch_unit ident, account_cipher bytea not null, account_index bytea not null,
  since_at local_moment not null, until_at local_moment, import_id ident, recorded_by ident not null, stored_at timestamptz not null default now(),
  primary key (county_id, account_id), foreign key (county_id, person_id) references people);
create unique index bank_accounts_in_force on bank_accounts (county_id, person_id, insurance) where until_at is null;
create index bank_accounts_number on bank_accounts (county_id, account_index);
`;

const deposits = `
-- What a report says stands deposited for a due on a day, in all. 'bank': its pre-deposit list; 'township': its report. The newest day counts, on the same
-- day the bank's word, of one source the last recorded.
create table deposits (
  county_id ident not null, process_id ident not null, deposit_id ident not null, due_id ident not null, amount bigint not null check (amount >= 0),
  on_date local_date not null, source text not null check (source in ('bank', 'township')), import_id ident, source_line integer,
  recorded_at local_moment not null, recorded_by ident not null, seq bigint generated always as identity,
  primary key (county_id, process_id, deposit_id));
-- The same word again is the same report.
create unique index deposits_once on deposits (county_id, process_id, due_id, source, on_date, amount);
create trigger deposits_append_only before update or delete on deposits for each row execute function refuse_change();
create trigger deposits_keep before truncate on deposits execute function refuse_change();
-- Kept beside what arrived: the report that counts at present.
alter table dues add column deposited bigint not null default 0;
`;

const identities = `
-- Special identities: that an office certified that a person belongs to a group (with what it rests on), and that the township entered it. Every change is a new
-- version; one is in force per person and group. entered_on is the day of recording, never a day that somebody names.
create table identities (
  county_id ident not null, process_id ident not null, identity_id ident not null, version integer not null, person_id ident not null, group_id ident not null,
  certified_by ident, certified_on local_date, withdrawn boolean not null default false, entered_on local_date, entered_by ident,
  attributes jsonb not null default '{}', reason text, since_at local_moment not null, until_at local_moment, import_id ident, recorded_by ident not null,
  primary key (county_id, process_id, identity_id, version), foreign key (county_id, person_id) references people,
  check (certified_by is not null or entered_on is not null), check ((entered_on is null) = (entered_by is null)));
create unique index identities_in_force on identities (county_id, process_id, person_id, group_id) where until_at is null;

-- late_groups: those that were entered after their cut-off; amounts that they lose do not count them. reason, changed_by: of a change that somebody made to this
-- one due; null when a file or what follows from one made it so.
alter table dues add column late_groups text[] not null default '{}', add column reason text, add column changed_by ident;
alter table dues_before add column late_groups text[] not null default '{}', add column reason text, add column changed_by ident;
create or replace function keep_due() returns trigger language plpgsql as $$
begin
  insert into dues_before (county_id, process_id, due_id, person_id, unit_id, insurance, year, item, tier, amount, groups, late_groups, government_paid,
    assigned_to, attributes, reason, changed_by, seq, since_at, until_at)
  values (old.county_id, old.process_id, old.due_id, old.person_id, old.unit_id, old.insurance, old.year, old.item, old.tier, old.amount, old.groups,
    old.late_groups, old.government_paid, old.assigned_to, old.attributes, old.reason, old.changed_by, old.seq, old.since_at, new.since_at);
  return new;
end $$;
drop trigger dues_keep on dues;
create trigger dues_keep before update of unit_id, tier, amount, groups, late_groups, government_paid, assigned_to, attributes on dues for each row
  when ((old.unit_id, old.tier, old.amount, old.groups, old.late_groups, old.government_paid, old.assigned_to, old.attributes)
    is distinct from (new.unit_id, new.tier, new.amount, new.groups, new.late_groups, new.government_paid, new.assigned_to, new.attributes))
  execute function keep_due();
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [accounts, deposits, identities]) await sql.raw(part).execute(db);
}
