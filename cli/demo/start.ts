import { z } from 'zod';
import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { sendImport, type Imported, type ImportOrder } from '../importing.js';
import { questionsOf, sendLaunch, type Launched } from '../launching.js';
import { setUp } from '../operator.js';
import { listOf } from '../pages.js';
import { read } from '../shape.js';
import { release } from '../verbs/definitions.js';
import { demoPassword, enter, givePasswords } from './accounts.js';
import { areasOf, peopleFile, rosterFile } from './files.js';
import { accountsFile, inventBanked } from './banked.js';
import { openBank } from './counter.js';
import { isOf, keepDemo, readDemos, type KeptDemo } from './kept.js';
import { inventPayers } from './payers.js';
import { readScenario, type Scenario } from './scenario.js';
import { waitQuiet } from '../worlds.js';

const ADMIN = 'demo-admin';
const PATIENCE_SECONDS = 300;
const unitRow = z.object({ id: z.string(), name: z.string(), level: z.string(), parent: z.string().nullable() });

/** What a person needs to go on. */
export interface StartedDemo {
  readonly kept: KeptDemo;
  readonly scenario: Scenario;
  /** False: it had been started before. */
  readonly fresh: boolean;
}

/**
 * Sets up a demonstration: definition, units, campaign in a virtual world of its own, holders with passwords, invented payers. Over the API alone. The first one sets the
 * county and its administrator up, another one comes beside it. Started before from this home: changes nothing. Error: `not-empty` where somebody works already.
 */
export async function startDemo(context: Context, file: string, seed: string | null): Promise<StartedDemo> {
  const scenario = readScenario(file);
  const others = readDemos(context.home);
  const before = others.find(isOf(file));
  if (before !== undefined) return { kept: { ...before, url: context.url }, scenario, fresh: false };
  const tell = (zh: string, en: string): void => void context.around.err.write(`${zh}  ${en}\n`);
  const { admin, top, password } = others[0] === undefined ? await firstAdmin(context, scenario, tell) : await adminOf(context, others[0]);
  tell('发布定义……', 'Releasing the definition.');
  const released = await release(admin, scenario.path(scenario.definition), false);
  await plantUnits(admin, scenario, top);
  tell('导入人员和岗位……', 'Importing people and roles.');
  const people = await importWhole(admin, { kind: 'people', definition: released.id, ...peopleFile(scenario), key: `${admin.key}-people` });
  const logins = [...new Set(scenario.users.map(({ login }) => login))];
  const passwords = await givePasswords(context.url, people.accounts, logins);
  const auditors = scenario.auditor === undefined ? [] : [await addAuditor(admin, context.url, top, scenario.auditor)];
  tell('启动工作……', 'Launching.');
  const launched = await launchDemo(admin, scenario, `${released.id}@${released.version}`);
  await waitQuiet(admin, launched.world, PATIENCE_SECONDS);
  const kept: KeptDemo = {
    campaign: launched.id,
    world: launched.world,
    scenario: file,
    seed: seed ?? scenario.seed,
    url: context.url,
    admin: ADMIN,
    passwords: { [ADMIN]: password, ...Object.fromEntries([...passwords, ...auditors]) },
  };
  await importPayers(context, scenario, kept, tell);
  await waitQuiet(admin, launched.world, PATIENCE_SECONDS);
  keepDemo(context.home, kept);
  return { kept, scenario, fresh: true };
}

type Tell = (zh: string, en: string) => void;

/** Everybody who has to pay, and where a bank deducts, the account of each. */
async function importPayers(context: Context, scenario: Scenario, kept: KeptDemo, tell: Tell): Promise<void> {
  const payers = inventPayers(scenario.rows, scenario.invented, kept.seed);
  tell(`导入 ${payers.length} 名虚构参保人……`, `Importing ${payers.length} invented payers.`);
  const passwords = new Map(Object.entries(kept.passwords));
  const leader = await enter(context.url, ...accountOf(passwords, scenario.users[0]?.login ?? ''));
  await importWhole(leader, { kind: 'roster', campaign: kept.campaign, ...rosterFile(scenario, payers) });
  const { bank } = scenario;
  if (bank === undefined) return;
  const people = inventBanked(scenario, bank, payers, kept.seed);
  await openBank(context.home, bank, people);
  const banker = await enter(context.url, ...accountOf(passwords, bank.by));
  await importWhole(banker, { kind: 'accounts', campaign: kept.campaign, ...accountsFile(scenario, bank, people) });
}

