import { z } from 'zod';
import { addDays } from '../../domain/calendar/dates.js';
import { addHolding, endHolding, handOver, holdingById, holdingsOf, listHoldings, type Holding } from '../../store/users/holdings.js';
import { inScope } from '../../store/scope.js';
import type { Db } from '../../store/connection.js';
import { unitById, unitsByIds } from '../../store/units/read.js';
import { userNames } from '../../store/users/users.js';
import { recordAudit } from '../http/audit.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { definitionId, elementId, line, localDate, unitId, userId } from '../http/shapes.js';
import { administered, visibleUser } from './users.js';

const paper = z.record(elementId, z.string().max(500)).nullable();

const holdingSchema = z
  .strictObject({
    id: z.int(),
    user: z.string(),
    userName: z.string(),
    role: z.string(),
    unit: z.string(),
    unitName: z.string(),
    definition: z.string().nullable().meta({ description: '空表示所有工作 null = in every campaign' }),
    from: z.string().nullable(),
    to: z.string().nullable().meta({ description: '最后一天 last day' }),
    standInFor: z.string().nullable(),
    standInForName: z.string().nullable(),
    paper,
  })
  .meta({ id: 'Holding' });

/** Holdings with the names of who holds them where. */
async function shown(services: Services, db: Db, holdings: readonly Holding[]): Promise<z.input<typeof holdingSchema>[]> {
  const [users, units] = await Promise.all([
    userNames(
      db,
      services.county,
      holdings.flatMap(({ user, standInFor }) => (standInFor === null ? [user] : [user, standInFor])),
    ),
    unitsByIds(
      db,
      services.county,
      holdings.map(({ unit }) => unit),
    ),
  ]);
  const names = new Map<string, string>(units.map(({ id, name }) => [id, name]));
  return holdings.map(({ unitPath: _path, ...holding }) => ({
    ...holding,
    userName: users.get(holding.user) ?? '',
    unitName: names.get(holding.unit) ?? '',
    standInForName: holding.standInFor === null ? null : (users.get(holding.standInFor) ?? ''),
  }));
}

async function one(services: Services, db: Db, holding: Holding): Promise<z.input<typeof holdingSchema>> {
  const [row] = await shown(services, db, [holding]);
  if (row === undefined) throw notFound();
  return row;
}

