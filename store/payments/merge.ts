import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { writeEntries } from '../ledger/entries.js';
import { matchImported, postImported } from '../ledger/post.js';

export interface MergeSetting {
  readonly county: string;
  readonly process: ProcessId;
  readonly importId: string;
  readonly source: string;
  readonly now: Moment;
  readonly by: UserId;
  /** Last day of the campaign's validity; later payments go to suspense. */
  readonly lastDay: LocalDate | null;
  readonly firstDay: LocalDate | null;
  /** Rows say what was paid up to a day, not what was paid on it. */
  readonly cumulative: boolean;
}

/**
 * What the same payment is, whatever file it comes in: the bank's number, else person, kind, year, day, amount and how many alike stand in the file
 * before it. A cumulative row is the statement of a day. The person is who the file names, so that a later roster changes nothing.
 */
const who = sql`coalesce(encode(s.id_index, 'hex'), coalesce(s.id_problem, '') || coalesce(s.name, '') || '@' || coalesce(s.unit_id, s.village, ''))`;

/** Everybody who books money of one campaign waits here, so that what is owed is counted once. Taken before any other lock of the booking. */
export async function lockMoney(trx: Trx, county: string, process: ProcessId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-money'), hashtext(${`${county}/${process}`}))`.execute(trx);
}

/**
 * Gives each staged payment its person, due, basis (collected or arrived), meaning and standing. `reason` is set for what cannot be credited
 * as a whole; known ones (same meaning in the store) are left out. Creates the temporary table `paying`.
 */
export async function matchPayments(trx: Trx, m: MergeSetting): Promise<{ readonly known: number }> {
  await sql`
    create temp table paying on commit drop as
    with named as (
      select s.*, ${who} as who, ${who} || '|' || s.insurance || '|' || s.year || '|' || s.on_date || '|' || s.amount || '|' || s.kind as likeness
      from staged s where s.problem is null),
    meant as (
      select n.*, case
        when ${m.cumulative} then 'c|' || ${m.source}::text || '|' || likeness
        when n.external_id is not null then 'x|' || ${m.source}::text || '|' || n.external_id || '|' || n.kind
        else 'p|' || likeness || '|' || row_number() over (partition by n.likeness, n.external_id is null order by n.line) end as meaning
      from named n),
    alone as (
      select unit_id, name, min(person_id::text) as person_id from people
      where county_id = ${m.county} and exists (select from meant where meant.id_index is null and meant.id_problem is null and meant.name = people.name and meant.unit_id = people.unit_id)
      group by unit_id, name having count(*) = 1),
    first as (select distinct on (meaning) * from meant order by meaning, line)
    select f.*, coalesce(p.person_id::text, a.person_id) as person_id, d.due_id::text as due_id, d.amount as owed,
      coalesce(d.unit_id, p.unit_id, f.unit_id)::text as at_unit, d.arrived as due_arrived, d.collected as due_collected,
      null::text as reversed_payment, case when f.kind = 'reversal' then 'arrived' else f.kind end as basis, null::text as reason
    from first f
    left join people p on p.county_id = ${m.county} and p.id_number_index = f.id_index
    left join alone a on f.id_index is null and f.id_problem is null and a.unit_id = f.unit_id and a.name = f.name
    left join dues d on d.county_id = ${m.county} and d.process_id = ${m.process} and d.person_id = coalesce(p.person_id::text, a.person_id) and d.insurance = f.insurance and d.year = f.year and d.item = 'contribution'
    where not exists (select from payments k where k.county_id = ${m.county} and k.process_id = ${m.process} and k.meaning = f.meaning)`.execute(
    trx,
  );
  await sql`analyze paying`.execute(trx);
  if (m.cumulative) await toDifferences(trx, m);
  else await matchReversals(trx, m);
  const { rows } = await sql<{ known: number }>`
    select (select count(*) from staged where problem is null) - (select count(*) from paying) as known`.execute(trx);
  await giveReasons(trx, m);
  return { known: rows[0]?.known ?? 0 };
}

/**
 * Finds what each reversal takes back: the payment whose number it names, else the same person's payment of that amount (credit and rest of one
 * payment count as one), each payment once, the newest first.
 */
