import { z } from 'zod';
import { recordCollected, recordRemitted, type DailyAct } from '../../activities/people/index.js';
import type { ProcessId, UnitId } from '../../domain/model/ids.js';
import { inScope } from '../../store/scope.js';
import { listPayments, unitOfDue } from '../../store/lists/payments.js';
import { unitById } from '../../store/units/read.js';
import { userNames } from '../../store/users/users.js';
import { mustLead, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { mustRecordFor } from '../http/grants.js';
import { personScope } from '../http/persons.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Call, type Route } from '../http/route.js';
import { elementId, line, localDate, processId, unitId, positiveFen } from '../http/shapes.js';

const params = z.strictObject({ campaign: processId });
export const dueId = z.string().regex(/^d\d{1,15}$/);

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
      amount: positiveFen,
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
      amount: positiveFen,
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

export const moneyRoutes: readonly Route[] = [payments, collected, remitted];
