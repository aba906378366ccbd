import { tellReturnProblem } from '../../domain/deduction/problems.js';
import type { DeductionStatus, Failures, Problem, Result, Returned } from '../shapes/deductions.js';
import { both, head, nothing, say, type Both, type Language } from '../texts.js';
import {
  batchStatus,
  counterWord,
  leftOutWord,
  orderKind,
  orderStatus,
  outcomeWord,
  standingWord,
  verdictWord,
  type Outcomes,
} from './deduction-words.js';
import { clean } from './clean.js';
import { codedWord } from './problem-words.js';
import { amount } from './reports.js';
import { table } from './table.js';

/** Counts by code, in words: `不属于代扣范围 1，上次尚无结果 2`. */
const counted = (counts: Readonly<Record<string, number>>, word: (code: string, language: Language) => string): Both => {
  const each = (language: Language): readonly string[] => Object.entries(counts).map(([code, n]) => `${word(code, language)} ${n}`);
  return both(each('zh').join('，'), each('en').join(', '));
};
/** A line `label: counts`, or nothing where there are none. */
function countedLine(
  label: Both,
  counts: Readonly<Record<string, number>>,
  word: (code: string, language: Language) => string,
  language: Language,
): readonly string[] {
  if (Object.keys(counts).length === 0) return [];
  const { zh, en } = counted(counts, word);
  return [say({ zh: `${label.zh}：${zh}`, en: `${label.en}: ${en}` }, language)];
}

/** What came of an order, in a few lines; `outcomes` says what each outcome of the deduction is worth. */
export function resultText(result: Result, outcomes: Outcomes, language: Language): string {
  switch (result.kind) {
    case 'made':
      return [
        say({ zh: `第 ${result.round} 轮`, en: `round ${result.round}` }, language),
        ...result.batches.map(({ id, lines, amount: sum, file }) =>
          say(
            {
              zh: `批次 ${id}：${lines} 人，${amount(sum, true)} 元，文件 ${file}`,
              en: `batch ${id}: ${lines} persons, ${amount(sum, true)} yuan, ${file}`,
            },
            language,
          ),
        ),
        ...countedLine(both('不在本轮', 'left out'), result.leftOut, leftOutWord, language),
        ...result.unwritable.map(({ due, code, column, params }) => {
          const { zh, en } = tellReturnProblem({ code, params: { column: column ?? '', ...params } });
          return say({ zh: `写不进文件：${due}（${zh}）`, en: `cannot be written: ${due} (${en})` }, language);
        }),
        '',
      ].join('\n');
    case 'refused':
      return [say(result, language), ...countedLine(both('问题', 'problems'), result.counts, codedWord, language), ''].join('\n');
    case 'staged':
      return `${say({ zh: `已读 ${result.lines} 行`, en: `${result.lines} lines read` }, language)}\n`;
    case 'posted': {
      if (result.same)
        return `${say({ zh: '这些结果以前已入账，没有变化。', en: 'All of it was posted before: nothing has changed.' }, language)}\n`;
      const { sent, succeeded, failed, unknown, pending } = result.counters;
      return [
        say(
          {
            zh: `批次 ${result.batch}：入账 ${result.lines} 行，扣成 ${amount(result.taken, true)} 元`,
            en: `batch ${result.batch}: ${result.lines} lines, ${amount(result.taken, true)} yuan taken`,
          },
          language,
        ),
        ...countedLine(both('各行', 'lines'), result.verdicts, verdictWord, language),
        ...countedLine(both('结果', 'outcomes'), result.outcomes, outcomeWord(outcomes), language),
        say(
          {
            zh: `送出 ${sent} = 成功 ${succeeded} + 失败 ${failed} + 不明 ${unknown} + 未回 ${pending}`,
            en: `sent ${sent} = ${succeeded} succeeded + ${failed} failed + ${unknown} unknown + ${pending} pending`,
          },
          language,
        ),
        ...(result.refunds === 0
          ? []
          : [say({ zh: `应退 ${amount(result.refunds, true)} 元`, en: `${amount(result.refunds, true)} yuan are owed back` }, language)]),
        ...countedLine(both('提示', 'notices'), result.notices, codedWord, language),
        '',
      ].join('\n');
    }
    default: {
      const never: never = result;
      return never;
    }
  }
}

