import type { Element } from './definition.js';
import type { ParameterId, TableId } from './ids.js';

/** Charsets a file may be written in. GBK holds two-byte characters only; GB18030 and UTF-8 hold every character. */
export const CHARSETS = ['GBK', 'GB18030', 'UTF-8'] as const;
export type CharsetName = (typeof CHARSETS)[number];

/**
 * What a column holds. `money` is written in yuan (`12.34`), `fen` as a whole number; both are fen in values. `date` is `2018-03-01`, `yyyyMMdd`
 * is `20180301`; both are `YYYY-MM-DD` in values. `code` is looked up in the format's table and becomes an outcome.
 */
export const COLUMN_TYPES = ['text', 'count', 'money', 'fen', 'date', 'yyyyMMdd', 'code'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface FormatColumn {
  readonly id: string;
  readonly title: string;
  readonly type: ColumnType;
  /** What always stands here; the first such column of a record is its tag. null = a value of its own. */
  readonly value: string | { readonly parameter: ParameterId } | null;
  /** First and last byte of the line, from 1, counted in the charset; null in a delimited format. */
  readonly bytes: { readonly from: number; readonly to: number } | null;
  /** One ASCII character that fills the column up, and the side on which the value stands. Fixed width only. */
  readonly fill: string;
  readonly align: 'left' | 'right';
  /** `two`: always two decimals; `short`: none to two (`12`, `12.5`). Only for `money`. */
  readonly decimals: 'two' | 'short';
  /** How "nothing" is written; null = the column must hold something. */
  readonly empty: string | null;
}

/** A piece of a file's name. `column` is a column of the header (or the batch of the lines), as it is written in the file. */
export type NamePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'date' }
  | { readonly kind: 'seq'; readonly digits: number }
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'parameter'; readonly parameter: ParameterId };

/** Layout of a file that an office sends (request) or receives (return): one format serves writing and reading. */
export interface Format extends Element {
  readonly charset: CharsetName;
  /** Between the columns, split on decoded characters; null = fixed width, split by bytes. */
  readonly separator: string | null;
  /** Character around cells that hold the separator; null = such a cell cannot be written. */
  readonly quotes: string | null;
  /** Written line end; both are read. */
  readonly ends: 'CRLF' | 'LF';
  /** Files begin with a byte order mark (UTF-8 and GB18030). */
  readonly bom: boolean;
  /** The file's name; null = any name. */
  readonly file: readonly NamePart[] | null;
  readonly header: readonly FormatColumn[] | null;
  readonly detail: readonly FormatColumn[];
  readonly trailer: readonly FormatColumn[] | null;
  /** Control totals: id to CEL over `file`. */
  readonly totals: Readonly<Record<string, string>>;
  /** Table code -> outcome; a code it does not list is `unknown`. */
  readonly codes: TableId | null;
}
export type FormatId = string;

/** The outcome of a code that the bank's table does not list: never retried by itself. */
export const UNKNOWN_OUTCOME = 'unknown';
