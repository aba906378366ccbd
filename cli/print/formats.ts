import type { FileValue } from '../../domain/formats/columns.js';
import { titleOfColumn, type Layout } from '../../domain/formats/layout.js';
import { severityOf, tellFormatProblem } from '../../domain/formats/problem.js';
import type { FileReading } from '../../domain/formats/reading.js';
import { titleOfTotal, type TotalResult } from '../../domain/formats/totals.js';
import type { FormatColumn } from '../../domain/model/format.js';
import { fen, showYuan } from '../../domain/money/fen.js';
import { head, say, type Language } from '../texts.js';
import { clean } from './clean.js';
import { table } from './table.js';

/** What a dry reading found, for people: the file, header and trailer, outcomes, totals, problems with what to do. */
export function readingText(file: string, layout: Layout, reading: FileReading, codesKnown: boolean, language: Language): string {
  const { format } = layout;
  const { sound, bytes, lines, details, outcomes, totals, problems, counts } = reading;
  const errors = Object.entries(counts).map(([code, count]) => `${code} ${count}`);
  const parts = [
    `${sound ? '✓' : '✗'} ${clean(file)}  ${format.title}  ${format.charset}  ${bytes} 字节 bytes  ${lines} 行 lines  ${details} 笔明细 details\n`,
    ...(['header', 'trailer'] as const).flatMap((kind) => {
      const row = reading[kind];
      return row === null ? [] : [`${kind === 'header' ? '表头 header' : '表尾 trailer'}: ${recordText(format[kind] ?? [], row)}\n`];
    }),
  ];
  if (Object.keys(outcomes).length > 0 && (format.codes !== null || layout.summed.length > 0)) {
    const columns = format.detail.filter(({ id }) => layout.summed.includes(id));
    parts.push(
      table(
        [
          { head: head('结果', 'outcome', language), cell: ([outcome]) => (format.codes === null ? '—' : outcome) },
          { head: head('笔数', 'lines', language), cell: ([, figures]) => figures.lines, right: true },
          ...columns.map((column) => ({
            head: column.title,
            cell: ([, figures]: [string, FileReading['outcomes'][string]]) => figureText(column, figures.sums[column.id] ?? 0),
            right: true,
          })),
        ],
        Object.entries(outcomes),
      ),
    );
  }
  if (!codesKnown)
    parts.push(
      say(
        {
          zh: '没有给出返回码表（--table），所有代码按 unknown 计。',
          en: 'No table of codes was given (--table): every code counts as unknown.',
        },
        language,
      ) + '\n',
    );
  for (const total of totals) {
    const { holds, found, expected } = total;
    const figure = totalText(layout, total);
    parts.push(
      `${holds === true ? '✓' : holds === null ? '?' : '✗'} ${titleOfTotal(layout, total)}: ${figure(found)}${holds === false ? ` ≠ ${figure(expected)}` : ''}\n`,
    );
  }
  if (problems.length > 0)
    parts.push(
      table(
        [
          { head: head('行', 'line', language), cell: ({ line }) => line, right: true },
          { head: head('字节', 'byte', language), cell: ({ byte }) => byte, right: true },
          { head: head('列', 'column', language), cell: ({ column }) => (column === null ? '' : titleOfColumn(layout, column)) },
          { head: head('代码', 'code', language), cell: ({ code }) => `${severityOf(code) === 'error' ? '✗' : '·'} ${code}` },
          { head: head('问题', 'what', language), cell: (problem) => say(tellFormatProblem(problem), language) },
        ],
        problems,
      ),
      `${errors.join('  ')}\n`,
      ...doing(reading, language),
    );
  return parts.join('');
}

/** What to do next, once for each code. */
function doing({ problems }: FileReading, language: Language): readonly string[] {
  const said = new Set(
    problems.map((problem) => {
      const { doZh, doEn } = tellFormatProblem(problem);
      return `→ ${problem.code}: ${say({ zh: doZh, en: doEn }, language)}\n`;
    }),
  );
  return [...said];
}

const isMoney = ({ type }: FormatColumn): boolean => type === 'fen' || type === 'money';
const figureText = (column: FormatColumn, value: number): string =>
  isMoney(column) && Number.isSafeInteger(value) ? showYuan(fen(value)) : String(value);

/** Figures of a control total as the column writes them that states it: money in yuan. */
const totalText =
  ({ format }: Layout, { stated }: TotalResult) =>
  (value: TotalResult['found']): string => {
    const column = stated === null ? undefined : format[stated.record]?.find(({ id }) => id === stated.column);
    return column !== undefined && isMoney(column) && typeof value === 'number' ? `${figureText(column, value)} 元` : String(value ?? '—');
  };

function recordText(columns: readonly FormatColumn[], row: Readonly<Record<string, FileValue>>): string {
  return columns
    .flatMap((column) => {
      const value = row[column.id];
      return value === undefined ? [] : [`${column.title} ${typeof value === 'number' ? figureText(column, value) : clean(value ?? '—')}`];
    })
    .join('  ');
}
