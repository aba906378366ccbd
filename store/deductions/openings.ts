import { sql } from 'kysely';
import type { RefundEvent } from '../../domain/model/deduction.js';
import type { LocalDate, Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import type { RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../connection.js';
import { openCasesFrom } from '../cases/openings.js';
import { dueColumns } from '../payments/row-sets.js';

export interface RoutedOf {
  readonly county: string;
  readonly process: ProcessId;
  readonly deduction: string;
  readonly batch: string;
  readonly round: number;
  readonly returnId: string;
  readonly today: LocalDate;
}

/** Lines posted with an outcome whose route looks at the due: alike in all that it looks at. */
export interface RoutedKind {
  readonly key: string;
  readonly outcome: string;
  readonly unit: UnitId;
  readonly row: Readonly<Record<string, RowValue>>;
}

/** Puts the posted lines of these outcomes with their dues into the temporary table `routed`, and returns the kinds there are. */
export async function routeKinds(
  trx: Trx,
  of: RoutedOf,
  outcomes: readonly string[],
  columns: readonly string[],
  perUnit: boolean,
): Promise<readonly RoutedKind[]> {
  const cells = columns.map((_, index) => sql.id(`c${index}`));
  const alike = cells.length === 0 ? sql`` : sql`, ${sql.join(cells)}`;
  await sql`
    create temp table routed on commit drop as
    select q.*, md5(jsonb_build_array(${sql.join([sql`q.outcome`, ...(perUnit ? [sql`q.unit_id`] : []), ...cells.map((cell) => sql`q.${cell}`)])})::text) as key
    from (
      select j.line, j.outcome, r.unit_id::text as unit_id${dueColumns(columns, of.today)}
      from judged j join dues r on r.county_id = ${of.county} and r.process_id = ${of.process} and r.due_id = j.due_id
      left join people p on p.county_id = r.county_id and p.person_id = r.person_id left join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
      where j.verdict = 'post' and j.outcome = any(${[...outcomes]}::text[])) q`.execute(trx);
  if (outcomes.length === 0) return [];
  const { rows } = await sql<Readonly<Record<string, RowValue>> & Omit<RoutedKind, 'row'>>`
    select key, min(outcome) as outcome, min(unit_id) as unit${alike}
    from routed group by key${alike} order by key`.execute(trx);
  return rows.map((found) => ({
    key: found.key,
    outcome: found.outcome,
    unit: found.unit,
    row: Object.fromEntries(columns.map((id, index) => [id, found[`c${index}`] ?? null])),
  }));
}

/** Where a route leads: the kind of case to open; null = it is only told to the open cases of the due. */
export interface RouteTo {
  readonly outcome: string;
  readonly type: string | null;
}

/**
 * Tells of posted lines what calls for cases: `always` for every line of an outcome, `byKey` for the kinds of `routeKinds`. The cause says what the case must
 * know. Returns how many were stored.
 */
export async function tellCases(
  trx: Trx,
  of: RoutedOf,
  always: readonly RouteTo[],
  byKey: readonly (RouteTo & { readonly key: string })[],
  told: { readonly at: Moment; readonly by: UserId },
): Promise<number> {
  if (always.length === 0 && byKey.length === 0) return 0;
  // Most lines call for nothing: they are left out before anything is joined.
  const outcomes = [...new Set([...always, ...byKey].map(({ outcome }) => outcome))];
  return openCasesFrom(
    trx,
    of.county,
    of.process,
    sql`
    select ${`${of.batch}/`}::text || j.line || ${`/${of.returnId}`}::text, coalesce(k.type, a.type), j.due_id, ${`${of.deduction}.`}::text || j.outcome,
      jsonb_strip_nulls(jsonb_build_object('deduction', ${of.deduction}::text, 'round', ${of.round}::integer, 'outcome', j.outcome, 'batch', ${of.batch}::text, 'line', j.line, 'code', j.code,
        'amount', j.amount, 'deposited', d.deposited, 'short', greatest(j.amount - d.deposited, 0)))
    from judged j join dues d on d.county_id = ${of.county} and d.process_id = ${of.process} and d.due_id = j.due_id
    left join unnest(${always.map(({ outcome }) => outcome)}::text[], ${always.map(({ type }) => type)}::text[]) as a (outcome, type) on a.outcome = j.outcome
    left join routed r on r.line = j.line
    left join unnest(${byKey.map(({ key }) => key)}::text[], ${byKey.map(({ type }) => type)}::text[]) as k (key, type) on k.key = r.key
    where j.verdict = 'post' and j.outcome = any(${outcomes}::text[]) and (a.outcome is not null or k.key is not null) order by j.line`,
    told,
    // A return, or a decision, is posted once.
    'impossible',
  );
}

const refundsOf = sql`
  from deduction_refunds q join deduction_lines l on l.county_id = q.county_id and l.batch_id = q.batch_id and l.line = q.line
  join deduction_batches b on b.county_id = l.county_id and b.batch_id = l.batch_id`;

/** What is still owed back of the due of line `l`, by this campaign. */
const openOfDue = sql`
  select sum(f.amount)::bigint as owed from deduction_lines x join deduction_refunds f on f.county_id = x.county_id and f.batch_id = x.batch_id and f.line = x.line
  where x.county_id = l.county_id and x.contribution_id = l.contribution_id and x.due_id = l.due_id and f.settled_at is null`;

/** Tells of what is owed back of a batch: each refund once. Returns how many were new. */
export const tellOwedBack = (
  trx: Trx,
  { county, process, deduction, batch }: Pick<RoutedOf, 'county' | 'process' | 'deduction' | 'batch'>,
  told: { readonly at: Moment; readonly by: UserId },
): Promise<number> =>
  openCasesFrom(
    trx,
    county,
    process,
    sql`
    select 'refund/' || q.refund_id, null::text, l.due_id, ${`${deduction}.owedBack`}::text,
      jsonb_build_object('deduction', ${deduction}::text, 'round', b.round, 'batch', q.batch_id, 'line', q.line, 'refund', q.refund_id, 'why', q.why, 'owed', (${openOfDue}))
    ${refundsOf} where q.county_id = ${county} and q.process_id = ${process} and q.batch_id = ${batch} and q.settled_at is null order by q.line`,
    told,
  );

/** Tells how a refund was settled, if nothing more is owed back of its due. Returns how many were told: 0 or 1. */
export const tellPaidBack = (
  trx: Trx,
  { county, process, deduction }: Pick<RoutedOf, 'county' | 'process' | 'deduction'>,
  refund: { readonly id: string; readonly event: RefundEvent },
  told: { readonly at: Moment; readonly by: UserId },
): Promise<number> =>
  openCasesFrom(
    trx,
    county,
    process,
    sql`
    select 'settled/' || q.refund_id, null::text, l.due_id, ${`${deduction}.${refund.event}`}::text,
      jsonb_build_object('deduction', ${deduction}::text, 'round', b.round, 'batch', q.batch_id, 'line', q.line, 'refund', q.refund_id)
    ${refundsOf} where q.county_id = ${county} and q.process_id = ${process} and q.refund_id = ${refund.id} and (${openOfDue}) is null`,
    told,
  );
