import { z } from 'zod';
import { listMilestones, snapshotsOf } from '../../store/lists/figures.js';
import { listTargets } from '../../store/lists/targets.js';
import { seeCampaign } from '../http/campaign.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { elementId, processId, value } from '../http/shapes.js';

const params = z.strictObject({ campaign: processId });

const milestoneSchema = z
  .strictObject({
    key: z.string(),
    milestone: z.string(),
    unit: z.string(),
    period: z.string().nullable(),
    due: z.string(),
    status: z.string(),
    result: z.enum(['met', 'missed', 'open']).nullable(),
    version: z.int(),
    snapshot: z.string().nullable(),
  })
  .meta({ id: 'Milestone' });

const milestones = route({
  method: 'get',
  path: '/campaigns/{campaign}/milestones',
  tag: 'data',
  title: '考核节点及结果 Milestones and their results',
  access: 'signedIn',
  params,
  query: z.strictObject({ ...pageQuery, result: z.enum(['met', 'missed', 'open']).optional() }),
  reply: pageOf(milestoneSchema).meta({ id: 'Milestones' }),
  async handle({ params: { campaign }, query, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const after = decodeCursor(query.cursor, 1)?.[0] ?? null;
    const rows = await listMilestones(services.store.db, services.county, campaign, {
      scope: seen.scope,
      result: query.result ?? null,
      after: after === null ? null : String(after),
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.key]);
    const items = page.rows.map(({ key, snapshot, body }) => ({
      key,
      milestone: body.milestone,
      unit: body.unit,
      period: body.period,
      due: body.due,
      status: body.status,
      result: body.result,
      version: body.version,
      snapshot,
    }));
    return { body: { items, next: page.next } };
  },
});

const snapshotSchema = z
  .strictObject({
    id: z.string(),
    key: z.string(),
    version: z.int(),
    happenedBy: z.string(),
    recordedBefore: z.string(),
    tallies: z
      .record(z.string(), z.record(z.string(), z.number()))
      .meta({ description: '单位 -> 指标 -> 数；金额为分 unit -> count -> figure; money in fen' }),
    targetVersions: z.record(z.string(), z.int()),
    rowsDigest: z.string(),
    rowsCount: z.int(),
  })
  .meta({ id: 'Snapshot' });

const snapshots = route({
  method: 'get',
  path: '/campaigns/{campaign}/snapshots/{key...}',
  tag: 'data',
  title: '考核节点的定格数据，各版本 The frozen figures of a milestone, every version',
  access: 'signedIn',
  params: z.strictObject({ campaign: processId, key: z.string().min(1).max(200) }),
  reply: z.strictObject({ items: z.array(snapshotSchema) }).meta({ id: 'Snapshots' }),
  async handle({ params: { campaign, key }, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const rows = await snapshotsOf(services.store.db, services.county, campaign, key, seen.scope);
    if (rows.length === 0) throw notFound();
    return { body: { items: rows.map((row) => ({ ...row, tallies: copied(row.tallies), targetVersions: { ...row.targetVersions } })) } };
  },
});

const copied = (tallies: Readonly<Record<string, Readonly<Record<string, number>>>>): Record<string, Record<string, number>> =>
  Object.fromEntries(Object.entries(tallies).map(([unit, counts]) => [unit, { ...counts }]));

const targets = route({
  method: 'get',
  path: '/campaigns/{campaign}/targets',
  tag: 'data',
  title: '任务表（最新版）Target tables, newest version',
  access: 'signedIn',
  params,
  query: z.strictObject({ ...pageQuery, table: elementId.optional() }),
  reply: pageOf(
    z
      .strictObject({
        table: z.string(),
        version: z.int(),
        provisional: z.boolean(),
        unit: z.string(),
        unitName: z.string(),
        values: z.record(z.string(), value),
        money: z.array(z.string()).meta({ description: '哪些栏是金额（分） columns that are money, in fen' }),
        from: z.string(),
      })
      .meta({ id: 'Target', description: '金额为分 money in fen' }),
  ).meta({ id: 'Targets' }),
  async handle({ params: { campaign }, query, caller, services }) {
    const seen = await seeCampaign(services, caller, campaign);
    const cursor = decodeCursor(query.cursor, 2);
    const rows = await listTargets(services.store.db, services.county, campaign, {
      scope: seen.scope,
      table: query.table ?? null,
      after: cursor === null ? null : [String(cursor[0]), String(cursor[1])],
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.table, row.path]);
    const { tables } = (await services.folds.of(campaign)).setting.definition;
    const moneyOf = (id: string): string[] => (tables[id]?.outputs ?? []).flatMap((column) => (column.type === 'money' ? column.id : []));
    const items = page.rows.map(({ path: _path, ...row }) => ({ ...row, values: { ...row.values }, money: moneyOf(row.table) }));
    return { body: { items, next: page.next } };
  },
});

export const figureRoutes: readonly Route[] = [milestones, snapshots, targets];
