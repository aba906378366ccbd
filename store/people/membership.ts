import { sql } from 'kysely';
import type { Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Trx } from '../connection.js';
import { toJson } from '../json.js';

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

/** Puts on dues what the government pays of them, in fen. */
export async function putGovernmentPaid(
  trx: Trx,
  of: DuesChanged,
  dues: readonly { readonly due: string; readonly fen: number }[],
): Promise<void> {
  if (dues.length === 0) return;
  await sql`
    update dues d set government_paid = r.fen, reason = null, changed_by = null, since_at = ${of.at}
    from jsonb_to_recordset(${toJson(dues)}::jsonb) as r (due text, fen bigint)
    where d.county_id = ${of.county} and d.process_id = ${of.process} and d.due_id = r.due and d.government_paid <> r.fen`.execute(trx);
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
