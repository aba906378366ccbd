import { sql, type RawBuilder } from 'kysely';
import type { LedgerOf, Entries } from './entries.js';

/*
 * What the deduction cycle books, by the rows that say so: one rule for posting and for verifying. Causes are `deduction/<batch>/<line>/<what>`,
 * `clearing/<id>` and `refund/<id>`.
 */

const lineOf = sql`join deduction_lines l on l.county_id = q.county_id and l.batch_id = q.batch_id and l.line = q.line
  join deduction_batches b on b.county_id = l.county_id and b.batch_id = l.batch_id
  join contribution_dues c on c.county_id = l.county_id and c.contribution_id = l.contribution_id`;
const causeOf = (what: string): RawBuilder<unknown> => sql`'deduction/' || l.batch_id || '/' || l.line || ${sql.lit(`/${what}`)}`;
const mine = ({ county, process }: LedgerOf): RawBuilder<unknown> => sql`b.county_id = ${county} and b.process_id = ${process}`;

/**
 * Answers: a success is the person's contribution, a late one is owed back. `answers`: what was posted as a success, with the columns batch_id, line,
 * contribution_id, amount, late, taken_on, at and by_user. `among` narrows the debts `c` in which theirs lie.
 */
export const answerEntries = ({ county }: LedgerOf, answers: RawBuilder<unknown>, among: RawBuilder<unknown> = sql`true`): Entries => sql`
  select 'deduction/' || a.batch_id || '/' || a.line || case when a.late then '/refund' else '/posted' end as tx_id, 1 as entry, case when a.late then 'refundOwed' else 'deductionPosted' end as kind, c.year,
    coalesce(a.taken_on, left(a.at, 10)) as happened_on, a.at as recorded_at, a.by_user as recorded_by, null::text as reverses,
    'clearing' as debit, a.batch_id as debit_holder, case when a.late then 'refundPayable' else 'contribution' end as credit, c.person_id::text as credit_holder, c.insurance::text as insurance, a.amount
  from (${answers}) a join contribution_dues c on c.county_id = ${county} and c.contribution_id = a.contribution_id and ${among}`;

/** All answers there are, for `answerEntries`. */
const allAnswers = (of: LedgerOf): RawBuilder<unknown> => sql`
  select l.batch_id::text as batch_id, l.line, l.contribution_id::text as contribution_id, l.amount, q.late, q.taken_on::text as taken_on, r.at::text as at, r.by_user::text as by_user
  from deduction_outcomes q join deduction_lines l on l.county_id = q.county_id and l.batch_id = q.batch_id and l.line = q.line
  join deduction_batches b on b.county_id = l.county_id and b.batch_id = l.batch_id
  join deduction_returns r on r.county_id = q.county_id and r.return_id = q.return_id
  where ${mine(of)} and q.class = 'success'`;

/** A success that two people have taken back. `which` narrows the quarantine `q`. */
export const reversedEntries = (of: LedgerOf, which: RawBuilder<unknown>): Entries => sql`
  select ${causeOf('reversed')}, 1, 'deductionReversed', c.year, left(q.settled_at::text, 10), q.settled_at::text, q.settled_by::text, ${causeOf('posted')},
    'clearing', l.batch_id::text, 'contribution', c.person_id::text, c.insurance::text, -l.amount
  from deduction_quarantine q ${lineOf} where ${mine(of)} and q.settled_as = 'reverse' and ${which}`;

/** What the bank took and the person had paid otherwise by the time it came: owed back. `which` narrows the refunds `q`. */
export const excessEntries = (of: LedgerOf, which: RawBuilder<unknown>): Entries => sql`
  select ${causeOf('reversed')}, 1, 'deductionReversed', c.year, q.on_date::text, q.at::text, q.by_user::text, ${causeOf('posted')},
    'clearing', l.batch_id::text, 'contribution', c.person_id::text, c.insurance::text, -q.amount
  from deduction_refunds q ${lineOf} where ${mine(of)} and q.why = 'excess' and ${which}
  union all
  select ${causeOf('refund')}, 1, 'refundOwed', c.year, q.on_date::text, q.at::text, q.by_user::text, null,
    'clearing', l.batch_id::text, 'refundPayable', c.person_id::text, c.insurance::text, q.amount
  from deduction_refunds q ${lineOf} where ${mine(of)} and q.why = 'excess' and ${which}`;

/** What is owed back was paid, or stands for the contribution after all. `which` narrows the refunds `q`. */
export const settledEntries = (of: LedgerOf, which: RawBuilder<unknown>): Entries => sql`
  select 'refund/' || q.refund_id, 1, case q.settled_as when 'paid' then 'refundPaid' else 'refundCredited' end, c.year, q.settled_on::text, q.settled_at::text, q.settled_by::text, null,
    'refundPayable', c.person_id::text, case q.settled_as when 'paid' then 'income' else 'contribution' end, case q.settled_as when 'credited' then c.person_id::text end, c.insurance::text, q.amount
  from deduction_refunds q ${lineOf} where ${mine(of)} and q.settled_as is not null and ${which}`;

/** The bank's money came to the income account. `which` narrows the clearings `q`. */
export const clearingEntries = (of: LedgerOf, which: RawBuilder<unknown>): Entries => sql`
  select 'clearing/' || q.clearing_id, 1, 'deductionCleared', b.year, q.on_date::text, q.at::text, q.by_user::text, null,
    'income', null::text, 'clearing', q.batch_id::text, b.insurance::text, q.amount
  from deduction_clearings q join deduction_batches b on b.county_id = q.county_id and b.batch_id = q.batch_id where ${mine(of)} and ${which}`;

/** All of it, for verifying. */
export const deductionEntries = (of: LedgerOf): Entries =>
  sql.join(
    [
      answerEntries(of, allAnswers(of)),
      ...[reversedEntries, excessEntries, settledEntries, clearingEntries].map((entries) => entries(of, sql`true`)),
    ],
    sql` union all `,
  );
