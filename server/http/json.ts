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
