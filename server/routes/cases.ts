import { z } from 'zod';
import { openByHand } from '../../activities/rows/open-case.js';
import { maskName } from '../../domain/people/names.js';
import { viewCase } from '../../domain/process/index.js';
import type { ActId, UserId } from '../../domain/model/ids.js';
import { unitOfDue } from '../../store/lists/payments.js';
import { namesWithin } from '../../store/lists/persons.js';
import { findObligation, leftStates, listObligations, type ObligationFilter } from '../../store/obligations.js';
import { entriesOf } from '../../store/rows/journal.js';
import { inScope } from '../../store/scope.js';
import { unitById } from '../../store/units/read.js';
import { userNames } from '../../store/users/users.js';
import { actorIn, mustRun, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { withEvidence } from '../http/evidence.js';
import { actorFor } from '../http/grants.js';
import { pageOf, pageQuery } from '../http/paging.js';
import { personScope, recordLook } from '../http/persons.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, localDate, note, obligationId, processId, unitId, values, yes } from '../http/shapes.js';
import { act } from './act.js';
import { actorOfEntry, actsOf, caseDetail, caseSchema, fieldsOf, historyOf, passedOf, standingOf } from './case-shapes.js';
import { dueId } from './money.js';
import { evidence, presentOf } from './obligation-acts.js';
import { around, show } from './obligation-rows.js';

const params = z.strictObject({ campaign: processId, id: obligationId });

/** A case that the caller sees, with its row; `not-found` else. */
async function seeCase(services: Services, seen: CampaignSeen, id: z.output<typeof obligationId>) {
  const row = await findObligation(services.store.db, services.county, seen.scope, seen.row.process_id, id);
  if (row === null || row.row !== row.id || row.body.case === undefined) throw notFound();
  return { row, standing: row.body.case };
}

const list = route({
  method: 'get',
  path: '/cases',
  tag: 'cases',
  title: '一项工作的办件：按期限排序，可筛选 Cases of a campaign, by due date',
  about:
    'open=true 为未办结，overdue=true 为已逾期的；names=true 时有权查看个人信息的看到其单位人员的遮掩姓名，查看留痕。open=true: not ended; overdue=true: open and late; names=true: masked names of the units where the caller may see persons, the look is recorded.',
  access: 'signedIn',
  effects: 'transaction',
  query: z.strictObject({
    ...pageQuery,
    campaign: processId,
    type: elementId.optional(),
    state: elementId.optional(),
    open: yes.optional(),
    overdue: yes.optional(),
    below: unitId.optional(),
    due: dueId.optional(),
    names: yes.optional(),
  }),
  reply: pageOf(
    caseSchema.extend({ name: z.string().nullable().meta({ description: '遮掩的姓名，要了才有 masked, when asked for' }) }),
  ).meta({
    id: 'Cases',
  }),
  problems: ['not-permitted'],
  async handle({ query, caller, services, trx }) {
    const { db } = services.store;
    const seen = await seeCampaign(services, caller, query.campaign);
    const below = query.below === undefined ? undefined : (await unitById(db, services.county, query.below))?.path;
    if (query.below !== undefined && below === undefined) throw notFound();
    const filter: ObligationFilter = {
      process: query.campaign,
      cases: { ...(query.state === undefined ? {} : { state: query.state }), ...(query.due === undefined ? {} : { due: query.due }) },
      ...(below === undefined ? {} : { below }),
      ...(query.type === undefined ? {} : { duty: query.type }),
      ...(query.open === true ? { status: ['open' as const, 'waiting' as const] } : {}),
      ...(query.overdue === true ? { status: ['open' as const], late: true } : {}),
    };
    const request = { limit: query.limit, ...(query.cursor === undefined ? {} : { after: query.cursor }) };
    const page = await listObligations(db, services.county, seen.scope, filter, request);
    const shared = await around(services, page.rows);
    const { setting } = await services.folds.of(query.campaign);
    const persons = page.rows.flatMap(({ body }) => body.subject?.person ?? []);
    const names =
      query.names === true
        ? await namesWithin(trx, services.county, await personScope(services, caller, seen), persons)
        : new Map<string, string>();
    if (query.names === true)
      await recordLook(
        { services, trx, caller, query: {} },
        query.campaign,
        [...names.keys()].map((person) => ({ person })),
        { list: 'cases' },
      );
    const items = page.rows.flatMap((row) => {
      const standing = standingOf(setting, row);
      const name = names.get(row.body.subject?.person ?? '');
      return standing === null ? [] : [{ ...show(row, shared), ...standing, name: name === undefined ? null : maskName(name) }];
    });
    return { body: { items, next: page.next } };
  },
});

const get = route({
  method: 'get',
  path: '/cases/{campaign}/{id...}',
  tag: 'cases',
  title: '一件办件：状态、栏位、经过，以及我能办的 A case: state, fields, history, and what I may do',
  access: 'signedIn',
  params,
  reply: caseDetail,
  async handle({ params: { campaign, id }, caller, services }) {
    const { db } = services.store;
    const seen = await seeCampaign(services, caller, campaign);
    const { row, standing: at } = await seeCase(services, seen, id);
    const { setting, state } = await services.folds.of(campaign);
    const view = viewCase(setting, state.amendments, row.body, actorIn(caller, seen));
    const standing = standingOf(setting, row);
    if (view === null || standing === null) throw notFound();
    const left = await leftStates(db, services.county, campaign, id);
    const entries = (await entriesOf(db, services.county, campaign, [id])).get(id) ?? [];
    const names = await userNames(
      db,
      services.county,
      [...entries.map(actorOfEntry), ...left.map(({ body }) => body.closed?.by ?? '')].map((user) => user as UserId),
    );
    return {
      body: {
        ...show(row, await around(services, [row])),
        ...standing,
        opener: { event: at.opener.event, cause: { ...at.opener.cause } },
        fields: fieldsOf(view, row.body),
        arrivedOn: at.arrivedOn,
        acts: actsOf(setting, view),
        passed: passedOf(left, names),
        history: historyOf(setting, at.type, entries, names),
      },
    };
  },
});

const acts = route({
  method: 'post',
  path: '/cases/{campaign}/{id...}/acts',
  tag: 'cases',
  title: '办件办理；多方签署的，最后一签办成 Act on a case; where several sign, the last signature does it',
  about:
    'answer 为所填栏位，金额以分计；dryRun 照样核对，什么也不留。answer holds the fields that are asked; money in fen; dryRun checks all the same and keeps nothing.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  query: z.strictObject({ dryRun: yes.optional() }),
  body: z
    .strictObject({
      act: elementId,
      answer: values.optional(),
      reason: note(1000).optional(),
      on: localDate.optional(),
      evidence: evidence.optional(),
      onBehalfOf: note(100).optional(),
    })
    .meta({ id: 'CaseActRequest' }),
  reply: z.strictObject({ seq: z.int() }).meta({ id: 'CaseActed' }),
  status: 200,
  problems: ['act-refused', 'not-permitted', 'campaign-not-running'],
  async handle(call) {
    const { params: { campaign, id }, body, caller, services } = call; // prettier-ignore
    const seen = await seeCampaign(services, caller, campaign);
    const { row, standing } = await seeCase(services, seen, id);
    const { setting } = await services.folds.of(campaign);
    const { onBehalfOf = null, ...sent } = body;
    const by = setting.definition.cases?.[standing.type]?.acts.find((one) => one.id === sent.act)?.by ?? [];
    const actor = await actorFor(services, caller, seen, { ...row, owes: by }, onBehalfOf);
    if (call.operation === null) throw new Problem('idempotency-key-missing');
    const what = { kind: 'step' as const, obligation: id, ...presentOf(sent) };
    const dryRun = call.query.dryRun === true;
    const given = { act: what, actId: call.operation.id as ActId, obligation: id, dryRun };
    return { body: await withEvidence(services, caller, seen, given, () => act(call, seen, actor, what, id, dryRun)), undo: dryRun };
  },
});

const open = route({
  method: 'post',
  path: '/cases',
  tag: 'cases',
  title: '开启一件办件；已有未办结的，并入其中 Open a case by hand; one that is open is joined',
  about:
    '只有该类办件写明 by 的岗位可以开启；下一刻由系统开出。Only roles that the kind of case names in `by`; it is opened a moment later.',
  access: 'signedIn',
  effects: 'elsewhere',
  body: z
    .strictObject({ campaign: processId, type: elementId, due: dueId, fields: values.optional(), reason: note(1000) })
    .meta({ id: 'CaseOpening' }),
  reply: z.strictObject({ opening: z.string(), stored: z.boolean() }).meta({ id: 'CaseOpened' }),
  status: 202,
  problems: ['act-refused', 'not-permitted', 'campaign-not-running'],
  async handle(call) {
    const { body, caller, services } = call;
    const seen = await seeCampaign(services, caller, body.campaign);
    mustRun(seen);
    const at = await unitOfDue(services.store.db, services.county, body.campaign, body.due);
    if (at === null || !inScope(seen.scope, at.path)) throw notFound();
    const { definition } = (await services.folds.of(body.campaign)).setting;
    const type = definition.cases?.[body.type];
    if (type === undefined) throw notFound();
    if (!type.by.some((role) => caller.holds(role, at.path, seen.day, definition.id)))
      throw new Problem('not-permitted', {
        zh:
          type.by.length === 0
            ? `“${type.title}”只由代扣结果开启`
            : `“${type.title}”由${type.by.map((role) => definition.roles[role]?.title ?? role).join('、')}开启`,
        en:
          type.by.length === 0 ? `'${type.id}' is only opened by what the bank answers` : `'${type.id}' is opened by ${type.by.join(', ')}`,
      });
    if (call.operation === null) throw new Problem('idempotency-key-missing');
    const { store, county } = services;
    const opening = { id: `hand/${call.operation.id}`, type: type.id, due: body.due, cause: { ...body.fields, reason: body.reason } };
    const stored = await openByHand(store, {
      county,
      process: body.campaign,
      root: seen.row.root_unit,
      at: seen.now,
      by: caller.id,
      opening,
    });
    return { body: { opening: opening.id, stored } };
  },
});

/** The longer paths first: `{id...}` takes everything. */
export const caseRoutes: readonly Route[] = [list, open, acts, get];
