import { z } from 'zod';
import { cellText, squeeze, type SheetRow } from './cell.js';
import { IMPORT_KINDS, type ImportKind } from '../../domain/model/import-kind.js';
import { fieldByHeading, fieldsOf, headingKey, type Field } from './fields.js';
import type { Table } from '../../domain/model/definition.js';
import { ImportRefusal } from './problem.js';

/**
 * How the files of one source are read; remembered by name. `columns` maps a field to its heading (joined with `/` when the header has two
 * rows), so that a file whose columns moved is still read. `constants` are values the file does not print (insurance, year, date, kind).
 */
export const importProfileSchema = z.strictObject({
  kind: z.enum(IMPORT_KINDS),
  /** Row on which the header begins, from 1; null = the first row that has the columns. */
  headerLine: z.int().min(1).max(1000).nullable(),
  headerRows: z.union([z.literal(1), z.literal(2)]),
  columns: z.record(z.string().max(64), z.string().max(200)),
  /** `required`: a file without its total row is not whole. */
  totalRow: z.enum(['required', 'checked']),
  constants: z.record(z.string().max(64), z.string().max(200)),
  /** Payments: each row a payment, or the sum paid so far. */
  mode: z.enum(['daily', 'cumulative']),
  /** Money is written in yuan, or in fen. */
  money: z.enum(['yuan', 'fen']),
  /** Who sends the file: part of what makes a payment the same payment. */
  source: z.string().min(1).max(100),
});
export type ImportProfile = z.infer<typeof importProfileSchema>;

export const readProfile = (value: unknown): ImportProfile => {
  const read = importProfileSchema.safeParse(value);
  if (!read.success)
    throw new ImportRefusal('bad-profile', '导入方案格式有误', 'the import profile has a wrong shape', {
      detail: z.prettifyError(read.error).slice(0, 500),
    });
  return read.data;
};

/** A header as found: the row after it, and the joined heading of each column. */
export interface Header {
  readonly line: number;
  readonly rows: 1 | 2;
  readonly headings: readonly string[];
}

const LOOK_AHEAD = 40;
export const TOTAL_LABEL = /^(合计|总计|小计|累计合计|共计|总合计|全镇合计|全县合计)[:：]?$/;

/** Headings of one or two rows: a merged upper cell stands left of the columns it covers, so its text is carried to the right. */
export function joinHeadings(upper: readonly string[], lower: readonly string[] | null): readonly string[] {
  if (lower === null) return upper;
  const width = Math.max(upper.length, lower.length);
  const joined: string[] = [];
  let carried = '';
  for (let i = 0; i < width; i += 1) {
    const [top, below] = [upper[i] ?? '', lower[i] ?? ''];
    if (top !== '') carried = top;
    joined.push(below === '' ? top : top !== '' || carried !== '' ? `${top === '' ? carried : top}/${below}` : below);
  }
  return joined;
}

/** A joined heading matches by all of it, or by its lower part alone (`缴费/金额`). */
function fieldOf(fields: readonly Field[], heading: string): Field | null {
  return (
    fieldByHeading(fields, heading.replace('/', '')) ??
    fieldByHeading(fields, heading.split('/').at(-1) ?? '') ??
    fieldByHeading(fields, heading)
  );
}

function matched(fields: readonly Field[], headings: readonly string[]): Readonly<Record<string, string>> {
  const columns: Record<string, string> = {};
  for (const heading of headings) {
    const found = fieldOf(fields, heading);
    if (found && columns[found.id] === undefined) columns[found.id] = heading;
  }
  return columns;
}

const texts = (row: SheetRow): readonly string[] => row.cells.map((cell) => squeeze(cellText(cell)));

/**
 * The header that fits best among the first rows: the one or two rows that name most fields. Throws `header-not-found` when no row names
 * at least two (or the only one there is).
 */
