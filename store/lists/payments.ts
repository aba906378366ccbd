import type { LocalDate, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

export interface PaymentShown {
  readonly seq: number;
  readonly id: string;
  readonly due: string | null;
  readonly person: string | null;
  readonly unit: string | null;
  readonly unitName: string;
  readonly insurance: string;
  readonly year: number;
  /** Fen; a reversal is negative. */
  readonly amount: number;
  readonly kind: string;
  readonly on: string;
  readonly recordedAt: string;
  readonly receipt: string | null;
  readonly channel: string | null;
  readonly reverses: string | null;
  readonly import: string | null;
  readonly recordedBy: UserId;
  readonly onBehalfOf: string | null;
}

/** Payments of a campaign at units of a scope, in the order in which they were booked; one more than `limit`. */
export async function listPayments(
  db: Db,
  county: string,
  process: ProcessId,
  filter: {
    readonly scope: Scope;
    readonly unit: UnitId | null;
    readonly from: LocalDate | null;
    readonly to: LocalDate | null;
    readonly after: number;
    readonly limit: number;
  },
): Promise<PaymentShown[]> {
  let query = db
    .selectFrom('payments as k')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'k.county_id').onRef('u.unit_id', '=', 'k.unit_id'))
    .select([
      'k.seq',
      'k.payment_id as id',
      'k.due_id as due',
      'k.person_id as person',
      'k.unit_id as unit',
      'u.name as unitName',
      'k.insurance',
      'k.year',
      'k.amount',
      'k.kind',
      'k.happened_on as on',
      'k.recorded_at as recordedAt',
      'k.receipt',
      'k.channel',
      'k.reverses',
      'k.import_id as import',
      'k.recorded_by as recordedBy',
      'k.on_behalf_of as onBehalfOf',
    ])
    .where('k.county_id', '=', county)
    .where('k.process_id', '=', process)
    .where('k.seq', '>', filter.after)
    .where(pathInScope('u.path', filter.scope))
    .orderBy('k.seq')
    .limit(filter.limit + 1);
  if (filter.unit !== null) query = query.where('k.unit_id', '=', filter.unit);
  if (filter.from !== null) query = query.where('k.happened_on', '>=', filter.from);
  if (filter.to !== null) query = query.where('k.happened_on', '<=', filter.to);
  return (await query.execute()).map((row) => ({ ...row, seq: Number(row.seq) }));
}

/** The unit at which a due is owed, for the caller's scope; null when there is no such due. */
export async function unitOfDue(db: Db, county: string, process: ProcessId, due: string): Promise<{ unit: UnitId; path: string } | null> {
  const row = await db
    .selectFrom('dues')
    .select(['unit_id as unit', 'unit_path as path'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('due_id', '=', due)
    .executeTakeFirst();
  return row ?? null;
}
