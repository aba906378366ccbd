import { sql } from 'kysely';
import type { UnitFact } from '../domain/model/event.js';
import type { LocalDate, Moment, ProcessId, UnitId } from '../domain/model/ids.js';
import type { Db, Trx } from './connection.js';
import { toJson } from './json.js';

export interface InboxRow {
  readonly id: number;
  readonly fact: UnitFact;
}

/**
 * Tells a process of facts, in the transaction that stores them; the last thing that it does, because rows of one process are numbered in
 * the order of their commits: two writers to one process wait for each other from here on. `at` is the business moment of recording.
 */
export async function appendFacts(trx: Trx, county: string, process: ProcessId, facts: readonly UnitFact[], at: Moment): Promise<void> {
  if (facts.length === 0) return;
  await sql`select pg_advisory_xact_lock(hashtext('duban-inbox'), hashtext(${`${county}/${process}`}))`.execute(trx);
  await sql`
    insert into inbox (county_id, process_id, fact, at)
    select ${county}, ${process}, r.fact, ${at} from jsonb_array_elements(${toJson(facts)}::jsonb) with ordinality as r (fact, n) order by r.n`.execute(
    trx,
  );
}

/** A message without money: what the rows of a process are judged by, or one of them, has changed. */
export const rowsTouched = (unit: UnitId, at: Moment): UnitFact => ({
  kind: 'rows.touched',
  unit,
  insurance: null,
  on: at.slice(0, 10) as LocalDate,
  amount: 0,
});

/** Tells every process whose dues this transaction has touched to look at its rows; the last thing that the transaction does. */
export async function tellTouched(trx: Trx, county: string, at: Moment): Promise<void> {
  const { rows } = await sql<{ process: ProcessId; unit: UnitId }>`
    select p.process_id as process, p.root_unit as unit from processes p
    where p.county_id = ${county} and p.status in ('running', 'paused')
      and exists (select from due_touches t where t.county_id = p.county_id and t.process_id = p.process_id)
    order by 1`.execute(trx);
  for (const { process, unit } of rows) await appendFacts(trx, county, process, [rowsTouched(unit, at)], at);
}

/** Rows after number `after`, at most `limit`, in order. */
export async function pageInbox(db: Db, county: string, process: ProcessId, after: number, limit: number): Promise<InboxRow[]> {
  const rows = await db
    .selectFrom('inbox')
    .select(['inbox_id', 'fact'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('inbox_id', '>', after)
    .orderBy('inbox_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ id: row.inbox_id, fact: row.fact }));
}

/** A process that has not acknowledged its inbox up to `waitingTo`. */
export interface Unacknowledged {
  readonly county: string;
  readonly process: ProcessId;
  readonly world: string;
  readonly waitingTo: number;
  readonly count: number;
}

/** What the dispatcher has to signal: rows above the number that the process's last event acknowledged. Ended processes are left out. */
export async function unacknowledged(db: Db, county?: string): Promise<Unacknowledged[]> {
  let query = db
    .selectFrom('processes as p')
    .innerJoin('inbox as i', (join) =>
      join.onRef('i.county_id', '=', 'p.county_id').onRef('i.process_id', '=', 'p.process_id').onRef('i.inbox_id', '>', 'p.facts_up_to'),
    )
    .select(['p.county_id', 'p.process_id', 'p.world_id', sql<number>`max(i.inbox_id)`.as('waiting_to'), sql<number>`count(*)`.as('count')])
    .where('p.status', 'in', ['running', 'paused'])
    .groupBy(['p.county_id', 'p.process_id', 'p.world_id']);
  if (county !== undefined) query = query.where('p.county_id', '=', county);
  const rows = await query.orderBy('p.county_id').orderBy('p.process_id').execute();
  return rows.map((row) => ({
    county: row.county_id,
    process: row.process_id,
    world: row.world_id,
    waitingTo: row.waiting_to,
    count: row.count,
  }));
}
