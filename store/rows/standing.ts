import { sql, type RawBuilder } from 'kysely';
import type { Moment, ObligationId, ProcessId } from '../../domain/model/ids.js';
import type { ClosedMark, Obligation } from '../../domain/model/state.js';
import { isOver, type Row } from '../../domain/process/rows.js';
import type { Db, Trx } from '../connection.js';

interface Stored {
  readonly id: ObligationId;
  readonly row: ObligationId;
  readonly body: Obligation;
  readonly seq: number;
  readonly number: number | null;
}

const MARKS: Readonly<Record<string, ClosedMark['s']>> = { done: 'd', waived: 'w', notApplicable: 'n', withdrawn: 'x' };

/** Rows as they stand, held by this transaction; in the order of their ids, so that two who take the same do not wait for each other. */
export async function holdRows(trx: Trx, county: string, process: ProcessId, ids: readonly ObligationId[]): Promise<readonly Row[]> {
  if (ids.length === 0) return [];
  const mine = sql`county_id = ${county} and process_id = ${process}`;
  const main = await sql<Stored>`
    select obligation_id as id, row_id as row, body, seq, row_number as number from obligations
    where ${mine} and obligation_id = any(${[...ids]}::text[]) and row_id = obligation_id order by obligation_id for update`.execute(trx);
  const followUps = await sql<Stored>`
    select obligation_id as id, row_id as row, body, seq, null as number from obligations
    where ${mine} and row_id = any(${[...ids]}::text[]) and row_id is not null and origin <> 'duty' and obligation_id <> row_id
    order by obligation_id`.execute(trx);
  const writtenAt = new Map(followUps.rows.map(({ id, seq }) => [id, seq]));
  const beside = new Map<ObligationId, Obligation[]>();
  for (const { row, body } of followUps.rows) beside.set(row, [...(beside.get(row) ?? []), body]);
  return main.rows.map(({ id, body, seq, number }) => {
    const others = beside.get(id) ?? [];
    return {
      id,
      main: body,
      followUps: others.filter((one) => !isOver(one)),
      marks: Object.fromEntries(
        others.flatMap((one) => (isOver(one) && one.closed !== null ? [[one.id, { s: MARKS[one.status] ?? 'x', on: one.closed.on }]] : [])),
      ),
      written: Object.fromEntries(others.map((one) => [one.id, writtenAt.get(one.id) ?? seq])),
      turn: seq,
      number: number ?? 1,
    };
  });
}

/** Rows in which something is due by a moment, the earliest first. */
export const dueRows = (db: Db, county: string, process: ProcessId, by: Moment, limit: number): Promise<readonly ObligationId[]> =>
  idsOf(
    db,
    sql`select distinct row_id as id from (select row_id, next_at from obligations
      where county_id = ${county} and process_id = ${process} and next_at <= ${by} order by next_at, obligation_id limit ${sql.lit(limit)}) o order by 1`,
  );

/** Rows of a duty that are not over, in the order of their ids, after one. */
export const openRows = (
  db: Db,
  county: string,
  process: ProcessId,
  duty: string,
  after: ObligationId | null,
  limit: number,
): Promise<readonly ObligationId[]> =>
  idsOf(
    db,
    sql`select obligation_id as id from obligations
      where county_id = ${county} and process_id = ${process} and obligation_id > ${after ?? `${duty}/`} and obligation_id < ${`${duty}0`}
        and row_id = obligation_id and status in ('open', 'waiting', 'beforeLaunch', 'checking') order by obligation_id limit ${sql.lit(limit)}`,
  );

/** All rows about some dues. */
export const rowsAbout = (
  db: Db,
  county: string,
  process: ProcessId,
  duties: readonly { readonly duty: string; readonly period: string | null }[],
  dues: readonly string[],
): Promise<readonly ObligationId[]> =>
  idsOf(
    db,
    sql`select obligation_id as id from obligations where county_id = ${county} and process_id = ${process}
      and obligation_id = any(${duties.flatMap(({ duty, period }) => dues.map((due) => `${duty}/${due}${period === null ? '' : `@${period}`}`))}::text[])`,
  );

/** The earliest moment at which something in a row is due; null = nothing ahead. */
export async function nextOfRows(db: Db, county: string, process: ProcessId): Promise<Moment | null> {
  const { rows } = await sql<{ at: Moment | null }>`
    select min(next_at::text) as at from obligations where county_id = ${county} and process_id = ${process} and next_at is not null`.execute(
    db,
  );
  return rows[0]?.at ?? null;
}

async function idsOf(db: Db, query: RawBuilder<unknown>): Promise<readonly ObligationId[]> {
  const { rows } = await sql<{ id: ObligationId }>`${query}`.execute(db);
  return rows.map(({ id }) => id);
}
