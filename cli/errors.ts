/** A text member of something thrown; null when it has none. Errors are told by their members: they may come from another realm. */
export function textIn(error: unknown, member: string): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const value: unknown = Reflect.get(error, member);
  return typeof value === 'string' ? value : null;
}

const MISSING: readonly (string | null)[] = ['ENOENT', 'ENOTDIR'];
/** There is no such file. */
export const isMissing = (error: unknown): boolean => MISSING.includes(textIn(error, 'code'));
