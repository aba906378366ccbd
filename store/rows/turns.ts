import { sql } from 'kysely';
import type { RowBirth, RowContext, RowsEffect } from '../../domain/model/effect.js';
import type { Digest, LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { toJson } from '../json.js';

/** A turn as it is stored: the setting by its digest. */
export interface StoredTurn {
  readonly seq: number;
  readonly at: Moment;
  readonly setting: Digest;
  readonly context: RowContext;
  readonly births: readonly RowBirth[];
}

/** Writes turns with the events that ask for them; one that is there already is the same. Facts alone change nothing of what rows are stepped under. */
export async function addTurns(
  trx: Trx,
  county: string,
  process: ProcessId,
  turns: readonly { readonly effect: RowsEffect; readonly setting: Digest }[],
): Promise<void> {
  const rows = turns.map(({ effect: { kind, turn, at, context, births }, setting }) => ({ seq: turn, kind, at, setting, context, births }));
  if (rows.length === 0) return;
  await sql`
    insert into row_turns (county_id, process_id, seq, kind, at, setting_digest, context, births)
    select ${county}, ${process}, r.seq, r.kind, r.at, r.setting, r.context, r.births
    from jsonb_to_recordset(${toJson(rows)}::jsonb) as r (seq bigint, kind text, at text, setting text, context jsonb, births jsonb)
    on conflict do nothing`.execute(trx);
}

/** The turn in force at event `from` and all after it, oldest first. */
export async function turnsSince(db: Db, county: string, process: ProcessId, from: number): Promise<readonly StoredTurn[]> {
  return db
    .selectFrom('row_turns')
    .select(['seq', 'at', 'setting_digest as setting', 'context', 'births'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('kind', '<>', 'facts')
    .where(
      sql<boolean>`seq >= coalesce((select max(t.seq) from row_turns t where t.county_id = ${county} and t.process_id = ${process} and t.kind <> 'facts' and t.seq <= ${from}), 0)`,
    )
    .orderBy('seq')
    .execute();
}

/** Births of turns up to `seq` whose period is not over on a day: who comes to the roster now is owed about as well. */
export async function birthsInForce(db: Db, county: string, process: ProcessId, seq: number, on: LocalDate): Promise<readonly RowBirth[]> {
  const { rows } = await sql<{ birth: RowBirth }>`
    select distinct on (b.birth ->> 'duty', b.birth ->> 'period') b.birth
    from row_turns t cross join lateral jsonb_array_elements(t.births) as b (birth)
    where t.county_id = ${county} and t.process_id = ${process} and t.seq <= ${seq}
      and (jsonb_typeof(b.birth -> 'window') = 'null' or b.birth -> 'window' ->> 'end' >= ${on})
    order by b.birth ->> 'duty', b.birth ->> 'period', t.seq`.execute(db);
  return rows.map(({ birth }) => birth);
}

/** The rows have had this turn and all before it: what they have to say may go out. */
export async function finishTurn(trx: Trx, county: string, process: ProcessId, seq: number): Promise<void> {
  await sql`update row_turns set done = true where county_id = ${county} and process_id = ${process} and seq <= ${seq} and not done`.execute(
    trx,
  );
}

/** Number of the newest turn that the rows have had; 0 = none. */
export async function lastTurnDone(db: Db, county: string, process: ProcessId): Promise<number> {
  const row = await db
    .selectFrom('row_turns')
    .select(sql<number | null>`max(seq)`.as('seq'))
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('kind', '<>', 'facts')
    .where('done', '=', true)
    .executeTakeFirst();
  return row?.seq ?? 0;
}

/** Whether the rows have a turn before them. */
export async function hasTurnAhead(db: Db, county: string, process: ProcessId): Promise<boolean> {
  const row = await db
    .selectFrom('row_turns')
    .select('seq')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('done', '=', false)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** One worker at a time gives a process's rows their turn; it is let go with the transaction or the connection. */
export async function lockRows(trx: Trx, county: string, process: ProcessId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-rows'), hashtext(${`${county}/${process}`}))`.execute(trx);
}
