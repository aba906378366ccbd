import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

/** One line behind a figure: what is owed and what came of it. No names and no numbers of persons. Money in fen. */
export interface DueRow {
  readonly due: string;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly amount: number;
  readonly governmentPaid: number;
  readonly arrived: number;
  readonly collected: number;
  readonly arrivedOn: LocalDate | null;
  readonly seq: number;
}

/** Dues of the scope in the order in which they were entered, after `after`. */
export async function dueRows(
  db: Db,
  county: string,
  process: ProcessId,
  scope: Scope,
  after: number,
  limit: number,
): Promise<readonly DueRow[]> {
  const rows = await db
    .selectFrom('dues')
    .select(['due_id', 'unit_id', 'insurance', 'amount', 'government_paid', 'arrived', 'collected', 'arrived_on', 'seq'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('seq', '>', after)
    .where(pathInScope('unit_path', scope))
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    due: row.due_id,
    unit: row.unit_id,
    insurance: row.insurance,
    amount: row.amount,
    governmentPaid: row.government_paid,
    arrived: row.arrived,
    collected: row.collected,
    arrivedOn: row.arrived_on,
    seq: row.seq,
  }));
}
