#!/usr/bin/env node
/** The rehearsal bank: a command of its own that knows nothing of Duban but its files. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { orExplain, prepare, root } from './prepare.mjs';

await orExplain(prepare);
await import(pathToFileURL(join(root, 'dist', 'cli', 'bank', 'main.js')).href);
