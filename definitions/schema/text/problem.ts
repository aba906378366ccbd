/** Stable codes of everything that can be wrong with a definition file. */
export const problemCodes = [
  // the file
  'file-missing', 'not-utf8', 'too-large', 'too-deep', 'not-yaml', 'not-a-map', 'duplicate-key', 'key-not-text', 'anchor', 'alias', 'tag', 'merge-key', 'long-number',
  // shape
  'unknown-key', 'later-word', 'missing-key', 'wrong-type', 'not-in-list', 'bad-id', 'bad-value',
  // parts and release
  'cyclic-use', 'part-version', 'not-a-part', 'part-alone', 'missing-from-campaign', 'map-unknown', 'value-unknown', 'released-changed',
  // references
  'unknown-reference', 'duplicate-id', 'unknown-event', 'unknown-field', 'unknown-act',
  // dates
  'bad-date', 'bad-distance', 'phase-backwards', 'due-outside-validity', 'due-before-period', 'no-period', 'since-without-after', 'date-circle',
  // duties, ladders, people
  'not-for-rows', 'needs-circle', 'fields-missing', 'rung-order', 'rung-after-next-due', 'rung-verb', 'recipient-below', 'owner-below', 'apart-one-person', 'role-circle', 'level-circle',
  // figures, rules, tables
  'bad-expression', 'bad-cell', 'row-width', 'table-source', 'table-gap', 'table-overlap', 'column-missing',
  // formats
  'bytes-needed', 'bytes-gap', 'bytes-overlap', 'column-twice', 'tag-missing', 'tag-shared', 'code-column', 'codes-table', 'bad-pattern', 'bad-separator', 'bad-fill', 'value-unfit',
  // deductions and cases
  'outcome-missing', 'outcome-route', 'column-sourceless', 'state-final', 'case-stuck', 'case-unopened', 'act-actor',
  // warnings
  'parameter-unused', 'needs-due-later', 'no-clause', 'not-compared',
] as const; // prettier-ignore
export type ProblemCode = (typeof problemCodes)[number];

/** One mistake, with its place (line and column count from 1) and the way out. Chinese first, English beside it. */
export interface Problem {
  readonly code: ProblemCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `duties.remit.rungs[2].at`; empty = the file as a whole. */
  readonly path: string;
  readonly zh: string;
  readonly en: string;
  /** What would be right here, in words or as a list of choices. */
  readonly expected: string | null;
  /** The word probably meant. */
  readonly guess: string | null;
}

export type Path = readonly (string | number)[];

/** `duties.remit.rungs[2].at` */
export const printPath = (path: Path): string =>
  path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');

/** One line for a terminal: place, Chinese, English, way out. */
export function printProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : ` ${problem.path}`;
  const expected = problem.expected === null ? '' : `（应为 expected: ${problem.expected}）`;
  const guess = problem.guess === null ? '' : `；是否想写 did you mean '${problem.guess}'?`;
  return `${place}${path} [${problem.code}] ${problem.zh} | ${problem.en}${expected}${guess}`;
}

/** By place: file, line, column, then code; the same mistake is told once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return [...problems]
    .sort((a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column || a.code.localeCompare(b.code, 'en'))
    .filter((p) => {
      const key = `${p.file}:${p.line}:${p.column}:${p.code}:${p.path}:${p.en}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
