import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { registerBank } from '../../cli/bank/index.js';
import { readScenario } from '../../cli/demo/scenario.js';
import { freshEnvironment, startApi, startWorker, type TestService } from '../support/runtime.js';
import { duban, type Ran } from './command.js';

/*
 * The county whose bank deducts, beside another demonstration, on the real engine: two rounds played, the third answered by the commands that the start prints. What
 * the bank took stands in its own book; the county's ledger must agree with it to the fen.
 */

const SCENARIO = 'definitions/demo/shucheng-2018.yaml';
const PENSION = 'pensionDeduction';
const home = mkdtempSync(join(tmpdir(), 'duban-demo-'));
const services: TestService[] = [];
let env: Record<string, string> = {};
let drop: () => Promise<void> = async () => undefined;

const startedShape = z.object({
  campaign: z.string(),
  world: z.string(),
  fresh: z.boolean(),
  users: z.array(z.object({ login: z.string(), password: z.string() })),
  next: z.array(z.string()),
});
const statusShape = z.object({
  batches: z.array(
    z.object({
      id: z.string(),
      round: z.number(),
      status: z.string(),
      awaited: z.number(),
      figures: z.object({
        sent: z.number(),
        succeeded: z.number(),
        failed: z.number(),
        unknown: z.number(),
        pending: z.number(),
        taken: z.number(),
        late: z.number(),
      }),
    }),
  ),
});
const sumsShape = z.object({
  takenSum: z.number(),
  batches: z.array(
    z.object({ lines: z.number(), open: z.number(), taken: z.number(), takenSum: z.number(), reasons: z.record(z.string(), z.number()) }),
  ),
});
const caseShape = z.object({ type: z.string(), state: z.string(), status: z.string() });

const run = (args: readonly string[], typed: readonly string[] = []): Promise<Ran> => duban(args, { env, typed });
async function told<S extends z.ZodType>(shape: S, ran: Promise<Ran>): Promise<z.output<S>> {
  const { exit, out, err } = await ran;
  if (exit !== 0) throw new Error(err);
  return shape.parse(JSON.parse(out));
}
const ask = <S extends z.ZodType>(shape: S, ...args: readonly string[]): Promise<z.output<S>> => told(shape, run([...args, '--json']));
const status = () => ask(statusShape, 'deduction', 'status', shucheng.campaign, PENSION);
const bankSums = () => told(sumsShape, duban(['show', 'sums', '--book', join(home, 'demo-bank', 'book'), '--json'], {}, [registerBank]));
/** As the leading office reads the ledger. */
const balance = async (account: string): Promise<number> => {
  await signIn('demo-xianrenshe');
  const rows = await ask(z.array(z.object({ balance: z.number() })), 'ledger', 'balance', shucheng.campaign, '--account', account);
  return rows.reduce((sum, row) => sum + row.balance, 0);
};
let first: z.infer<typeof startedShape>;
let shucheng: z.infer<typeof startedShape>;
const signIn = async (login: string): Promise<void> => {
  const password = shucheng.users.find((user) => user.login === login)?.password ?? '';
  expect((await run(['login', login], [password])).exit).toBe(0);
};

/** The other county in small: its units with one payer each, and no story. */
function smallScenario(): string {
  const full = resolve('definitions/demo/lingcheng-2020.yaml');
  const scenario = readScenario(full);
  const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
  writeFileSync(join(folder, 'units.csv'), ['name,payers,yuan', ...scenario.rows.map(({ name }) => `${name},1,300`)].join('\n'));
  const { path, rows, steps, definition, tables, villages, ...rest } = scenario;
  const here = (named: string): string => resolve(dirname(full), named);
  const small = {
    ...rest,
    definition: here(definition),
    tables: Object.fromEntries(Object.entries(tables).map(([id, named]) => [id, here(named)])),
    villages: { level: villages.level, file: 'units.csv', columns: { name: 'name', payers: 'payers', yuan: 'yuan' } },
    steps: [],
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'small.yaml'), JSON.stringify(small));
  expect([path('x'), rows.length, steps.length > 0]).toEqual([here('x'), 51, true]);
  return join(folder, 'small.yaml');
}

beforeAll(async () => {
  const fresh = await freshEnvironment();
  drop = () => fresh.database.drop();
  const [worker, api] = await Promise.all([startWorker(fresh.env), startApi(fresh.env)]);
  services.push(worker, api);
  env = { DUBAN_HOME: home, DUBAN_API_URL: api.url, DUBAN_SECRETS_FILE: fresh.env['DUBAN_SECRETS_FILE'] ?? '' };
  first = await ask(startedShape, 'demo', smallScenario());
  shucheng = await ask(startedShape, 'demo', SCENARIO);
}, 600_000);

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await drop();
}, 60_000);

