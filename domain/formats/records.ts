import type { Format, FormatColumn } from '../model/format.js';

/** Kinds of a file's lines, in the order in which they stand. */
export const RECORD_KINDS = ['header', 'detail', 'trailer'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** A record that a format has, with its columns. */
export const recordsOf = (
  format: Pick<Format, RecordKind>,
): readonly { readonly kind: RecordKind; readonly columns: readonly FormatColumn[] }[] =>
  RECORD_KINDS.flatMap((kind) => {
    const columns = format[kind];
    return columns === null ? [] : [{ kind, columns }];
  });

/** Place and text of a record's tag: its first column that always holds the same printed text; null = it has none. */
export function tagOf(
  columns: readonly FormatColumn[],
): { readonly index: number; readonly from: number; readonly to: number; readonly text: string } | null {
  const index = columns.findIndex(({ value }) => value !== null);
  const column = columns[index];
  if (!column || typeof column.value !== 'string' || column.value === '') return null;
  return { index, from: column.bytes?.from ?? 0, to: column.bytes?.to ?? 0, text: column.value };
}

/**
 * How the lines of a format are told apart. `tags`: every record has a tag at the same place. `first`: the first line is the header.
 * `plain`: every line is a detail line. null = they cannot be told apart.
 */
export function recognition(format: Pick<Format, RecordKind | 'separator'>): 'tags' | 'first' | 'plain' | null {
  const records = recordsOf(format);
  if (records.length === 1) return 'plain';
  const tags = records.map(({ columns }) => tagOf(columns));
  const [first] = tags;
  const samePlace =
    first != null &&
    tags.every(
      (tag) => tag !== null && (format.separator === null ? tag.from === first.from && tag.to === first.to : tag.index === first.index),
    );
  if (samePlace && new Set(tags.map((tag) => tag?.text)).size === tags.length) return 'tags';
  return format.trailer === null ? 'first' : null;
}
