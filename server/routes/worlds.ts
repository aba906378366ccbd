import { z } from 'zod';
import { endOfDay, isDate, isMoment, startOfDay } from '../../domain/calendar/dates.js';
import type { Moment } from '../../domain/model/ids.js';
import { nowIn } from '../../activities/worlds/now.js';
import type { Db } from '../../store/connection.js';
import { campaignsInWorld, pendingWork } from '../../store/engine/quiet.js';
import { beginMove, getWorld, type World } from '../../store/worlds.js';
import { seeCampaign } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { recordAudit } from '../http/audit.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { worldId } from '../http/shapes.js';

const worldSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['real', 'virtual']),
    now: z.string(),
    advancingTo: z.string().nullable().meta({ description: '推进中的目标；空为已到 Target of a move under way; null = arrived' }),
    campaigns: z.array(z.string()),
    quiet: z.boolean().meta({ description: '事实已记入、到期的都已处理、该发的都已发出 Facts taken in, nothing due, nothing unsent' }),
  })
  .meta({ id: 'World' });

const params = z.strictObject({ world: worldId });

/** A world is seen by those who see one of its campaigns; the real one by everybody. */
async function see(services: Services, db: Db, caller: Caller, id: string): Promise<{ world: World; campaigns: string[] }> {
  const world = await getWorld(db, services.county, id);
  const campaigns: string[] = [];
  for (const process of await campaignsInWorld(db, services.county, id)) {
    try {
      campaigns.push((await seeCampaign(services, caller, process)).row.process_id);
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'not-found')) throw error;
    }
  }
  if (campaigns.length === 0 && world.kind === 'virtual') throw notFound();
  return { world, campaigns };
}

async function show(services: Services, db: Db, world: World, campaigns: string[]): Promise<z.input<typeof worldSchema>> {
  const now = nowIn(world);
  const pending = await pendingWork(db, services.county, world.id, now);
  return {
    id: world.id,
    kind: world.kind,
    now,
    advancingTo: world.advancingTo,
    campaigns,
    quiet: world.advancingTo === null && pending === 0,
  };
}

const get = route({
  method: 'get',
  path: '/worlds/{world}',
  tag: 'worlds',
  title: '一个时间世界 A world and its clock',
  access: 'signedIn',
  params,
  reply: worldSchema,
  async handle({ params: { world: id }, caller, services }) {
    const { db } = services.store;
    const { world, campaigns } = await see(services, db, caller, id);
    return { body: await show(services, db, world, campaigns) };
  },
});

const to = z
  .string()
  .max(19)
  .refine((text) => isDate(text) || isMoment(text), '应为日期或本地时刻；a day or a local time');

const advance = route({
  method: 'post',
  path: '/worlds/{world}/advance',
  tag: 'worlds',
  title: '推进虚拟时间 Move a virtual world’s clock forward',
  about:
    '立即返回；用 GET 看是否已到。日期推进到当天结束，startOfDay=true 则到当天零点。Answers at once; GET shows when it has arrived. A day means its end, or its beginning with startOfDay=true.',
  access: 'signedIn',
  params,
  body: z.strictObject({ to, startOfDay: z.boolean().default(false) }).meta({ id: 'Advance' }),
  reply: worldSchema,
  status: 202,
  problems: ['world-is-real', 'world-backwards', 'not-permitted'],
  async handle({ params: { world: id }, body, caller, services, trx }) {
    const { campaigns } = await see(services, trx, caller, id);
    await mustLeadOne(services, caller, campaigns, id);
    const world = await beginMove(trx, services.county, id, targetOf(body.to, body.startOfDay));
    await recordAudit(services, trx, caller.id, 'world.advanced', id, { to: body.to });
    return { body: await show(services, trx, world, campaigns) };
  },
});

const targetOf = (text: string, start: boolean): Moment => {
  if (isMoment(text)) return text;
  if (!isDate(text)) throw new Problem('invalid-request');
  return start ? startOfDay(text) : endOfDay(text);
};

/** Time is moved by who leads one of the world's campaigns, or administers its launching unit. */
async function mustLeadOne(services: Services, caller: Caller, campaigns: readonly string[], world: string): Promise<void> {
  if (world === 'real') return;
  for (const id of campaigns) {
    const seen = await seeCampaign(services, caller, id as Parameters<typeof seeCampaign>[2]);
    const { setting } = await services.folds.of(seen.row.process_id);
    if (caller.holds(setting.definition.leads, seen.root.path, seen.day, seen.row.definition_id)) return;
    if (caller.administers.some((path) => seen.root.path.startsWith(path))) return;
  }
  throw new Problem('not-permitted');
}

const quiet = route({
  method: 'get',
  path: '/wait-quiet',
  tag: 'operations',
  title: '是否已安静：没有未记入的事实、到期未办和该发未发 Whether nothing is under way',
  access: 'adminOrAuditor',
  query: z.strictObject({ world: worldId.optional() }),
  reply: z.strictObject({ quiet: z.boolean(), pending: z.int() }).meta({ id: 'Quiet' }),
  async handle({ query, caller, services }) {
    if (!caller.overAll) throw new Problem('not-permitted');
    const { db } = services.store;
    const world = await getWorld(db, services.county, query.world ?? 'real');
    const pending = (await pendingWork(db, services.county, world.id, nowIn(world))) + (world.advancingTo === null ? 0 : 1);
    return { body: { quiet: pending === 0, pending } };
  },
});

export const worldRoutes: readonly Route[] = [get, advance, quiet];
