import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { unitNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { amount } from '../print/reports.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { dayOf, ofCampaign, send } from '../sending.js';
import { bothTexts, head, moneyText, nothing, say } from '../texts.js';
import { day, noun, verb, whole, type Open } from '../verb.js';
import { yuan } from '../yuan.js';

const payment = z.object({
  id: z.string(),
  on: z.string(),
  kind: z.string(),
  unitName: z.string(),
  insurance: z.string(),
  amount: z.number(),
  receipt: z.string().nullable(),
  recordedByName: z.string(),
  onBehalfOf: z.string().nullable(),
});
const suspended = z.object({
  suspense: z.string(),
  on: z.string(),
  reasonTitle: bothTexts,
  amount: z.number(),
  status: z.string(),
  name: z.string().nullable(),
  village: z.string().nullable(),
  line: z.number().nullable(),
});
const range = z.object({
  range: z.number(),
  prefix: z.string(),
  first: z.number(),
  last: z.number(),
  unitName: z.string(),
  issuedOn: z.string(),
  used: z.number(),
  unused: z.number(),
  gaps: z.array(z.string()),
});
const booked = z.object({ payment: z.string() });

const onOption = (zh: string, en: string): Option =>
  new Option('--on <day>', `${zh}，默认为工作所在的当日  ${en}, the campaign's day by default`).argParser(day);
const amountOption = (): Option => new Option('--amount <yuan>', '金额（元）  yuan').argParser(yuan).makeOptionMandatory();
const forOption = (command: Command): Command =>
  command.option('--for <name>', '代没有账号的人记录  on behalf of a person without an account');

interface Collected extends Common {
  readonly amount: number;
  readonly on?: string;
  readonly receipt?: string;
  readonly channel?: string;
  readonly means?: string;
  readonly for?: string;
}
interface Remitted extends Common {
  readonly unit: string;
  readonly insurance: string;
  readonly amount: number;
  readonly account: string;
  readonly on?: string;
  readonly slip?: string;
  readonly for?: string;
}
interface Issued extends Common {
  readonly unit: string;
  readonly prefix: string;
  readonly first: number;
  readonly last: number;
  readonly to?: string;
  readonly on?: string;
}

/** Money taken and handed in one by one, money that broke a rule, numbered receipts. */
export function registerMoney(program: Command, open: Open): void {
  registerPayments(program, open);
  registerSuspense(program, open);
  registerReceipts(program, open);
}

function registerPayments(program: Command, open: Open): void {
  verb(program, 'payments <campaign>', '缴费记录', 'payments')
    .option('--unit <id>', '只看此单位（编号或名称）  this unit, by id or name')
    .addOption(new Option('--from <day>', '自此日  from this day').argParser(day))
    .addOption(new Option('--to <day>', '至此日  to this day').argParser(day))
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string, options: Common & { unit?: string; from?: string; to?: string; all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      const { from, to } = options;
      const unit = options.unit === undefined ? undefined : await unitNamed(context.api, options.unit);
      const found = await listOf(context.api, ofCampaign(campaign, 'payments'), payment, { unit, from, to }, options.all === true);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('没有符合的缴费记录。', 'There are no payments that fit.', language)
          : table(
              [
                { head: head('日期', 'on', language), cell: (row) => row.on },
                { head: head('种类', 'kind', language), cell: (row) => moneyText(row.kind, language) },
                { head: head('单位', 'unit', language), cell: (row) => row.unitName },
                { head: head('险种', 'insurance', language), cell: (row) => row.insurance },
                { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
                { head: head('票据', 'receipt', language), cell: (row) => row.receipt },
                {
                  head: head('登记人', 'by', language),
                  cell: (row) => (row.onBehalfOf === null ? row.recordedByName : `${row.recordedByName}（代 ${row.onBehalfOf}）`),
                },
                { head: head('编号', 'id', language), cell: (row) => row.id },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
      );
    });

  forOption(
    verb(
      program,
      'collected <campaign> <due>',
      '登记收到一笔应缴的钱',
      'record money taken for one due, as npx duban unpaid lists it',
      true,
    ),
  )
    .addOption(amountOption())
    .addOption(onOption('收款日', 'day it was taken'))
    .option('--receipt <number>', '票据号  receipt')
    .option('--channel <name>', '渠道  channel')
    .option('--means <name>', '方式  means of payment')
    .action(async (campaign: string, due: string, options: Collected) => {
      const context = open(options);
      const body = {
        due,
        amount: options.amount,
        on: options.on ?? (await dayOf(context.api, campaign)),
        receipt: options.receipt ?? null,
        channel: options.channel ?? null,
        means: options.means ?? null,
        onBehalfOf: options.for ?? null,
      };
      const answer = booked.extend({ marked: z.array(z.object({ rule: z.string(), title: z.string() })) });
      await send(context, ofCampaign(campaign, 'payments/collected'), body, answer, (made) =>
        [
          `✓ ${made.payment}  ${amount(body.amount, true)} ${head('元', 'yuan', context.language)}`,
          ...made.marked.map(({ title }) => `! ${title}`),
          '',
        ].join('\n'),
      );
    });

  forOption(verb(program, 'remitted <campaign>', '登记单位上缴所收款项', 'record that a unit handed in what it holds', true))
    .requiredOption('--unit <id>', '上缴的单位（编号或名称）  the unit, by id or name')
    .requiredOption('--insurance <id>', '险种  insurance')
    .addOption(amountOption())
    .addOption(
      new Option('--account <kind>', '缴入的账户：专户、财政、个人  account')
        .choices(['dedicated', 'fiscal', 'personal'])
        .makeOptionMandatory(),
    )
    .addOption(onOption('上缴日', 'day it was handed in'))
    .option('--slip <number>', '缴款单号  slip')
    .action(async (campaign: string, options: Remitted) => {
      const context = open(options);
      const { insurance, account } = options;
      const unit = await unitNamed(context.api, options.unit);
      const on = options.on ?? (await dayOf(context.api, campaign));
      const body = { unit, insurance, amount: options.amount, on, account, slip: options.slip ?? null, onBehalfOf: options.for ?? null };
      await send(
        context,
        ofCampaign(campaign, 'payments/remitted'),
        body,
        booked,
        (made) => `✓ ${made.payment}  ${amount(body.amount, true)} ${head('元', 'yuan', context.language)}\n`,
      );
    });
}

function registerSuspense(program: Command, open: Open): void {
  const suspense = noun(program, 'suspense', '待处理款：已到账而违反规则的钱', 'money that arrived and breaks a rule');
  verb(suspense, 'list <campaign>', '待处理款', 'money in suspense')
    .addOption(new Option('--status <state>', '状态  state').choices(['open', 'allotted', 'refunded']))
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string, options: Common & { status?: string; all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      const found = await listOf(
        context.api,
        ofCampaign(campaign, 'suspense'),
        suspended,
        { status: options.status },
        options.all === true,
      );
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('没有待处理款。', 'No money is in suspense.', language)
          : table(
              [
                { head: head('编号', 'id', language), cell: (row) => row.suspense },
                { head: head('日期', 'on', language), cell: (row) => row.on },
                { head: head('原因', 'reason', language), cell: (row) => say(row.reasonTitle, language), most: 40 },
                { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
                { head: head('姓名', 'name', language), cell: (row) => row.name },
                { head: head('村', 'village', language), cell: (row) => row.village },
                { head: head('文件行', 'row of the file', language), cell: (row) => row.line, right: true },
                {
                  head: head('状态', 'state', language),
                  cell: (row) => moneyText(row.status, language),
                },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
      );
    });
  verb(suspense, 'allot <campaign> <suspense>', '记到一笔应缴', 'allot it to a due', true)
    .requiredOption('--due <id>', '记到哪笔应缴（见 npx duban unpaid）  the due, as npx duban unpaid lists it')
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (campaign: string, id: string, options: Common & { due: string; reason: string }) => {
      const { due, reason } = options;
      const path = ofCampaign(campaign, `suspense/${encodeURIComponent(id)}/allot`);
      await send(open(options), path, { due, reason }, booked, (made) => `✓ ${id} → ${due}  ${made.payment}\n`);
    });
  verb(suspense, 'refund <campaign> <suspense>', '退还', 'refund it', true)
    .addOption(onOption('退还日', 'day of the refund'))
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (campaign: string, id: string, options: Common & { on?: string; reason: string }) => {
      const context = open(options);
      const body = { on: options.on ?? (await dayOf(context.api, campaign)), reason: options.reason };
      const path = ofCampaign(campaign, `suspense/${encodeURIComponent(id)}/refund`);
      await send(context, path, body, booked, (made) => `✓ ${id}  ${made.payment}\n`);
    });
}

function registerReceipts(program: Command, open: Open): void {
  const receipts = noun(program, 'receipts', '票据：发放、使用、缺号', 'numbered receipts: issued, used, missing');
  verb(receipts, 'list <campaign>', '各号段的使用情况和缺号', 'use of each range, and the numbers skipped').action(
    async (campaign: string, options: Common) => {
      const context = open(options);
      const { language } = context;
      const found = await listOf(context.api, ofCampaign(campaign, 'receipts'), range, {}, false);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing(
              '还没有发放票据号段。发放：npx duban receipts issue 工作 --unit 单位 --first 首号 --last 末号',
              'No receipts were issued: npx duban receipts issue CAMPAIGN --unit UNIT --first N --last N',
              language,
            )
          : table(
              [
                { head: head('号段', 'range', language), cell: (row) => `${row.prefix}${row.first}–${row.prefix}${row.last}` },
                { head: head('单位', 'unit', language), cell: (row) => row.unitName },
                { head: head('发放日', 'issued', language), cell: (row) => row.issuedOn },
                { head: head('已用', 'used', language), cell: (row) => row.used, right: true },
                { head: head('未用', 'unused', language), cell: (row) => row.unused, right: true },
                { head: head('缺号', 'gaps', language), cell: (row) => row.gaps.join('、'), most: 60 },
              ],
              found.items,
            ),
      );
    },
  );
  verb(receipts, 'issue <campaign>', '发放号段', 'issue a range', true)
    .requiredOption('--unit <id>', '发给哪个单位（编号或名称）  the unit, by id or name')
    .requiredOption('--first <n>', '首号  first number', whole)
    .requiredOption('--last <n>', '末号  last number', whole)
    .option('--prefix <text>', '前缀  prefix', '')
    .option('--to <name>', '领取人  who took them')
    .addOption(onOption('发放日', 'day of issue'))
    .action(async (campaign: string, options: Issued) => {
      const context = open(options);
      const { prefix, first, last } = options;
      const unit = await unitNamed(context.api, options.unit);
      const body = { prefix, first, last, unit, issuedTo: options.to ?? null, on: options.on ?? (await dayOf(context.api, campaign)) };
      await send(
        context,
        ofCampaign(campaign, 'receipts'),
        body,
        z.object({ range: z.number() }),
        (made) => `✓ #${made.range}  ${prefix}${first}–${prefix}${last}\n`,
      );
    });
}
