import { sql } from 'kysely';
import type { CopyValue } from '../imports/copy-text.js';
import type { BulkSession } from '../imports/session.js';

/** Columns of a payment row on its way in. `problem`: JSON list of row problems; then the rest does not count. */
export const STAGED_PAYMENT = [
  'line', 'problem', 'id_index', 'id_problem', 'name', 'unit_id', 'village', 'insurance', 'year', 'amount', 'kind', 'on_date', 'external_id', 'reverses', 'receipt', 'channel', 'means',
] as const; // prettier-ignore

/** Streams the file's rows into a temporary table of this transaction. */
export async function stagePayments(session: BulkSession, rows: AsyncIterable<readonly CopyValue[]>): Promise<number> {
  await sql`
    create temp table staged (
      line integer not null, problem jsonb, id_index bytea, id_problem text, name text, unit_id text collate "C", village text,
      insurance text collate "C", year integer, amount bigint, kind text, on_date text collate "C", external_id text, reverses text, receipt text,
      channel text, means text) on commit drop`.execute(session.trx);
  const read = await session.copy('staged', STAGED_PAYMENT, rows);
  await sql`analyze staged`.execute(session.trx);
  return read;
}
