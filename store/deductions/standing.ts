import { sql, type RawBuilder } from 'kysely';
import type { Counters } from '../../domain/deduction/counters.js';
import type { Db } from '../connection.js';

/** Where a line stands, over its outcomes `o` (left joined): as `Standing` says. */
export const standingOver: RawBuilder<string> = sql`
  coalesce(max(o.class) filter (where not o.late and o.class in ('success', 'failed-retryable', 'failed-permanent')),
    case when bool_or(o.class = 'duplicate-reported') then 'duplicate-reported' when count(o.class) > 0 then 'unknown' else 'pending' end)`;

/** Lines `l` chosen by `which` with where they stand: columns county_id, batch_id, line, amount, standing, late. */
export const standingLines = (which: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select l.county_id, l.batch_id, l.line, l.amount, ${standingOver} as standing, coalesce(bool_or(o.late), false) as late
  from deduction_lines l left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
  where ${which} group by l.county_id, l.batch_id, l.line`;

/** Amounts in fen beside the numbers of lines. */
export interface BatchFigures extends Counters {
  readonly batch: string;
  readonly amount: number;
  readonly succeededAmount: number;
  /** Successes after a definite failure; they are not in `succeeded`. */
  readonly late: number;
}

/** Figures of batches, counted from their lines and outcomes. */
export async function countBatches(db: Db, county: string, batches: readonly string[]): Promise<readonly BatchFigures[]> {
  if (batches.length === 0) return [];
  const { rows } = await sql<BatchFigures>`
    select batch_id as batch, count(*) as sent, count(*) filter (where standing = 'success') as succeeded,
      count(*) filter (where standing in ('failed-retryable', 'failed-permanent')) as failed,
      count(*) filter (where standing in ('unknown', 'duplicate-reported')) as unknown, count(*) filter (where standing = 'pending') as pending,
      sum(amount)::bigint as amount, coalesce(sum(amount) filter (where standing = 'success'), 0)::bigint as "succeededAmount",
      count(*) filter (where late) as late
    from (${standingLines(sql`l.county_id = ${county} and l.batch_id = any(${[...batches]}::text[])`)}) s group by 1 order by 1`.execute(
    db,
  );
  return rows;
}
