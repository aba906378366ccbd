import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { questionsOf, sendLaunch, type Root } from '../launching.js';
import { listOf } from '../pages.js';
import { bars } from '../print/bars.js';
import { table } from '../print/table.js';
import { read } from '../shape.js';
import { head, nothing, phaseText, stateText } from '../texts.js';
import { day, list, pairs, verb, whole, type Open } from '../verb.js';

export const campaignRow = z.object({
  id: z.string(),
  title: z.string(),
  definition: z.string(),
  version: z.string(),
  year: z.number(),
  rootUnitName: z.string(),
  world: z.string(),
  virtual: z.boolean(),
  status: z.string(),
  now: z.string(),
});
const counts = z.object({ open: z.number(), late: z.number(), done: z.number(), doneLate: z.number() });
const detail = campaignRow.extend({
  nextWake: z.string().nullable(),
  phases: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      state: z.string(),
      daysLeft: z.number().nullable(),
    }),
  ),
  progress: counts,
});
const boardAnswer = z.object({ items: z.array(z.object({ unit: z.string(), name: z.string(), level: z.string(), subtree: counts })) });

interface LaunchOptions extends Common {
  readonly year?: number;
  readonly unit?: string;
  readonly at?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly table?: Readonly<Record<string, string>>;
  readonly reading?: readonly string[];
  readonly confirmReadings?: boolean;
  readonly asOf?: string;
}

/** `town=NAME` pairs from the upper to the lower, or the id of a unit. */
function rootOf(options: LaunchOptions): Root {
  if (options.unit !== undefined) return { unit: options.unit };
  const path = (options.at ?? []).map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw wrongUsage('bad-unit', '--at 应为 层级=名称', '--at is level=name');
    return { level: text.slice(0, at), name: text.slice(at + 1) };
  });
  if (path.length === 0)
    throw wrongUsage('unit-missing', '请用 --unit 或 --at 说明由哪个单位启动。', 'Say with --unit or --at which unit launches.');
  return { path };
}

async function launchIt(context: Context, name: string, options: LaunchOptions): Promise<void> {
  if (options.year === undefined) throw wrongUsage('year-missing', '请给出 --year。', 'Give --year.');
  const [definition = '', version] = name.split('@');
  const tables = Object.fromEntries(Object.entries(options.table ?? {}).map(([id, path]) => [id, context.file(path)]));
  const order = {
    definition,
    version,
    year: options.year,
    root: rootOf(options),
    parameters: options.set ?? {},
    readings: options.reading ?? [],
    tables,
    asOf: options.asOf,
  };
  const open = await questionsOf(context.api, order);
  const readings = open.questions.filter(({ kind }) => kind === 'reading').map(({ id }) => id);
  const confirmed = options.confirmReadings === true ? { ...order, readings: [...order.readings, ...readings] } : order;
  const left = open.questions.filter(({ kind, blocks }) => blocks && (kind !== 'reading' || options.confirmReadings !== true));
  if (left.length > 0) {
    throw new Failure(
      EXIT.refused,
      'launch-open-questions',
      { zh: `启动前还有 ${left.length} 个事项未定。`, en: `${left.length} questions are open before the launch.` },
      {
        zh: '参数 --set 名称=值，表 --table 名称=文件，理解 --reading A-01（或 --confirm-readings 全部确认）',
        en: 'Answer with --set name=value, --table name=FILE, --reading A-01 (or --confirm-readings)',
      },
      { code: 'launch-open-questions', questions: left },
    );
  }
  const launched = await sendLaunch(context.api, confirmed, context.dryRun);
  context.result({ ...launched, dryRun: context.dryRun }, () =>
    context.dryRun
      ? `可以启动 can be launched: ${launched.title}\n`
      : `✓ 已启动 launched: ${launched.id}  ${launched.title}  (${launched.world})\n`,
  );
}

