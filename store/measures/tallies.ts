import { sql } from 'kysely';
import type { ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { toJson } from '../json.js';
import type { RowQuery } from '../payments/row-sets.js';

/** One count of one unit. Money in fen. */
export interface TallyRow {
  readonly unit: UnitId;
  readonly count: string;
  readonly value: number;
}

/** Puts new present figures in the place of those of some units (null: of all). */
export async function replaceTallies(
  trx: Trx,
  county: string,
  process: ProcessId,
  units: readonly UnitId[] | null,
  rows: readonly TallyRow[],
): Promise<void> {
  const within = units === null ? sql`` : sql` and unit_id = any(${[...units]}::text[])`;
  await sql`delete from tallies where county_id = ${county} and process_id = ${process}${within}`.execute(trx);
  await sql`
    insert into tallies (county_id, process_id, unit_id, unit_path, count_id, value)
    select ${county}, ${process}, u.unit_id, u.path, r.count, r.value
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (unit text, count text, value bigint) join units u on u.county_id = ${county} and u.unit_id = r.unit`.execute(
    trx,
  );
}

/** The present figures kept for some counts, of some units (null: of all). */
export async function keptTallies(
  trx: Trx,
  { county, process, units }: Pick<RowQuery, 'county' | 'process' | 'units'>,
  counts: readonly string[],
): Promise<readonly TallyRow[]> {
  if (counts.length === 0) return [];
  const within = units === null ? sql`` : sql` and unit_id = any(${[...units]}::text[])`;
  const { rows } = await sql<TallyRow>`
    select unit_id as unit, count_id as count, value from tallies
    where county_id = ${county} and process_id = ${process} and count_id = any(${[...counts]}::text[])${within}`.execute(trx);
  return rows;
}

/** Ids of all counts of which a campaign keeps figures. */
export async function countsKept(db: Db, county: string, process: ProcessId): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('tallies')
    .select('count_id')
    .distinct()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .execute();
  return new Set(rows.map((row) => row.count_id));
}
