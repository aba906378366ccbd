import { z } from 'zod';
import type { Db } from '../../store/connection.js';
import { writeCursor } from '../../store/cursor.js';
import { listObligations, type ObligationFilter, type ObligationRow, type Page } from '../../store/obligations.js';
import { unitById } from '../../store/units/read.js';
import type { Holding } from '../../store/users/holdings.js';
import { seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { chooseWorld, listedWorld, worldOfCampaign, worldQuery } from '../http/listed-world.js';
import { pageOf, pageQuery } from '../http/paging.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { elementId, localDate, processId, unitId, yes } from '../http/shapes.js';
import { around, obligationSchema, show, STATUSES } from './obligation-rows.js';

const list = route({
  method: 'get',
  path: '/obligations',
  tag: 'obligations',
  title: '应办事项：按期限排序，可筛选 Obligations by due date',
  about:
    'overdue=true 为逾期未办；mine=true 为由我的职责承担的。不给 campaign 时只列一个世界的：默认真实世界。overdue=true: open and late; mine=true: owed by a role I hold. Without a campaign one world is listed, the real one by default.',
  access: 'signedIn',
  query: z.strictObject({
    ...pageQuery,
    ...worldQuery,
    campaign: processId.optional(),
    below: unitId.optional(),
    status: z
      .string()
      .regex(/^[A-Za-z,]{1,200}$/)
      .optional()
      .meta({ description: STATUSES.join(', ') }),
    overdue: yes.optional(),
    mine: yes.optional(),
    role: elementId.optional(),
    duty: z
      .string()
      .regex(/^~?[A-Za-z][A-Za-z0-9]{0,99}$/)
      .optional(),
    insurance: elementId.optional(),
    dueBy: localDate.optional(),
  }),
  reply: pageOf(obligationSchema).extend({ world: listedWorld }).meta({ id: 'Obligations' }),
  async handle({ query, caller, services }) {
    const { db } = services.store;
    const seen = query.campaign === undefined ? null : await seeCampaign(services, caller, query.campaign);
    const chosen = seen === null ? await chooseWorld(services, caller, query.world) : null;
    const day = seen?.day ?? chosen?.day ?? caller.today;
    const scope = seen?.scope ?? caller.scope(day);
    const below = query.below === undefined ? undefined : (await unitById(db, services.county, query.below))?.path;
    if (query.below !== undefined && below === undefined) throw notFound();
    const statuses = query.status?.split(',').map((status) => z.enum(STATUSES).safeParse(status));
    const filter: ObligationFilter = {
      ...(query.campaign === undefined ? {} : { process: query.campaign }),
      ...(chosen === null || chosen.among === null ? {} : { among: chosen.among }),
      ...(below === undefined ? {} : { below }),
      ...(statuses === undefined ? {} : { status: statuses.flatMap((status) => (status.success ? [status.data] : [])) }),
      ...(query.overdue === true ? { status: ['open' as const], late: true } : {}),
      ...(query.role === undefined ? {} : { role: query.role }),
      ...(query.duty === undefined ? {} : { duty: query.duty }),
      ...(query.insurance === undefined ? {} : { insurance: query.insurance }),
      ...(query.dueBy === undefined ? {} : { dueBy: query.dueBy }),
    };
    const request = { limit: query.limit, ...(query.cursor === undefined ? {} : { after: query.cursor }) };
    const page =
      query.mine === true
        ? await mine(db, services.county, caller.heldOn(day), seen, filter, request)
        : await listObligations(db, services.county, scope, filter, request);
    const shared = await around(services, page.rows);
    const world = chosen?.shown ?? (seen === null ? null : worldOfCampaign(seen));
    if (world === null) throw notFound();
    return { body: { items: page.rows.map((row) => show(row, shared)), next: page.next, world } };
  },
});

/** Owed by a role that the caller holds, at or below where it holds it: one ordered list for each holding, merged. */
async function mine(
  db: Db,
  county: string,
  holdings: readonly Holding[],
  seen: CampaignSeen | null,
  filter: ObligationFilter,
  request: { limit: number; after?: string },
): Promise<Page<ObligationRow>> {
  const held = holdings.filter((h) => filter.role === undefined || h.role === filter.role);
  const pages = await Promise.all(
    held
      .filter((h) => seen === null || h.definition === null || h.definition === seen.row.definition_id)
      .map((h) => listObligations(db, county, [h.unitPath], { ...filter, role: h.role }, request)),
  );
  const byKey = new Map(pages.flatMap((page) => page.rows).map((row) => [keyOf(row).join('\0'), row]));
  const all = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const rows = all.slice(0, request.limit);
  const last = rows.at(-1);
  const more = all.length > request.limit || pages.some((page) => page.next !== null);
  return { rows, next: more && last !== undefined ? writeCursor(keyOf(last)) : null };
}

/** The order of every list of obligations: due date (without one last), process, id. */
const keyOf = (row: ObligationRow): readonly string[] => [row.due ?? '9999-12-31', row.process, row.id];

export const obligationList: Route = list;
