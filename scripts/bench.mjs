/**
 * `npm run bench`: prepares and measures everything; `npm run bench -- NAME ...` measures some, `--json` prints one JSON line for each figure. Exits 1
 * when a figure is outside its bound or a bench breaks off.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { orExplain, prepare, root } from './prepare.mjs';

await orExplain(prepare);
const { main } = await import(pathToFileURL(join(root, 'dist', 'bench', 'runner.js')).href);
process.exitCode = await main(process.argv.slice(2));
