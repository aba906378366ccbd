import { sql } from 'kysely';
import type { Moment } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';

/** A move under way: the goal of a virtual world. */
export interface Move {
  readonly county: string;
  readonly world: string;
  readonly to: Moment;
}

/** The least moment up to `to` at which a process wakes or, with `notices`, an outbox row may go out; null when nothing is due any more. */
export async function nextMoment(db: Db, of: Move, notices: boolean): Promise<Moment | null> {
  const wake = await db
    .selectFrom('processes')
    .select((e) => e.fn.min('wake_at').as('at'))
    .where('county_id', '=', of.county)
    .where('world_id', '=', of.world)
    .where('status', 'in', ['running', 'paused'])
    .where('wake_at', '<=', of.to)
    .executeTakeFirst();
  const send = notices
    ? await db
        .selectFrom('outbox as o')
        .innerJoin('processes as p', (join) => join.onRef('p.county_id', '=', 'o.county_id').onRef('p.process_id', '=', 'o.process_id'))
        .select((e) => e.fn.min('o.send_at').as('at'))
        .where('p.county_id', '=', of.county)
        .where('p.world_id', '=', of.world)
        .where('o.status', '=', 'waiting')
        .where('o.send_at', '<=', of.to)
        .executeTakeFirst()
    : undefined;
  const moments = [wake?.at, send?.at].filter((at): at is Moment => at !== null && at !== undefined);
  return moments.reduce<Moment | null>((least, at) => (least === null || at < least ? at : least), null);
}

/** Launches of this world that are not yet recorded: until then nobody knows what is due first. */
export async function countLaunching(db: Db, of: Move): Promise<number> {
  const row = await db
    .selectFrom('processes')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('county_id', '=', of.county)
    .where('world_id', '=', of.world)
    .where('status', '=', 'launching')
    .executeTakeFirstOrThrow();
  return row.n;
}

/** Orders of deductions in this world that are not done, but for cycles that stand still: what they bring may be due first. */
export async function countOrders(db: Db, of: Pick<Move, 'county' | 'world'>): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from deduction_orders o join processes p on p.county_id = o.county_id and p.process_id = o.process_id
    where o.county_id = ${of.county} and p.world_id = ${of.world} and o.status in ('waiting', 'working', 'staged', 'posted') and not coalesce((
      select s.stopped from deduction_stops s
      where s.county_id = o.county_id and s.process_id = o.process_id and s.deduction = o.deduction order by s.n desc limit 1), false)`.execute(
    db,
  );
  return rows[0]?.n ?? 0;
}

/** Moves the clock to `at` on the way, never back; the move stays under way, so that what is due at `at` is done even after a kill. */
export async function setWorldNow(db: Db, of: Move, at: Moment): Promise<void> {
  await db
    .updateTable('worlds')
    .set({ now_at: at })
    .where('county_id', '=', of.county)
    .where('world_id', '=', of.world)
    .where('kind', '=', 'virtual')
    .where('now_at', '<', at)
    .execute();
}

/** The goal is reached, unless it has been set further meanwhile. */
export async function arrive(db: Db, of: Move): Promise<void> {
  await db
    .updateTable('worlds')
    .set({ now_at: sql<Moment>`greatest(now_at, ${of.to})`, advancing_to: null })
    .where('county_id', '=', of.county)
    .where('world_id', '=', of.world)
    .where('advancing_to', '=', of.to)
    .execute();
}
