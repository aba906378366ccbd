import { z } from 'zod';
import { readCursor, writeCursor, type CursorKey } from '../../store/cursor.js';

export const MAX_PAGE = 200;

/** Query keys of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).meta({ description: '每页条数，最多 200 Rows a page' }),
  cursor: z.string().max(2000).optional().meta({ description: '上一页 next 的值 The `next` of the page before' }),
};

/** A page of a list; `next` is null on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item), next: z.string().nullable() });

/** Reads a cursor of `length` parts; null without one. Error: `bad-cursor`. */
export const decodeCursor = (cursor: string | undefined, length: number): CursorKey | null =>
  cursor === undefined ? null : readCursor(cursor, length);

/** Cuts the one row too many that tells whether there is a next page. */
export function cutPage<T>(rows: readonly T[], limit: number, keyOf: (row: T) => CursorKey): { rows: T[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? writeCursor(keyOf(last)) : null };
}
