import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { dateOf, daysBetween, isDate, isMoment, startOfDay } from '../../domain/calendar/dates.js';
import { Draft } from '../../domain/process/draft.js';
import { phaseDays } from '../../domain/process/deadlines.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Act } from '../../domain/model/event.js';
import type { Moment } from '../../domain/model/ids.js';
import { boardRows, boardTotals, EVERYWHERE, NO_COUNTS } from '../../store/board.js';
import { calendarSchema, readCalendar, type CalendarGiven } from '../launch/calendar.js';
import { launch } from '../launch/launch.js';
import { startLaunched } from '../launch/start.js';
import { actorIn, campaignsSeen, mustLead, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { route, type Call, type Route, type Uploaded } from '../http/route.js';
import type { Services } from '../http/services.js';
import { definitionId, elementId, line, localDate, note, processId, unitId, value, version, yes } from '../http/shapes.js';
import { act } from './act.js';
import { counts } from './board.js';
import { released } from './definitions.js';

export const campaignSchema = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    definition: z.string(),
    version: z.string(),
    year: z.int(),
    rootUnit: z.string(),
    rootUnitName: z.string(),
    world: z.string(),
    virtual: z.boolean(),
    status: z.enum(['launching', 'running', 'paused', 'stopped', 'ended']),
    now: z.string(),
    nextWake: z.string().nullable(),
    launchedAt: z.string().nullable(),
    launchedBy: z.string(),
  })
  .meta({ id: 'Campaign' });

const phaseSchema = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    state: z.enum(['ahead', 'open', 'ended']),
    daysLeft: z.int().nullable(),
  })
  .meta({ id: 'Phase' });

const detailSchema = campaignSchema
  .extend({
    phases: z.array(phaseSchema),
    progress: counts,
    seq: z.int(),
    leads: z.string(),
    parameters: z.record(z.string(), z.strictObject({ value, perUnit: z.record(z.string(), value) })),
    paused: z.strictObject({ since: z.string(), reason: z.string() }).nullable(),
  })
  .meta({ id: 'CampaignDetail' });

const show = ({ row, root, world, now }: CampaignSeen): z.input<typeof campaignSchema> => ({
  id: row.process_id,
  title: row.title,
  definition: row.definition_id,
  version: row.version,
  year: row.year,
  rootUnit: row.root_unit,
  rootUnitName: root.name,
  world: row.world_id,
  virtual: world.kind === 'virtual',
  status: row.status,
  now,
  nextWake: row.wake_at,
  launchedAt: row.launched_at,
  launchedBy: row.launched_by,
});

const list = route({
  method: 'get',
  path: '/campaigns',
  tag: 'campaigns',
  title: '与我有关的工作 Campaigns that concern my units',
  access: 'signedIn',
  query: z.strictObject({ virtual: yes.optional() }),
  reply: z.strictObject({ items: z.array(campaignSchema) }).meta({ id: 'Campaigns' }),
  async handle({ query, caller, services }) {
    const seen = await campaignsSeen(services, caller);
    return { body: { items: seen.map(show).filter((campaign) => query.virtual === undefined || campaign.virtual === query.virtual) } };
  },
});

const params = z.strictObject({ campaign: processId });

async function phasesOf(services: Services, seen: CampaignSeen): Promise<z.input<typeof phaseSchema>[]> {
  const { setting, state } = await services.folds.of(seen.row.process_id);
  const draft = new Draft(setting, state, state.now);
  return Object.values(draft.frame.definition.phases).map((phase) => {
    const days = phaseDays(draft, phase.id);
    const [from, to] = [days?.start ?? null, days?.end ?? null];
    const state = from === null || seen.day < from ? 'ahead' : to !== null && seen.day > to ? 'ended' : 'open';
    return {
      id: phase.id,
      title: phase.title,
      from,
      to,
      state,
      daysLeft: state === 'open' && to !== null ? daysBetween(seen.day, to) : null,
    };
  });
}

async function detail(services: Services, caller: Caller, id: CampaignSeen['row']['process_id']): Promise<z.input<typeof detailSchema>> {
  const seen = await seeCampaign(services, caller, id);
  const launched = seen.row.seq > 0;
  const { setting, state } = await services.folds.of(id);
  const rows = await boardRows(services.store.db, services.county, seen.scope, { process: id });
  return {
    ...show(seen),
    phases: launched ? await phasesOf(services, seen) : [],
    progress: boardTotals(rows).get(EVERYWHERE) ?? NO_COUNTS,
    seq: seen.row.seq,
    leads: setting.definition.leads,
    parameters: Object.fromEntries(
      Object.entries(setting.parameters).map(([name, set]) => [name, { value: set.value, perUnit: { ...set.perUnit } }]),
    ),
    paused: state.paused,
  };
}

const get = route({
  method: 'get',
  path: '/campaigns/{campaign}',
  tag: 'campaigns',
  title: '一项工作：阶段、进度、下一动作时间 A campaign: phases, progress, next wake',
  access: 'signedIn',
  params,
  reply: detailSchema,
  handle: async ({ params: { campaign }, caller, services }) => ({ body: await detail(services, caller, campaign) }),
});

const asOf = z
  .string()
  .max(19)
  .refine((text) => isDate(text) || isMoment(text), '应为日期或本地时刻；a day or a local time');
const asMoment = (text: string): Moment => (isMoment(text) ? text : isDate(text) ? startOfDay(text) : startOfDay(dateOf(text as Moment)));

