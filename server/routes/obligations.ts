import { z } from 'zod';
import { daysBetween } from '../../domain/calendar/dates.js';
import { viewObligation } from '../../domain/process/index.js';
import { findObligation, type ObligationRow } from '../../store/obligations.js';
import { noticesAbout } from '../../store/outbox.js';
import { userNames } from '../../store/users/users.js';
import type { ActId, UserId } from '../../domain/model/ids.js';
import { actorIn, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { withEvidence } from '../http/evidence.js';
import { actorFor } from '../http/grants.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { note, obligationId, processId, value, values } from '../http/shapes.js';
import { act } from './act.js';
import { actBody, actOf } from './obligation-acts.js';
import { around, obligationSchema, show } from './obligation-rows.js';

const params = z.strictObject({ campaign: processId, id: obligationId });

const evidenceSchema = z.strictObject({ paper: z.string(), fields: z.record(z.string(), value), file: z.string().nullable() });
const detailSchema = obligationSchema
  .extend({
    parts: z.array(
      z.strictObject({
        role: z.string(),
        by: z.string(),
        byName: z.string(),
        onBehalfOf: z.string().nullable(),
        on: z.string(),
        at: z.string(),
        nil: z.boolean(),
        answer: values,
        evidence: z.array(evidenceSchema),
      }),
    ),
    missingParts: z.array(z.string()),
    allowed: z.array(z.string()).meta({ description: '我现在可以办的动作 Acts open to me now' }),
    asks: z.strictObject({
      fields: z.array(z.strictObject({ id: z.string(), title: z.string(), type: z.string() })),
      evidence: z.array(z.strictObject({ id: z.string(), title: z.string() })),
      items: z.array(z.strictObject({ id: z.string(), title: z.string(), ticked: z.boolean() })),
      nil: z.boolean(),
    }),
    daysLeft: z.int().nullable(),
    suspended: z.strictObject({ since: z.string(), reason: z.string() }).nullable(),
    proposal: z.strictObject({ values, final: z.boolean(), decisionNeeded: z.boolean() }).nullable(),
    closed: z.strictObject({ on: z.string(), at: z.string(), by: z.string(), daysLate: z.int(), reason: z.string().nullable() }).nullable(),
    notices: z.array(z.strictObject({ text: z.string(), role: z.string(), unit: z.string(), sendAt: z.string(), status: z.string() })),
  })
  .meta({ id: 'ObligationDetail' });

/** An obligation that the caller sees; `not-found` else. */
export async function seeObligation(services: Services, campaign: CampaignSeen, id: ObligationRow['id']): Promise<ObligationRow> {
  const row = await findObligation(services.store.db, services.county, campaign.scope, campaign.row.process_id, id);
  if (row === null) throw notFound();
  return row;
}

const get = route({
  method: 'get',
  path: '/obligations/{campaign}/{id...}',
  tag: 'obligations',
  title: '一项应办事项及我能办的动作 An obligation, and what I may do',
  access: 'signedIn',
  params,
  reply: detailSchema,
  async handle({ params: { campaign, id }, caller, services }) {
    const { db } = services.store;
    const seen = await seeCampaign(services, caller, campaign);
    const row = await seeObligation(services, seen, id);
    const { setting, state } = await services.folds.of(campaign);
    const view = viewObligation(setting, state.amendments, row.body, actorIn(caller, seen), (due) => daysBetween(seen.day, due));
    const users = await userNames(
      db,
      services.county,
      row.body.parts.map((part) => part.by as UserId),
    );
    const notices = await noticesAbout(db, services.county, campaign, id, seen.scope);
    const { suspended, proposal, closed, parts } = row.body;
    return {
      body: {
        ...show(row, await around(services, [row])),
        parts: parts.map((part) => ({
          ...part,
          byName: users.get(part.by) ?? '',
          answer: { ...part.answer },
          evidence: part.evidence.map((given) => ({ ...given, fields: { ...given.fields } })),
        })),
        missingParts: [...view.missingParts],
        allowed: [...view.allowed],
        asks: { fields: [...view.asks.fields], evidence: [...view.asks.evidence], items: [...view.asks.items], nil: view.asks.nil },
        daysLeft: view.daysLeft,
        suspended,
        proposal: proposal === null ? null : { ...proposal, values: { ...proposal.values } },
        closed,
        notices: notices.map((notice) => ({
          text: notice.text_id,
          role: notice.role,
          unit: notice.unit_id,
          sendAt: notice.send_at,
          status: notice.status,
        })),
      },
    };
  },
});

const acts = route({
  method: 'post',
  path: '/obligations/{campaign}/{id...}/acts',
  tag: 'obligations',
  title: '办理：完成、签收、反馈、核查、销号、延期等 Act on an obligation',
  about: 'onBehalfOf 为没有账号的经办人姓名，两个名字都保留。onBehalfOf names a person without an account; both names are kept.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z.strictObject({ act: actBody, onBehalfOf: note(100).optional() }).meta({ id: 'ObligationActRequest' }),
  reply: z.strictObject({ seq: z.int() }).meta({ id: 'ObligationActed' }),
  status: 200,
  problems: ['act-refused', 'not-permitted', 'campaign-not-running', 'engine-busy'],
  async handle(call) {
    const {
      params: { campaign, id },
      body,
      caller,
      services,
    } = call;
    const seen = await seeCampaign(services, caller, campaign);
    const row = await seeObligation(services, seen, id);
    const actor = await actorFor(services, caller, seen, row, body.onBehalfOf ?? null);
    if (call.operation === null) throw new Problem('idempotency-key-missing');
    const what = actOf(id, body.act);
    const given = { act: what, actId: call.operation.id as ActId, obligation: id };
    return { body: await withEvidence(services, caller, seen, given, () => act(call, seen, actor, what, row.row)) };
  },
});

/** The longer paths first: `{id...}` takes everything. */
export const obligationRoutes: readonly Route[] = [acts];
export const obligationGet: Route = get;
