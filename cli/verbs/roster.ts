import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { unitNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { amount } from '../print/reports.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { dayOf, keepFile, ofCampaign, queryText, send } from '../sending.js';
import { head, nothing, say } from '../texts.js';
import { day, verb, type Open } from '../verb.js';
import { yuan } from '../yuan.js';
import { insuranceTitle } from '../../domain/model/insurance.js';

const rosterRow = z.object({
  due: z.string(),
  person: z.string(),
  name: z.string(),
  idNumber: z.string().nullable(),
  unitName: z.string(),
  insurance: z.string(),
  tier: z.number().nullable(),
  amount: z.number(),
  governmentPaid: z.number(),
  deposited: z.number(),
  arrived: z.number(),
  account: z.string().nullable(),
});
const identityRow = z.object({
  person: z.string(),
  name: z.string(),
  unitName: z.string(),
  group: z.string(),
  groupTitle: z.string(),
  certifiedOn: z.string().nullable(),
  withdrawn: z.boolean(),
  enteredOn: z.string().nullable(),
});
const tierAnswer = z.object({ changed: z.boolean(), marked: z.array(z.object({ title: z.string() })) });

interface RosterOptions extends Common {
  readonly unit?: string;
  readonly insurance?: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly as: 'text' | 'csv' | 'xlsx';
  readonly out?: string;
}
interface IdentityOptions extends Common {
  readonly unit?: string;
  readonly missing?: boolean;
  readonly all?: boolean;
}
interface ActOptions extends Common {
  readonly for?: string;
}

const forOption = (command: Command): Command =>
  command.option('--for <name>', '代没有账号的人记录  on behalf of a person without an account');

/** The levy roster, tiers, deposits reported one by one, special identities. */
export function registerRoster(program: Command, open: Open): void {
  verb(
    program,
    'roster <campaign>',
    '征缴名册，按村（默认遮掩，每次查看留痕）',
    'the levy roster by village; masked, every look is audited',
  )
    .option('--unit <id>', '某村或某乡镇（编号或名称）  a village or township')
    .option('--insurance <id>', '只看此险种  this insurance')
    .option('--reason <text>', '显示全部信息的理由  why everything is shown')
    .option('--all', '列出全部  all pages')
    .addOption(new Option('--as <form>', '形式  form').choices(['text', 'csv', 'xlsx']).default('text'))
    .option('--out <file>', '写入文件  write to a file')
    .action((campaign: string, options: RosterOptions) => showRoster(open(options), campaign, options));

  verb(
    program,
    'identities <campaign>',
    '特殊身份：认定与录入（每次查看留痕）',
    'special identities, certified and entered; every look is audited',
  )
    .option('--unit <id>', '某村或某乡镇（编号或名称）  a village or township')
    .option('--missing', '只看已认定、未录入的  certified and not entered')
    .option('--all', '列出全部  all pages')
    .action((campaign: string, options: IdentityOptions) => showIdentities(open(options), campaign, options));

  forOption(
    verb(program, 'identity <campaign> <person> <group>', '录入一人的特殊身份', 'enter a certified identity of a person', true),
  ).action((campaign: string, person: string, group: string, options: ActOptions) => {
    const context = open(options);
    return send(
      context,
      ofCampaign(campaign, 'identities'),
      { person, group, onBehalfOf: options.for },
      z.object({ entered: z.boolean() }),
      ({ entered }) => line(context, entered ? '✓ 已录入' : '早已录入', entered ? 'entered' : 'was entered before'),
    );
  });

  forOption(verb(program, 'tier <campaign> <due>', '变更一人的缴费档次', 'change the tier that a person chose', true))
    .addOption(new Option('--amount <yuan>', '档次（元）  yuan').argParser(yuan).makeOptionMandatory())
    .requiredOption('--reason <text>', '变更原因  why')
    .action((campaign: string, due: string, options: ActOptions & { readonly amount: number; readonly reason: string }) => {
      const context = open(options);
      const body = { tier: options.amount, reason: options.reason, onBehalfOf: options.for };
      return send(context, ofCampaign(campaign, `dues/${encodeURIComponent(due)}/tier`), body, tierAnswer, ({ changed, marked }) =>
        [
          line(context, changed ? '✓ 已变更' : '档次未变', changed ? 'changed' : 'the tier is the same'),
          ...marked.map(({ title }) => line(context, `  提示：${title}`, `marked: ${title}`)),
        ].join(''),
      );
    });

  forOption(
    verb(
      program,
      'deposit <campaign> <due>',
      '申报一人的预存情况（不入账）',
      'report what stands deposited for a due; it books nothing',
      true,
    ),
  )
    .addOption(new Option('--amount <yuan>', '当日账上共有（元）  what stands there in all').argParser(yuan).makeOptionMandatory())
    .addOption(new Option('--on <day>', '截止日期，默认为工作所在的当日  the day, the campaign’s by default').argParser(day))
    .action(async (campaign: string, due: string, options: ActOptions & { readonly amount: number; readonly on?: string }) => {
      const context = open(options);
      const on = options.on ?? (await dayOf(context.api, campaign));
      const path = ofCampaign(campaign, `dues/${encodeURIComponent(due)}/deposits`);
      await send(context, path, { amount: options.amount, on, onBehalfOf: options.for }, z.object({ known: z.boolean() }), ({ known }) =>
        line(context, known ? '早已申报' : '✓ 已申报', known ? 'was reported before' : 'reported'),
      );
    });
}

const line = ({ language }: Context, zh: string, en: string): string => `${say({ zh, en }, language)}\n`;

async function showRoster(context: Context, campaign: string, options: RosterOptions): Promise<void> {
  const { language } = context;
  const { insurance, reason, as } = options;
  const unit = options.unit === undefined ? undefined : await unitNamed(context.api, options.unit);
  const query = { unit, insurance, reason };
  if (as !== 'text') return keepFile(context, `${ofCampaign(campaign, `roster.${as}`)}${queryText(query)}`, as, options.out);
  const found = await listOf(context.api, ofCampaign(campaign, 'roster'), rosterRow, query, options.all === true);
  const money = (fen: number): string => (fen === 0 ? '' : amount(fen, true));
  context.result(found.items, () =>
    found.items.length === 0
      ? nothing('名册中没有符合的人。', 'Nobody on the roster fits.', language)
      : table(
          [
            { head: head('村', 'village', language), cell: (row) => row.unitName },
            { head: head('姓名', 'name', language), cell: (row) => row.name },
            { head: head('身份证号', 'ID number', language), cell: (row) => row.idNumber },
            {
              head: head('险种', 'insurance', language),
              cell: (row) => say({ zh: insuranceTitle(row.insurance), en: row.insurance }, language),
            },
            { head: head('档次（元）', 'tier', language), cell: (row) => (row.tier === null ? '' : amount(row.tier, true)), right: true },
            { head: head('代缴', 'government', language), cell: (row) => money(row.governmentPaid), right: true },
            { head: head('预存', 'deposited', language), cell: (row) => money(row.deposited), right: true },
            { head: head('已到账', 'arrived', language), cell: (row) => money(row.arrived), right: true },
            { head: head('账号', 'account', language), cell: (row) => row.account },
            { head: head('人员', 'person', language), cell: (row) => row.person },
            { head: head('应缴编号', 'due', language), cell: (row) => row.due },
          ],
          found.items,
        ) + countLine(found.items.length, found.more, language),
  );
}

async function showIdentities(context: Context, campaign: string, options: IdentityOptions): Promise<void> {
  const { language } = context;
  const unit = options.unit === undefined ? undefined : await unitNamed(context.api, options.unit);
  const query = { unit, missing: options.missing };
  const found = await listOf(context.api, ofCampaign(campaign, 'identities'), identityRow, query, options.all === true);
  context.result(found.items, () =>
    found.items.length === 0
      ? nothing('没有符合的特殊身份。', 'No identity fits.', language)
      : table(
          [
            { head: head('村', 'village', language), cell: (row) => row.unitName },
            { head: head('姓名', 'name', language), cell: (row) => row.name },
            { head: head('身份', 'group', language), cell: (row) => row.groupTitle },
            {
              head: head('认定', 'certified', language),
              cell: (row) => (row.withdrawn ? head('已取消', 'withdrawn', language) : row.certifiedOn),
            },
            { head: head('录入', 'entered', language), cell: (row) => row.enteredOn },
            { head: head('人员', 'person', language), cell: (row) => row.person },
            { head: head('类别编号', 'group id', language), cell: (row) => row.group },
          ],
          found.items,
        ) + countLine(found.items.length, found.more, language),
  );
}
