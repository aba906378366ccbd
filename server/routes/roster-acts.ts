import { z } from 'zod';
import { declareTier, enterIdentity, reportDeposit } from '../../activities/people/index.js';
import { maskName } from '../../domain/people/names.js';
import { frameOf } from '../../domain/process/index.js';
import { unitOfDue } from '../../store/lists/payments.js';
import { unitPathOfPerson } from '../../store/lists/persons.js';
import { identityLines } from '../../store/lists/roster.js';
import { inScope, type Scope } from '../../store/scope.js';
import { unitById } from '../../store/units/read.js';
import { recordAudit } from '../http/audit.js';
import { seeCampaign, type CampaignSeen } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { grantedScope } from '../http/grants.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { scopeOfRoles } from '../http/persons.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { elementId, line, localDate, note, processId, unitId, yes } from '../http/shapes.js';
import { dailyAct, dueId } from './money.js';

const params = z.strictObject({ campaign: processId });
const onBehalfOf = line(100).nullable().default(null);
const personId = z.string().regex(/^[a-z]\d{1,15}$/);

/** A due in the units for which the caller may; `not-found` outside them. */
async function dueWithin(services: Services, seen: CampaignSeen, due: string, scope: Scope): Promise<void> {
  const at = await unitOfDue(services.store.db, services.county, seen.row.process_id, due);
  if (at === null || !inScope(scope, at.path)) throw notFound();
}

const declare = route({
  method: 'post',
  path: '/campaigns/{campaign}/dues/{due}/tier',
  tag: 'data',
  title: '变更一人的缴费档次 Change the tier that a person chose',
  about:
    '由 may.declare 授权，未写明时为牵头角色；违反规则时拒绝，仅提示的规则随结果返回；已缴费或银行处理中不能改。Granted by may.declare, else to the leading role; rules refuse or mark it; what is paid or with the bank stands.',
  access: 'signedIn',
  effects: 'elsewhere',
  params: params.extend({ due: dueId }),
  body: z
    .strictObject({ tier: z.int().positive().meta({ description: '分 fen' }), reason: note(500), onBehalfOf })
    .meta({ id: 'TierChange' }),
  reply: z
    .strictObject({
      changed: z.boolean(),
      marked: z.array(z.strictObject({ rule: z.string(), title: z.string(), clause: z.array(z.string()) })),
    })
    .meta({ id: 'TierChanged' }),
  status: 200,
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const { params: { campaign, due }, body, caller, services } = call; // prettier-ignore
    const seen = await seeCampaign(services, caller, campaign);
    await dueWithin(services, seen, due, await grantedScope(services, caller, seen, 'declare'));
    const { changed, marked } = await declareTier({ ...dailyAct(call, seen, body.onBehalfOf), due, tier: body.tier, reason: body.reason });
    return { body: { changed, marked: marked.map(({ rule, title, clause }) => ({ rule, title, clause: [...clause] })) } };
  },
});

const deposit = route({
  method: 'post',
  path: '/campaigns/{campaign}/dues/{due}/deposits',
  tag: 'data',
  title: '申报一人的预存情况 Report what stands deposited for a due',
  about:
    '金额为当日账上共有多少，不是新存多少；由 may.reportDeposit 授权；不入账。The amount is what stands there in all; granted by may.reportDeposit; it books nothing.',
  access: 'signedIn',
  effects: 'elsewhere',
  params: params.extend({ due: dueId }),
  body: z.strictObject({ amount: z.int().min(0).meta({ description: '分 fen' }), on: localDate, onBehalfOf }).meta({ id: 'DepositReport' }),
  reply: z.strictObject({ known: z.boolean() }).meta({ id: 'DepositReported' }),
  status: 200,
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const { params: { campaign, due }, body, caller, services } = call; // prettier-ignore
    const seen = await seeCampaign(services, caller, campaign);
    await dueWithin(services, seen, due, await grantedScope(services, caller, seen, 'reportDeposit'));
    // One person's deposit is what a township hears; the bank speaks by its list.
    const report = { due, amount: body.amount, on: body.on, source: 'township' as const };
    return { body: await reportDeposit({ ...dailyAct(call, seen, body.onBehalfOf), ...report }) };
  },
});