/** Imports a file of which every row must be taken: the scenario itself is wrong otherwise. */
export async function importWhole(api: Client, order: ImportOrder): Promise<Imported> {
  const answer = await sendImport(api, order);
  const [first] = answer.errors;
  if (first === undefined) return answer;
  const more = answer.errors.length > 1 ? `（共 ${answer.errors.length} 处）` : '';
  throw new Failure(EXIT.refused, 'scenario-rows', { zh: `${order.name}：${first.zh}${more}`, en: `${order.name}: ${first.en}` });
}

interface Admin {
  readonly admin: Client;
  readonly top: string;
  readonly password: string;
}

async function firstAdmin(context: Context, scenario: Scenario, tell: Tell): Promise<Admin> {
  tell('初始化县和管理员……', 'Setting up county and administrator.');
  const answer = await setUp(context, {
    county: scenario.top.name,
    level: scenario.top.level,
    administrator: { login: ADMIN, name: '演示管理员' },
    demonstration: true,
  }).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.code !== 'setup-done') throw error;
    throw new Failure(
      EXIT.refused,
      'not-empty',
      { zh: '这里已经有人在用，演示只能装入全新的督办。', en: 'Somebody works here already: a demonstration goes into a new Duban only.' },
      { zh: '换一个目录：DUBAN_HOME=.duban-demo npx duban up', en: 'Use another home: DUBAN_HOME=.duban-demo npx duban up' },
    );
  });
  const password = demoPassword();
  return { admin: await enter(context.url, ADMIN, answer.firstPassword ?? '', password), top: answer.unit, password };
}

/** The administrator of the demonstration that is there, and the unit on top. */
async function adminOf(context: Context, other: KeptDemo): Promise<Admin> {
  const [login, password] = accountOf(new Map(Object.entries(other.passwords)), other.admin);
  const admin = await enter(context.url, login, password);
  const top = (await listOf(admin, '/units', unitRow, {}, true)).items.find(({ parent }) => parent === null);
  if (top === undefined) throw new Failure(EXIT.refused, 'unit-missing', { zh: '没有顶层单位', en: 'There is no top unit.' });
  return { admin, top: top.id, password };
}

/** The auditor's role is the engine's own, so it comes from the administrator's hand. */
async function addAuditor(
  admin: Client,
  url: string,
  top: string,
  { login, name }: { readonly login: string; readonly name: string },
): Promise<[string, string]> {
  const added = read(
    z.object({ id: z.string(), firstPassword: z.string() }),
    await admin.post('/users', { login, name, demonstration: true }),
  );
  await admin.post(`/users/${added.id}/holdings`, { role: 'auditor', unit: top });
  const password = demoPassword();
  await enter(url, login, added.firstPassword, password);
  return [login, password];
}

/** The launching unit, its areas, the villages of each, its branch of the bank. */
async function plantUnits(admin: Client, scenario: Scenario, top: string): Promise<void> {
  const make = async (level: string, parent: string, name: string): Promise<string> =>
    read(unitRow, await admin.post('/units', { level, parent, name })).id;
  const root = await make(scenario.root.level, top, scenario.root.name);
  const { branches } = scenario;
  for (const [at, { name, villages }] of areasOf(scenario).entries()) {
    const area = await make(scenario.areas.level, root, name);
    for (const village of villages) await make(scenario.villages.level, area, village);
    const branch = branches?.names[at];
    if (branches !== undefined && branch !== undefined) await make(branches.level, area, branch);
  }
}

async function launchDemo(admin: Client, scenario: Scenario, definition: string): Promise<Launched> {
  const [id = '', version] = definition.split('@');
  const tables = Object.fromEntries(Object.entries(scenario.tables).map(([table, named]) => [table, scenario.path(named)]));
  const order = {
    definition: id,
    version,
    year: scenario.year,
    parameters: scenario.parameters,
    readings: [],
    tables,
    asOf: scenario.asOf,
  };
  const { questions } = await questionsOf(admin, order);
  const readings = questions.filter(({ kind }) => kind === 'reading').map((question) => question.id);
  const units = await listOf(admin, '/units', unitRow, { level: scenario.root.level }, true);
  const root = units.items.find(({ name }) => name === scenario.root.name);
  if (root === undefined)
    throw new Failure(EXIT.refused, 'unit-missing', { zh: `没有单位${scenario.root.name}`, en: 'The launching unit is missing.' });
  return sendLaunch(admin, { ...order, readings, root: { unit: root.id } }, false);
}

/** Login and password, as `enter` takes them. */
export function accountOf(passwords: ReadonlyMap<string, string>, login: string): [string, string] {
  const password = passwords.get(login);
  if (password !== undefined) return [login, password];
  throw new Failure(EXIT.refused, 'demo-user-missing', { zh: `没有演示用户 ${login} 的密码。`, en: `There is no password for ${login}.` });
}
