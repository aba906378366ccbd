import { sql } from 'kysely';
import type { UnitId } from '../../domain/model/ids.js';
import type { ObligationStatus } from '../../domain/model/state.js';
import { toJson } from '../json.js';
import type { Part } from '../parts.js';

/**
 * What the board shows of a unit. `open`: owed now, `late` of them overdue. `checking`: done, the check is owed. `beforeLaunch`: waits for the
 * leading role's mark. `done`: over with, `doneLate` of them after the due date. Waived, not applicable and withdrawn ones count nowhere.
 */
export interface BoardCounts {
  readonly open: number;
  readonly late: number;
  readonly checking: number;
  readonly beforeLaunch: number;
  readonly done: number;
  readonly doneLate: number;
}
export const NO_COUNTS: BoardCounts = { open: 0, late: 0, checking: 0, beforeLaunch: 0, done: 0, doneLate: 0 };

export interface BoardDelta {
  readonly unit: UnitId;
  readonly path: string;
  readonly counts: BoardCounts;
}

/** What one obligation counts as. The overdue list shows exactly those that count as `late`. */
export function countsOf(status: ObligationStatus, late: boolean, daysLate: number | null): BoardCounts {
  switch (status) {
    case 'open':
      return { ...NO_COUNTS, open: 1, late: late ? 1 : 0 };
    case 'checking':
      return { ...NO_COUNTS, checking: 1 };
    case 'beforeLaunch':
      return { ...NO_COUNTS, beforeLaunch: 1 };
    case 'done':
      return { ...NO_COUNTS, done: 1, doneLate: (daysLate ?? 0) > 0 ? 1 : 0 };
    case 'waiting':
    case 'waived':
    case 'notApplicable':
    case 'withdrawn':
      return NO_COUNTS;
    default: {
      const never: never = status;
      return never;
    }
  }
}

export function addCounts(a: BoardCounts, b: BoardCounts): BoardCounts {
  return {
    open: a.open + b.open,
    late: a.late + b.late,
    checking: a.checking + b.checking,
    beforeLaunch: a.beforeLaunch + b.beforeLaunch,
    done: a.done + b.done,
    doneLate: a.doneLate + b.doneLate,
  };
}

export function subtract({ unit, path, counts }: BoardDelta): BoardDelta {
  const { open, late, checking, beforeLaunch, done, doneLate } = counts;
  return {
    unit,
    path,
    counts: { open: -open, late: -late, checking: -checking, beforeLaunch: -beforeLaunch, done: -done, doneLate: -doneLate },
  };
}

/** Adds to the rows of the units named; every unit that ever owed something has a row. */
export function moveBoard(deltas: readonly BoardDelta[]): Part {
  const sums = new Map<UnitId, BoardDelta>();
  for (const delta of deltas) {
    const sum = sums.get(delta.unit);
    sums.set(delta.unit, sum === undefined ? delta : { ...delta, counts: addCounts(sum.counts, delta.counts) });
  }
  const rows = [...sums.values()].map(({ unit, path, counts }) => ({ unit, path, ...counts }));
  return sql`
    insert into board (county_id, process_id, unit_id, unit_path, open, late, checking, before_launch, done, done_late)
    select held.county_id, held.process_id, r.unit, coalesce(u.path, r.path), r.open, r.late, r.checking, r."beforeLaunch", r.done, r."doneLate"
    from held cross join jsonb_to_recordset(${toJson(rows)}::jsonb) as r (unit text, path text, open integer, late integer, checking integer,
      "beforeLaunch" integer, done integer, "doneLate" integer)
    left join units u on u.county_id = held.county_id and u.unit_id = r.unit
    on conflict (county_id, process_id, unit_id) do update set
      open = board.open + excluded.open, late = board.late + excluded.late, checking = board.checking + excluded.checking,
      before_launch = board.before_launch + excluded.before_launch, done = board.done + excluded.done,
      done_late = board.done_late + excluded.done_late, unit_path = excluded.unit_path`;
}
