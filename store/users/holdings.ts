import { addDays } from '../../domain/calendar/dates.js';
import type { LocalDate, RoleId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { toJson } from '../json.js';
import { pathInScope, type Scope } from '../scope.js';

/** A role held at a unit for a time. `definition` null = in every campaign; `to` is the last day, included. */
export interface Holding {
  readonly id: number;
  readonly user: UserId;
  readonly role: RoleId;
  readonly unit: UnitId;
  readonly unitPath: string;
  readonly definition: string | null;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly standInFor: UserId | null;
  readonly paper: Readonly<Record<string, string>> | null;
}

export const isHeldOn = (holding: Pick<Holding, 'from' | 'to'>, day: LocalDate): boolean =>
  (holding.from === null || holding.from <= day) && (holding.to === null || holding.to >= day);

interface Row {
  holding_id: number;
  user_id: string;
  role: string;
  unit_id: string;
  path: string;
  definition_id: string | null;
  valid_from: string | null;
  valid_to: string | null;
  stand_in_for: string | null;
  paper: unknown;
}
const isPaper = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((v) => typeof v === 'string');
const read = (row: Row): Holding => ({
  id: row.holding_id,
  user: row.user_id as UserId,
  role: row.role,
  unit: row.unit_id as UnitId,
  unitPath: row.path,
  definition: row.definition_id,
  from: row.valid_from as LocalDate | null,
  to: row.valid_to as LocalDate | null,
  standInFor: row.stand_in_for as UserId | null,
  paper: isPaper(row.paper) ? row.paper : null,
});

const select = (db: Db, county: string) =>
  db
    .selectFrom('holdings as h')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'h.county_id').onRef('u.unit_id', '=', 'h.unit_id'))
    .select([
      'h.holding_id',
      'h.user_id',
      'h.role',
      'h.unit_id',
      'u.path',
      'h.definition_id',
      'h.valid_from',
      'h.valid_to',
      'h.stand_in_for',
      'h.paper',
    ])
    .where('h.county_id', '=', county)
    .orderBy('h.holding_id');

/** All holdings of a user, past and coming ones included. */
export async function holdingsOf(db: Db, county: string, user: UserId): Promise<Holding[]> {
  return (await select(db, county).where('h.user_id', '=', user).execute()).map(read);
}

/** Roles that somebody holds on a day, anywhere in the county, in every campaign or in those of one definition. */
export async function rolesHeldOn(db: Db, county: string, definition: string, day: LocalDate): Promise<RoleId[]> {
  const rows = await db
    .selectFrom('holdings')
    .select('role')
    .distinct()
    .where('county_id', '=', county)
    .where((eb) => eb.or([eb('definition_id', 'is', null), eb('definition_id', '=', definition)]))
    .where((eb) => eb.or([eb('valid_from', 'is', null), eb('valid_from', '<=', day)]))
    .where((eb) => eb.or([eb('valid_to', 'is', null), eb('valid_to', '>=', day)]))
    .orderBy('role')
    .execute();
  return rows.map(({ role }) => role);
}

export async function holdingById(db: Db, county: string, id: number): Promise<Holding | null> {
  const row = await select(db, county).where('h.holding_id', '=', id).executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Who holds what in a scope, by holding id after `after`; one more than `limit`. */
export async function listHoldings(
  db: Db,
  county: string,
  filter: {
    readonly scope: Scope;
    readonly unit: UnitId | null;
    readonly role: string | null;
    readonly after: number;
    readonly limit: number;
  },
): Promise<Holding[]> {
  let query = select(db, county)
    .where('h.holding_id', '>', filter.after)
    .where(pathInScope('u.path', filter.scope))
    .limit(filter.limit + 1);
  if (filter.unit !== null) query = query.where('h.unit_id', '=', filter.unit);
  if (filter.role !== null) query = query.where('h.role', '=', filter.role);
  return (await query.execute()).map(read);
}

export interface NewHolding {
  readonly user: UserId;
  readonly role: RoleId;
  readonly unit: UnitId;
  readonly definition: string | null;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly standInFor: UserId | null;
  readonly paper: Readonly<Record<string, string>> | null;
}

/** Adds a holding; null when the same one is there already. */
export async function addHolding(trx: Trx, county: string, holding: NewHolding): Promise<Holding | null> {
  const row = await trx
    .insertInto('holdings')
    .values({
      county_id: county,
      user_id: holding.user,
      role: holding.role,
      unit_id: holding.unit,
      definition_id: holding.definition,
      valid_from: holding.from,
      valid_to: holding.to,
      stand_in_for: holding.standInFor,
      paper: holding.paper === null ? null : toJson(holding.paper),
    })
    .onConflict((on) => on.doNothing())
    .returning('holding_id')
    .executeTakeFirst();
  return row === undefined ? null : holdingById(trx, county, row.holding_id);
}

/** Sets the last day of a holding. */
export async function endHolding(trx: Trx, county: string, id: number, lastDay: LocalDate): Promise<void> {
  await trx.updateTable('holdings').set({ valid_to: lastDay }).where('county_id', '=', county).where('holding_id', '=', id).execute();
}

/** Hand-over when staff change: what `from` holds on `on` ends the day before, and `to` holds it from `on`. Returns the new holdings. */
export async function handOver(trx: Trx, county: string, from: UserId, to: UserId, on: LocalDate): Promise<Holding[]> {
  const added: Holding[] = [];
  for (const held of (await holdingsOf(trx, county, from)).filter((h) => isHeldOn(h, on))) {
    await endHolding(trx, county, held.id, addDays(on, -1));
    const next = await addHolding(trx, county, { ...held, user: to, from: on, standInFor: null });
    if (next !== null) added.push(next);
  }
  return added;
}
