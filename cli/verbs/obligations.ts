import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { storing, withFiles } from '../evidence.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { unitNamed } from '../naming.js';
import { listOf } from '../pages.js';
import { clean } from '../print/clean.js';
import { table } from '../print/table.js';
import { whyAnswer, whyText } from '../print/why.js';
import { worldLine } from '../print/world.js';
import { countLine } from '../run.js';
import { read } from '../shape.js';
import { both, head, nothing, stateText, type Both, type Language } from '../texts.js';
import { day, pairs, verb, worldOption, type Open } from '../verb.js';

export const obligationRow = z.object({
  campaign: z.string(),
  campaignTitle: z.string(),
  world: z.string(),
  id: z.string(),
  duty: z.string(),
  title: z.string(),
  unit: z.string(),
  unitName: z.string(),
  owesTitles: z.array(z.string()),
  status: z.string(),
  due: z.string().nullable(),
  late: z.boolean(),
  daysLate: z.number(),
});
export type ObligationRow = z.infer<typeof obligationRow>;

/** How an obligation is named on the command line: `c3:material/u2`. */
const nameOf = (row: Pick<ObligationRow, 'campaign' | 'id'>): string => `${row.campaign}:${row.id}`;

/** Path of an obligation, from `c3:material/u2` or `c3/material/u2`. */
export function obligationPath(name: string): string {
  const found = /^(c\d{1,15})[:/](.+)$/.exec(name);
  if (found?.[1] === undefined || found[2] === undefined) {
    throw wrongUsage(
      'bad-obligation',
      '事项应写成 c3:事项编号（见 npx duban duties）。',
      'An obligation is written c3:id, as npx duban duties prints it.',
    );
  }
  return `/obligations/${found[1]}/${found[2].split('/').map(encodeURIComponent).join('/')}`;
}

function obligationTable(rows: readonly ObligationRow[], language: Language): string {
  const several = new Set(rows.map(({ campaign }) => campaign)).size > 1;
  return table(
    [
      { head: head('期限', 'due', language), cell: (row) => row.due ?? '—' },
      { head: head('逾期天数', 'days late', language), cell: (row) => (row.daysLate > 0 ? row.daysLate : ''), right: true },
      { head: head('单位', 'unit', language), cell: (row) => row.unitName },
      { head: head('事项', 'title', language), cell: (row) => row.title, most: 44 },
      ...(several
        ? [{ head: head('工作', 'campaign', language), cell: (row: ObligationRow) => `${row.campaignTitle}（${row.world}）`, most: 40 }]
        : []),
      { head: head('由谁', 'owes', language), cell: (row) => row.owesTitles.join('、') },
      { head: head('状态', 'state', language), cell: (row) => stateText(row.status, language) },
      { head: head('编号', 'id', language), cell: nameOf },
    ],
    rows,
  );
}

interface ListOptions extends Common {
  readonly campaign?: string;
  readonly unit?: string;
  readonly duty?: string;
  readonly role?: string;
  readonly status?: string;
  readonly mine?: boolean;
  readonly world?: string;
  readonly dueBy?: string;
  readonly all?: boolean;
}

async function printList(
  context: Context,
  options: ListOptions,
  extra: Readonly<Record<string, string | boolean | undefined>>,
  empty: Both,
): Promise<void> {
  const { language } = context;
  const query = {
    below: options.unit === undefined ? undefined : await unitNamed(context.api, options.unit),
    world: options.world,
    duty: options.duty,
    role: options.role,
    status: options.status,
    mine: options.mine === true ? true : undefined,
    dueBy: options.dueBy,
    ...extra,
  };
  const found = await listOf(context.api, '/obligations', obligationRow, query, options.all === true);
  const world = options.campaign === undefined && extra['campaign'] === undefined ? worldLine(found.world, language) : '';
  context.result(found.items, () =>
    found.items.length === 0
      ? world + nothing(empty.zh, empty.en, language)
      : world + obligationTable(found.items, language) + countLine(found.items.length, found.more, language),
  );
}

const NONE = both('没有符合的事项。', 'Nothing is owed that fits.');
const NOTHING_LATE = both(
  '没有逾期未办的事项。全部事项：npx duban duties 工作编号',
  'Nothing is late. All that is owed: npx duban duties CAMPAIGN',
);

const filters = (command: Command): Command =>
  command
    .option('--unit <id>', '只看此单位及以下（编号或名称）  this unit and below, by id or name')
    .option('--duty <id>', '只看此职责  this duty')
    .option('--role <id>', '只看此岗位承担的  owed by this role')
    .option('--mine', '只看由我承担的  owed by me')
    .addOption(new Option('--due-by <day>', '期限不晚于  due by').argParser(day))
    .option('--all', '列出全部  all pages');

