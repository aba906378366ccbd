import { z } from 'zod';
import { assignPeople, cadreShares, notYetPaid } from '../../activities/people/index.js';
import { inScope } from '../../store/scope.js';
import type { UnitId } from '../../domain/model/ids.js';
import { writeCursor } from '../../store/cursor.js';
import { unitPathOfPerson } from '../../store/lists/persons.js';
import { unitById } from '../../store/units/read.js';
import { recordAudit } from '../http/audit.js';
import { seeCampaign } from '../http/campaign.js';
import { mustBeGranted } from '../http/grants.js';
import { personScope } from '../http/persons.js';
import { decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, localDate, processId, unitId, userId, yes } from '../http/shapes.js';
import { dailyAct } from './money.js';

const params = z.strictObject({ campaign: processId });

const unpaid = route({
  method: 'get',
  path: '/campaigns/{campaign}/unpaid',
  tag: 'data',
  title: '尚未缴费人员，按村和代办员 Who has not paid yet',
  about: '须有 seePersons 职责；每次查看都留痕。For roles that seePersons names; every look is audited.',
  access: 'signedIn',
  effects: 'transaction',
  params,
  query: z.strictObject({
    ...pageQuery,
    unit: unitId.optional(),
    collector: userId.optional(),
    insurance: elementId.optional(),
    lastYearOnly: yes.optional(),
  }),
  reply: pageOf(
    z
      .strictObject({
        due: z.string(),
        person: z.string(),
        name: z.string(),
        unit: z.string(),
        unitName: z.string(),
        insurance: z.string(),
        amount: z.int(),
        collected: z.int(),
        arrived: z.int(),
        collector: z.string().nullable(),
        collectorName: z.string().nullable(),
        paidLastYear: z.boolean(),
      })
      .meta({ id: 'Unpaid', description: '金额为分 money in fen' }),
  ).meta({ id: 'UnpaidList' }),
  async handle({ params: { campaign }, query, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, campaign);
    const paths = await personScope(services, caller, seen);
    const cursor = decodeCursor(query.cursor, 1)?.[0] ?? null;
    const page = await notYetPaid(trx, services.county, campaign, {
      paths,
      unit: query.unit ?? null,
      collector: query.collector ?? null,
      insurance: query.insurance ?? null,
      lastYearOnly: query.lastYearOnly === true,
      after: cursor === null ? null : String(cursor),
      limit: query.limit,
    });
    await recordAudit(services, trx, caller.id, 'persons.read', campaign, { list: 'unpaid', persons: page.rows.map((row) => row.person) });
    return { body: { items: [...page.rows], next: page.next === null ? null : writeCursor([page.next]) } };
  },
});

const shares = route({
  method: 'get',
  path: '/campaigns/{campaign}/shares',
  tag: 'data',
  title: '包片包村包户干部的完成情况 What each cadre was given and what of it is done',
  access: 'signedIn',
  params,
  reply: z
    .strictObject({
      items: z.array(z.strictObject({ user: z.string(), name: z.string(), assigned: z.int(), paid: z.int(), amount: z.int() })),
    })
    .meta({ id: 'Shares' }),
  async handle({ params: { campaign }, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    return { body: { items: [...(await cadreShares(services.store.db, services.county, campaign, seen.scope))] } };
  },
});

const assign = route({
  method: 'post',
  path: '/campaigns/{campaign}/assignments',
  tag: 'data',
  title: '把片、村、户分给干部 Give an area, village or household to a cadre',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z
    .strictObject({
      to: userId,
      from: localDate,
      what: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('area'), unit: unitId }),
        z.strictObject({ kind: z.literal('village'), unit: unitId }),
        z.strictObject({ kind: z.literal('household'), person: z.string().regex(/^[a-z]\d{1,15}$/) }),
      ]),
    })
    .meta({ id: 'Assignment' }),
  reply: z.null(),
  status: 204,
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const { services, caller } = call;
    const seen = await seeCampaign(services, caller, call.params.campaign);
    const path = await pathOf(services, call.body.what);
    if (path === null || !inScope(seen.scope, path) || !path.startsWith(seen.root.path)) throw notFound();
    await mustBeGranted(services, caller, seen, 'assign', path);
    await assignPeople({ ...dailyAct(call, seen, null), ...call.body });
    return { body: null };
  },
});

/** Where an area, a village or a household lies. */
async function pathOf({ store: { db }, county }: Services, what: { unit: UnitId } | { person: string }): Promise<string | null> {
  if ('unit' in what) return (await unitById(db, county, what.unit))?.path ?? null;
  return unitPathOfPerson(db, county, what.person);
}

export const peopleRoutes: readonly Route[] = [unpaid, shares, assign];
