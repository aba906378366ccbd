import { sql } from 'kysely';
import type { LedgerOf } from './entries.js';
import type { Check } from './verify.js';

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
  ];
}
