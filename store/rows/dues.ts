import { sql } from 'kysely';
import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../connection.js';
import { dueColumns } from '../payments/row-sets.js';

/** A due as a duty about persons judges it: whose it is, where, and the columns that its expressions name. */
export interface DueSeen {
  readonly due: string;
  readonly person: string;
  readonly unit: UnitId;
  readonly insurance: string;
  readonly arrivedOn: LocalDate | null;
  readonly row: Readonly<Record<string, RowValue>>;
}

/** Dues by their ids, or the next ones after an id; the columns are those of `ROW_COLUMNS.dues`, as they stand at present. */
export async function seeDues(
  trx: Trx,
  of: { readonly county: string; readonly process: ProcessId; readonly today: LocalDate },
  columns: readonly string[],
  which: { readonly ids: readonly string[] } | { readonly after: string; readonly limit: number },
): Promise<readonly DueSeen[]> {
  const chosen = 'ids' in which ? sql`r.due_id = any(${[...which.ids]}::text[])` : sql`r.due_id > ${which.after}`;
  const { rows } = await sql<Readonly<Record<string, RowValue>> & Omit<DueSeen, 'row'>>`
    select r.due_id as due, r.person_id as person, r.unit_id as unit, r.insurance, r.arrived_on as "arrivedOn"${dueColumns(columns, of.today)}
    from dues r left join people p on p.county_id = r.county_id and p.person_id = r.person_id
    left join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
    where r.county_id = ${of.county} and r.process_id = ${of.process} and ${chosen}
    order by r.due_id limit ${'ids' in which ? null : which.limit}`.execute(trx);
  return rows.map((found) => ({
    due: found.due,
    person: found.person,
    unit: found.unit,
    insurance: found.insurance,
    arrivedOn: found.arrivedOn,
    row: Object.fromEntries(columns.map((id, index) => [id, found[`c${index}`] ?? null])),
  }));
}

/** Takes touched dues off the list, at most so many; whoever looks at them does so in this transaction. */
export async function takeTouched(trx: Trx, county: string, process: ProcessId, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ due: string }>`
    delete from due_touches where touch_id in (
      select touch_id from due_touches where county_id = ${county} and process_id = ${process} order by touch_id limit ${sql.lit(limit)} for update skip locked)
    returning due_id as due`.execute(trx);
  return [...new Set(rows.map(({ due }) => due))].sort();
}
