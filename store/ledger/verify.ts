import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../connection.js';
import { planForMany } from '../deductions/plans.js';
import { awaitedContributions, deductionChecks } from './verify-deductions.js';
import { entriesTable, filePayments, handPayments, type LedgerOf } from './entries.js';

/** What the ledger promises; each is looked at in this order. */
export type InvariantCode =
  | 'unbalanced'
  | 'not-whole'
  | 'unknown-account'
  | 'not-posted'
  | 'missing-cause'
  | 'differs'
  | 'broken-reversal'
  | 'contribution-differs'
  | 'received-differs'
  | 'suspense-differs'
  | 'cash-differs'
  | 'two-attempts'
  | 'released-without-failure'
  | 'batch-differs'
  | 'lines-differ'
  | 'deduction-differs'
  | 'deduction-misbooked'
  | 'counters-differ'
  | 'clearing-differs'
  | 'cleared-differs';

/** The first place where a promise is broken: the transaction, holder or batch, what was expected there and what is there. Fen or ids. */
export interface Violation {
  readonly code: InvariantCode;
  readonly at: string;
  readonly expected: string;
  readonly found: string;
}

export interface Check {
  readonly code: InvariantCode;
  /** Rows `at`, `expected`, `found` as text, at most one, the first in order. */
  readonly broken: RawBuilder<Omit<Violation, 'code'>>;
}

export interface Verified {
  readonly transactions: number;
  readonly postings: number;
  readonly checked: readonly InvariantCode[];
  readonly violation: Violation | null;
}

/** Looks at every promise for one campaign, as it stands at one moment, and stops at the first that is broken. `db`: or the caller's transaction. */
export async function verifyLedger(db: Db, of: LedgerOf): Promise<Verified> {
  if (db.isTransaction) return lookAtAll(db, of);
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => lookAtAll(trx, of));
}

async function lookAtAll(db: Db, of: LedgerOf): Promise<Verified> {
  const mine = sql`county_id = ${of.county} and process_id = ${of.process}`;
  const { rows } = await sql<{ transactions: number; postings: number }>`
    select (select count(*) from ledger_transactions where ${mine}) as transactions, (select count(*) from ledger_postings where ${mine}) as postings`.execute(
    db,
  );
  const [{ transactions, postings } = { transactions: 0, postings: 0 }] = rows;
  await planForMany(db, postings);
  const checked: InvariantCode[] = [];
  for (const { code, broken } of [...ledgerChecks(of), ...sourceChecks(of), ...deductionChecks(of), ...balanceChecks(of)]) {
    const found = (await broken.execute(db)).rows[0];
    if (found !== undefined) return { transactions, postings, checked, violation: { code, ...found } };
    checked.push(code);
  }
  return { transactions, postings, checked, violation: null };
}

/** What the ledger must be by itself, whatever it speaks of. */
function ledgerChecks({ county, process }: LedgerOf): readonly Check[] {
  const mine = (alias: string) => sql`${sql.ref(`${alias}.county_id`)} = ${county} and ${sql.ref(`${alias}.process_id`)} = ${process}`;
  return [
    {
      code: 'unbalanced',
      broken: sql`
        select tx_id || ' ' || book || ' ' || insurance as at, '0' as expected, sum(amount)::text as found
        from ledger_postings p where ${mine('p')} group by tx_id, book, insurance having sum(amount) <> 0 order by tx_id, book, insurance limit 1`,
    },
    {
      code: 'not-whole',
      broken: sql`
        select coalesce(t.tx_id::text, p.tx_id) as at, '1..n' as expected, case when t.tx_id is null then 'no transaction' when p.tx_id is null then 'no postings' else p.first || '..' || p.last || ', ' || p.rows end as found
        from (select tx_id from ledger_transactions t where ${mine('t')}) t
        full join (select tx_id::text as tx_id, min(n) as first, max(n) as last, count(*) as rows from ledger_postings p where ${mine('p')} group by 1) p on p.tx_id = t.tx_id
        where t.tx_id is null or p.tx_id is null or p.first <> 1 or p.last <> p.rows order by 1 limit 1`,
    },
    {
      code: 'unknown-account',
      broken: sql`
        select p.tx_id as at, coalesce(a.account || ' of ' || coalesce(a.holder, 'nobody'), 'an account of the chart') as expected, p.account || ' of ' || coalesce(p.holder::text, 'nobody') as found
        from ledger_postings p left join ledger_accounts a on a.account = p.account
        where ${mine('p')} and (a.account is null or (a.holder is null) <> (p.holder is null)) order by p.tx_id, p.n limit 1`,
    },
  ];
}

