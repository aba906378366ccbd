import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Trx } from '../../store/connection.js';
import { replaceTallies } from '../../store/measures/tallies.js';
import { countsApart } from '../../domain/rules/apart.js';
import { keptCounts } from './plan.js';
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
  const { definition } = setting;
  const asked = { counts: keptCounts(definition), apart: countsApart(definition) };
  const counted = await tallyCounts(trx, setting, asked, { county, process, asOf: null, today, units });
  const rows = Object.entries(counted).flatMap(([unit, values]) =>
    Object.entries(values).map(([count, value]) => ({ unit: unit as UnitId, count, value })),
  );
  await replaceTallies(trx, county, process, units, rows);
}

/** Rebuilds all present figures of a campaign from its rows. */
export const recount = (trx: Trx, target: TallyTarget): Promise<void> => refreshTallies(trx, target, null);
