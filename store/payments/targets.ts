import { sql } from 'kysely';
import type { Table, Value } from '../../domain/model/definition.js';
import type { Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { canonicalJson, toJson } from '../json.js';

export interface TargetRow {
  readonly unit: UnitId;
  /** By column id; money in fen. */
  readonly values: Readonly<Record<string, Value>>;
}

export interface TargetVersion {
  readonly table: string;
  readonly version: number;
  readonly provisional: boolean;
  readonly rows: readonly TargetRow[];
}

/** The newest version of a table in force before a moment; a final one goes before any provisional one. */
async function newest(db: Db, county: string, process: ProcessId, table: string, before: Moment | null): Promise<TargetVersion | null> {
  const inForce = before === null ? sql`` : sql` and valid_from_at < ${before}`;
  const { rows } = await sql<{ version: number; provisional: boolean; unit_id: UnitId; values: Readonly<Record<string, Value>> }>`
    select version, provisional, unit_id, values from targets
    where county_id = ${county} and process_id = ${process} and table_id = ${table} and version = (
      select version from targets where county_id = ${county} and process_id = ${process} and table_id = ${table}${inForce} order by provisional, version desc limit 1)
    order by unit_id`.execute(db);
  const [first] = rows;
  return first
    ? {
        table,
        version: first.version,
        provisional: first.provisional,
        rows: rows.map((row) => ({ unit: row.unit_id, values: row.values })),
      }
    : null;
}

/** What holds for a table before a moment (null: now): its own rows, else those of the table that stands in for it; null when there are none. */
export async function targetsInForce(
  db: Db,
  county: string,
  process: ProcessId,
  table: Pick<Table, 'id' | 'provisional'>,
  before: Moment | null,
): Promise<TargetVersion | null> {
  const own = await newest(db, county, process, table.id, before);
  if (own !== null || table.provisional === null) return own;
  return newest(db, county, process, table.provisional, before);
}

/**
 * Adds a version of a target table; the same rows as the newest version change nothing. Versions are never updated: a milestone that was judged
 * keeps the one it was judged on. Returns the version that now holds.
 */
export async function addTargets(
  trx: Trx,
  target: {
    readonly county: string;
    readonly process: ProcessId;
    readonly table: string;
    readonly provisional: boolean;
    readonly importId: string | null;
    readonly at: Moment;
  },
  rows: readonly TargetRow[],
): Promise<{ readonly version: number; readonly changed: boolean }> {
  const { county, process, table } = target;
  await sql`select pg_advisory_xact_lock(hashtext('duban-targets'), hashtext(${`${county}/${process}/${table}`}))`.execute(trx);
  const before = await newest(trx, county, process, table, null);
  const sorted = [...rows].sort((a, b) => (a.unit < b.unit ? -1 : 1));
  const plain = (list: readonly TargetRow[]): string => canonicalJson(list.map(({ unit, values }) => ({ unit, values })));
  if (
    before !== null &&
    before.provisional === target.provisional &&
    plain([...before.rows].sort((a, b) => (a.unit < b.unit ? -1 : 1))) === plain(sorted)
  )
    return { version: before.version, changed: false };
  const { rows: found } = await sql<{ version: number }>`
    select coalesce(max(version), 0) + 1 as version from targets where county_id = ${county} and process_id = ${process} and table_id = ${table}`.execute(
    trx,
  );
  const version = found[0]?.version ?? 1;
  await sql`
    insert into targets (county_id, process_id, table_id, version, provisional, unit_id, values, import_id, valid_from_at)
    select ${county}, ${process}, ${table}, ${version}, ${target.provisional}, r.unit, r.values, ${target.importId}, ${target.at}
    from jsonb_to_recordset(${toJson(sorted)}::jsonb) as r (unit text, values jsonb)`.execute(trx);
  return { version, changed: true };
}
