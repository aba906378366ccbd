import type { Selectable } from 'kysely';
import type { Moment } from '../domain/model/ids.js';
import type { Db, Trx } from './connection.js';
import { StoreError } from './errors.js';
import { nextId } from './ids.js';
import type { WorldsTable } from './tables/processes.js';

/** One clock. `now` and `advancingTo` are null in the real world, whose clock is the host's plus `offsetSeconds`. */
export interface World {
  readonly county: string;
  readonly id: string;
  readonly kind: 'real' | 'virtual';
  readonly now: Moment | null;
  readonly offsetSeconds: number;
  /** Target of a move under way: a conductor that was killed goes on from here. */
  readonly advancingTo: Moment | null;
}

const read = (row: Selectable<WorldsTable>): World => ({
  county: row.county_id,
  id: row.world_id,
  kind: row.kind,
  now: row.now_at,
  offsetSeconds: row.offset_seconds,
  advancingTo: row.advancing_to,
});

/** A world of its own with its clock at `now`. */
export async function createVirtualWorld(db: Db, county: string, now: Moment): Promise<World> {
  const id = await nextId(db, county, 'w');
  const row = { county_id: county, world_id: id, kind: 'virtual' as const, now_at: now };
  return read(await db.insertInto('worlds').values(row).returningAll().executeTakeFirstOrThrow());
}

/** The county's one real world (`real`), made when it is first asked for. */
export async function realWorld(db: Db, county: string, offsetSeconds = 0): Promise<World> {
  const row = { county_id: county, world_id: 'real', kind: 'real' as const, offset_seconds: offsetSeconds };
  await db
    .insertInto('worlds')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return getWorld(db, county, 'real');
}

/** Error: `world-missing`. */
export async function getWorld(db: Db, county: string, id: string): Promise<World> {
  const row = await db.selectFrom('worlds').selectAll().where('county_id', '=', county).where('world_id', '=', id).executeTakeFirst();
  if (row === undefined) throw new StoreError('world-missing', `没有编号为 ${id} 的时间世界`, `There is no world ${id}`, { world: id });
  return read(row);
}

/** Several worlds by id; unknown ids are left out. */
export async function worldsByIds(db: Db, county: string, ids: readonly string[]): Promise<World[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('worlds')
    .selectAll()
    .where('county_id', '=', county)
    .where('world_id', 'in', [...new Set(ids)])
    .execute();
  return rows.map(read);
}

/** Worlds with a move under way, for a conductor that starts again. */
export async function worldsUnderWay(db: Db): Promise<World[]> {
  return (
    await db.selectFrom('worlds').selectAll().where('advancing_to', 'is not', null).orderBy('county_id').orderBy('world_id').execute()
  ).map(read);
}

/** Notes the target of a move before it begins. Errors: `world-missing`, `world-is-real`, `world-backwards`. */
export async function beginMove(trx: Trx, county: string, id: string, to: Moment): Promise<World> {
  const world = await lockVirtual(trx, county, id);
  const reached = world.advancingTo ?? world.now;
  if (reached !== null && to < reached) throw backwards(world, to);
  return write(trx, world, { advancing_to: to });
}

/** Sets the clock forward to `to`; a move that reaches its target is over. Errors as `beginMove`. */
export async function moveClock(trx: Trx, county: string, id: string, to: Moment): Promise<World> {
  const world = await lockVirtual(trx, county, id);
  if (world.now !== null && to < world.now) throw backwards(world, to);
  const open = world.advancingTo !== null && world.advancingTo > to;
  return write(trx, world, { now_at: to, advancing_to: open ? world.advancingTo : null });
}

async function lockVirtual(trx: Trx, county: string, id: string): Promise<World> {
  await trx.selectFrom('worlds').select('world_id').where('county_id', '=', county).where('world_id', '=', id).forUpdate().execute();
  const world = await getWorld(trx, county, id);
  if (world.kind === 'real') {
    throw new StoreError('world-is-real', '真实世界的时间不能由人拨动', 'The clock of the real world is not moved by hand', { world: id });
  }
  return world;
}

async function write(trx: Trx, world: World, change: { now_at?: Moment; advancing_to: Moment | null }): Promise<World> {
  const query = trx.updateTable('worlds').set(change).where('county_id', '=', world.county).where('world_id', '=', world.id);
  return read(await query.returningAll().executeTakeFirstOrThrow());
}

function backwards(world: World, to: Moment): StoreError {
  const now = world.advancingTo ?? world.now ?? '';
  return new StoreError(
    'world-backwards',
    `时间只能向前：已到 ${now}，不能回到 ${to}`,
    `Time goes forward only: it is ${now}, not before ${to}`,
    { now, to },
  );
}
