import { sql, type Selectable } from 'kysely';
import type { LevelId, LocalDate, UnitId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';
import type { UnitsTable } from '../tables/offices.js';

/** A unit of the tree. `path` is made of surrogates, `/u1/u4/`, its own id last. `to` is the last valid day. */
export interface UnitRow {
  readonly id: UnitId;
  readonly level: LevelId;
  readonly parent: UnitId | null;
  readonly path: string;
  readonly name: string;
  readonly code: string | null;
  readonly kind: string | null;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly successors: readonly UnitId[];
  readonly version: number;
}

const COLUMNS = [
  'unit_id',
  'level',
  'parent_id',
  'path',
  'name',
  'code',
  'kind',
  'valid_from',
  'valid_to',
  'successors',
  'version',
] as const;

type Row = Pick<Selectable<UnitsTable>, (typeof COLUMNS)[number]>;

const read = (row: Row): UnitRow => ({
  id: row.unit_id,
  level: row.level,
  parent: row.parent_id,
  path: row.path,
  name: row.name,
  code: row.code,
  kind: row.kind,
  from: row.valid_from,
  to: row.valid_to,
  successors: row.successors.map((id) => id as UnitId),
  version: row.version,
});

const select = (db: Db, county: string) => db.selectFrom('units').select(COLUMNS).where('county_id', '=', county);

export async function unitById(db: Db, county: string, id: UnitId): Promise<UnitRow | null> {
  const row = await select(db, county).where('unit_id', '=', id).executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Several units by id; unknown ids are left out. */
export async function unitsByIds(db: Db, county: string, ids: readonly UnitId[]): Promise<UnitRow[]> {
  if (ids.length === 0) return [];
  // One array instead of a placeholder for each id: a county's board asks for hundreds.
  const rows = await select(db, county)
    .where(sql<boolean>`unit_id = any(${[...new Set(ids)]}::text[])`)
    .execute();
  return rows.map(read);
}

/** Paths of the units at the top of the tree. */
export async function topPaths(db: Db, county: string): Promise<string[]> {
  const rows = await db.selectFrom('units').select('path').where('county_id', '=', county).where('parent_id', 'is', null).execute();
  return rows.map((row) => row.path);
}

/** A unit and all below it, retired ones included, parents before children. */
export async function subtree(db: Db, county: string, path: string): Promise<UnitRow[]> {
  const rows = await select(db, county)
    .where(pathInScope('path', [path]))
    .orderBy('path')
    .execute();
  return rows.map(read);
}

/** Ids of a unit and of all below it, retired ones included. */
export async function unitIdsUnder(db: Db, county: string, unit: UnitId): Promise<readonly UnitId[]> {
  const { rows } = await sql<{ unit_id: UnitId }>`
    select b.unit_id from units a join units b on b.county_id = a.county_id and starts_with(b.path, a.path)
    where a.county_id = ${county} and a.unit_id = ${unit}`.execute(db);
  return rows.map((row) => row.unit_id);
}

/** True when a valid unit under this parent already has the name. */
export async function hasSibling(db: Db, county: string, parent: UnitId | null, name: string): Promise<boolean> {
  const row = await select(db, county)
    .where('parent_id', parent === null ? 'is' : '=', parent)
    .where('name', '=', name)
    .where('valid_to', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

export interface UnitFilter {
  readonly scope: Scope;
  readonly parent: UnitId | null;
  readonly level: LevelId | null;
  readonly text: string | null;
  /** Path after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
}

/** Units of a scope by path, one more than `limit`. */
export async function listUnits(db: Db, county: string, filter: UnitFilter): Promise<UnitRow[]> {
  let query = select(db, county)
    .where(pathInScope('path', filter.scope))
    .orderBy('path')
    .limit(filter.limit + 1);
  if (filter.parent !== null) query = query.where('parent_id', '=', filter.parent);
  if (filter.level !== null) query = query.where('level', '=', filter.level);
  if (filter.after !== null) query = query.where('path', '>', filter.after);
  const { text } = filter;
  if (text !== null) query = query.where((eb) => eb(eb.fn<number>('strpos', ['name', eb.val(text)]), '>', 0));
  return (await query.execute()).map(read);
}

/** What happened to a unit, oldest first. */
export async function unitEvents(
  db: Db,
  county: string,
  unit: UnitId,
): Promise<{ kind: string; on: LocalDate; detail: unknown; by: string }[]> {
  return db
    .selectFrom('unit_events')
    .select(['kind', 'on_date as on', 'detail', 'by_user as by'])
    .where('county_id', '=', county)
    .where('unit_id', '=', unit)
    .orderBy('unit_event_id')
    .execute();
}
