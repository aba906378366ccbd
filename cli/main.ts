import type { Command } from 'commander';
import { registerLifecycle } from './lifecycle/index.js';
import { registers } from './registers.js';
import { run } from './run.js';
import { processSurroundings } from './surroundings.js';

const exit = await run(process.argv.slice(2), processSurroundings(), [
  (program: Command): void => registerLifecycle(program),
  ...registers,
]);
// Some verbs (doctor) set the code themselves.
process.exitCode = exit === 0 ? (process.exitCode ?? 0) : exit;
