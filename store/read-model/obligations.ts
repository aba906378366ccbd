import { sql } from 'kysely';
import type { LocalDate, ObligationId, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Obligation, ObligationStatus } from '../../domain/model/state.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';
import { addToBoard, countsOf, subtract, type BoardDelta } from './board.js';

/** An obligation as an event left it; `path` is used where the tree does not know the unit. */
export interface ObligationChange {
  readonly obligation: Obligation;
  readonly seq: number;
  readonly path: string;
}

interface Before {
  readonly obligation_id: ObligationId;
  readonly unit_id: UnitId;
  readonly status: ObligationStatus;
  readonly late: boolean;
  readonly days_late: number | null;
}

/** Writes rows in one statement (5,000 at a launch) and moves the board by what changed. One change for each obligation at most. */
export async function writeObligations(trx: Trx, county: string, process: ProcessId, changes: readonly ObligationChange[]): Promise<void> {
  if (changes.length === 0) return;
  const before = new Map((await present(trx, county, process, changes)).map((row) => [row.obligation_id, row]));
  await upsert(trx, county, process, changes);
  await addToBoard(
    trx,
    county,
    process,
    changes.flatMap((change) => deltas(change, before.get(change.obligation.id))),
  );
}

async function present(trx: Trx, county: string, process: ProcessId, changes: readonly ObligationChange[]): Promise<Before[]> {
  const ids = changes.map(({ obligation }) => obligation.id);
  const { rows } = await sql<Before>`/* prepared */
    select obligation_id, unit_id, status, late, days_late from obligations
    where county_id = ${county} and process_id = ${process} and obligation_id = any(${ids}::text[])`.execute(trx);
  return rows;
}

async function upsert(trx: Trx, county: string, process: ProcessId, changes: readonly ObligationChange[]): Promise<void> {
  const rows = changes.map(({ obligation, seq, path }) => ({
    obligation_id: obligation.id,
    origin: obligation.origin.kind,
    duty: dutyOf(obligation),
    unit_id: obligation.unit,
    unit_path: path,
    insurance: obligation.insurance,
    period: obligation.period,
    owes: obligation.owes,
    status: obligation.status,
    since: obligation.since,
    due: obligation.due,
    late: obligation.late,
    days_late: obligation.closed?.daysLate ?? null,
    rung: Math.max(-1, ...obligation.fired),
    closed_on: closedOn(obligation),
    body: obligation,
    seq,
  }));
  await sql`/* prepared */
    insert into obligations (county_id, process_id, obligation_id, origin, duty, unit_id, unit_path, insurance, period, owes, status, since,
      due, late, days_late, rung, closed_on, body, seq)
    select ${county}, ${process}, r.obligation_id, r.origin, r.duty, r.unit_id, coalesce(u.path, r.unit_path), r.insurance, r.period, r.owes,
      r.status, r.since, r.due, r.late, r.days_late, r.rung, r.closed_on, r.body, r.seq
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (obligation_id text, origin text, duty text, unit_id text, unit_path text,
      insurance text, period text, owes text[], status text, since text, due text, late boolean, days_late integer, rung integer,
      closed_on text, body jsonb, seq bigint)
    left join units u on u.county_id = ${county} and u.unit_id = r.unit_id
    on conflict (county_id, process_id, obligation_id) do update set
      origin = excluded.origin, duty = excluded.duty, unit_id = excluded.unit_id, unit_path = excluded.unit_path,
      insurance = excluded.insurance, period = excluded.period, owes = excluded.owes, status = excluded.status, since = excluded.since,
      due = excluded.due, late = excluded.late, days_late = excluded.days_late, rung = excluded.rung, closed_on = excluded.closed_on,
      body = excluded.body, seq = excluded.seq`.execute(trx);
}

/** The duty's id; a follow-up is filed under its kind, as in the state: `~confirm`, `~receive`, `~reply`, `~check`. */
export function dutyOf(obligation: Obligation): string {
  return obligation.origin.kind === 'duty' ? obligation.origin.duty : `~${obligation.origin.kind}`;
}

function closedOn(obligation: Obligation): LocalDate | null {
  return obligation.closed?.on ?? null;
}

function deltas({ obligation, path }: ObligationChange, before: Before | undefined): BoardDelta[] {
  const now = { unit: obligation.unit, path, counts: countsOf(obligation.status, obligation.late, obligation.closed?.daysLate ?? null) };
  if (before === undefined) return [now];
  return [subtract({ unit: before.unit_id, path, counts: countsOf(before.status, before.late, before.days_late) }), now];
}
