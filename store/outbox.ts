import { sql, type Selectable } from 'kysely';
import type { NoticeDraft } from '../domain/model/effect.js';
import type { Moment, ProcessId, UnitId } from '../domain/model/ids.js';
import type { Db, Trx } from './connection.js';
import { toJson } from './json.js';
import type { Part } from './parts.js';
import { pathInScope, type Scope } from './scope.js';
import type { OutboxTable } from './tables/messages.js';

export type OutboxRow = Selectable<OutboxTable>;

/** What the recorder adds to a draft: its number, the channels of its text, the paths of the units it goes to. */
export interface OutboxNotice {
  readonly notice: NoticeDraft;
  readonly seq: number;
  readonly via: readonly string[];
  readonly pathOf: (unit: UnitId) => string;
}

/** One row for each notice and address; a row that is there already stays as it is, sent or not. */
export function insertOutbox(notices: readonly OutboxNotice[]): Part {
  const rows = notices.flatMap(({ notice, seq, via, pathOf }) =>
    notice.to.map(({ role, unit }) => ({
      outbox_id: `${notice.id}/${role}@${unit}`,
      notice_id: notice.id,
      obligation_id: notice.obligation,
      unit_id: unit,
      unit_path: pathOf(unit),
      role,
      text_id: notice.text,
      fields: notice.fields,
      mandatory: notice.mandatory,
      send_at: notice.sendAt,
      via,
      seq,
    })),
  );
  return sql`
    insert into outbox (county_id, process_id, outbox_id, notice_id, obligation_id, unit_id, unit_path, role, text_id, fields, mandatory,
      send_at, via, status, seq)
    select held.county_id, held.process_id, r.outbox_id, r.notice_id, r.obligation_id, r.unit_id, coalesce(u.path, r.unit_path), r.role,
      r.text_id, r.fields, r.mandatory, r.send_at, r.via, 'waiting', r.seq
    from held cross join jsonb_to_recordset(${toJson(rows)}::jsonb) as r (outbox_id text, notice_id text, obligation_id text, unit_id text, unit_path text,
      role text, text_id text, fields jsonb, mandatory boolean, send_at text, via text[], seq bigint)
    left join units u on u.county_id = held.county_id and u.unit_id = r.unit_id
    on conflict do nothing`;
}

/**
 * Takes waiting rows of a process that may go out at `upTo`, oldest first, at most `limit`. They are held by this transaction: a second sender at the
 * same time waits, because two who each take what the other has not yet held would send one morning's digest in parts. A sender that is killed
 * leaves them waiting.
 */
export async function takeDue(trx: Trx, county: string, process: ProcessId, upTo: Moment, limit: number): Promise<OutboxRow[]> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-outbox'), hashtext(${`${county}/${process}`}))`.execute(trx);
  return trx
    .selectFrom('outbox')
    .selectAll()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('status', '=', 'waiting')
    .where('send_at', '<=', upTo)
    .orderBy('send_at')
    .orderBy('outbox_id')
    .limit(limit)
    .forUpdate()
    .execute();
}

/** `sent`: messages were made of it. `noHolder`: nobody holds the role. `withdrawn`: no longer wanted. */
export async function markOutbox(
  trx: Trx,
  county: string,
  process: ProcessId,
  ids: readonly string[],
  status: 'sent' | 'failed' | 'noHolder' | 'withdrawn',
): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable('outbox')
    .set({ status })
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('outbox_id', 'in', [...ids])
    .execute();
}

/**
 * Processes with waiting rows that may go out, judged by the clock of each one's world; `now` is the real one's. While something of a process is
 * due and not yet recorded, only what was to go out before that moment goes: else a morning's digest would be sent in halves.
 */
export async function processesToSend(db: Db, now: Moment): Promise<{ county: string; process: ProcessId; world: string; upTo: Moment }[]> {
  const { rows } = await sql<{ county: string; process: ProcessId; world: string; upTo: Moment }>`
    select p.county_id as county, p.process_id as process, p.world_id as world, c.up_to as "upTo"
    from processes p
    join worlds w on w.county_id = p.county_id and w.world_id = p.world_id
    cross join lateral (select case when w.kind = 'virtual' then w.now_at::text else
      to_char(${now}::timestamp + make_interval(secs => w.offset_seconds), 'YYYY-MM-DD"T"HH24:MI:SS') end as clock) t
    cross join lateral (select case when p.status = 'running' and p.wake_at <= t.clock
      then to_char(p.wake_at::timestamp - interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS') else t.clock end as of_offices) e
    -- Rows whose turn is under way have not yet said all that they have to say.
    cross join lateral (select least(e.of_offices, (select to_char(min(r.at::text)::timestamp - interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS')
      from row_turns r where r.county_id = p.county_id and r.process_id = p.process_id and r.kind <> 'facts' and not r.done)) as up_to) c
    where exists (select from outbox o where o.county_id = p.county_id and o.process_id = p.process_id and o.status = 'waiting'
      and o.send_at <= c.up_to)
    order by 1, 2`.execute(db);
  return rows;
}

/** Notices about an obligation that the caller may see, in the order in which they went out. */
export async function noticesAbout(db: Db, county: string, process: ProcessId, obligation: string, scope: Scope): Promise<OutboxRow[]> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(sql<boolean>`obligation_id = ${obligation}`)
    .where(pathInScope('unit_path', scope))
    .orderBy('send_at')
    .orderBy('outbox_id')
    .execute();
}