const launchRoute = route({
  method: 'post',
  path: '/campaigns',
  tag: 'campaigns',
  title: '启动工作 Launch a campaign',
  about:
    '未定事项未全部答复时拒绝并列出（launch-open-questions）。参数按定义文件的写法给出：金额为元，如 "30"；时长如 "10d"。表的文件以表名为字段名上传，本县日历（YAML 或 JSON）以 calendar 为字段名。asOf 给出时在虚拟时间中演练。Refused with the list while questions are open. Parameters are written as in a definition: money in yuan, durations like "10d". Files of tables are uploaded under the tables’ ids, the county’s own calendar (YAML or JSON) as `calendar`. With asOf it runs in a virtual world.',
  access: 'signedIn',
  files: { fields: [], more: true, maxBytes: 50 * 1024 * 1024 },
  query: z.strictObject({ dryRun: yes.optional() }),
  body: z
    .strictObject({
      definition: definitionId,
      version: version.optional(),
      year: z.int().min(1990).max(2100),
      root: z.union([
        z.strictObject({ unit: unitId }),
        z.strictObject({
          path: z
            .array(z.strictObject({ level: elementId, name: line(100), code: line(50).nullable().default(null) }))
            .min(1)
            .max(8),
        }),
      ]),
      parameters: z.record(elementId, value).default({}),
      perUnit: z
        .record(elementId, z.record(line(100), value))
        .default({})
        .meta({ description: '参数 → 单位（编号或名称）→ 值 parameter, unit (id or name), value' }),
      calendar: calendarSchema.optional().meta({ description: '本县的放假安排，也可作为文件 calendar 上传 also as the file `calendar`' }),
      readings: z.array(z.string().max(20)).max(500).default([]),
      asOf: asOf.optional(),
    })
    .meta({ id: 'Launch' }),
  reply: z
    .strictObject({ id: z.string(), world: z.string(), rootUnit: z.string(), status: z.string(), title: z.string() })
    .meta({ id: 'Launched' }),
  problems: ['invalid-request', 'launch-open-questions', 'launch-refused', 'already-launched', 'not-permitted', 'engine-busy'],
  async handle({ body, query, files, caller, services, trx }) {
    const { definition, digest, bundle } = await released(services, trx, body.definition, body.version);
    const process = await launch(services, trx, caller, {
      definition,
      digest,
      bundle,
      year: body.year,
      root: body.root,
      parameters: body.parameters,
      perUnit: body.perUnit,
      calendar: await calendarOf(definition, body.calendar, files),
      readings: body.readings,
      files: Object.fromEntries(
        files.filter(({ field }) => !isCalendar(definition, field)).map((file) => [file.field, { name: file.name, path: file.path }]),
      ),
      asOf: body.asOf === undefined ? null : asMoment(body.asOf),
    });
    return {
      body: { id: process.process_id, world: process.world_id, rootUnit: process.root_unit, status: process.status, title: process.title },
      headers: { Location: `/api/v1/campaigns/${process.process_id}` },
      undo: query.dryRun === true,
    };
  },
  afterwards: async (services, _caller, reply) => startLaunched(services, processId.parse(reply.id)),
});

/** The field `calendar` is the county's calendar, unless the definition has a table of that name. */
const isCalendar = (definition: Definition, field: string): boolean => field === 'calendar' && definition.tables['calendar'] === undefined;

async function calendarOf(
  definition: Definition,
  given: CalendarGiven | undefined,
  files: readonly Uploaded[],
): Promise<CalendarGiven | null> {
  const file = files.find(({ field }) => isCalendar(definition, field));
  return given ?? (file === undefined ? null : readCalendar(await readFile(file.path, 'utf8')));
}

const actSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('pause'), reason: note(500) }),
    z.strictObject({ kind: z.literal('resume') }),
    z.strictObject({ kind: z.literal('stop'), reason: note(500) }),
    z.strictObject({
      kind: z.literal('amendPhase'),
      phase: elementId,
      from: localDate.nullable().default(null),
      to: localDate.nullable().default(null),
      reason: note(500),
    }),
    z.strictObject({
      kind: z.literal('amendParameter'),
      parameter: elementId,
      unit: unitId.nullable().default(null),
      value,
      reason: note(500),
    }),
    z.strictObject({ kind: z.literal('judge'), milestone: z.string().min(1).max(200) }),
    z.strictObject({ kind: z.literal('correctSnapshot'), milestone: z.string().min(1).max(200), reason: note(500) }),
  ])
  .meta({ id: 'CampaignAct' });

const acts = route({
  method: 'post',
  path: '/campaigns/{campaign}/acts',
  tag: 'campaigns',
  title: '对整项工作的操作：暂停、恢复、停止、调整、评定 Acts on the campaign: pause, resume, stop, amend, judge',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: actSchema,
  reply: z.strictObject({ seq: z.int() }).meta({ id: 'Acted' }),
  status: 200,
  problems: ['act-refused', 'not-permitted', 'campaign-not-running', 'engine-busy'],
  async handle(call) {
    const seen = await seeCampaign(call.services, call.caller, call.params.campaign);
    const { setting } = await call.services.folds.of(call.params.campaign);
    if (call.body.kind === 'judge' || call.body.kind === 'correctSnapshot' || call.body.kind === 'amendParameter') {
      return { body: await act(call, seen, actorIn(call.caller, seen), call.body) };
    }
    mustLeadOrGranted(call, seen, setting.definition.leads);
    return { body: await act(call, seen, actorIn(call.caller, seen), call.body satisfies Act) };
  },
});

/** The core checks who is granted the act; who neither leads nor holds any role here is told at once. */
function mustLeadOrGranted<P, Q, B>(call: Call<P, Q, B>, seen: CampaignSeen, leads: string): void {
  if (actorIn(call.caller, seen).roles.length === 0) mustLead(call.caller, seen, leads);
}

export const campaignRoutes: readonly Route[] = [list, launchRoute, get, acts];
