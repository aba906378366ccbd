import { z } from 'zod';
import { rosterSheet, showLine, type RosterShown } from '../../activities/people/roster-view.js';
import { rosterLines, type RosterAsked } from '../../store/lists/roster.js';
import { unitOfDue } from '../../store/lists/payments.js';
import { versionsOfDue } from '../../store/payments/tiers.js';
import { inScope } from '../../store/scope.js';
import { recordAudit } from '../http/audit.js';
import { seeCampaign, type CampaignSeen } from '../http/campaign.js';
import { attached, bytes, MEDIA, sheetFile, type SheetKind } from '../http/media.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { personsAsked, personScope, placeAsked, recordLook, type PersonsAsked } from '../http/persons.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Call, type Route } from '../http/route.js';
import { elementId, fen, processId } from '../http/shapes.js';
import { dueId } from './money.js';

const params = z.strictObject({ campaign: processId });
const filter = {
  ...personsAsked,
  insurance: elementId.optional(),
};
const LOOK =
  '须有 seePersons 职责；姓名、身份证号、账号默认遮掩，写明理由才全部显示；每次查看都留痕。For roles that seePersons names; names, ID numbers and accounts are masked unless a reason is given; every look is audited.';

const lineSchema = z
  .strictObject({
    due: z.string(),
    person: z.string(),
    name: z.string(),
    idNumber: z.string().nullable(),
    unit: z.string(),
    unitName: z.string(),
    insurance: z.string(),
    year: z.int(),
    tier: fen.nullable(),
    amount: fen,
    governmentPaid: fen,
    groups: z.array(z.string()),
    lateGroups: z.array(z.string()).meta({ description: '其中逾期录入的 Of these, entered after their cut-off' }),
    deposited: fen,
    collected: fen,
    arrived: fen,
    arrivedOn: z.string().nullable(),
    bank: z.string().nullable(),
    holder: z.string().nullable(),
    account: z.string().nullable(),
  })
  .meta({ id: 'RosterLine' });

type Asked = PersonsAsked & { readonly insurance?: string | undefined };

/** Lines that the caller may see, shown as it asked, with an audit record of the look. */
async function look<P extends { campaign: CampaignSeen['row']['process_id'] }, B>(
  call: Call<P, Asked, B>,
  page: Pick<RosterAsked, 'after' | 'limit'>,
): Promise<{ readonly seen: CampaignSeen; readonly lines: readonly RosterShown[]; readonly masked: boolean }> {
  const { params: { campaign }, query, caller, services, trx } = call; // prettier-ignore
  const seen = await seeCampaign(services, caller, campaign);
  const scope = await personScope(services, caller, seen);
  const found = await rosterLines(trx, {
    county: services.county,
    process: campaign,
    scope,
    below: await placeAsked(trx, services.county, scope, query),
    insurance: query.insurance ?? null,
    ...page,
  });
  const masked = query.reason === undefined;
  const shown = found.slice(0, page.limit);
  await recordLook(call, campaign, shown, { list: 'roster' });
  return { seen, masked, lines: found.map((one) => showLine(one, services.personalData, masked)) };
}

const list = route({
  method: 'get',
  path: '/campaigns/{campaign}/roster',
  tag: 'data',
  title: '征缴名册 The levy roster, by village',
  about: LOOK,
  access: 'signedIn',
  effects: 'transaction',
  params,
  query: z.strictObject({ ...pageQuery, ...filter }),
  reply: pageOf(lineSchema).meta({ id: 'Roster' }),
  problems: ['not-permitted'],
  async handle(call) {
    const { query } = call;
    const cursor = decodeCursor(query.cursor, 2);
    const after = cursor === null ? null : { unit: String(cursor[0]), due: String(cursor[1]) };
    const { lines } = await look(call, { after, limit: query.limit });
    const page = cutPage(lines, query.limit, (row) => [row.unit, row.due]);
    return {
      body: { items: page.rows.map((row) => ({ ...row, groups: [...row.groups], lateGroups: [...row.lateGroups] })), next: page.next },
    };
  },
});

const MOST_IN_FILE = 20_000;

const file = (kind: SheetKind): Route =>
  route({
    method: 'get',
    path: `/campaigns/{campaign}/roster.${kind}`,
    tag: 'data',
    title: `征缴名册文件 The levy roster as ${kind.toUpperCase()}`,
    about: LOOK,
    access: 'signedIn',
    effects: 'transaction',
    params,
    query: z.strictObject(filter),
    reply: bytes,
    media: MEDIA[kind],
    problems: ['not-permitted', 'conflict'],
    async handle(call) {
      const { seen, lines, masked } = await look(call, { after: null, limit: MOST_IN_FILE });
      if (lines.length > MOST_IN_FILE)
        throw new Problem('conflict', {
          zh: `超过 ${MOST_IN_FILE} 行，请按乡镇或村导出`,
          en: `More than ${MOST_IN_FILE} lines: ask for a township or village`,
        });
      const { definition } = (await call.services.folds.of(call.params.campaign)).setting;
      const sheet = rosterSheet(definition, { title: seen.row.title, day: seen.day, masked }, lines);
      return { body: await sheetFile(sheet, kind), headers: attached(`${call.params.campaign}-roster`, kind) };
    },
  });

const versions = route({
  method: 'get',
  path: '/campaigns/{campaign}/dues/{due}/versions',
  tag: 'data',
  title: '一笔应缴的历次变动 How a due changed, oldest first',
  about: '须有 seePersons 职责；每次查看都留痕。For roles that seePersons names; every look is audited.',
  access: 'signedIn',
  effects: 'transaction',
  params: params.extend({ due: dueId }),
  reply: z
    .strictObject({
      items: z.array(
        z
          .strictObject({
            since: z.string(),
            until: z.string().nullable(),
            unit: z.string(),
            tier: fen.nullable(),
            amount: fen,
            groups: z.array(z.string()),
            lateGroups: z.array(z.string()),
            governmentPaid: fen,
            reason: z.string().nullable(),
            changedBy: z.string().nullable(),
          })
          .meta({ id: 'DueVersion' }),
      ),
    })
    .meta({ id: 'DueVersions' }),
  async handle({ params: { campaign, due }, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, campaign);
    const scope = await personScope(services, caller, seen);
    const at = await unitOfDue(trx, services.county, campaign, due);
    if (at === null || !inScope(scope, at.path)) throw notFound();
    const items = await versionsOfDue(trx, services.county, campaign, due);
    await recordAudit(services, trx, caller.id, 'persons.read', campaign, { list: 'due', due });
    return { body: { items: items.map((one) => ({ ...one, groups: [...one.groups], lateGroups: [...one.lateGroups] })) } };
  },
});

export const rosterRoutes: readonly Route[] = [file('csv'), file('xlsx'), list, versions];
