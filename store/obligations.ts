import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, ObligationId, ProcessId, UnitId } from '../domain/model/ids.js';
import type { Obligation, ObligationStatus } from '../domain/model/state.js';
import type { Db } from './connection.js';
import { readTextCursor, writeCursor } from './cursor.js';
import { narrowScope, pathBelow, pathInScope, type Scope } from './scope.js';

/** An obligation as lists show it; `seq` is the event that left it so. */
export interface ObligationRow {
  readonly process: ProcessId;
  readonly id: ObligationId;
  readonly origin: Obligation['origin']['kind'];
  readonly duty: string;
  readonly unit: UnitId;
  readonly unitPath: string;
  readonly insurance: string | null;
  readonly period: string | null;
  readonly owes: readonly string[];
  readonly status: ObligationStatus;
  readonly since: LocalDate;
  readonly due: LocalDate | null;
  readonly late: boolean;
  /** How late it was when it was closed; null while it is not. For an open one the caller counts to its own now. */
  readonly daysLate: number | null;
  /** Highest rung of the ladder that has fired; -1 none. */
  readonly rung: number;
  readonly closedOn: LocalDate | null;
  readonly body: Obligation;
  readonly seq: number;
  /** The row it belongs to: the obligation about a person itself, or what it follows up; null = an office's. */
  readonly row: ObligationId | null;
}

/** Narrows a list; all that is given must hold. */
export interface ObligationFilter {
  readonly process?: ProcessId;
  /** Only these processes, as of one world; absent: all. */
  readonly among?: readonly ProcessId[];
  /** Path of a unit (`/u1/u4/`): it and all below. */
  readonly below?: string;
  /** Absent: every status. */
  readonly status?: readonly ObligationStatus[];
  readonly late?: boolean;
  /** A role that owes it, alone or jointly. */
  readonly role?: string;
  /** A duty's id, or `~confirm`, `~receive`, `~reply`, `~check`. */
  readonly duty?: string;
  /** Cases alone, as they stand: in this state, about this due. */
  readonly cases?: { readonly state?: string; readonly due?: string };
  readonly insurance?: string;
  /** Due on this day or before: `asOf` minus n days gives 'at least n days late'. */
  readonly dueBy?: LocalDate;
}

export interface PageRequest {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}
export interface Page<T> {
  readonly rows: readonly T[];
  /** null: this was the last page. */
  readonly next: string | null;
}

const STATUSES: readonly ObligationStatus[] = [
  'beforeLaunch',
  'waiting',
  'open',
  'checking',
  'done',
  'waived',
  'notApplicable',
  'withdrawn',
];

const COLUMNS = sql`process_id as process, obligation_id as id, origin, duty, unit_id as unit, unit_path as "unitPath", insurance, period, owes,
  status, since, due, late, days_late as "daysLate", rung, closed_on as "closedOn", body, seq, row_id as row, due_order`;

/** So many ordered ranges are merged; beyond it one pass with a sort is cheaper. */
const MOST_RANGES = 32;

/**
 * Obligations that the caller may see, in order of due date (without one last), then process and id; pages by key, so that a row that comes or
 * goes in between moves no other. Every range that is read comes from an index in this very order, whatever unit the scope begins at.
 * Errors: `bad-cursor`, `bad-path`.
 */
export async function listObligations(
  db: Db,
  county: string,
  scope: Scope,
  filter: ObligationFilter,
  page: PageRequest,
): Promise<Page<ObligationRow>> {
  const paths = narrowScope(scope, filter.below ?? null);
  const key = page.after === undefined ? null : readTextCursor(page.after, 3);
  if (paths.length === 0 || filter.status?.length === 0 || filter.among?.length === 0) return { rows: [], next: null };
  const limit = sql.lit(page.limit + 1);
  const order = sql`order by due_order, process_id, obligation_id limit ${limit}`;
  const common = sql`county_id = ${county} ${conditions(filter)} ${key === null ? sql`` : sql`and (due_order, process_id, obligation_id) > (${sql.join(key)})`}`;
  const ranges = rangesOf(paths, filter).map((range) => sql`(select ${COLUMNS} from obligations where ${common} and ${range} ${order})`);
  const [only] = ranges;
  const query =
    ranges.length === 1 && only !== undefined
      ? only
      : sql`select * from (${sql.join(ranges, sql` union all `)}) as merged order by due_order, process, id limit ${limit}`;
  const { rows } = await sql<ObligationRow & { due_order?: string }>`${query}`.execute(db);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const next = rows.length > page.limit && last !== undefined ? writeCursor([last.due_order ?? '', last.process, last.id]) : null;
  for (const row of shown) delete row.due_order;
  return { rows: shown, next };
}

