import { sql, type RawBuilder } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';
import { dueColumns } from '../payments/row-sets.js';

/** Where and when something about dues is changed. `at`: the business moment from which they are so. */
export interface DuesChanged {
  readonly county: string;
  readonly process: ProcessId;
  readonly at: Moment;
}

/** The groups a person belongs to; `late`: of these, entered after their cut-off. */
export interface PersonGroups {
  readonly person: string;
  readonly groups: readonly string[];
  readonly late: readonly string[];
}

/** Puts groups on what persons owe. Returns how many dues differ now. */
export async function putGroups(trx: Trx, of: DuesChanged, persons: readonly PersonGroups[]): Promise<number> {
  if (persons.length === 0) return 0;
  const done = await sql`
    update dues d set groups = r.groups, late_groups = r.late, reason = null, changed_by = null, since_at = ${of.at}
    from jsonb_to_recordset(${toJson(persons)}::jsonb) as r (person text, groups text[], late text[])
    where d.county_id = ${of.county} and d.process_id = ${of.process} and d.person_id = r.person and (d.groups <> r.groups or d.late_groups <> r.late)`.execute(
    trx,
  );
  return Number(done.numAffectedRows ?? 0);
}

/** Which dues: of some persons, or those that are as they are since a moment. */
export type DuesChosen = { readonly persons: readonly string[] } | { readonly since: Moment };

/** Dues alike in the columns asked for, at one unit. `key` names the combination. */
export interface DueAlike {
  readonly key: string;
  readonly unit: UnitId;
  readonly row: Readonly<Record<string, RowValue>>;
}

/** What an amount of dues is computed from. The columns are those of `ROW_COLUMNS.dues`. */
export interface DueColumns {
  readonly columns: readonly string[];
  readonly today: LocalDate;
}

/** The combinations of columns among dues, each once, so that an amount is evaluated once for all alike. */
export async function duesAlike(trx: Trx, of: DuesChanged, by: DueColumns, chosen: DuesChosen): Promise<readonly DueAlike[]> {
  const names = by.columns.map((_, index) => sql.id(`c${index}`));
  const { rows } = await sql<Readonly<Record<string, RowValue>> & { key: string; unit: UnitId }>`
    select distinct on (key) ${sql.join([sql`key, unit`, ...names])} from (${combinations(of, by, chosen)}) k order by key`.execute(trx);
  return rows.map((found) => ({
    key: found.key,
    unit: found.unit,
    row: Object.fromEntries(by.columns.map((id, index) => [id, found[`c${index}`] ?? null])),
  }));
}

/** Puts on dues what the government pays of them, in fen, by their combination; those that stand so already are left alone. */
export async function putGovernmentPaid(
  trx: Trx,
  of: DuesChanged,
  by: DueColumns,
  chosen: DuesChosen,
  amounts: readonly { readonly key: string; readonly fen: number }[],
): Promise<void> {
  await sql`
    update dues d set government_paid = a.fen, reason = null, changed_by = null, since_at = ${of.at}
    from (${combinations(of, by, chosen)}) k join jsonb_to_recordset(${toJson(amounts)}::jsonb) as a (key text, fen bigint) on a.key = k.key
    where d.county_id = ${of.county} and d.process_id = ${of.process} and d.due_id = k.due_id and k.paid <> a.fen`.execute(trx);
}

function combinations(of: DuesChanged, { columns, today }: DueColumns, chosen: DuesChosen): RawBuilder<unknown> {
  const which = 'persons' in chosen ? sql`r.person_id = any(${[...chosen.persons]}::text[])` : sql`r.since_at >= ${chosen.since}`;
  return sql`
    select g.*, jsonb_build_array(${sql.join([sql`unit`, ...columns.map((_, index) => sql.id(`c${index}`))])})::text as key from (
      select r.due_id, r.unit_id::text as unit, r.government_paid as paid${dueColumns(columns, today)}
      from dues r left join people p on p.county_id = r.county_id and p.person_id = r.person_id left join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
      where r.county_id = ${of.county} and r.process_id = ${of.process} and ${which}) g`;
}

/** Units in which persons live or owe something in the campaign: where figures about them stand. */
export async function unitsOfPersons(trx: Trx, county: string, process: ProcessId, persons: readonly string[]): Promise<readonly UnitId[]> {
  const { rows } = await sql<{ unit: UnitId }>`
    select unit_id as unit from people where county_id = ${county} and person_id = any(${[...persons]}::text[])
    union select unit_id from dues where county_id = ${county} and process_id = ${process} and person_id = any(${[...persons]}::text[]) order by 1`.execute(
    trx,
  );
  return rows.map(({ unit }) => unit);
}
