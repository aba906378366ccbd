import { sql } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { MilestoneState, Obligation, ObligationStatus } from '../../domain/model/state.js';
import type { Db } from '../connection.js';
import { pathInScope, type Scope } from '../scope.js';

/** One count of one unit, not of those below it. Money in fen. `count` is a count's id or `table.column` of a target table. */
export interface UnitCount {
  readonly unit: UnitId;
  readonly path: string;
  readonly count: string;
  readonly value: number;
}

/** Present figures, kept by the transactions that record facts. */
export async function presentCounts(db: Db, county: string, process: ProcessId, scope: Scope): Promise<readonly UnitCount[]> {
  const rows = await db
    .selectFrom('tallies')
    .select(['unit_id', 'unit_path', 'count_id', 'value'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(pathInScope('unit_path', scope))
    .execute();
  return rows.map((row) => ({ unit: row.unit_id, path: row.unit_path, count: row.count_id, value: row.value }));
}

/** Target tables in their newest version; a provisional one only where no other is loaded. */
export async function presentTargets(db: Db, county: string, process: ProcessId, scope: Scope): Promise<readonly UnitCount[]> {
  const newest = db
    .selectFrom('targets')
    .distinctOn('table_id')
    .select(['table_id', 'version'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .orderBy('table_id')
    .orderBy('provisional')
    .orderBy('version', 'desc');
  const rows = await db
    .selectFrom('targets as t')
    .innerJoin(newest.as('n'), (join) => join.onRef('n.table_id', '=', 't.table_id').onRef('n.version', '=', 't.version'))
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 't.county_id').onRef('u.unit_id', '=', 't.unit_id'))
    .select(['t.table_id', 't.unit_id', 't.values', 'u.path'])
    .where('t.county_id', '=', county)
    .where('t.process_id', '=', process)
    .where(pathInScope('u.path', scope))
    .execute();
  return rows.flatMap((row) =>
    Object.entries(row.values).flatMap(([column, value]) =>
      typeof value === 'number' ? [{ unit: row.unit_id, path: row.path, count: `${row.table_id}.${column}`, value }] : [],
    ),
  );
}

export interface ReportMilestone {
  readonly key: string;
  readonly path: string;
  readonly body: MilestoneState;
}

export async function reportMilestones(db: Db, county: string, process: ProcessId, scope: Scope): Promise<readonly ReportMilestone[]> {
  const rows = await db
    .selectFrom('milestones')
    .select(['key', 'unit_path', 'body'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(pathInScope('unit_path', scope))
    .orderBy('due')
    .orderBy('key')
    .execute();
  return rows.map((row) => ({ key: row.key, path: row.unit_path, body: row.body }));
}

export interface ReportObligation {
  readonly id: string;
  readonly duty: string;
  readonly unit: UnitId;
  readonly path: string;
  readonly status: ObligationStatus;
  readonly due: LocalDate | null;
  readonly late: boolean;
  readonly daysLate: number | null;
  readonly proposal: Obligation['proposal'];
  /** What was entered with the points when it was done. */
  readonly answer: Obligation['parts'][number]['answer'] | null;
}

/** Obligations of some duties, oldest due date first. */
export async function reportObligations(
  db: Db,
  county: string,
  process: ProcessId,
  scope: Scope,
  duties: readonly string[],
): Promise<readonly ReportObligation[]> {
  if (duties.length === 0) return [];
  const rows = await db
    .selectFrom('obligations')
    .select(['obligation_id', 'duty', 'unit_id', 'unit_path', 'status', 'due', 'late', 'days_late', 'body'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('duty', 'in', [...duties])
    .where(pathInScope('unit_path', scope))
    .orderBy('due')
    .orderBy('obligation_id')
    .execute();
  return rows.map((row) => ({
    id: row.obligation_id,
    duty: row.duty,
    unit: row.unit_id,
    path: row.unit_path,
    status: row.status,
    due: row.due,
    late: row.late,
    daysLate: row.days_late,
    proposal: row.body.proposal,
    answer: row.body.parts.at(-1)?.answer ?? null,
  }));
}

export interface ReportFlag {
  readonly unit: UnitId;
  readonly about: string;
  readonly on: LocalDate;
  readonly daysLate: number;
}

/** Lines that rungs and responses have put into a report, oldest first. */
export async function reportFlags(
  db: Db,
  county: string,
  process: ProcessId,
  scope: Scope,
  report: string,
): Promise<readonly ReportFlag[]> {
  const rows = await db
    .selectFrom('flags')
    .select(['unit_id', 'about', 'on_date', 'days_late'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('report', '=', report)
    .where(pathInScope('unit_path', scope))
    .orderBy('on_date')
    .orderBy('flag_id')
    .execute();
  return rows.map((row) => ({ unit: row.unit_id, about: row.about, on: row.on_date, daysLate: row.days_late }));
}

/** Obligations by state, summed over the scope. */
export interface BoardSum {
  readonly open: number;
  readonly late: number;
  readonly done: number;
  readonly doneLate: number;
}

export async function boardSum(db: Db, county: string, process: ProcessId, scope: Scope): Promise<BoardSum> {
  const row = await db
    .selectFrom('board')
    .select((eb) => [
      eb.fn.coalesce(eb.fn.sum<number>('open'), sql<number>`0`).as('open'),
      eb.fn.coalesce(eb.fn.sum<number>('late'), sql<number>`0`).as('late'),
      eb.fn.coalesce(eb.fn.sum<number>('done'), sql<number>`0`).as('done'),
      eb.fn.coalesce(eb.fn.sum<number>('done_late'), sql<number>`0`).as('done_late'),
    ])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where(pathInScope('unit_path', scope))
    .executeTakeFirstOrThrow();
  return { open: Number(row.open), late: Number(row.late), done: Number(row.done), doneLate: Number(row.done_late) };
}

/** Money that arrived on a day, reversals taken off: payments and fen. */
export async function arrivedOn(
  db: Db,
  county: string,
  process: ProcessId,
  scope: Scope,
  day: LocalDate,
): Promise<{ readonly payments: number; readonly amount: number }> {
  const row = await db
    .selectFrom('payments as p')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.unit_id'))
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('p.kind', '=', 'arrived').as('payments'),
      eb.fn.coalesce(eb.fn.sum<number>('p.amount'), sql<number>`0`).as('amount'),
    ])
    .where('p.county_id', '=', county)
    .where('p.process_id', '=', process)
    .where('p.happened_on', '=', day)
    .where('p.kind', 'in', ['arrived', 'reversal'])
    .where(pathInScope('u.path', scope))
    .executeTakeFirstOrThrow();
  return { payments: Number(row.payments), amount: Number(row.amount) };
}

/** Newest link of an audit chain: what a printed bulletin can be checked against later. */
export interface ChainHead {
  readonly chain: string;
  readonly seq: number;
  readonly at: Moment;
  readonly hash: string;
}

export async function chainHead(db: Db, county: string, chain: string): Promise<ChainHead | null> {
  const row = await db
    .selectFrom('audit')
    .select(['chain', 'seq', 'at', 'hash'])
    .where('county_id', '=', county)
    .where('chain', '=', chain)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}
