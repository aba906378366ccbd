import { sql } from 'kysely';
import type { ProcessId, UnitId } from '../domain/model/ids.js';
import type { Db } from './connection.js';
import { addCounts, NO_COUNTS, type BoardCounts } from './read-model/board.js';
import { narrowScope, pathInScope, type Scope } from './scope.js';

export { NO_COUNTS, type BoardCounts } from './read-model/board.js';

/** What is owed by one unit itself, not by those below it. */
export interface BoardRow extends BoardCounts {
  readonly unit: UnitId;
  readonly unitPath: string;
}

const SUMS = sql`sum(open)::integer as open, sum(late)::integer as late, sum(checking)::integer as checking,
  sum(before_launch)::integer as "beforeLaunch", sum(done)::integer as done, sum(done_late)::integer as "doneLate"`;
const PLAIN = sql`open, late, checking, before_launch as "beforeLaunch", done, done_late as "doneLate"`;

/**
 * Counts of every unit that the caller may see and that ever owed something, in order of the tree: of one process, or summed over
 * some (`among`, as of one world) or all. `below`: path of a unit (`/u1/u4/`). Counts are kept as events are recorded, never counted here.
 */
export async function boardRows(
  db: Db,
  county: string,
  scope: Scope,
  filter: { process?: ProcessId; among?: readonly ProcessId[]; below?: string } = {},
): Promise<BoardRow[]> {
  const visible = pathInScope('unit_path', narrowScope(scope, filter.below ?? null));
  const among = filter.among === undefined ? sql`` : sql`and process_id = any(${[...filter.among]}::text[])`;
  const query =
    filter.process === undefined
      ? sql<BoardRow>`select unit_id as unit, max(unit_path::text) as "unitPath", ${SUMS} from board
          where county_id = ${county} and ${visible} ${among} group by unit_id order by max(unit_path::text) collate "C"`
      : sql<BoardRow>`select unit_id as unit, unit_path as "unitPath", ${PLAIN} from board
          where county_id = ${county} and process_id = ${filter.process} and ${visible} order by unit_path`;
  return (await query.execute(db)).rows;
}

/** Path that every unit lies below: the sum of all rows stands there in `boardTotals`. */
export const EVERYWHERE = '/';
const above = (path: string): string | null => (path === EVERYWHERE ? null : path.slice(0, path.lastIndexOf('/', path.length - 2) + 1));

/** The sums over subtrees by path, of each path at or above a row. One pass: a county's board has hundreds of rows. */
export function boardTotals(rows: readonly BoardRow[]): ReadonlyMap<string, BoardCounts> {
  const totals = new Map<string, BoardCounts>();
  for (const row of rows)
    for (let path: string | null = row.unitPath; path !== null; path = above(path))
      totals.set(path, addCounts(totals.get(path) ?? NO_COUNTS, row));
  return totals;
}
