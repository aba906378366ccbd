import { sql, type Kysely } from 'kysely';

/*
 * The deduction cycle around the tables of 0004: orders (make a request, take a return), the files themselves, what a file says before it is posted, what
 * contradicts, what is owed back, what two people decide, and the bank's money coming to the income account.
 */
const around = `
-- What a line was sent for, as it was then; the bank's answer is compared with it.
alter table deduction_batches add column deduction ident, add column period ident, add column insurance ident, add column year integer, add column file_id ident;
drop index deduction_batches_number;
create unique index deduction_batches_number on deduction_batches (county_id, process_id, coalesce(deduction::text, ''), round, seq);
alter table deduction_lines add column due_id ident, add column unit_id ident;
-- outcome: what the definition calls it; taken_on: the day the bank names.
alter table deduction_outcomes add column outcome ident, add column taken_on local_date;

-- Files that went to the bank or came from it, in sealed pieces: they hold accounts and names.
create table deduction_files (
  county_id ident not null, file_id ident not null, kind text not null check (kind in ('request', 'return')), name text not null, digest ident not null,
  bytes bigint not null, at local_moment not null, by_user ident not null, primary key (county_id, file_id));
create table deduction_file_pieces (
  county_id ident not null, file_id ident not null, n integer not null, sealed bytea not null, primary key (county_id, file_id, n),
  foreign key (county_id, file_id) references deduction_files);
`;

const orders = `
-- Work for the cycle, done one after the other in the order of n. token: whoever works on it took the newest; an older one is refused.
create table deduction_orders (
  county_id ident not null, process_id ident not null, order_id ident not null, n bigint generated always as identity, deduction ident not null,
  kind text not null check (kind in ('make', 'return')),
  status text not null check (status in ('proposed', 'waiting', 'working', 'staged', 'posted', 'done', 'refused', 'dropped')),
  token integer not null default 0, request jsonb not null default '{}', file_id ident, batch_id ident, lines bigint not null default 0,
  result jsonb, at local_moment not null, by_user ident not null, confirmed_by ident, confirmed_at local_moment,
  primary key (county_id, order_id), foreign key (county_id, process_id) references processes);
create index deduction_orders_open on deduction_orders (county_id, process_id, deduction, n) where status in ('waiting', 'working', 'staged', 'posted');
create index deduction_orders_process on deduction_orders (county_id, process_id, n);
-- A cycle whose figures did not add up stands still until an administrator has looked.
create table deduction_stops (
  county_id ident not null, process_id ident not null, deduction ident not null, n integer not null check (n > 0), stopped boolean not null,
  detail jsonb not null default '{}', at local_moment not null, by_user ident not null, primary key (county_id, process_id, deduction, n));
-- Lines of a return as read; taken away when it is posted.
create table deduction_staged (
  county_id ident not null, order_id ident not null, token integer not null, file_line integer not null, line bigint, account_index bytea, name text,
  amount bigint, code text, outcome ident, class text, taken_on local_date, primary key (county_id, order_id, token, file_line));
-- Where a file or a line was not taken: the first thousand of each order.
create table deduction_problems (
  county_id ident not null, order_id ident not null, n integer not null, file_line integer, code ident not null, params jsonb not null default '{}',
  primary key (county_id, order_id, n));
`;

const afterwards = `
-- A later answer that contradicts a definite one: two people say which holds.
create table deduction_quarantine (
  county_id ident not null, process_id ident not null, batch_id ident not null, line integer not null, return_id ident not null, outcome ident not null,
  class text not null, code text, taken_on local_date, at local_moment not null, settled_at local_moment, settled_by ident, settled_as text,
  primary key (county_id, batch_id, line, return_id), foreign key (county_id, batch_id, line) references deduction_lines);
create index deduction_quarantine_open on deduction_quarantine (county_id, process_id, batch_id, line) where settled_at is null;
-- What the bank took and nobody owed: late (a success after a definite failure), excess (paid otherwise meanwhile).
create table deduction_refunds (
  county_id ident not null, process_id ident not null, refund_id ident not null, batch_id ident not null, line integer not null,
  why text not null check (why in ('late', 'excess')), amount bigint not null check (amount > 0), on_date local_date not null, at local_moment not null,
  by_user ident not null, settled_as text check (settled_as in ('paid', 'credited')), settled_on local_date, settled_at local_moment, settled_by ident,
  primary key (county_id, refund_id), foreign key (county_id, batch_id, line) references deduction_lines);
create unique index deduction_refunds_once on deduction_refunds (county_id, batch_id, line);
create index deduction_refunds_open on deduction_refunds (county_id, process_id) where settled_at is null;
-- What one person proposes and another confirms.
create table deduction_decisions (
  county_id ident not null, process_id ident not null, decision_id ident not null, kind text not null check (kind in ('line', 'quarantine', 'refund')),
  subject ident not null, choice ident not null, reason text not null, by_user ident not null, at local_moment not null,
  status text not null default 'open' check (status in ('open', 'confirmed', 'dropped')), decided_by ident, decided_at local_moment,
  primary key (county_id, decision_id));
create unique index deduction_decisions_open on deduction_decisions (county_id, process_id, kind, subject) where status = 'open';
-- The bank's money has come to the income account.
create table deduction_clearings (
  county_id ident not null, process_id ident not null, clearing_id ident not null, batch_id ident not null, amount bigint not null check (amount > 0),
  on_date local_date not null, reference text not null, at local_moment not null, by_user ident not null, primary key (county_id, clearing_id),
  foreign key (county_id, batch_id) references deduction_batches);
create unique index deduction_clearings_reference on deduction_clearings (county_id, process_id, reference);
create table deduction_cleared_lines (
  county_id ident not null, batch_id ident not null, line integer not null, clearing_id ident not null, primary key (county_id, batch_id, line),
  foreign key (county_id, batch_id, line) references deduction_lines, foreign key (county_id, clearing_id) references deduction_clearings);
`;

const appendOnly = ['deduction_files', 'deduction_stops', 'deduction_problems', 'deduction_clearings', 'deduction_cleared_lines']
  .map(
    (table) => `
create trigger ${table}_append_only before update or delete on ${table} for each row execute function refuse_change();
create trigger ${table}_keep before truncate on ${table} execute function refuse_change();`,
  )
  .join('');

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [around, orders, afterwards, appendOnly]) await sql.raw(part).execute(db);
}
