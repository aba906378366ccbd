import { sql, type RawBuilder } from 'kysely';
import type { RowSet } from '../../domain/model/definition.js';
import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import { ROW_COLUMNS } from '../../domain/rules/columns.js';
import type { RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../connection.js';
import { standingOver } from '../deductions/standing.js';
import { duesAsOf, duesEntered, identitiesAsOf, type AsOf } from './as-of.js';

export interface RowQuery {
  readonly county: string;
  readonly process: ProcessId;
  readonly asOf: AsOf | null;
  /** The day ages are asked about. */
  readonly today: LocalDate;
  /** Only these units; null = all. */
  readonly units: readonly UnitId[] | null;
}

/** Rows alike in every column asked for, in one unit. `n`: how many. */
export interface RowGroup {
  readonly unit: UnitId;
  readonly n: number;
  readonly row: Readonly<Record<string, RowValue>>;
}

/** Row sets that the store holds rows of. */
const STORED = ['dues', 'payments', 'people', 'identities', 'held', 'attempts'] as const;
type Stored = (typeof STORED)[number];
export const isStored = (over: RowSet): over is Stored => (STORED as readonly string[]).includes(over);

/** What a column holds that no office has filled in. */
const EMPTY = {
  text: "''",
  count: '0',
  money: '0',
  percent: "'0'",
  date: 'null',
  month: "''",
  yesno: 'false',
  texts: "'{}'::text[]",
} as const;
const CAST = {
  text: 'text',
  count: 'bigint',
  money: 'bigint',
  percent: 'text',
  date: 'text',
  month: 'text',
  yesno: 'boolean',
  texts: 'text',
} as const;

/** Completed years, as `ageOn`: born on 02-29, a person turns the age on 02-28 in common years. */
const age = (today: LocalDate): RawBuilder<unknown> => {
  const leap = (Number(today.slice(0, 4)) % 4 === 0 && Number(today.slice(0, 4)) % 100 !== 0) || Number(today.slice(0, 4)) % 400 === 0;
  const birthday = leap ? sql`substr(p.born::text, 6)` : sql`replace(substr(p.born::text, 6), '02-29', '02-28')`;
  return sql`(${Number(today.slice(0, 4))}::int - substr(p.born::text, 1, 4)::int - case when ${today.slice(5)}::text < ${birthday} then 1 else 0 end)`;
};

const PERSON: Readonly<Record<string, RawBuilder<unknown>>> = {
  person: sql`p.person_id::text`,
  name: sql`p.name`,
  village: sql`u.name`,
  born: sql`p.born::text`,
  insurance: sql`r.insurance::text`,
  year: sql`r.year`,
};

const DUE: Readonly<Record<string, RawBuilder<unknown>>> = {
  ...PERSON,
  groups: sql`r.groups`,
  lateGroups: sql`r.late_groups`,
  item: sql`r.item::text`,
  tier: sql`coalesce(r.tier, r.amount)`,
  amount: sql`case when r.arrived > 0 then r.arrived else r.amount end`,
  yearSum: sql`greatest(r.arrived, r.collected)`,
  alreadyPaid: sql`(r.arrived > 0 or r.collected > 0)`,
  arrived: sql`(r.arrived > 0 and r.arrived >= r.amount)`,
  arrivedOn: sql`r.arrived_on::text`,
  collected: sql`(r.collected > 0 and r.collected >= r.amount)`,
  deposited: sql`r.deposited`,
  assignedTo: sql`coalesce(r.assigned_to::text, '')`,
};

const PAYMENT: Readonly<Record<string, RawBuilder<unknown>>> = {
  ...PERSON,
  groups: sql`coalesce(d.groups, '{}')`,
  tier: sql`coalesce(d.tier, d.amount, 0)`,
  amount: sql`r.amount`,
  yearSum: sql`coalesce(greatest(d.arrived, d.collected), 0)`,
  alreadyPaid: sql`coalesce(d.arrived > 0 or d.collected > 0, false)`,
  kind: sql`r.kind`,
  happenedOn: sql`r.happened_on::text`,
  channel: sql`coalesce(r.channel, '')`,
  means: sql`coalesce(r.means, '')`,
  receipt: sql`coalesce(r.receipt, '')`,
  onRoster: sql`(d.due_id is not null)`,
};

const IDENTITY: Readonly<Record<string, RawBuilder<unknown>>> = {
  ...PERSON,
  group: sql`r.group_id::text`,
  certified: sql`(r.certified_by is not null and not r.withdrawn)`,
  certifiedBy: sql`coalesce(r.certified_by::text, '')`,
  entered: sql`(r.entered_on is not null)`,
  enteredOn: sql`r.entered_on::text`,
};

const HELD: Readonly<Record<string, RawBuilder<unknown>>> = {
  insurance: sql`r.insurance::text`,
  amount: sql`r.amount`,
  collectedOn: sql`r.collected_on::text`,
};

const ATTEMPT: Readonly<Record<string, RawBuilder<unknown>>> = {
  insurance: sql`r.insurance::text`,
  year: sql`r.year`,
  deduction: sql`r.deduction::text`,
  round: sql`r.round`,
  amount: sql`r.amount`,
  sentOn: sql`r.sent_on`,
  standing: sql`r.standing`,
};

/** SQL of a column; one that the store does not keep is read from the attributes that came with the roster. */
function columnSql(over: Stored, id: string, today: LocalDate): RawBuilder<unknown> {
  if (id === 'unit') return sql`r.unit_id::text`;
  if (id === 'age') return age(today);
  const own = { dues: DUE, people: DUE, payments: PAYMENT, identities: IDENTITY, held: HELD, attempts: ATTEMPT }[over][id];
  if (own) return own;
  const type = ROW_COLUMNS[over][id]?.type ?? 'text';
  if (over === 'held' || over === 'attempts' || type === 'texts') return sql.raw(EMPTY[type]);
  const attributes = over === 'payments' ? sql`(p.attributes || coalesce(d.attributes, '{}'))` : sql`(p.attributes || r.attributes)`;
  return sql`coalesce((${attributes} ->> ${sql.lit(id)})::${sql.raw(CAST[type])}, ${sql.raw(EMPTY[type])})`;
}

function source(over: Stored, q: RowQuery): RawBuilder<unknown> {
  const mine = sql`r.county_id = ${q.county} and r.process_id = ${q.process}`;
  const units = q.units === null ? sql`` : sql` and r.unit_id = any(${[...q.units]}::text[])`;
  const before = q.asOf === null ? sql`` : sql` and r.happened_on <= ${q.asOf.happenedBy} and r.recorded_at < ${q.asOf.recordedBefore}`;
  switch (over) {
    case 'dues':
    case 'people':
      return sql`from ${duesAsOf(q)} r left join people p on p.county_id = r.county_id and p.person_id = r.person_id left join units u on u.county_id = r.county_id and u.unit_id = r.unit_id where ${mine}${units}`;
    case 'payments':
      return sql`from payments r join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
        left join people p on p.county_id = r.county_id and p.person_id = r.person_id left join ${duesAsOf(q)} d on d.county_id = r.county_id and d.process_id = r.process_id and d.due_id = r.due_id
        where ${mine}${units}${before}`;
    case 'identities':
      return sql`from ${identitiesAsOf(q)} r left join people p on p.county_id = r.county_id and p.person_id = r.person_id left join units u on u.county_id = r.county_id and u.unit_id = r.unit_id where ${mine}${units}`;
    case 'held':
      return sql`from (
        select county_id, process_id, unit_id, insurance,
          (coalesce(sum(amount) filter (where basis = 'collected'), 0) - coalesce(sum(amount) filter (where basis = 'remitted'), 0))::bigint as amount,
          min(happened_on::text) filter (where basis = 'collected' and running > remitted) as collected_on
        from (
          select b.*, sum(amount) filter (where basis = 'collected') over (partition by unit_id, insurance order by happened_on, seq) as running,
            coalesce(sum(amount) filter (where basis = 'remitted') over (partition by unit_id, insurance), 0) as remitted
          from (
            select r.*, case when r.kind = 'reversal' then coalesce(o.kind, 'arrived') else r.kind end as basis
            from payments r left join payments o on r.kind = 'reversal' and o.county_id = r.county_id and o.process_id = r.process_id and o.payment_id = r.reverses
            where ${mine}${units}${before} and r.unit_id is not null) b) c
        group by 1, 2, 3, 4) r where r.amount > 0`;
    case 'attempts': {
      const [made, said] =
        q.asOf === null
          ? [sql``, sql`deduction_outcomes`]
          : [
              sql` and b.made_at < ${q.asOf.recordedBefore} and left(b.made_at::text, 10) <= ${q.asOf.happenedBy}`,
              sql`(select a.* from deduction_outcomes a join deduction_returns t on t.county_id = a.county_id and t.return_id = a.return_id
                where a.county_id = ${q.county} and t.at < ${q.asOf.recordedBefore} and left(t.at::text, 10) <= ${q.asOf.happenedBy})`,
            ];
      return sql`from (
        select b.process_id, l.unit_id, b.insurance, b.year, b.deduction, b.round, l.amount, left(b.made_at::text, 10) as sent_on, ${standingOver} as standing
        from deduction_batches b join deduction_lines l on l.county_id = b.county_id and l.batch_id = b.batch_id
        left join ${said} o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
        where b.county_id = ${q.county} and b.process_id = ${q.process}${made} group by b.county_id, b.batch_id, l.county_id, l.batch_id, l.line) r
        where r.process_id = ${q.process}${units}`;
    }
    default:
      return never(over);
  }
}

/** Columns of dues as `, … as c0, … as c1`, for a query over `dues r`, `people p` and `units u`. */
export const dueColumns = (columns: readonly string[], today: LocalDate): RawBuilder<unknown> =>
  columns.length === 0
    ? sql``
    : sql`, ${sql.join(columns.map((id, index) => sql`${columnSql('dues', id, today)} as ${sql.id(`c${index}`)}`))}`;

const PAGE = 5_000;

/**
 * Rows of a row set grouped by unit and by `columns`, so that an expression is evaluated once for all rows alike. Read through a cursor:
 * memory does not grow with the rows. The columns are those of `ROW_COLUMNS`; `phase` is the caller's business.
 */
export async function* rowGroups(trx: Trx, over: Stored, columns: readonly string[], q: RowQuery): AsyncGenerator<RowGroup> {
  const selected = columns.map((id, index) => sql`${columnSql(over, id, q.today)} as ${sql.id(`c${index}`)}`);
  const grouping = sql.join([sql`1`, ...columns.map((_, index) => sql.raw(String(index + 3)))]);
  const name = sql.id(`rows_${(counter += 1)}`);
  // Figures as of a day read whole tables; just after a large import the planner knows nothing of their size and would join row by row.
  if (q.asOf !== null)
    await sql`select set_config('enable_nestloop', 'off', true), set_config('cursor_tuple_fraction', '1', true)`.execute(trx);
  await sql`declare ${name} no scroll cursor for
    select r.unit_id::text as unit, count(*) as n${columns.length === 0 ? sql`` : sql`, ${sql.join(selected)}`} ${source(over, q)} group by ${grouping}`.execute(
    trx,
  );
  try {
    for (;;) {
      const { rows } = await sql<
        Readonly<Record<string, RowValue>> & { unit: UnitId; n: number }
      >`fetch ${sql.lit(PAGE)} from ${name}`.execute(trx);
      for (const found of rows)
        yield { unit: found.unit, n: found.n, row: Object.fromEntries(columns.map((id, index) => [id, found[`c${index}`] ?? null])) };
      if (rows.length < PAGE) break;
    }
  } finally {
    await sql`close ${name}`.execute(trx);
  }
}
let counter = 0;

/** Rows of `paying` (an import on its way) as rows of `payments`. */
const PAYING = sql`from (select line, at_unit as unit_id, person_id, due_id, insurance, year, amount, kind, on_date as happened_on, channel, means, receipt from paying where reason is null and kind <> 'reversal') r`;

function payingRows(county: string, process: ProcessId): RawBuilder<unknown> {
  return sql`${PAYING} left join units u on u.county_id = ${county} and u.unit_id = r.unit_id left join people p on p.county_id = ${county} and p.person_id = r.person_id
    left join dues d on d.county_id = ${county} and d.process_id = ${process} and d.due_id = r.due_id`;
}

/** Distinct combinations of columns among the payments on their way in, with their key. */
export async function payingGroups(
  trx: Trx,
  columns: readonly string[],
  q: RowQuery,
): Promise<readonly (RowGroup & { readonly key: string })[]> {
  const selected = columns.map((id, index) => sql`${columnSql('payments', id, q.today)} as ${sql.id(`c${index}`)}`);
  const { rows } = await sql<Readonly<Record<string, RowValue>> & { unit: UnitId; n: number; key: string }>`
    select unit, ${sql.join([sql`count(*) as n`, ...columns.map((_, index) => sql.id(`c${index}`))])}, ${combination(columns)} as key
    from (select r.unit_id::text as unit${columns.length === 0 ? sql`` : sql`, ${sql.join(selected)}`} ${payingRows(q.county, q.process)}) g group by unit${columns.length === 0 ? sql`` : sql`, ${sql.join(columns.map((_, index) => sql.id(`c${index}`)))}`}`.execute(
    trx,
  );
  return rows.map((found) => ({
    unit: found.unit,
    n: found.n,
    key: found.key,
    row: Object.fromEntries(columns.map((id, index) => [id, found[`c${index}`] ?? null])),
  }));
}

/** Gives a reason to all payments on their way in that have one of these combinations. */
export async function markPaying(
  trx: Trx,
  columns: readonly string[],
  q: RowQuery,
  reason: string,
  keys: readonly string[],
): Promise<void> {
  const selected = columns.map((id, index) => sql`${columnSql('payments', id, q.today)} as ${sql.id(`c${index}`)}`);
  await sql`
    update paying set reason = ${reason}
    from (select line, ${combination(columns)} as key from (select r.line, r.unit_id::text as unit${columns.length === 0 ? sql`` : sql`, ${sql.join(selected)}`} ${payingRows(q.county, q.process)}) g) k
    where k.line = paying.line and k.key = any(${[...keys]}::text[])`.execute(trx);
}

const combination = (columns: readonly string[]): RawBuilder<unknown> =>
  sql`jsonb_build_array(${sql.join([sql`unit`, ...columns.map((_, index) => sql.id(`c${index}`))])})::text`;

export interface UnitTotal {
  readonly unit: UnitId;
  readonly insurance: string;
  readonly persons: number;
  /** Fen. */
  readonly amount: number;
  /** Dues of the unit for the insurance: the persons of the total are among them. */
  readonly dues: number;
}

/** Village totals in force: entered, and not yet replaced by a later entry or by the detail. */
export async function unitTotals(trx: Trx, q: RowQuery): Promise<readonly UnitTotal[]> {
  const inForce =
    q.asOf === null
      ? sql`t.replaced_at is null`
      : sql`t.on_date <= ${q.asOf.happenedBy} and t.recorded_at < ${q.asOf.recordedBefore} and (t.replaced_at is null or t.replaced_at >= ${q.asOf.recordedBefore})`;
  const units = q.units === null ? sql`` : sql` and t.unit_id = any(${[...q.units]}::text[])`;
  const { rows } = await sql<UnitTotal>`
    select t.unit_id as unit, t.insurance, sum(t.persons)::bigint as persons, sum(t.amount)::bigint as amount,
      (select count(*) from ${duesEntered(q)} d where d.county_id = ${q.county} and d.process_id = ${q.process} and d.unit_id = t.unit_id and d.insurance = t.insurance) as dues
    from unit_totals t where t.county_id = ${q.county} and t.process_id = ${q.process} and ${inForce}${units} group by 1, 2 order by 1, 2`.execute(
    trx,
  );
  return rows;
}

/** SHA-256 per unit over what each due stood at, in order; with the number of rows. */
export async function standingDigests(
  trx: Trx,
  q: RowQuery,
): Promise<readonly { readonly unit: UnitId; readonly rows: number; readonly digest: string }[]> {
  const { rows } = await sql<{ unit: UnitId; rows: number; digest: string }>`
    select r.unit_id as unit, count(*) as rows,
      encode(sha256(convert_to(string_agg(r.due_id || ' ' || r.amount || ' ' || r.arrived || ' ' || r.collected || ' ' || coalesce(r.arrived_on::text, '') || ' ' || r.deposited || ' ' || r.government_paid, E'\n' order by r.due_id), 'UTF8')), 'hex') as digest
    ${source('dues', q)} group by 1 order by 1`.execute(trx);
  return rows;
}

function never(over: never): never {
  throw new Error(`no rows of ${String(over)}`);
}
