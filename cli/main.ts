import type { Command } from 'commander';
import { registerLifecycle } from './lifecycle/index.js';
import { run, type Register } from './run.js';
import { processSurroundings } from './surroundings.js';
import { registerAccount, registerOffices } from './verbs/account.js';
import { registerOffline } from './verbs/offline.js';
import { registerReports } from './verbs/reports.js';

const registers: readonly Register[] = [
  (program: Command): void => registerLifecycle(program),
  registerOffline,
  registerAccount,
  registerOffices,
  registerReports,
];

const exit = await run(process.argv.slice(2), processSurroundings(), registers);
// Some verbs (doctor) set the code themselves.
process.exitCode = exit === 0 ? (process.exitCode ?? 0) : exit;
