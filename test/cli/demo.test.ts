import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freshEnvironment, startApi, startWorker, type TestService } from '../support/runtime.js';
import { duban, type Ran } from './command.js';

/* The demonstration on the real engine: the year of 2020 from its scenario file. */

const SCENARIO = 'definitions/demo/lingcheng-2020.yaml';
const services: TestService[] = [];
let env: Record<string, string> = {};
let drop: () => Promise<void> = async () => undefined;
let campaign = '';

const run = (args: readonly string[], typed: readonly string[] = []): Promise<Ran> => duban(args, { env, typed });
const json = async <T>(args: readonly string[]): Promise<T> => {
  const ran = await run([...args, '--json']);
  if (ran.exit !== 0) throw new Error(`${args.join(' ')}: ${ran.err}`);
  return JSON.parse(ran.out) as T;
};

interface Progress {
  goals: { milestone: string; result: string | null; short: number | null }[];
  points: { settled: number | null; best: number | null }[];
  units: { name: string; figures: { measure: string; part: number; whole: number; shown: string }[] }[];
}
const paidOf = (progress: Progress): [number, number, string] | undefined => {
  const figure = progress.units[0]?.figures.find(({ measure }) => measure === 'paidRate');
  return figure === undefined ? undefined : [figure.part, figure.whole, figure.shown];
};
const resultOf = (progress: Progress, milestone: string): string | null | undefined =>
  progress.goals.find((goal) => goal.milestone === milestone)?.result;

beforeAll(async () => {
  const fresh = await freshEnvironment();
  drop = () => fresh.database.drop();
  const [worker, api] = await Promise.all([startWorker(fresh.env), startApi(fresh.env)]);
  services.push(worker, api);
  env = {
    DUBAN_HOME: mkdtempSync(join(tmpdir(), 'duban-demo-')),
    DUBAN_API_URL: api.url,
    DUBAN_SECRETS_FILE: fresh.env['DUBAN_SECRETS_FILE'] ?? '',
  };
}, 300_000);

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await drop();
}, 60_000);

test('started on an empty Duban it prints its users; started again it changes nothing', async () => {
  const first = await json<{ campaign: string; fresh: boolean; users: { login: string; password: string }[] }>(['demo', SCENARIO]);
  campaign = first.campaign;
  expect(first.fresh).toBe(true);
  expect((await json<{ fresh: boolean }>(['demo', SCENARIO])).fresh).toBe(false);
  const leader = first.users.find(({ login }) => login === 'demo-zhen');
  expect((await run(['login', 'demo-zhen'], [leader?.password ?? ''])).exit).toBe(0);
  const progress = await json<Progress>(['report', campaign]);
  expect(paidOf(progress)).toEqual([0, 25284, '0.00%']);
}, 240_000);

test('25 May: 24,272 of 25,284 prints 96.00% and misses ten points by one payer (S4-06, A-03)', async () => {
  await json(['time', campaign, '--to', '2020-05-26']);
  const progress = await json<Progress>(['report', campaign]);
  expect(paidOf(progress)).toEqual([24272, 25284, '96.00%']);
  expect(resultOf(progress, 'byMay25')).toBe('missed');
  expect(progress.goals.find(({ milestone }) => milestone === 'byMay30')?.short).toBe(1);
  expect(progress.points[0]?.best).toBe(8);
}, 240_000);

test('30 May: 96% is reached, eight points are settled (S4-07)', async () => {
  await json(['time', campaign, '--to', '2020-07-01']);
  const progress = await json<Progress>(['report', campaign]);
  expect(paidOf(progress)?.[0]).toBe(25104);
  expect([resultOf(progress, 'byMay30'), resultOf(progress, 'byJune30')]).toEqual(['met', 'met']);
  expect(progress.points[0]?.settled).toBe(8);
}, 240_000);

test('villages that lag are late, reminded and flagged', async () => {
  const late = await json<{ duty: string }[]>(['overdue', '--campaign', campaign, '--all']);
  expect(late.filter(({ duty }) => duty === 'publicity')).toHaveLength(6);
  const notices = await json<{ text: string }[]>(['notices', campaign, '--all']);
  for (const text of ['dueSoon', 'overdue', 'overdueReport']) expect(notices.some((notice) => notice.text === text)).toBe(true);
  const { out } = await run(['report', campaign, 'bulletin', '--lang', 'zh']);
  // Five days after 25 May is a Saturday: the line is flagged on Monday 1 June.
  expect(out).toContain('2020-06-01 宣传（逾期7天）');
  expect(out).toContain('8分');
});

test('played to a day that has passed, nothing is done twice', async () => {
  const before = paidOf(await json<Progress>(['report', campaign]));
  expect((await run(['time', campaign, '--to', '2020-07-02'])).exit).toBe(0);
  expect(paidOf(await json<Progress>(['report', campaign]))).toEqual(before);
});
