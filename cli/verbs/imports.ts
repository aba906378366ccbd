import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { json } from '../client.js';
import type { Common, Context } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import type { ImportKind } from '../../domain/model/import-kind.js';
import { formOf, sendImport, type Imported, type ImportOrder } from '../importing.js';
import { clean } from '../print/clean.js';
import { rowBar } from '../print/progress.js';
import { amount } from '../print/reports.js';
import { table } from '../print/table.js';
import { read } from '../shape.js';
import { head, say } from '../texts.js';
import { noun, pairs, verb, type Open } from '../verb.js';

interface ImportOptions extends Common {
  readonly campaign?: string;
  readonly definition?: string;
  readonly table?: string;
  readonly provisional?: boolean;
  readonly by?: string;
  readonly useProfile?: string;
  readonly saveProfile?: string;
  readonly constant?: Readonly<Record<string, string>>;
  readonly cumulative?: boolean;
  readonly preview?: boolean;
}

const KINDS: readonly { readonly verb: string; readonly kind: ImportKind; readonly zh: string; readonly en: string }[] = [
  { verb: 'units', kind: 'units', zh: '单位', en: 'units' },
  {
    verb: 'people',
    kind: 'people',
    zh: '人员、岗位、手机（新账号给出首个密码）',
    en: 'people with roles and phones; first passwords are issued',
  },
  { verb: 'targets', kind: 'targets', zh: '任务表（核对合计）', en: 'a target table, its total checked' },
  { verb: 'roster', kind: 'roster', zh: '应缴名册', en: 'who has to pay' },
  { verb: 'payments', kind: 'payments', zh: '缴费明细', en: 'payments' },
  { verb: 'accounts', kind: 'accounts', zh: '代扣账号', en: 'accounts from which contributions are taken' },
  {
    verb: 'deposits',
    kind: 'deposits',
    zh: '预存名单（银行）或预存上报（乡镇）',
    en: 'what stands deposited: the bank’s list or a township’s report',
  },
  {
    verb: 'identities',
    kind: 'identities',
    zh: '特殊身份认定名单（由认定部门）',
    en: 'special identities, by the office that certifies them',
  },
  { verb: 'entries', kind: 'identityEntries', zh: '特殊身份录入（由乡镇）', en: 'entries of certified identities, by the township' },
  { verb: 'totals', kind: 'unitTotals', zh: '各村每日合计（明细未到前）', en: 'village totals by day, before the detail exists' },
];

/** A row of a county's file takes about so many bytes: only for the length of the progress bar. */
const BYTES_A_ROW = 70;
const ROWS_SHOWN = 50;

/** Files of offices: good rows are kept, each bad one is listed, the same file again has no second effect. */
export function registerImports(program: Command, open: Open): void {
  const parent = noun(program, 'import', '导入文件（CSV 或 XLSX）', 'import a file, CSV or XLSX');
  for (const { verb: name, kind, zh, en } of KINDS) {
    const command = verb(parent, `${name} <file>`, zh, en, true)
      .option('--campaign <id>', '属于哪项工作  the campaign')
      .option('--use-profile <name>', '用已保存的导入方案（表头行、列、合计行）  a saved profile: header row, columns, total row')
      .option('--save-profile <name>', '把本次的读法存为方案（须管理员）  keep how it is read as a profile; by an administrator')
      .option('--constant <field=value>', '文件中没有的一栏  a column that the file lacks', pairs)
      .option('--preview', '只看将如何读取  only show how it would be read');
    if (kind === 'units' || kind === 'people')
      command.option('--definition <id>', '尚无工作时，按此定义的层级和岗位  levels and roles of this definition');
    if (kind === 'targets')
      command.option('--table <id>', '哪个表  which table').option('--provisional', '暂用，最终表来后替换  stands in until the final one');
    if (kind === 'deposits') command.option('--by <who>', 'bank 银行名单，township 乡镇上报  whose word it is');
    if (kind === 'payments') command.option('--cumulative', '每行是累计数，不是当日数  each row is the sum so far, not a payment');
    command.action((file: string, options: ImportOptions) => importFile(open(options), kind, file, options));
  }
}

async function importFile(context: Context, kind: ImportKind, file: string, options: ImportOptions): Promise<void> {
  const path = context.file(file);
  const { size } = statSync(path);
  const { campaign, definition, table: tableId, provisional } = options;
  const about: ImportOrder = {
    kind,
    campaign,
    definition,
    table: tableId,
    name: file,
    path,
    dryRun: context.dryRun,
    depositsBy: options.by,
    ...(provisional === undefined ? {} : { provisional }),
  };
  if (options.preview === true) {
    if (options.saveProfile !== undefined) await profileOf(context, about, options);
    await previewFile(context, about);
    return;
  }
  const order = { ...about, profile: await profileOf(context, about, options) };
  const bar = rowBar(context.around.watched && !context.asJson, Math.ceil(size / BYTES_A_ROW));
  let answer: Imported;
  try {
    answer = await sendImport(context.api, order, bar?.watch ?? null);
  } finally {
    bar?.stop();
  }
  context.result(answer, () => importedText(context, answer));
  if (answer.bad > 0)
    throw new Failure(
      EXIT.refused,
      'findings',
      { zh: `${answer.bad} 行没有导入，其余已保留。`, en: `${answer.bad} rows were not taken, the others are kept.` },
      { zh: '改正这些行后再导入同一文件', en: 'Correct these rows and import the file again' },
    );
}

