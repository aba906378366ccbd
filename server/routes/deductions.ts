import { z } from 'zod';
import { CLASS_OF, STANDINGS, type Standing } from '../../domain/deduction/classes.js';
import { judgeRound, roundAt } from '../../activities/deductions/round.js';
import { loadCycle } from '../../activities/deductions/parts.js';
import { planRows } from '../../store/deductions/consider.js';
import { listBatches } from '../../store/deductions/batches.js';
import { returnProblems, stopOf } from '../../store/deductions/orders.js';
import { awaitedByBatch, failingOrders, failuresOf, figuresByBatch, listOrders } from '../../store/lists/deductions.js';
import { seeCycle, seesOrders } from '../http/deductions.js';
import { seeCampaign } from '../http/campaign.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { processId, fen } from '../http/shapes.js';
import { both } from '../http/words.js';
import {
  cycleParams,
  figuresSchema,
  orderId,
  orderSchema,
  returnProblemSchema,
  roundNumber,
  showOrder,
  showProblem,
  showStop,
  stoppedSchema,
  verdictWord,
} from './deduction-shapes.js';

const params = z.strictObject(cycleParams);
const MOST_ORDERS = 200;

const list = route({
  method: 'get',
  path: '/deductions',
  tag: 'deductions',
  title: '一项工作的各项代扣 The deductions of a campaign',
  access: 'signedIn',
  query: z.strictObject({ campaign: processId }),
  reply: z
    .strictObject({
      items: z.array(
        z.strictObject({
          id: z.string(),
          title: z.string(),
          during: z.string(),
          owes: z.string(),
          clause: z.array(z.string()),
          titles: z.record(z.string(), z.string()).meta({ description: '回盘结果的名称 how outcomes are called' }),
          outcomes: z.record(z.string(), z.enum(STANDINGS)).meta({ description: '回盘结果各算什么 what each outcome is worth' }),
        }),
      ),
    })
    .meta({ id: 'Deductions' }),
  async handle({ query, caller, services }) {
    await seeCampaign(services, caller, query.campaign);
    const { definition } = (await services.folds.of(query.campaign)).setting;
    const items = Object.values(definition.deductions ?? {}).map(({ id, title, during, owes, clause, outcomes }) => ({
      id,
      title,
      during: definition.phases[during]?.title ?? during,
      owes: definition.roles[owes]?.title ?? owes,
      clause: [...clause],
      titles: Object.fromEntries(Object.values(outcomes).map((one) => [one.id, one.title])),
      outcomes: Object.fromEntries(Object.values(outcomes).map((one) => [one.id, CLASS_OF[one.class]])),
    }));
    return { body: { items } };
  },
});

const batchSchema = z
  .strictObject({
    id: z.string(),
    round: z.int(),
    period: z.string(),
    insurance: z.string(),
    year: z.int(),
    status: z.enum(['made', 'sent', 'answered', 'cleared', 'closed']),
    file: z.string(),
    digest: z.string(),
    madeAt: z.string(),
    figures: figuresSchema,
    awaited: fen.meta({ description: '回盘已成功、尚未到账 taken and not yet come' }),
  })
  .meta({ id: 'DeductionBatch' });

const status = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}',
  tag: 'deductions',
  title: '各轮代扣的情况 Rounds and batches',
  about:
    '数目（含待到账）只计本人所见单位；工作单说的是全县，只给经手代扣文件或看全县的人。sent = succeeded + failed + unknown + pending。Figures are of the caller’s units alone; orders are for who handles the files or sees the whole campaign.',
  access: 'signedIn',
  params,
  reply: z
    .strictObject({
      title: z.string(),
      stopped: stoppedSchema.nullable().meta({ description: '数目对不上而停止 stands still, as its figures did not add up' }),
      batches: z.array(batchSchema),
      orders: z.array(orderSchema),
      failing: z
        .array(z.strictObject({ order: orderId, cause: z.string(), attempt: z.int() }))
        .meta({ description: '反复重试仍不成的工作单 orders that are tried again and again' }),
    })
    .meta({ id: 'DeductionStatus' }),
  async handle({ params: { campaign, deduction: id }, caller, services }) {
    const cycle = await seeCycle(services, caller, campaign, id);
    const { seen, deduction } = cycle;
    const { db } = services.store;
    const awaited = await awaitedByBatch(db, services.county, campaign, id, seen.scope);
    const figures = new Map((await figuresByBatch(db, services.county, campaign, id, seen.scope)).map(({ batch, ...one }) => [batch, one]));
    const batches = [];
    for (const batch of await listBatches(db, services.county, campaign, id)) {
      const own = figures.get(batch.id);
      if (own === undefined) continue;
      const { round, period, insurance, year, digest, madeAt } = batch;
      batches.push({
        id: batch.id,
        round,
        period,
        insurance,
        year,
        status: batch.status,
        file: batch.fileName,
        digest,
        madeAt,
        figures: own,
        awaited: awaited.get(batch.id) ?? 0,
      });
    }
    const whole = seesOrders(caller, cycle);
    const orders = whole ? await listOrders(db, services.county, campaign, id, MOST_ORDERS) : [];
    const failing = whole ? await failingOrders(db, services.county, campaign, id) : [];
    const stopped = await stopOf(db, services.county, campaign, id);
    return {
      body: { title: deduction.title, stopped: showStop(stopped, whole), batches, orders: orders.map(showOrder), failing: [...failing] },
    };
  },
});

