import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { loadDefinition, type Loaded } from '../definitions/schema/index.js';
import { isMissing, textIn } from './errors.js';

/** A definition with everything it is made of, by path below the folder that holds campaigns and parts. */
export interface Bundle {
  readonly file: string;
  readonly files: Readonly<Record<string, string>>;
  readonly loaded: Loaded;
}

/** A file's text; null when there is none. */
export const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error) || textIn(error, 'code') === 'EISDIR') return null;
    throw error;
  }
};

/** Reads a campaign file, the parts it uses and the tables beside it. Mistakes are in `loaded`; the files are sent all the same when asked for. */
export function bundleOf(path: string): Bundle {
  const folder = dirname(dirname(path));
  const named = (absolute: string): string => relative(folder, absolute).replaceAll('\\', '/');
  const files: Record<string, string> = {};
  const take = (wanted: string): string | null => {
    const text = readText(resolve(folder, wanted));
    if (text !== null) files[named(resolve(folder, wanted))] = text;
    return text;
  };
  const file = named(path);
  const loaded = loadDefinition(file, take);
  if (loaded.ok)
    for (const table of Object.values(loaded.definition.tables))
      if (table.load?.kind === 'file') take(`${dirname(file)}/${table.load.file}`);
  return { file, files, loaded };
}
