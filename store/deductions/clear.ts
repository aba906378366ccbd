import { sql } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { clearingEntries, excessEntries } from '../ledger/deduction-entries.js';
import { writeEntries } from '../ledger/entries.js';
import { matchCleared } from '../ledger/post.js';
import { insertMany } from './plans.js';

/** Successes, late ones included, that two people have not taken back and whose money has not come: columns batch_id, line, amount, late. */
export const uncleared = (which: ReturnType<typeof sql>) => sql`
  select o.county_id, o.batch_id, o.line, l.contribution_id, l.due_id, l.amount, o.late
  from deduction_outcomes o join deduction_lines l on l.county_id = o.county_id and l.batch_id = o.batch_id and l.line = o.line
  where o.class = 'success' and ${which}
    and not exists (select from deduction_cleared_lines z where z.county_id = o.county_id and z.batch_id = o.batch_id and z.line = o.line)
    and not exists (select from deduction_quarantine q where q.county_id = o.county_id and q.batch_id = o.batch_id and q.line = o.line and q.settled_as = 'reverse')`;

/** What the bank has still to hand over of a batch, in fen. */
export async function clearingOf(db: Db, county: string, batch: string): Promise<{ readonly lines: number; readonly amount: number }> {
  const { rows } = await sql<{ lines: number; amount: number }>`
    select count(*) as lines, coalesce(sum(amount), 0)::bigint as amount from (${uncleared(sql`o.county_id = ${county} and o.batch_id = ${batch}`)}) u`.execute(
    db,
  );
  return rows[0] ?? { lines: 0, amount: 0 };
}

export interface Clearing {
  readonly county: string;
  readonly process: ProcessId;
  readonly id: string;
  readonly batch: string;
  readonly amount: number;
  readonly on: LocalDate;
  /** Number of the bank's slip: good once in the campaign. */
  readonly reference: string;
  readonly at: Moment;
  readonly by: UserId;
}

export async function isReferenceUsed(
  db: Db,
  { county, process, reference }: Pick<Clearing, 'county' | 'process' | 'reference'>,
): Promise<boolean> {
  const row = await db
    .selectFrom('deduction_clearings')
    .select('clearing_id')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('reference', '=', reference)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Books that the money of all open successes of a batch has come: clearing to income, what is owed is credited to the dues as arrived, what was paid otherwise
 * meanwhile is owed back. Returns the sums by unit for the campaign.
 */
export async function bookClearing(
  trx: Trx,
  clearing: Clearing,
): Promise<readonly { readonly unit: UnitId; readonly insurance: string; readonly amount: number }[]> {
  const { county, process, id, batch, amount, on, reference, at, by } = clearing;
  await sql`
    create temp table clearing_lines on commit drop as
    select u.line, u.amount, u.late, d.due_id::text as due_id, d.person_id::text as person_id, d.unit_id::text as unit_id, d.insurance::text as insurance, d.year,
      case when u.late or d.due_id is null then 0 else least(u.amount, greatest(d.amount - d.arrived, 0)) end as credit
    from (${uncleared(sql`o.county_id = ${county} and o.batch_id = ${batch}`)}) u
    left join dues d on d.county_id = ${county} and d.process_id = ${process} and d.due_id = u.due_id`.execute(trx);
  await sql`analyze clearing_lines`.execute(trx);
  await trx
    .insertInto('deduction_clearings')
    .values({ county_id: county, process_id: process, clearing_id: id, batch_id: batch, amount, on_date: on, reference, at, by_user: by })
    .execute();
  await insertMany(trx, async () => {
    await sql`
    insert into deduction_cleared_lines (county_id, batch_id, line, clearing_id) select ${county}, ${batch}, line, ${id} from clearing_lines order by line`.execute(
      trx,
    );
    await sql`
    insert into deduction_refunds (county_id, process_id, refund_id, batch_id, line, why, amount, on_date, at, by_user)
    select ${county}, ${process}, 'y' || nextval('surrogates'), ${batch}, line, 'excess', amount - credit, ${on}, ${at}, ${by}
    from clearing_lines where not late and credit < amount order by line`.execute(trx);
    await sql`
    insert into payments (county_id, process_id, payment_id, due_id, person_id, unit_id, insurance, year, amount, kind, happened_on, recorded_at, source, source_line, external_id, channel, meaning, recorded_by)
    select ${county}, ${process}, ${id}::text || '-' || line, due_id, person_id, unit_id, insurance, year, credit, 'arrived', ${on}, ${at}, 'deduction', line, ${reference}, 'deduction',
      'd|' || ${batch}::text || '|' || line, ${by}
    from clearing_lines where credit > 0 order by line`.execute(trx);
  });
  const { rows } = await sql<{ unit: UnitId; insurance: string; amount: number }>`
    with credited as (
      update dues d set arrived = d.arrived + c.credit, arrived_on = greatest(d.arrived_on, ${on}::text)
      from clearing_lines c where c.credit > 0 and d.county_id = ${county} and d.process_id = ${process} and d.due_id = c.due_id
      returning d.unit_id, d.insurance, c.credit)
    select unit_id as unit, insurance, sum(credit)::bigint as amount from credited group by 1, 2 order by 1, 2`.execute(trx);
  const of = { county, process };
  await writeEntries(trx, of, clearingEntries(of, sql`q.county_id = ${county} and q.clearing_id = ${id}`));
  await writeEntries(
    trx,
    of,
    excessEntries(of, sql`q.county_id = ${county} and q.batch_id = ${batch} and q.line in (select line from clearing_lines)`),
  );
  await matchCleared(trx, { ...of, at, by }, id);
  return rows;
}
