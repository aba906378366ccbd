import { sql, type Selectable } from 'kysely';
import type { Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { StoreError } from '../errors.js';
import { nextId } from '../ids.js';
import { toJson } from '../json.js';
import type { ReturnProblem } from '../../domain/deduction/problems.js';
import type { OrderResult } from '../../domain/deduction/order.js';
import type { DeductionOrdersTable, OrderRequest, OrderStatus } from '../tables/deductions.js';

export type Order = Selectable<DeductionOrdersTable>;
/** Statuses in which an order waits for the cycle. */
export const OPEN_ORDERS = ['waiting', 'working', 'staged', 'posted'] as const satisfies readonly OrderStatus[];

export interface NewOrder {
  readonly county: string;
  readonly process: ProcessId;
  readonly deduction: string;
  readonly kind: Order['kind'];
  readonly status: 'proposed' | 'waiting';
  readonly request: OrderRequest;
  readonly file: string | null;
  readonly at: Moment;
  readonly by: UserId;
}

/** Adds work for the cycle; the worker's dispatcher tells it. */
export async function addOrder(trx: Trx, order: NewOrder): Promise<string> {
  const { county, process, deduction, kind, status, request, file, at, by } = order;
  const id = await nextId(trx, county, 'w');
  await trx
    .insertInto('deduction_orders')
    .values({
      county_id: county,
      process_id: process,
      order_id: id,
      deduction,
      kind,
      status,
      request: toJson(request),
      file_id: file,
      at,
      by_user: by,
    })
    .execute();
  return id;
}

export async function findOrder(db: Db, county: string, id: string): Promise<Order | null> {
  const query = db.selectFrom('deduction_orders').selectAll().where('county_id', '=', county).where('order_id', '=', id);
  return (await query.executeTakeFirst()) ?? null;
}

/** An order, held by this transaction. */
export async function lockOrder(trx: Trx, county: string, id: string): Promise<Order> {
  const query = trx.selectFrom('deduction_orders').selectAll().where('county_id', '=', county).where('order_id', '=', id).forUpdate();
  const found = await query.executeTakeFirst();
  if (found === undefined) throw new StoreError('order-missing', `没有代扣工作单 ${id}`, `There is no order ${id}`, { id });
  return found;
}

/** The next order of a cycle; null when there is none, or the cycle was stopped. */
export async function nextOrder(db: Db, county: string, process: ProcessId, deduction: string): Promise<Order | null> {
  if ((await stopOf(db, county, process, deduction)) !== null) return null;
  const row = await db
    .selectFrom('deduction_orders')
    .selectAll()
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('deduction', '=', deduction)
    .where('status', 'in', OPEN_ORDERS)
    .orderBy('n')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Takes an order to work on it: whoever had it before is fenced off. Returns the order with its new token. */
export async function takeOrder(trx: Trx, county: string, id: string): Promise<Order> {
  const order = await lockOrder(trx, county, id);
  if (order.status !== 'waiting' && order.status !== 'working') return order;
  await sql`update deduction_orders set status = 'working', token = token + 1, lines = 0 where county_id = ${county} and order_id = ${id}`.execute(
    trx,
  );
  return { ...order, status: 'working', token: order.token + 1 };
}

/** Holds the order for a worker with this token. Error: `order-fenced` when another has taken it since, or it is no longer worked on. */
export async function holdOrder(trx: Trx, county: string, id: string, token: number): Promise<Order> {
  const order = await lockOrder(trx, county, id);
  if (order.token !== token || order.status !== 'working')
    throw new StoreError('order-fenced', `工作单 ${id} 已由别的进程接手`, `Order ${id} was taken over`, { id, token });
  return order;
}

export interface OrderChange {
  readonly status: OrderStatus;
  readonly result?: OrderResult;
  readonly batch?: string | null;
  readonly lines?: number;
}

export async function changeOrder(trx: Trx, county: string, id: string, { status, result, batch, lines }: OrderChange): Promise<void> {
  await sql`
    update deduction_orders set status = ${status}, result = coalesce(${result === undefined ? null : toJson(result)}::jsonb, result),
      batch_id = coalesce(${batch ?? null}, batch_id), lines = coalesce(${lines ?? null}::bigint, lines)
    where county_id = ${county} and order_id = ${id}`.execute(trx);
}

/** A second person confirms an order that was proposed; it is carried out at that person's moment. */
export async function confirmOrder(trx: Trx, county: string, id: string, by: UserId, at: Moment): Promise<void> {
  await sql`
    update deduction_orders set status = 'waiting', confirmed_by = ${by}, confirmed_at = ${at}, at = ${at} where county_id = ${county} and order_id = ${id} and status = 'proposed'`.execute(
    trx,
  );
}

/** Adds to what is told of an order's file, in its order. */
export async function keepReturnProblems(trx: Trx, county: string, id: string, problems: readonly ReturnProblem[]): Promise<void> {
  if (problems.length === 0) return;
  await sql`
    insert into deduction_problems (county_id, order_id, n, file_line, code, params)
    select ${county}, ${id}, r.n + (select coalesce(max(p.n), 0) from deduction_problems p where p.county_id = ${county} and p.order_id = ${id}), (r.o ->> 'line')::integer, r.o ->> 'code', r.o -> 'params'
    from jsonb_array_elements(${toJson(problems)}::jsonb) with ordinality as r (o, n)`.execute(trx);
}

export async function returnProblems(db: Db, county: string, id: string, limit: number): Promise<readonly ReturnProblem[]> {
  const { rows } = await sql<ReturnProblem>`
    select file_line as line, code, params from deduction_problems where county_id = ${county} and order_id = ${id} order by n limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** Why a cycle stands still; null when it does not. */
export async function stopOf(
  db: Db,
  county: string,
  process: ProcessId,
  deduction: string,
): Promise<{ readonly n: number; readonly detail: unknown; readonly at: Moment } | null> {
  const row = await db
    .selectFrom('deduction_stops')
    .select(['n', 'stopped', 'detail', 'at'])
    .where('county_id', '=', county)
    .where('process_id', '=', process)
    .where('deduction', '=', deduction)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.stopped === true ? { n: row.n, detail: row.detail, at: row.at } : null;
}

/** Stops a cycle, or lets it go on. The same again is no second entry. */
export async function setStop(
  trx: Trx,
  of: { readonly county: string; readonly process: ProcessId; readonly deduction: string },
  stop: { readonly stopped: boolean; readonly detail: Readonly<Record<string, unknown>>; readonly at: Moment; readonly by: UserId },
): Promise<void> {
  const { county, process, deduction } = of;
  if (((await stopOf(trx, county, process, deduction)) !== null) === stop.stopped) return;
  await sql`
    insert into deduction_stops (county_id, process_id, deduction, n, stopped, detail, at, by_user)
    select ${county}, ${process}, ${deduction}, coalesce(max(n), 0) + 1, ${stop.stopped}, ${toJson(stop.detail)}::jsonb, ${stop.at}, ${stop.by}
    from deduction_stops where county_id = ${county} and process_id = ${process} and deduction = ${deduction}`.execute(trx);
}

/** Cycles with work that waits, for the dispatcher; those that stand still are left out. */
export async function waitingCycles(
  db: Db,
): Promise<readonly { readonly county: string; readonly process: ProcessId; readonly deduction: string; readonly upTo: number }[]> {
  const { rows } = await sql<{ county: string; process: ProcessId; deduction: string; upTo: number }>`
    select o.county_id as county, o.process_id as process, o.deduction, max(o.n) as "upTo" from deduction_orders o
    where o.status in ('waiting', 'working', 'staged', 'posted') and not coalesce((
      select s.stopped from deduction_stops s
      where s.county_id = o.county_id and s.process_id = o.process_id and s.deduction = o.deduction order by s.n desc limit 1), false)
    group by 1, 2, 3 order by 1, 2, 3`.execute(db);
  return rows;
}

/** Deductions of campaigns that run or are paused: each has a cycle. */
export async function cyclesOfLiving(
  db: Db,
): Promise<readonly { readonly county: string; readonly process: ProcessId; readonly deduction: string }[]> {
  const { rows } = await sql<{ county: string; process: ProcessId; deduction: string }>`
    select p.county_id as county, p.process_id as process, d.deduction
    from processes p join settings s on s.county_id = p.county_id and s.digest = p.first_setting
    cross join lateral jsonb_object_keys(coalesce(s.body::jsonb -> 'definition' -> 'deductions', '{}')) as d (deduction)
    where p.status in ('running', 'paused') order by 1, 2, 3`.execute(db);
  return rows;
}
