import { z } from 'zod';
import { nowIn } from '../../activities/worlds/now.js';
import { dateOf, daysBetween } from '../../domain/calendar/dates.js';
import { viewObligation } from '../../domain/process/index.js';
import { writeCursor } from '../../store/cursor.js';
import { findObligation, listObligations, type ObligationFilter, type ObligationRow, type Page } from '../../store/obligations.js';
import { noticesAbout } from '../../store/outbox.js';
import { unitById, unitsByIds } from '../../store/units/read.js';
import { userNames } from '../../store/users/users.js';
import type { ActId, Digest, LocalDate, UserId } from '../../domain/model/ids.js';
import { campaignsOfRows, daysLateOf, roleTitles } from '../../store/lists/campaigns.js';
import type { Db } from '../../store/connection.js';
import { actorIn, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { withEvidence } from '../http/evidence.js';
import { actorFor } from '../http/grants.js';
import { pageOf, pageQuery } from '../http/paging.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, localDate, note, obligationId, processId, unitId, value, values, yes } from '../http/shapes.js';
import { act } from './act.js';
import { actBody, actOf } from './obligation-acts.js';

const STATUSES = ['beforeLaunch', 'waiting', 'open', 'checking', 'done', 'waived', 'notApplicable', 'withdrawn'] as const;

export const obligationSchema = z
  .strictObject({
    campaign: z.string(),
    id: z.string(),
    origin: z.string(),
    duty: z.string(),
    title: z.string(),
    unit: z.string(),
    unitName: z.string(),
    insurance: z.string().nullable(),
    period: z.string().nullable(),
    owes: z.array(z.string()),
    owesTitles: z.array(z.string()).meta({ description: '承担者的职务名称 titles of the roles that owe it' }),
    status: z.enum(STATUSES),
    since: z.string(),
    due: z.string().nullable(),
    late: z.boolean(),
    daysLate: z.int().meta({ description: '逾期天数，未逾期为 0；未办结的算到今天 0 when not late; counted to today while open' }),
    rung: z.int(),
    closedOn: z.string().nullable(),
    person: z
      .string()
      .nullable()
      .meta({
        description: '逐人事项所涉人员的编号（不是姓名），其余为空 surrogate of the person it is about, never a name; null for an office',
      }),
  })
  .meta({ id: 'Obligation' });

/** What rows of a list share: names of units, and per campaign its day and the titles of its roles. */
interface Around {
  readonly names: ReadonlyMap<string, string>;
  readonly campaigns: ReadonlyMap<string, { readonly day: LocalDate; readonly titles: ReadonlyMap<string, string> }>;
}

function show(row: ObligationRow, { names, campaigns }: Around): z.input<typeof obligationSchema> {
  const campaign = campaigns.get(row.process);
  return {
    campaign: row.process,
    id: row.id,
    origin: row.origin,
    duty: row.duty,
    title: row.body.title,
    unit: row.unit,
    unitName: names.get(row.unit) ?? '',
    insurance: row.insurance,
    period: row.period,
    owes: [...row.owes],
    owesTitles: row.owes.map((role) => (role === 'person' ? '本人' : (campaign?.titles.get(role) ?? role))),
    status: row.status,
    since: row.since,
    due: row.due,
    late: row.late,
    daysLate: daysLateOf(row, (due) => (campaign === undefined ? 0 : daysBetween(due, campaign.day))),
    rung: row.rung,
    closedOn: row.closedOn,
    person: row.body.subject?.person ?? null,
  };
}

async function around(services: Services, rows: readonly ObligationRow[]): Promise<Around> {
  const { db } = services.store;
  const [units, campaigns] = await Promise.all([
    unitsByIds(
      db,
      services.county,
      rows.map((row) => row.unit),
    ),
    campaignsOfRows(
      db,
      services.county,
      rows.map((row) => row.process),
    ),
  ]);
  const described = campaigns.map(async ({ process, definitionDigest, clock }) => {
    const now = nowIn(clock);
    return [process, { day: dateOf(now), titles: await titlesOf(services, definitionDigest) }] as const;
  });
  return { names: new Map(units.map((unit) => [unit.id, unit.name])), campaigns: new Map(await Promise.all(described)) };
}

/** Released definitions never change: their titles are read once. */
const knownTitles = new Map<string, ReadonlyMap<string, string>>();
async function titlesOf({ store, county }: Services, digest: Digest): Promise<ReadonlyMap<string, string>> {
  const known = knownTitles.get(`${county}/${digest}`);
  if (known !== undefined) return known;
  const titles = await roleTitles(store.db, county, digest);
  if (titles.size > 0) knownTitles.set(`${county}/${digest}`, titles);
  return titles;
}

const list = route({
  method: 'get',
  path: '/obligations',
  tag: 'obligations',
  title: '应办事项：按期限排序，可筛选 Obligations by due date',
  about: 'overdue=true 为逾期未办；mine=true 为由我的职责承担的。overdue=true: open and late; mine=true: owed by a role I hold.',
  access: 'signedIn',
  query: z.strictObject({
    ...pageQuery,
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
  reply: pageOf(obligationSchema).meta({ id: 'Obligations' }),
  async handle({ query, caller, services }) {
    const { db } = services.store;
    const seen = query.campaign === undefined ? null : await seeCampaign(services, caller, query.campaign);
    const scope = seen?.scope ?? caller.scope();
    const below = query.below === undefined ? undefined : (await unitById(db, services.county, query.below))?.path;
    if (query.below !== undefined && below === undefined) throw notFound();
    const statuses = query.status?.split(',').map((status) => z.enum(STATUSES).safeParse(status));
    const filter: ObligationFilter = {
      ...(query.campaign === undefined ? {} : { process: query.campaign }),
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
        ? await mine(db, services.county, caller, seen, filter, request)
        : await listObligations(db, services.county, scope, filter, request);
    const shared = await around(services, page.rows);
    return { body: { items: page.rows.map((row) => show(row, shared)), next: page.next } };
  },
});

/** Owed by a role that the caller holds, at or below where it holds it: one ordered list for each holding, merged. */
async function mine(
  db: Db,
  county: string,
  caller: Caller,
  seen: CampaignSeen | null,
  filter: ObligationFilter,
  request: { limit: number; after?: string },
): Promise<Page<ObligationRow>> {
  const held = caller.heldOn(seen?.day ?? caller.today).filter((h) => filter.role === undefined || h.role === filter.role);
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

const params = z.strictObject({ campaign: processId, id: obligationId });

const evidenceSchema = z.strictObject({ paper: z.string(), fields: z.record(z.string(), value), file: z.string().nullable() });
const detailSchema = obligationSchema
  .extend({
    parts: z.array(
      z.strictObject({
        role: z.string(),
        by: z.string(),
        byName: z.string(),
        onBehalfOf: z.string().nullable(),
        on: z.string(),
        at: z.string(),
        nil: z.boolean(),
        answer: values,
        evidence: z.array(evidenceSchema),
      }),
    ),
    missingParts: z.array(z.string()),
    allowed: z.array(z.string()).meta({ description: '我现在可以办的动作 Acts open to me now' }),
    asks: z.strictObject({
      fields: z.array(z.strictObject({ id: z.string(), title: z.string(), type: z.string() })),
      evidence: z.array(z.strictObject({ id: z.string(), title: z.string() })),
      items: z.array(z.strictObject({ id: z.string(), title: z.string(), ticked: z.boolean() })),
      nil: z.boolean(),
    }),
    daysLeft: z.int().nullable(),
    suspended: z.strictObject({ since: z.string(), reason: z.string() }).nullable(),
    proposal: z.strictObject({ values, final: z.boolean(), decisionNeeded: z.boolean() }).nullable(),
    closed: z.strictObject({ on: z.string(), at: z.string(), by: z.string(), daysLate: z.int(), reason: z.string().nullable() }).nullable(),
    notices: z.array(z.strictObject({ text: z.string(), role: z.string(), unit: z.string(), sendAt: z.string(), status: z.string() })),
  })
  .meta({ id: 'ObligationDetail' });

/** An obligation that the caller sees; `not-found` else. */
export async function seeObligation(services: Services, campaign: CampaignSeen, id: ObligationRow['id']): Promise<ObligationRow> {
  const row = await findObligation(services.store.db, services.county, campaign.scope, campaign.row.process_id, id);
  if (row === null) throw notFound();
  return row;
}

const get = route({
  method: 'get',
  path: '/obligations/{campaign}/{id...}',
  tag: 'obligations',
  title: '一项应办事项及我能办的动作 An obligation, and what I may do',
  access: 'signedIn',
  params,
  reply: detailSchema,
  async handle({ params: { campaign, id }, caller, services }) {
    const { db } = services.store;
    const seen = await seeCampaign(services, caller, campaign);
    const row = await seeObligation(services, seen, id);
    const { setting, state } = await services.folds.of(campaign);
    const view = viewObligation(setting, state.amendments, row.body, actorIn(caller, seen), (due) => daysBetween(seen.day, due));
    const users = await userNames(
      db,
      services.county,
      row.body.parts.map((part) => part.by as UserId),
    );
    const notices = await noticesAbout(db, services.county, campaign, id, seen.scope);
    const { suspended, proposal, closed, parts } = row.body;
    return {
      body: {
        ...show(row, await around(services, [row])),
        parts: parts.map((part) => ({
          ...part,
          byName: users.get(part.by) ?? '',
          answer: { ...part.answer },
          evidence: part.evidence.map((given) => ({ ...given, fields: { ...given.fields } })),
        })),
        missingParts: [...view.missingParts],
        allowed: [...view.allowed],
        asks: { fields: [...view.asks.fields], evidence: [...view.asks.evidence], items: [...view.asks.items], nil: view.asks.nil },
        daysLeft: view.daysLeft,
        suspended,
        proposal: proposal === null ? null : { ...proposal, values: { ...proposal.values } },
        closed,
        notices: notices.map((notice) => ({
          text: notice.text_id,
          role: notice.role,
          unit: notice.unit_id,
          sendAt: notice.send_at,
          status: notice.status,
        })),
      },
    };
  },
});

const acts = route({
  method: 'post',
  path: '/obligations/{campaign}/{id...}/acts',
  tag: 'obligations',
  title: '办理：完成、签收、反馈、核查、销号、延期等 Act on an obligation',
  about: 'onBehalfOf 为没有账号的经办人姓名，两个名字都保留。onBehalfOf names a person without an account; both names are kept.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z.strictObject({ act: actBody, onBehalfOf: note(100).optional() }).meta({ id: 'ObligationActRequest' }),
  reply: z.strictObject({ seq: z.int() }).meta({ id: 'ObligationActed' }),
  status: 200,
  problems: ['act-refused', 'not-permitted', 'campaign-not-running', 'engine-busy'],
  async handle(call) {
    const {
      params: { campaign, id },
      body,
      caller,
      services,
    } = call;
    const seen = await seeCampaign(services, caller, campaign);
    const row = await seeObligation(services, seen, id);
    const actor = await actorFor(services, caller, seen, row, body.onBehalfOf ?? null);
    if (call.operation === null) throw new Problem('idempotency-key-missing');
    const what = actOf(id, body.act);
    const given = { act: what, actId: call.operation.id as ActId, obligation: id };
    return { body: await withEvidence(services, caller, seen, given, () => act(call, seen, actor, what, row.row)) };
  },
});

/** The longer paths first: `{id...}` takes everything. */
export const obligationRoutes: readonly Route[] = [list, acts];
export const obligationGet: Route = get;
