import { sql, type Selectable } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Standing } from '../../domain/deduction/classes.js';
import type { EvidenceGiven } from '../../domain/model/state.js';
import type { Db, Trx } from '../connection.js';
import { nextId } from '../ids.js';
import { toJson } from '../json.js';
import { settledEntries, reversedEntries } from '../ledger/deduction-entries.js';
import { writeEntries } from '../ledger/entries.js';
import { matchCleared } from '../ledger/post.js';
import type { DeductionDecisionsTable, DeductionQuarantineTable, DeductionRefundsTable } from '../tables/deductions.js';
import { standingOver } from './standing.js';

export type Decision = Selectable<DeductionDecisionsTable>;
export type Quarantined = Selectable<DeductionQuarantineTable>;
export type Refund = Selectable<DeductionRefundsTable>;

export interface NewDecision {
  readonly county: string;
  readonly process: ProcessId;
  readonly kind: Decision['kind'];
  readonly subject: string;
  readonly choice: string;
  readonly reason: string;
  readonly evidence: readonly EvidenceGiven[];
  readonly at: Moment;
  readonly by: UserId;
}

/** Keeps a proposal; null when another for the same subject is open. */
export async function addDecision(
  trx: Trx,
  { county, process, kind, subject, choice, reason, evidence, at, by }: NewDecision,
): Promise<string | null> {
  const id = await nextId(trx, county, 'e');
  const done = await trx
    .insertInto('deduction_decisions')
    .values({
      county_id: county,
      process_id: process,
      decision_id: id,
      kind,
      subject,
      choice,
      reason,
      evidence: toJson(evidence),
      by_user: by,
      at,
    })
    .onConflict((on) => on.doNothing())
    .executeTakeFirst();
  return done.numInsertedOrUpdatedRows === 1n ? id : null;
}

export async function lockDecision(trx: Trx, county: string, process: ProcessId, id: string): Promise<Decision | null> {
  const query = trx
    .selectFrom('deduction_decisions')
    .selectAll()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('decision_id', '=', id)
    .forUpdate();
  return (await query.executeTakeFirst()) ?? null;
}

export async function decide(trx: Trx, county: string, id: string, as: 'confirmed' | 'dropped', by: UserId, at: Moment): Promise<void> {
  await sql`
    update deduction_decisions set status = ${as}, decided_by = ${by}, decided_at = ${at} where county_id = ${county} and decision_id = ${id}`.execute(
    trx,
  );
}

/** Where one line stands; null when there is none. */
export async function lineStanding(
  db: Db,
  county: string,
  batch: string,
  line: number,
): Promise<{
  readonly standing: Standing;
  readonly late: boolean;
  readonly amount: number;
  readonly due: string;
  readonly unit: UnitId;
} | null> {
  const { rows } = await sql<{ standing: Standing; late: boolean; amount: number; due: string; unit: UnitId }>`
    select ${standingOver} as standing, coalesce(bool_or(o.late), false) as late, l.amount, l.due_id as due, l.unit_id as unit
    from deduction_lines l left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
    where l.county_id = ${county} and l.batch_id = ${batch} and l.line = ${line} group by l.amount, l.due_id, l.unit_id`.execute(db);
  return rows[0] ?? null;
}

export async function lockQuarantined(
  trx: Trx,
  county: string,
  batch: string,
  line: number,
  returnId: string,
): Promise<Quarantined | null> {
  const query = trx
    .selectFrom('deduction_quarantine')
    .selectAll()
    .where('county_id', '=', county)
    .where('batch_id', '=', batch)
    .where('line', '=', line)
    .where('return_id', '=', returnId)
    .forUpdate();
  return (await query.executeTakeFirst()) ?? null;
}

/** Settles a contradiction; `reverse` takes the success back in the ledger. */
export async function settleQuarantined(
  trx: Trx,
  { county_id: county, process_id: process, batch_id: batch, line, return_id: returnId }: Quarantined,
  as: 'keep' | 'reverse' | 'taken',
  at: Moment,
  by: UserId,
): Promise<void> {
  await sql`
    update deduction_quarantine set settled_as = ${as}, settled_at = ${at}, settled_by = ${by}
    where county_id = ${county} and batch_id = ${batch} and line = ${line} and return_id = ${returnId}`.execute(trx);
  if (as !== 'reverse') return;
  const of = { county, process };
  await writeEntries(
    trx,
    of,
    reversedEntries(of, sql`q.county_id = ${county} and q.batch_id = ${batch} and q.line = ${line} and q.return_id = ${returnId}`),
  );
}

