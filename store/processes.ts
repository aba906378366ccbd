import { sql, type Selectable } from 'kysely';
import type { Digest, Moment, ProcessId, UnitId, UserId } from '../domain/model/ids.js';
import type { State } from '../domain/model/state.js';
import type { Db, Trx } from './connection.js';
import { StoreError } from './errors.js';
import { nextId } from './ids.js';
import { pathInScope, type Scope } from './scope.js';
import type { ProcessesTable } from './tables/processes.js';
import type { Part } from './parts.js';

export type ProcessRow = Selectable<ProcessesTable>;

/** One campaign for each definition, launching unit, year and world: these are its start key. */
export interface ProcessStart {
  readonly county: string;
  readonly definition: string;
  readonly version: string;
  readonly definitionDigest: Digest;
  readonly setting: Digest;
  readonly world: string;
  readonly rootUnit: UnitId;
  readonly year: number;
  readonly title: string;
  readonly by: UserId;
}

/**
 * Takes the start key. A second start with the same key gives the first one's process with `started: false`, whatever version it asks for;
 * two at once wait for each other.
 */
export async function startProcess(trx: Trx, start: ProcessStart): Promise<{ process: ProcessRow; started: boolean }> {
  const id = await nextId(trx, start.county, 'c');
  const made = await trx
    .insertInto('processes')
    .values({
      county_id: start.county,
      process_id: id,
      kind: 'campaign',
      definition_id: start.definition,
      version: start.version,
      definition_digest: start.definitionDigest,
      first_setting: start.setting,
      setting_digest: start.setting,
      world_id: start.world,
      root_unit: start.rootUnit,
      year: start.year,
      status: 'launching',
      title: start.title,
      launched_by: start.by,
    })
    .onConflict((conflict) => conflict.columns(['county_id', 'definition_id', 'root_unit', 'year', 'world_id']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (made !== undefined) return { process: made, started: true };
  const first = await trx
    .selectFrom('processes')
    .selectAll()
    .where('county_id', '=', start.county)
    .where('definition_id', '=', start.definition)
    .where('root_unit', '=', start.rootUnit)
    .where('year', '=', start.year)
    .where('world_id', '=', start.world)
    .executeTakeFirstOrThrow();
  return { process: first, started: false };
}

/** A process by its number (`c3`), whoever asks; null when there is none. */
export async function findProcess(db: Db, county: string, process: ProcessId): Promise<ProcessRow | null> {
  const query = db.selectFrom('processes').selectAll().where('county_id', '=', county).where('process_id', '=', process);
  return (await query.executeTakeFirst()) ?? null;
}

/**
 * Processes that concern a caller: those launched at a unit of the scope, and those launched above one of its units. Newest first. Without a
 * county-wide list of units nothing is guessed: a launching unit that is not in the tree concerns nobody.
 */
export async function listProcesses(db: Db, county: string, scope: Scope): Promise<ProcessRow[]> {
  const above =
    scope.length === 0
      ? sql<boolean>`false`
      : sql<boolean>`exists (select from unnest(${[...scope]}::text[]) as s (prefix) where starts_with(s.prefix, u.path))`;
  return db
    .selectFrom('processes as p')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.root_unit'))
    .selectAll('p')
    .where('p.county_id', '=', county)
    .where((where) => where.or([pathInScope('u.path', scope), above]))
    .orderBy('p.stored_at', 'desc')
    .orderBy('p.process_id', 'desc')
    .execute();
}

/** Takes the process's row for this transaction: whoever records waits here. Error: `process-missing`. */
export async function lockProcess(trx: Trx, county: string, process: ProcessId): Promise<ProcessRow> {
  const row = await trx
    .selectFrom('processes')
    .selectAll()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) {
    throw new StoreError('process-missing', `没有编号为 ${process} 的活动`, `There is no process ${process}`, { process });
  }
  return row;
}

/** What a process is after its last event. */
export interface ProcessAfter {
  readonly state: State;
  readonly wakeAt: Moment | null;
  readonly setting: Digest;
}

/**
 * Takes the process's row and writes what it is now, if it stands where the caller thinks: at `seq`, with `head` as the hash of its chain's entry there
 * (null: no chain yet). Gives its key as `held` when it did; two at once wait for each other, and the second finds another number.
 */
export function holdProcess(
  county: string,
  process: ProcessId,
  at: { readonly seq: number; readonly head: string | null },
  { state, wakeAt, setting }: ProcessAfter,
): Part {
  return sql`
    update processes as p set seq = ${state.seq}, status = ${state.status}, wake_at = ${wakeAt}, launched_at = ${state.launchedAt},
      core_revision = ${state.coreRevision}, facts_up_to = ${state.factsUpTo}, setting_digest = ${setting}
    where p.county_id = ${county} and p.process_id = ${process} and p.seq = ${at.seq}
      and (${at.head}::text is null or exists (
        select from audit a where a.county_id = p.county_id and a.chain = p.process_id and a.seq = p.seq and a.hash = ${at.head}))
    returning p.county_id, p.process_id`;
}

/** Writes what a process is after its last event, whose number it has already. The caller holds its row. */
export async function saveProcess(trx: Trx, county: string, process: ProcessId, after: ProcessAfter): Promise<void> {
  await sql`${holdProcess(county, process, { seq: after.state.seq, head: null }, after)}`.execute(trx);
}

/** Processes of a world that have something due by `upTo`, the earliest first: those the conductor moves. */
export async function dueProcesses(db: Db, county: string, world: string, upTo: Moment): Promise<{ process: ProcessId; wakeAt: Moment }[]> {
  const rows = await db
    .selectFrom('processes')
    .select(['process_id', 'wake_at'])
    .where('county_id', '=', county)
    .where('world_id', '=', world)
    .where('wake_at', '<=', upTo)
    .where('status', 'in', ['launching', 'running', 'paused'])
    .orderBy('wake_at')
    .orderBy('process_id')
    .execute();
  return rows.flatMap((row) => (row.wake_at === null ? [] : [{ process: row.process_id, wakeAt: row.wake_at }]));
}