/** The saved profile's name; else, where something is added to what the API guesses or it is to be kept, the profile itself; else nothing. */
async function profileOf(context: Context, order: ImportOrder, options: ImportOptions): Promise<ImportOrder['profile']> {
  const { useProfile, saveProfile, constant, cumulative } = options;
  if (useProfile !== undefined) {
    if (saveProfile === undefined && constant === undefined && cumulative === undefined) return useProfile;
    throw wrongUsage(
      'two-profiles',
      '--use-profile 不与 --save-profile、--constant、--cumulative 同用。',
      '--use-profile stands alone: a saved profile is not changed on the way.',
    );
  }
  if (saveProfile === undefined && constant === undefined && cumulative === undefined) return undefined;
  const guessed = read(previewAnswer, await previewOf(context, order)).profile;
  const profile = {
    ...guessed,
    constants: { ...guessed.constants, ...constant },
    ...(cumulative === true ? { mode: 'cumulative' } : {}),
  };
  if (saveProfile !== undefined && !context.dryRun) {
    await context.api.call('PUT', `/import-profiles/${encodeURIComponent(saveProfile)}`, { json: profile });
    context.say(`✓ 已存为方案 ${saveProfile}`, `kept as profile ${saveProfile}`);
  }
  return profile;
}

function importedText(context: Context, answer: Imported): string {
  const { language } = context;
  const line = (zh: string, en: string): string => `${clean(say({ zh, en }, language))}\n`;
  return [
    line(
      `${context.dryRun ? '（试运行，未改动）' : ''}读取 ${answer.read} 行：导入 ${answer.kept}，早已有 ${answer.known}，有误 ${answer.bad}`,
      `${context.dryRun ? '(dry run, nothing changed) ' : ''}${answer.read} rows read: ${answer.kept} taken, ${answer.known} known, ${answer.bad} wrong`,
    ),
    ...answer.sums.map(({ heading, type, sum, total }) => {
      const [own, printed] = [amount(sum, type === 'money'), total === null ? null : amount(total, type === 'money')];
      return line(
        `${heading} 合计 ${own}${printed === null ? '' : `（合计行 ${printed}）`}`,
        `sum ${own}${printed === null ? '' : ` (total row ${printed})`}`,
      );
    }),
    ...answer.errors.slice(0, ROWS_SHOWN).map(({ zh, en, code }) => line(`  ${zh} [${code}]`, en)),
    answer.errors.length > ROWS_SHOWN
      ? line(`  ……另有 ${answer.errors.length - ROWS_SHOWN} 处`, `and ${answer.errors.length - ROWS_SHOWN} more`)
      : '',
    answer.accounts.length > 0
      ? `\n${table(
          [
            { head: head('用户名', 'login', language), cell: (row) => row.login },
            { head: head('姓名', 'name', language), cell: (row) => row.name },
            { head: head('首个密码（只显示一次）', 'first password, shown once', language), cell: (row) => row.firstPassword },
          ],
          answer.accounts,
        )}`
      : '',
  ].join('');
}

const previewAnswer = z.object({
  profile: z.looseObject({ constants: z.record(z.string(), z.string()) }),
  format: z.string(),
  charset: z.string(),
  headerLine: z.number(),
  headings: z.array(z.object({ heading: z.string(), field: z.string().nullable() })),
  missing: z.array(z.object({ id: z.string(), names: z.array(z.string()) })),
  rows: z.array(z.object({ line: z.number(), values: z.record(z.string(), z.union([z.string(), z.number()])) })),
  warnings: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string() })),
});

async function previewOf(
  context: Context,
  { kind, campaign, definition, table: tableId, name, path = name }: ImportOrder,
): Promise<unknown> {
  const form = await formOf({ kind, campaign, definition, table: tableId, name, path });
  return json(await context.api.call('POST', '/imports/preview', { form }));
}

async function previewFile(context: Context, order: ImportOrder): Promise<void> {
  const raw = await previewOf(context, order);
  const { language } = context;
  context.result(raw, () => {
    const answer = read(previewAnswer, raw);
    const fields = answer.headings.flatMap(({ field }) => (field === null ? [] : [field]));
    return [
      `${answer.format} ${answer.charset}  ${head('表头行', 'header row', language)} ${answer.headerLine}\n`,
      table(
        [
          { head: head('列名', 'heading', language), cell: (row) => row.heading },
          { head: head('读作', 'read as', language), cell: (row) => row.field ?? '—' },
        ],
        answer.headings,
      ),
      ...answer.missing.map(({ names }) => `${head('缺少', 'missing', language)}: ${names[0] ?? ''}\n`),
      ...answer.warnings.map((warning) => `! ${clean(say(warning, language))}\n`),
      '\n',
      table(
        [
          { head: head('行', 'row', language), cell: (row: (typeof answer.rows)[number]) => row.line, right: true },
          ...fields.map((field) => ({ head: field, cell: (row: (typeof answer.rows)[number]) => row.values[field] })),
        ],
        answer.rows,
      ),
    ].join('');
  });
}
