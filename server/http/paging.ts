import { z } from 'zod';
import { Problem } from './problems.js';

export const MAX_PAGE = 200;

/** Query keys of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).meta({ description: '每页条数，最多 200 Rows a page' }),
  cursor: z.string().max(2000).optional().meta({ description: '上一页 next 的值 The `next` of the page before' }),
};

/** A page of a list; `next` is null on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item), next: z.string().nullable() });

/** Opaque to callers: the sort key of the last row shown. It names no right: every page is scoped anew. */
export const encodeCursor = (key: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');

/** Reads a cursor of `length` parts; throws `invalid-request` for anything else. */
export function decodeCursor(cursor: string | undefined, length: number): readonly (string | number | null)[] | null {
  if (cursor === undefined) return null;
  const schema = z.array(z.union([z.string(), z.number(), z.null()])).length(length);
  let value: unknown = null;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Falls through to the refusal below.
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-request', {
    errors: [{ in: 'query', path: 'cursor', code: 'bad-value', zh: '不是本列表给出的 cursor', en: 'not a cursor of this list' }],
  });
}

/** Cuts the one row too many that tells whether there is a next page. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => readonly (string | number | null)[],
): { rows: T[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}
