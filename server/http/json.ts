import { isStorable } from '../../domain/model/text.js';
import { Problem } from './problems.js';

export const MAX_JSON_BYTES = 1024 * 1024;
export const MAX_DEPTH = 32;

/**
 * Throws `body-too-deep` when objects and lists are nested deeper than MAX_DEPTH, and `text-unstorable` for a text (or key) that no database keeps: one
 * in a journal would hold up its campaign for good. Walks without recursion.
 */
export function checkDepth(value: unknown): void {
  let layer: unknown[] = [value];
  for (let depth = 0; layer.length > 0; depth += 1) {
    if (depth > MAX_DEPTH && layer.some((item) => typeof item === 'object')) throw new Problem('body-too-deep');
    for (const item of layer) if (typeof item === 'string' && !isStorable(item)) throw new Problem('text-unstorable');
    layer = layer.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? membersOf(item) : []));
  }
}

/** Inner objects and lists, and all texts: values, and keys of objects. */
function membersOf(item: object): unknown[] {
  const inner: unknown[] = Object.values(item).filter(
    (value) => (typeof value === 'object' && value !== null) || typeof value === 'string',
  );
  return Array.isArray(item) ? inner : [...Object.keys(item), ...inner];
}
