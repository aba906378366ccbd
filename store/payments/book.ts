import { sql } from 'kysely';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Value } from '../../domain/model/definition.js';
import type { Db, Trx } from '../connection.js';

/** A due with what stands on it and whose it is. Money in fen. */
export interface DueRow {
  readonly due: string;
  readonly person: string;
  readonly name: string;
  readonly born: LocalDate | null;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly path: string;
  readonly insurance: string;
  readonly year: number;
  readonly tier: number | null;
  readonly amount: number;
  readonly arrived: number;
  readonly collected: number;
  readonly groups: readonly string[];
  readonly assignedTo: UserId | null;
  readonly attributes: Readonly<Record<string, Value>>;
}

/** A due, locked for this transaction; null when the campaign has none of that id. */
export async function lockDue(trx: Trx, county: string, process: ProcessId, due: string): Promise<DueRow | null> {
  const { rows } = await sql<DueRow>`
    select d.due_id as due, d.person_id as person, p.name, p.born, d.unit_id as unit, u.name as "unitName", d.unit_path as path, d.insurance, d.year, d.tier, d.amount, d.arrived, d.collected,
      d.groups, d.assigned_to as "assignedTo", p.attributes || d.attributes as attributes
    from dues d join people p on p.county_id = d.county_id and p.person_id = d.person_id join units u on u.county_id = d.county_id and u.unit_id = d.unit_id
    where d.county_id = ${county} and d.process_id = ${process} and d.due_id = ${due} for update of d`.execute(trx);
  return rows[0] ?? null;
}

export interface NewPayment {
  readonly county: string;
  readonly process: ProcessId;
  readonly id: string;
  readonly due: string | null;
  readonly person: string | null;
  readonly unit: UnitId | null;
  readonly insurance: string;
  readonly year: number;
  readonly amount: number;
  readonly kind: 'collected' | 'remitted' | 'arrived' | 'reversal';
  readonly on: LocalDate;
  readonly at: Moment;
  readonly source: string;
  readonly meaning: string;
  readonly by: UserId;
  readonly onBehalfOf?: string | null;
  readonly receipt?: string | null;
  readonly channel?: string | null;
  readonly means?: string | null;
  readonly reverses?: string | null;
  readonly externalId?: string | null;
}

/** Adds a payment; false when one of the same meaning is there already. */
export async function addPayment(trx: Trx, payment: NewPayment): Promise<boolean> {
  const done = await trx
    .insertInto('payments')
    .values({
      county_id: payment.county,
      process_id: payment.process,
      payment_id: payment.id,
      due_id: payment.due,
      person_id: payment.person,
      unit_id: payment.unit,
      insurance: payment.insurance,
      year: payment.year,
      amount: payment.amount,
      kind: payment.kind,
      happened_on: payment.on,
      recorded_at: payment.at,
      source: payment.source,
      source_line: null,
      external_id: payment.externalId ?? null,
      receipt: payment.receipt ?? null,
      channel: payment.channel ?? null,
      means: payment.means ?? null,
      meaning: payment.meaning,
      reverses: payment.reverses ?? null,
      import_id: null,
      recorded_by: payment.by,
      on_behalf_of: payment.onBehalfOf ?? null,
    })
    .onConflict((on) => on.columns(['county_id', 'process_id', 'meaning']).doNothing())
    .executeTakeFirst();
  return done.numInsertedOrUpdatedRows === 1n;
}

/** The payment that has this meaning, if any. */
export async function paymentByMeaning(trx: Trx, county: string, process: ProcessId, meaning: string): Promise<string | null> {
  const row = await trx
    .selectFrom('payments')
    .select('payment_id')
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('meaning', '=', meaning)
    .executeTakeFirst();
  return row?.payment_id ?? null;
}

