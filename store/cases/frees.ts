import { sql } from 'kysely';
import type { Moment, ObligationId, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { toJson } from '../json.js';

/** A due is freed for a deduction: its outcomes up to and with a round no longer stop it. */
export interface DeductionFree {
  readonly deduction: string;
  readonly due: string;
  /** The last round that the case knew of; 0 = none yet. */
  readonly afterRound: number;
  /** Into a round outside the rhythm. */
  readonly extra: boolean;
  /** The case whose act freed it. */
  readonly row: ObligationId;
  readonly at: Moment;
  readonly by: UserId;
  readonly reason: string | null;
}

/** Frees dues, in the caller's transaction. The same round freed again is the same. */
export async function freeDues(trx: Trx, county: string, process: ProcessId, frees: readonly DeductionFree[]): Promise<void> {
  if (frees.length === 0) return;
  await sql`
    insert into deduction_frees (county_id, process_id, deduction, due_id, after_round, extra, row_id, at, by_user, reason)
    select ${county}, ${process}, r.deduction, r.due, r."afterRound", r.extra, r.row, r.at, r.by, r.reason
    from jsonb_to_recordset(${toJson(frees)}::jsonb) as r (deduction text, due text, "afterRound" integer, extra boolean, "row" text, at text,
      by text, reason text)
    on conflict do nothing`.execute(trx);
}

/** The newest round up to which each due was freed, and whether a round outside the rhythm was asked for since a round. For deciding who is in the next one. */
export async function freedDues(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
): Promise<readonly { readonly due: string; readonly afterRound: number; readonly extra: boolean }[]> {
  const { rows } = await sql<{ due: string; afterRound: number; extra: boolean }>`
    select distinct on (due_id) due_id as due, after_round as "afterRound", extra from deduction_frees
    where county_id = ${county} and process_id = ${process} and deduction = ${deduction}
    order by due_id, after_round desc, extra desc`.execute(db);
  return rows;
}
