import { z } from 'zod';
import { bulletin } from '../../activities/reports/bulletin.js';
import { dailyReport, type Daily } from '../../activities/reports/daily.js';
import { DayAhead, type ReportRequest } from '../../activities/reports/gather.js';
import { issuedReport, issuesOf } from '../../activities/reports/issue.js';
import type { Bulletin, Progress } from '../../store/reports/model.js';
import { progressReport } from '../../activities/reports/progress.js';
import { pictureOf } from '../../activities/reports/render/picture.js';
import { bulletinSheet, progressSheet } from '../../activities/reports/render/sheet.js';
import { rowsBehind } from '../../activities/reports/rows.js';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Caller } from '../http/caller.js';
import { attached, bytes, MEDIA, sheetFile, type SheetKind } from '../http/media.js';
import { pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, localDate, localMoment, processId, unitId } from '../http/shapes.js';
import { bulletinSchema, dailySchema, issuesSchema, progressSchema, rowsSchema } from './reports-shapes.js';

const params = z.strictObject({ campaign: processId });
const named = z.strictObject({ campaign: processId, report: elementId });
const numbered = z.strictObject({ campaign: processId, report: elementId, number: z.coerce.number().int().min(1).max(1_000_000) });
const asOf = z
  .union([localDate, localMoment])
  .optional()
  .meta({ description: '截至某日终了或某一时刻的数字 Figures as of the end of a day, or of a moment' });
const dated = z.strictObject({ asOf });
type AsOf = z.output<typeof dated>['asOf'];
type Asked = { readonly services: Services; readonly caller: Caller };

const request = ({ services, caller }: Asked, process: ProcessId, day: AsOf): ReportRequest => ({
  county: services.county,
  process,
  scopeOn: (on) => caller.scope(on),
  asOf: day ?? null,
});

/** A report outside the caller's units does not exist for it; a day that has not come is refused. */
async function found<T>(report: Promise<T | null>): Promise<T> {
  const value = await report.catch((error: unknown) => {
    if (!(error instanceof DayAhead)) throw error;
    const texts = { zh: `不能晚于今天（${error.today}）`, en: `not after today (${error.today})` };
    throw new Problem('invalid-request', { errors: [{ in: 'query', path: 'asOf', code: 'day-ahead', ...texts }] });
  });
  if (value === null) throw notFound();
  return value;
}

const progressOf = (asked: Asked, campaign: ProcessId, day: AsOf): Promise<Progress> =>
  found(progressReport(asked.services.store.db, request(asked, campaign, day)));
const dailyOf = (asked: Asked, campaign: ProcessId): Promise<Daily> =>
  found(dailyReport(asked.services.store.db, request(asked, campaign, undefined)));
const bulletinOf = (asked: Asked, campaign: ProcessId, name: string, day: AsOf): Promise<Bulletin> =>
  found(bulletin(asked.services.store.db, request(asked, campaign, day), name));
const issueOf = (asked: Asked, { campaign, report, number }: z.output<typeof numbered>): Promise<Bulletin> =>
  found(issuedReport(asked.services.store.db, { ...request(asked, campaign, undefined), report }, number));

const progress = route({
  method: 'get',
  path: '/reports/{campaign}/progress',
  tag: 'reports',
  title: '进度：人数、金额、剩余天数、可得分数 Progress in payers and yuan, days left, points in sight',
  access: 'signedIn',
  params,
  query: dated,
  reply: progressSchema,
  handle: async (call) => ({ body: await progressOf(call, call.params.campaign, call.query.asOf) }),
});

const daily = route({
  method: 'get',
  path: '/reports/{campaign}/daily',
  tag: 'reports',
  title: '每日一句，供工作群使用 The daily line for a work group chat',
  access: 'signedIn',
  params,
  reply: dailySchema,
  handle: async (call) => ({ body: await dailyOf(call, call.params.campaign) }),
});

const rows = route({
  method: 'get',
  path: '/reports/{campaign}/rows',
  tag: 'reports',
  title: '一个数字背后的明细 The rows behind a figure',
  about: '不含姓名和身份证号码。Without names and ID numbers.',
  access: 'signedIn',
  params,
  query: z.strictObject({ ...pageQuery, measure: elementId, unit: unitId, insurance: elementId.optional(), asOf }),
  reply: rowsSchema,
  handle: async (call) => {
    const { measure, unit, insurance = null, limit, cursor = null } = call.query;
    const asked = request(call, call.params.campaign, call.query.asOf);
    return { body: await found(rowsBehind(call.services.store.db, asked, { measure, unit, insurance, limit, cursor })) };
  },
});