/** Every payment stands in the ledger as its rule says, and nothing stands there that has no cause. */
function sourceChecks(of: LedgerOf): readonly Check[] {
  const { county, process } = of;
  const text = (row: string) =>
    sql.raw(
      `concat_ws(' ', ${['kind', 'happened_on', 'account', 'holder', 'insurance', 'amount'].map((column) => `${row}.${column}::text`).join(', ')})`,
    );
  const legs = sql`
    select e.tx_id, 2 * e.entry - 1 + side as n, e.kind::text as kind, e.happened_on::text as happened_on, case side when 0 then debit else credit end as account,
      case side when 0 then debit_holder else credit_holder end as holder, e.insurance::text as insurance, case side when 0 then e.amount else -e.amount end as amount
    from ${entriesTable(sql`${filePayments(of, sql`true`)} union all ${handPayments(of)}`, 'e')} cross join (values (0), (1)) as sides (side)
    where e.amount <> 0`;
  const posted = sql`
    select p.tx_id::text as tx_id, p.n, t.kind::text as kind, t.happened_on::text as happened_on, p.account::text as account, p.holder::text as holder, p.insurance::text as insurance, p.amount
    from ledger_postings p join ledger_transactions t on t.county_id = p.county_id and t.process_id = p.process_id and t.tx_id = p.tx_id
    where p.county_id = ${county} and p.process_id = ${process} and starts_with(p.tx_id, 'payment/')`;
  const compared = (where: RawBuilder<unknown>): RawBuilder<Omit<Violation, 'code'>> => sql`
    select coalesce(e.tx_id, p.tx_id) as at, case when e.tx_id is null then 'nothing' else ${text('e')} end as expected, case when p.tx_id is null then 'nothing' else ${text('p')} end as found
    from (${legs}) e full join (${posted}) p on p.tx_id = e.tx_id and p.n = e.n where ${where} order by coalesce(e.tx_id, p.tx_id), coalesce(e.n, p.n) limit 1`;
  const exists = (table: string, column: string, id: RawBuilder<unknown>) =>
    sql`exists (select from ${sql.table(table)} x where x.county_id = t.county_id and x.process_id = t.process_id and ${sql.ref(`x.${column}`)} = ${id})`;
  return [
    { code: 'not-posted', broken: compared(sql`p.tx_id is null`) },
    { code: 'missing-cause', broken: compared(sql`e.tx_id is null`) },
    { code: 'differs', broken: compared(sql`e.tx_id is not null and p.tx_id is not null and ${text('e')} <> ${text('p')}`) },
    {
      code: 'missing-cause',
      broken: sql`
        select t.tx_id as at, 'a cause' as expected, 'none' as found from ledger_transactions t
        where t.county_id = ${county} and t.process_id = ${process} and not case split_part(t.tx_id, '/', 1)
          when 'payment' then true
          when 'match' then ${exists('dues', 'due_id', sql`split_part(t.tx_id, '/', 3)`)}
          when 'offset' then ${exists('suspense', 'suspense_id', sql`split_part(t.tx_id, '/', 2)`)} and ${exists('suspense', 'suspense_id', sql`split_part(t.tx_id, '/', 3)`)}
          when 'clearing' then exists (select from deduction_clearings x where x.county_id = t.county_id and x.process_id = t.process_id and x.clearing_id = split_part(t.tx_id, '/', 2))
          when 'refund' then exists (select from deduction_refunds x where x.county_id = t.county_id and x.process_id = t.process_id and x.refund_id = split_part(t.tx_id, '/', 2))
          when 'deduction' then exists (select from deduction_lines x where x.county_id = t.county_id and x.batch_id = split_part(t.tx_id, '/', 2) 
            and x.line = case when split_part(t.tx_id, '/', 3) ~ '^[1-9][0-9]{0,8}$' then split_part(t.tx_id, '/', 3)::integer end)
          else false end
        order by t.tx_id limit 1`,
    },
    {
      // Credit and rest of one payment are taken back together; a cumulative statement takes back without naming what.
      code: 'broken-reversal',
      broken: sql`
        select min(r.payment_id::text) as at, coalesce('at most ' || o.whole || ' of ' || o.insurance, 'a payment ' || r.base) as expected, r.taken || ' of ' || r.insurance as found
        from (select regexp_replace(k.reverses, 'r$', '') as base, min(k.payment_id::text) as payment_id, min(k.insurance::text) as insurance, count(distinct k.insurance) as kinds, -sum(k.amount) as taken
          from payments k where k.county_id = ${county} and k.process_id = ${process} and k.kind = 'reversal' and k.reverses is not null
            and not starts_with(k.meaning, 's|') and not starts_with(k.meaning, 'c|') group by 1) r
        left join (select regexp_replace(k.payment_id, 'r$', '') as base, min(k.insurance::text) as insurance, sum(k.amount) as whole
          from payments k where k.county_id = ${county} and k.process_id = ${process} and k.kind <> 'reversal' group by 1) o on o.base = r.base
        where o.base is null or r.kinds > 1 or o.insurance <> r.insurance or r.taken > o.whole group by r.base, o.whole, o.insurance, r.taken, r.insurance order by 1 limit 1`,
    },
    {
      code: 'broken-reversal',
      broken: sql`
        select t.tx_id as at, t.reverses as expected, 'none' as found from ledger_transactions t
        where t.county_id = ${county} and t.process_id = ${process} and t.reverses is not null
          and not exists (select from ledger_transactions o where o.county_id = t.county_id and o.process_id = t.process_id and o.tx_id = t.reverses)
        order by t.tx_id limit 1`,
    },
  ];
}

