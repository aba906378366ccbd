import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { listOf } from '../pages.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { read } from '../shape.js';
import { head, nothing, stateText } from '../texts.js';
import { noun, verb, type Open } from '../verb.js';

const message = z.object({
  id: z.string(),
  campaign: z.string(),
  subject: z.string(),
  body: z.string(),
  sendAt: z.string(),
  readAt: z.string().nullable(),
});
const notice = z.object({
  id: z.string(),
  obligation: z.string().nullable(),
  unitName: z.string(),
  roleTitle: z.string(),
  text: z.string(),
  say: z.string().nullable(),
  sendAt: z.string(),
  status: z.string(),
});
const chainHead = z.object({ chain: z.string(), seq: z.number(), hash: z.string() });
const incident = z.object({
  id: z.string(),
  campaign: z.string().nullable(),
  code: z.string(),
  cause: z.string(),
  owner: z.string(),
  status: z.string(),
  count: z.number(),
  lastAt: z.string(),
});
const target = z.object({
  table: z.string(),
  version: z.number(),
  provisional: z.boolean(),
  unit: z.string(),
  values: z.record(z.string(), z.unknown()),
});

/** What was told to whom, what went wrong, and whether the audit chains hold. */
export function registerOperations(program: Command, open: Open): void {
  verb(
    program,
    'notices [campaign]',
    '我的通知；给出编号则看一项工作发出和待发的通知',
    'my notices; with a campaign, what it sent and will send',
  )
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string | undefined, options: Common & { all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      if (campaign === undefined) {
        const found = await listOf(context.api, '/notices', message, {}, options.all === true);
        if (found.items.length === 0) {
          context.result([], () => nothing('还没有给您的通知。', 'No notice has come for you.', language));
          return;
        }
        context.result(
          found.items,
          () =>
            table(
              [
                { head: head('时间', 'at', language), cell: (row) => row.sendAt.replace('T', ' ') },
                { head: head('已读', 'read', language), cell: (row) => (row.readAt === null ? '' : '✓') },
                { head: head('工作', 'campaign', language), cell: (row) => row.campaign },
                { head: head('标题', 'subject', language), cell: (row) => row.subject, most: 40 },
                { head: head('内容', 'text', language), cell: (row) => row.body, most: 80 },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
        );
        return;
      }
      const found = await listOf(context.api, `/campaigns/${encodeURIComponent(campaign)}/notices`, notice, {}, options.all === true);
      context.result(
        found.items,
        () =>
          table(
            [
              { head: head('时间', 'at', language), cell: (row) => row.sendAt.replace('T', ' ') },
              { head: head('单位', 'unit', language), cell: (row) => row.unitName },
              { head: head('岗位', 'role', language), cell: (row) => row.roleTitle },
              { head: head('文本', 'text', language), cell: (row) => row.say ?? row.text, most: 50 },
              {
                head: head('事项', 'obligation', language),
                cell: (row) => (row.obligation === null ? '' : `${campaign}:${row.obligation}`),
              },
              { head: head('状态', 'state', language), cell: (row) => stateText(row.status, language) },
            ],
            found.items,
          ) + countLine(found.items.length, found.more, language),
      );
    });

  const audit = noun(program, 'audit', '审计', 'audit');
  verb(audit, 'verify', '校验审计链；--anchor 与另存的链头核对', 'verify the audit chains, and against heads kept elsewhere')
    .option('--anchor <file>', '链头文件（npx duban audit heads --json 的输出）  heads as printed by audit heads --json')
    .action(async (options: Common & { anchor?: string }) => {
      const context = open(options);
      const anchor = options.anchor === undefined ? [] : anchorOf(readFileSync(context.file(options.anchor), 'utf8'));
      const verified = z.object({
        ok: z.boolean(),
        chains: z.number(),
        entries: z.number(),
        violations: z.array(z.object({ chain: z.string(), seq: z.number(), kind: z.string() })),
      });
      const answer = read(verified, await context.api.post('/audit/verify', { anchor }, { seconds: 600 }));
      context.result(answer, () =>
        [
          answer.ok ? `✓ ${answer.chains} 条链、${answer.entries} 条记录完好  chains and entries hold\n` : '',
          ...answer.violations.map(({ chain, seq, kind }) => `✗ ${chain} #${seq}: ${kind}\n`),
        ].join(''),
      );
      if (!answer.ok) throw new Failure(EXIT.refused, 'findings', { zh: '审计链有断裂。', en: 'The audit chains do not hold.' });
    });
  verb(audit, 'heads', '各链链头，可另存或印在通报上', 'the newest entry of each chain, to be kept elsewhere').action(
    async (options: Common) => {
      const context = open(options);
      const found = await listOf(context.api, '/audit/heads', chainHead, {}, false);
      context.result(found.items, () => found.items.map(({ chain, seq, hash }) => `${chain} #${seq} ${hash}\n`).join(''));
    },
  );

  verb(program, 'incidents', '异常', 'incidents')
    .option('--campaign <id>', '只看此工作  this campaign')
    .action(async (options: Common & { campaign?: string }) => {
      const context = open(options);
      const { language } = context;
      const found = await listOf(context.api, '/incidents', incident, { campaign: options.campaign }, false);
      if (found.items.length === 0) {
        context.result([], () => nothing('没有异常。', 'There are no incidents.', language));
        return;
      }
      context.result(found.items, () =>
        table(
          [
            { head: head('编号', 'id', language), cell: (row) => row.id },
            { head: head('状态', 'state', language), cell: (row) => row.status },
            { head: head('工作', 'campaign', language), cell: (row) => row.campaign },
            { head: head('代码', 'code', language), cell: (row) => row.code },
            { head: head('原因', 'cause', language), cell: (row) => row.cause, most: 60 },
            { head: head('次数', 'count', language), cell: (row) => row.count, right: true },
            { head: head('最近', 'last', language), cell: (row) => row.lastAt },
          ],
          found.items,
        ),
      );
    });

  verb(program, 'targets <campaign>', '任务表', 'target tables')
    .option('--table <id>', '只看此表  this table')
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string, options: Common & { table?: string; all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      const found = await listOf(
        context.api,
        `/campaigns/${encodeURIComponent(campaign)}/targets`,
        target,
        { table: options.table },
        options.all === true,
      );
      context.result(
        found.items,
        () =>
          table(
            [
              { head: head('表', 'table', language), cell: (row) => row.table },
              { head: head('版本', 'version', language), cell: (row) => `${row.version}${row.provisional ? '*' : ''}` },
              { head: head('单位', 'unit', language), cell: (row) => row.unit },
              {
                head: head('数值（金额为分）', 'values, money in fen', language),
                cell: (row) =>
                  Object.entries(row.values)
                    .map(([name, value]) => `${name}=${String(value)}`)
                    .join('  '),
              },
            ],
            found.items,
          ) + countLine(found.items.length, found.more, language),
      );
    });
}

function anchorOf(text: string): readonly z.infer<typeof chainHead>[] {
  try {
    return z.array(chainHead).parse(JSON.parse(text));
  } catch {
    throw wrongUsage(
      'bad-anchor',
      '链头文件应为 npx duban audit heads --json 的输出。',
      'The anchor is the output of npx duban audit heads --json.',
    );
  }
}
