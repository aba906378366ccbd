import { z } from 'zod';
import { boardRows, boardTotals, type BoardRow } from '../../store/board.js';
import { unitById, unitsByIds } from '../../store/units/read.js';
import { seeCampaign } from '../http/campaign.js';
import { chooseWorld, listedWorld, worldQuery } from '../http/listed-world.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { processId, unitId } from '../http/shapes.js';

/** How much is owed and done: `late` is part of `open`, `doneLate` of `done`. */
export const counts = z
  .strictObject({ open: z.int(), late: z.int(), checking: z.int(), beforeLaunch: z.int(), done: z.int(), doneLate: z.int() })
  .meta({ id: 'Counts' });

const boardItems = z.array(
  z.strictObject({ unit: z.string(), name: z.string(), level: z.string(), path: z.string(), own: counts, subtree: counts }),
);

/** Rows with the names of their units and what each holds with all below it, those at or below `path` alone. */
async function shown(services: Services, rows: readonly BoardRow[], path: string): Promise<z.input<typeof boardItems>> {
  const found = await unitsByIds(
    services.store.db,
    services.county,
    rows.map((row) => row.unit),
  );
  const units = new Map(found.map((unit) => [unit.id, unit]));
  const totals = boardTotals(rows);
  return rows
    .filter((row) => row.unitPath.includes(path))
    .map(({ unit, unitPath, ...own }) => ({
      unit,
      name: units.get(unit)?.name ?? '',
      level: units.get(unit)?.level ?? '',
      path: unitPath,
      own,
      subtree: totals.get(unitPath) ?? own,
    }));
}

const ofCampaign = route({
  method: 'get',
  path: '/campaigns/{campaign}/board',
  tag: 'campaigns',
  title: '各单位办理情况 Counts by unit, its own and with all below',
  access: 'signedIn',
  params: z.strictObject({ campaign: processId }),
  query: z.strictObject({ below: unitId.optional() }),
  reply: z.strictObject({ items: boardItems }).meta({ id: 'Board' }),
  async handle({ params: { campaign }, query, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const rows = await boardRows(services.store.db, services.county, seen.scope, { process: campaign });
    return { body: { items: await shown(services, rows, query.below === undefined ? '' : `/${query.below}/`) } };
  },
});

const ofWorld = route({
  method: 'get',
  path: '/board',
  tag: 'campaigns',
  title: '各单位办理情况，一个世界的各项工作合计 Counts by unit over the campaigns of one world',
  about: '默认真实世界；演练不与真实工作相加。The real world by default; a rehearsal is never added to real work.',
  access: 'signedIn',
  query: z.strictObject({ ...worldQuery, below: unitId.optional() }),
  reply: z.strictObject({ items: boardItems, world: listedWorld }).meta({ id: 'WorldBoard' }),
  async handle({ query, caller, services }) {
    const { db } = services.store;
    const chosen = await chooseWorld(services, caller, query.world);
    const below = query.below === undefined ? null : await unitById(db, services.county, query.below);
    if (query.below !== undefined && below === null) throw notFound();
    const rows = await boardRows(db, services.county, caller.scope(chosen.day), {
      ...(chosen.among === null ? {} : { among: chosen.among }),
      ...(below === null ? {} : { below: below.path }),
    });
    return { body: { items: await shown(services, rows, ''), world: chosen.shown } };
  },
});

export const boardRoutes: readonly Route[] = [ofCampaign, ofWorld];
