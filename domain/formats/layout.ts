import type { Value } from '../model/definition.js';
import { UNKNOWN_OUTCOME, type Format, type FormatColumn, type FormatId } from '../model/format.js';
import type { Setting } from '../model/setting.js';
import { parameterValue } from '../model/parameters.js';
import { RuleError } from '../rules/errors.js';
import { summableColumns } from '../rules/file-environment.js';
import { runTable } from '../rules/tables.js';
import { parserOf, writerOf, type FileValue, type Parse } from './columns.js';
import type { NamePiece } from './file-name.js';
import type { FormatProblemCode } from './problem.js';
import { recognition, recordsOf, tagOf, type RecordKind } from './records.js';

/** A column made ready: constants filled in, readers and writers chosen. */
export interface LayoutColumn {
  readonly column: FormatColumn;
  readonly id: string;
  /** Place among the record's own values; -1 for what always holds the same. */
  readonly slot: number;
  /** What always stands here; null = a value of its own. */
  readonly constant: string | null;
  /** Half-open stretch of bytes from 0; the whole cell in a delimited format. */
  readonly from: number;
  readonly to: number;
  /** Bytes beyond ASCII may stand here. */
  readonly words: boolean;
  readonly parse: Parse;
  readonly write: (value: FileValue) => string | { readonly code: FormatProblemCode };
}
export interface LayoutRecord {
  readonly kind: RecordKind;
  readonly columns: readonly LayoutColumn[];
  /** Ids of the columns with a value of their own, in the order of a line's values. */
  readonly own: readonly string[];
  /** Bytes of a line without its end; 0 in a delimited format. */
  readonly width: number;
}

/** A format with the parameters and codes of a run: what the reader and the writer work with. Holds functions: keep it out of state. */
export interface Layout {
  readonly format: Format;
  readonly setting: Setting;
  readonly recognition: 'tags' | 'first' | 'plain';
  readonly header: LayoutRecord | null;
  readonly detail: LayoutRecord;
  readonly trailer: LayoutRecord | null;
  /** Record by tag, and where the tag stands. */
  readonly tags: ReadonlyMap<string, LayoutRecord>;
  readonly tagAt: { readonly index: number; readonly from: number; readonly to: number };
  readonly name: readonly NamePiece[] | null;
  /** Columns of the lines that are added up. */
  readonly summed: readonly string[];
  readonly codeColumn: string | null;
  /** The outcome of a code; null = the table does not list it. */
  outcome(code: string): string | null;
}

/**
 * Makes a format ready. Throws RuleError: `unknown-format`, `parameter-unset`, `table-not-loaded` (unless `codes` is `optional`: then every code is
 * unlisted).
 */
export function layoutOf(setting: Setting, id: FormatId, codes: 'required' | 'optional' = 'required'): Layout {
  const format = setting.definition.formats?.[id];
  if (!format) throw new RuleError('unknown-format', `没有文件格式“${id}”`, `unknown format '${id}'`, { format: id });
  const how = recognition(format);
  if (how === null)
    throw new RuleError('unknown-format', `格式“${id}”的记录无法区分`, `records of '${id}' cannot be told apart`, { format: id });
  const [header = null, trailer = null] = (['header', 'trailer'] as const).map((kind) => {
    const columns = format[kind];
    return columns === null ? null : recordOf(setting, kind, columns);
  });
  const detail = recordOf(setting, 'detail', format.detail);
  const own = { header, detail, trailer };
  const tags = recordsOf(format).flatMap(({ kind, columns }) => {
    const tag = tagOf(columns);
    return tag === null ? [] : [{ ...tag, kind }];
  });
  const [first] = tags;
  return {
    format,
    setting,
    recognition: how,
    ...own,
    tags: new Map(tags.flatMap(({ text, kind }) => (own[kind] === null ? [] : [[text, own[kind]]]))),
    tagAt: { index: first?.index ?? 0, from: (first?.from ?? 1) - 1, to: first?.to ?? 0 },
    name:
      format.file?.map((part): NamePiece => (part.kind === 'parameter' ? { kind: 'text', text: set(setting, part.parameter) } : part)) ??
      null,
    summed: summableColumns(format).map((column) => column.id),
    codeColumn: format.detail.find(({ type }) => type === 'code')?.id ?? null,
    outcome: outcomes(setting, format, codes),
  };
}

/** How a column is called in the definition; its id where no record has it. */
export const titleOfColumn = ({ format }: Pick<Layout, 'format'>, id: string): string =>
  [...format.detail, ...(format.header ?? []), ...(format.trailer ?? [])].find((column) => column.id === id)?.title ?? id;

function recordOf(setting: Setting, kind: RecordKind, columns: readonly FormatColumn[]): LayoutRecord {
  const own = columns.flatMap(({ id, value }) => (value === null ? [id] : []));
  const made = columns.map((column): LayoutColumn => {
    const { id, value, bytes, type } = column;
    return {
      column,
      id,
      slot: own.indexOf(id),
      constant: value === null ? null : typeof value === 'string' ? value : set(setting, value.parameter),
      from: (bytes?.from ?? 1) - 1,
      to: bytes?.to ?? 0,
      words: type === 'text' || type === 'code',
      parse: parserOf(column),
      write: writerOf(column),
    };
  });
  return { kind, columns: made, own, width: Math.max(0, ...made.map(({ to }) => to)) };
}

function set(setting: Setting, parameter: string): string {
  const value = parameterValue(setting, parameter, null);
  if (value === null)
    throw new RuleError('parameter-unset', `参数“${parameter}”尚未设定`, `parameter '${parameter}' is not set`, { parameter });
  return String(value);
}

/** Codes met before are remembered, up to a bound: a broken file may hold any number of them. */
const MOST_CODES = 2000;

function outcomes(setting: Setting, { codes }: Format, need: 'required' | 'optional'): (code: string) => string | null {
  if (codes === null) return () => null;
  const known = new Map<string, string | null>();
  const look = (code: string): string | null => {
    const result = runTable(setting, codes, [code]);
    if (result.kind !== 'rows' || result.rows[0].index < 0) return null;
    const outcome: Value | undefined = result.rows[0].outputs['outcome'];
    return outcome === undefined || outcome === UNKNOWN_OUTCOME ? null : String(outcome);
  };
  const loaded = setting.definition.tables[codes]?.load === null || setting.tables[codes] !== undefined;
  if (!loaded && need === 'optional') return () => null;
  if (!loaded)
    throw new RuleError('table-not-loaded', `代码表“${codes}”尚未载入`, `the table of codes '${codes}' is not loaded`, { table: codes });
  return (code) => {
    const before = known.get(code);
    if (before !== undefined) return before;
    const outcome = look(code);
    if (known.size < MOST_CODES) known.set(code, outcome);
    return outcome;
  };
}