const order = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}/orders/{order}',
  tag: 'deductions',
  title: '一份工作单：进度、结果和逐行的问题 An order: progress, result, problems line by line',
  about: '只给经手代扣文件或看全县的人。For who handles the files or sees the whole campaign.',
  access: 'signedIn',
  params: params.extend({ order: orderId }),
  reply: orderSchema.extend({ problems: z.array(returnProblemSchema) }).meta({ id: 'DeductionOrderDetail' }),
  async handle({ params: { campaign, deduction, order: id }, caller, services }) {
    if (!seesOrders(caller, await seeCycle(services, caller, campaign, deduction))) throw notFound();
    const [found] = await listOrders(services.store.db, services.county, campaign, deduction, 1, id);
    if (found === undefined) throw notFound();
    const problems = await returnProblems(services.store.db, services.county, id, 1_000);
    return { body: { ...showOrder(found), problems: problems.map(showProblem) } };
  },
});

const plan = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}/plan',
  tag: 'deductions',
  title: '现在做一轮会有谁，谁不在、为什么 Who would be in a round made now',
  access: 'signedIn',
  effects: 'transaction',
  params,
  reply: z
    .strictObject({
      round: z.int(),
      period: z.string(),
      items: z.array(
        z.strictObject({
          verdict: z.string(),
          title: both,
          persons: z.int(),
          amount: fen,
          units: z.array(z.strictObject({ unit: z.string(), persons: z.int(), amount: fen })),
        }),
      ),
    })
    .meta({ id: 'DeductionPlan' }),
  problems: ['act-refused'],
  async handle({ params: { campaign, deduction }, caller, services, trx }) {
    const { seen, of } = await seeCycle(services, caller, campaign, deduction);
    const context = await loadCycle({ store: services.store }, of);
    const round = roundAt(context, seen.now);
    await judgeRound(trx, of, context, round, seen.now);
    const rows = await planRows(trx, seen.scope);
    const items = [...new Set(rows.map(({ verdict }) => verdict))].map((verdict) => {
      const own = rows.filter((row) => row.verdict === verdict);
      return {
        verdict,
        title: verdictWord(verdict),
        persons: own.reduce((sum, { persons }) => sum + persons, 0),
        amount: own.reduce((sum, { amount }) => sum + amount, 0),
        units: own.map(({ unit, persons, amount }) => ({ unit, persons, amount })),
      };
    });
    return { body: { round: round.round, period: round.id, items } };
  },
});

const failures = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}/failures',
  tag: 'deductions',
  title: '一轮的失败，按原因和乡镇 Failures of a round by reason and by unit',
  access: 'signedIn',
  params,
  query: z.strictObject({ round: roundNumber }),
  reply: z
    .strictObject({
      outcomes: z.array(
        z.strictObject({ outcome: z.string(), title: z.string(), standing: z.enum(STANDINGS), persons: z.int(), amount: fen }),
      ),
      units: z.array(figuresSchema.extend({ unit: z.string(), unitName: z.string() }).meta({ id: 'DeductionUnitFigures' })),
    })
    .meta({ id: 'DeductionFailures' }),
  async handle({ params: { campaign, deduction }, query, caller, services }) {
    const { seen, deduction: about } = await seeCycle(services, caller, campaign, deduction);
    const standingOf = (outcome: string): Standing => {
      const known = about.outcomes[outcome];
      return known === undefined ? 'pending' : CLASS_OF[known.class];
    };
    const found = await failuresOf(services.store.db, services.county, campaign, deduction, seen.scope, seen.root.path, query.round);
    return {
      body: {
        outcomes: found.outcomes.map((one) => ({
          ...one,
          title: about.outcomes[one.outcome]?.title ?? one.outcome,
          standing: standingOf(one.outcome),
        })),
        units: [...found.units],
      },
    };
  },
});

export const deductionRoutes: readonly Route[] = [list, status, order, plan, failures];