/** That a file came before, and how; `now`: what it is called this time. Nothing is said of what came of it then: that would look like news. */
export function knownText({ file, at, batch }: NonNullable<Returned['before']>, now: string, language: Language): string {
  const when = at.slice(0, 16).replace('T', ' ');
  const own = clean(file);
  return [
    say(
      {
        zh: `这份文件已经交过，没有第二次效果：${when} 以“${own}”交入${batch === null ? '' : `，属于批次 ${batch}`}。这次什么也没有做。`,
        en: `This file was handed in before and has no second effect: it came on ${when} as '${own}'${batch === null ? '' : ` and belongs to batch ${batch}`}. Nothing was done now.`,
      },
      language,
    ),
    ...(file === now
      ? []
      : [
          say(
            {
              zh: `文件名与那时不同（现在是“${clean(now)}”），内容一字不差：请核对是否拿错了文件。`,
              en: `Its name differs now ('${clean(now)}'), its content does not: see whether it is the file that you mean.`,
            },
            language,
          ),
        ]),
    '',
  ].join('\n');
}

const MOST = 40;

/**
 * Problems line by line, as `format check` tells them: line and byte of the file, code, what is wrong; then what to do, once for each code, and how many are not
 * printed. `result`: what counts them all.
 */
export function problemLines(problems: readonly Problem[], result: Result | null, language: Language): string {
  if (problems.length === 0) return '';
  const shown = problems.slice(0, MOST);
  const doing = new Set(shown.map(({ code, doZh, doEn }) => `→ ${code}: ${say({ zh: doZh, en: doEn }, language)}\n`));
  const lines = table(
    [
      {
        head: head('位置', 'where', language),
        cell: ({ line }) => (line === null ? '' : say({ zh: `文件第 ${line} 行`, en: `line ${line} of the file` }, language)),
      },
      { head: head('字节', 'byte', language), cell: ({ params }) => params['byte'] ?? '', right: true },
      { head: head('代码', 'code', language), cell: ({ code }) => code },
      { head: head('问题', 'what', language), cell: (problem) => say(problem, language) },
    ],
    shown,
  );
  const all = result?.kind === 'refused' ? Object.values(result.counts).reduce((sum, n) => sum + n, 0) : problems.length;
  const rest = Math.max(all, problems.length) - shown.length;
  return (
    lines + [...doing].join('') + (rest <= 0 ? '' : `${say({ zh: `另有 ${rest} 处，未逐一列出`, en: `and ${rest} more` }, language)}\n`)
  );
}

/** For which difference a cycle stands still. */
function stopText({ since, difference: found }: NonNullable<DeductionStatus['stopped']>, language: Language): string {
  if (found === null)
    return `${say({ zh: `代扣自 ${since} 停止：数目对不上，须管理员查清`, en: `stands still since ${since}: its figures did not add up` }, language)}\n`;
  const { batch, order, counter, expected, found: is, difference } = found;
  return `${say(
    {
      zh: `代扣自 ${since} 停止，须管理员查清：批次 ${batch} 的“${counterWord(counter, 'zh')}”应为 ${expected} 行，实为 ${is} 行，差 ${difference} 行（工作单 ${order}）`,
      en: `stands still since ${since}, until an administrator has looked: '${counterWord(counter, 'en')}' of batch ${batch} should be ${expected} lines and is ${is}, difference ${difference} (order ${order})`,
    },
    language,
  )}\n`;
}

type Figured = DeductionStatus['batches'][number]['figures'];
const figureColumns = <T extends { readonly figures: Figured }>(language: Language) => [
  { head: head('送出', 'sent', language), cell: (row: T) => row.figures.sent, right: true },
  { head: head('成功', 'taken', language), cell: (row: T) => row.figures.succeeded, right: true },
  { head: head('失败', 'failed', language), cell: (row: T) => row.figures.failed, right: true },
  { head: head('失败后扣成', 'late', language), cell: (row: T) => row.figures.late, right: true },
  { head: head('不明', 'unknown', language), cell: (row: T) => row.figures.unknown, right: true },
  { head: head('未回', 'pending', language), cell: (row: T) => row.figures.pending, right: true },
  { head: head('扣成（元）', 'yuan taken', language), cell: (row: T) => amount(row.figures.taken, true), right: true },
  { head: head('失败后扣成（元）', 'yuan late', language), cell: (row: T) => amount(row.figures.lateTaken, true), right: true },
];

