import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common } from '../context.js';
import { wrongUsage } from '../failure.js';
import { bulletinAnswer, bulletinText, progressAnswer, progressText } from '../print/reports.js';
import { read } from '../shape.js';
import { verb, type Open } from '../verb.js';

const dailyAnswer = z.object({ text: z.object({ zh: z.string(), en: z.string() }) });
type As = 'text' | 'csv' | 'xlsx' | 'png';

/** Where a report is, as the API names it: progress and daily of every campaign, else a bulletin of its definition. */
function pathOf(campaign: string, name: string, as: As): string {
  const at = `/reports/${encodeURIComponent(campaign)}`;
  const ending = as === 'text' ? '' : `.${as}`;
  if (as === 'png') return `${at}/daily.png`;
  return name === 'progress' || name === 'daily' ? `${at}/${name}${ending}` : `${at}/bulletins/${encodeURIComponent(name)}${ending}`;
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
    .option('--out <file>', '写入文件  write to a file')
    .action(async (campaign: string, name: string | undefined, options: Common & { as: As; out?: string }) => {
      const context = open(options);
      const report = name ?? 'progress';
      const { as, out } = options;
      if (as === 'png' && report !== 'daily')
        throw wrongUsage('no-such-form', '图片只有 daily 有：npx duban report 编号 daily --as png', 'Only daily comes as a picture.');
      if (report === 'daily' && (as === 'csv' || as === 'xlsx'))
        throw wrongUsage('no-such-form', 'daily 只有文字和图片。', 'daily comes as text and as a picture.');
      if (as !== 'text') {
        const answer = await context.api.call('GET', pathOf(campaign, report, as), { headers: { accept: '*/*' } });
        if (out === undefined && as !== 'csv') throw wrongUsage('out-missing', '请用 --out 指定文件。', 'Give a file with --out.');
        if (out === undefined) context.around.out.write(answer.bytes);
        else {
          writeFileSync(context.file(out), answer.bytes);
          context.result({ file: out, bytes: answer.bytes.length }, () => `✓ ${out}\n`);
        }
        return;
      }
      const answer = await context.api.get(pathOf(campaign, report, 'text'));
      const { language } = context;
      const text = (): string => {
        if (report === 'progress') return progressText(read(progressAnswer, answer), language);
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