interface ActOptions extends Common {
  readonly data?: string;
  readonly file?: Readonly<Record<string, string>>;
  readonly for?: string;
}

/** Lists of obligations, why one is due when it is, and people's work. */
export function registerObligations(program: Command, open: Open): void {
  filters(verb(program, 'duties <campaign>', '一项工作的应办事项', 'obligations of a campaign'))
    .option('--status <states>', '状态，逗号分隔  states, separated by commas')
    .action((campaign: string, options: ListOptions) => printList(open(options), options, { campaign }, NONE));

  filters(verb(program, 'overdue', '逾期未办事项', 'what is late'))
    .option('--campaign <id>', '只看此工作  this campaign')
    .addOption(worldOption())
    .action((options: ListOptions) => printList(open(options), options, { overdue: true, campaign: options.campaign }, NOTHING_LATE));

  verb(program, 'why <obligation>', '为什么是这个期限：规则、条款、逐日计数、经过', 'why it is due when it is').action(
    async (name: string, options: Common) => {
      const context = open(options);
      const answer = await context.api.get(`${obligationPath(name)}/why`);
      context.result(answer, () => whyText(read(whyAnswer, answer), context.language));
    },
  );

  verb(
    program,
    'act <target> <action>',
    '办理：done、reply、waive 等；对整项工作：pause、resume、stop 等',
    'act on an obligation (c3:id), or on a campaign (c3)',
    true,
  )
    .option('--data <json>', '该动作的内容  the members of the act, as JSON')
    .option('--file <paper=file>', '附上证明材料（扫描件、照片）  attach a file for a paper', pairs)
    .option('--for <name>', '代没有账号的人记录  on behalf of a person without an account')
    .action((target: string, action: string, options: ActOptions) => actOn(open(options), target, action, options));
}

async function actOn(context: Context, target: string, action: string, options: ActOptions): Promise<void> {
  const data = dataOf(options.data);
  const whole = /^c\d{1,15}$/.test(target);
  const path = whole ? `/campaigns/${target}` : obligationPath(target);
  const store = context.dryRun ? named : storing(context.api, (file) => context.file(file));
  const evidence = options.file === undefined ? {} : { evidence: await withFiles(data['evidence'], options.file, store) };
  // What is no act of an obligation is one of a case: `duban act c3:deductionRetry/d7@1 urge`.
  const act =
    whole || ACTS.has(action) ? { kind: action, ...data, ...evidence } : { kind: 'step', act: action, ...stepOf(data), ...evidence };
  if (context.dryRun) {
    // What may be done now is told by the obligation itself; nothing is sent.
    const seen = await context.api.get(path);
    const allowed = whole ? null : read(z.object({ allowed: z.array(z.string()) }), seen).allowed;
    const open = allowed === null || allowed.includes(act.kind);
    context.result(
      { dryRun: true, act, allowed },
      () =>
        `${open ? '可以办理 open to you' : '现在不能办理 not open to you now'}: ${clean(JSON.stringify(act))}${allowed === null ? '' : `  (${allowed.join(', ')})`}\n`,
    );
    if (!open) throw new Failure(EXIT.refused, 'not-open', { zh: `现在不能办理“${action}”`, en: `'${action}' is not open to you now` });
    return;
  }
  const body = whole ? act : { act, ...(options.for === undefined ? {} : { onBehalfOf: options.for }) };
  const answer = read(z.object({ seq: z.number() }), await context.api.post(`${path}/acts`, body));
  context.result(answer, () => `✓ ${target} ${action}  #${answer.seq}\n`);
}

/** Acts of an obligation, by the name that the API gives them. */
const ACTS: ReadonlySet<string> = new Set([
  'done', 'tick', 'step', 'waive', 'extend', 'suspend', 'unsuspend', 'markBeforeLaunch', 'release', 'drop', 'receive', 'reply', 'strike', 'sendBack', 'takeDown',
]); // prettier-ignore

/** The fields of a case's act stand beside its reason and day. */
export function stepOf({ reason, on, evidence, ...answer }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    ...(Object.keys(answer).length === 0 ? {} : { answer }),
    ...(reason === undefined ? {} : { reason }),
    ...(on === undefined ? {} : { on }),
    ...(evidence === undefined ? {} : { evidence }),
  };
}

/** A dry run stores nothing: the file's name stands for its id. */
const named = (path: string): Promise<string> => Promise.resolve(path);

export function dataOf(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongUsage('bad-data', '--data 应为 JSON 对象，如 {"reason":"…"}', '--data is a JSON object, for example {"reason":"..."}');
  }
  return { ...value };
}
