import { sql } from 'kysely';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { countOrders } from './worlds.js';

/** Campaigns of a world, in the order of their launches. */
export async function campaignsInWorld(db: Db, county: string, world: string): Promise<ProcessId[]> {
  const rows = await db
    .selectFrom('processes')
    .select('process_id')
    .where('county_id', '=', county)
    .where('world_id', '=', world)
    .orderBy('stored_at')
    .orderBy('process_id')
    .execute();
  return rows.map((row) => row.process_id);
}

/**
 * How much of a world is under way at `now`: launches without a first event, processes with something due, rows whose turn it is, facts not yet taken in, notices due and not
 * sent, messages waiting, orders of deductions. 0 = quiet.
 */
export async function pendingWork(db: Db, county: string, world: string, now: Moment): Promise<number> {
  const { rows } = await sql<{ pending: number }>`
    with p as (select process_id, status, wake_at, facts_up_to from processes where county_id = ${county} and world_id = ${world} and status not in ('stopped', 'ended'))
    select (
      (select count(*) from p where status = 'launching' or (status = 'running' and wake_at <= ${now}))
      + (select count(*) from p where exists (select from inbox i where i.county_id = ${county} and i.process_id = p.process_id and i.inbox_id > p.facts_up_to))
      + (select count(*) from p where exists (select from row_turns r where r.county_id = ${county} and r.process_id = p.process_id and not r.done))
      + (select count(*) from outbox o join p on p.process_id = o.process_id where o.county_id = ${county} and o.status = 'waiting' and o.send_at <= ${now})
      + (select count(*) from messages m join p on p.process_id = m.process_id where m.county_id = ${county} and m.status = 'waiting' and m.send_at <= ${now})
    )::integer as pending`.execute(db);
  return (rows[0]?.pending ?? 0) + (await countOrders(db, { county, world }));
}