/** The figures that reports show are the ledger's balances. */
function balanceChecks({ county, process }: LedgerOf): readonly Check[] {
  const mine = (alias: string) => sql`${sql.ref(`${alias}.county_id`)} = ${county} and ${sql.ref(`${alias}.process_id`)} = ${process}`;
  // What a bank took is the person's from the day on which it says so; on the due it stands when the money has come.
  const dues = sql`
    select person_id, insurance, year, sum(arrived) as arrived, sum(collected) as collected, sum(awaited) as awaited from (
      select person_id::text as person_id, insurance::text as insurance, year, arrived, collected, 0 as awaited from dues d where ${mine('d')}
      union all select person_id, insurance, year, 0, 0, amount from (${awaitedContributions({ county, process })}) w) d group by 1, 2, 3`;
  const ofPersons = (account: 'contribution' | 'received', should: RawBuilder<unknown>): RawBuilder<Omit<Violation, 'code'>> => sql`
    select coalesce(d.person_id, b.person_id) || ' ' || coalesce(d.insurance, b.insurance) || ' ' || coalesce(d.year, b.year) as at, coalesce(d.amount, 0)::text as expected, coalesce(b.amount, 0)::text as found
    from (select person_id, insurance, year, ${should} as amount from (${dues}) d) d
    full join (
      select p.holder::text as person_id, p.insurance::text as insurance, t.year, -sum(p.amount) as amount from ledger_postings p
      join ledger_transactions t on t.county_id = p.county_id and t.process_id = p.process_id and t.tx_id = p.tx_id
      where ${mine('p')} and p.account = ${account} group by 1, 2, 3) b on b.person_id = d.person_id and b.insurance = d.insurance and b.year = d.year
    where coalesce(d.amount, 0) <> coalesce(b.amount, 0) order by 1 limit 1`;
  return [
    { code: 'contribution-differs', broken: ofPersons('contribution', sql`arrived + awaited`) },
    { code: 'received-differs', broken: ofPersons('received', sql`collected - least(collected, arrived)`) },
    {
      code: 'suspense-differs',
      broken: sql`
        select coalesce(s.id, b.id) as at, coalesce(s.amount, 0)::text as expected, coalesce(b.amount, 0)::text as found
        from (select suspense_id::text as id, amount from suspense s where ${mine('s')} and status = 'open') s
        full join (select holder::text as id, -sum(amount) as amount from ledger_postings p where ${mine('p')} and account = 'suspense' group by 1 having sum(amount) <> 0) b on b.id = s.id
        where coalesce(s.amount, 0) <> coalesce(b.amount, 0) order by 1 limit 1`,
    },
    {
      code: 'cash-differs',
      broken: sql`
        select coalesce(h.unit, b.unit) || ' ' || coalesce(h.insurance, b.insurance) as at, coalesce(h.amount, 0)::text as expected, coalesce(b.amount, 0)::text as found
        from (
          select coalesce(k.unit_id::text, '-') as unit, k.insurance::text as insurance, sum(case k.basis when 'collected' then k.amount when 'remitted' then -k.amount else 0 end) as amount
          from (select k.*, case when k.kind = 'reversal' then coalesce(s.detail ->> 'basis', o.kind, 'arrived') else k.kind end as basis from payments k
            left join payments o on k.kind = 'reversal' and o.county_id = k.county_id and o.process_id = k.process_id and o.payment_id = k.reverses
            left join suspense s on k.kind = 'reversal' and starts_with(k.meaning, 's|') and s.county_id = k.county_id and s.process_id = k.process_id and s.suspense_id = split_part(k.meaning, '|', 2)
            where ${mine('k')}) k group by 1, 2) h
        full join (select holder::text as unit, insurance::text as insurance, sum(amount) as amount from ledger_postings p where ${mine('p')} and account = 'cash' group by 1, 2) b
          on b.unit = h.unit and b.insurance = h.insurance
        where coalesce(h.amount, 0) <> coalesce(b.amount, 0) order by 1 limit 1`,
    },
  ];
}
