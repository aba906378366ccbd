import { sql } from 'kysely';
import type { LedgerEvent } from '../../domain/ledger/events.js';
import { post, type LedgerTransaction } from '../../domain/ledger/post.js';
import type { LocalDate, Moment, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { StoreError } from '../errors.js';
import { canonicalJson, toJson } from '../json.js';
import { filePayments, writeEntries, type LedgerOf } from './entries.js';

/** When and by whom something was recorded; business time. */
export interface Recording extends LedgerOf {
  readonly at: Moment;
  readonly by: UserId;
}

/**
 * Posts events, all or none. One that is there already under its cause, the same, has no second effect. Errors: `ledger-conflict` when the cause stands
 * for something else; the database refuses what does not balance.
 */
export async function postEvents(trx: Trx, recording: Recording, events: readonly LedgerEvent[]): Promise<void> {
  const wanted = events.filter(({ amount }) => amount !== 0).map(post);
  const known = await transactionsById(
    trx,
    recording,
    wanted.map(({ id }) => id),
  );
  const added = wanted.filter((each) => {
    const before = known.get(each.id);
    if (before === undefined) return true;
    if (canonicalJson(before) !== canonicalJson(each)) throw conflict(each.id);
    return false;
  });
  if (added.length === 0) return;
  const { county, process, at, by } = recording;
  await sql`
    with given as (
      select * from jsonb_to_recordset(${toJson(added)}::jsonb) as g (id text, kind text, year integer, "on" text, reverses text, postings jsonb)),
    t as (
      insert into ledger_transactions (county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by, reverses)
      select ${county}, ${process}, id, kind, year, "on", ${at}, ${by}, reverses from given)
    insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount)
    select ${county}, ${process}, g.id, p.n, p.each ->> 'account', p.each ->> 'holder', p.each ->> 'book', p.each ->> 'insurance', (p.each ->> 'amount')::bigint
    from given g cross join lateral jsonb_array_elements(g.postings) with ordinality as p (each, n)`.execute(trx);
}

async function transactionsById(
  trx: Trx,
  { county, process }: LedgerOf,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LedgerTransaction>> {
  const { rows } = await sql<LedgerTransaction>`
    select t.tx_id as id, t.kind, t.year, t.happened_on as on, t.reverses, p.postings
    from ledger_transactions t cross join lateral (
      select jsonb_agg(jsonb_build_object('account', p.account, 'holder', p.holder, 'book', p.book, 'insurance', p.insurance, 'amount', p.amount) order by p.n) as postings
      from ledger_postings p where p.county_id = t.county_id and p.process_id = t.process_id and p.tx_id = t.tx_id) p
    where t.county_id = ${county} and t.process_id = ${process} and t.tx_id = any(${[...ids]}::text[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, row]));
}

const conflict = (id: string): StoreError =>
  new StoreError('ledger-conflict', `账目 ${id} 已按别的内容记过账`, `${id} stands in the ledger as something else`, { id });

/** Posts the payments that an import wrote, whatever their number, in one statement. */
export async function postImported(trx: Trx, of: LedgerOf, importId: string): Promise<number> {
  return writeEntries(trx, of, filePayments(of, ofImport(importId)));
}

/** Payments of an import: their ids are the import's with a line. */
export const ofImport = (importId: string) => sql`k.payment_id >= ${importId}::text || '-' and k.payment_id < ${importId}::text || '.'`;

/** Dues (`due_id`) on which something was credited, with the day (`on_date`). */
const creditedBy = ({ county, process }: LedgerOf, importId: string) => sql`
  select k.due_id, max(k.happened_on::text) as on_date from payments k
  where k.county_id = ${county} and k.process_id = ${process} and ${ofImport(importId)} and k.due_id is not null group by 1`;

/**
 * Closes claim and way of what a collector had taken of a person and what has arrived since, as far as both say so: the lesser of the two. Follows
 * what the dues say after they were credited; no change, no transaction. Below 0: one of the two was taken back.
 */
export const matchImported = (trx: Trx, recording: Recording, importId: string): Promise<void> =>
  match(trx, recording, importId, creditedBy(recording, importId));

export const matchPaid = (trx: Trx, recording: Recording, payment: string, due: string, on: LocalDate): Promise<void> =>
  match(trx, recording, payment, sql`select ${due}::text as due_id, ${on}::text as on_date`, true);

/** The same for the lines of a batch that a clearing brought. */
export const matchCleared = (trx: Trx, recording: Recording, clearing: string): Promise<void> =>
  match(
    trx,
    recording,
    clearing,
    sql`select k.due_id, k.happened_on::text as on_date from payments k
      where k.county_id = ${recording.county} and k.process_id = ${recording.process} and ${ofImport(clearing)}`,
  );

async function match(trx: Trx, recording: Recording, cause: string, credited: ReturnType<typeof sql>, one = false): Promise<void> {
  const { county, process, at, by } = recording;
  const mine = sql`county_id = ${county} and process_id = ${process}`;
  const { rows } = await sql<{ any: boolean }>`
    select exists (select from ledger_postings where ${mine} and account = 'received' and holder is not null) as any`.execute(trx);
  if (rows[0]?.any !== true) return;
  const debts = sql`
    select d.person_id::text as person_id, d.insurance::text as insurance, d.year, max(c.on_date) as on_date
    from (${credited}) c join dues d on d.county_id = ${county} and d.process_id = ${process} and d.due_id = c.due_id group by 1, 2, 3`;
  // Of a file they are counted before the next step is planned: taken for a few, each would be looked for among all dues.
  if (!one) {
    await sql`drop table if exists credited_debts`.execute(trx);
    await sql`create temp table credited_debts on commit drop as ${debts}`.execute(trx);
    await sql`analyze credited_debts`.execute(trx);
  }
  const touched = one ? sql`(${debts})` : sql`credited_debts`;
  await writeEntries(
    trx,
    recording,
    sql`
    select 'match/' || ${cause}::text || '/' || m.due_id, 1, 'matched', m.year, m.on_date, ${at}::text, ${by}::text, null::text,
      'received', m.person_id, 'transit', m.unit_id, m.insurance, m.amount
    from (
      with standing as (
        select t.person_id, t.insurance, t.year, t.on_date, min(d.due_id::text) as due_id, (array_agg(d.unit_id::text order by d.due_id))[1] as unit_id,
          sum(d.collected)::bigint as collected, sum(d.arrived)::bigint as arrived
        from ${touched} t join dues d on d.county_id = ${county} and d.process_id = ${process} and d.person_id = t.person_id and d.insurance = t.insurance and d.year = t.year
        group by 1, 2, 3, 4),
      claims as (
        select p.holder::text as person_id, p.insurance::text as insurance, t.year, -sum(p.amount)::bigint as amount
        from ledger_postings p join ledger_transactions t on t.county_id = p.county_id and t.process_id = p.process_id and t.tx_id = p.tx_id
        where p.county_id = ${county} and p.process_id = ${process} and p.account = 'received' and p.holder is not null and p.holder in (select person_id from ${touched} t)
        group by 1, 2, 3)
      select s.*, least(s.collected, s.arrived) - (s.collected - coalesce(c.amount, 0)) as amount
      from standing s left join claims c on c.person_id = s.person_id and c.insurance = s.insurance and c.year = s.year) m
    where m.amount <> 0`,
  );
}