/** What a unit holds in cash for an insurance: collected and not yet handed in. Fen, as the ledger has it. */
export async function heldBy(db: Db, county: string, process: ProcessId, unit: UnitId, insurance: string): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    select coalesce(sum(amount), 0)::bigint as held from ledger_postings
    where county_id = ${county} and process_id = ${process} and account = 'cash' and holder = ${unit} and insurance = ${insurance}`.execute(
    db,
  );
  return rows[0]?.held ?? 0;
}

/** Puts an amount (negative takes away) on what stands on a due. */
export async function creditDue(
  trx: Trx,
  county: string,
  process: ProcessId,
  due: string,
  basis: 'arrived' | 'collected',
  amount: number,
  on: LocalDate,
): Promise<void> {
  await sql`
    update dues set ${sql.id(basis)} = ${sql.id(basis)} + ${amount},
      arrived_on = case when ${basis} = 'collected' then arrived_on when arrived + ${amount} <= 0 then null else greatest(arrived_on, ${on}) end
    where county_id = ${county} and process_id = ${process} and due_id = ${due}`.execute(trx);
}

export interface SuspenseRow {
  readonly suspense: string;
  readonly payment: string;
  readonly reason: string;
  readonly amount: number;
  readonly status: 'open' | 'allotted' | 'refunded';
  readonly basis: 'arrived' | 'collected';
  readonly person: string | null;
  readonly name: string | null;
  readonly unit: UnitId | null;
  readonly village: string | null;
  readonly insurance: string;
  readonly year: number;
  readonly on: LocalDate;
  readonly recordedAt: Moment;
  readonly line: number | null;
  readonly importId: string | null;
}

const suspenseSelect = sql`
  select s.suspense_id as suspense, s.payment_id as payment, s.reason, s.amount, s.status, coalesce(s.detail ->> 'basis', 'arrived') as basis, k.person_id as person, coalesce(p.name, s.detail ->> 'name') as name,
    k.unit_id as unit, coalesce(u.name, s.detail ->> 'village') as village, k.insurance, k.year, k.happened_on as on, k.recorded_at as "recordedAt", k.source_line as line, k.import_id as "importId"
  from suspense s join payments k on k.county_id = s.county_id and k.process_id = s.process_id and k.payment_id = s.payment_id
  left join people p on p.county_id = k.county_id and p.person_id = k.person_id left join units u on u.county_id = k.county_id and u.unit_id = k.unit_id`;

/** One case of suspense, locked; null when there is none of that id. */
export async function lockSuspense(trx: Trx, county: string, process: ProcessId, suspense: string): Promise<SuspenseRow | null> {
  const { rows } =
    await sql<SuspenseRow>`${suspenseSelect} where s.county_id = ${county} and s.process_id = ${process} and s.suspense_id = ${suspense} for update of s`.execute(
      trx,
    );
  return rows[0] ?? null;
}

/** Cases of suspense that a caller may see: of units in these paths; those of no known unit only for who sees the whole campaign (`all`). */
export async function listSuspense(
  db: Db,
  county: string,
  process: ProcessId,
  filter: {
    readonly status: SuspenseRow['status'] | null;
    readonly paths: readonly string[];
    readonly all: boolean;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly SuspenseRow[]> {
  const { rows } = await sql<SuspenseRow>`
    ${suspenseSelect}
    where s.county_id = ${county} and s.process_id = ${process} and (${filter.status}::text is null or s.status = ${filter.status}) and (${filter.after}::text is null or s.suspense_id > ${filter.after})
      and (${filter.all} or exists (select from unnest(${[...filter.paths]}::text[]) as f (path) where starts_with(u.path, f.path)))
    order by s.suspense_id limit ${filter.limit}`.execute(db);
  return rows;
}

/** Closes a case; what was done stays in its detail. */
export async function settleSuspense(
  trx: Trx,
  county: string,
  process: ProcessId,
  suspense: string,
  as: 'allotted' | 'refunded',
  by: UserId,
  at: Moment,
  detail: Readonly<Record<string, string>>,
): Promise<void> {
  await sql`
    update suspense set status = ${as}, settled_by = ${by}, settled_at = ${at}, detail = detail || ${JSON.stringify(detail)}::jsonb
    where county_id = ${county} and process_id = ${process} and suspense_id = ${suspense}`.execute(trx);
}
