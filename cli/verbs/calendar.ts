import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Common } from '../context.js';
import { wrongUsage } from '../failure.js';
import { impact, impactText } from '../print/impact.js';
import { read } from '../shape.js';
import { ofCampaign } from '../sending.js';
import { head } from '../texts.js';
import { noun, verb, type Open } from '../verb.js';

const shown = z.object({
  id: z.string(),
  years: z.array(z.object({ year: z.number(), source: z.string(), days: z.array(z.object({ date: z.string(), kind: z.string() })) })),
});
/** A file of one year's days, or of several: YAML or JSON. What is in it the API checks. */
function calendarIn(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, schema: 'core' });
  } catch {
    throw wrongUsage(
      'bad-calendar',
      '日历文件应为 YAML 或 JSON：year、source、off（放假日）、work（调休上班日）。',
      'A calendar file is YAML or JSON: year, source, off (days off), work (days worked).',
    );
  }
}

/** The calendar a campaign runs with, and laying the county's own days over it. */
export function registerCalendar(program: Command, open: Open): void {
  const calendar = noun(program, 'calendar', '放假安排', 'the calendar');
  verb(calendar, 'show <campaign>', '所用的放假安排', 'the calendar it runs with')
    .option('--year <year>', '只看此年  this year')
    .action(async (campaign: string, options: Common & { year?: string }) => {
      const context = open(options);
      const { language } = context;
      const answer = read(shown, await context.api.get(ofCampaign(campaign, 'calendar')));
      const years = answer.years.filter(({ year }) => options.year === undefined || String(year) === options.year);
      context.result({ ...answer, years }, () =>
        years
          .map(({ year, source, days }) => {
            const of = (kind: string): string =>
              days
                .filter((one) => one.kind === kind)
                .map(({ date }) => date.slice(5))
                .join(' ');
            return `${year}  ${source}\n  ${head('放假', 'off', language)} ${of('off')}\n  ${head('上班', 'worked', language)} ${of('work')}\n`;
          })
          .join(''),
      );
    });
  verb(
    calendar,
    'amend <campaign> <file>',
    '运行中调整放假安排，未到的期限随之重算',
    'amend it while it runs: deadlines ahead are projected anew',
    true,
  )
    .requiredOption('--reason <text>', '理由  reason')
    .action(async (campaign: string, file: string, options: Common & { reason: string }) => {
      const context = open(options);
      const body = { calendar: calendarIn(readFileSync(context.file(file), 'utf8')), reason: options.reason };
      const query = context.dryRun ? { dryRun: true } : {};
      const answer = read(impact, await context.api.post(ofCampaign(campaign, 'calendar'), body, { query }));
      context.result({ ...answer, dryRun: context.dryRun }, () => impactText(answer, campaign, context.dryRun, context.language));
    });
}
