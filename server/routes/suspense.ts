import { z } from 'zod';
import { allotSuspense, listSuspense, refundSuspense } from '../../activities/people/index.js';
import { recordAudit } from '../http/audit.js';
import { seeCampaign } from '../http/campaign.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { personScope } from '../http/persons.js';
import { route, type Route } from '../http/route.js';
import { localDate, note, processId } from '../http/shapes.js';
import { both, suspenseWord } from '../http/words.js';
import { dailyAct, dueId, leading } from './money.js';

const params = z.strictObject({ campaign: processId });
const suspenseId = z.string().regex(/^s\d{1,15}$/);

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

export const suspenseRoutes: readonly Route[] = [suspense, allot, refund];
