import { sql } from 'kysely';
import type { Trx } from '../connection.js';
import type { CopyText } from '../imports/copy-text.js';
import type { BulkSession } from '../imports/session.js';

/** Columns of a line of a return as read. */
export const STAGED_RETURN = ['county_id', 'order_id', 'token', 'file_line', 'line', 'account_index', 'name', 'amount', 'code', 'outcome', 'class', 'taken_on'] as const; // prettier-ignore

/** Puts lines beside those that are staged already; one chunk, one transaction, by whoever holds the order. */
export const stageChunk = (session: BulkSession, rows: CopyText): Promise<void> =>
  session.copyText('deduction_staged', STAGED_RETURN, rows);

/** Takes away what was staged for an order: by those who had it before (`below` a token), or all of it. */
export async function clearStaged(trx: Trx, county: string, order: string, below: number | null = null): Promise<void> {
  await sql`
    delete from deduction_staged where county_id = ${county} and order_id = ${order} and (${below}::integer is null or token < ${below}::integer)`.execute(
    trx,
  );
}
