import { sql, type Kysely } from 'kysely';
import { deductions } from './0004_deductions.js';
import { postedBefore } from './0004_posted_before.js';

/*
 * Our own control ledger: double entry in fen, added to and never changed. Debit amounts are above 0, credit amounts below. What a transaction
 * comes from is its id (`payment/k17`), so that one cause is one transaction.
 */
const ledger = `
-- The chart. holder: what kind of thing stands behind the account, null when there is one for each book and insurance.
create table ledger_accounts (
  account ident primary key, side text not null check (side in ('debit', 'credit')),
  holder text check (holder in ('unit', 'person', 'suspense', 'batch')));
insert into ledger_accounts (account, side, holder) values
  ('cash', 'debit', 'unit'), ('transit', 'debit', 'unit'), ('clearing', 'debit', 'batch'), ('income', 'debit', null),
  ('expenditure', 'debit', null), ('fiscal', 'debit', null), ('recovery', 'debit', 'person'), ('received', 'credit', 'person'),
  ('contribution', 'credit', 'person'), ('subsidy', 'credit', 'person'), ('suspense', 'credit', 'suspense'),
  ('refundPayable', 'credit', 'person');
-- happened_on and recorded_at are business times.
create table ledger_transactions (
  county_id ident not null, process_id ident not null, tx_id ident not null, kind ident not null, year integer not null,
  happened_on local_date not null, recorded_at local_moment not null, recorded_by ident not null, reverses ident,
  primary key (county_id, process_id, tx_id));
create table ledger_postings (
  county_id ident not null, process_id ident not null, tx_id ident not null, n smallint not null check (n > 0), account ident not null,
  holder ident, book ident not null check (book in ('personalAccount', 'basicPension')), insurance ident not null,
  amount bigint not null check (amount <> 0), primary key (county_id, process_id, tx_id, n));
create index ledger_postings_holder on ledger_postings (county_id, process_id, account, holder) where holder is not null;
-- The case of suspense of a payment; what rests of a person.
create index suspense_payment on suspense (county_id, process_id, payment_id);
create index payments_resting on payments (county_id, process_id, person_id) where due_id is null and person_id is not null;
`;

/*
 * One look at all rows of a statement, however many: a check row by row would cost more than the rows. A statement writes whole transactions, their
 * postings numbered from 1: nothing can be added to one later. Planned anew each time, because a statement brings one posting or a million.
 */
const checks = `
create function refuse_unbalanced() returns trigger language plpgsql as $$
declare bad record;
begin
  execute 'select a.tx_id, a.account from added a left join ledger_accounts c on c.account = a.account
    where c.account is null or (c.holder is null) <> (a.holder is null) limit 1' into bad;
  if bad.tx_id is not null then
    raise exception 'ledger: % has no such account as %', bad.tx_id, bad.account using errcode = 'DB002';
  end if;
  execute 'select s.tx_id, s.book, s.insurance, s.amount from (
      select county_id, process_id, tx_id, book, insurance, sum(amount) as amount from added group by 1, 2, 3, 4, 5) s
    where s.amount <> 0 order by 1, 2, 3 limit 1' into bad;
  if bad.tx_id is not null then
    raise exception 'ledger: % does not balance in book % of %: %', bad.tx_id, bad.book, bad.insurance, bad.amount using errcode = 'DB002';
  end if;
  execute 'select s.tx_id from (select county_id, process_id, tx_id, min(n) as first, max(n) as last, count(*) as rows from added group by 1, 2, 3) s
    left join ledger_transactions t on t.county_id = s.county_id and t.process_id = s.process_id and t.tx_id = s.tx_id
    where t.tx_id is null or s.first <> 1 or s.last <> s.rows limit 1' into bad;
  if bad.tx_id is not null then
    raise exception 'ledger: % is not written whole', bad.tx_id using errcode = 'DB002';
  end if;
  return null;
end $$;
create trigger ledger_postings_balance after insert on ledger_postings referencing new table as added
  for each statement execute function refuse_unbalanced();
`;

const appendOnly = [
  'ledger_accounts',
  'ledger_transactions',
  'ledger_postings',
  'contribution_dues',
  'deduction_batches',
  'deduction_batch_events',
  'deduction_lines',
  'deduction_returns',
  'deduction_outcomes',
  'deduction_releases',
]
  .map(
    (table) => `
create trigger ${table}_append_only before update or delete on ${table} for each row execute function refuse_change();
create trigger ${table}_keep before truncate on ${table} execute function refuse_change();`,
  )
  .join('');

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [ledger, checks, deductions, appendOnly, ...postedBefore]) await sql.raw(part).execute(db);
}
