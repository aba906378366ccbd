#!/usr/bin/env node
/** The `duban` command: makes ready what is not, then hands over to the compiled command line. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { orExplain, prepare, root } from './prepare.mjs';

await orExplain(prepare);
await import(pathToFileURL(join(root, 'dist', 'cli', 'main.js')).href);
