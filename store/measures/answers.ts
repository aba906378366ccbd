import { sql } from 'kysely';
import type { UnitId } from '../../domain/model/ids.js';
import type { Obligation } from '../../domain/model/state.js';
import type { Trx } from '../connection.js';
import type { RowQuery } from '../payments/row-sets.js';

export interface AnsweredDuty {
  readonly duty: string;
  readonly unit: UnitId;
  readonly body: Obligation;
}

/** Obligations of some duties that were answered, checked or not. What was given by a day and moment is in their parts. */
export async function answeredDuties(
  trx: Trx,
  { county, process, units }: Pick<RowQuery, 'county' | 'process' | 'units'>,
  duties: readonly string[],
): Promise<readonly AnsweredDuty[]> {
  const within = units === null ? sql`` : sql` and unit_id = any(${[...units]}::text[])`;
  const { rows } = await sql<AnsweredDuty>`
    select duty, unit_id as unit, body from obligations
    where county_id = ${county} and process_id = ${process} and origin = 'duty' and duty = any(${[...duties]}::text[]) and status in ('done', 'checking')${within}`.execute(
    trx,
  );
  return rows;
}
