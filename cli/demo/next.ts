import { join, relative } from 'node:path';
import type { Context } from '../context.js';
import { readWorld } from '../worlds.js';
import { enter } from './accounts.js';
import { lastBatches } from './bank-steps.js';
import { bankFolders } from './counter.js';
import { passwordsOf } from './stage.js';
import { accountOf, type StartedDemo } from './start.js';

/** Commands that lead on from where a demonstration stands, as a person types them here. */
export async function nextCommands(context: Context, started: StartedDemo): Promise<readonly string[]> {
  const { kept, scenario } = started;
  const { campaign } = kept;
  const first = scenario.users[0]?.login ?? '';
  if (scenario.bank !== undefined) return atBank(context, started);
  return [
    `npx duban login ${first}`,
    `npx duban report ${campaign}`,
    `npx duban time ${campaign} --to ${(scenario.steps.at(-1)?.at ?? scenario.asOf).slice(0, 10)}`,
    'npx duban overdue',
  ];
}

/** The last request lies with the bank: its answer goes on from there. */
async function atBank(context: Context, { kept, scenario }: StartedDemo): Promise<readonly string[]> {
  const { bank } = scenario;
  if (bank === undefined) return [];
  const admin = await enter(kept.url, ...accountOf(passwordsOf(kept), kept.admin));
  const [batch] = await lastBatches(admin, kept.campaign, bank);
  const { now } = await readWorld(admin, kept.world);
  const here = (path: string): string => relative(context.around.cwd, path) || '.';
  const folders = bankFolders(context.home);
  const deduction = `${kept.campaign} ${bank.deduction}`;
  const tables = `--table ${bank.codes}=${here(scenario.path(scenario.tables[bank.codes] ?? ''))}`;
  return [
    `npx duban login ${bank.by}`,
    `npx duban deduction status ${deduction}`,
    `npx duban-bank answer ${here(join(folders.requests, batch?.file ?? ''))} --book ${here(folders.book)} --definition ${here(scenario.path(scenario.definition))} ${tables} --on ${now.slice(0, 10)} --out ${here(folders.out)}`,
    `npx duban deduction submit-return ${deduction} ${here(folders.out)}/*`,
    `npx duban case list ${kept.campaign} --open`,
    `npx duban-bank show sums --book ${here(folders.book)}`,
  ];
}
