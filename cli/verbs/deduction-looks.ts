import { Option, type Command } from 'commander';
import type { Common, Context } from '../context.js';
import { deductionPath as at } from '../deducting.js';
import { listOf } from '../pages.js';
import { deductionText } from '../print/deductions.js';
import { amount } from '../print/reports.js';
import { settlementsText } from '../print/settlements.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { read } from '../shape.js';
import { deductionStatus, openLine, plan, settlements } from '../shapes/deductions.js';
import { head, nothing, say } from '../texts.js';
import { verb, whole, type Open } from '../verb.js';

/** What is shown of a deduction: nothing of it changes anything. */
export function registerLooks(parent: Command, open: Open): void {
  verb(parent, 'status <campaign> <deduction>', '各轮各批的情况', 'rounds and batches').action(
    async (campaign: string, deduction: string, options: Common) => {
      const context = open(options);
      const found = read(deductionStatus, await context.api.get(at(campaign, deduction)));
      context.result(found, () => deductionText(found, context.language));
    },
  );

  verb(parent, 'plan <campaign> <deduction>', '现在做一轮会有谁，谁不在、为什么', 'who would be in a round made now').action(
    async (campaign: string, deduction: string, options: Common) => printPlan(open(options), campaign, deduction),
  );

  verb(parent, 'lines <campaign> <deduction>', '未扣成的逐人名单', 'persons who were not taken')
    .addOption(new Option('--round <n>', '第几轮  round').argParser(whole))
    .option('--standing <word>', 'pending、unknown、failed-retryable 等  where they stand')
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string, deduction: string, options: Common & { round?: number; standing?: string; all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      const query = { round: options.round, standing: options.standing };
      const found = await listOf(context.api, at(campaign, deduction, 'lines'), openLine, query, options.all === true);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('没有未扣成的人。', 'Nobody is left.', language)
          : table(
              [
                { head: head('行', 'line', language), cell: (row) => `${row.batch}/${row.line}` },
                { head: head('单位', 'unit', language), cell: (row) => row.unitName },
                { head: head('姓名', 'name', language), cell: (row) => row.name },
                { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
                { head: head('已预存', 'deposited', language), cell: (row) => amount(row.deposited, true), right: true },
                { head: head('结果', 'outcome', language), cell: (row) => row.outcome ?? row.standing },
                { head: head('返回码', 'code', language), cell: (row) => row.code },
                { head: head('应缴', 'due', language), cell: (row) => row.due },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
      );
    });

  verb(parent, 'settlements <campaign> <deduction>', '待两人处理的矛盾、应退款和意见', 'what waits for two people').action(
    async (campaign: string, deduction: string, options: Common) => {
      const context = open(options);
      const found = read(settlements, await context.api.get(at(campaign, deduction, 'settlements')));
      context.result(found, () => settlementsText(found, context.language));
    },
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
