import { sql } from 'kysely';
import pg from 'pg';
import type { CoreEvent } from '../domain/model/event.js';
import type { ActId, ProcessId, UserId } from '../domain/model/ids.js';
import type { Db } from './connection.js';
import { StoreError } from './errors.js';
import { toJson } from './json.js';
import type { Part } from './parts.js';

/** An event at its number. Numbers of a process run 1, 2, 3 without a gap. */
export interface Journalled {
  readonly seq: number;
  readonly event: CoreEvent;
}

/** The engine itself, where no person acts. */
const SYSTEM = 'system' as UserId;

/** Who is answerable for an event. */
export function actorOf(event: CoreEvent): UserId {
  switch (event.type) {
    case 'launched':
    case 'settingChanged':
      return event.by;
    case 'acted':
      return event.actor.user;
    case 'woke':
    case 'facts':
    case 'measured':
    case 'counted':
    case 'rowsTurned':
    case 'revised':
      return SYSTEM;
    default: {
      const never: never = event;
      return never;
    }
  }
}

/** Writes events as `fromSeq`, `fromSeq + 1`, ... What it throws is told by `asConflict`. */
export function insertEvents(fromSeq: number, events: readonly CoreEvent[]): Part {
  const rows = events.map((event, index) => ({
    seq: fromSeq + index,
    act_id: event.type === 'acted' ? event.actId : null,
    event,
    at: event.at,
    actor: actorOf(event),
  }));
  return sql`
    insert into journal (county_id, process_id, seq, act_id, event, at, actor)
    select held.county_id, held.process_id, r.seq, r.act_id, r.event, r.at, r.actor
    from held cross join jsonb_to_recordset(${toJson(rows)}::jsonb) as r (seq bigint, act_id text, event jsonb, at text, actor text)`;
}

/** `journal-conflict` where the journal holds one of the acts already; any other error as it is. */
export function asConflict(error: unknown, process: ProcessId, fromSeq: number, events: readonly CoreEvent[]): unknown {
  const again =
    error instanceof pg.DatabaseError && error.constraint === 'journal_act' ? events.find(({ type }) => type === 'acted') : undefined;
  return again === undefined ? error : journalConflict(process, fromSeq, again);
}

/** Another event stands where this one was to go. */
export function journalConflict(process: ProcessId, seq: number, event: CoreEvent): StoreError {
  return new StoreError(
    'journal-conflict',
    `${process} 的日志第 ${seq} 号已是另一事件，本次（${event.type}）不予记录`,
    `Another event stands at ${seq} in the journal of ${process}; this one (${event.type}) is not recorded`,
    { process, seq, type: event.type },
  );
}

/** Events after number `after`, oldest first, at most `limit`. */
export async function readEvents(db: Db, county: string, process: ProcessId, after: number, limit: number): Promise<Journalled[]> {
  return db
    .selectFrom('journal')
    .select(['seq', 'event'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Where an act stands in the journal; null when it does not. */
export async function findAct(db: Db, county: string, process: ProcessId, actId: ActId): Promise<{ seq: number } | null> {
  const row = await db
    .selectFrom('journal')
    .select('seq')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('act_id', '=', actId)
    .executeTakeFirst();
  return row ?? null;
}
