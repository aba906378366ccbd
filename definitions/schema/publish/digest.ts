import { createHash } from 'node:crypto';
import type { Digest } from '../../../domain/model/ids.js';

/** JSON with sorted keys and without blanks: equal data give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** SHA-256 in hex over the canonical JSON. */
export const digestOf = (value: unknown): Digest => createHash('sha256').update(canonical(value), 'utf8').digest('hex') as Digest;
