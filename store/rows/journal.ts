import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import type { ActId, Digest, ObligationId, ProcessId, UserId } from '../../domain/model/ids.js';
import type { RowEvent } from '../../domain/process/rows.js';
import type { Db, Trx } from '../connection.js';
import { StoreError } from '../errors.js';
import { canonicalJson, toJson } from '../json.js';
import { sha256 } from '../settings.js';

/** An entry of a row's journal: its number, and the turn under which it was stepped. */
export interface RowEntry {
  readonly row: ObligationId;
  readonly number: number;
  readonly under: number;
  readonly event: RowEvent;
}

/** What the audit vouches for of one entry. */
export const entryDigest = ({ row, number, under, event }: RowEntry): Digest =>
  sha256(canonicalJson({ row, number, under, event })) as Digest;

/**
 * Adds entries, numbered by the caller who holds the rows. Entries above a number are complete for whoever asks with `lastEntry`: writers share a lock that
 * it takes alone for a moment. Error: `row-conflict`, another entry stands at the number or the act is there already.
 */
export async function appendEntries(trx: Trx, county: string, process: ProcessId, entries: readonly RowEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`select pg_advisory_xact_lock_shared(hashtext('duban-row-entries'), hashtext(${`${county}/${process}`}))`.execute(trx);
  const rows = entries.map((entry) => ({
    row: entry.row,
    number: entry.number,
    under: entry.under,
    act: entry.event.type === 'acted' ? entry.event.actId : null,
    event: entry.event,
    at: entry.event.at,
    actor: entry.event.type === 'acted' ? entry.event.actor.user : ('system' as UserId),
    digest: entryDigest(entry),
  }));
  try {
    await sql`/* prepared */
      insert into row_journal (county_id, process_id, row_id, number, under, act_id, event, at, actor, digest)
      select ${county}, ${process}, r.row, r.number, r.under, r.act, r.event, r.at, r.actor, r.digest
      from json_to_recordset(${toJson(rows)}::json) as r (row text, number integer, under bigint, act text, event jsonb, at text, actor text,
        digest text)`.execute(trx);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !error.constraint?.startsWith('row_journal')) throw error;
    throw new StoreError(
      'row-conflict',
      '该事项的日志已有这一条，本次不予记录',
      'The journal of this row holds this entry already; it is not recorded again',
      { process, row: entries[0]?.row ?? '' },
      { cause: error },
    );
  }
}

/** Where an act on a row stands; null when it does not. */
export async function findRowAct(
  db: Db,
  county: string,
  process: ProcessId,
  actId: ActId,
): Promise<{ readonly row: ObligationId; readonly number: number } | null> {
  const found = await db
    .selectFrom('row_journal')
    .select(['row_id as row', 'number'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('act_id', '=', actId)
    .executeTakeFirst();
  return found ?? null;
}

/** The journals of some rows, each in order. */
export async function entriesOf(
  db: Db,
  county: string,
  process: ProcessId,
  rows: readonly ObligationId[],
): Promise<ReadonlyMap<ObligationId, readonly RowEntry[]>> {
  const found = await db
    .selectFrom('row_journal')
    .select(['row_id as row', 'number', 'under', 'event'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('row_id', 'in', [...rows])
    .orderBy('row_id')
    .orderBy('number')
    .execute();
  const entries = new Map<ObligationId, RowEntry[]>();
  for (const entry of found) {
    const known = entries.get(entry.row);
    if (known) known.push(entry);
    else entries.set(entry.row, [entry]);
  }
  return entries;
}

/** Ids of rows that have a journal, in order, after one. */
export async function journalledRows(
  db: Db,
  county: string,
  process: ProcessId,
  after: ObligationId | null,
  limit: number,
): Promise<readonly ObligationId[]> {
  let query = db
    .selectFrom('row_journal')
    .select('row_id')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('number', '=', 1)
    .orderBy('row_id')
    .limit(limit);
  if (after !== null) query = query.where('row_id', '>', after);
  return (await query.execute()).map(({ row_id }) => row_id);
}

/** The newest entry of which it is certain that none below it is still to come. Waits for writers that are about to commit. */
export async function lastEntry(trx: Trx, county: string, process: ProcessId): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-row-entries'), hashtext(${`${county}/${process}`}))`.execute(trx);
  const { rows } = await sql<{ last: number | null }>`
    select max(entry_id) as last from row_journal where county_id = ${county} and process_id = ${process}`.execute(trx);
  return rows[0]?.last ?? 0;
}

const PAGE = 10_000;

/** One digest over the entries above `from` and up to `to`. `check`: computed anew from what the entries say, not from what was noted. */
export async function entriesDigest(
  db: Db,
  county: string,
  process: ProcessId,
  { from, to }: { readonly from: number; readonly to: number },
  check = false,
): Promise<{ readonly entries: number; readonly digest: Digest }> {
  const hash = createHash('sha256');
  let entries = 0;
  for (let after = from; after < to;) {
    const page = await db
      .selectFrom('row_journal')
      .select(['entry_id', 'digest', 'row_id as row', 'number', 'under'])
      .$if(check, (query) => query.select('event'))
      .where('county_id', '=', county)
      .where('process_id', '=', process)
      .where('entry_id', '>', after)
      .where('entry_id', '<=', to)
      .orderBy('entry_id')
      .limit(PAGE)
      .execute();
    for (const { row, number, under, event, digest } of page)
      hash.update(`${check && event !== undefined ? entryDigest({ row, number, under, event }) : digest}\n`);
    entries += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.entry_id;
  }
  return { entries, digest: hash.digest('hex') as Digest };
}
