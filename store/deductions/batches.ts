import { sql } from 'kysely';
import type { Counters } from '../../domain/deduction/counters.js';
import type { Digest, LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { toJson } from '../json.js';
import { insertMany } from './plans.js';

/** `made`: its lines and its file are there; `sent`: handed over; `answered`: an answer was posted; `cleared`: money has come; `closed`: nothing is open. */
export type BatchStatus = 'made' | 'sent' | 'answered' | 'cleared' | 'closed';

export interface NewBatch {
  readonly county: string;
  readonly process: ProcessId;
  readonly id: string;
  readonly deduction: string;
  readonly round: number;
  readonly period: string;
  readonly insurance: string;
  readonly year: number;
  readonly format: string;
  readonly file: string;
  readonly digest: Digest;
  readonly at: Moment;
  readonly by: UserId;
}

/** Puts a batch with the lines of one file of `sending` into the store. A debt that is attempted elsewhere meanwhile is refused by the database. */
export async function insertBatch(
  trx: Trx,
  batch: NewBatch,
  sending: { readonly file: number; readonly lines: number; readonly amount: number },
): Promise<void> {
  const { county, process, id, deduction, round, period, insurance, year, format, file, digest, at, by } = batch;
  await sql`
    insert into deduction_batches (county_id, batch_id, process_id, round, seq, format, digest, made_at, made_by, deduction, period, insurance, year, file_id)
    select ${county}, ${id}, ${process}, ${round}, coalesce(max(seq), 0) + 1, ${format}, ${digest}, ${at}, ${by}, ${deduction}, ${period}, ${insurance}, ${year}, ${file}
    from deduction_batches where county_id = ${county} and process_id = ${process} and deduction = ${deduction} and round = ${round}`.execute(
    trx,
  );
  await insertMany(trx, async () => {
    await sql`
    insert into deduction_lines (county_id, batch_id, line, contribution_id, attempt, amount, bank_account, due_id, unit_id)
    select ${county}, ${id}, line, contribution_id, attempt, amount, account_id, due_id, unit_id from sending where file = ${sending.file} order by line`.execute(
      trx,
    );
  });
  await addBatchEvent(trx, county, id, 'made', at, by, { lines: sending.lines, amount: sending.amount });
}

/** What became of a batch; its newest event is its status. */
export async function addBatchEvent(
  trx: Trx,
  county: string,
  batch: string,
  status: BatchStatus,
  at: Moment,
  by: UserId,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await sql`
    insert into deduction_batch_events (county_id, batch_id, n, status, at, by_user, detail)
    select ${county}, ${batch}, coalesce(max(n), 0) + 1, ${status}, ${at}, ${by}, ${toJson(detail)}::jsonb
    from deduction_batch_events where county_id = ${county} and batch_id = ${batch}`.execute(trx);
}

export interface Batch {
  readonly id: string;
  readonly process: ProcessId;
  readonly deduction: string;
  readonly round: number;
  readonly period: string;
  readonly seq: number;
  readonly insurance: string;
  readonly year: number;
  readonly format: string;
  readonly file: string;
  readonly fileName: string;
  readonly digest: Digest;
  readonly madeAt: Moment;
  readonly madeBy: UserId;
  readonly status: BatchStatus;
}

const batchSelect = sql`
  select b.batch_id as id, b.process_id as process, b.deduction, b.round, b.period, b.seq, b.insurance, b.year, b.format, b.file_id as file, f.name as "fileName", b.digest,
    b.made_at as "madeAt", b.made_by as "madeBy", (select e.status from deduction_batch_events e where e.county_id = b.county_id and e.batch_id = b.batch_id order by e.n desc limit 1) as status
  from deduction_batches b join deduction_files f on f.county_id = b.county_id and f.file_id = b.file_id`;

export async function findBatch(db: Db, county: string, id: string): Promise<Batch | null> {
  const { rows } = await sql<Batch>`${batchSelect} where b.county_id = ${county} and b.batch_id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Batches of a deduction in the order of rounds. */
export async function listBatches(db: Db, county: string, process: ProcessId, deduction: string): Promise<readonly Batch[]> {
  const { rows } = await sql<Batch>`
    ${batchSelect} where b.county_id = ${county} and b.process_id = ${process} and b.deduction = ${deduction} order by b.round, b.seq`.execute(
    db,
  );
  return rows;
}

/** Held by this transaction, so that what is posted to a batch is posted one after the other. */
export async function lockBatch(trx: Trx, county: string, id: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-batch'), hashtext(${`${county}/${id}`}))`.execute(trx);
}

/** Whether a batch has reached a status. */
export async function hasReached(db: Db, county: string, batch: string, status: BatchStatus): Promise<boolean> {
  const row = await db
    .selectFrom('deduction_batch_events')
    .select('n')
    .where('county_id', '=', county)
    .where('batch_id', '=', batch)
    .where('status', '=', status)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The figures after the last posting, as they were kept with it; null before the first. */
export async function lastFigures(db: Db, county: string, batch: string): Promise<Counters | null> {
  const { rows } = await sql<{ figures: Counters | null }>`
    select detail -> 'counters' as figures from deduction_batch_events where county_id = ${county} and batch_id = ${batch} and detail ? 'counters' order by n desc limit 1`.execute(
    db,
  );
  return rows[0]?.figures ?? null;
}

/**
 * Files made on a day in the world of a campaign, whichever campaign and deduction made them: the next one's number is one more, so that two files never bear one
 * name in the bank's folder. Whoever asks holds the numbers until its transaction ends.
 */
export async function filesMadeOn(db: Trx, county: string, process: ProcessId, on: LocalDate): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-request-names'), hashtext(${county}))`.execute(db);
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from deduction_batches b join processes p on p.county_id = b.county_id and p.process_id = b.process_id
    where b.county_id = ${county} and starts_with(b.made_at::text, ${on}::text)
      and p.world_id = (select world_id from processes where county_id = ${county} and process_id = ${process})`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Lines of a batch by unit: who is told that it was sent. */
export async function linesByUnit(
  db: Db,
  county: string,
  batch: string,
): Promise<readonly { readonly unit: UnitId; readonly persons: number; readonly amount: number }[]> {
  const { rows } = await sql<{ unit: UnitId; persons: number; amount: number }>`
    select unit_id as unit, count(*) as persons, sum(amount)::bigint as amount from deduction_lines
    where county_id = ${county} and batch_id = ${batch} group by 1 order by 1`.execute(db);
  return rows;
}

export async function countLines(db: Db, county: string, batch: string): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*) as n from deduction_lines where county_id = ${county} and batch_id = ${batch}`.execute(db);
  return rows[0]?.n ?? 0;
}
