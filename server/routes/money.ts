import { z } from 'zod';
import {
  allotSuspense,
  issueReceipts,
  listSuspense,
  receiptUse,
  recordCollected,
  recordRemitted,
  refundSuspense,
  type DailyAct,
} from '../../activities/people/index.js';
import type { ProcessId, UnitId } from '../../domain/model/ids.js';
import { inScope } from '../../store/scope.js';
import { listPayments, unitOfDue } from '../../store/lists/payments.js';
import { unitById } from '../../store/units/read.js';
import { userNames } from '../../store/users/users.js';
import { recordAudit } from '../http/audit.js';
import { mustLead, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { mustRecordFor } from '../http/grants.js';
import { personScope } from '../http/persons.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Call, type Route } from '../http/route.js';
import { elementId, line, localDate, note, processId, unitId } from '../http/shapes.js';
import { both, suspenseWord } from '../http/words.js';

const params = z.strictObject({ campaign: processId });
const fen = z.int().positive().meta({ description: '分 fen' });
const dueId = z.string().regex(/^d\d{1,15}$/);
const suspenseId = z.string().regex(/^s\d{1,15}$/);

/** The frame of an act about money: who, where, when, and under which operation. */
export function dailyAct<P, Q, B>(call: Call<P, Q, B>, seen: CampaignSeen, onBehalfOf: string | null): DailyAct {
  if (call.operation === null) throw new Problem('idempotency-key-missing');
  return {
    store: call.services.store,
    county: call.services.county,
    process: seen.row.process_id,
    actor: { user: call.caller.id, onBehalfOf },
    now: seen.now,
    actId: call.operation.id,
  };
}

/** Who leads the campaign. */
export async function leading<P extends { campaign: ProcessId }, Q, B>(call: Call<P, Q, B>): Promise<CampaignSeen> {
  const seen = await seeCampaign(call.services, call.caller, call.params.campaign);
  const { setting } = await call.services.folds.of(seen.row.process_id);
  mustLead(call.caller, seen, setting.definition.leads);
  return seen;
}

const paymentSchema = z
  .strictObject({
    seq: z.int(),
    id: z.string(),
    due: z.string().nullable(),
    person: z.string().nullable(),
    unit: z.string().nullable(),
    unitName: z.string(),
    insurance: z.string(),
    year: z.int(),
    amount: z.int().meta({ description: '分，冲正为负 fen, a reversal is negative' }),
    kind: z.string(),
    on: z.string(),
    recordedAt: z.string(),
    receipt: z.string().nullable(),
    channel: z.string().nullable(),
    reverses: z.string().nullable(),
    import: z.string().nullable(),
    recordedBy: z.string(),
    recordedByName: z.string(),
    onBehalfOf: z.string().nullable(),
  })
  .meta({ id: 'Payment' });

const payments = route({
  method: 'get',
  path: '/campaigns/{campaign}/payments',
  tag: 'data',
  title: '缴费记录 Payments',
  access: 'signedIn',
  params,
  query: z.strictObject({ ...pageQuery, unit: unitId.optional(), from: localDate.optional(), to: localDate.optional() }),
  reply: pageOf(paymentSchema).meta({ id: 'Payments' }),
  async handle({ params: { campaign }, query, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const rows = await listPayments(services.store.db, services.county, campaign, {
      scope: seen.scope,
      unit: query.unit ?? null,
      from: query.from ?? null,
      to: query.to ?? null,
      after: Number(decodeCursor(query.cursor, 1)?.[0] ?? 0),
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.seq]);
    const names = await userNames(
      services.store.db,
      services.county,
      page.rows.map((row) => row.recordedBy),
    );
    const items = page.rows.map((row) => ({ ...row, recordedByName: names.get(row.recordedBy) ?? '' }));
    return { body: { items, next: page.next } };
  },
});

const collected = route({
  method: 'post',
  path: '/campaigns/{campaign}/payments/collected',
  tag: 'data',
  title: '登记收到一人的缴费 Record money taken from one person',
  about:
    '违反规则时在收款前拒绝；票据须在已发放的号段内且只用一次。Refused before the money is taken when a rule is broken; the receipt comes from an issued range and is used once.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z
    .strictObject({
      due: dueId,
      amount: fen,
      on: localDate,
      receipt: line(50).nullable().default(null),
      channel: line(50).nullable().default(null),
      means: line(50).nullable().default(null),
      onBehalfOf: line(100).nullable().default(null),
    })
    .meta({ id: 'Collected' }),
  reply: z
    .strictObject({ payment: z.string(), marked: z.array(z.strictObject({ rule: z.string(), title: z.string() })) })
    .meta({ id: 'CollectedResult' }),
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const {
      params: { campaign },
      body,
      caller,
      services,
    } = call;
    const seen = await seeCampaign(services, caller, campaign);
    const due = await unitOfDue(services.store.db, services.county, campaign, body.due);
    const scope = await personScope(services, caller, seen);
    if (due === null || !inScope(scope, due.path)) throw notFound();
    await mustRecordFor(services, caller, seen, body.onBehalfOf, due.path);
    const done = await recordCollected({ ...dailyAct(call, seen, body.onBehalfOf), ...body });
    return { body: { payment: done.payment, marked: done.marked.map((hit) => ({ rule: hit.rule, title: hit.title })) } };
  },
});

const remitted = route({
  method: 'post',
  path: '/campaigns/{campaign}/payments/remitted',
  tag: 'data',
  title: '登记单位上缴所收款项 Record that a unit handed in what it holds',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z
    .strictObject({
      unit: unitId,
      insurance: elementId,
      amount: fen,
      on: localDate,
      account: z.enum(['dedicated', 'fiscal', 'personal']),
      slip: line(50).nullable().default(null),
      onBehalfOf: line(100).nullable().default(null),
    })
    .meta({ id: 'Remitted' }),
  reply: z.strictObject({ payment: z.string() }).meta({ id: 'RemittedResult' }),
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const {
      params: { campaign },
      body,
      caller,
      services,
    } = call;
    const seen = await seeCampaign(services, caller, campaign);
    const path = await mustActAt(call, seen, body.unit);
    await mustRecordFor(services, caller, seen, body.onBehalfOf, path);
    return { body: await recordRemitted({ ...dailyAct(call, seen, body.onBehalfOf), ...body }) };
  },
});

