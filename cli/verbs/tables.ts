import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { json } from '../client.js';
import type { Common } from '../context.js';
import { listOf } from '../pages.js';
import { impact, impactText } from '../print/impact.js';
import { table } from '../print/table.js';
import { ofCampaign } from '../sending.js';
import { read } from '../shape.js';
import { both, head, nothing, say, type Both } from '../texts.js';
import { noun, verb, type Open } from '../verb.js';

const row = z.object({ id: z.string(), title: z.string(), kind: z.string(), rows: z.number().nullable() });

const KINDS: Readonly<Record<string, Both>> = {
  printed: both('印在定义里', 'in the definition'),
  loaded: both('可替换', 'replaceable'),
  targets: both('任务表', 'targets'),
  units: both('单位', 'units'),
};

/** The tables a campaign looks things up in, and putting another in the place of one. */
export function registerTables(program: Command, open: Open): void {
  const tables = noun(program, 'tables', '查用的表：渠道、标准等', 'tables that it looks things up in');
  verb(tables, 'list <campaign>', '各表及其来源', 'its tables, and where their rows come from').action(
    async (campaign: string, options: Common) => {
      const context = open(options);
      const { language } = context;
      const found = await listOf(context.api, ofCampaign(campaign, 'tables'), row, {}, false);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('这项工作没有表。', 'It has no tables.', language)
          : table(
              [
                { head: head('编号', 'id', language), cell: ({ id }) => id },
                { head: head('名称', 'title', language), cell: ({ title }) => title },
                { head: head('来源', 'from', language), cell: ({ kind }) => say(KINDS[kind] ?? both(kind, kind), language) },
                { head: head('行数', 'rows', language), cell: ({ rows }) => rows, right: true },
              ],
              found.items,
            ),
      );
    },
  );
  verb(
    tables,
    'replace <campaign> <table> <file>',
    '运行中用新文件替换一张表，此后按新表查',
    'put a file in the place of a table while it runs',
    true,
  )
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (campaign: string, id: string, file: string, options: Common & { reason: string }) => {
      const context = open(options);
      const form = new FormData();
      form.set('data', JSON.stringify({ reason: options.reason }));
      form.set('file', await openAsBlob(context.file(file)), basename(file));
      const query = context.dryRun ? { dryRun: true } : {};
      const sent = await context.api.call('POST', ofCampaign(campaign, `tables/${encodeURIComponent(id)}`), { form, query, seconds: 120 });
      const answer = read(impact, json(sent));
      context.result({ ...answer, dryRun: context.dryRun }, () => impactText(answer, campaign, context.dryRun, context.language));
    });
}
