import { ACTIVITY_ROWS, CASE_COLUMNS, ROW_COLUMNS, STANDING_COLUMNS } from '../../../domain/rules/columns.js';
import type { z } from 'zod';
import { builtInActs } from '../resolve/people.js';
import { factEvents, publicColumns } from '../resolve/duties.js';
import { textFields } from '../resolve/when.js';
import { MAX_BYTES, MAX_DEPTH } from '../text/source.js';
import { problemCodes } from '../text/problem.js';
import { caseAct, caseState } from '../written/case.js';
import { outcome } from '../written/deduction.js';
import { formatColumn } from '../written/format.js';
import { field, load, publish } from '../written/figures.js';
import { campaignFile, laterWords, sectionNames, sections } from '../written/file.js';
import { expectedOf } from '../written/shape-problems.js';
import { laterTypes, valueTypes, words } from '../written/words.js';
import { response, rung } from '../written/when.js';
import { snippets, surroundings } from './snippets.js';

type Shape = Readonly<Record<string, z.core.$ZodType>>;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** One line for each word: type, whether it must be written or what holds without it, meaning. */
function wordTable(shape: Shape): string {
  const lines = Object.entries(shape).map(([key, schema]) => {
    const word = words.get(schema as z.ZodType);
    const optional = schema._zod.def.type === 'optional';
    const without = optional ? (word?.fallback ?? '—') : '**必写 required**';
    return `| \`${key}\` | ${cell(expectedOf(schema))} | ${cell(without)} | ${cell(word?.zh ?? '')}<br>${cell(word?.en ?? '')} |`;
  });
  return ['| 词 word | 类型 type | 不写时 default | 含义 meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

const fence = (yaml: string): string => `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``;
const codeList = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join('、');

/** The reference page of the language, made from the schema that checks it (`docs/reference/language.md`). */
export function languageReference(): string {
  const headShape = Object.fromEntries(Object.entries(campaignFile.shape).filter(([key]) => !(key in sections)));
  return [
    '# 定义语言 · The definition language',
    '',
    '本页由检查定义文件的模式生成，不手写。This page is generated from the schema that checks definition files; it is never written by hand.',
    '',
    '## 文件 · Files',
    '',
    `- YAML 1.2，UTF-8，至多${MAX_BYTES / 1024} KiB、${MAX_DEPTH}层嵌套；不允许锚点、别名、类型标记、合并键和重复键；超过15位的数字须加引号。`,
    `  YAML 1.2 in UTF-8, at most ${MAX_BYTES / 1024} KiB and ${MAX_DEPTH} levels deep; no anchors, aliases, tags, merge keys or duplicate keys; numbers of more than 15 digits are put in quotes.`,
    '- 两种文件：`campaign` 可启动，`part` 供几份定义使用。通用件放在 `../parts/<id>.yaml`（或 `parts/`、同目录），以 `use` 引入：`map` 把它所需的名称对应到本文件的名称，`value` 给它的参数赋值。',
    "  Two kinds of file: a `campaign` can be launched, a `part` is used by several. `use` brings a part in from `../parts/<id>.yaml`: `map` gives this file's names for the names it needs, `value` sets its parameters.",
    '- 每个小节是“标识: 内容”表。标识为小驼峰英文，在整份定义中唯一（`may` 除外：其键是内设办理的名称）。',
    '  A section is a map of ids. Ids are ASCII camelCase and unique in the whole definition (but the keys of `may` are names of built-in acts).',
    '- 列表中的 `owes` 为共同负责；其余列表为逐个。`$名称` 是参数；表达式中写 `param.名称`。',
    '  A list in `owes` means all of them jointly, anywhere else each of them. `$name` is a parameter; in an expression it is `param.name`.',
    '- 发布后内容不得再改（`released.json` 记下摘要），改动须写新版本号。',
    '  What is released never changes (`released.json` pins its digest): a change needs a new version.',
    '',
    '### 文件头 · Head',
    '',
    wordTable(headShape),
    '',
    '`use` 的每一项 · each entry of `use`:',
    '',
    wordTable(useShape()),
    '',
    '## 小节 · Sections',
    '',
    ...sectionNames.flatMap((name) => {
      const section = sections[name];
      const word = words.get(section);
      return [`### \`${name}\` ${word?.zh ?? ''} · ${word?.en ?? ''}`, '', wordTable(section.unwrap().valueType.shape), ''];
    }),
    '### 响应 · Responses (`met`, `missed`, `then`; `rungs` with `at`)',
    '',
    '一张表、一个动作：`tell`（连同 `text`）、`flag`；办件及其梯次另有 `open`、`retry`。One map with one verb: `tell` (with `text`) or `flag`; a case and its ladders also `open` and `retry`.',
    '',
    wordTable(response.shape),
    '',
    wordTable({ at: rung.shape.at }),
    '',
    '### 公示、栏位、装入 · `publish`, fields, `load`',
    '',
    wordTable(publish.shape),
    '',
    '栏位写类型，或 · a field is a type, or:',
    '',
    wordTable(objectIn(field)),
    '',
    '`load` 写文件名、角色，或 · `load` is a file, a role, or:',
    '',
    wordTable(objectIn(load)),
    '',
    '### 代扣的结果 · Outcomes of a deduction',
    '',
    wordTable(outcome.shape),
    '',
    '### 办件的状态和办理 · States and acts of a case',
    '',
    wordTable(caseState.shape),
    '',
    wordTable(caseAct.shape),
    '',
    ...caseNotes,
    '',
    '### 文件格式的列 · Columns of a format',
    '',
    wordTable(formatColumn.shape),
    '',
    ...formatNotes,
    '',
    '## 封闭的词表 · Closed lists',
    '',
    `- 类型 types: ${codeList(valueTypes)}；表的列还可写层级标识、\`group\`。以后 later: ${codeList(laterTypes)}。`,
    '  - `money` 写元（至多两位小数），内部为分；`percent` 写 96；`duration` 写 10d、5wd、2m、1y；`date` 参数写 2020-05-25、05-25、02-end；`serial` 只用一次。',
    '    `money` is written in yuan and kept in fen; `percent` as 96; a `duration` as 10d, 5wd, 2m, 1y; a `serial` is usable once.',
    `- 事件 events (\`after\`): ${codeList(factEvents)}、\`任务.done\`、\`任务.late\`、\`里程碑.met\`、\`里程碑.missed\`、\`阶段.opened\`、\`阶段.ended\`（阶段延长后再次发生，只产生一次任务 owed once, however often the phase opens again）、\`代扣.sent\`、\`代扣.returned\`、\`代扣.结果\`、\`禁止行为.reported\`。办件的 \`after\` 只认 of a case: \`payment.arrived\`、\`代扣.结果\`、\`代扣.owedBack\`（应退 owed back）、\`代扣.paidBack\`、\`代扣.credited\`（该笔应缴的应退全部结清 nothing is owed back any more）、\`办件.opened\`、\`办件.closed\`、\`办件.办理\`。`,
    `- 内设办理 built-in acts (\`may\`): ${codeList(builtInActs)}、\`lookUp…\`。`,
    `- 文字栏位 fields of texts: ${codeList(textFields)}，以及每个参数 and every parameter。`,
    `- 公示可用的列 columns of a posted list: ${codeList(publicColumns)}，以及层级标识 and levels。`,
    `- 通知对象 recipients: \`owner\`（负责人 whoever owes）、\`person\`（本人 the subject）、角色 roles；报表另有 \`public\`。`,
    `- 以后的词 words to come: ${Object.entries(laterWords)
      .map(([word, { zh }]) => `\`${word}\`（${zh}）`)
      .join('、')}。`,
    '',
    '## 日期和间隔 · Dates and distances',
    '',
    '日期 = 锚点，再加若干间隔，末尾可写 `outside`（允许在有效期之外）。到期日包含当天。A date is an anchor, then distances, then perhaps `outside`; a due date includes its day.',
    '',
    '| 锚点 anchor | 含义 meaning |',
    '| --- | --- |',
    ...anchors.map(([anchor, zh, en]) => `| \`${anchor}\` | ${zh}<br>${en} |`),
    '',
    "间隔：`+10d` 日、`+5wd` 工作日、`-1m` 月（取同日或月末日）、`+1y` 年、`+$参数`。事件当日为第0日；`+1wd` 为其后第一个工作日。Distances in days, working days, months (same day or the month's last), years, or a parameter; the day of the event is day 0.",
    '',
    '## 表的单元格 · Cells of tables',
    '',
    '`300`、`500 | 600`、`16..19`（含两端 both ends）、`25..`、`..59`、`16..<20`、`any`、`$parameter`。命中规则 hit: `one`（默认，须无重叠 no overlap）、`first`、`all`、`highest 列`。`else`: `refuse`、`person`、值。',
    '',
    '## 表达式 · Expressions (CEL)',
    '',
    `到处可用 everywhere: \`unit\`（id, name, kind, level）、\`param\`、\`today\`。函数 functions: ${codeList(functions)}。没有小数、时钟和宿主函数 no decimals, no clock, no host functions。`,
    '',
    '| 所在 place | 可见 sees |',
    '| --- | --- |',
    '| 金额、计数、人群、公示、管办理事项的规则 amounts, counts, groups, publish, rules on an activity | `row` |',
    '| 对任务答复的计数 counts over a duty | `row` = 答复栏位 its fields |',
    '| 管任务的规则 rules on a duty | `answer`, `period` |',
    '| 表的 `deny` | `row` = 输入列和输出列 inputs and outputs |',
    '| `dueIf` | `held`（未报解金额 money held）, `period` |',
    '| `reach`、`doneIf` | 指标和计数 measures and counts；可写 `96%`、`260 yuan`、单个 `=` |',
    '| 响应的 `if` | `period` |',
    '| 办件办理的 `if`、`then` 的 `if` acts of a case and what follows | `case`（其栏位、`state`、`round`、`reason`；未填的等于 null，不成立 what was not given equals null and makes it untrue） |',
    '| 代扣的 `if`、结果的 `if` of a deduction and its outcomes | `row`（应缴 the due） |',
    '| 文件格式的 `totals` totals of a format | `file.count`、`file.count("outcome")`、`file.sum("列 column")`、`file.sum("列 column", "outcome")`、`file.header.列`、`file.trailer.列` |',
    '',
    '各行集的列 columns of the row sets（其上的金额也是列 amounts over a row set are columns too）:',
    '',
    ...Object.entries(ROW_COLUMNS).map(
      ([set, columns]) =>
        `- \`${set}\`: ${Object.entries(columns)
          .map(([id, column]) => `\`${id}\` ${column.type} ${column.zh}`)
          .join('；')}`,
    ),
    `- 逐人任务 a duty about persons (\`per: due\`, \`counts: { over: …, if: row.late }\`): ${Object.entries(STANDING_COLUMNS)
      .map(([id, column]) => `\`${id}\` ${column.type} ${column.zh}`)
      .join('；')}`,
    `- 办件 a kind of case (\`over: cases.办件\`): 以上各列，及 and besides ${Object.entries(CASE_COLUMNS)
      .map(([id, column]) => `\`${id}\` ${column.type} ${column.zh}`)
      .join('；')}；其 money、count 栏位（未填为0）its fields of money and counts (0 while not given)`,
    '',
    '逐人任务每笔应缴一份，逐人催办、逐人办结；引用它只用计数：可写 `if`（对谁）、`doneIf`（由什么事实完成）、`owes: person`（由本人负责，须有 `doneIf`）；不可写 `compare`、`publish`、`needs`、`wants`、`after`、`over`、`dueIf`、`table`、`of`，梯次不可有 `confirm`、`flag`、须签收或反馈的文字。' +
      ' A duty about persons stands once for each due; others count it. It may say `if` (about whom), `doneIf` (the fact that discharges it) and `owes: person` (which needs `doneIf`), and none of the words just named.',
    '',
    `管住的办理事项及其行 guarded activities and their rows: ${Object.entries(ACTIVITY_ROWS)
      .map(([activity, set]) => `\`${activity}\` → \`${set}\``)
      .join('、')}。`,
    '',
    '## 每种构造一例 · One worked snippet for each construct',
    '',
    '每例连同下面的“周边”都在测试中载入。Each is loaded in a test together with these surroundings, less the sections it writes itself:',
    '',
    fence(Object.values(surroundings).join('\n')),
    '',
    ...snippets.flatMap(({ construct, zh, en, yaml }) => [`### ${construct}`, '', `${zh}<br>${en}`, '', fence(yaml), '']),
    '## 错误代码 · Codes of mistakes',
    '',
    '每个错误带文件、行、列、路径、应为何物、猜测的改正；一次全部列出。Every mistake names file, line, column, path, what was expected and a guess; all are told at once.',
    '',
    codeList(problemCodes),
    '',
  ].join('\n');
}