type Order = DeductionStatus['orders'][number];
const numberOf = ({ id }: Order): number => Number(id.slice(1));
/** A good file of the same batch came after one that was refused: of a refused file often only the name tells the batch. */
const madeGood = (refused: Order, orders: readonly Order[]): boolean =>
  orders.some(
    (one) =>
      one.kind === refused.kind &&
      one.result?.kind === 'posted' &&
      numberOf(one) > numberOf(refused) &&
      (one.file === refused.file || refused.batch === one.batch || (refused.file ?? '').match(/b\d+/)?.[0] === one.batch),
  );

/** Orders that are under way, with why it was refused the newest that nothing made good since; how many were refused before it. */
function openOrders(orders: readonly Order[], language: Language): string {
  const open = orders.filter(({ status }) => status !== 'done' && status !== 'dropped');
  const refused = open.filter((one) => one.status === 'refused' && !madeGood(one, orders)).toSorted((a, b) => numberOf(b) - numberOf(a));
  const shown = [...open.filter(({ status }) => status !== 'refused'), ...refused.slice(0, 1)];
  const lines = shown.map(({ id, kind, status, file, result }) => {
    const why = result?.kind === 'refused' ? refusalText(result, language) : '';
    return `${id} ${orderKind(kind, language)} ${orderStatus(status, language)}${file === null ? '' : ` ${clean(file)}`}${why}\n`;
  });
  const older = refused.length - 1;
  if (older > 0) lines.push(`${say({ zh: `以前还有 ${older} 份未受理`, en: `${older} more were refused before` }, language)}\n`);
  return lines.join('');
}

function refusalText({ zh, en, counts }: Extract<Result, { kind: 'refused' }>, language: Language): string {
  const of = counted(counts, codedWord);
  return Object.keys(counts).length === 0
    ? say({ zh: `：${zh}`, en: `: ${en}` }, language)
    : say({ zh: `：${zh}（${of.zh}）`, en: `: ${en} (${of.en})` }, language);
}

/** Rounds and batches, the orders that are not done, and where asked the units of each round. */
export function deductionText(
  { title, stopped, batches, orders, failing, units }: DeductionStatus & { readonly units?: readonly RoundUnits[] },
  language: Language,
): string {
  return [
    `${title}\n`,
    ...(stopped === null ? [] : [stopText(stopped, language)]),
    table(
      [
        { head: head('轮', 'round', language), cell: (row) => row.round, right: true },
        { head: head('批次', 'batch', language), cell: (row) => row.id },
        { head: head('情况', 'status', language), cell: (row) => batchStatus(row.status, language) },
        ...figureColumns<DeductionStatus['batches'][number]>(language),
        { head: head('待到账', 'awaited', language), cell: (row) => amount(row.awaited, true), right: true },
        { head: head('文件', 'file', language), cell: (row) => row.file },
      ],
      batches,
    ),
    ...(units ?? []).map(
      ({ round, units: rows }) => `${say({ zh: `第 ${round} 轮`, en: `round ${round}` }, language)}\n${unitsTable(rows, language)}`,
    ),
    openOrders(orders, language),
    ...failing.map(
      ({ order, cause, attempt }) =>
        `${say({ zh: `! ${order} 已试 ${attempt} 次仍不成（${cause}），后面的都在等：请管理员查看；可用 deduction drop 放弃`, en: `! ${order} was tried ${attempt} times (${cause}) and all behind it waits: an administrator looks, or gives it up with deduction drop` }, language)}\n`,
    ),
  ].join('');
}

/** Figures of a round by unit. */
export interface RoundUnits {
  readonly round: number;
  readonly units: Failures['units'];
}

const unitsTable = (units: Failures['units'], language: Language): string =>
  table(
    [
      { head: head('单位', 'unit', language), cell: (row) => row.unitName },
      ...figureColumns<{ readonly unitName: string; readonly figures: Figured }>(language),
    ],
    units.map(({ unitName, ...figures }) => ({ unitName, figures })),
  );

/** Who was not taken in a round, by reason and by unit. */
export function failuresText({ outcomes, units }: Failures, language: Language): string {
  if (units.length === 0) return nothing('这一轮没有送出。', 'Nothing was sent in this round.', language);
  return [
    outcomes.length === 0
      ? nothing('没有未扣成的人。', 'Nobody is left.', language)
      : table(
          [
            { head: head('原因', 'reason', language), cell: (row) => (row.outcome === 'pending' ? '' : row.title) },
            { head: head('情况', 'standing', language), cell: (row) => standingWord(row.standing, language) },
            { head: head('人数', 'persons', language), cell: (row) => row.persons, right: true },
            { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
          ],
          outcomes,
        ),
    unitsTable(units, language),
  ].join('');
}
