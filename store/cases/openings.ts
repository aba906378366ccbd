import { sql, type RawBuilder } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { Moment, ObligationId, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { toJson } from '../json.js';

/** What calls for a case of a due, or is told to the cases of the due that are open. */
export interface CaseOpening {
  /** Made of what it comes from (batch, line, return): the same thing told twice is stored once. At most 120 characters. */
  readonly id: string;
  /** Kind of case to open; null = only told to those that are open. */
  readonly type: string | null;
  readonly due: string;
  /** As an act's `after` names it: `pensionDeduction.short`. */
  readonly event: string;
  /** What is known of it, by name: `round` (a number) where it comes from a deduction, `outcome`, `batch`, `line`, `code`; money in fen: `amount`, `deposited`, `short`. */
  readonly cause: Readonly<Record<string, Value>>;
}

interface Told {
  readonly at: Moment;
  readonly by: UserId;
}

/**
 * Stores what calls for cases, in the caller's transaction, in one statement whatever their number. The campaign's rows take it up on their next turn: the
 * caller also tells the process a fact (`appendFacts`). Returns how many were new.
 */
export const openCases = (trx: Trx, county: string, process: ProcessId, openings: readonly CaseOpening[], told: Told): Promise<number> =>
  openings.length === 0
    ? Promise.resolve(0)
    : openCasesFrom(
        trx,
        county,
        process,
        sql`select o ->> 'id', o ->> 'type', o ->> 'due', o ->> 'event', o -> 'cause'
          from jsonb_array_elements(${toJson(openings)}::jsonb) with ordinality as r (o, n) order by n`,
        told,
      );

/**
 * The same from a query that gives the columns id, type, due, event and cause (jsonb), in the order in which they are to be taken up. `again`: what was told before
 * is skipped, or cannot be and is an error: to look for it takes as long as to write it.
 */
export async function openCasesFrom(
  trx: Trx,
  county: string,
  process: ProcessId,
  query: RawBuilder<unknown>,
  { at, by }: Told,
  again: 'skipped' | 'impossible' = 'skipped',
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into case_openings (county_id, process_id, opening_id, case_type, due_id, event, cause, at, by_user)
    select ${county}, ${process}, q.id, q.type, q.due, q.event, q.cause, ${at}, ${by} from (${query}) q (id, type, due, event, cause)
    ${again === 'skipped' ? sql`on conflict (county_id, process_id, opening_id) do nothing` : sql``}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/** An opening as it was stored. */
export interface StoredOpening extends CaseOpening {
  readonly at: Moment;
  readonly by: UserId;
}

/** Takes the next openings up, in the order of storing, at most so many; whoever takes them journals what became of them in this transaction. */
export async function takeOpenings(trx: Trx, county: string, process: ProcessId, limit: number): Promise<readonly StoredOpening[]> {
  // By ranges of n alone: the table has just grown by a whole file, whatever its statistics say.
  const taken = await sql<{ n: number }>`
    delete from case_openings_waiting where county_id = ${county} and process_id = ${process} and n <= (
      select max(n) from (select n from case_openings_waiting where county_id = ${county} and process_id = ${process} order by n limit ${sql.lit(limit)}) o)
    returning n`.execute(trx);
  const numbers = taken.rows.map(({ n }) => n);
  if (numbers.length === 0) return [];
  const [from, to] = numbers.reduce(([least, most], n) => [Math.min(least, n), Math.max(most, n)], [Infinity, -Infinity]);
  const { rows } = await sql<StoredOpening>`
    select opening_id as id, case_type as type, due_id as due, event, cause, at, by_user as by from case_openings
    where county_id = ${county} and process_id = ${process} and n between ${from} and ${to} and n = any(${numbers}::bigint[]) order by n`.execute(
    trx,
  );
  return rows;
}

/** A case of a due, open or ended. */
export interface CaseKnown {
  readonly id: ObligationId;
  readonly type: string;
  readonly due: string;
  readonly number: number;
  readonly open: boolean;
}

/** All cases of some dues, in the order of their kinds and numbers. */
export async function casesOfDues(
  db: Db,
  county: string,
  process: ProcessId,
  types: readonly string[],
  dues: readonly string[],
): Promise<readonly CaseKnown[]> {
  if (types.length === 0 || dues.length === 0) return [];
  // A case's id begins with its kind and its due, so that the key of the table finds it; the limit keeps it one look-up a due, whatever the
  // statistics say of a table that has just grown.
  const { rows } = await sql<CaseKnown>`
    select o.obligation_id as id, t.type, d.due, substr(o.obligation_id, length(t.type) + length(d.due) + 3)::integer as number,
      o.status in ('open', 'waiting') as open
    from unnest(${[...types]}::text[]) as t (type) cross join unnest(${[...dues]}::text[]) as d (due)
    cross join lateral (select obligation_id, status from obligations where county_id = ${county} and process_id = ${process}
      and obligation_id >= t.type || '/' || d.due || '@' and obligation_id < t.type || '/' || d.due || 'A'
      order by obligation_id limit 1000) o
    order by 3, 2, 4`.execute(db);
  return rows;
}
