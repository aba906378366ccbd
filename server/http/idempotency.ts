import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { canonicalJson } from '../../store/json.js';
import { Problem } from './problems.js';
import type { Route, Uploaded } from './route.js';

/** Names one operation: the same user, route and key again is the same operation. */
export interface Operation {
  readonly id: string;
  readonly route: string;
  readonly bodyDigest: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The key of a POST. Throws `idempotency-key-missing`, or `invalid-request` when it is no key. */
export function keyOf(request: Request): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key.trim() === '') throw new Problem('idempotency-key-missing');
  if (/^[\x21-\x7e]{8,200}$/.test(key)) return key;
  throw new Problem('invalid-request', {
    errors: [
      {
        in: 'header',
        path: 'Idempotency-Key',
        code: 'bad-format',
        zh: '应为 8 至 200 个可见 ASCII 字符',
        en: 'expected 8 to 200 visible ASCII characters',
      },
    ],
  });
}

/** Names an operation by who asks, where, and the key. */
export const operationId = (user: string, method: string, path: string, key: string): string =>
  sha256(canonicalJson([user, method, path, key]));

/** `path` is the one asked for, ids included; the body counts by content, not by its spelling; files count by digest. */
export function operationOf(
  user: string,
  route: Route,
  path: string,
  key: string,
  content: { readonly body: unknown; readonly query: unknown; readonly files: readonly (Uploaded & { readonly digest: string })[] },
): Operation {
  const name = `${route.method} ${route.path}`;
  const files = content.files.map(({ field, digest }) => [field, digest]);
  return {
    id: operationId(user, route.method, path, key),
    route: name,
    bodyDigest: sha256(canonicalJson([content.body ?? null, content.query, files])),
  };
}
