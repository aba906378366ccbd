import { sql } from 'kysely';
import type { Value } from '../../domain/model/definition.js';
import type { LocalDate, Moment, ProcessId, RoleId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import type { CopyValue } from '../imports/copy-text.js';
import type { BulkSession } from '../imports/session.js';
import { refuseStaged, withinStaged } from '../imports/staged-problems.js';

/** What is recorded of identities, when, by whom and with which import. */
export interface IdentityRecording {
  readonly county: string;
  readonly process: ProcessId;
  readonly at: Moment;
  readonly by: UserId;
  readonly importId: string | null;
}

/**
 * Columns of an identity on its way in. `paths`: the units below which the sender may; `unmet`: the group's own condition does not hold. For an entry only those
 * up to `group_id` are filled.
 */
export const STAGED_IDENTITY = [
  'line', 'problem', 'id_index', 'paths', 'group_id', 'certified_by', 'certified_on', 'withdrawn', 'unmet', 'attributes', 'reason',
] as const; // prettier-ignore

/** One staged row beside what is in force for the same person and group; `certified` null when nothing is. */
export interface StagedEntry {
  readonly line: number;
  readonly person: string;
  readonly name: string;
  readonly born: LocalDate | null;
  readonly unit: UnitId;
  readonly village: string;
  readonly group: string;
  readonly certified: boolean | null;
  readonly certifiedBy: RoleId | null;
  readonly attributes: Readonly<Record<string, Value>>;
}

/**
 * Streams identities into a temporary table of this transaction and finds their persons and what is in force for them. Marked are persons who are not on this
 * campaign's roster or not within the sender's units, and a second line for the same person and group.
 */
export async function stageIdentities(
  session: BulkSession,
  of: IdentityRecording,
  rows: AsyncIterable<readonly CopyValue[]>,
  headingOfId: string,
): Promise<number> {
  const { trx } = session;
  await createStaged(trx);
  const read = await session.copy('staged', STAGED_IDENTITY, rows);
  await sql`analyze staged`.execute(trx);
  await sql`
    update staged s set person_id = p.person_id from people p join units u on u.county_id = p.county_id and u.unit_id = p.unit_id
    where s.problem is null and p.county_id = ${of.county} and p.id_number_index = s.id_index and ${withinStaged}
      and exists (select from dues d where d.county_id = p.county_id and d.process_id = ${of.process} and d.person_id = p.person_id)`.execute(
    trx,
  );
  await refuseStaged(
    trx,
    headingOfId,
    sql`select line, case when person_id is null then 'not-on-roster' else 'twice-in-file' end as code from (
      select line, person_id, row_number() over (partition by id_index, group_id order by line) as n from staged where problem is null) o
      where person_id is null or n > 1`,
  );
  await findBefore(trx, of);
  return read;
}

/** Stages one identity of a known person, as the only line. */
export async function stageIdentity(trx: Trx, of: IdentityRecording, person: string, group: string): Promise<void> {
  await createStaged(trx);
  await sql`insert into staged (line, person_id, group_id) values (1, ${person}, ${group})`.execute(trx);
  await findBefore(trx, of);
}

async function createStaged(trx: Trx): Promise<void> {
  await sql`
    create temp table staged (
      line integer not null, problem jsonb, id_index bytea, paths text[], group_id text collate "C", certified_by text collate "C", certified_on text, withdrawn boolean, unmet boolean, attributes jsonb,
      reason text, person_id text collate "C", before_id text collate "C", before_version integer) on commit drop`.execute(trx);
}

async function findBefore(trx: Trx, of: IdentityRecording): Promise<void> {
  await sql`
    update staged s set before_id = i.identity_id, before_version = i.version from identities i
    where s.problem is null and i.county_id = ${of.county} and i.process_id = ${of.process} and i.person_id = s.person_id and i.group_id = s.group_id and i.until_at is null`.execute(
    trx,
  );
}

/** Persons with what changed for them. */
export interface IdentitiesMerged {
  readonly added: number;
  readonly changed: number;
  readonly persons: readonly string[];
}

/**
 * Certifies what is staged: new ones are added; what is certified otherwise than before (other office, other facts, withdrawn, certified again) becomes the next version, and the day of
 * entry stays. Whom the group's condition leaves out is refused, unless it was certified before: then the change is kept. The same list again changes nothing.
 */
export async function mergeCertified(trx: Trx, of: IdentityRecording, headingOfGroup: string): Promise<IdentitiesMerged> {
  await refuseStaged(
    trx,
    headingOfGroup,
    sql`select line, case when withdrawn then 'not-certified' else 'group-condition' end as code from staged where problem is null and before_id is null and (unmet or withdrawn)`,
  );
  await sql`
    create temp table merging on commit drop as
    select s.line, s.person_id, s.group_id, s.certified_by, s.certified_on, s.withdrawn, s.attributes, s.reason, s.before_id, s.before_version,
      i.entered_on::text as entered_on, i.entered_by::text as entered_by
    from staged s left join identities i on i.county_id = ${of.county} and i.process_id = ${of.process} and i.identity_id = s.before_id and i.version = s.before_version
    where s.problem is null and (i.identity_id is null or i.certified_by is distinct from s.certified_by or i.withdrawn <> s.withdrawn or i.attributes <> s.attributes)`.execute(
    trx,
  );
  return writeMerging(trx, of);
}

/** The staged entries beside what is in force, in order of lines: what the rules on entering are asked about. */
export async function stagedEntries(trx: Trx, of: IdentityRecording, after: number, limit: number): Promise<readonly StagedEntry[]> {
  const { rows } = await sql<StagedEntry>`
    select s.line, s.person_id as person, p.name, p.born, p.unit_id as unit, u.name as village, s.group_id as group,
      case when i.identity_id is not null then i.certified_by is not null and not i.withdrawn end as certified, i.certified_by as "certifiedBy", coalesce(i.attributes, '{}') as attributes
    from staged s join people p on p.county_id = ${of.county} and p.person_id = s.person_id join units u on u.county_id = p.county_id and u.unit_id = p.unit_id
    left join identities i on i.county_id = ${of.county} and i.process_id = ${of.process} and i.identity_id = s.before_id and i.version = s.before_version
    where s.problem is null and s.line > ${after} order by s.line limit ${limit}`.execute(trx);
  return rows;
}

/** Enters what is staged on a day: the day of recording. What is entered already stays entered on its day. */
export async function mergeEntered(trx: Trx, of: IdentityRecording, on: LocalDate): Promise<IdentitiesMerged> {
  await sql`
    create temp table merging on commit drop as
    select s.line, s.person_id, s.group_id, i.certified_by::text as certified_by, i.certified_on::text as certified_on, coalesce(i.withdrawn, false) as withdrawn, coalesce(i.attributes, '{}') as attributes,
      null::text as reason, s.before_id, s.before_version, ${on}::text as entered_on, ${of.by}::text as entered_by
    from staged s left join identities i on i.county_id = ${of.county} and i.process_id = ${of.process} and i.identity_id = s.before_id and i.version = s.before_version
    where s.problem is null and i.entered_on is null`.execute(trx);
  return writeMerging(trx, of);
}

async function writeMerging(trx: Trx, of: IdentityRecording): Promise<IdentitiesMerged> {
  const changed = await sql`
    update identities i set until_at = ${of.at} from merging m
    where i.county_id = ${of.county} and i.process_id = ${of.process} and i.identity_id = m.before_id and i.version = m.before_version`.execute(
    trx,
  );
  const written = await sql`
    insert into identities (county_id, process_id, identity_id, version, person_id, group_id, certified_by, certified_on, withdrawn, entered_on, entered_by, attributes, reason, since_at, import_id, recorded_by)
    select ${of.county}, ${of.process}, coalesce(m.before_id, 'g' || nextval('surrogates')), coalesce(m.before_version, 0) + 1, m.person_id, m.group_id, m.certified_by, m.certified_on, m.withdrawn,
      m.entered_on, m.entered_by, m.attributes, m.reason, ${of.at}, ${of.importId}, ${of.by}
    from merging m order by m.line`.execute(trx);
  const { rows } = await sql<{ person: string }>`select distinct person_id as person from merging order by 1`.execute(trx);
  const differing = Number(changed.numAffectedRows ?? 0);
  return { added: Number(written.numAffectedRows ?? 0) - differing, changed: differing, persons: rows.map(({ person }) => person) };
}

/** An identity that is certified and entered: what membership of a group follows from. */
export interface IdentityEntered {
  readonly person: string;
  readonly group: string;
  readonly certifiedBy: RoleId;
  readonly enteredOn: LocalDate;
  readonly name: string;
  readonly born: LocalDate | null;
  readonly unit: UnitId;
  readonly village: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

/** All that are certified and entered for some persons, in order of persons and groups. */
export async function identitiesEntered(
  db: Db,
  county: string,
  process: ProcessId,
  persons: readonly string[],
): Promise<readonly IdentityEntered[]> {
  const { rows } = await sql<IdentityEntered>`
    select i.person_id as person, i.group_id as group, i.certified_by as "certifiedBy", i.entered_on as "enteredOn", p.name, p.born, p.unit_id as unit, u.name as village, i.attributes
    from identities i join people p on p.county_id = i.county_id and p.person_id = i.person_id join units u on u.county_id = p.county_id and u.unit_id = p.unit_id
    where i.county_id = ${county} and i.process_id = ${process} and i.person_id = any(${[...persons]}::text[]) and i.until_at is null
      and i.certified_by is not null and not i.withdrawn and i.entered_on is not null
    order by 1, 2`.execute(db);
  return rows;
}
