import { sql } from 'kysely';
import { addDays } from '../../domain/calendar/dates.js';
import type { LevelId, LocalDate, UnitId, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { nextId } from '../ids.js';
import { toJson } from '../json.js';
import { unitById, type UnitRow } from './read.js';

/** Who changes units, and from which day on the change holds. */
export interface UnitChange {
  readonly by: UserId;
  readonly on: LocalDate;
}

type EventKind = 'created' | 'renamed' | 'moved' | 'merged' | 'split' | 'retired';

async function tell(trx: Trx, county: string, unit: UnitId, kind: EventKind, change: UnitChange, detail: unknown): Promise<void> {
  await trx
    .insertInto('unit_events')
    .values({ county_id: county, unit_id: unit, kind, on_date: change.on, detail: toJson(detail), by_user: change.by })
    .execute();
}

export interface NewUnit {
  readonly level: LevelId;
  readonly parent: UnitRow | null;
  readonly name: string;
  readonly code?: string | null;
  readonly kind?: string | null;
  /** First valid day; null = since ever. */
  readonly from?: LocalDate | null;
}

export async function createUnit(trx: Trx, county: string, unit: NewUnit, change: UnitChange): Promise<UnitRow> {
  const id = await nextId(trx, county, 'u');
  const path = `${unit.parent?.path ?? '/'}${id}/`;
  await trx
    .insertInto('units')
    .values({
      county_id: county,
      unit_id: id,
      level: unit.level,
      parent_id: unit.parent?.id ?? null,
      path,
      name: unit.name,
      code: unit.code ?? null,
      kind: unit.kind ?? null,
      valid_from: unit.from ?? null,
      valid_to: null,
    })
    .execute();
  await tell(trx, county, id, 'created', change, { name: unit.name, parent: unit.parent?.id ?? null, level: unit.level });
  return must(trx, county, id);
}

async function must(trx: Trx, county: string, id: UnitId): Promise<UnitRow> {
  const unit = await unitById(trx, county, id);
  if (unit === null) throw new Error(`unit ${id} is gone`);
  return unit;
}

/** Locks the tree for this transaction, so that two changes of one subtree cannot tear its paths. */
export async function lockTree(trx: Trx, county: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`units/${county}`}, 0))`.execute(trx);
}

/** A new name (or code, or kind) from a day on; null when `version` is stale. */
export async function renameUnit(
  trx: Trx,
  county: string,
  unit: UnitRow,
  version: number,
  to: { readonly name?: string | undefined; readonly code?: string | null | undefined; readonly kind?: string | null | undefined },
  change: UnitChange,
): Promise<UnitRow | null> {
  const done = await trx
    .updateTable('units')
    .set((eb) => ({
      version: eb('version', '+', 1),
      ...(to.name === undefined ? {} : { name: to.name }),
      ...(to.code === undefined ? {} : { code: to.code }),
      ...(to.kind === undefined ? {} : { kind: to.kind }),
    }))
    .where('county_id', '=', county)
    .where('unit_id', '=', unit.id)
    .where('version', '=', version)
    .executeTakeFirst();
  if (done.numUpdatedRows === 0n) return null;
  await tell(trx, county, unit.id, 'renamed', change, { from: { name: unit.name, code: unit.code, kind: unit.kind }, to });
  return must(trx, county, unit.id);
}

/** Tables in which a unit's path stands beside what belongs to it. */
const PATH_TABLES = ['obligations', 'board', 'milestones', 'flags', 'outbox', 'tallies', 'dues'] as const;

/** Puts a unit, with all below it, under another parent; the paths kept beside obligations, money and notices follow. */
export async function moveUnit(trx: Trx, county: string, unit: UnitRow, parent: UnitRow, change: UnitChange): Promise<UnitRow> {
  const path = `${parent.path}${unit.id}/`;
  const rest = unit.path.length + 1;
  await trx
    .updateTable('units')
    .set({ parent_id: parent.id, version: sql<number>`version + 1` })
    .where('county_id', '=', county)
    .where('unit_id', '=', unit.id)
    .execute();
  await sql`update units set path = ${path} || substr(path, ${rest}) where county_id = ${county} and starts_with(path, ${unit.path})`.execute(
    trx,
  );
  for (const table of PATH_TABLES) {
    await sql`update ${sql.table(table)} set unit_path = ${path} || substr(unit_path, ${rest}) where county_id = ${county} and starts_with(unit_path, ${unit.path})`.execute(
      trx,
    );
  }
  await tell(trx, county, unit.id, 'moved', change, { from: unit.parent, to: parent.id });
  return must(trx, county, unit.id);
}

async function end(trx: Trx, county: string, unit: UnitRow, successors: readonly UnitId[], change: UnitChange): Promise<void> {
  await trx
    .updateTable('units')
    .set({ valid_to: addDays(change.on, -1), successors: [...successors], version: sql<number>`version + 1` })
    .where('county_id', '=', county)
    .where('unit_id', '=', unit.id)
    .execute();
}

const childrenOf = async (trx: Trx, county: string, unit: UnitRow): Promise<UnitRow[]> => {
  const rows = await trx
    .selectFrom('units')
    .select('unit_id')
    .where('county_id', '=', county)
    .where('parent_id', '=', unit.id)
    .where('valid_to', 'is', null)
    .execute();
  return Promise.all(rows.map((row) => must(trx, county, row.unit_id)));
};

/** From `on` the unit is part of `into`: what is open and what hangs below goes over. */
export async function mergeUnit(trx: Trx, county: string, unit: UnitRow, into: UnitRow, change: UnitChange): Promise<UnitRow> {
  for (const child of await childrenOf(trx, county, unit)) await moveUnit(trx, county, child, into, change);
  await end(trx, county, unit, [into.id], change);
  await tell(trx, county, unit.id, 'merged', change, { into: into.id });
  return must(trx, county, unit.id);
}

/** From `on` the unit is several new ones of the same level under the same parent; its children go to the first. */
export async function splitUnit(
  trx: Trx,
  county: string,
  unit: UnitRow,
  parts: readonly { name: string; code?: string | null }[],
  change: UnitChange,
): Promise<UnitRow[]> {
  const parent = unit.parent === null ? null : await must(trx, county, unit.parent);
  const created: UnitRow[] = [];
  for (const part of parts)
    created.push(await createUnit(trx, county, { ...part, level: unit.level, kind: unit.kind, parent, from: change.on }, change));
  const [first] = created;
  if (first !== undefined) for (const child of await childrenOf(trx, county, unit)) await moveUnit(trx, county, child, first, change);
  await end(
    trx,
    county,
    unit,
    created.map((part) => part.id),
    change,
  );
  await tell(trx, county, unit.id, 'split', change, { into: created.map((part) => part.id) });
  return created;
}

/** From `on` the unit is no more and nobody takes over. */
export async function retireUnit(trx: Trx, county: string, unit: UnitRow, change: UnitChange): Promise<UnitRow> {
  await end(trx, county, unit, [], change);
  await tell(trx, county, unit.id, 'retired', change, {});
  return must(trx, county, unit.id);
}
