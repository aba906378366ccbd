import type { Definition } from '../../domain/model/definition.js';
import type { Digest } from '../../domain/model/ids.js';
import { checkDefinition } from './check/index.js';
import { digestOf } from './publish/digest.js';
import { checkRelease, type Released } from './publish/release.js';
import { openBook, type ReadFile } from './resolve/book.js';
import { resolveDefinition } from './resolve/definition.js';
import { Ledger } from './resolve/reader.js';
import { sortProblems, type Problem } from './text/problem.js';

export type Loaded =
  | { readonly ok: true; readonly definition: Definition; readonly digest: Digest; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

export interface LoadOptions {
  /** Released versions with their digests; default: `released.json` of the definitions folder, when there is one. */
  readonly released?: Released;
}

/**
 * Reads a campaign file with its parts and makes the resolved definition, or tells all mistakes at once, each with file, line, column,
 * path and way out. Nothing is read but through `readFile`: paths are those of the caller with `/`, parts are looked for in `../parts/`,
 * `parts/` and beside the file, loaded tables beside the file.
 */
export function loadDefinition(file: string, readFile: ReadFile, options: LoadOptions = {}): Loaded {
  const book = openBook(file, readFile);
  if (!('items' in book)) return { ok: false, problems: sortProblems(book.problems), warnings: [] };
  const ledger = new Ledger(book);
  const definition = checkDefinition(ledger, resolveDefinition(ledger));
  const warnings = sortProblems(ledger.warnings);
  const digest = digestOf(definition);
  if (ledger.problems.length === 0) ledger.problems.push(...checkRelease(book, definition, digest, options.released));
  if (ledger.problems.length > 0) return { ok: false, problems: sortProblems(ledger.problems), warnings };
  return { ok: true, definition, digest, warnings };
}