/** Whether the money of a line has come, or its success was taken back: then nothing more is booked on it. */
export async function lineIsBooked(
  db: Db,
  county: string,
  batch: string,
  line: number,
): Promise<{ readonly cleared: boolean; readonly reversed: boolean }> {
  const { rows } = await sql<{ cleared: boolean; reversed: boolean }>`
    select exists (select from deduction_cleared_lines z where z.county_id = ${county} and z.batch_id = ${batch} and z.line = ${line}) as cleared,
      exists (select from deduction_quarantine q where q.county_id = ${county} and q.batch_id = ${batch} and q.line = ${line} and q.settled_as = 'reverse') as reversed`.execute(
    db,
  );
  return rows[0] ?? { cleared: false, reversed: false };
}

export async function lockRefund(trx: Trx, county: string, process: ProcessId, id: string): Promise<Refund | null> {
  const query = trx
    .selectFrom('deduction_refunds')
    .selectAll()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('refund_id', '=', id)
    .forUpdate();
  return (await query.executeTakeFirst()) ?? null;
}

/** What a due still has room for, and whether an attempt for it may still bring money. */
export async function roomOfLine(
  trx: Trx,
  county: string,
  process: ProcessId,
  batch: string,
  line: number,
): Promise<{
  readonly due: string;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly room: number;
  readonly live: boolean;
} | null> {
  const { rows } = await sql<{ due: string; unit: UnitId; insurance: string; room: number; live: boolean }>`
    select d.due_id as due, d.unit_id as unit, d.insurance, greatest(d.amount - d.arrived, 0) as room,
      exists (select from deduction_lines x where x.county_id = l.county_id and x.contribution_id = l.contribution_id
        and not exists (select from deduction_releases r where r.county_id = x.county_id and r.contribution_id = x.contribution_id and r.attempt = x.attempt)) as live
    from deduction_lines l join dues d on d.county_id = l.county_id and d.process_id = ${process} and d.due_id = l.due_id
    where l.county_id = ${county} and l.batch_id = ${batch} and l.line = ${line} for update of d`.execute(trx);
  return rows[0] ?? null;
}

/** Settles what is owed back: paid out, or credited to the due after all. */
export async function settleRefund(
  trx: Trx,
  refund: Refund,
  as: 'paid' | 'credited',
  on: LocalDate,
  at: Moment,
  by: UserId,
): Promise<void> {
  const { county_id: county, process_id: process, refund_id: id, batch_id: batch, line } = refund;
  await sql`
    update deduction_refunds set settled_as = ${as}, settled_on = ${on}, settled_at = ${at}, settled_by = ${by} where county_id = ${county} and refund_id = ${id}`.execute(
    trx,
  );
  const of = { county, process };
  await writeEntries(trx, of, settledEntries(of, sql`q.county_id = ${county} and q.refund_id = ${id}`));
  if (as === 'paid') return;
  await sql`
    insert into payments (county_id, process_id, payment_id, due_id, person_id, unit_id, insurance, year, amount, kind, happened_on, recorded_at, source, source_line, channel, meaning, recorded_by)
    select ${county}, ${process}, ${id}::text || '-' || l.line, d.due_id, d.person_id, d.unit_id, d.insurance, d.year, ${refund.amount}, 'arrived', ${on}, ${at}, 'deduction', l.line, 'deduction',
      'd|' || l.batch_id || '|' || l.line, ${by}
    from deduction_lines l join dues d on d.county_id = l.county_id and d.process_id = ${process} and d.due_id = l.due_id
    where l.county_id = ${county} and l.batch_id = ${batch} and l.line = ${line}`.execute(trx);
  await sql`
    update dues d set arrived = d.arrived + ${refund.amount}, arrived_on = greatest(d.arrived_on, ${on}::text)
    from deduction_lines l where l.county_id = ${county} and l.batch_id = ${batch} and l.line = ${line}
      and d.county_id = ${county} and d.process_id = ${process} and d.due_id = l.due_id`.execute(trx);
  await matchCleared(trx, { ...of, at, by }, id);
}
