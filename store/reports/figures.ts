import { sql } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { MilestoneState, Obligation, ObligationStatus } from '../../domain/model/state.js';
import type { Db } from '../connection.js';
import { dutyOf } from '../read-model/obligations.js';
import { pathInScope, type Scope } from '../scope.js';

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
  readonly insurance: string | null;
  readonly status: ObligationStatus;
  readonly due: LocalDate | null;
  readonly late: boolean;
  readonly daysLate: number | null;
  readonly proposal: Obligation['proposal'];
  readonly parts: Obligation['parts'];
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
    .select(['unit_path', 'body'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('duty', 'in', [...duties])
    .where(pathInScope('unit_path', scope))
    .orderBy('due')
    .orderBy('obligation_id')
    .execute();
  return rows.map(({ unit_path, body }) => reportObligation(body, unit_path));
}

/** An obligation as reports see it, at a place in the tree. */
export function reportObligation(body: Obligation, path: string): ReportObligation {
  const { id, unit, insurance, status, due, late, proposal, parts, closed } = body;
  return { id, duty: dutyOf(body), unit, path, insurance, status, due, late, daysLate: closed?.daysLate ?? null, proposal, parts };
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

/** Money that arrived: payments and fen, together and by insurance kind. */
export interface Arrived {
  readonly payments: number;
  readonly amount: number;
  readonly kinds: readonly { readonly insurance: string; readonly payments: number; readonly amount: number }[];
}

/** Money that arrived on a day, reversals taken off. */
export async function arrivedOn(db: Db, county: string, process: ProcessId, scope: Scope, day: LocalDate): Promise<Arrived> {
  const kinds = await db
    .selectFrom('payments as p')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.unit_id'))
    .select((eb) => [
      'p.insurance',
      eb.fn.countAll<number>().filterWhere('p.kind', '=', 'arrived').as('payments'),
      sql<number>`sum(p.amount)::bigint`.as('amount'),
    ])
    .where('p.county_id', '=', county)
    .where('p.process_id', '=', process)
    .where('p.happened_on', '=', day)
    .where('p.kind', 'in', ['arrived', 'reversal'])
    .where(pathInScope('u.path', scope))
    .groupBy('p.insurance')
    .orderBy('p.insurance')
    .execute();
  const sum = (of: 'payments' | 'amount'): number => kinds.reduce((total, kind) => total + kind[of], 0);
  return { payments: sum('payments'), amount: sum('amount'), kinds };
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
