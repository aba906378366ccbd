import { Option, type Command } from 'commander';
import { STANDINGS } from '../../domain/deduction/classes.js';
import { json } from '../client.js';
import type { Common, Context } from '../context.js';
import { deductionPath as at } from '../deducting.js';
import { EXIT, Failure } from '../failure.js';
import { unitNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { owedBackWord, standingWord } from '../print/deduction-words.js';
import { deductionText, failuresText, type RoundUnits } from '../print/deductions.js';
import { amount } from '../print/reports.js';
import { settlementsText } from '../print/settlements.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { keepFile, queryText } from '../sending.js';
import { read } from '../shape.js';
import { deductionStatus, failures, openLine, plan, settlements, type Failures } from '../shapes/deductions.js';
import { head, nothing, say } from '../texts.js';
import { verb, whole, type Open } from '../verb.js';

interface LinesOptions extends Common {
  readonly unit?: string;
  readonly round?: number;
  readonly standing?: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly as: 'text' | 'csv' | 'xlsx';
  readonly out?: string;
}

/** What is shown of a deduction: nothing of it changes anything. */
export function registerLooks(parent: Command, open: Open): void {
  verb(parent, 'status <campaign> <deduction>', '各轮各批的情况', 'rounds and batches')
    .option('--units', '各轮再按乡镇列出  each round by unit as well')
    .action(async (campaign: string, deduction: string, options: Common & { units?: boolean }) => {
      const context = open(options);
      const found = read(deductionStatus, await context.api.get(at(campaign, deduction)));
      if (options.units !== true) return context.result(found, () => deductionText(found, context.language));
      const units: RoundUnits[] = [];
      for (const round of new Set(found.batches.map((batch) => batch.round)))
        units.push({ round, units: (await failuresOf(context, campaign, deduction, round)).units });
      context.result({ ...found, units }, () => deductionText({ ...found, units }, context.language));
    });

  verb(parent, 'failures <campaign> <deduction>', '一轮未扣成的，按原因和乡镇', 'who was not taken in a round, by reason and by unit')
    .addOption(new Option('--round <n>', '第几轮  round').argParser(whole).makeOptionMandatory())
    .action(async (campaign: string, deduction: string, options: Common & { round: number }) => {
      const context = open(options);
      const found = await failuresOf(context, campaign, deduction, options.round);
      context.result(found, () => failuresText(found, context.language));
    });

  verb(parent, 'plan <campaign> <deduction>', '现在做一轮会有谁，谁不在、为什么', 'who would be in a round made now').action(
    async (campaign: string, deduction: string, options: Common) => printPlan(open(options), campaign, deduction),
  );

  verb(
    parent,
    'lines <campaign> <deduction>',
    '未扣成的逐人名单，尚应存入多少（默认遮掩，每次查看留痕）',
    'persons who were not taken and what they have still to deposit; masked, every look is audited',
  )
    .option('--unit <id>', '某村或某乡镇（编号或名称）  a village or township')
    .addOption(new Option('--round <n>', '第几轮  round').argParser(whole))
    .addOption(new Option('--standing <word>', '只看此情况  where they stand').choices(STANDINGS))
    .option('--reason <text>', '显示全部信息的理由  why everything is shown')
    .option('--all', '列出全部  all pages')
    .addOption(new Option('--as <form>', '形式  form').choices(['text', 'csv', 'xlsx']).default('text'))
    .option('--out <file>', '写入文件  write to a file')
    .action((campaign: string, deduction: string, options: LinesOptions) => printLines(open(options), campaign, deduction, options));

  verb(parent, 'settlements <campaign> <deduction>', '待两人处理的矛盾、应退款和意见', 'what waits for two people').action(
    async (campaign: string, deduction: string, options: Common) => {
      const context = open(options);
      const found = read(settlements, await context.api.get(at(campaign, deduction, 'settlements')));
      context.result(found, () => settlementsText(`${campaign} ${deduction}`, found, context.language));
    },
  );
}

const failuresOf = async (context: Context, campaign: string, deduction: string, round: number): Promise<Failures> =>
  read(failures, await context.api.get(at(campaign, deduction, 'failures'), { round }));

async function printLines(context: Context, campaign: string, deduction: string, options: LinesOptions): Promise<void> {
  const { language } = context;
  const { round, standing, reason, as } = options;
  const unit = options.unit === undefined ? undefined : await unitNamed(context.api, options.unit);
  const query = { unit, round, standing, reason };
  if (as !== 'text') return keepFile(context, `${at(campaign, deduction, `lines.${as}`)}${queryText(query)}`, as, options.out);
  const found = await listOf(context.api, at(campaign, deduction, 'lines'), openLine, query, options.all === true);
  const money = (fen: number): string => amount(fen, true);
  context.result(found.items, () =>
    found.items.length === 0
      ? nothing('没有未扣成的人。', 'Nobody is left.', language)
      : table(
          [
            { head: head('行', 'line', language), cell: (row) => `${row.batch}/${row.line}` },
            { head: head('单位', 'unit', language), cell: (row) => row.unitName },
            { head: head('姓名', 'name', language), cell: (row) => row.name },
            { head: head('身份证号', 'ID number', language), cell: (row) => row.idNumber },
            { head: head('代扣（元）', 'yuan', language), cell: (row) => money(row.amount), right: true },
            { head: head('已预存', 'deposited', language), cell: (row) => money(row.deposited), right: true },
            { head: head('建议多存', 'margin', language), cell: (row) => money(row.margin), right: true },
            { head: head('尚应存入', 'to deposit', language), cell: (row) => money(row.toDeposit), right: true },
            {
              head: head('情况', 'standing', language),
              cell: (row) => (row.owedBack ? owedBackWord(language) : standingWord(row.standing, language)),
            },
            { head: head('结果', 'outcome', language), cell: (row) => row.outcomeTitle },
            { head: head('返回码', 'code', language), cell: (row) => row.code },
            { head: head('应缴', 'due', language), cell: (row) => row.due },
          ],
          found.items,
        ) + countLine(found.items.length, found.more, language),
  );
}

/** Who would be in a round made now, and why others would not. */
export async function printPlan(context: Context, campaign: string, deduction: string): Promise<void> {
  const { language } = context;
  const found = read(plan, await context.api.get(at(campaign, deduction, 'plan')));
  context.result(
    found,
    () =>
      `${say({ zh: `第 ${found.round} 轮（${found.period}）`, en: `round ${found.round} (${found.period})` }, language)}\n` +
      table(
        [
          { head: head('情况', 'why', language), cell: (row) => say(row.title, language) },
          { head: head('人数', 'persons', language), cell: (row) => row.persons, right: true },
          { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
        ],
        found.items,
      ),
  );
}

const PLAN_SECONDS = 600;

/** Refuses at once, with the reasons, a round in which nobody would be, rather than after a second person has confirmed it. Error: `nobody-due`. */
export async function mustHaveSomebody(context: Context, campaign: string, deduction: string): Promise<void> {
  const answer = json(await context.api.call('GET', at(campaign, deduction, 'plan'), { seconds: PLAN_SECONDS }));
  const { items } = read(plan, answer);
  if (items.length === 0 || items.some(({ verdict, persons }) => verdict === 'in' && persons > 0)) return;
  const why = (language: 'zh' | 'en'): readonly string[] => items.map(({ title, persons }) => `${title[language]} ${persons}`);
  throw new Failure(EXIT.refused, 'nobody-due', {
    zh: `现在没有可以代扣的人：${why('zh').join('，')}`,
    en: `nobody is to be deducted now: ${why('en').join(', ')}`,
  });
}
