import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import { depositsInForce } from './deposits.js';

/** As of when rows are looked at: what happened by a day and was recorded before a moment; null = as kept at present. */
export interface AsOf {
  readonly happenedBy: LocalDate;
  readonly recordedBefore: Moment;
}

/** Of which campaign, as of when. */
export interface AsOfQuery {
  readonly county: string;
  readonly process: ProcessId;
  readonly asOf: AsOf | null;
}

/** What was owed at a moment: as it stands since, or as it was before it changed. */
export function duesEntered({ county, process, asOf }: AsOfQuery): RawBuilder<unknown> {
  if (asOf === null) return sql`dues`;
  const columns = sql.raw(
    'county_id, process_id, due_id, person_id, unit_id, insurance, year, item, tier, amount, groups, late_groups, government_paid, assigned_to, attributes, seq',
  );
  return sql`(
      select ${columns} from dues where county_id = ${county} and process_id = ${process} and since_at < ${asOf.recordedBefore}
      union all
      select ${columns} from dues_before
      where county_id = ${county} and process_id = ${process} and since_at < ${asOf.recordedBefore} and until_at >= ${asOf.recordedBefore})`;
}

/** Dues with what had come in for them as of a day and moment; payments of suspense carry no due and do not count. */
export function duesAsOf(q: AsOfQuery): RawBuilder<unknown> {
  if (q.asOf === null) return sql`dues`;
  return sql`(
    select d.*,
      coalesce(a.arrived, 0)::bigint as arrived, coalesce(a.collected, 0)::bigint as collected, case when a.arrived > 0 then a.arrived_on end as arrived_on,
      coalesce(s.deposited, 0)::bigint as deposited
    from ${duesEntered(q)} d left join (
      select k.due_id, sum(k.amount) filter (where k.basis = 'arrived') as arrived, sum(k.amount) filter (where k.basis = 'collected') as collected,
        max(k.happened_on::text) filter (where k.basis = 'arrived' and k.amount > 0) as arrived_on
      from (
        select k.due_id, k.amount, k.happened_on, case when k.kind = 'reversal' then coalesce(o.kind, 'arrived') else k.kind end as basis
        from payments k left join payments o on k.kind = 'reversal' and o.county_id = k.county_id and o.process_id = k.process_id and o.payment_id = k.reverses
        where k.county_id = ${q.county} and k.process_id = ${q.process} and k.due_id is not null
          and k.happened_on <= ${q.asOf.happenedBy} and k.recorded_at < ${q.asOf.recordedBefore}) k
      group by k.due_id) a on a.due_id = d.due_id
    left join (${depositsInForce(sql`county_id = ${q.county} and process_id = ${q.process} and on_date <= ${q.asOf.happenedBy} and recorded_at < ${q.asOf.recordedBefore}`)}) s
      on s.due_id = d.due_id)`;
}

/**
 * Identities as they stand or stood, at the person's present unit: persons have no history (docs/adr/0078). As of a day, what was certified or entered
 * after it is not there yet, though it was recorded in time.
 */
export function identitiesAsOf({ county, process, asOf }: AsOfQuery): RawBuilder<unknown> {
  const mine = sql`i.county_id = ${county} and i.process_id = ${process}`;
  if (asOf === null)
    return sql`(
      select i.*, h.unit_id from identities i join people h on h.county_id = i.county_id and h.person_id = i.person_id where ${mine} and i.until_at is null)`;
  const { happenedBy, recordedBefore } = asOf;
  return sql`(
    select i.county_id, i.process_id, i.person_id, i.group_id, i.withdrawn, i.attributes, h.unit_id, case when i.certified_on <= ${happenedBy} then i.certified_by end as certified_by,
      case when i.entered_on <= ${happenedBy} then i.entered_on end as entered_on
    from identities i join people h on h.county_id = i.county_id and h.person_id = i.person_id
    where ${mine} and i.since_at < ${recordedBefore} and (i.until_at is null or i.until_at >= ${recordedBefore})
      and (i.certified_on <= ${happenedBy} or i.entered_on <= ${happenedBy}))`;
}
