import type { Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { readable, storing, withFiles } from '../evidence.js';
import { unitNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { caseAnswer, caseText } from '../print/case.js';
import { table } from '../print/table.js';
import { countLine } from '../run.js';
import { read } from '../shape.js';
import { send, tryOut } from '../sending.js';
import { head, nothing, stateText } from '../texts.js';
import { noun, pairs, verb, type Open } from '../verb.js';
import { dataOf, obligationPath, stepOf } from './obligations.js';

export const caseRow = z.object({
  campaign: z.string(),
  id: z.string(),
  type: z.string(),
  state: z.string(),
  dueId: z.string(),
  typeTitle: z.string(),
  stateTitle: z.string(),
  unitName: z.string(),
  owesTitles: z.array(z.string()),
  status: z.string(),
  due: z.string().nullable(),
  daysLate: z.number(),
  round: z.number(),
  person: z.string().nullable(),
  name: z.string().nullable(),
});
type CaseRow = z.infer<typeof caseRow>;

interface ListOptions extends Common {
  readonly type?: string;
  readonly state?: string;
  readonly unit?: string;
  readonly open?: boolean;
  readonly overdue?: boolean;
  readonly names?: boolean;
  readonly all?: boolean;
}
interface ActOptions extends Common {
  readonly data?: string;
  readonly file?: Readonly<Record<string, string>>;
  readonly for?: string;
}
interface OpenOptions extends Common {
  readonly due: string;
  readonly reason: string;
  readonly data?: string;
}

/** Path of a case, from `c3:deductionRetry/d7@1`. */
const casePath = (name: string): string => obligationPath(name).replace('/obligations/', '/cases/');

/** Cases: those that are open, one with its history, an act, a new one. */
export function registerCases(program: Command, open: Open): void {
  const cases = noun(program, 'case', '办件：列表、查看、办理、开启', 'cases: list, show, act, open');

  verb(cases, 'list <campaign>', '一项工作的办件', 'cases of a campaign')
    .option('--type <id>', '只看此类办件  this kind of case')
    .option('--state <id>', '只看此状态  in this state')
    .option('--unit <id>', '只看此单位及以下（编号或名称）  this unit and below, by id or name')
    .option('--open', '只看未办结的  not ended')
    .option('--overdue', '只看已逾期的  late')
    .option('--names', '显示遮掩的姓名，限有权查看个人信息的，查看留痕  masked names, for who may see persons; the look is recorded')
    .option('--all', '列出全部  all pages')
    .action((campaign: string, options: ListOptions) => printList(open(options), campaign, options));

  verb(cases, 'show <case>', '一件办件的状态、栏位、经过和现在能办的', 'a case with its history and what may be done').action(
    async (name: string, options: Common) => {
      const context = open(options);
      const answer = await context.api.get(casePath(name));
      context.result(answer, () => caseText(read(caseAnswer, answer), context.language));
    },
  );

  verb(cases, 'act <case> <action>', '办理：urge、deposit、find 等（见 case show）', 'an act of the case, see case show', true)
    .option('--data <json>', '所填栏位，如 {"cause":"nameMismatch"}；reason、on 也写在这里  fields asked, reason and on, as JSON')
    .option('--file <paper=file>', '附上证明材料（扫描件、照片）  attach a file for a paper', pairs)
    .option('--for <name>', '代没有账号的人记录  on behalf of a person without an account')
    .action((name: string, action: string, options: ActOptions) => actOn(open(options), name, action, options));

  verb(cases, 'open <campaign> <type>', '开启一件办件（限该类办件写明的岗位）', 'open a case by hand', true)
    .requiredOption('--due <id>', '哪笔应缴  the due it is about')
    .requiredOption('--reason <text>', '理由  reason')
    .option('--data <json>', '栏位  fields, as JSON')
    .action(async (campaign: string, type: string, options: OpenOptions) => {
      const fields = options.data === undefined ? {} : { fields: dataOf(options.data) };
      const body = { campaign, type, due: options.due, reason: options.reason, ...fields };
      const answer = z.object({ opening: z.string(), stored: z.boolean() });
      await send(open(options), '/cases', body, answer, ({ stored }) =>
        stored ? `✓ ${type} ${options.due}\n` : '已提交过 stored before\n',
      );
    });
}

async function printList(context: Context, campaign: string, options: ListOptions): Promise<void> {
  const { language } = context;
  const query = {
    campaign,
    type: options.type,
    state: options.state,
    open: options.open === true ? true : undefined,
    overdue: options.overdue === true ? true : undefined,
    names: options.names === true ? true : undefined,
    below: options.unit === undefined ? undefined : await unitNamed(context.api, options.unit),
  };
  const found = await listOf(context.api, '/cases', caseRow, query, options.all === true);
  const columns = [
    { head: head('期限', 'due', language), cell: (row: CaseRow) => row.due ?? '—' },
    { head: head('逾期天数', 'days late', language), cell: (row: CaseRow) => (row.daysLate > 0 ? row.daysLate : ''), right: true },
    { head: head('单位', 'unit', language), cell: (row: CaseRow) => row.unitName },
    ...(options.names === true ? [{ head: head('姓名', 'name', language), cell: (row: CaseRow) => row.name ?? '' }] : []),
    { head: head('办件', 'case', language), cell: (row: CaseRow) => row.typeTitle, most: 30 },
    { head: head('状态', 'state', language), cell: (row: CaseRow) => row.stateTitle },
    { head: head('轮次', 'round', language), cell: (row: CaseRow) => (row.round > 0 ? row.round : ''), right: true },
    { head: head('由谁', 'owes', language), cell: (row: CaseRow) => row.owesTitles.join('、') },
    { head: head('办理', 'status', language), cell: (row: CaseRow) => stateText(row.status, language) },
    { head: head('编号', 'id', language), cell: (row: CaseRow) => `${row.campaign}:${row.id}` },
  ];
  context.result(found.items, () =>
    found.items.length === 0
      ? nothing('没有符合的办件。', 'There is no such case.', language)
      : table(columns, found.items) + countLine(found.items.length, found.more, language),
  );
}

async function actOn(context: Context, name: string, action: string, options: ActOptions): Promise<void> {
  const data = dataOf(options.data);
  const path = casePath(name);
  const here = (file: string): string => context.file(file);
  const store = context.dryRun ? readable(here) : storing(context.api, here);
  const body = {
    act: action,
    ...stepOf(data),
    ...(options.file === undefined ? {} : { evidence: await withFiles(data['evidence'], options.file, store) }),
    ...(options.for === undefined ? {} : { onBehalfOf: options.for }),
  };
  if (context.dryRun) return tryOut(context, `${path}/acts`, body);
  const done = read(z.object({ seq: z.number() }), await context.api.post(`${path}/acts`, body));
  context.result(done, () => `✓ ${name} ${action}  #${done.seq}\n`);
}
