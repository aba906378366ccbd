import { StoreError } from './errors.js';

/** Where a page ended: opaque to callers, valid for the list that gave it. */
export function writeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');
}

/** The `parts` texts of a cursor. Error: `bad-cursor`. */
export function readCursor(cursor: string, parts: number): readonly string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === parts && key.every((part): part is string => typeof part === 'string')) return key;
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
