/** Entries that the payments of a database filled before would have made; as the store's own statements made them when this was written. */
const entries = `
create temp table posted_before on commit drop as
with money as (
  select k.*, case when k.kind = 'reversal' then coalesce(o.kind, 'arrived') else k.kind end as basis
  from payments k left join payments o
    on k.kind = 'reversal' and o.county_id = k.county_id and o.process_id = k.process_id and o.payment_id = k.reverses),
own as (select * from money where not starts_with(meaning, 's|')),
settling as (
  select m.*, split_part(m.meaning, '|', 2) as suspense_id, split_part(m.meaning, '|', 3) as what from money m where starts_with(meaning, 's|'))
select county_id, process_id, 'payment/' || payment_id as tx_id, 1 as entry, case kind when 'reversal' then 'reversed' else kind end as kind, year,
  happened_on::text as happened_on, recorded_at::text as recorded_at, recorded_by::text as recorded_by, 'payment/' || reverses as reverses,
  case basis when 'collected' then 'cash' else 'income' end as debit, case basis when 'collected' then coalesce(unit_id, '-') end as debit_holder,
  case basis when 'collected' then 'received' else 'contribution' end as credit, person_id::text as credit_holder, insurance::text as insurance, amount
from own where due_id is not null and kind <> 'remitted'
union all
select county_id, process_id, 'payment/' || payment_id, 1, kind, year, happened_on, recorded_at, recorded_by, null,
  'transit', coalesce(unit_id, '-'), 'cash', coalesce(unit_id, '-'), insurance, amount
from own where kind = 'remitted'
union all
select k.county_id, k.process_id, 'payment/' || k.payment_id, 1, case k.kind when 'reversal' then 'reversed' else 'suspended' end, k.year, k.happened_on,
  k.recorded_at, k.recorded_by, 'payment/' || k.reverses,
  case s.detail ->> 'basis' when 'collected' then 'cash' else 'income' end, case s.detail ->> 'basis' when 'collected' then coalesce(k.unit_id, '-') end,
  'suspense', s.suspense_id, k.insurance, k.amount
from own k join suspense s on s.county_id = k.county_id and s.process_id = k.process_id and s.payment_id = k.payment_id
where k.due_id is null and k.kind <> 'remitted'
union all
select k.county_id, k.process_id, 'payment/' || k.payment_id, 1, 'refunded', k.year, k.happened_on, k.recorded_at, k.recorded_by, null,
  'suspense', k.suspense_id, case s.detail ->> 'basis' when 'collected' then 'cash' else 'income' end,
  case s.detail ->> 'basis' when 'collected' then coalesce(k.unit_id, '-') end, k.insurance, -k.amount
from settling k join suspense s on s.county_id = k.county_id and s.process_id = k.process_id and s.suspense_id = k.suspense_id
left join settling b on b.county_id = k.county_id and b.process_id = k.process_id and b.suspense_id = k.suspense_id and b.what = 'to'
where k.what = 'refund' or (k.what = 'allot' and b.insurance <> k.insurance)
union all
select k.county_id, k.process_id, 'payment/' || k.payment_id, 1, case when same then 'allotted' else k.kind end, k.year, k.happened_on, k.recorded_at,
  k.recorded_by, null,
  case when same then 'suspense' when k.kind = 'collected' then 'cash' else 'income' end,
  case when same then k.suspense_id when k.kind = 'collected' then coalesce(k.unit_id, '-') end,
  case k.kind when 'collected' then 'received' else 'contribution' end, k.person_id, k.insurance, k.amount
from settling k
join settling a on a.county_id = k.county_id and a.process_id = k.process_id and a.suspense_id = k.suspense_id and a.what = 'allot'
cross join lateral (select a.insurance = k.insurance as same) i
where k.what = 'to'
union all
select k.county_id, k.process_id, 'payment/' || k.payment_id, 2, 'allotted', k.year, k.happened_on, k.recorded_at, k.recorded_by, null,
  'cash', coalesce(k.unit_id, '-'), 'cash', coalesce(a.unit_id, '-'), k.insurance, k.amount
from settling k
join settling a on a.county_id = k.county_id and a.process_id = k.process_id and a.suspense_id = k.suspense_id and a.what = 'allot'
where k.what = 'to' and k.kind = 'collected' and a.insurance = k.insurance and k.unit_id is distinct from a.unit_id
`;

/** Money that a collector had taken and that has arrived since: one transaction for each person, insurance and year. */
const matches = `
insert into posted_before
select d.county_id, d.process_id, 'match/before/' || d.due_id, 1, 'matched', d.year, k.happened_on, k.recorded_at, k.recorded_by, null,
  'received', d.person_id, 'transit', d.unit_id, d.insurance, least(d.collected, d.arrived)
from (
  select county_id, process_id, person_id, insurance, year, min(due_id::text) as due_id, (array_agg(unit_id::text order by due_id))[1] as unit_id,
    sum(collected)::bigint as collected, sum(arrived)::bigint as arrived from dues group by 1, 2, 3, 4, 5) d
cross join lateral (
  select happened_on, recorded_at, recorded_by from payments k
  where k.county_id = d.county_id and k.process_id = d.process_id and k.due_id in (
    select o.due_id from dues o where o.county_id = d.county_id and o.process_id = d.process_id and o.person_id = d.person_id
      and o.insurance = d.insurance and o.year = d.year)
  order by recorded_at desc, seq desc limit 1) k
where least(d.collected, d.arrived) <> 0
`;

/** Reversals that settled what rested in suspense. */
const offsets = `
insert into posted_before
select a.county_id, a.process_id, 'offset/' || a.suspense_id || '/' || b.suspense_id, 1, 'offset', a.year,
  greatest(a.happened_on::text, b.happened_on::text), coalesce(a.settled_at, a.recorded_at), coalesce(a.settled_by, a.recorded_by), null,
  'suspense', a.suspense_id, 'suspense', b.suspense_id, a.insurance, a.amount
from settled_pairs a
join settled_pairs b on b.county_id = a.county_id and b.process_id = a.process_id and b.due = a.due and b.basis = a.basis and b.amount = -a.amount and b.n = a.n
where a.amount > 0
`;
const pairs = `
create temp table settled_pairs on commit drop as
select s.county_id, s.process_id, s.suspense_id, s.amount, s.settled_at, s.settled_by, s.detail ->> 'due' as due, s.detail ->> 'basis' as basis,
  k.happened_on, k.recorded_at, k.recorded_by, k.insurance, k.year,
  row_number() over (partition by s.county_id, s.process_id, s.detail ->> 'due', s.detail ->> 'basis', s.amount order by s.suspense_id) as n
from suspense s join payments k on k.county_id = s.county_id and k.process_id = s.process_id and k.payment_id = s.payment_id
where s.status = 'refunded' and not s.detail ? 'payment' and s.detail ->> 'due' is not null
`;

const write = `
with e as materialized (select * from posted_before where amount <> 0),
t as (
  insert into ledger_transactions (county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by, reverses)
  select county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by, reverses from e where entry = 1)
insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount)
select county_id, process_id, tx_id, 2 * entry - 1 + side, case side when 0 then debit else credit end,
  case side when 0 then debit_holder else credit_holder end, 'personalAccount', insurance, case side when 0 then amount else -amount end
from e cross join (values (0), (1)) as both_sides (side)
`;

/** What was booked before there was a ledger, in it. */
export const postedBefore: readonly string[] = [entries, matches, pairs, offsets, write];