/** The unit lies in the campaign and at or below where the caller holds a role of it; an auditor only reads. */
async function mustActAt<P, Q, B>(call: Call<P, Q, B>, seen: CampaignSeen, id: UnitId): Promise<string> {
  const unit = await unitById(call.services.store.db, call.services.county, id);
  if (unit === null || !inScope(seen.scope, unit.path) || !unit.path.startsWith(seen.root.path)) throw notFound();
  const held = call.caller.heldOn(seen.day).some((holding) => holding.role !== 'auditor' && unit.path.startsWith(holding.unitPath));
  if (!held) throw new Problem('not-permitted');
  return unit.path;
}

const suspenseSchema = z
  .strictObject({
    suspense: z.string(),
    payment: z.string(),
    reason: z.string(),
    reasonTitle: both.meta({ description: '原因的名称，或所违反规则的名称 the reason in words, or the rule that it breaks' }),
    amount: z.int(),
    status: z.enum(['open', 'allotted', 'refunded']),
    person: z.string().nullable(),
    name: z.string().nullable(),
    unit: z.string().nullable(),
    village: z.string().nullable(),
    insurance: z.string(),
    year: z.int(),
    on: z.string(),
    line: z.int().nullable(),
    import: z.string().nullable(),
  })
  .meta({ id: 'Suspense' });

const suspense = route({
  method: 'get',
  path: '/campaigns/{campaign}/suspense',
  tag: 'data',
  title: '待处理款：违反规则但已到账的钱 Money that arrived and breaks a rule',
  access: 'signedIn',
  effects: 'transaction',
  params,
  query: z.strictObject({ ...pageQuery, status: z.enum(['open', 'allotted', 'refunded']).optional() }),
  reply: pageOf(suspenseSchema).meta({ id: 'SuspenseList' }),
  async handle({ params: { campaign }, query, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, campaign);
    const paths = await personScope(services, caller, seen);
    const cursor = decodeCursor(query.cursor, 1)?.[0] ?? null;
    const rows = await listSuspense(trx, services.county, campaign, {
      status: query.status ?? null,
      paths,
      all: paths.includes(seen.root.path),
      after: cursor === null ? null : String(cursor),
      limit: query.limit + 1,
    });
    const page = cutPage(rows, query.limit, (row) => [row.suspense]);
    await recordAudit(services, trx, caller.id, 'persons.read', campaign, {
      list: 'suspense',
      persons: page.rows.flatMap((row) => row.person ?? []),
    });
    const { definition } = (await services.folds.of(campaign)).setting;
    const items = page.rows.map(({ basis: _basis, recordedAt: _recordedAt, importId, ...row }) => ({
      ...row,
      reasonTitle: suspenseWord(definition, row.reason),
      import: importId,
    }));
    return { body: { items, next: page.next } };
  },
});