/** Campaigns: starting them, how they stand. */
export function registerCampaigns(program: Command, open: Open): void {
  verb(program, 'launch <definition>', '启动一项工作（编号，可带 @版本）', 'start a campaign: ID or ID@VERSION', true)
    .option('--year <year>', '年度  year', whole)
    .option('--unit <id>', '启动单位编号  unit that launches')
    .option('--at <level=name>', '启动单位：自顶层单位以下逐级给出，没有的新建  the unit by names below the top, made when missing', list)
    .option('--set <name=value>', '参数  parameter', pairs)
    .option('--table <name=file>', '表的文件  file of a table', pairs)
    .option('--reading <id>', '确认一条理解  confirm a reading', list)
    .option('--confirm-readings', '确认全部理解  confirm all readings')
    .addOption(new Option('--as-of <day>', '在虚拟时间中自此日运行  run in a virtual world from this day').argParser(day))
    .action((name: string, options: LaunchOptions) => launchIt(open(options), name, options));

  verb(program, 'status [campaign]', '各项工作的状态；给出编号则看一项', 'how campaigns stand; with an id, one of them').action(
    async (id: string | undefined, options: Common) => {
      const context = open(options);
      if (id === undefined) await listCampaigns(context);
      else await showCampaign(context, id);
    },
  );
}

async function listCampaigns(context: Context): Promise<void> {
  const { language } = context;
  const { items } = await listOf(context.api, '/campaigns', campaignRow, {}, false);
  if (items.length === 0) {
    context.result(items, () =>
      nothing(
        '还没有您能看到的工作。登记定义：npx duban release FILE；启动：npx duban launch 定义编号 --year 年度；或装入演示：npx duban demo FILE',
        'There is no campaign that you can see. Release a definition: npx duban release FILE; launch it: npx duban launch ID --year YEAR; or start a demonstration: npx duban demo FILE',
        language,
      ),
    );
    return;
  }
  context.result(items, () =>
    table(
      [
        { head: head('编号', 'id', language), cell: (row) => row.id },
        { head: head('名称', 'title', language), cell: (row) => row.title },
        { head: head('单位', 'unit', language), cell: (row) => row.rootUnitName },
        { head: head('年度', 'year', language), cell: (row) => row.year },
        { head: head('状态', 'state', language), cell: (row) => stateText(row.status, language) },
        { head: head('时间', 'now', language), cell: (row) => row.now.replace('T', ' ') },
        { head: head('世界', 'world', language), cell: (row) => row.world },
      ],
      items,
    ),
  );
}

async function showCampaign(context: Context, id: string): Promise<void> {
  const { language } = context;
  const path = `/campaigns/${encodeURIComponent(id)}`;
  const answer = await context.api.get(path);
  const campaign = read(detail, answer);
  const board = await context.api.get(`${path}/board`);
  const rows = read(boardAnswer, board).items;
  const { open, late, done, doneLate } = campaign.progress;
  context.result({ campaign: answer, board }, () =>
    [
      `${campaign.title}  ${campaign.definition}@${campaign.version}  ${stateText(campaign.status, language)}`,
      `${head('时间', 'now', language)} ${campaign.now.replace('T', ' ')}${campaign.virtual ? `（${head('虚拟', 'virtual', language)} ${campaign.world}）` : ''}  ${head('下次', 'next', language)} ${campaign.nextWake?.replace('T', ' ') ?? '—'}`,
      `${head('待办', 'open', language)} ${open}  ${head('其中逾期', 'late', language)} ${late}  ${head('已办', 'done', language)} ${done}  ${head('其中迟办', 'done late', language)} ${doneLate}`,
      '',
      table(
        [
          { head: head('阶段', 'phase', language), cell: (row) => row.title || row.id },
          { head: head('自', 'from', language), cell: (row) => row.from },
          { head: head('至', 'to', language), cell: (row) => row.to },
          { head: head('状态', 'state', language), cell: (row) => phaseText(row.state, language) },
          { head: head('还有天数', 'days left', language), cell: (row) => row.daysLeft, right: true },
        ],
        campaign.phases,
      ),
      bars(
        rows.map(({ name, subtree }) => ({
          label: name,
          part: subtree.done,
          whole: subtree.done + subtree.open,
          figures: `${subtree.done}/${subtree.done + subtree.open}${subtree.late > 0 ? `  ${head('逾期', 'late', language)} ${subtree.late}` : ''}`,
        })),
      ),
    ].join('\n'),
  );
}
