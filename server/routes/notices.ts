import { z } from 'zod';
import { FieldMissing, renderText } from '../../activities/notify/render.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Db } from '../../store/connection.js';
import { campaignsOfRows, type CampaignOfRow } from '../../store/lists/campaigns.js';
import { listOutbox, markRead, messagesOf, OUTBOX_STATUSES, type MessageRow, type OutboxShown } from '../../store/lists/notices.js';
import { unitsByIds } from '../../store/units/read.js';
import { presentMoment } from '../http/auth.js';
import { seeCampaign } from '../http/campaign.js';
import { chooseWorld, listedWorld, worldOfCampaign, worldQuery } from '../http/listed-world.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { processId, yes } from '../http/shapes.js';
import { both } from '../http/words.js';

const messageSchema = z
  .strictObject({
    id: z.string(),
    campaign: z.string(),
    campaignTitle: z.string(),
    world: z.string(),
    virtual: z.boolean(),
    subject: z.string(),
    body: z.string(),
    mandatory: z.boolean(),
    sendAt: z.string(),
    sentAt: z.string().nullable(),
    readAt: z.string().nullable(),
  })
  .meta({ id: 'Message' });

async function shown(services: Services, db: Db, rows: readonly MessageRow[]): Promise<z.input<typeof messageSchema>[]> {
  const found = await campaignsOfRows(
    db,
    services.county,
    rows.map((row) => row.process),
  );
  const campaigns = new Map<string, CampaignOfRow>(found.map((campaign) => [campaign.process, campaign]));
  return rows.map(({ process, channel: _channel, status: _status, ...message }) => {
    const campaign = campaigns.get(process);
    return {
      ...message,
      campaign: process,
      campaignTitle: campaign?.title ?? '',
      world: campaign?.world ?? '',
      virtual: campaign?.clock.kind === 'virtual',
    };
  });
}

const inbox = route({
  method: 'get',
  path: '/notices',
  tag: 'notices',
  title: '我的通知，最新在前 My notices, the latest first',
  about: '不给 campaign 时只列一个世界的，默认真实世界。Without a campaign one world is listed, the real one by default.',
  access: 'signedIn',
  query: z.strictObject({ ...pageQuery, ...worldQuery, campaign: processId.optional(), unread: yes.optional() }),
  reply: pageOf(messageSchema).extend({ world: listedWorld }).meta({ id: 'Messages' }),
  async handle({ query, caller, services }) {
    const { db } = services.store;
    const seen = query.campaign === undefined ? null : await seeCampaign(services, caller, query.campaign);
    const chosen =
      seen === null ? await chooseWorld(services, caller, query.world) : { among: [seen.row.process_id], shown: worldOfCampaign(seen) };
    const cursor = decodeCursor(query.cursor, 2);
    const rows = await messagesOf(db, services.county, caller.id, {
      unread: query.unread === true,
      among: chosen.among,
      before: cursor === null ? null : [String(cursor[0]), String(cursor[1])],
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.sendAt, row.id]);
    return { body: { items: await shown(services, db, page.rows), next: page.next, world: chosen.shown } };
  },
});

const read = route({
  method: 'post',
  path: '/notices/{message}/read',
  tag: 'notices',
  title: '标为已读 Mark as read',
  access: 'signedIn',
  params: z.strictObject({ message: z.string().min(1).max(200) }),
  reply: messageSchema,
  status: 200,
  async handle({ params: { message }, caller, services, trx }) {
    const row = await markRead(trx, services.county, caller.id, message, presentMoment());
    const [body] = row === null ? [] : await shown(services, trx, [row]);
    if (body === undefined) throw notFound();
    return { body };
  },
});

/** The words of a notice as they are sent; null where a field has no value (it is not sent then). */
function wordsOf(setting: Setting, { text, fields, role }: OutboxShown): z.input<typeof both> | null {
  const found = setting.definition.texts[text];
  if (found === undefined) return null;
  try {
    return { zh: renderText(setting, found, fields, role, 'zh'), en: renderText(setting, found, fields, role, 'en') };
  } catch (error) {
    if (error instanceof FieldMissing) return null;
    throw error;
  }
}

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
        words: both.nullable().meta({ description: '通知的文字；缺内容而未发时为空 the words as sent; null when a value was missing' }),
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
    const { setting } = await services.folds.of(campaign);
    const units = await unitsByIds(
      services.store.db,
      services.county,
      page.rows.map((row) => row.unit),
    );
    const names = new Map<string, string>(units.map(({ id, name }) => [id, name]));
    const items = page.rows.map(({ fields, ...row }) => ({
      ...row,
      unitName: names.get(row.unit) ?? '',
      roleTitle: setting.definition.roles[row.role]?.title ?? row.role,
      words: wordsOf(setting, { ...row, fields }),
      via: [...row.via],
      status: z.enum(OUTBOX_STATUSES).parse(row.status),
    }));
    return { body: { items, next: page.next } };
  },
});

export const noticeRoutes: readonly Route[] = [inbox, read, outbox];
