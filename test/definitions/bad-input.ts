import { loadDefinition, type Problem } from '../../definitions/schema/index.js';
import { wholeFile } from '../../definitions/schema/publish/snippets.js';

const load = (files: Readonly<Record<string, string | Uint8Array>>, file: string): readonly Problem[] => {
  const loaded = loadDefinition(file, (path) => files[path] ?? null);
  return loaded.ok ? [] : loaded.problems;
};

/** `code file:line:column`, with the English sentence when asked for. */
export const toldOf = (files: Readonly<Record<string, string | Uint8Array>>, file = 'a.yaml', say = false): readonly string[] =>
  load(files, file).map((one) => `${one.code} ${one.file}:${one.line}:${one.column}${say ? ` ${one.en}` : ''}`);

/**
 * Sections set into the sample county: `code line:column path`, the line counted within the sections (their first line is 0), so that a
 * test reads its own text.
 */
export function told(sections: string, options: { readonly withGuess?: boolean; readonly withWords?: boolean } = {}): readonly string[] {
  const text = wholeFile(sections);
  const first = text.slice(0, text.indexOf(sections)).split('\n').length;
  return load({ 'a.yaml': text }, 'a.yaml').map(
    (one) =>
      `${one.code} ${one.line - first}:${one.column} ${one.path}${options.withGuess ? ` ${one.guess}` : ''}${options.withWords ? `: ${one.en}` : ''}`,
  );
}

/** Warnings of a file that loads, as in `told`. */
export function warned(sections: string): readonly string[] {
  const text = wholeFile(sections);
  const first = text.slice(0, text.indexOf(sections)).split('\n').length;
  return loadDefinition('a.yaml', (path) => (path === 'a.yaml' ? text : null)).warnings.map(
    (one) => `${one.code} ${one.line - first}:${one.column} ${one.path}`,
  );
}
