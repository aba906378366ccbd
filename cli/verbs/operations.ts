import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { listOf } from '../pages.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { send } from '../sending.js';
import { read } from '../shape.js';
import { bothTexts, head, nothing, say, stateText, type Language } from '../texts.js';
import { noun, verb, type Open } from '../verb.js';

const chainHead = z.object({ chain: z.string(), seq: z.number(), hash: z.string() });
const incident = z.object({
  id: z.string(),
  campaign: z.string().nullable(),
  code: z.string(),
  title: bothTexts,
  world: z.string().nullable(),
  cause: z.string(),
  owner: z.string(),
  status: z.string(),
  count: z.number(),
  lastAt: z.string(),
});
const auditRecord = z.object({
  seq: z.number(),
  at: z.string(),
  actor: z.string(),
  actorName: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.unknown(),
});

/** Whether the audit chains hold, what stands in them, and what went wrong. */
export function registerOperations(program: Command, open: Open): void {
  registerAudit(program, open);
  registerIncidents(program, open);
}

function registerAudit(program: Command, open: Open): void {
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
  verb(audit, 'list', '审计记录：谁、何时、做了什么', 'who did what, when')
    .option('--chain <name>', '哪条链：county（行政操作）或工作编号  county, or a campaign', 'county')
    .option('--all', '列出全部  all pages')
    .action(async (options: Common & { chain: string; all?: boolean }) => {
      const context = open(options);
      const { language } = context;
      const found = await listOf(context.api, '/audit', auditRecord, { chain: options.chain }, options.all === true);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('没有记录。', 'There are no entries.', language)
          : table(
              [
                { head: '#', cell: (row) => row.seq, right: true },
                { head: head('时间', 'at', language), cell: (row) => row.at.replace('T', ' ') },
                { head: head('办理人', 'by', language), cell: (row) => row.actorName },
                { head: head('动作', 'action', language), cell: (row) => row.action },
                { head: head('对象', 'subject', language), cell: (row) => row.subject, most: 40 },
                { head: head('内容', 'detail', language), cell: (row) => JSON.stringify(row.detail), most: 60 },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
      );
    });
}

function registerIncidents(program: Command, open: Open): void {
  const incidents = verb(program, 'incidents', '异常：什么没有成功、由谁处理', 'what went wrong, and who sees to it')
    .option('--campaign <id>', '只看此工作  this campaign')
    .addOption(new Option('--status <state>', '状态  state').choices(['open', 'closed']))
    .action(async (options: Common & { campaign?: string; status?: string }) => {
      const context = open(options);
      const { language } = context;
      const { campaign, status } = options;
      const found = await listOf(context.api, '/incidents', incident, { campaign, status }, false);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('没有异常。', 'There are no incidents.', language)
          : table(
              [
                { head: head('编号', 'id', language), cell: (row) => row.id },
                { head: head('状态', 'state', language), cell: (row) => incidentState(row.status, language) },
                {
                  head: head('工作', 'campaign', language),
                  cell: (row) => (row.campaign === null ? '' : `${row.campaign}（${row.world ?? ''}）`),
                },
                { head: head('异常', 'incident', language), cell: (row) => say(row.title, language), most: 60 },
                { head: head('原因', 'cause', language), cell: (row) => row.cause, most: 50 },
                { head: head('次数', 'count', language), cell: (row) => row.count, right: true },
                { head: head('最近', 'last', language), cell: (row) => row.lastAt.slice(0, 19).replace('T', ' ') },
              ],
              found.items,
            ),
      );
    });
  verb(incidents, 'close <incident>', '关闭异常（理由记入审计；再出现时另开一条）', 'close one; the same cause later opens a new one', true)
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (id: string, options: Common & { reason: string }) => {
      const context = open(options);
      const path = `/incidents/${encodeURIComponent(id)}/close`;
      await send(
        context,
        path,
        { reason: options.reason },
        z.null(),
        () => `✓ ${say({ zh: '已关闭', en: 'closed' }, context.language)}: ${id}\n`,
      );
    });
}

const incidentState = (status: string, language: Language): string =>
  status === 'open' ? say({ zh: '待处理', en: 'open' }, language) : stateText(status, language);

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
