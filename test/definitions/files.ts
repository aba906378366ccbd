import { existsSync, readFileSync } from 'node:fs';
import type { ReadFile } from '../../definitions/schema/index.js';

/** Reads files of the repository by path from its root. */
export const readFile: ReadFile = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);
