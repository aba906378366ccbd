#!/usr/bin/env node
/** The `duban` command: makes ready what is not, then hands over to the compiled command line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { orExplain, prepare, root } from './prepare.mjs';

const main = join(root, 'dist', 'cli', 'main.js');
// Stopping must work in a checkout that does not compile at the moment.
if (process.argv[2] !== 'down' || !existsSync(main)) await orExplain(prepare);
await import(pathToFileURL(main).href);