const bulletinRoute = route({
  method: 'get',
  path: '/reports/{campaign}/bulletins/{report}',
  tag: 'reports',
  title: '定义中的通报 A bulletin of the definition',
  about: '现时数字，或截至某日的数字；印发时的原样见 issues。As figures stand, or as of a day; as it was issued: see issues.',
  access: 'signedIn',
  params: named,
  query: dated,
  reply: bulletinSchema,
  handle: async (call) => ({ body: await bulletinOf(call, call.params.campaign, call.params.report, call.query.asOf) }),
});

const issues = route({
  method: 'get',
  path: '/reports/{campaign}/bulletins/{report}/issues',
  tag: 'reports',
  title: '已印发的各期通报 Issues of a bulletin, newest first',
  access: 'signedIn',
  params: named,
  reply: issuesSchema,
  handle: async (call) => {
    const { campaign, report } = call.params;
    const all = await found(issuesOf(call.services.store.db, { ...request(call, campaign, undefined), report }));
    return { body: { items: [...all] } };
  },
});

const issueRoute = route({
  method: 'get',
  path: '/reports/{campaign}/bulletins/{report}/issues/{number}',
  tag: 'reports',
  title: '印发时的通报原样 A bulletin as it was issued',
  access: 'signedIn',
  params: numbered,
  reply: bulletinSchema,
  handle: async (call) => ({ body: await issueOf(call, call.params) }),
});

const progressFile = (kind: SheetKind): Route =>
  route({
    method: 'get',
    path: `/reports/{campaign}/progress.${kind}`,
    tag: 'reports',
    title: `进度表 Progress as ${kind.toUpperCase()}`,
    access: 'signedIn',
    params,
    query: dated,
    reply: bytes,
    media: MEDIA[kind],
    handle: async (call) => ({
      body: await sheetFile(progressSheet(await progressOf(call, call.params.campaign, call.query.asOf)), kind),
      headers: attached(`${call.params.campaign}-progress`, kind),
    }),
  });

const bulletinFile = (kind: SheetKind): Route =>
  route({
    method: 'get',
    path: `/reports/{campaign}/bulletins/{report}.${kind}`,
    tag: 'reports',
    title: `通报文件 A bulletin as ${kind.toUpperCase()}`,
    access: 'signedIn',
    params: named,
    query: dated,
    reply: bytes,
    media: MEDIA[kind],
    handle: async (call) => {
      const { campaign, report } = call.params;
      return {
        body: await sheetFile(bulletinSheet(await bulletinOf(call, campaign, report, call.query.asOf)), kind),
        headers: attached(`${campaign}-${report}`, kind),
      };
    },
  });

const issueFile = (kind: SheetKind): Route =>
  route({
    method: 'get',
    path: `/reports/{campaign}/bulletins/{report}/issues/{number}.${kind}`,
    tag: 'reports',
    title: `印发的通报文件 A bulletin as issued, as ${kind.toUpperCase()}`,
    access: 'signedIn',
    params: numbered,
    reply: bytes,
    media: MEDIA[kind],
    handle: async (call) => {
      const { campaign, report, number } = call.params;
      return {
        body: await sheetFile(bulletinSheet(await issueOf(call, call.params)), kind),
        headers: attached(`${campaign}-${report}-${number}`, kind),
      };
    },
  });

const picture = route({
  method: 'get',
  path: '/reports/{campaign}/daily.png',
  tag: 'reports',
  title: '每日进度图，供工作群使用 The daily picture for a work group chat',
  access: 'signedIn',
  params,
  reply: bytes,
  media: MEDIA.png,
  handle: async (call) => ({ body: pictureOf(await dailyOf(call, call.params.campaign)), headers: { 'Content-Disposition': 'inline' } }),
});

export const reportRoutes: readonly Route[] = [
  progressFile('csv'),
  progressFile('xlsx'),
  picture,
  bulletinFile('csv'),
  bulletinFile('xlsx'),
  issueFile('csv'),
  issueFile('xlsx'),
  progress,
  daily,
  rows,
  bulletinRoute,
  issues,
  issueRoute,
];
