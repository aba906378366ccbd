import { sql, type RawBuilder } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
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

/** The same from a query that gives the columns id, type, due, event and cause (jsonb), in the order in which they are to be taken up. */
export async function openCasesFrom(
  trx: Trx,
  county: string,
  process: ProcessId,
  query: RawBuilder<unknown>,
  { at, by }: Told,
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into case_openings (county_id, process_id, opening_id, case_type, due_id, event, cause, at, by_user)
    select ${county}, ${process}, q.id, q.type, q.due, q.event, q.cause, ${at}, ${by} from (${query}) q (id, type, due, event, cause)
    on conflict (county_id, process_id, opening_id) do nothing`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}
