import { sql, type RawBuilder } from 'kysely';
import { uncleared } from '../deductions/clear.js';
import { standingOver } from '../deductions/standing.js';
import { deductionEntries } from './deduction-entries.js';
import { entriesTable, type LedgerOf } from './entries.js';
import type { Check } from './verify.js';

/** Contributions that a bank took and whose money has not come: person_id, insurance, year, amount. */
export const awaitedContributions = ({ county, process }: LedgerOf): RawBuilder<unknown> => sql`
  select c.person_id::text as person_id, c.insurance::text as insurance, c.year, u.amount
  from (${uncleared(sql`o.county_id = ${county} and not o.late`)}) u
  join deduction_batches b on b.county_id = u.county_id and b.batch_id = u.batch_id and b.process_id = ${process}
  join contribution_dues c on c.county_id = u.county_id and c.contribution_id = u.contribution_id`;

/** One live attempt for each debt, every line in exactly one place, and what the bank took is posted once. */
export function deductionChecks({ county, process }: LedgerOf): readonly Check[] {
  const lines = sql`
    select l.*, b.process_id from deduction_lines l join deduction_batches b on b.county_id = l.county_id and b.batch_id = l.batch_id
    where b.county_id = ${county} and b.process_id = ${process}`;
  const standing = sql`
    select l.batch_id::text as batch_id, l.line, l.amount,
      bool_or(o.class = 'success' and not o.late) as succeeded, bool_or(o.class in ('failed-retryable', 'failed-permanent')) as failed, count(o.class) > 0 as answered
    from (${lines}) l left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line group by 1, 2, 3`;
  return [
    {
      code: 'two-attempts',
      broken: sql`
        select l.contribution_id as at, '1' as expected, count(*)::text as found from deduction_lines l
        where l.county_id = ${county} and l.contribution_id in (select contribution_id from (${lines}) own)
          and not exists (select from deduction_releases r where r.county_id = l.county_id and r.contribution_id = l.contribution_id and r.attempt = l.attempt)
        group by l.contribution_id having count(*) > 1 order by 1 limit 1`,
    },
    {
      code: 'released-without-failure',
      broken: sql`
        select r.contribution_id || ' ' || r.attempt as at, 'a definite failure' as expected, coalesce(o.class, 'no outcome') as found
        from deduction_releases r join (${lines}) l on l.county_id = r.county_id and l.batch_id = r.batch_id and l.line = r.line
        left join deduction_outcomes o on o.county_id = r.county_id and o.batch_id = r.batch_id and o.line = r.line and o.return_id = r.return_id
        where o.class is null or o.class not in ('failed-retryable', 'failed-permanent') order by 1 limit 1`,
    },
    {
      // What was sent is what was made, by number and by amount.
      code: 'batch-differs',
      broken: sql`
        select b.batch_id as at, (e.detail ->> 'lines') || ' ' || (e.detail ->> 'amount') as expected, count(l.line) || ' ' || coalesce(sum(l.amount), 0) as found
        from deduction_batches b join deduction_batch_events e on e.county_id = b.county_id and e.batch_id = b.batch_id and e.status = 'made'
        left join deduction_lines l on l.county_id = b.county_id and l.batch_id = b.batch_id
        where b.county_id = ${county} and b.process_id = ${process} group by b.batch_id, e.detail
        having (e.detail ->> 'lines')::bigint <> count(l.line) or (e.detail ->> 'amount')::bigint <> coalesce(sum(l.amount), 0) order by 1 limit 1`,
    },
    {
      // sent = succeeded + failed + unknown + pending
      code: 'lines-differ',
      broken: sql`
        select batch_id as at, count(*)::text as expected,
          count(*) filter (where succeeded) || ' + ' || count(*) filter (where failed) || ' + ' || count(*) filter (where answered and not coalesce(succeeded or failed, false)) || ' + ' || count(*) filter (where not answered) as found
        from (${standing}) s group by batch_id
        having count(*) <> count(*) filter (where succeeded) + count(*) filter (where failed) + count(*) filter (where answered and not coalesce(succeeded or failed, false)) + count(*) filter (where not answered)
        order by 1 limit 1`,
    },
    {
      code: 'deduction-differs',
      broken: sql`
        select coalesce(s.id, p.id) as at, coalesce(s.amount, 0)::text as expected, coalesce(p.amount, 0)::text as found
        from (select 'deduction/' || batch_id || '/' || line || '/posted' as id, amount from (${standing}) s where succeeded) s
        full join (select t.tx_id::text as id, sum(p.amount) as amount from ledger_transactions t
          join ledger_postings p on p.county_id = t.county_id and p.process_id = t.process_id and p.tx_id = t.tx_id and p.amount > 0
          where t.county_id = ${county} and t.process_id = ${process} and t.kind = 'deductionPosted' group by 1) p on p.id = s.id
        where coalesce(s.amount, 0) <> coalesce(p.amount, 0) order by 1 limit 1`,
    },
    ...bookedChecks({ county, process }),
  ];
}

