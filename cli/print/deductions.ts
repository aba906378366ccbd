import type { DeductionStatus, Problem, Result } from '../shapes/deductions.js';
import { head, say, type Language } from '../texts.js';
import { amount } from './reports.js';
import { table } from './table.js';

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([word, n]) => `${word} ${n}`)
    .join('，');

/** What came of an order, in a few lines. */
export function resultText(result: Result, language: Language): string {
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
        ...(Object.keys(result.leftOut).length === 0
          ? []
          : [say({ zh: `不在本轮：${counted(result.leftOut)}`, en: `left out: ${counted(result.leftOut)}` }, language)]),
        ...result.unwritable.map(({ due, code }) =>
          say({ zh: `写不进文件：${due}（${code}）`, en: `cannot be written: ${due} (${code})` }, language),
        ),
        '',
      ].join('\n');
    case 'refused':
      return `${say({ zh: result.zh, en: result.en }, language)}${Object.keys(result.counts).length === 0 ? '' : ` (${counted(result.counts)})`}\n`;
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
        `${counted(result.verdicts)}；${counted(result.outcomes)}`,
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
        ...(Object.keys(result.notices).length === 0
          ? []
          : [say({ zh: `提示：${counted(result.notices)}`, en: `notices: ${counted(result.notices)}` }, language)]),
        '',
      ].join('\n');
    }
    default: {
      const never: never = result;
      return never;
    }
  }
}

const MOST = 50;

/** Problems line by line, each with what to do next, and how many are not printed. `result`: what counts them all. */
export function problemLines(problems: readonly Problem[], result: Result | null, language: Language): string {
  const shown = problems.slice(0, MOST).map(({ line, zh, en, doZh, doEn }) => {
    const where = line === null ? '' : say({ zh: `第 ${line} 行：`, en: `line ${line}: ` }, language);
    return `${where}${say({ zh: `${zh}。${doZh}`, en: `${en}; ${doEn}` }, language)}\n`;
  });
  const all = result?.kind === 'refused' ? Object.values(result.counts).reduce((sum, n) => sum + n, 0) : problems.length;
  const rest = Math.max(all, problems.length) - shown.length;
  return shown.join('') + (rest <= 0 ? '' : `${say({ zh: `另有 ${rest} 处，未逐一列出`, en: `and ${rest} more` }, language)}\n`);
}

/** Rounds and batches, and the orders that are not done. */
export function deductionText({ title, stopped, batches, orders }: DeductionStatus, language: Language): string {
  const open = orders.filter(({ status }) => status !== 'done' && status !== 'dropped');
  return [
    `${title}\n`,
    ...(stopped === null || stopped === undefined
      ? []
      : [`${say({ zh: '数目对不上，已停止，须管理员查清', en: 'stands still: its figures did not add up' }, language)}\n`]),
    table(
      [
        { head: head('轮', 'round', language), cell: (row) => row.round, right: true },
        { head: head('批次', 'batch', language), cell: (row) => row.id },
        { head: head('情况', 'status', language), cell: (row) => row.status },
        { head: head('送出', 'sent', language), cell: (row) => row.figures.sent, right: true },
        { head: head('成功', 'taken', language), cell: (row) => row.figures.succeeded, right: true },
        { head: head('失败', 'failed', language), cell: (row) => row.figures.failed, right: true },
        { head: head('不明', 'unknown', language), cell: (row) => row.figures.unknown, right: true },
        { head: head('未回', 'pending', language), cell: (row) => row.figures.pending, right: true },
        { head: head('扣成（元）', 'yuan taken', language), cell: (row) => amount(row.figures.taken, true), right: true },
        { head: head('待到账', 'awaited', language), cell: (row) => amount(row.awaited, true), right: true },
        { head: head('文件', 'file', language), cell: (row) => row.file },
      ],
      batches,
    ),
    ...open.map(({ id, kind, status, file }) => `${id} ${kind} ${status}${file === null ? '' : ` ${file}`}\n`),
  ].join('');
}
