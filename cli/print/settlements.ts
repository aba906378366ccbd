import type { Settlements } from '../shapes/deductions.js';
import { head, nothing, say, type Language } from '../texts.js';
import { clean } from './clean.js';
import { choiceWord, settledKind, standingWord } from './deduction-words.js';
import { amount } from './reports.js';
import { table } from './table.js';

/** What nobody has proposed anything about, and proposals (`about`: campaign and deduction) with their papers: whoever confirms one sees what it stands on. */
export function settlementsText(about: string, { items, proposed }: Settlements, language: Language): string {
  if (items.length === 0 && proposed.length === 0) return nothing('没有待处理的。', 'Nothing waits.', language);
  const waiting = new Set(proposed.map(({ subject }) => subject));
  const open = items.filter(({ subject }) => !waiting.has(subject));
  return [
    open.length === 0
      ? ''
      : table(
          [
            { head: head('事项', 'subject', language), cell: (row) => row.subject },
            { head: head('种类', 'kind', language), cell: (row) => settledKind(row.kind, language) },
            { head: head('单位', 'unit', language), cell: (row) => row.unitName },
            { head: head('姓名', 'name', language), cell: (row) => row.name },
            { head: head('金额（元）', 'yuan', language), cell: (row) => amount(row.amount, true), right: true },
            { head: head('情况', 'what', language), cell: (row) => heldAgainst(row, language) },
          ],
          open,
        ),
    ...proposed.map((one) => proposalText(about, one, language)),
  ].join('');
}

/** Where the line stands, and what is held against it. */
function heldAgainst({ kind, stands, saidTitle }: Settlements['items'][number], language: Language): string {
  if (kind === 'refund') return choiceWord(stands, language);
  return saidTitle === null ? standingWord(stands, language) : `${standingWord(stands, language)} / ${saidTitle}`;
}

/** A proposal in a few lines: what it is about, what is proposed and why, each paper with its fields, and how it is confirmed. */
function proposalText(about: string, one: Settlements['proposed'][number], language: Language): string {
  const line = (zh: string, en: string): string => clean(say({ zh, en }, language));
  const papers = one.evidence.map(({ paper, title, fields }) => {
    const given = fields.map(
      ({ title: field, type, value }) => `${field} ${type === 'money' && typeof value === 'number' ? amount(value, true) : String(value)}`,
    );
    return `  ${line('材料', 'paper')}: ${clean(title)}（${paper}）${clean(given.join('，'))}`;
  });
  return [
    `${one.decision}  ${settledKind(one.kind, language)}  ${one.subject}  ${clean(one.unitName)}  ${clean(one.name)}  ${amount(one.amount, true)} ${line('元', 'yuan')}  ${heldAgainst({ ...one, stands: one.kind === 'refund' ? (one.said ?? '') : one.standing }, language)}`,
    `  ${line('拟定', 'proposed')}: ${one.kind === 'line' ? clean(one.choiceTitle) : choiceWord(one.choice, language)}  ${clean(one.byName)}  ${one.at}`,
    `  ${line('理由', 'reason')}: ${clean(one.reason)}`,
    ...papers,
    `  ${line('复核', 'to confirm')}: npx duban deduction settle ${about} --confirm ${one.decision}`,
    '',
  ].join('\n');
}
