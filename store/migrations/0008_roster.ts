import { sql, type Kysely } from 'kysely';

/*
 * Who takes part, besides what 0001 has of persons and what they owe: the accounts from which a bank takes it, what was deposited there, the special
 * identities that offices certify and townships enter, and who draws a benefit. Days and moments are business times.
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

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [accounts, deposits]) await sql.raw(part).execute(db);
}
