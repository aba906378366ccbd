import { sql } from 'kysely';
import type { Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { CopyValue } from '../imports/copy-text.js';
import type { BulkSession } from '../imports/session.js';

/** Columns of a roster row on its way in. `problem`: JSON list of row problems; then the rest does not count. */
export const STAGED_ROSTER = [
  'line', 'problem', 'id_index', 'id_cipher', 'name', 'born', 'unit_id', 'insurance', 'year', 'tier', 'amount', 'government_paid', 'groups', 'phone_cipher', 'assigned_to', 'attributes',
] as const; // prettier-ignore

/** Streams the roster into a temporary table of this transaction and marks a second line for the same due of the same person. */
export async function stageRoster(session: BulkSession, rows: AsyncIterable<readonly CopyValue[]>, headingOfId: string): Promise<number> {
  await sql`
    create temp table staged (
      line integer not null, problem jsonb, id_index bytea, id_cipher bytea, name text, born text collate "C", unit_id text collate "C", insurance text collate "C",
      year integer, tier bigint, amount bigint, government_paid bigint, groups text[], phone_cipher bytea, assigned_to text collate "C", attributes jsonb) on commit drop`.execute(
    session.trx,
  );
  const read = await session.copy('staged', STAGED_ROSTER, rows);
  await sql`
    update staged s set problem = jsonb_build_array(jsonb_build_object('line', s.line, 'column', ${headingOfId}::text, 'code', 'twice-in-file', 'params', '{}'::jsonb))
    from (select line, row_number() over (partition by id_index, insurance, year order by line) as n from staged where problem is null) d
    where d.line = s.line and d.n > 1`.execute(session.trx);
  await sql`analyze staged`.execute(session.trx);
  return read;
}

export interface RosterMerged {
  readonly persons: number;
  readonly changed: number;
  readonly dues: number;
  /** Rows that changed nothing. */
  readonly known: number;
  /** Units whose figures may differ now. */
  readonly units: readonly UnitId[];
}

/**
 * Persons by ID number, then what each owes. What a file does not say (phone, groups, cadre) stays as it was; what it says differently is
 * changed, never what has been paid. `at`: the business moment from which it is owed so; what it was before is kept for figures as of an earlier
 * moment, so what the file says of a person (attributes) stands on the due as well.
 */
export async function mergeRoster(session: BulkSession, county: string, process: ProcessId, at: Moment): Promise<RosterMerged> {
  const { trx } = session;
  await sql`
    create temp table touched (unit_id text collate "C", line integer) on commit drop`.execute(trx);
  const persons = await sql`
    insert into people (county_id, person_id, id_number_cipher, id_number_index, name, born, phone_cipher, unit_id, attributes)
    select ${county}, 'n' || nextval('surrogates'), s.id_cipher, s.id_index, s.name, s.born, s.phone_cipher, s.unit_id, coalesce(s.attributes, '{}')
    from (select distinct on (id_index) * from staged where problem is null order by id_index, line) s
    where not exists (select from people p where p.county_id = ${county} and p.id_number_index = s.id_index)
    on conflict do nothing`.execute(trx);
  const changed = await sql`
    with differing as (
      select distinct on (p.person_id) p.person_id, s.*, p.unit_id as before
      from staged s join people p on p.county_id = ${county} and p.id_number_index = s.id_index
      where s.problem is null and (p.name <> s.name or p.unit_id <> s.unit_id or (s.phone_cipher is not null and p.phone_cipher is null) or not p.attributes @> coalesce(s.attributes, '{}'))
      order by p.person_id, s.line),
    noted as (insert into touched select before, line from differing)
    update people p set name = d.name, unit_id = d.unit_id, phone_cipher = coalesce(d.phone_cipher, p.phone_cipher), attributes = p.attributes || coalesce(d.attributes, '{}'), version = p.version + 1
    from differing d where p.county_id = ${county} and p.person_id = d.person_id`.execute(trx);
  await sql`
    create temp table owing on commit drop as
    select s.*, p.person_id::text as person_id, u.path::text as path, d.due_id::text as due_id, d.unit_id::text as before,
      d.due_id is not null and (d.tier is not distinct from coalesce(s.tier, d.tier) and d.amount = s.amount and d.unit_id = s.unit_id and d.government_paid = coalesce(s.government_paid, d.government_paid)
        and d.groups = coalesce(s.groups, d.groups) and d.attributes @> coalesce(s.attributes, '{}') and d.assigned_to is not distinct from coalesce(s.assigned_to, d.assigned_to::text)) as same
    from staged s join people p on p.county_id = ${county} and p.id_number_index = s.id_index join units u on u.county_id = ${county} and u.unit_id = s.unit_id
    left join dues d on d.county_id = ${county} and d.process_id = ${process} and d.person_id = p.person_id and d.insurance = s.insurance and d.year = s.year and d.item = 'contribution'
    where s.problem is null`.execute(trx);
  const inserted = await sql`
    insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, tier, amount, groups, government_paid, assigned_to, attributes, since_at)
    select ${county}, ${process}, 'd' || nextval('surrogates'), person_id, unit_id, path, insurance, year, tier, amount, coalesce(groups, '{}'), coalesce(government_paid, 0), assigned_to, coalesce(attributes, '{}'), ${at}
    from owing where due_id is null`.execute(trx);
  await sql`
    update dues d set unit_id = o.unit_id, unit_path = o.path, tier = coalesce(o.tier, d.tier), amount = o.amount, groups = coalesce(o.groups, d.groups),
      government_paid = coalesce(o.government_paid, d.government_paid), assigned_to = coalesce(o.assigned_to, d.assigned_to), attributes = d.attributes || coalesce(o.attributes, '{}'), reason = null, changed_by = null, since_at = ${at}
    from owing o where d.county_id = ${county} and d.process_id = ${process} and d.due_id = o.due_id and not o.same`.execute(trx);
  await sql`insert into touched select unit_id, line from owing where due_id is null or not same union all select before, line from owing where before <> unit_id`.execute(
    trx,
  );
  const { rows } = await sql<{ known: number; units: UnitId[] | null }>`
    select (select count(*) from staged where problem is null) - (select count(distinct line) from touched) as known, (select array_agg(distinct unit_id) from touched) as units`.execute(
    trx,
  );
  return {
    persons: Number(persons.numAffectedRows ?? 0),
    changed: Number(changed.numAffectedRows ?? 0),
    dues: Number(inserted.numAffectedRows ?? 0),
    known: rows[0]?.known ?? 0,
    units: rows[0]?.units ?? [],
  };
}
