import { StoreError } from './errors.js';

/** Sort key of a row, part by part. */
export type CursorKey = readonly (string | number | null)[];

/** Where a page ended: opaque to callers, valid for the list that gave it. It names no right: every page is scoped anew. */
export function writeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');
}

/** The `parts` parts of a cursor. Error: `bad-cursor`. */
export const readCursor = (cursor: string, parts: number): CursorKey => read(cursor, parts, isPart);

/** As `readCursor`, for lists whose keys are texts only. */
export const readTextCursor = (cursor: string, parts: number): readonly string[] => read(cursor, parts, isText);

const isText = (part: unknown): part is string => typeof part === 'string';
const isPart = (part: unknown): part is CursorKey[number] => part === null || isText(part) || typeof part === 'number';

function read<P>(cursor: string, parts: number, wanted: (part: unknown) => part is P): readonly P[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === parts && key.every(wanted)) return key;
  } catch {
    // Told below.
  }
  throw new StoreError(
    'bad-cursor',
    '翻页标记无效，请从第一页开始',
    'The page cursor is not one of this list: start from the first page',
    {},
  );
}
