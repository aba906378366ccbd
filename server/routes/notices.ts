import { z } from 'zod';
import { listOutbox, markRead, messagesOf, OUTBOX_STATUSES } from '../../store/lists/notices.js';
import { unitsByIds } from '../../store/units/read.js';
import { presentMoment } from '../http/auth.js';
import { seeCampaign } from '../http/campaign.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { processId, yes } from '../http/shapes.js';

const messageSchema = z
  .strictObject({
    id: z.string(),
    campaign: z.string(),
    subject: z.string(),
    body: z.string(),
    mandatory: z.boolean(),
    sendAt: z.string(),
    sentAt: z.string().nullable(),
    readAt: z.string().nullable(),
  })
  .meta({ id: 'Message' });

const inbox = route({
  method: 'get',
  path: '/notices',
  tag: 'notices',
  title: '我的通知，最新在前 My notices, the latest first',
  access: 'signedIn',
  query: z.strictObject({ ...pageQuery, unread: yes.optional() }),
  reply: pageOf(messageSchema).meta({ id: 'Messages' }),
  async handle({ query, caller, services }) {
    const cursor = decodeCursor(query.cursor, 2);
    const rows = await messagesOf(services.store.db, services.county, caller.id, {
      unread: query.unread === true,
      before: cursor === null ? null : [String(cursor[0]), String(cursor[1])],
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.sendAt, row.id]);
    const items = page.rows.map(({ process, channel: _channel, status: _status, ...message }) => ({ ...message, campaign: process }));
    return { body: { items, next: page.next } };
  },
});

const read = route({
  method: 'post',
  path: '/notices/{message}/read',
  tag: 'notices',
  title: '标为已读 Mark as read',
  access: 'signedIn',
  params: z.strictObject({ message: z.string().min(1).max(200) }),
  reply: z.null(),
  status: 204,
  async handle({ params: { message }, caller, services, trx }) {
    if (!(await markRead(trx, services.county, caller.id, message, presentMoment()))) throw notFound();
    return { body: null };
  },
});

const outbox = route({
  method: 'get',
  path: '/campaigns/{campaign}/notices',
  tag: 'notices',
  title: '一项工作发出和待发的通知 Notices of a campaign, sent and waiting',
  access: 'signedIn',
  params: z.strictObject({ campaign: processId }),
  query: z.strictObject({ ...pageQuery, status: z.enum(OUTBOX_STATUSES).optional() }),
  reply: pageOf(
    z
      .strictObject({
        id: z.string(),
        obligation: z.string().nullable(),
        unit: z.string(),
        unitName: z.string(),
        role: z.string(),
        roleTitle: z.string(),
        text: z.string(),
        say: z.string().nullable().meta({ description: '文本的中文样式 the text with its fields open' }),
        sendAt: z.string(),
        mandatory: z.boolean(),
        via: z.array(z.string()),
        status: z.enum(OUTBOX_STATUSES),
      })
      .meta({ id: 'Notice' }),
  ).meta({ id: 'Notices' }),
  async handle({ params: { campaign }, query, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const cursor = decodeCursor(query.cursor, 2);
    const rows = await listOutbox(services.store.db, services.county, campaign, {
      scope: seen.scope,
      status: query.status ?? null,
      after: cursor === null ? null : [String(cursor[0]), String(cursor[1])],
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.sendAt, row.id]);
    const { definition } = (await services.folds.of(campaign)).setting;
    const units = await unitsByIds(
      services.store.db,
      services.county,
      page.rows.map((row) => row.unit),
    );
    const names = new Map<string, string>(units.map(({ id, name }) => [id, name]));
    const items = page.rows.map((row) => ({
      ...row,
      unitName: names.get(row.unit) ?? '',
      roleTitle: definition.roles[row.role]?.title ?? row.role,
      say: definition.texts[row.text]?.say.zh ?? null,
      via: [...row.via],
      status: z.enum(OUTBOX_STATUSES).parse(row.status),
    }));
    return { body: { items, next: page.next } };
  },
});

export const noticeRoutes: readonly Route[] = [inbox, read, outbox];