function useShape(): Shape {
  return campaignFile.shape.use.unwrap().valueType.shape;
}

function objectIn(union: z.ZodUnion<readonly z.ZodType[]>): Shape {
  const found = union.options.find((option): option is z.ZodObject => option._zod.def.type === 'object');
  return found?.shape ?? {};
}

const caseNotes: readonly string[] = [
  '- 第一个状态是起点；没有 `owes` 的是终结，离不开。每个状态都须能到达，并能到终结。The first state is the start, one without `owes` the end; every state is reached and reaches an end.',
  '- 在某状态即欠一项：离开时办结（逾期照记），再次进入是新的一项，编号不变。Being in a state is an obligation: leaving it discharges it (late is late), entering it again is a new one; the case keeps its number.',
  '- `by` 的人办，或 `after` 的事件办，二者取一；几个都适合时，先写的办。An act is done by people or on an event; of several that fit the first written runs.',
  '- `payment.arrived`、`阶段.ended` 是一直成立的事实：进入等它的状态即办。Facts that stand: their act runs as soon as a state that waits for it is entered.',
  '- 本版本的办件只按每笔应缴（`per: due`）；`open`、`retry` 不要人确认，不可 `flag`：请计数 `counts: { …: { over: cases.办件, if: row.late } }`。Cases are about one due; what would stand open thousands of times is counted.',
  '- 随代扣结果（`after: 代扣.结果`）、由事实办结（`doneIf`）的任务每单位每轮一项：同一轮后来的并入，下一轮的结果一到即转入下一轮；不能由人勾销。A duty after the answers to a deduction that a fact discharges is owed once for a unit and round; the next round discharges it, late as it is; nobody ticks it off.',
  '- 发给单位的通知把同一轮、同一状态的各件合成一条并写明件数；发给本人的逐件发。What an office is told of one state and round is one notice with a number; the person is told alone.',
];

