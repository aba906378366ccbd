import { z } from 'zod';
import { bulletin } from '../../activities/reports/bulletin.js';
import { dailyReport, type Daily } from '../../activities/reports/daily.js';
import type { ReportRequest } from '../../activities/reports/gather.js';
import type { Bulletin, Progress } from '../../activities/reports/model.js';
import { progressReport } from '../../activities/reports/progress.js';
import { csvOf } from '../../activities/reports/render/csv.js';
import { pictureOf } from '../../activities/reports/render/picture.js';
import { bulletinSheet, progressSheet, type Sheet } from '../../activities/reports/render/sheet.js';
import { xlsxOf } from '../../activities/reports/render/xlsx.js';
import { rowsBehind } from '../../activities/reports/rows.js';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Caller } from '../http/caller.js';
import { pageQuery } from '../http/paging.js';
import { notFound } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, processId, unitId } from '../http/shapes.js';
import { bulletinSchema, dailySchema, progressSchema, rowsSchema } from './reports-shapes.js';

const params = z.strictObject({ campaign: processId });
const named = z.strictObject({ campaign: processId, report: elementId });
type Asked = { readonly services: Services; readonly caller: Caller };

const request = ({ services, caller }: Asked, process: ProcessId): ReportRequest => ({
  county: services.county,
  process,
  scopeOn: (day) => caller.scope(day),
});

/** A report outside the caller's units does not exist for it. */
async function found<T>(report: Promise<T | null>): Promise<T> {
  const value = await report;
  if (value === null) throw notFound();
  return value;
}

const progressOf = (asked: Asked, campaign: ProcessId): Promise<Progress> =>
  found(progressReport(asked.services.store.db, request(asked, campaign)));
const dailyOf = (asked: Asked, campaign: ProcessId): Promise<Daily> =>
  found(dailyReport(asked.services.store.db, request(asked, campaign)));
const bulletinOf = (asked: Asked, campaign: ProcessId, name: string): Promise<Bulletin> =>
  found(bulletin(asked.services.store.db, request(asked, campaign), name));

const progress = route({
  method: 'get',
  path: '/reports/{campaign}/progress',
  tag: 'reports',
  title: '进度：人数、金额、剩余天数、可得分数 Progress in payers and yuan, days left, points in sight',
  access: 'signedIn',
  params,
  reply: progressSchema,
  handle: async (call) => ({ body: await progressOf(call, call.params.campaign) }),
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
  query: z.strictObject({ ...pageQuery, measure: elementId, unit: unitId }),
  reply: rowsSchema,
  handle: async (call) => {
    const { measure, unit, limit, cursor } = call.query;
    return {
      body: await found(
        rowsBehind(call.services.store.db, request(call, call.params.campaign), { measure, unit, limit, cursor: cursor ?? null }),
      ),
    };
  },
});

const bulletinRoute = route({
  method: 'get',
  path: '/reports/{campaign}/bulletins/{report}',
  tag: 'reports',
  title: '定义中的通报 A bulletin of the definition',
  access: 'signedIn',
  params: named,
  reply: bulletinSchema,
  handle: async (call) => ({ body: await bulletinOf(call, call.params.campaign, call.params.report) }),
});

const MEDIA = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  png: 'image/png',
} as const;
type FileKind = keyof typeof MEDIA;

/** Bytes; published as a binary string. */
const bytes = z.custom<Buffer>((value) => Buffer.isBuffer(value)).meta({ override: { type: 'string', format: 'binary' } });

const attached = (name: string, kind: FileKind): Record<string, string> => ({
  'Content-Disposition': `attachment; filename="${name}.${kind}"`,
});
const fileOf = (sheet: Sheet, kind: Exclude<FileKind, 'png'>): Promise<Buffer> =>
  kind === 'csv' ? Promise.resolve(csvOf(sheet)) : xlsxOf(sheet);

const progressFile = (kind: Exclude<FileKind, 'png'>): Route =>
  route({
    method: 'get',
    path: `/reports/{campaign}/progress.${kind}`,
    tag: 'reports',
    title: `进度表 Progress as ${kind.toUpperCase()}`,
    access: 'signedIn',
    params,
    reply: bytes,
    media: MEDIA[kind],
    handle: async (call) => ({
      body: await fileOf(progressSheet(await progressOf(call, call.params.campaign)), kind),
      headers: attached(`${call.params.campaign}-progress`, kind),
    }),
  });

const bulletinFile = (kind: Exclude<FileKind, 'png'>): Route =>
  route({
    method: 'get',
    path: `/reports/{campaign}/bulletins/{report}.${kind}`,
    tag: 'reports',
    title: `通报文件 A bulletin as ${kind.toUpperCase()}`,
    access: 'signedIn',
    params: named,
    reply: bytes,
    media: MEDIA[kind],
    handle: async (call) => {
      const { campaign, report } = call.params;
      return {
        body: await fileOf(bulletinSheet(await bulletinOf(call, campaign, report)), kind),
        headers: attached(`${campaign}-${report}`, kind),
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
  progress,
  daily,
  rows,
  bulletinRoute,
];