const enter = route({
  method: 'post',
  path: '/campaigns/{campaign}/identities',
  tag: 'data',
  title: '录入一人的特殊身份 Enter a person’s certified identity',
  about:
    '由 may.enterIdentity 授权；未经部门认定的不得录入；录入日期为当日，逾期录入不再代缴。Granted by may.enterIdentity; only what an office has certified; on the day of recording.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  body: z.strictObject({ person: personId, group: elementId, onBehalfOf }).meta({ id: 'IdentityEntry' }),
  reply: z.strictObject({ entered: z.boolean() }).meta({ id: 'IdentityEntered' }),
  status: 200,
  problems: ['act-refused', 'not-permitted'],
  async handle(call) {
    const { params: { campaign }, body, caller, services } = call; // prettier-ignore
    const seen = await seeCampaign(services, caller, campaign);
    const scope = await grantedScope(services, caller, seen, 'enterIdentity');
    const path = await unitPathOfPerson(services.store.db, services.county, body.person);
    if (path === null || !inScope(scope, path)) throw notFound();
    return { body: await enterIdentity({ ...dailyAct(call, seen, body.onBehalfOf), person: body.person, group: body.group }) };
  },
});

/** Where a caller sees identities: all groups where it sees persons, else those that it certifies. */
async function identityScope(
  services: Services,
  caller: Caller,
  seen: CampaignSeen,
): Promise<{ scope: Scope; groups: readonly string[] | null }> {
  const { setting, state } = await services.folds.of(seen.row.process_id);
  const { definition, plainRoles } = frameOf(setting, state.amendments);
  const persons = scopeOfRoles(caller, seen, (definition.may['seePersons']?.by ?? []).flatMap(plainRoles));
  if (persons.length > 0) return { scope: persons, groups: null };
  const certified = Object.values(definition.groups).map(({ id, by }) => ({ id, scope: scopeOfRoles(caller, seen, plainRoles(by)) }));
  const [first] = certified.filter(({ scope }) => scope.length > 0);
  if (first === undefined) throw new Problem('not-permitted', { zh: '没有查看个人信息的权限', en: 'You may not see persons' });
  return { scope: first.scope, groups: certified.filter(({ scope }) => scope.join() === first.scope.join()).map(({ id }) => id) };
}

const identities = route({
  method: 'get',
  path: '/campaigns/{campaign}/identities',
  tag: 'data',
  title: '特殊身份：认定与录入 Special identities, certified and entered',
  about:
    '看得到个人信息的岗位看全部类别，认定部门看自己认定的类别；姓名遮掩，每次查看都留痕。Roles that see persons see all groups, who certifies sees its own; names are masked, every look is audited.',
  access: 'signedIn',
  effects: 'transaction',
  params,
  query: z.strictObject({
    ...pageQuery,
    unit: unitId.optional(),
    missing: yes.optional().meta({ description: '已认定、未录入 Certified and not entered' }),
  }),
  reply: pageOf(
    z
      .strictObject({
        id: z.string(),
        person: z.string(),
        name: z.string(),
        unit: z.string(),
        unitName: z.string(),
        group: z.string(),
        groupTitle: z.string(),
        certifiedBy: z.string().nullable(),
        certifiedOn: z.string().nullable(),
        withdrawn: z.boolean(),
        enteredOn: z.string().nullable(),
      })
      .meta({ id: 'Identity' }),
  ).meta({ id: 'Identities' }),
  problems: ['not-permitted'],
  async handle({ params: { campaign }, query, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, campaign);
    const { scope, groups } = await identityScope(services, caller, seen);
    const unit = query.unit === undefined ? null : await unitById(trx, services.county, query.unit);
    if (query.unit !== undefined && (unit === null || !inScope(scope, unit.path))) throw notFound();
    const cursor = decodeCursor(query.cursor, 1)?.[0] ?? null;
    const rows = await identityLines(trx, {
      county: services.county,
      process: campaign,
      scope,
      below: unit?.path ?? null,
      groups,
      missingOnly: query.missing === true,
      after: cursor === null ? null : String(cursor),
      limit: query.limit,
    });
    const page = cutPage(rows, query.limit, (row) => [row.id]);
    await recordAudit(services, trx, caller.id, 'persons.read', campaign, {
      list: 'identities',
      persons: page.rows.map(({ person }) => person),
    });
    const { definition } = (await services.folds.of(campaign)).setting;
    const items = page.rows.map((row) => ({
      ...row,
      name: maskName(row.name),
      groupTitle: definition.groups[row.group]?.title ?? row.group,
    }));
    return { body: { items, next: page.next } };
  },
});

export const rosterActRoutes: readonly Route[] = [declare, deposit, enter, identities];
