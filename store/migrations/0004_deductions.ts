/*
 * What makes a second deduction impossible. An attempt is a line of a batch and carries its number for that debt; numbers are used once, and the
 * next number exists only after the attempt before it was released; only a definite failure releases. All of it are rows that are added.
 */
export const deductions = `
-- A person's debt, whatever campaign collects it.
create table contribution_dues (
  county_id ident not null, contribution_id ident not null, person_id ident not null, insurance ident not null, year integer not null,
  item ident not null default 'contribution', primary key (county_id, contribution_id));
create unique index contribution_dues_once on contribution_dues (county_id, person_id, insurance, year, item);
create table deduction_batches (
  county_id ident not null, batch_id ident not null, process_id ident not null, round integer not null check (round > 0),
  seq integer not null check (seq > 0), format ident not null, digest ident not null, made_at local_moment not null, made_by ident not null,
  primary key (county_id, batch_id), foreign key (county_id, process_id) references processes);
create unique index deduction_batches_number on deduction_batches (county_id, process_id, round, seq);
-- What became of a batch; the newest is its status.
create table deduction_batch_events (
  county_id ident not null, batch_id ident not null, n integer not null check (n > 0), status ident not null, at local_moment not null,
  by_user ident not null, detail jsonb not null default '{}', primary key (county_id, batch_id, n),
  foreign key (county_id, batch_id) references deduction_batches);
-- An attempt. previous: the attempt that must have been released, null for the first.
create table deduction_lines (
  county_id ident not null, batch_id ident not null, line integer not null check (line > 0), contribution_id ident not null,
  attempt integer not null check (attempt > 0), previous integer generated always as (nullif(attempt - 1, 0)) stored,
  amount bigint not null check (amount > 0), bank_account ident not null,
  primary key (county_id, batch_id, line), foreign key (county_id, batch_id) references deduction_batches,
  foreign key (county_id, contribution_id) references contribution_dues);
create unique index deduction_lines_attempt on deduction_lines (county_id, contribution_id, attempt);
create unique index deduction_lines_of on deduction_lines (county_id, batch_id, line, contribution_id, attempt);
-- What answers a batch: a file of the bank, or a decision of two people. Its bytes and its meaning (batch and lines) are two identities.
create table deduction_returns (
  county_id ident not null, return_id ident not null, batch_id ident not null, kind text not null check (kind in ('file', 'decision')),
  bytes_digest ident not null, meaning_digest ident not null, at local_moment not null, by_user ident not null,
  primary key (county_id, return_id), foreign key (county_id, batch_id) references deduction_batches);
create unique index deduction_returns_meaning on deduction_returns (county_id, batch_id, meaning_digest);
create unique index deduction_returns_of on deduction_returns (county_id, return_id, batch_id);
-- late: a success after a definite failure, which is owed back.
create table deduction_outcomes (
  county_id ident not null, batch_id ident not null, line integer not null, return_id ident not null,
  class text not null check (class in ('success', 'failed-retryable', 'failed-permanent', 'unknown', 'duplicate-reported')),
  code text, late boolean not null default false, check (not late or class = 'success'),
  primary key (county_id, batch_id, line, return_id), foreign key (county_id, batch_id, line) references deduction_lines,
  foreign key (county_id, return_id, batch_id) references deduction_returns (county_id, return_id, batch_id));
create unique index deduction_outcomes_definite on deduction_outcomes (county_id, batch_id, line)
  where class in ('success', 'failed-retryable', 'failed-permanent') and not late;
create unique index deduction_outcomes_late on deduction_outcomes (county_id, batch_id, line) where late;
create unique index deduction_outcomes_class on deduction_outcomes (county_id, batch_id, line, return_id, class);
create table deduction_releases (
  county_id ident not null, contribution_id ident not null, attempt integer not null, batch_id ident not null, line integer not null,
  return_id ident not null, class text not null check (class in ('failed-retryable', 'failed-permanent')),
  primary key (county_id, contribution_id, attempt),
  foreign key (county_id, batch_id, line, contribution_id, attempt)
    references deduction_lines (county_id, batch_id, line, contribution_id, attempt),
  foreign key (county_id, batch_id, line, return_id, class) references deduction_outcomes (county_id, batch_id, line, return_id, class));
alter table deduction_lines add foreign key (county_id, contribution_id, previous)
  references deduction_releases (county_id, contribution_id, attempt);
`;
