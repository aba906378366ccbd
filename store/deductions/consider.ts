import { sql } from 'kysely';
import type { LeftOut } from '../../domain/deduction/round.js';
import type { Standing } from '../../domain/deduction/classes.js';
import type { LocalDate, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { RowValue } from '../../domain/rules/values.js';
import type { Trx } from '../connection.js';
import { ownShare } from '../payments/own-share.js';
import { dueColumns } from '../payments/row-sets.js';
import { standingOver } from './standing.js';

export interface ConsiderQuery {
  readonly county: string;
  readonly process: ProcessId;
  readonly deduction: string;
  readonly today: LocalDate;
  /** Columns of `dues` that the expressions name; `phase` is the caller's. */
  readonly columns: readonly string[];
  /** The expressions ask for the unit or a parameter. */
  readonly perUnit: boolean;
}

/** Dues alike in all that decides whether they are in a round. */
export interface DueKind {
  readonly key: string;
  readonly n: number;
  readonly unit: UnitId;
  readonly row: Readonly<Record<string, RowValue>>;
  readonly owes: boolean;
  readonly account: boolean;
  readonly attempts: number;
  readonly standing: Standing | null;
  readonly refund: boolean;
  readonly lastRound: number;
  readonly firstOn: LocalDate | null;
  readonly freedUpTo: number;
  readonly extra: boolean;
}

/**
 * Puts every due of the campaign, with what is left of it, its account and its attempts, into the temporary table `considered`, and returns the kinds
 * there are: each is judged once, whatever the number of dues. The attempts of a debt are the county's, whichever campaign made them.
 */
export async function considerDues(trx: Trx, q: ConsiderQuery): Promise<readonly DueKind[]> {
  const { county, process, deduction } = q;
  const cells = q.columns.map((_, index) => sql.id(`c${index}`));
  const alike = cells.length === 0 ? sql`` : sql`, ${sql.join(cells)}`;
  const asked = [
    ...(q.perUnit ? [sql`s.unit_id`] : []),
    ...q.columns.map((_, index) => sql`s.${sql.id(`c${index}`)}`),
    ...['attempts', 'standing', 'refund', 'last_round', 'first_on', 'freed_up_to', 'extra'].map((column) => sql`s.${sql.id(column)}`),
    sql`s.rest > 0`,
    sql`s.account_id is not null`,
  ];
  await sql`
    create temp table base on commit drop as
    select r.due_id::text as due_id, r.person_id::text as person_id, r.unit_id::text as unit_id, r.unit_path::text as unit_path, r.insurance::text as insurance, r.year,
      r.item::text as item, greatest(${ownShare('r')} - greatest(r.arrived, r.collected), 0) as rest, a.account_id::text as account_id, c.contribution_id::text as contribution_id
      ${dueColumns(q.columns, q.today)}
    from dues r left join people p on p.county_id = r.county_id and p.person_id = r.person_id
    left join units u on u.county_id = r.county_id and u.unit_id = r.unit_id
    left join bank_accounts a on a.county_id = r.county_id and a.person_id = r.person_id and a.insurance = r.insurance and a.until_at is null
    left join contribution_dues c on c.county_id = r.county_id and c.person_id = r.person_id and c.insurance = r.insurance and c.year = r.year and c.item = r.item
    where r.county_id = ${county} and r.process_id = ${process}`.execute(trx);
  // Each step is counted before the next one is planned: the tables are of one line or of a million.
  await sql`analyze base (contribution_id)`.execute(trx);
  await sql`
    create temp table tried on commit drop as
    select b.contribution_id, b.due_id, l.attempt, l.batch_id::text as batch_id, l.line, t.round, left(t.made_at::text, 10) as made_on, t.process_id = ${process} and t.deduction = ${deduction} as own
    from base b join deduction_lines l on l.county_id = ${county} and l.contribution_id = b.contribution_id
    join deduction_batches t on t.county_id = l.county_id and t.batch_id = l.batch_id`.execute(trx);
  await sql`analyze tried`.execute(trx);
  await sql`
    create temp table stood on commit drop as
    select m.contribution_id, m.attempt as last_attempt, m.attempts, m.last_round, m.first_on, ${standingOver} as standing
    from (
      select contribution_id, max(attempt) as attempt, count(*) filter (where own)::integer as attempts, coalesce(max(round) filter (where own), 0) as last_round,
        min(made_on) filter (where own) as first_on from tried group by 1) m
    join tried t on t.contribution_id = m.contribution_id and t.attempt = m.attempt
    left join deduction_outcomes o on o.county_id = ${county} and o.batch_id = t.batch_id and o.line = t.line
    group by 1, 2, 3, 4, 5`.execute(trx);
  await sql`analyze stood`.execute(trx);
  await sql`
    create temp table considered on commit drop as
    with refunds as (
      select distinct l.contribution_id::text as contribution_id from deduction_refunds f
      join deduction_lines l on l.county_id = f.county_id and l.batch_id = f.batch_id and l.line = f.line where f.county_id = ${county} and f.settled_at is null and f.why = 'late'),
    freed as (
      select due_id::text as due_id, max(after_round) as up_to, max(after_round) filter (where extra) as extra_to from deduction_frees
      where county_id = ${county} and process_id = ${process} and deduction = ${deduction} group by 1),
    known as (
      select b.*, s.last_attempt, coalesce(s.attempts, 0) as attempts, s.standing, f.contribution_id is not null as refund, coalesce(s.last_round, 0) as last_round, s.first_on,
        coalesce(d.up_to, 0) as freed_up_to, coalesce(d.extra_to >= s.last_round, false) as extra
      from base b left join stood s on s.contribution_id = b.contribution_id left join refunds f on f.contribution_id = b.contribution_id left join freed d on d.due_id = b.due_id)
    select s.*, md5(jsonb_build_array(${sql.join(asked)})::text) as key from known s`.execute(trx);
  await sql`analyze considered (key)`.execute(trx);
  const { rows } = await sql<Readonly<Record<string, RowValue>> & Omit<DueKind, 'row'>>`
    select key, count(*) as n, min(unit_id) as unit, bool_or(rest > 0) as owes, bool_or(account_id is not null) as account, min(attempts) as attempts, min(standing) as standing,
      bool_or(refund) as refund, min(last_round) as "lastRound", min(first_on) as "firstOn", min(freed_up_to) as "freedUpTo", bool_or(extra) as extra
      ${alike}
    from considered group by key${alike} order by key`.execute(trx);
  return rows.map((found) => ({
    key: found.key,
    n: found.n,
    unit: found.unit,
    owes: found.owes,
    account: found.account,
    attempts: found.attempts,
    standing: found.standing,
    refund: found.refund,
    lastRound: found.lastRound,
    firstOn: found.firstOn,
    freedUpTo: found.freedUpTo,
    extra: found.extra,
    row: Object.fromEntries(q.columns.map((id, index) => [id, found[`c${index}`] ?? null])),
  }));
}

/** A place in a round, by kind. */
export interface KindVerdict {
  readonly key: string;
  readonly verdict: 'in' | LeftOut;
}

/** Keeps the verdicts beside `considered`, in the temporary table `verdicts`. */
export async function keepVerdicts(trx: Trx, verdicts: readonly KindVerdict[]): Promise<void> {
  await sql`
    create temp table verdicts on commit drop as
    select * from unnest(${verdicts.map(({ key }) => key)}::text[], ${verdicts.map(({ verdict }) => verdict)}::text[]) as v (key, verdict)`.execute(
    trx,
  );
}

export interface PlanRow {
  readonly unit: UnitId;
  readonly verdict: 'in' | LeftOut;
  readonly persons: number;
  /** Fen: what would be asked for. */
  readonly amount: number;
}

/** How the dues considered stand to the round, per unit under one of these paths. */
export async function planRows(trx: Trx, paths: readonly string[]): Promise<readonly PlanRow[]> {
  const { rows } = await sql<PlanRow>`
    select c.unit_id as unit, v.verdict, count(*) as persons, sum(c.rest)::bigint as amount
    from considered c join verdicts v using (key)
    where exists (select from unnest(${[...paths]}::text[]) as f (path) where starts_with(c.unit_path, f.path))
    group by 1, 2 order by 1, 2`.execute(trx);
  return rows;
}

/** Dues of a campaign. */
export async function countDues(trx: Trx, county: string, process: ProcessId): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from dues where county_id = ${county} and process_id = ${process}`.execute(
    trx,
  );
  return rows[0]?.n ?? 0;
}