const allot = route({
  method: 'post',
  path: '/campaigns/{campaign}/suspense/{suspense}/allot',
  tag: 'data',
  title: '把待处理款记到一笔应缴 Allot it to a due',
  access: 'signedIn',
  effects: 'elsewhere',
  params: z.strictObject({ campaign: processId, suspense: suspenseId }),
  body: z.strictObject({ due: dueId, reason: note(500) }).meta({ id: 'Allot' }),
  reply: z.strictObject({ payment: z.string() }).meta({ id: 'Allotted' }),
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const seen = await leading(call);
    return { body: await allotSuspense({ ...dailyAct(call, seen, null), suspense: call.params.suspense, ...call.body }) };
  },
});

const refund = route({
  method: 'post',
  path: '/campaigns/{campaign}/suspense/{suspense}/refund',
  tag: 'data',
  title: '退还待处理款 Refund it',
  access: 'signedIn',
  effects: 'elsewhere',
  params: z.strictObject({ campaign: processId, suspense: suspenseId }),
  body: z.strictObject({ on: localDate, reason: note(500) }).meta({ id: 'Refund' }),
  reply: z.strictObject({ payment: z.string() }).meta({ id: 'Refunded' }),
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const seen = await leading(call);
    return { body: await refundSuspense({ ...dailyAct(call, seen, null), suspense: call.params.suspense, ...call.body }) };
  },
});

const issue = route({
  method: 'post',
  path: '/campaigns/{campaign}/receipts',
  tag: 'data',
  title: '发放票据号段 Issue a range of receipts',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z
    .strictObject({
      prefix: z
        .string()
        .max(20)
        .regex(/^[A-Za-z0-9-]*$/),
      first: z.int().min(0),
      last: z.int().min(0),
      unit: unitId,
      issuedTo: line(100).nullable().default(null),
      on: localDate,
    })
    .meta({ id: 'ReceiptIssue' }),
  reply: z.strictObject({ range: z.int() }).meta({ id: 'ReceiptIssued' }),
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const seen = await leading(call);
    const unit = await unitById(call.services.store.db, call.services.county, call.body.unit);
    if (unit === null || !unit.path.startsWith(seen.root.path)) throw notFound();
    const { range } = await issueReceipts({ ...dailyAct(call, seen, null), ...call.body });
    return { body: { range: Number(range) } };
  },
});

const receipts = route({
  method: 'get',
  path: '/campaigns/{campaign}/receipts',
  tag: 'data',
  title: '票据使用情况和缺号 Receipts: used, missing, left',
  access: 'signedIn',
  params,
  reply: z
    .strictObject({
      items: z.array(
        z.strictObject({
          range: z.int(),
          prefix: z.string(),
          first: z.int(),
          last: z.int(),
          unit: z.string(),
          unitName: z.string(),
          issuedOn: z.string(),
          used: z.int(),
          unused: z.int(),
          gaps: z.array(z.string()),
        }),
      ),
    })
    .meta({ id: 'Receipts' }),
  async handle({ params: { campaign }, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const { db } = services.store;
    const items = [];
    for (const use of await receiptUse(db, services.county, campaign)) {
      const unit = await unitById(db, services.county, use.range.unit);
      if (unit === null || !inScope(seen.scope, unit.path)) continue;
      const { range, prefix, first, last, issuedOn } = use.range;
      items.push({
        range: Number(range),
        prefix,
        first,
        last,
        unit: unit.id,
        unitName: unit.name,
        issuedOn,
        used: use.used,
        unused: use.unused,
        gaps: [...use.gaps],
      });
    }
    return { body: { items } };
  },
});

export const moneyRoutes: readonly Route[] = [payments, collected, remitted, suspense, allot, refund, issue, receipts];
