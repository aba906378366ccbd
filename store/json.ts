declare const of: unique symbol;

/** JSON text of a `T`, ready for a jsonb column. (The driver would write a bare array as an SQL array.) */
export type JsonText<T> = string & { readonly [of]: T };

export function toJson<T>(value: T): JsonText<T> {
  return JSON.stringify(value) as JsonText<T>;
}

/**
 * The one way of writing a value as text where texts are compared or hashed: keys in code-unit order at every depth, no spaces, absent
 * (`undefined`) members left out. Two values are the same exactly when these are.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
