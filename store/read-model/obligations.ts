import { sql } from 'kysely';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Obligation } from '../../domain/model/state.js';
import { toJson } from '../json.js';
import type { Part } from '../parts.js';
import { countsOf, subtract, type BoardDelta } from './board.js';

/** An obligation as events left it, and as it stood before them (null: it is new); `path` is used where the tree does not know the unit. */
export interface ObligationChange {
  readonly before: Obligation | null;
  readonly obligation: Obligation;
  readonly seq: number;
  readonly path: string;
}

/** One change for each obligation at most: 5,000 at a launch. */
export function upsertObligations(changes: readonly ObligationChange[]): Part {
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
  return sql`
    insert into obligations (county_id, process_id, obligation_id, origin, duty, unit_id, unit_path, insurance, period, owes, status, since,
      due, late, days_late, rung, closed_on, body, seq)
    select held.county_id, held.process_id, r.obligation_id, r.origin, r.duty, r.unit_id, coalesce(u.path, r.unit_path), r.insurance, r.period, r.owes,
      r.status, r.since, r.due, r.late, r.days_late, r.rung, r.closed_on, r.body, r.seq
    from held cross join jsonb_to_recordset(${toJson(rows)}::jsonb) as r (obligation_id text, origin text, duty text, unit_id text,
      unit_path text, insurance text, period text, owes text[], status text, since text, due text, late boolean, days_late integer, rung integer,
      closed_on text, body jsonb, seq bigint)
    left join units u on u.county_id = held.county_id and u.unit_id = r.unit_id
    on conflict (county_id, process_id, obligation_id) do update set
      origin = excluded.origin, duty = excluded.duty, unit_id = excluded.unit_id, unit_path = excluded.unit_path,
      insurance = excluded.insurance, period = excluded.period, owes = excluded.owes, status = excluded.status, since = excluded.since,
      due = excluded.due, late = excluded.late, days_late = excluded.days_late, rung = excluded.rung, closed_on = excluded.closed_on,
      body = excluded.body, seq = excluded.seq`;
}

/** The duty's id; a follow-up is filed under its kind, as in the state: `~confirm`, `~receive`, `~reply`, `~check`. */
export function dutyOf(obligation: Obligation): string {
  const { origin } = obligation;
  return origin.kind === 'duty' ? origin.duty : origin.kind === 'case' ? origin.case : `~${origin.kind}`;
}

function closedOn(obligation: Obligation): LocalDate | null {
  return obligation.closed?.on ?? null;
}

/** How the changes move the board. */
export function boardDeltas(changes: readonly ObligationChange[]): readonly BoardDelta[] {
  const stands = ({ unit, status, late, closed }: Obligation, path: string): BoardDelta => ({
    unit,
    path,
    counts: countsOf(status, late, closed?.daysLate ?? null),
  });
  return changes.flatMap(({ before, obligation, path }) =>
    before === null ? [stands(obligation, path)] : [subtract(stands(before, path)), stands(obligation, path)],
  );
}