/** Accounts, names, days and amounts of all that the cycle books, against the rows that it comes from; and the bank's clearing. */
function bookedChecks(of: LedgerOf): readonly Check[] {
  const { county, process } = of;
  const said = (row: string) =>
    sql.raw(
      `concat_ws(' ', ${['kind', 'year', 'happened_on', 'recorded_by', 'account', 'holder', 'insurance', 'amount', 'reverses'].map((column) => `${row}.${column}::text`).join(', ')})`,
    );
  const legs = sql`
    select e.tx_id, side + 1 as n, e.kind, e.year, e.happened_on, e.recorded_by, case side when 0 then debit else credit end as account,
      case side when 0 then debit_holder else credit_holder end as holder, e.insurance, case side when 0 then e.amount else -e.amount end as amount, e.reverses
    from ${entriesTable(deductionEntries(of), 'e')} cross join (values (0), (1)) as sides (side)`;
  const posted = sql`
    select p.tx_id::text as tx_id, p.n, t.kind::text as kind, t.year, t.happened_on::text as happened_on, t.recorded_by::text as recorded_by, p.account::text as account, p.holder::text as holder,
      p.insurance::text as insurance, p.amount, t.reverses::text as reverses
    from ledger_postings p join ledger_transactions t on t.county_id = p.county_id and t.process_id = p.process_id and t.tx_id = p.tx_id
    where p.county_id = ${county} and p.process_id = ${process} and split_part(p.tx_id, '/', 1) in ('deduction', 'clearing', 'refund')`;
  const batches = sql`select batch_id from deduction_batches b where b.county_id = ${county} and b.process_id = ${process}`;
  return [
    {
      code: 'deduction-misbooked',
      broken: sql`
        select coalesce(e.tx_id, p.tx_id) as at, case when e.tx_id is null then 'nothing' else ${said('e')} end as expected, case when p.tx_id is null then 'nothing' else ${said('p')} end as found
        from (${legs}) e full join (${posted}) p on p.tx_id = e.tx_id and p.n = e.n
        where e.tx_id is null or p.tx_id is null or ${said('e')} <> ${said('p')} order by 1, coalesce(e.n, p.n) limit 1`,
    },
    {
      // The figures that were kept with each answer are those of the lines.
      code: 'counters-differ',
      broken: sql`
        select k.batch_id::text as at, k.kept as expected, f.found from (
          select distinct on (e.batch_id) e.batch_id, concat_ws(' ', e.detail -> 'counters' ->> 'sent', e.detail -> 'counters' ->> 'succeeded', e.detail -> 'counters' ->> 'failed',
            e.detail -> 'counters' ->> 'unknown', e.detail -> 'counters' ->> 'pending') as kept
          from deduction_batch_events e where e.county_id = ${county} and e.batch_id in (${batches}) and e.detail ? 'counters' order by e.batch_id, e.n desc) k
        join (
          select batch_id, concat_ws(' ', count(*), count(*) filter (where standing = 'success'), count(*) filter (where standing in ('failed-retryable', 'failed-permanent')),
            count(*) filter (where standing in ('unknown', 'duplicate-reported')), count(*) filter (where standing = 'pending')) as found
          from (select l.batch_id, l.line, ${standingOver} as standing from deduction_lines l
            left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
            where l.county_id = ${county} and l.batch_id in (${batches}) group by 1, 2) s group by 1) f on f.batch_id = k.batch_id
        where k.kept <> f.found order by 1 limit 1`,
    },
    {
      // What the bank has still to hand over is what it took and has not handed over.
      code: 'clearing-differs',
      broken: sql`
        select coalesce(u.batch_id, p.holder) as at, coalesce(u.amount, 0)::text as expected, coalesce(p.amount, 0)::text as found
        from (select batch_id::text as batch_id, sum(amount) as amount from (${uncleared(sql`o.county_id = ${county} and o.batch_id in (${batches})`)}) w group by 1) u
        full join (select holder::text as holder, sum(amount) as amount from ledger_postings where county_id = ${county} and process_id = ${process} and account = 'clearing' group by 1
          having sum(amount) <> 0) p on p.holder = u.batch_id
        where coalesce(u.amount, 0) <> coalesce(p.amount, 0) order by 1 limit 1`,
    },
    {
      // What came is on the due as arrived, or owed back.
      code: 'cleared-differs',
      broken: sql`
        select z.batch_id || '/' || z.line as at, l.amount::text as expected, (coalesce(k.amount, 0) + coalesce(r.amount, 0))::text as found
        from deduction_cleared_lines z join deduction_lines l on l.county_id = z.county_id and l.batch_id = z.batch_id and l.line = z.line
        left join payments k on k.county_id = z.county_id and k.process_id = ${process} and k.meaning = 'd|' || z.batch_id || '|' || z.line
        left join deduction_refunds r on r.county_id = z.county_id and r.batch_id = z.batch_id and r.line = z.line and r.settled_as is distinct from 'credited'
        where z.county_id = ${county} and z.batch_id in (${batches}) and l.amount <> coalesce(k.amount, 0) + coalesce(r.amount, 0) order by 1 limit 1`,
    },
  ];
}