export function findHeader(
  rows: readonly SheetRow[],
  fields: readonly Field[],
): Header & { readonly columns: Readonly<Record<string, string>> } {
  let best: (Header & { readonly columns: Readonly<Record<string, string>> }) | null = null;
  const known = (columns: Readonly<Record<string, string>>): number => Object.keys(columns).length;
  for (const [index, row] of rows.slice(0, LOOK_AHEAD).entries()) {
    const upper = texts(row);
    const next = rows[index + 1];
    const one = { line: row.line, rows: 1 as const, headings: upper, columns: matched(fields, upper) };
    const lower = next === undefined ? null : texts(next);
    // The second row is part of the header only when it holds headings and no figures.
    const joinable =
      lower !== null && upper.some((text) => text === '') && !lower.some((text) => /\d/.test(text)) && lower.some((text) => text !== '');
    const joined = joinable ? joinHeadings(upper, lower) : null;
    const two = joined === null ? null : { line: row.line, rows: 2 as const, headings: joined, columns: matched(fields, joined) };
    for (const candidate of two ? [one, two] : [one]) if (known(candidate.columns) > (best ? known(best.columns) : 1)) best = candidate;
  }
  if (!best)
    throw new ImportRefusal(
      'header-not-found',
      '找不到表头，请检查列名或在导入方案中指定',
      'no header row was found: check the headings or name it in the profile',
      { expected: fields.map(({ names }) => names[0] ?? '') },
    );
  return best;
}

/** A profile for a file of which nothing is known yet. Throws `header-not-found`. */
export function guessProfile(
  rows: readonly SheetRow[],
  kind: ImportKind,
  table: Table | null,
  source: string,
): { readonly profile: ImportProfile; readonly header: Header } {
  const header = findHeader(rows, fieldsOf(kind, table));
  const cumulative =
    kind === 'payments' &&
    (header.headings.some((text) => text.includes('累计')) ||
      rows.slice(0, 3).some((row) => row.line < header.line && texts(row).some((text) => text.includes('累计'))));
  const profile: ImportProfile = {
    kind,
    headerLine: null,
    headerRows: header.rows,
    columns: { ...header.columns },
    totalRow: 'checked',
    constants: {},
    mode: cumulative ? 'cumulative' : 'daily',
    money: 'yuan',
    source,
  };
  return { profile, header };
}

/**
 * The header of a file as its profile says, and where each field stands. Throws `header-not-found`, `missing-columns` (by name): a required
 * column is neither in the file nor a constant of the profile.
 */
export function locate(
  rows: readonly SheetRow[],
  profile: ImportProfile,
  fields: readonly Field[],
): { readonly header: Header; readonly at: ReadonlyMap<string, number> } {
  const header = profile.headerLine === null ? headerByHeadings(rows, profile, fields) : headerAt(rows, profile, profile.headerLine);
  const at = new Map<string, number>();
  for (const [id, heading] of Object.entries(profile.columns)) {
    const index = header.headings.findIndex((text) => headingKey(text) === headingKey(heading));
    if (index >= 0) at.set(id, index);
  }
  const missing = [
    ...Object.entries(profile.columns)
      .filter(([id]) => !at.has(id))
      .map(([, heading]) => heading),
    ...fields
      .filter(({ id, required }) => required && profile.columns[id] === undefined && profile.constants[id] === undefined)
      .map(({ names }) => names[0] ?? ''),
  ];
  if (missing.length > 0)
    throw new ImportRefusal('missing-columns', `缺少列：${missing.join('、')}`, `missing columns: ${missing.join(', ')}`, { missing });
  return { header, at };
}

function headerAt(rows: readonly SheetRow[], profile: ImportProfile, line: number): Header {
  const index = rows.findIndex((row) => row.line === line);
  const [upper, lower] = [rows[index], rows[index + 1]];
  if (!upper) throw new ImportRefusal('header-not-found', `第${line}行没有表头`, `there is no header on row ${line}`, { line });
  return { line, rows: profile.headerRows, headings: joinHeadings(texts(upper), profile.headerRows === 2 && lower ? texts(lower) : null) };
}

/** The row that holds most of the remembered headings; a file with none of them is searched by the known names, to say what is missing. */
function headerByHeadings(rows: readonly SheetRow[], profile: ImportProfile, fields: readonly Field[]): Header {
  const wanted = new Set(Object.values(profile.columns).map(headingKey));
  let best: { readonly header: Header; readonly hits: number } | null = null;
  for (const [index, row] of rows.slice(0, LOOK_AHEAD).entries()) {
    const lower = rows[index + 1];
    const headings = joinHeadings(texts(row), profile.headerRows === 2 && lower ? texts(lower) : null);
    const hits = headings.filter((text) => wanted.has(headingKey(text))).length;
    if (hits > (best?.hits ?? 0)) best = { header: { line: row.line, rows: profile.headerRows, headings }, hits };
  }
  return best?.header ?? findHeader(rows, fields);
}
