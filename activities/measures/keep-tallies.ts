import { sql } from 'kysely';
import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Trx } from '../../store/connection.js';
import { toJson } from '../../store/json.js';
import { allCounts } from './plan.js';
import { tallyCounts } from './tally.js';

export interface TallyTarget {
  readonly county: string;
  readonly process: ProcessId;
  readonly setting: Setting;
  /** The business day: ages and phases are asked about it. */
  readonly today: LocalDate;
}

/**
 * Keeps the present figures (`tallies`) true to their rows, in the transaction that changed the rows. The units whose dues, payments or totals
 * were touched are counted anew from their rows and nothing else is read: one unit for one payment, the units of the file for an import. So
 * figures cannot drift, and `recount` (all units) gives the same numbers.
 */
export async function refreshTallies(trx: Trx, target: TallyTarget, units: readonly UnitId[] | null): Promise<void> {
  if (units?.length === 0) return;
  const { county, process, setting, today } = target;
  const counted = await tallyCounts(trx, setting, allCounts(setting.definition), { county, process, asOf: null, today, units });
  const rows = Object.entries(counted).flatMap(([unit, values]) =>
    Object.entries(values).map(([count, value]) => ({ unit, count, value })),
  );
  const mine = sql`county_id = ${county} and process_id = ${process}`;
  const within = units === null ? sql`` : sql` and unit_id = any(${[...units]}::text[])`;
  await sql`delete from tallies where ${mine}${within}`.execute(trx);
  await sql`
    insert into tallies (county_id, process_id, unit_id, unit_path, count_id, value)
    select ${county}, ${process}, u.unit_id, u.path, r.count, r.value
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (unit text, count text, value bigint) join units u on u.county_id = ${county} and u.unit_id = r.unit`.execute(
    trx,
  );
}

/** Rebuilds all present figures of a campaign from its rows. */
export const recount = (trx: Trx, target: TallyTarget): Promise<void> => refreshTallies(trx, target, null);