const formatNotes: readonly string[] = [
  '- 切分 splitting: 分隔文本先解码、再按字符切分（GBK 汉字的第二字节可能就是 `|`）；定长按字节切分，再逐列解码。Delimited files are decoded, then split on characters; fixed-width files are split by bytes, then decoded column by column.',
  '- 记录 records: 一种记录中第一个固定列是它的标志。只有 `detail` 时每行都是明细；有 `header` 而无标志时第一行是表头；有 `trailer` 时每种记录都须有标志，且在同一位置、互不相同。The first constant column of a record is its tag. Without tags the first line is the header; with a `trailer` every record has a tag, at the same place and all different.',
  '- 定长 fixed width: 每列的字节从1起首尾相接，空出的写成 `value: ""` 的列。数字、日期靠右补零，文字、代码靠左补空格，可用 `fill`、`align` 另定。Bytes follow each other from 1; a filler is a column with `value: ""`.',
  '- `line` 是行号（同一文件不得重复），`batch` 是批次号（在表头，或每行都写且须一致）。`line` is the number of a line and stands once in a file; `batch` stands in the header or, always the same, in every line.',
  '- 行尾 line ends: 按 `ends` 写，CRLF、LF 都读。文件末尾的空行略去。Written as `ends` says, both are read; blank lines at the end are left out.',
  '- 合计 totals: `file.header.列 == 算式` 的一边写出时自动填入，读取时逐项核对；`file.sum` 对 money、fen 列为金额，对 count 列为整数。A column that a total compares is filled in when the file is written.',
  '- 代码表 table of codes: 一个 `text` 输入、一个名为 `outcome` 的 `text` 输出，`else` 不写或为 `unknown`。One text input, a text output `outcome`, `else` absent or `unknown`.',
  '- 文件名 file name: `{yyyyMMdd}` 日期、`{seq:3}` 当日第几个（三位）、`{列}` 表头的列（按文件中的写法）、`{$参数}`。读取时与文件内容核对，改过名的文件不收。The name is checked against the content: a renamed file is refused.',
  '- 字符集写不下的字 what the charset cannot hold: 生成前逐人列出，绝不写成“?”。Listed person by person before anything is written, never `?`.',
  '- 与银行核对 agreeing a layout: `duban format sample`、`duban format check`。',
];

