import { MOST_LINE_BYTES } from './blocks.js';
import { titleOfColumn, type Layout } from './layout.js';
import { nameProblems } from './name-check.js';
import type { Problems } from './problem.js';
import type { Sums } from './sums.js';
import { judgeTotals, titleOfTotal, type TotalResult } from './totals.js';

/** What the reader knows when a file has ended. */
interface Ended {
  readonly layout: Layout;
  readonly problems: Problems;
  readonly sums: Sums;
  readonly bytes: number;
  readonly line: number;
  readonly details: number;
  readonly stopped: boolean;
  readonly droppedBytes: number;
  /** A charset in which the file reads better; `sureGuess`: all of it does. */
  readonly guess: string | null;
  readonly sureGuess: boolean;
  readonly ends: { readonly crlf: number; readonly lf: number };
  readonly headerSeen: boolean;
  readonly trailerSeen: boolean;
  readonly batch: string | null;
  readonly name: string | null;
}

/** Tells what concerns a file as a whole, and judges its control totals. */
export function judgeFile(ended: Ended): readonly TotalResult[] {
  const { layout, problems, sums, ends, line } = ended;
  const { format } = layout;
  if (ended.bytes === 0) {
    problems.file('empty-file');
    return [];
  }
  if (ended.stopped) return [];
  if (ended.droppedBytes > 0)
    problems.file('line-too-long', { found: ended.droppedBytes + MOST_LINE_BYTES, expected: MOST_LINE_BYTES }, { line });
  // One damaged line is not another charset; most lines are.
  const damaged = (problems.counts['bad-bytes'] ?? 0) * 2 >= ended.details;
  if (ended.guess !== null && (ended.sureGuess || damaged))
    problems.file('wrong-charset', { expected: format.charset, found: ended.guess });
  if (ends.crlf > 0 && ends.lf > 0) problems.file('mixed-line-ends', ends);
  if (format.header !== null && !ended.headerSeen) problems.file('header-missing');
  if (format.trailer !== null && !ended.trailerSeen) problems.file('trailer-missing', {}, { line });
  for (const column of sums.tooLarge) problems.file('sum-too-large', { column, title: titleOfColumn(layout, column) }, { column });
  if (ended.name !== null)
    for (const { code, params } of nameProblems(layout, ended.name, { header: sums.header, batch: ended.batch }))
      problems.file(code, params);
  const totals = judgeTotals(layout, sums);
  // Header and trailer that state the same wrong figure are told once.
  const told = new Map<string, TotalResult[]>();
  for (const result of totals) {
    if (result.holds === true) continue;
    const { total, holds, found, expected } = result;
    const key = JSON.stringify([total, titleOfTotal(layout, result), holds === null ? null : [String(found), String(expected)]]);
    told.set(key, [...(told.get(key) ?? []), result]);
  }
  for (const results of told.values()) tellTotal(layout, problems, sums, results);
  return totals;
}

/** `results`: parts of one total that say the same. */
function tellTotal(layout: Layout, problems: Problems, sums: Sums, results: readonly TotalResult[]): void {
  const [first] = results;
  if (first === undefined) return;
  const { total, holds, kind, stated, found, expected } = first;
  const title = titleOfTotal(layout, first);
  if (sums.unread > 0 || holds === null) return problems.file(sums.unread > 0 ? 'total-open' : 'total-unstated', { total, title });
  const difference = typeof found === 'number' && typeof expected === 'number' ? found - expected : '—';
  const code = stated === null || kind === 'other' ? 'wrong-total' : kind === 'sum' ? 'wrong-sum' : 'wrong-count';
  const params = { total, title, found: String(found), expected: String(expected), difference };
  const type = stated && layout.format[stated.record]?.find(({ id }) => id === stated.column)?.type;
  problems.file(
    code,
    {
      ...params,
      ...(stated === null ? {} : { place: results.length > 1 ? 'both' : stated.record }),
      ...(type === 'fen' || type === 'money' ? { unit: 'fen' } : {}),
    },
    { column: stated?.column ?? null },
  );
}
