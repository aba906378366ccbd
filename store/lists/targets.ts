import type { Value } from '../../domain/model/definition.js';
import type { Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

/** A unit's figures of a target table; money in fen. `from`: the moment from which the version counts. */
export interface TargetRow {
  readonly table: string;
  readonly version: number;
  readonly provisional: boolean;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly path: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly from: Moment;
}

/** The newest version of each target table (or one table) in a scope, by table and path after `after`; one more than `limit`. */
export async function listTargets(
  db: Db,
  county: string,
  process: ProcessId,
  filter: {
    readonly scope: Scope;
    readonly table: string | null;
    readonly after: readonly [table: string, path: string] | null;
    readonly limit: number;
  },
): Promise<TargetRow[]> {
  let query = db
    .selectFrom('targets as t')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 't.county_id').onRef('u.unit_id', '=', 't.unit_id'))
    .select(['t.table_id', 't.version', 't.provisional', 't.unit_id', 'u.name', 'u.path', 't.values', 't.valid_from_at'])
    .where('t.county_id', '=', county)
    .where('t.process_id', '=', process)
    .where(pathInScope('u.path', filter.scope))
    .where((eb) =>
      eb(
        't.version',
        '=',
        eb
          .selectFrom('targets as newest')
          .select((inner) => inner.fn.max('newest.version').as('version'))
          .whereRef('newest.county_id', '=', 't.county_id')
          .whereRef('newest.process_id', '=', 't.process_id')
          .whereRef('newest.table_id', '=', 't.table_id'),
      ),
    )
    .orderBy('t.table_id')
    .orderBy('u.path')
    .limit(filter.limit + 1);
  if (filter.table !== null) query = query.where('t.table_id', '=', filter.table);
  const { after } = filter;
  if (after !== null) query = query.where((eb) => eb(eb.refTuple('t.table_id', 'u.path'), '>', eb.tuple(after[0], after[1])));
  return (await query.execute()).map((row) => ({
    table: row.table_id,
    version: row.version,
    provisional: row.provisional,
    unit: row.unit_id,
    unitName: row.name,
    path: row.path,
    values: row.values,
    from: row.valid_from_at,
  }));
}
