import { sql, type RawBuilder } from 'kysely';
import type { DutyId, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { ObligationStatus, RowSums } from '../../domain/model/state.js';
import type { Db } from '../connection.js';
import type { AsOf } from '../payments/as-of.js';

/** Rows of a duty, or of a kind of case, in one unit that stand alike. */
export interface RowsAlike {
  readonly unit: UnitId;
  readonly insurance: string;
  readonly status: ObligationStatus;
  readonly late: boolean;
  /** Of a case; empty: a duty. */
  readonly state: string;
  /** The columns that were asked for, alike in all of these; 0 = not given. */
  readonly values: Readonly<Record<string, number>>;
  readonly rows: number;
}

/**
 * How rows of a duty or kind of case stand, per unit: at present as kept, or as of a day from what each was closed by (a case: from the state that it was in).
 * `columns`: fields of a case, and its round; those are read from the cases themselves.
 */
export async function rowsStanding(
  db: Db,
  of: { readonly county: string; readonly process: ProcessId; readonly units: readonly UnitId[] | null; readonly asOf: AsOf | null },
  duty: DutyId,
  columns: readonly string[],
): Promise<readonly RowsAlike[]> {
  const within = of.units === null ? sql`` : sql` and unit_id = any(${[...of.units]}::text[])`;
  const mine = sql`county_id = ${of.county} and process_id = ${of.process} and duty = ${duty}${within}`;
  if (of.asOf === null && columns.length === 0) {
    const { rows } = await sql<RowsAlike>`
      select unit_id as unit, insurance, status, late, state, '{}'::jsonb as values, rows from row_counts where ${mine} and rows > 0
      order by 1, 2, 3, 4, 5`.execute(db);
    return rows;
  }
  const numbers = columns.map((column) =>
    column === 'round'
      ? sql`'round', coalesce((body -> 'case' ->> 'round')::bigint, 0)`
      : sql`${column}::text, coalesce((body -> 'case' -> 'fields' ->> ${column}::text)::bigint, 0)`,
  );
  const values = columns.length === 0 ? sql`'{}'::jsonb` : sql`jsonb_build_object(${sql.join(numbers)})`;
  const { rows } = await sql<RowsAlike>`
    select unit_id as unit, coalesce(insurance::text, '') as insurance, status, late, state, values, count(*)::integer as rows
    from (${standing(mine, of.asOf, values)}) o group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`.execute(db);
  return rows;
}

/** Each row as it stands, or stood on a day. States that a case has left are rows beside it (`~entry/`). */
function standing(mine: RawBuilder<unknown>, asOf: AsOf | null, values: RawBuilder<unknown>): RawBuilder<unknown> {
  if (asOf === null)
    return sql`select unit_id, insurance, status, late, coalesce(body -> 'case' ->> 'state', '') as state, ${values} as values
      from obligations where ${mine} and row_id = obligation_id`;
  const { happenedBy, recordedBefore } = asOf;
  return sql`
    select unit_id, insurance, case when over then status else 'open' end as status,
      case when over then late else coalesce(due < ${happenedBy}, false) end as late,
      coalesce(case when over then body -> 'case' ->> 'state' else body -> 'origin' ->> 'state' end, '') as state, ${values} as values
    from (select *, closed_on is not null and closed_on <= ${happenedBy} and body -> 'closed' ->> 'at' < ${recordedBefore} as over
      from obligations where ${mine} and since <= ${happenedBy}
        and (row_id = obligation_id or (origin = 'case' and row_id is not null))
        and (origin <> 'case' or body ->> 'ladderFrom' < ${recordedBefore})) e
    where row_id = obligation_id or not over`;
}

/** All units together, by duty: what the process knows of its rows. */
export async function rowSums(db: Db, county: string, process: ProcessId): Promise<Readonly<Record<DutyId, RowSums>>> {
  const { rows } = await sql<RowSums & { duty: DutyId }>`
    select duty, (coalesce(sum(rows) filter (where status in ('open', 'waiting', 'beforeLaunch', 'checking')), 0))::integer as open,
      (coalesce(sum(rows) filter (where status = 'open' and late), 0))::integer as late,
      (coalesce(sum(rows) filter (where status in ('done', 'waived', 'notApplicable', 'withdrawn')), 0))::integer as closed
    from row_counts where county_id = ${county} and process_id = ${process} group by duty order by duty`.execute(db);
  return Object.fromEntries(rows.map(({ duty, open, late, closed }) => [duty, { open, late, closed }]));
}
