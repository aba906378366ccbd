import { Problem } from './problems.js';

export const MAX_JSON_BYTES = 1024 * 1024;
export const MAX_DEPTH = 32;

/** Throws `body-too-deep` when objects and lists are nested deeper than MAX_DEPTH; walks without recursion. */
export function checkDepth(value: unknown): void {
  let layer: unknown[] = [value];
  for (let depth = 0; layer.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new Problem('body-too-deep');
    layer = layer.flatMap((item): unknown[] =>
      typeof item === 'object' && item !== null ? Object.values(item).filter((inner) => typeof inner === 'object' && inner !== null) : [],
    );
  }
}

/** JSON with its keys sorted: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => (item === undefined ? 'null' : canonicalJson(item))).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
