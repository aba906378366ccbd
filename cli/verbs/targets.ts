import type { Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { listOf } from '../pages.js';
import { amount } from '../print/reports.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { ofCampaign } from '../sending.js';
import { head, nothing } from '../texts.js';
import { verb, type Open } from '../verb.js';

const target = z.object({
  table: z.string(),
  version: z.number(),
  provisional: z.boolean(),
  unitName: z.string(),
  values: z.record(z.string(), z.unknown()),
  money: z.array(z.string()),
});
type Target = z.infer<typeof target>;

/** What each unit was set: the target tables in their newest version. */
export function registerTargets(program: Command, open: Open): void {
  verb(program, 'targets <campaign>', '任务表', 'target tables')
    .option('--table <id>', '只看此表  this table')
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string, options: Common & { table?: string; all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      const query = { table: options.table };
      const found = await listOf(context.api, ofCampaign(campaign, 'targets'), target, query, options.all === true);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing(
              '还没有任务表。导入：npx duban import targets 文件 --campaign 工作 --table 表',
              'There is no target table yet: npx duban import targets FILE --campaign CAMPAIGN --table TABLE',
              language,
            )
          : table(
              [
                { head: head('表', 'table', language), cell: (row) => row.table },
                { head: head('版本', 'version', language), cell: (row) => `${row.version}${row.provisional ? '*' : ''}` },
                { head: head('单位', 'unit', language), cell: (row) => row.unitName },
                { head: head('数值（金额为元）', 'values, money in yuan', language), cell: valuesText },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
      );
    });
}

const valuesText = ({ values, money }: Target): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? amount(value, money.includes(name)) : String(value)}`)
    .join('  ');
