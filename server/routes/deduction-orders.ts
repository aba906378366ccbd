import { z } from 'zod';
import { dropOrder } from '../../activities/deductions/drop.js';
import { CycleRefusal } from '../../activities/deductions/refusal.js';
import type { Refusal } from '../../domain/model/effect.js';
import { confirmRefusal, confirmsRun, runRefusal } from '../../domain/process/index.js';
import type { Trx } from '../../store/connection.js';
import { addOrder, confirmOrder, findOrder, lockOrder, stopOf, type Order } from '../../store/deductions/orders.js';
import { inScope } from '../../store/scope.js';
import { recordAudit } from '../http/audit.js';
import { actorIn, mustRun } from '../http/campaign.js';
import { seeCycle, seesOrders, type CycleSeen } from '../http/deductions.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { note, yes } from '../http/shapes.js';
import { cycleParams, orderId } from './deduction-shapes.js';

const params = z.strictObject(cycleParams);
/** Checked as the real one, and nothing is kept. */
const tried = z.strictObject({ dryRun: yes.optional() });

const refusedBy = ({ code, zh, en, params: given }: Refusal): Problem =>
  new Problem('act-refused', { zh, en, members: { refusal: { code, zh, en, params: given } } });

const ordered = z.strictObject({ order: orderId, status: z.enum(['proposed', 'waiting']) }).meta({ id: 'DeductionOrdered' });

const run = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/runs',
  tag: 'deductions',
  title: '组织一轮代扣 Have a round made',
  about:
    '方案规定须第二人确认的，先是 proposed，另一人确认后才制作。结果见该工作单。Where the definition asks for a second person it is proposed first; the result stands with the order.',
  access: 'signedIn',
  params,
  body: z
    .strictObject({
      leaveOut: z.boolean().default(false).meta({ description: '写不进文件的人略去并列出 leave out whom the file cannot hold' }),
      mostLines: z.int().min(1).max(1_000_000).optional().meta({ description: '每个文件最多行数 lines a file' }),
    })
    .meta({ id: 'DeductionRun' }),
  reply: ordered,
  status: 202,
  problems: ['act-refused', 'campaign-not-running'],
  async handle({ params: { campaign, deduction }, body, caller, services, trx }) {
    const { seen, of } = await seeCycle(services, caller, campaign, deduction);
    mustRun(seen);
    const { setting, state } = await services.folds.of(campaign);
    const refusal = runRefusal(setting, state, { deduction, actor: actorIn(caller, seen), at: seen.now });
    if (refusal !== null) throw refusedBy(refusal);
    if ((await stopOf(trx, services.county, campaign, deduction)) !== null) throw stopped();
    const status = confirmsRun(setting) === null ? ('waiting' as const) : ('proposed' as const);
    const { leaveOut, mostLines } = body;
    const request = { leaveOut, ...(mostLines === undefined ? {} : { mostLines }) };
    const order = await addOrder(trx, { ...of, kind: 'make', status, request, file: null, at: seen.now, by: caller.id });
    await recordAudit(services, trx, caller.id, 'deduction.run.ordered', order, { process: campaign, deduction, status });
    return { body: { order, status } };
  },
});

const stopped = (): CycleRefusal =>
  new CycleRefusal(
    'cycle-stopped',
    '数目对不上，代扣已停止，须由管理员查清后恢复',
    'its figures did not add up: it stands still until an administrator has looked',
  );

/** The order, held; `not-found` for another deduction's. */
async function heldOrder(trx: Trx, { of }: CycleSeen, id: string): Promise<Order> {
  const order = await findOrder(trx, of.county, id);
  if (order === null || order.process_id !== of.process || order.deduction !== of.deduction) throw notFound();
  return lockOrder(trx, of.county, id);
}

const confirmRun = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/runs/{order}/confirm',
  tag: 'deductions',
  title: '确认组织一轮代扣 Confirm a round that another proposed',
  access: 'signedIn',
  params: params.extend({ order: orderId }),
  query: tried,
  reply: z.strictObject({ order: orderId }).meta({ id: 'DeductionRunConfirmed' }),
  status: 200,
  problems: ['act-refused'],
  async handle({ params: { campaign, deduction, order: id }, query, caller, services, trx }) {
    const cycle = await seeCycle(services, caller, campaign, deduction);
    const { seen } = cycle;
    const order = await heldOrder(trx, cycle, id);
    if (order.status !== 'proposed') {
      if (order.kind !== 'make' || order.status === 'dropped' || !seesOrders(caller, cycle)) throw notFound();
      throw new CycleRefusal(
        'already-confirmed',
        `工作单 ${id} 已经确认，无需再办；结果见该工作单`,
        `order ${id} was confirmed already: nothing is left to do; its result stands with it`,
        { order: id, status: order.status },
      );
    }
    const { setting, state } = await services.folds.of(campaign);
    const refusal = confirmRefusal(setting, state, { deduction, actor: actorIn(caller, seen), at: seen.now }, order.by_user);
    if (refusal !== null) throw refusedBy(refusal);
    await confirmOrder(trx, services.county, id, caller.id, seen.now);
    await recordAudit(services, trx, caller.id, 'deduction.run.confirmed', id, { process: campaign });
    return { body: { order: id }, undo: query.dryRun === true };
  },
});

const drop = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/orders/{order}/drop',
  tag: 'deductions',
  title: '放弃一份工作单 Give an order up',
  about:
    '尚未入账、也没有制成请求文件的工作单，由下达的人或管理员写明理由放弃（提出未确认的，确认的人也可以），代扣接着办下一份。已入账、已制成或已送出的不能放弃。An order of which nothing is booked or made, by whoever gave it or an administrator (a proposed one also by who confirms), with a reason; the cycle goes on with the next. Never one that is booked, made or handed over.',
  access: 'signedIn',
  params: params.extend({ order: orderId }),
  query: tried,
  body: z.strictObject({ reason: note(500) }).meta({ id: 'DeductionDrop' }),
  reply: z.strictObject({ order: orderId }).meta({ id: 'DeductionDropped' }),
  status: 200,
  problems: ['act-refused', 'not-permitted'],
  async handle({ params: { campaign, deduction, order: id }, query, body, caller, services, trx }) {
    const cycle = await seeCycle(services, caller, campaign, deduction);
    const { seen } = cycle;
    const order = await heldOrder(trx, cycle, id);
    if (order.by_user !== caller.id && !inScope(caller.administers, seen.root.path)) {
      // Who may confirm a round may say that it is not to be made.
      if (order.status !== 'proposed') throw new Problem('not-permitted');
      const { setting, state } = await services.folds.of(campaign);
      const refusal = confirmRefusal(setting, state, { deduction, actor: actorIn(caller, seen), at: seen.now }, order.by_user);
      if (refusal !== null) throw refusedBy(refusal);
    }
    await dropOrder(trx, order, { reason: body.reason, at: seen.now, by: caller.id });
    return { body: { order: id }, undo: query.dryRun === true };
  },
});

export const deductionOrderRoutes: readonly Route[] = [run, confirmRun, drop];