async function matchReversals(trx: Trx, m: MergeSetting): Promise<void> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from paying where kind = 'reversal'`.execute(trx);
  if (rows[0]?.n === 0) return;
  const open = sql`
    select o.*, row_number() over (partition by o.insurance, o.year, o.person_id, o.whole order by o.happened_on desc, o.seq desc) as n from (
      select regexp_replace(payment_id, 'r$', '') as base, min(payment_id::text) as payment_id, min(kind) as kind, min(insurance::text) as insurance, min(year) as year, min(person_id::text) as person_id,
        min(external_id) as external_id, sum(amount) as whole, min(happened_on::text) as happened_on, min(seq) as seq
      from payments o where county_id = ${m.county} and process_id = ${m.process} and kind not in ('reversal', 'remitted')
        and not exists (select from payments b where b.county_id = ${m.county} and b.process_id = ${m.process} and b.kind = 'reversal' and b.reverses = o.payment_id)
      group by 1) o`;
  await sql`
    update paying q set reversed_payment = r.payment_id, basis = r.kind
    from (select distinct on (o.external_id) o.* from (${open}) o where o.external_id is not null order by o.external_id, o.seq desc) r
    where q.kind = 'reversal' and q.reverses = r.external_id`.execute(trx);
  await sql`
    update paying q set reversed_payment = r.payment_id, basis = r.kind
    from (${open}) r, (select line, row_number() over (partition by insurance, year, person_id, amount order by line) as n from paying where kind = 'reversal' and reversed_payment is null) mine
    where q.line = mine.line and q.person_id = r.person_id and q.insurance = r.insurance and q.year = r.year and r.whole = -q.amount and r.n = mine.n`.execute(
    trx,
  );
}

/** A cumulative row becomes what it adds to (or takes from) what is known of the person; nothing new, no payment. */
async function toDifferences(trx: Trx, m: MergeSetting): Promise<void> {
  await sql`
    with resting as (
      select k.person_id, k.insurance, k.year, coalesce(s.detail ->> 'basis', 'arrived') as basis, case when k.person_id is null then s.detail ->> 'who' end as who, s.amount
      from suspense s join payments k on k.county_id = s.county_id and k.process_id = s.process_id and k.payment_id = s.payment_id
      where s.county_id = ${m.county} and s.process_id = ${m.process} and s.status = 'open'),
    of_person as (select person_id, insurance, year, basis, sum(amount) as over from resting where person_id is not null group by 1, 2, 3, 4),
    of_name as (select who, insurance, year, sum(amount) as over from resting where who is not null group by 1, 2, 3),
    known as (
      select q.meaning, q.amount - coalesce(case q.basis when 'collected' then q.due_collected else q.due_arrived end, 0) - coalesce(p.over, 0) - coalesce(n.over, 0) as more
      from paying q left join of_person p on p.person_id = q.person_id and p.insurance = q.insurance and p.year = q.year and p.basis = q.basis
      left join of_name n on n.who = q.who and n.insurance = q.insurance and n.year = q.year)
    update paying set amount = known.more, kind = case when known.more < 0 then 'reversal' else paying.kind end
    from known where known.meaning = paying.meaning`.execute(trx);
  await sql`delete from paying where amount = 0`.execute(trx);
  // What is taken back of money collected stays money collected: the newest such payment says so.
  await sql`
    update paying q set reversed_payment = (
      select k.payment_id from payments k where k.county_id = ${m.county} and k.process_id = ${m.process} and k.due_id = q.due_id and k.kind = 'collected' order by k.seq desc limit 1)
    where q.kind = 'reversal' and q.basis = 'collected' and q.due_id is not null`.execute(trx);
}

async function giveReasons(trx: Trx, m: MergeSetting): Promise<void> {
  await sql`
    update paying set reason = case
      when id_problem is not null then 'id-number-invalid'
      when person_id is null and village is not null and unit_id is null then 'unknown-unit'
      when person_id is null then 'unknown-person'
      when due_id is null then 'not-on-roster'
      when kind = 'reversal' and reversed_payment is null and not ${m.cumulative} then 'reversal-unknown'
      when ${m.lastDay}::text is not null and on_date > ${m.lastDay}::text and kind <> 'reversal' then 'late'
      when ${m.firstDay}::text is not null and on_date < ${m.firstDay}::text and kind <> 'reversal' then 'early' end
    where id_problem is not null or person_id is null or due_id is null or kind = 'reversal'
      or on_date > coalesce(${m.lastDay}::text, '9999-12-31') or on_date < coalesce(${m.firstDay}::text, '0001-01-01')`.execute(trx);
}

export interface Booked {
  /** Rows of `payments` written; a payment that is too much gives two. */
  readonly payments: number;
  readonly credited: number;
  readonly suspense: number;
  readonly suspenseAmount: number;
  /** Open cases of suspense by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/**
 * Books what `paying` holds: up to what is owed to the due, the rest to suspense. What a due has been credited after each payment is what
 * had come in by then, held between 0 and what is owed; so the order of payment, reversal and payment again does not matter.
 */
export async function bookPayments(trx: Trx, m: MergeSetting): Promise<Booked> {
  await sql`
    create temp table booking on commit drop as
    with start as (
      select detail ->> 'due' as due_id, detail ->> 'basis' as basis, sum(amount) as over from suspense
      where county_id = ${m.county} and process_id = ${m.process} and status = 'open' and detail ->> 'due' is not null group by 1, 2),
    run as (
      select q.line, q.owed, q.amount, sum(q.amount) over w + case when q.basis = 'collected' then q.due_collected else q.due_arrived end + coalesce(s.over, 0) as after
      from paying q left join start s on s.due_id = q.due_id and s.basis = q.basis
      where q.reason is null window w as (partition by q.due_id, q.basis order by q.line rows unbounded preceding))
    select line, least(greatest(after, 0), owed) - least(greatest(after - amount, 0), owed) as credit, owed > 0 and after - amount >= owed as twice from run`.execute(
    trx,
  );
  await sql`analyze booking`.execute(trx);
  const columns = sql`county_id, process_id, payment_id, due_id, person_id, unit_id, insurance, year, amount, kind, happened_on, recorded_at, source, source_line, external_id, receipt, channel, means, meaning, reverses, import_id, recorded_by`;
  const common = sql`q.kind, q.on_date, ${m.now}, ${m.source}, q.line, q.external_id, q.receipt, q.channel, q.means`;
  const credited = await sql`
    insert into payments (${columns})
    select ${m.county}, ${m.process}, ${m.importId}::text || '-' || q.line, q.due_id, q.person_id, q.at_unit, q.insurance, q.year, b.credit, ${common}, q.meaning, q.reversed_payment, ${m.importId}, ${m.by}
    from paying q join booking b on b.line = q.line where b.credit <> 0`.execute(trx);
  const rest = await sql`
    insert into payments (${columns})
    select ${m.county}, ${m.process}, ${m.importId}::text || '-' || q.line || 'r', null, q.person_id, q.at_unit, q.insurance, q.year, q.amount - coalesce(b.credit, 0), ${common},
      q.meaning || case when coalesce(b.credit, 0) = 0 then '' else '|rest' end, q.reversed_payment, ${m.importId}, ${m.by}
    from paying q left join booking b on b.line = q.line where q.amount <> coalesce(b.credit, 0)`.execute(trx);
  await sql`
    insert into suspense (county_id, process_id, suspense_id, payment_id, reason, amount, status, detail)
    select ${m.county}, ${m.process}, 's' || nextval('surrogates'), ${m.importId}::text || '-' || q.line || 'r', coalesce(q.reason, case when b.twice then 'twice' else 'too-much' end), q.amount - coalesce(b.credit, 0), 'open',
      jsonb_strip_nulls(jsonb_build_object('due', q.due_id, 'basis', q.basis, 'who', case when q.person_id is null then q.who end, 'name', case when q.person_id is null then q.name end, 'village', q.village, 'idProblem', q.id_problem))
    from paying q left join booking b on b.line = q.line where q.amount <> coalesce(b.credit, 0)`.execute(trx);
  await postImported(trx, m, m.importId);
  await cancelReversed(trx, m);
  await creditDues(trx, m);
  await matchImported(trx, { ...m, at: m.now }, m.importId);
  const { rows: sums } = await sql<{ reason: string; n: number; amount: number }>`
    select reason, count(*) as n, sum(amount)::bigint as amount from suspense
    where county_id = ${m.county} and process_id = ${m.process} and status = 'open' and payment_id >= ${m.importId}::text || '-' and payment_id < ${m.importId}::text || '.'
    group by 1 order by 1`.execute(trx);
  const [creditedRows, restRows] = [Number(credited.numAffectedRows ?? 0), Number(rest.numAffectedRows ?? 0)];
  return {
    payments: creditedRows + restRows,
    credited: creditedRows,
    suspense: sums.reduce((sum, { n }) => sum + n, 0),
    suspenseAmount: sums.reduce((sum, { amount }) => sum + amount, 0),
    reasons: Object.fromEntries(sums.map(({ reason, n }) => [reason, n])),
  };
}

/** A reversal of money that rested in suspense settles it: both stand as refunded. */
async function cancelReversed(trx: Trx, m: MergeSetting): Promise<void> {
  await sql`
    create temp table cancelling on commit drop as
    with minus as (
      select s.suspense_id, s.amount, s.detail ->> 'due' as due, s.detail ->> 'basis' as basis, row_number() over (partition by s.detail ->> 'due', s.detail ->> 'basis', s.amount order by s.suspense_id) as n
      from suspense s where s.county_id = ${m.county} and s.process_id = ${m.process} and s.status = 'open' and s.amount < 0 and s.detail ->> 'due' is not null),
    plus as (
      select s.suspense_id, s.amount, s.detail ->> 'due' as due, s.detail ->> 'basis' as basis, row_number() over (partition by s.detail ->> 'due', s.detail ->> 'basis', s.amount order by s.suspense_id) as n
      from suspense s where s.county_id = ${m.county} and s.process_id = ${m.process} and s.status = 'open' and s.amount > 0 and s.detail ->> 'due' is not null)
    select minus.suspense_id as a, plus.suspense_id as b, plus.amount from minus join plus on plus.due = minus.due and plus.basis = minus.basis and plus.n = minus.n and plus.amount = -minus.amount`.execute(
    trx,
  );
  const { rows } = await sql<{ n: number }>`select count(*) as n from cancelling`.execute(trx);
  if (rows[0]?.n === 0) return;
  // What follows joins it to tables that this transaction has filled: without its size the planner reads them once for each of their rows.
  await sql`analyze cancelling`.execute(trx);
  await sql`
    update suspense s set status = 'refunded', settled_by = ${m.by}, settled_at = ${m.now}
    from cancelling c where s.county_id = ${m.county} and s.process_id = ${m.process} and s.suspense_id in (c.a, c.b)`.execute(trx);
  const paymentOf = (suspense: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    (select k.year, k.insurance, k.happened_on from suspense s join payments k on k.county_id = s.county_id and k.process_id = s.process_id and k.payment_id = s.payment_id
     where s.county_id = ${m.county} and s.process_id = ${m.process} and s.suspense_id = ${suspense})`;
  await writeEntries(
    trx,
    m,
    sql`
    select 'offset/' || c.b || '/' || c.a, 1, 'offset', plus.year, greatest(plus.happened_on::text, minus.happened_on::text), ${m.now}::text, ${m.by}::text, null::text,
      'suspense', c.b, 'suspense', c.a, plus.insurance, c.amount
    from cancelling c cross join lateral ${paymentOf(sql`c.b`)} plus cross join lateral ${paymentOf(sql`c.a`)} minus`,
  );
}

