import { sql, type RawBuilder } from 'kysely';
import type { Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Standing } from '../../domain/deduction/classes.js';
import type { Counters } from '../../domain/deduction/counters.js';
import type { Db } from '../connection.js';
import { uncleared } from '../deductions/clear.js';
import { OPEN_ORDERS } from '../deductions/orders.js';
import { standingOver } from '../deductions/standing.js';
import { narrowScope, type Scope } from '../scope.js';
import type { OrderStatus } from '../tables/deductions.js';

/** Units `u` at or below one of these paths; joined as a whole, for statements that read all lines of a round. */
export const inPaths = (paths: Scope): RawBuilder<unknown> =>
  sql`exists (select from unnest(${[...paths]}::text[]) as f (path) where starts_with(u.path, f.path))`;

/** Lines of a deduction with where they stand, of units in a scope: county_id, batch_id, round, line, unit, path, amount, standing, late. */
const standing = (county: string, process: ProcessId, deduction: string, paths: Scope): RawBuilder<unknown> => sql`
  select l.batch_id::text as batch_id, b.round, l.line, l.amount, u.unit_id::text as unit_id, u.path::text as path, ${standingOver} as standing, coalesce(bool_or(o.late), false) as late,
    (array_agg(o.outcome::text order by substr(o.return_id, 2)::bigint desc) filter (where not o.late))[1] as outcome
  from deduction_batches b join deduction_lines l on l.county_id = b.county_id and l.batch_id = b.batch_id
  join units u on u.county_id = l.county_id and u.unit_id = l.unit_id
  left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
  where b.county_id = ${county} and b.process_id = ${process} and b.deduction = ${deduction} and ${inPaths(paths)} group by 1, 2, 3, 4, 5, 6`;

/** Figures of one batch, or of one unit in a round. Amounts in fen. */
export interface Figures extends Counters {
  readonly amount: number;
  readonly taken: number;
  readonly late: number;
  /** Taken after a failure: not in `taken`. */
  readonly lateTaken: number;
}

const FIGURES = sql`count(*) as sent, count(*) filter (where standing = 'success') as succeeded, count(*) filter (where standing in ('failed-retryable', 'failed-permanent')) as failed,
  count(*) filter (where standing in ('unknown', 'duplicate-reported')) as unknown, count(*) filter (where standing = 'pending') as pending,
  coalesce(sum(amount), 0)::bigint as amount, coalesce(sum(amount) filter (where standing = 'success'), 0)::bigint as taken, count(*) filter (where late) as late,
  coalesce(sum(amount) filter (where late), 0)::bigint as "lateTaken"`;

/** Figures by batch of the lines of units in a scope. */
export async function figuresByBatch(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
  paths: Scope,
): Promise<readonly (Figures & { readonly batch: string })[]> {
  const { rows } = await sql<Figures & { batch: string }>`
    select batch_id as batch, ${FIGURES} from (${standing(county, process, deduction, paths)}) s group by 1 order by 1`.execute(db);
  return rows;
}

/** What the bank has taken and not yet handed over, by batch, of the lines of units in a scope; a batch of which nothing is missing is not in it. Fen. */
export async function awaitedByBatch(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
  paths: Scope,
): Promise<ReadonlyMap<string, number>> {
  const which = sql`o.county_id = ${county} and o.batch_id in (select b.batch_id from deduction_batches b where b.county_id = ${county} and b.process_id = ${process} and b.deduction = ${deduction})
    and exists (select from units u where u.county_id = l.county_id and u.unit_id = l.unit_id and ${inPaths(paths)})`;
  const { rows } = await sql<{ batch: string; amount: number }>`
    select batch_id as batch, sum(amount)::bigint as amount from (${uncleared(which)}) s group by 1`.execute(db);
  return new Map(rows.map(({ batch, amount }) => [batch, amount]));
}