const functions: readonly string[] = [
  'yuan("30")', 'percent("96")', 'date("2020-05-25")', 'find("table", inputs…).output', 'size(list)', 'ageOn(born, day)', 'daysBetween(a, b)', 'addDays(day, n)', 'addMonths(day, n)',
  'monthOf(day)', 'monthBefore(month)', 'within(day, "phase")', 'start("phase")', 'end("phase")', 'done("duty")', 'met("milestone")',
]; // prettier-ignore

const anchors: readonly (readonly [string, string, string])[] = [
  ['2020-05-25', '某日', 'a day'],
  ['05-25', '当年某日', "in the campaign's year"],
  ['02-end', '当年某月最后一天', "last day of a month of the campaign's year"],
  ['start(阶段)  end(阶段)', '阶段的首日、末日', 'first and last day of a phase'],
  ['start(period)  end(period)', '本期首日、末日（须有 every）', 'of the period (with `every`)'],
  ['day(10)  day($参数)', '本期首月第几日，不足取月末', "n-th day of the period's first month, cut to its length"],
  ['due(任务或里程碑)', '其到期日；可倒排', 'its due date, also for backward dates'],
  ['done(任务)', '其完成日', 'the day it was done'],
  ['since', '本项任务开始之日（须有 after）', 'the day this obligation began (with `after`)'],
  ['nextMonth(锚点)', '次月第一天', 'first day of the month after'],
  ['$参数', '日期参数', 'a parameter of type date'],
];