test('a second story is told beside the first, in a world of its own', async () => {
  expect([first.fresh, shucheng.fresh, first.world === shucheng.world]).toEqual([true, true, false]);
  await signIn('demo-zhongxin');
  const now = z.object({ now: z.string() });
  expect((await ask(now, 'time', shucheng.campaign)).now).toBe('2018-05-02T10:00:00');
  // Who works in one county sees nothing of the other.
  expect((await run(['report', first.campaign])).err).toContain('[not-found]');
});

test('two rounds are answered and their money has come; the third request waits for the bank', async () => {
  const { batches } = await status();
  expect(batches.map(({ round, status: stands, awaited }) => [round, stands, awaited])).toEqual([
    [1, 'closed', 0],
    [2, 'closed', 0],
    [3, 'sent', 0],
  ]);
  const [one, two, three] = batches.map(({ figures }) => figures);
  expect([one?.sent, one?.pending, one?.unknown]).toEqual([1200 - 43, 0, 0]);
  expect([(one?.failed ?? 0) > (two?.failed ?? 0), (two?.succeeded ?? 0) > 0]).toEqual([true, true]);
  expect(three).toMatchObject({ succeeded: 0, failed: 0, pending: three?.sent });
  expect(three?.sent).toBeGreaterThan(0);
});

test('line by line and to the fen the county’s books are the bank’s', async () => {
  const [{ batches: ours }, bank] = [await status(), await bankSums()];
  // A late success stays a failure of its line and is money all the same: the sum below has it.
  expect(bank.batches.map(({ lines, taken, open }) => [lines, taken, open])).toEqual(
    ours.slice(0, 2).map(({ figures }) => [figures.sent, figures.succeeded + figures.late, 0]),
  );
  expect(ours[0]?.figures.late).toBeGreaterThan(0);
  expect(bank.batches[1]?.takenSum).toBe(ours[1]?.figures.taken);
  expect(bank.batches[0]?.reasons).toMatchObject({
    taken: expect.any(Number),
    short: expect.any(Number),
    bare: expect.any(Number),
    account: expect.any(Number),
    name: expect.any(Number),
    deceased: expect.any(Number),
  });
  expect([await balance('income'), await balance('clearing')]).toEqual([bank.takenSum, 0]);
  await signIn('demo-admin');
  expect((await run(['ledger', 'verify', '--campaign', shucheng.campaign])).exit).toBe(0);
});

test('who was not taken has a case; it ends with the money', async () => {
  await signIn('demo-zhongxin');
  const cases = await ask(z.array(caseShape), 'case', 'list', shucheng.campaign, '--all');
  const count = (type: string, state: string): number => cases.filter((one) => one.type === type && one.state === state).length;
  expect(count('deductionRetry', 'closed')).toBeGreaterThan(0);
  expect(count('deductionRetry', 'waiting')).toBeGreaterThan(0);
  expect(count('accountCorrection', 'closed')).toBeGreaterThan(0);
  expect(count('deductionAnomaly', 'closed')).toBeGreaterThan(0);
  expect(count('deductionRefund', 'credited')).toBeGreaterThan(0);
  expect(count('deathCheck', 'checking')).toBeGreaterThan(0);
});

test('the printed commands lead on: the bank answers, the return is handed in, the money comes', async () => {
  await signIn('demo-nongshang');
  const words = shucheng.next.map((line) => line.split(' ').slice(1));
  const at = (name: string, verb: string): readonly string[] =>
    words.find((line) => line[0] === name && line.includes(verb))?.slice(1) ?? [];
  const answered = await duban(at('duban-bank', 'answer'), {}, [registerBank]);
  expect([answered.exit, answered.err]).toEqual([0, '']);
  const out = join(home, 'demo-bank', 'out');
  const submit = [...at('duban', 'submit-return').slice(0, -1), ...readdirSync(out).map((name) => join(out, name))];
  expect((await run(submit)).exit).toBe(0);
  expect((await run(submit)).out).toContain('没有第二次效果');
  const third = (await status()).batches[2];
  expect([third?.figures.pending, third?.figures.taken]).toEqual([0, (await bankSums()).batches[2]?.takenSum]);
  await signIn('demo-zhongxin');
  const yuan = ((third?.awaited ?? 0) / 100).toFixed(2);
  expect(
    (await run(['deduction', 'clear', shucheng.campaign, PENSION, third?.id ?? '', '--amount', yuan, '--reference', 'TEST-3'])).exit,
  ).toBe(0);
  expect([await balance('income'), await balance('clearing')]).toEqual([(await bankSums()).takenSum, 0]);
}, 120_000);

test('started again nothing is played twice', async () => {
  const before = [await bankSums(), await status()];
  expect(await ask(startedShape, 'demo', SCENARIO)).toMatchObject({ fresh: false, campaign: shucheng.campaign });
  expect([await bankSums(), await status()]).toEqual(before);
}, 120_000);
