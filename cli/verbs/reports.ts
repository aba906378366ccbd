import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { wrongUsage } from '../failure.js';
import { bulletinAnswer, bulletinText, issuesAnswer, issuesText, progressAnswer, progressText } from '../print/reports.js';
import { keepFile } from '../sending.js';
import { read } from '../shape.js';
import { verb, type Open } from '../verb.js';

const dailyAnswer = z.object({ text: z.object({ zh: z.string(), en: z.string() }) });
type As = 'text' | 'csv' | 'xlsx' | 'png';

interface Wanted {
  readonly campaign: string;
  readonly report: string;
  readonly as: As;
  /** Day or moment; absent = as it stands. */
  readonly asOf?: string;
  /** Number of an issue. */
  readonly issue?: string;
  readonly issues?: true;
}

/** Where a report is, as the API names it: progress and daily of every campaign, else a bulletin of its definition, live or as issued. */
function pathOf({ campaign, report, as, asOf, issue, issues }: Wanted): string {
  const at = `/reports/${encodeURIComponent(campaign)}`;
  if (as === 'png') return `${at}/daily.png`;
  const ending = as === 'text' ? '' : `.${as}`;
  const query = asOf === undefined ? '' : `?asOf=${encodeURIComponent(asOf)}`;
  if (report === 'progress' || report === 'daily') return `${at}/${report}${ending}${query}`;
  const bulletin = `${at}/bulletins/${encodeURIComponent(report)}`;
  if (issues === true) return `${bulletin}/issues`;
  return `${bulletin}${issue === undefined ? '' : `/issues/${encodeURIComponent(issue)}`}${ending}${query}`;
}

function checkUsage({ report, as, asOf, issue, issues }: Wanted): void {
  const bulletin = report !== 'progress' && report !== 'daily';
  if (as === 'png' && report !== 'daily')
    throw wrongUsage('no-such-form', '图片只有 daily 有：npx duban report 编号 daily --as png', 'Only daily comes as a picture.');
  if (report === 'daily' && (as === 'csv' || as === 'xlsx'))
    throw wrongUsage('no-such-form', 'daily 只有文字和图片。', 'daily comes as text and as a picture.');
  if (report === 'daily' && asOf !== undefined) throw wrongUsage('no-such-form', 'daily 只有今天的。', 'daily is always of today.');
  if (!bulletin && (issue !== undefined || issues === true))
    throw wrongUsage('no-such-form', '只有通报分期印发。', 'Only bulletins are issued.');
  if ([asOf !== undefined, issue !== undefined, issues === true].filter(Boolean).length > 1)
    throw wrongUsage('one-of', '--as-of、--issue、--issues 只能用一个。', 'Give one of --as-of, --issue, --issues.');
  if (issues === true && as !== 'text') throw wrongUsage('no-such-form', '各期清单只有文字。', 'The list of issues comes as text.');
}

interface Options extends Common, Pick<Wanted, 'as' | 'asOf' | 'issue' | 'issues'> {
  readonly out?: string;
}

/** Bulletins, progress, and the daily line and picture for a work group chat. */
export function registerReports(program: Command, open: Open): void {
  verb(
    program,
    'report <campaign> [name]',
    '报表：progress 进度、daily 每日一句，或定义中的通报',
    'a report: progress, daily, or a bulletin of the definition',
  )
    .addOption(new Option('--as <form>', '形式  form').choices(['text', 'csv', 'xlsx', 'png']).default('text'))
    .option('--as-of <day>', '截至某日或某时刻的数字  figures as of a day or moment')
    .option('--issues', '已印发的各期通报  issues of a bulletin')
    .option('--issue <number>', '某一期，印发时的原样  a bulletin as it was issued')
    .option('--out <file>', '写入文件  write to a file')
    .action(async (campaign: string, name: string | undefined, options: Options) => {
      const context = open(options);
      const { out, ...asked } = options;
      const wanted: Wanted = { ...asked, campaign, report: name ?? 'progress' };
      checkUsage(wanted);
      const { report, as } = wanted;
      if (as !== 'text') {
        await keepFile(context, pathOf(wanted), as, out);
        return;
      }
      const answer = await context.api.get(pathOf(wanted));
      const { language } = context;
      const text = (): string => {
        if (report === 'progress') return progressText(read(progressAnswer, answer), language);
        if (wanted.issues === true) return issuesText(read(issuesAnswer, answer), language);
        if (report !== 'daily') return bulletinText(read(bulletinAnswer, answer), language);
        const daily = read(dailyAnswer, answer);
        return language === 'both' ? `${daily.text.zh}\n${daily.text.en}\n` : `${daily.text[language]}\n`;
      };
      if (out === undefined) context.result(answer, text);
      else {
        writeFileSync(context.file(out), context.asJson ? `${JSON.stringify(answer, null, 2)}\n` : text());
        context.result({ file: out }, () => `✓ ${out}\n`);
      }
    });
}