/** Failures and open lines of a round by outcome, and by unit directly under `root`; those of the scope alone. */
export async function failuresOf(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
  paths: Scope,
  root: string,
  round: number,
): Promise<{
  readonly outcomes: readonly { readonly outcome: string; readonly persons: number; readonly amount: number }[];
  readonly units: readonly (Figures & { readonly unit: UnitId; readonly unitName: string })[];
}> {
  const lines = sql`select * from (${standing(county, process, deduction, paths)}) s where round = ${round}`;
  const outcomes = await sql<{ outcome: string; persons: number; amount: number }>`
    select coalesce(outcome, 'pending') as outcome, count(*) as persons, sum(amount)::bigint as amount from (${lines}) s where standing <> 'success' group by 1 order by 2 desc, 1`.execute(
    db,
  );
  const depth = root.split('/').length - 1;
  const units = await sql<Figures & { unit: UnitId; unitName: string }>`
    select f.*, n.name as "unitName" from (
      select unit, ${FIGURES} from (select s.*, coalesce(nullif(split_part(s.path, '/', ${depth + 1}::integer), ''), s.unit_id) as unit from (${lines}) s) s group by 1) f
    join units n on n.county_id = ${county} and n.unit_id = f.unit order by 1`.execute(db);
  return { outcomes: outcomes.rows, units: units.rows };
}

/** A line that is not taken: for urging, or to be settled. Money in fen; the ID number is sealed. */
export interface OpenLine {
  readonly batch: string;
  readonly round: number;
  readonly line: number;
  readonly due: string;
  readonly person: string;
  readonly name: string;
  readonly idNumber: Buffer | null;
  readonly unit: UnitId;
  readonly unitName: string;
  readonly amount: number;
  readonly standing: Standing;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly deposited: number;
  /** Of the due, by whatever way. */
  readonly arrived: number;
  readonly attempt: number;
  /** Of this debt the bank took money after saying that it had failed, and what becomes of it is not settled. */
  readonly owedBack: boolean;
}

/**
 * Lines that are not taken, of units in a scope, in order; those after (batch, line): of a round, or (null) the last of each debt whose money has not come. `below`: at or below this
 * path; `only`: one standing.
 */
export async function openLines(
  db: Db,
  of: { readonly county: string; readonly process: ProcessId; readonly deduction: string; readonly paths: Scope },
  filter: {
    readonly below: string | null;
    readonly round: number | null;
    readonly only: Standing | null;
    readonly after: readonly [string, number] | null;
    readonly limit: number;
  },
): Promise<readonly OpenLine[]> {
  const { county, process, deduction } = of;
  const paths = narrowScope(of.paths, filter.below);
  const [batch, line] = filter.after ?? ['', 0];
  const { rows } = await sql<OpenLine>`
    select * from (
      select l.batch_id as batch, b.round, l.line, l.due_id as due, d.person_id as person, p.name, p.id_number_cipher as "idNumber", u.unit_id as unit, u.name as "unitName", l.amount, ${standingOver} as standing, l.attempt, d.deposited, d.arrived,
        exists (select from deduction_lines o join deduction_refunds y on y.county_id = o.county_id and y.batch_id = o.batch_id and y.line = o.line
          where o.county_id = l.county_id and o.contribution_id = l.contribution_id and y.why = 'late' and y.settled_at is null) as "owedBack",
        (array_agg(o.outcome::text order by substr(o.return_id, 2)::bigint desc) filter (where not o.late))[1] as outcome, (array_agg(o.code order by substr(o.return_id, 2)::bigint desc) filter (where not o.late))[1] as code
      from deduction_batches b join deduction_lines l on l.county_id = b.county_id and l.batch_id = b.batch_id
      join units u on u.county_id = l.county_id and u.unit_id = l.unit_id
      join dues d on d.county_id = l.county_id and d.process_id = b.process_id and d.due_id = l.due_id join people p on p.county_id = d.county_id and p.person_id = d.person_id
      left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
      where b.county_id = ${county} and b.process_id = ${process} and b.deduction = ${deduction} and ${inPaths(paths)} and ${
        filter.round === null
          ? sql`d.arrived < l.amount and not exists (select from deduction_lines later
              where later.county_id = l.county_id and later.contribution_id = l.contribution_id and later.attempt > l.attempt)`
          : sql`b.round = ${filter.round}`
      }
        and (l.batch_id, l.line) > (${batch}, ${line})
      group by l.county_id, l.contribution_id, l.batch_id, b.round, l.line, l.due_id, d.person_id, p.name, p.id_number_cipher, u.unit_id, u.name, l.amount, l.attempt, d.deposited, d.arrived) s
    where standing <> 'success' and (${filter.only}::text is null or standing = ${filter.only}) order by batch, line limit ${filter.limit}`.execute(
    db,
  );
  return rows;
}

