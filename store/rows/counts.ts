import { sql } from 'kysely';
import type { DutyId, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { ObligationStatus, RowSums } from '../../domain/model/state.js';
import type { Db } from '../connection.js';
import type { AsOf } from '../payments/as-of.js';

/** Rows of a duty in one unit that stand alike. */
export interface RowsAlike {
  readonly duty: DutyId;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly status: ObligationStatus;
  readonly late: boolean;
  readonly rows: number;
}

/** How rows of some duties stand, per unit: at present as kept, or as of a day from what each was closed by. */
export async function rowsStanding(
  db: Db,
  of: { readonly county: string; readonly process: ProcessId; readonly units: readonly UnitId[] | null; readonly asOf: AsOf | null },
  duties: readonly DutyId[],
): Promise<readonly RowsAlike[]> {
  if (duties.length === 0) return [];
  const within = of.units === null ? sql`` : sql` and unit_id = any(${[...of.units]}::text[])`;
  const mine = sql`county_id = ${of.county} and process_id = ${of.process} and duty = any(${[...duties]}::text[])${within}`;
  if (of.asOf === null) {
    const { rows } = await sql<RowsAlike>`
      select duty, unit_id as unit, insurance, status, late, rows from row_counts where ${mine} and rows > 0 order by 1, 2, 3, 4, 5`.execute(
      db,
    );
    return rows;
  }
  const { happenedBy, recordedBefore } = of.asOf;
  const { rows } = await sql<RowsAlike>`
    select duty, unit_id as unit, coalesce(insurance::text, '') as insurance, case when over then status else 'open' end as status,
      case when over then late else coalesce(due < ${happenedBy}, false) end as late, count(*)::integer as rows
    from (select *, closed_on is not null and closed_on <= ${happenedBy} and body -> 'closed' ->> 'at' < ${recordedBefore} as over
      from obligations where ${mine} and row_id = obligation_id and since <= ${happenedBy}) o
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`.execute(db);
  return rows;
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
