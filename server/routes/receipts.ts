import { z } from 'zod';
import { issueReceipts, receiptUse } from '../../activities/people/index.js';
import { inScope } from '../../store/scope.js';
import { unitById } from '../../store/units/read.js';
import { seeCampaign } from '../http/campaign.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { line, localDate, processId, unitId } from '../http/shapes.js';
import { dailyAct, leading } from './money.js';

const params = z.strictObject({ campaign: processId });

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

export const receiptRoutes: readonly Route[] = [issue, receipts];