async function creditDues(trx: Trx, m: MergeSetting): Promise<void> {
  await sql`
    update dues d set arrived = d.arrived + c.arrived, collected = d.collected + c.collected,
      arrived_on = case when d.arrived + c.arrived <= 0 then null else greatest(d.arrived_on, c.arrived_on) end
    from (
      select q.due_id, coalesce(sum(b.credit) filter (where q.basis = 'arrived'), 0) as arrived, coalesce(sum(b.credit) filter (where q.basis = 'collected'), 0) as collected,
        max(q.on_date) filter (where q.basis = 'arrived' and b.credit > 0) as arrived_on
      from paying q join booking b on b.line = q.line where b.credit <> 0 group by q.due_id) c
    where d.county_id = ${m.county} and d.process_id = ${m.process} and d.due_id = c.due_id`.execute(trx);
}

export interface FactRow {
  readonly unit: UnitId;
  readonly insurance: string;
  readonly on: LocalDate;
  readonly kind: 'collected' | 'remitted' | 'arrived';
  readonly amount: number;
}

/** What came in, per unit, insurance, day and kind: what the campaign is told. Payments of an unknown unit concern no unit's duties. */
export async function sumsForFacts(trx: Trx, county: string): Promise<readonly FactRow[]> {
  const { rows } = await sql<FactRow>`
    select q.at_unit as unit, q.insurance, q.on_date as on, q.basis as kind, sum(q.amount)::bigint as amount
    from paying q join units u on u.county_id = ${county} and u.unit_id = q.at_unit
    where q.amount <> 0 group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(trx);
  return rows;
}

/** Units that the payments on their way in are booked to. */
export async function unitsPaid(trx: Trx): Promise<readonly UnitId[]> {
  const { rows } = await sql<{ unit: UnitId }>`select distinct at_unit as unit from paying where at_unit is not null`.execute(trx);
  return rows.map(({ unit }) => unit);
}