/** Orders of a deduction, the newest first; `id`: this one. */
export async function listOrders(db: Db, county: string, process: ProcessId, deduction: string, limit: number, id: string | null = null) {
  return db
    .selectFrom('deduction_orders as o')
    .leftJoin('deduction_files as f', (join) => join.onRef('f.county_id', '=', 'o.county_id').onRef('f.file_id', '=', 'o.file_id'))
    .leftJoin('deduction_progress as p', (join) => join.onRef('p.county_id', '=', 'o.county_id').onRef('p.order_id', '=', 'o.order_id'))
    .select([
      'o.order_id as id',
      'o.kind',
      'o.status',
      'o.batch_id as batch',
      'o.lines',
      'o.result',
      'o.at',
      'o.by_user as by',
      'o.confirmed_by as confirmedBy',
      'f.name as file',
      'p.step',
      'p.done',
      'p.total',
    ])
    .where('o.county_id', '=', county)
    .where('o.process_id', '=', process)
    .where('o.deduction', '=', deduction)
    .where((e) => (id === null ? e.val(true) : e('o.order_id', '=', id)))
    .orderBy('o.n', 'desc')
    .limit(limit)
    .execute();
}

/** Orders that are tried again and again: what fails (`postReturn: 22003`) and how often it was tried. */
export async function failingOrders(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
): Promise<readonly { readonly order: string; readonly cause: string; readonly attempt: number }[]> {
  const { rows } = await sql<{ order: string; cause: string; attempt: number }>`
    select distinct on (o.order_id) o.order_id as order, i.cause, (i.detail ->> 'attempt')::integer as attempt from deduction_orders o
    join incidents i on i.county_id = o.county_id and i.process_id = o.process_id and i.status = 'open' and i.code = 'activity-failing'
      and (i.detail ->> 'order' = o.order_id or o.result -> 'batches' @> jsonb_build_array(jsonb_build_object('id', i.detail ->> 'batch')))
    where o.county_id = ${county} and o.process_id = ${process} and o.deduction = ${deduction} and o.status = any(${[...OPEN_ORDERS]}::text[])
    order by o.order_id, i.last_at desc`.execute(db);
  return rows;
}

/** How a file came the first time. */
export interface FileBefore {
  readonly order: string;
  /** The name that it had then. */
  readonly file: string;
  readonly at: Moment;
  /** The batch that it answers; null = not known yet. */
  readonly batch: string | null;
  readonly status: OrderStatus;
}

/** The order by which the same bytes came before and were not refused; null = they are new. */
export async function orderOfBytes(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
  digest: string,
): Promise<FileBefore | null> {
  const row = await db
    .selectFrom('deduction_orders as o')
    .innerJoin('deduction_files as f', (join) => join.onRef('f.county_id', '=', 'o.county_id').onRef('f.file_id', '=', 'o.file_id'))
    .select(['o.order_id as order', 'f.name as file', 'o.at', 'o.batch_id as batch', 'o.status'])
    .where('o.county_id', '=', county)
    .where('o.process_id', '=', process)
    .where('o.deduction', '=', deduction)
    .where('o.kind', '=', 'return')
    .where('o.status', 'not in', ['refused', 'dropped'])
    .where(sql<string>`f.digest::text`, '=', digest)
    .orderBy('o.n', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}
