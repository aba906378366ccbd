import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { bundleOf } from '../../cli/bundle.js';
import { Client } from '../../cli/client.js';
import { sendImport } from '../../cli/importing.js';
import type { ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { operatorToken } from '../../server/secrets.js';
import { findProcess } from '../../store/processes.js';
import { getSetting } from '../../store/settings.js';
import { enter } from './office.js';
import { startService, type Service } from './services.js';
import { withStage, type Stage } from './stage.js';

/* Shucheng's year with its offices, on the real worker and the real API: 20 townships of 20 villages, a branch of the bank in each. */

export const TOWNSHIPS = 20;
const VILLAGES_EACH = 20;
export const VILLAGES = TOWNSHIPS * VILLAGES_EACH;
const PATIENCE_MS = 3_600_000;
const DEFINITION = 'shucheng-pension';
const COUNTY_NAME = '测速县';
const PARAMETERS = {
  remindBefore: '2d', headAfter: '3d', bulletinAfter: '5d', orderAfter: '7d', receiveWithin: '2d', replyWithin: '3d', publicityEnd: '2018-03-02', meetingBy: '2018-01-15',
  planBefore: '10d', cancelDay: 5, bulletinDays: '5d', certifyBefore: '10d', stragglerEvery: '1m', checkEvery: '1m', runEvery: '1m', returnWithin: '5d', listWithin: '3d',
  urgeWithin: '10d', causeWithin: '20d', cureWithin: '20d', margin: '10',
}; // prettier-ignore
/** Reason codes of the bank. */
const CODES = [['0000', 'arrived'], ['E010', 'short'], ['E020', 'account'], ['E030', 'name'], ['E040', 'bare'], ['E050', 'deceased'], ['E090', 'duplicate'], ['E099', 'unknown']]; // prettier-ignore

export const townshipOf = (n: number): string => `第${(n % TOWNSHIPS) + 1}乡`;
export const branchOf = (n: number): string => `第${(n % TOWNSHIPS) + 1}支行`;
/** Neighbours on the list live in different townships. */
export const villageOf = (n: number): string => `${townshipOf(n)}第${(Math.floor(n / TOWNSHIPS) % VILLAGES_EACH) + 1}村`;

const csv = (heading: string, rows: readonly (readonly (string | number)[])[]): string =>
  `${heading}\n${rows.map((row) => row.join(',')).join('\n')}\n`;
const each = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

const TABLES: Readonly<Record<string, string>> = {
  townships: csv(
    'unit,title',
    each(TOWNSHIPS, (n) => [townshipOf(n), townshipOf(n)]),
  ),
  villages: csv(
    'unit,township',
    each(VILLAGES, (n) => [villageOf(n), townshipOf(n)]),
  ),
  branches: csv(
    'unit,township',
    each(TOWNSHIPS, (n) => [branchOf(n), townshipOf(n)]),
  ),
  targets2017: csv(
    'unit,payers',
    each(TOWNSHIPS, (n) => [townshipOf(n), 1_000]),
  ),
  tiers: csv('tier,subsidy', [[200, 35], [300, 40]]), // prettier-ignore
  bankCodes: csv('code,outcome', CODES),
};
const STAFF = [
  ['hr', 'hrDepartment', COUNTY_NAME],
  ['bank', 'bank', COUNTY_NAME],
  ['centre', 'pensionCentre', COUNTY_NAME],
  ['township', 'townshipHr', townshipOf(0)],
] as const;
export type Login = (typeof STAFF)[number][0];

const launchedShape = z.looseObject({ id: z.string(), world: z.string() });
const worldShape = z.looseObject({ quiet: z.boolean() });

export interface DeductionCounty {
  readonly stage: Stage;
  readonly worker: Service;
  readonly process: ProcessId;
  readonly world: string;
  readonly setting: Setting;
  /** A folder for files of this run; `bank/` below it is where requests are handed over. */
  readonly folder: string;
  as(login: Login): Client;
  administrator(): Client;
  /** Moves the world to the end of a day, or to a moment, until nothing of it is under way. */
  move(to: string): Promise<void>;
}

export function withDeductionCounty<T>(asOf: string, work: (county: DeductionCounty) => Promise<T>): Promise<T> {
  return withStage(async (stage) => {
    const services: Service[] = [];
    const folder = await mkdtemp(join(tmpdir(), 'duban-year-'));
    for (const name of ['bank', 'returns']) await mkdir(join(folder, name));
    try {
      const env = { ...stage.env, DUBAN_HAND_OVER: join(folder, 'bank') };
      const worker = await startService('worker', env);
      services.push(worker);
      const { url } = await startService('api', env).then((api) => (services.push(api), api));
      const { root, admin } = await setUp(stage, url);
      const { process, world } = await launch(admin, root, asOf);
      const tokens = await employ(admin, url);
      const row = await findProcess(stage.store.db, await countyOf(stage), process);
      if (row === null) throw new Error('the campaign is gone');
      const as = (login: Login): Client => new Client(url, tokens.get(login) ?? null);
      const move = async (to: string): Promise<void> => {
        await as('hr').post(`/worlds/${world}/advance`, { to });
        await untilQuiet(as('hr'), world);
      };
      const setting = await getSetting(stage.store.db, row.county_id, row.setting_digest);
      const token = admin.token;
      return await work({ stage, worker, process, world, setting, folder, as, administrator: () => new Client(url, token), move });
    } finally {
      for (const service of services) await service.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function countyOf({ store }: Stage): Promise<string> {
  return (await store.db.selectFrom('counties').select('county_id').executeTakeFirstOrThrow()).county_id;
}

interface Administrator {
  readonly url: string;
  readonly token: string;
}
const of = ({ url, token }: Administrator): Client => new Client(url, token);

async function setUp(stage: Stage, url: string): Promise<{ readonly root: string; readonly admin: Administrator }> {
  const given = { county: COUNTY_NAME, level: 'county', administrator: { login: 'admin', name: '测速管理员' } };
  const made = await new Client(url, operatorToken(stage.config.secrets)).post('/setup', given);
  const { unit: root, firstPassword } = z.looseObject({ unit: z.string(), firstPassword: z.string() }).parse(made);
  const admin = { url, token: await enter(url, 'admin', firstPassword) };
  const { file, files } = bundleOf('definitions/campaigns/shucheng-2018.yaml');
  await of(admin).post('/definitions', { file, files });
  return { root, admin };
}

/** Launched with what is only our reading of the notice confirmed. */
async function launch(admin: Administrator, root: string, asOf: string): Promise<{ readonly process: ProcessId; readonly world: string }> {
  const answers = { parameters: PARAMETERS, tables: Object.keys(TABLES), year: 2018, asOf: asOf.slice(0, 10) };
  const asked = await of(admin).post(`/definitions/${DEFINITION}/questions`, answers);
  const { questions } = z.looseObject({ questions: z.array(z.looseObject({ kind: z.string(), id: z.string() })) }).parse(asked);
  const readings = questions.filter(({ kind }) => kind === 'reading').map(({ id }) => id);
  const form = new FormData();
  form.set('data', JSON.stringify({ definition: DEFINITION, parameters: PARAMETERS, readings, year: 2018, root: { unit: root }, asOf }));
  for (const [table, text] of Object.entries(TABLES)) form.set(table, new Blob([text]), `${table}.csv`);
  const { id, world } = launchedShape.parse(await of(admin).post('/campaigns', undefined, { form }));
  await untilQuiet(of(admin), world);
  return { process: id as ProcessId, world };
}

async function employ(admin: Administrator, url: string): Promise<ReadonlyMap<string, string>> {
  const text = csv('登录名,姓名,岗位,单位', STAFF.map(([login, role, unit]) => [login, `虚构${login}`, role, unit])); // prettier-ignore
  const { accounts, errors } = await sendImport(of(admin), { kind: 'people', definition: DEFINITION, name: 'people.csv', text });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const tokens = new Map<string, string>();
  for (const { login, firstPassword } of accounts) tokens.set(login, await enter(url, login, firstPassword));
  return tokens;
}

/** Waits until nothing of the world is under way; moving a county takes minutes. */
async function untilQuiet(as: Client, world: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (!worldShape.parse(await as.get(`/worlds/${world}`)).quiet) {
    if (Date.now() > until) throw new Error(`${world} does not come to rest`);
    await sleep(200);
  }
}
