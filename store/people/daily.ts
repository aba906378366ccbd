import { sql } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { ownShare } from '../payments/own-share.js';

export interface UnpaidRow {
  readonly due: string;
  readonly person: string;
  readonly name: string;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly insurance: string;
  readonly amount: number;
  readonly collected: number;
  readonly arrived: number;
  readonly collector: UserId | null;
  readonly collectorName: string | null;
  /** Paid for the year before: by the roster, or by a campaign of that year. */
  readonly paidLastYear: boolean;
}

export interface UnpaidFilter {
  readonly paths: readonly string[];
  readonly unit: UnitId | null;
  readonly collector: UserId | null;
  readonly insurance: string | null;
  /** Only last year's payers: who paid then and not yet now. */
  readonly lastYearOnly: boolean;
  readonly after: string | null;
  readonly limit: number;
}

/** Who has not paid the own share in full (the tier without what the government pays of it), by village and person, in pages by `due`. */
export async function unpaidDues(db: Db, county: string, process: ProcessId, filter: UnpaidFilter): Promise<readonly UnpaidRow[]> {
  const { rows } = await sql<UnpaidRow>`
    select d.due_id as due, d.person_id as person, p.name, d.unit_id as unit, u.name as "unitName", d.insurance, d.amount, d.collected, d.arrived, d.assigned_to as collector, c.name as "collectorName", last.paid as "paidLastYear"
    from dues d join people p on p.county_id = d.county_id and p.person_id = d.person_id join units u on u.county_id = d.county_id and u.unit_id = d.unit_id
    left join users c on c.county_id = d.county_id and c.user_id = d.assigned_to
    cross join lateral (select coalesce((p.attributes ->> 'paidLastYear')::boolean, false) or exists (
      select from dues b where b.county_id = d.county_id and b.person_id = d.person_id and b.insurance = d.insurance and b.year = d.year - 1 and b.arrived > 0) as paid) last
    where d.county_id = ${county} and d.process_id = ${process} and greatest(d.arrived, d.collected) < ${ownShare('d')}
      and exists (select from unnest(${[...filter.paths]}::text[]) as f (path) where starts_with(d.unit_path, f.path))
      and (${filter.unit}::text is null or d.unit_id = ${filter.unit}) and (${filter.collector}::text is null or d.assigned_to = ${filter.collector}) and (${filter.insurance}::text is null or d.insurance = ${filter.insurance})
      and (not ${filter.lastYearOnly}::boolean or last.paid) and (${filter.after}::text is null or d.due_id > ${filter.after})
    order by d.due_id limit ${filter.limit}`.execute(db);
  return rows;
}

/** True when the person owes anything in the campaign. */
export async function isOnRoster(db: Db, county: string, process: ProcessId, person: string): Promise<boolean> {
  const row = await db
    .selectFrom('dues')
    .select('due_id')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('person_id', '=', person)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewAssignment {
  readonly user: UserId;
  readonly kind: 'area' | 'village' | 'household';
  readonly unit: UnitId | null;
  readonly person: string | null;
  readonly from: LocalDate;
}

/**
 * Ends who had it and enters who has it now (包片, 包村, 包户). What a person owes shows its household's cadre, else its village's; an area is
 * led, not collected. Returns the units whose figures may differ.
 */
export async function assign(trx: Trx, county: string, process: ProcessId, one: NewAssignment, at: Moment): Promise<readonly UnitId[]> {
  await sql`
    update assignments set valid_to = greatest((${one.from}::date - 1)::text, valid_from::text)
    where county_id = ${county} and process_id = ${process} and kind = ${one.kind} and unit_id is not distinct from ${one.unit} and person_id is not distinct from ${one.person} and valid_to is null`.execute(
    trx,
  );
  await trx
    .insertInto('assignments')
    .values({
      county_id: county,
      process_id: process,
      user_id: one.user,
      unit_id: one.unit,
      person_id: one.person,
      kind: one.kind,
      valid_from: one.from,
      valid_to: null,
    })
    .execute();
  if (one.kind === 'area') return [];
  const mine = one.kind === 'village' ? sql`d.unit_id = ${one.unit}` : sql`d.person_id = ${one.person}`;
  const { rows } = await sql<{ unit_id: UnitId }>`
    update dues d set assigned_to = ${one.user}, reason = null, changed_by = null, since_at = ${at}
    where d.county_id = ${county} and d.process_id = ${process} and ${mine} and d.assigned_to is distinct from ${one.user}
      and (${one.kind} = 'household' or not exists (
        select from assignments a where a.county_id = d.county_id and a.process_id = d.process_id and a.kind = 'household' and a.person_id = d.person_id and a.valid_to is null))
    returning d.unit_id`.execute(trx);
  return [...new Set(rows.map((row) => row.unit_id))];
}

export interface ShareRow {
  readonly user: UserId;
  readonly name: string;
  readonly assigned: number;
  readonly paid: number;
  /** Fen that have arrived. */
  readonly amount: number;
}

/** What each cadre was given and what of it is done (S4-13, S4-44). */
export async function sharesByCadre(db: Db, county: string, process: ProcessId, paths: readonly string[]): Promise<readonly ShareRow[]> {
  const { rows } = await sql<ShareRow>`
    select d.assigned_to as user, c.name, count(*) as assigned, count(*) filter (where d.arrived > 0 and d.arrived >= d.amount) as paid, coalesce(sum(d.arrived), 0)::bigint as amount
    from dues d join users c on c.county_id = d.county_id and c.user_id = d.assigned_to
    where d.county_id = ${county} and d.process_id = ${process} and exists (select from unnest(${[...paths]}::text[]) as f (path) where starts_with(d.unit_path, f.path))
    group by 1, 2 order by 1`.execute(db);
  return rows;
}

export interface ReceiptRange {
  readonly range: number;
  readonly prefix: string;
  readonly first: number;
  readonly last: number;
  readonly unit: UnitId;
  readonly issuedTo: string | null;
  readonly issuedOn: LocalDate;
}

export async function lockReceipts(trx: Trx, county: string, process: ProcessId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('duban-receipts'), hashtext(${`${county}/${process}`}))`.execute(trx);
}

const rangeColumns = sql`range_id as range, prefix, first_number as first, last_number as last, unit_id as unit, issued_to as "issuedTo", issued_on as "issuedOn"`;

export async function receiptRanges(db: Db, county: string, process: ProcessId): Promise<readonly ReceiptRange[]> {
  const { rows } =
    await sql<ReceiptRange>`select ${rangeColumns} from receipts where county_id = ${county} and process_id = ${process} order by prefix, first_number`.execute(
      db,
    );
  return rows;
}

export async function addReceiptRange(trx: Trx, county: string, process: ProcessId, range: Omit<ReceiptRange, 'range'>): Promise<number> {
  const row = await trx
    .insertInto('receipts')
    .values({
      county_id: county,
      process_id: process,
      prefix: range.prefix,
      first_number: range.first,
      last_number: range.last,
      unit_id: range.unit,
      issued_to: range.issuedTo,
      issued_on: range.issuedOn,
    })
    .returning('range_id')
    .executeTakeFirstOrThrow();
  return row.range_id;
}

/** Receipt texts used by collections that stand. */
export async function usedReceipts(db: Db, county: string, process: ProcessId, prefix: string): Promise<readonly string[]> {
  const { rows } = await sql<{ receipt: string }>`
    select distinct receipt from payments where county_id = ${county} and process_id = ${process} and kind <> 'reversal' and receipt is not null and starts_with(receipt, ${prefix})`.execute(
    db,
  );
  return rows.map((row) => row.receipt);
}