/** What is overdue: open and past its due date, the longest overdue first. As many as the board counts `late`. */
export function listOverdue(
  db: Db,
  county: string,
  scope: Scope,
  filter: Omit<ObligationFilter, 'status' | 'late'>,
  page: PageRequest,
): Promise<Page<ObligationRow>> {
  return listObligations(db, county, scope, { ...filter, status: ['open'], late: true }, page);
}

function conditions(filter: ObligationFilter): RawBuilder<unknown> {
  const all: RawBuilder<unknown>[] = [];
  if (filter.process !== undefined) all.push(sql`and process_id = ${filter.process}`);
  if (filter.among !== undefined) all.push(sql`and process_id = any(${[...filter.among]}::text[])`);
  if (filter.role !== undefined) all.push(sql`and ${filter.role} = any(owes)`);
  if (filter.duty !== undefined) all.push(sql`and duty = ${filter.duty}`);
  if (filter.cases !== undefined) all.push(sql`and origin = 'case' and row_id = obligation_id`);
  if (filter.cases?.state !== undefined) all.push(sql`and body -> 'case' ->> 'state' = ${filter.cases.state}`);
  if (filter.cases?.due !== undefined) all.push(sql`and due_id = ${filter.cases.due}`);
  if (filter.insurance !== undefined) all.push(sql`and insurance = ${filter.insurance}`);
  if (filter.dueBy !== undefined) all.push(sql`and due_order <= ${filter.dueBy}`);
  return sql.join(all, sql` `);
}

/** One ordered index range for each place, status and lateness; within one process, or a few, its own index serves all places. */
function rangesOf(paths: Scope, filter: ObligationFilter): RawBuilder<unknown>[] {
  const statuses = filter.status ?? STATUSES;
  const lates = filter.late === undefined ? [false, true] : [filter.late];
  const places = placesOf(paths, filter, MOST_RANGES / (statuses.length * lates.length));
  if (places.length * statuses.length * lates.length > MOST_RANGES) {
    const list = sql.join(statuses.map((status) => sql.lit(status)));
    return [sql`${pathInScope('unit_path', paths)} and status in (${list}) and late in (${sql.join(lates.map((late) => sql.lit(late)))})`];
  }
  return places.flatMap((place) =>
    statuses.flatMap((status) => lates.map((late) => sql`${place} and status = ${sql.lit(status)} and late = ${sql.lit(late)}`)),
  );
}

/** Another world's rows lie in between where places are read, never where a process is. */
function placesOf(paths: Scope, { process, among }: ObligationFilter, most: number): RawBuilder<unknown>[] {
  const place = pathInScope('unit_path', paths);
  if (process !== undefined) return [place];
  if (among === undefined || among.length > most) return paths.map((path) => pathBelow('unit_path', path));
  return among.map((each) => sql`${place} and process_id = ${each}`);
}

/** One obligation; null when there is none or the caller may not see it. */
export async function findObligation(
  db: Db,
  county: string,
  scope: Scope,
  process: ProcessId,
  id: ObligationId,
): Promise<ObligationRow | null> {
  const [row] = await matching(db, county, scope, sql`process_id = ${process} and obligation_id = ${id}`);
  return row ?? null;
}

/** States that a case has left, in the order in which it left them: the obligations that they were. The caller has seen the case. */
export async function leftStates(db: Db, county: string, process: ProcessId, id: ObligationId): Promise<readonly ObligationRow[]> {
  const { rows } = await sql<ObligationRow & { due_order?: string }>`
    select ${COLUMNS} from obligations where county_id = ${county} and process_id = ${process} and row_id = ${id} and origin = 'case'
      and obligation_id <> row_id order by closed_on, length(obligation_id), obligation_id`.execute(db);
  for (const row of rows) delete row.due_order;
  return rows;
}

/** Obligations with this id in whatever processes, the newest process first: an id is unique only within one. */
export function findObligationAnywhere(db: Db, county: string, scope: Scope, id: ObligationId): Promise<ObligationRow[]> {
  const processes = sql`select p.process_id from processes p where p.county_id = ${county}`;
  return matching(db, county, scope, sql`process_id in (${processes}) and obligation_id = ${id}`);
}

async function matching(db: Db, county: string, scope: Scope, which: RawBuilder<unknown>): Promise<ObligationRow[]> {
  const { rows } = await sql<ObligationRow & { due_order?: string }>`
    select ${COLUMNS} from obligations where county_id = ${county} and ${which} and ${pathInScope('unit_path', scope)}
    order by length(process_id) desc, process_id desc`.execute(db);
  for (const row of rows) delete row.due_order;
  return rows;
}
