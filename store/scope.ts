import { sql, type RawBuilder } from 'kysely';
import { StoreError } from './errors.js';

/**
 * What a caller may see: every unit at or below one of these paths (`/u1/u4/`). Empty: nothing. The one place where rights on units become
 * SQL; every list, count and search goes through it, and what is outside reads as absent.
 */
export type Scope = readonly string[];

const PATH = /^(\/[^/%_\\]+)+\/$/;

/** Checks paths and drops those below another. Error: `bad-path`. */
export function normalScope(prefixes: readonly string[]): Scope {
  for (const prefix of prefixes) {
    if (!PATH.test(prefix))
      throw new StoreError('bad-path', `单位路径 ${prefix} 不成形`, `${prefix} is not a path of units`, { path: prefix });
  }
  const sorted = [...new Set(prefixes)].sort();
  return sorted.filter((prefix, index) => !sorted.slice(0, index).some((above) => prefix.startsWith(above)));
}

/** The part of `scope` below `path`: what both allow. Null means no restriction to a subtree. */
export function narrowScope(scope: Scope, path: string | null): Scope {
  const own = normalScope(scope);
  if (path === null) return own;
  const [wanted] = normalScope([path]);
  if (wanted === undefined) return [];
  if (own.some((prefix) => wanted.startsWith(prefix))) return [wanted];
  return own.filter((prefix) => prefix.startsWith(wanted));
}

/** Whether a unit's path lies in the scope. */
export function inScope(scope: Scope, path: string): boolean {
  return scope.some((prefix) => path.startsWith(prefix));
}

/** SQL: `column` (a path) lies in the scope. A range for each prefix, which any index beginning with the path serves. */
export function pathInScope(column: string, scope: Scope): RawBuilder<boolean> {
  const own = normalScope(scope);
  if (own.length === 0) return sql<boolean>`false`;
  const each = own.map((prefix) => sql<boolean>`${sql.ref(column)} >= ${prefix} and ${sql.ref(column)} < ${afterPrefix(prefix)}`);
  return sql<boolean>`(${sql.join(each, sql` or `)})`;
}

/** First text that sorts after everything beginning with `prefix`: '0' follows '/' in byte order. */
function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

/** Deepest level of the tree at which an index of obligations begins (see the migration). */
const INDEXED_DEPTH = 4;

/**
 * SQL: `column` lies below one prefix, written so that the index for its depth gives the rows already in order of due date. Deeper than the
 * index knows, the index narrows to the ancestor and the path decides.
 */
export function pathBelow(column: string, prefix: string): RawBuilder<boolean> {
  const parts = prefix.split('/').filter((part) => part !== '');
  const depth = Math.min(parts.length, INDEXED_DEPTH);
  const ancestor = `/${parts.slice(0, depth).join('/')}/`;
  const pattern = sql.lit(`^(?:/[^/]+){${depth}}/`);
  const below = sql<boolean>`substring(${sql.ref(column)} from ${pattern}) = ${ancestor}`;
  if (parts.length <= INDEXED_DEPTH) return below;
  return sql<boolean>`(${below} and ${sql.ref(column)} >= ${prefix} and ${sql.ref(column)} < ${afterPrefix(prefix)})`;
}
