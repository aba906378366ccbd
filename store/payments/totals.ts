import { sql } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';

export interface TotalRow {
  readonly line: number;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly on: LocalDate;
  readonly persons: number;
  /** Fen. */
  readonly amount: number;
}

export interface DifferenceRow {
  readonly unit: UnitId;
  readonly unitName: string;
  readonly insurance: string;
  readonly on: LocalDate;
  readonly totalPersons: number;
  readonly totalAmount: number;
  readonly detailPersons: number;
  readonly detailAmount: number;
}

/** Who detail was booked for, per unit, insurance and day. A person counts once; reversals lower the amount. */
const detail = (county: string, process: ProcessId) => sql`
  select unit_id, insurance, happened_on, count(distinct coalesce(person_id::text, payment_id::text)) filter (where kind <> 'reversal') as persons, sum(amount) as amount
  from payments where county_id = ${county} and process_id = ${process} and kind <> 'remitted' group by 1, 2, 3`;

/**
 * Enters totals; the same figures again change nothing, others replace the earlier entry. For a day whose detail is there already the detail holds:
 * the total is kept as replaced, for the difference.
 */
export async function enterTotals(
  trx: Trx,
  entry: { readonly county: string; readonly process: ProcessId; readonly at: Moment; readonly by: UserId },
  rows: readonly TotalRow[],
): Promise<{ readonly entered: readonly TotalRow[] }> {
  const { county, process, at, by } = entry;
  await sql`
    create temp table totals on commit drop as
    select r.*, t.version, t.persons is not distinct from r.persons and t.amount is not distinct from r.amount as same
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (line integer, unit text, insurance text, "on" text, persons integer, amount bigint)
    left join lateral (select * from unit_totals t where t.county_id = ${county} and t.process_id = ${process} and t.unit_id = r.unit and t.insurance = r.insurance and t.on_date = r."on" order by version desc limit 1) t on true`.execute(
    trx,
  );
  await sql`
    update unit_totals t set replaced_at = ${at} from totals r
    where not r.same and t.county_id = ${county} and t.process_id = ${process} and t.unit_id = r.unit and t.insurance = r.insurance and t.on_date = r."on" and t.replaced_at is null`.execute(
    trx,
  );
  const { rows: entered } = await sql<TotalRow>`
    with added as (
      insert into unit_totals (county_id, process_id, unit_id, insurance, on_date, persons, amount, recorded_at, recorded_by, version, replaced_at)
      select ${county}, ${process}, r.unit, r.insurance, r."on", r.persons, r.amount, ${at}, ${by}, coalesce(r.version, 0) + 1,
        case when exists (select from payments p where p.county_id = ${county} and p.process_id = ${process} and p.unit_id = r.unit and p.insurance = r.insurance and p.happened_on = r."on" and p.kind <> 'remitted') then ${at} end
      from totals r where not r.same returning unit_id)
    select line, unit, insurance, "on", persons, amount from totals where not same`.execute(trx);
  return { entered };
}

/** Detail has come: the totals of its units, insurances and days (cumulative detail: of all days up to its own) hold no longer. */
export async function replaceTotals(
  trx: Trx,
  county: string,
  process: ProcessId,
  at: Moment,
  cumulative: boolean,
): Promise<readonly DifferenceRow[]> {
  const day = cumulative ? sql`t.on_date <= q.on_date` : sql`t.on_date = q.on_date`;
  const { rows } = await sql<{ unit: UnitId; insurance: string; on: LocalDate }>`
    update unit_totals t set replaced_at = ${at}
    from (select distinct at_unit, insurance, on_date from paying where kind <> 'reversal' and kind <> 'remitted') q
    where t.county_id = ${county} and t.process_id = ${process} and t.unit_id = q.at_unit and t.insurance = q.insurance and ${day} and t.replaced_at is null
    returning t.unit_id as unit, t.insurance, t.on_date as on`.execute(trx);
  return totalDifferences(trx, county, process, rows);
}

/** The newest total of each of these days beside what the detail says. */
export async function totalDifferences(
  trx: Trx,
  county: string,
  process: ProcessId,
  days: readonly { readonly unit: UnitId; readonly insurance: string; readonly on: LocalDate }[],
): Promise<readonly DifferenceRow[]> {
  if (days.length === 0) return [];
  const { rows } = await sql<DifferenceRow>`
    select distinct on (t.unit_id, t.insurance, t.on_date) t.unit_id as unit, u.name as "unitName", t.insurance, t.on_date as on, t.persons as "totalPersons", t.amount as "totalAmount",
      coalesce(d.persons, 0)::integer as "detailPersons", coalesce(d.amount, 0)::bigint as "detailAmount"
    from jsonb_to_recordset(${toJson(days)}::jsonb) as r (unit text, insurance text, "on" text)
    join unit_totals t on t.county_id = ${county} and t.process_id = ${process} and t.unit_id = r.unit and t.insurance = r.insurance and t.on_date = r."on"
    join units u on u.county_id = t.county_id and u.unit_id = t.unit_id
    left join (${detail(county, process)}) d on d.unit_id = t.unit_id and d.insurance = t.insurance and d.happened_on = t.on_date
    where t.replaced_at is not null
    order by t.unit_id, t.insurance, t.on_date, t.version desc`.execute(trx);
  return rows;
}