const list = route({
  method: 'get',
  path: '/holdings',
  tag: 'users',
  title: '谁在何处任何职责 Who holds which role where',
  access: 'signedIn',
  query: z.strictObject({ ...pageQuery, unit: unitId.optional(), role: elementId.optional() }),
  reply: pageOf(holdingSchema).meta({ id: 'Holdings' }),
  async handle({ query, caller, services }) {
    const rows = await listHoldings(services.store.db, services.county, {
      scope: caller.scope(),
      unit: query.unit ?? null,
      role: query.role ?? null,
      after: Number(decodeCursor(query.cursor, 1)?.[0] ?? 0),
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (holding) => [holding.id]);
    return { body: { items: await shown(services, services.store.db, page.rows), next: page.next } };
  },
});

const ofUser = route({
  method: 'get',
  path: '/users/{user}/holdings',
  tag: 'users',
  title: '一个用户的职责 The roles of a user',
  access: 'signedIn',
  params: z.strictObject({ user: userId }),
  reply: z.strictObject({ items: z.array(holdingSchema) }),
  async handle({ params: { user }, caller, services }) {
    const { db } = services.store;
    await visibleUser(services, db, caller, user);
    const held = await holdingsOf(db, services.county, user);
    const seen = held.filter((holding) => user === caller.id || caller.sees(holding.unitPath));
    return { body: { items: await shown(services, db, seen) } };
  },
});

const add = route({
  method: 'post',
  path: '/users/{user}/holdings',
  tag: 'users',
  title: '授予职责，或指定代理人 Give a role, or name a stand-in',
  about:
    'admin 和 auditor 是系统职责；auditor 只读全部单位，须由顶层单位的管理员授予。admin and auditor are the engine’s own roles; auditor reads all units and is given by an administrator of a top unit.',
  access: 'admin',
  params: z.strictObject({ user: userId }),
  body: z
    .strictObject({
      role: elementId,
      unit: unitId,
      definition: definitionId.nullable().default(null),
      from: localDate.nullable().default(null),
      to: localDate.nullable().default(null),
      standInFor: userId.nullable().default(null),
      paper: paper.default(null),
    })
    .refine(({ from, to }) => from === null || to === null || from <= to, {
      path: ['to'],
      message: '最后一天早于第一天；the last day lies before the first',
    })
    .meta({ id: 'NewHolding' }),
  reply: holdingSchema,
  problems: ['conflict', 'not-permitted'],
  async handle({ params: { user }, body, caller, services, trx }) {
    const unit = await unitById(trx, services.county, body.unit);
    if (unit === null) throw notFound();
    caller.mustAdminister(unit.path);
    if (body.role === 'auditor' && unit.parent !== null)
      throw new Problem('conflict', { zh: 'auditor 只能授予在顶层单位', en: 'auditor is given at a top unit only' });
    await visibleUser(services, trx, caller, user);
    if (body.standInFor !== null) await visibleUser(services, trx, caller, body.standInFor);
    const holding = await addHolding(trx, services.county, { user, ...body });
    if (holding === null) throw new Problem('conflict', { zh: '该用户已有同样的职责', en: 'The user holds this role already' });
    await recordAudit(services, trx, caller.id, 'holding.added', user, {
      holding: holding.id,
      role: body.role,
      unit: body.unit,
      standInFor: body.standInFor,
    });
    return { body: await one(services, trx, holding) };
  },
});

const end = route({
  method: 'post',
  path: '/holdings/{holding}/end',
  tag: 'users',
  title: '结束职责 End a role',
  access: 'admin',
  params: z.strictObject({ holding: z.coerce.number().int().positive() }),
  body: z.strictObject({ lastDay: localDate, reason: line(500) }).meta({ id: 'HoldingEnd' }),
  reply: holdingSchema,
  status: 200,
  async handle({ params, body, caller, services, trx }) {
    const holding = await holdingById(trx, services.county, params.holding);
    if (holding === null) throw notFound();
    caller.mustAdminister(holding.unitPath);
    await endHolding(trx, services.county, holding.id, body.lastDay);
    await recordAudit(services, trx, caller.id, 'holding.ended', holding.user, {
      holding: holding.id,
      lastDay: body.lastDay,
      reason: body.reason,
    });
    return { body: await one(services, trx, { ...holding, to: body.lastDay }) };
  },
});

const pass = route({
  method: 'post',
  path: '/users/{user}/hand-over',
  tag: 'users',
  title: '人员变动时移交 Hand over when staff change',
  about:
    '自该日起由接手人担任全部现有职责，未发出的通知随之转给接手人。From that day the successor holds every role; notices not yet sent go to the successor.',
  access: 'admin',
  params: z.strictObject({ user: userId }),
  body: z.strictObject({ to: userId, on: localDate, reason: line(500) }).meta({ id: 'HandOver' }),
  reply: z.strictObject({ items: z.array(holdingSchema), endedOn: z.string() }),
  status: 200,
  problems: ['conflict', 'not-permitted'],
  async handle({ params: { user }, body, caller, services, trx }) {
    if (user === body.to) throw new Problem('conflict', { zh: '不能移交给本人', en: 'Nobody hands over to oneself' });
    await administered(services, trx, caller, user);
    await visibleUser(services, trx, caller, body.to);
    const held = await holdingsOf(trx, services.county, user);
    if (!held.every((holding) => inScope(caller.administers, holding.unitPath))) throw new Problem('not-permitted');
    const added = await handOver(trx, services.county, user, body.to, body.on);
    await recordAudit(services, trx, caller.id, 'holding.handedOver', user, {
      to: body.to,
      on: body.on,
      holdings: added.map((h) => h.id),
      reason: body.reason,
    });
    return { body: { items: await shown(services, trx, added), endedOn: addDays(body.on, -1) } };
  },
});

export const holdingRoutes: readonly Route[] = [list, ofUser, add, end, pass];
