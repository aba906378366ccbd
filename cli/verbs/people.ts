import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { wrongUsage } from '../failure.js';
import { unitNamed, userNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { bars } from '../print/bars.js';
import { amount } from '../print/reports.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { dayOf, ofCampaign, send } from '../sending.js';
import { head, nothing } from '../texts.js';
import { day, verb, type Open } from '../verb.js';

const unpaidRow = z.object({
  due: z.string(),
  name: z.string(),
  unitName: z.string(),
  insurance: z.string(),
  amount: z.number(),
  collected: z.number(),
  collectorName: z.string().nullable(),
  paidLastYear: z.boolean(),
  person: z.string(),
});
const share = z.object({ user: z.string(), name: z.string(), assigned: z.number(), paid: z.number(), amount: z.number() });

interface UnpaidOptions extends Common {
  readonly unit?: string;
  readonly collector?: string;
  readonly insurance?: string;
  readonly lastYear?: boolean;
  readonly all?: boolean;
}
interface AssignOptions extends Common {
  readonly area?: string;
  readonly village?: string;
  readonly household?: string;
  readonly from?: string;
}

/** Who has not paid, who looks after whom, and what of it is done. */
export function registerPeople(program: Command, open: Open): void {
  verb(
    program,
    'unpaid <campaign>',
    '尚未缴费人员，按村和代办员（每次查看留痕）',
    'who has not paid yet, by village and collector; every look is audited',
  )
    .option('--unit <id>', '只看此单位及以下（编号或名称）  this unit and below, by id or name')
    .option('--collector <user>', '只看此代办员名下（编号、用户名或姓名）  this collector')
    .option('--insurance <id>', '只看此险种  this insurance')
    .option('--last-year', '只看上年已缴今年未缴的  paid last year and not this year')
    .option('--all', '列出全部  all pages')
    .action(async (campaign: string, options: UnpaidOptions) => {
      const context = open(options);
      const { language } = context;
      const { insurance } = options;
      const unit = options.unit === undefined ? undefined : await unitNamed(context.api, options.unit);
      const collector = options.collector === undefined ? undefined : await userNamed(context.api, options.collector);
      const query = { unit, collector, insurance, lastYearOnly: options.lastYear };
      const found = await listOf(context.api, ofCampaign(campaign, 'unpaid'), unpaidRow, query, options.all === true);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing('没有符合的未缴人员。', 'Nobody is left to pay that fits.', language)
          : table(
              [
                { head: head('村', 'village', language), cell: (row) => row.unitName },
                { head: head('代办员', 'collector', language), cell: (row) => row.collectorName },
                { head: head('姓名', 'name', language), cell: (row) => row.name },
                { head: head('险种', 'insurance', language), cell: (row) => row.insurance },
                { head: head('应缴（元）', 'yuan due', language), cell: (row) => amount(row.amount, true), right: true },
                {
                  head: head('已收未到账', 'taken', language),
                  cell: (row) => (row.collected === 0 ? '' : amount(row.collected, true)),
                  right: true,
                },
                { head: head('上年已缴', 'last year', language), cell: (row) => (row.paidLastYear ? '✓' : '') },
                { head: head('人员', 'person', language), cell: (row) => row.person },
                { head: head('应缴编号', 'due', language), cell: (row) => row.due },
              ],
              found.items,
            ) + countLine(found.items.length, found.more, language),
      );
    });

  verb(program, 'assign <campaign> <user>', '把片、村或户分给干部', 'give an area, a village or a household to a cadre', true)
    .option('--area <unit>', '片（编号或名称）  area')
    .option('--village <unit>', '村（编号或名称）  village')
    .option('--household <person>', '户（其一人的编号）  household, by one of its people')
    .addOption(new Option('--from <day>', '自此日，默认为工作所在的当日  from this day, the campaign’s by default').argParser(day))
    .action(async (campaign: string, to: string, options: AssignOptions) => {
      const context = open(options);
      const what = await whatOf(context, options);
      const user = await userNamed(context.api, to);
      const body = { to: user, from: options.from ?? (await dayOf(context.api, campaign)), what };
      await send(
        context,
        ofCampaign(campaign, 'assignments'),
        body,
        z.null(),
        () => `✓ ${options.area ?? options.village ?? options.household ?? ''} → ${to}\n`,
      );
    });

  verb(program, 'shares <campaign>', '包片包村包户干部的完成情况', 'what each cadre was given and what of it is done').action(
    async (campaign: string, options: Common) => {
      const context = open(options);
      const found = await listOf(context.api, ofCampaign(campaign, 'shares'), share, {}, false);
      context.result(found.items, () =>
        found.items.length === 0
          ? nothing(
              '还没有分给干部。分配：npx duban assign 工作 人员 --village 村',
              'Nothing is assigned yet: npx duban assign CAMPAIGN USER --village UNIT',
              context.language,
            )
          : bars(
              found.items.map(({ user, name, assigned, paid, amount: fen }) => ({
                label: `${name}（${user}）`,
                part: paid,
                whole: assigned,
                figures: `${paid}/${assigned}  ${amount(fen, true)} ${head('元', 'yuan', context.language)}`,
              })),
            ) + countLine(found.items.length, found.more, context.language),
      );
    },
  );
}

type What = { readonly kind: 'area' | 'village'; readonly unit: string } | { readonly kind: 'household'; readonly person: string };

async function whatOf({ api }: Context, { area, village, household }: AssignOptions): Promise<What> {
  const given: What[] = [];
  if (area !== undefined) given.push({ kind: 'area', unit: await unitNamed(api, area) });
  if (village !== undefined) given.push({ kind: 'village', unit: await unitNamed(api, village) });
  if (household !== undefined) given.push({ kind: 'household', person: household });
  const [what] = given;
  if (what === undefined || given.length > 1)
    throw wrongUsage(
      'bad-assignment',
      '请用 --area、--village、--household 之一说明分给什么。',
      'Say what is given with one of --area, --village, --household.',
    );
  return what;
}
