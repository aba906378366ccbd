import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freshEnvironment, startApi, startWorker, type TestService } from '../support/runtime.js';
import { duban, type Ran } from './command.js';

/* The command against a running API, worker, engine and database. */

const home = mkdtempSync(join(tmpdir(), 'duban-cli-'));
const services: TestService[] = [];
let env: Record<string, string> = {};
let drop: () => Promise<void> = async () => undefined;
const NEW_PASSWORD = 'an-office-password-1';

const run = (args: readonly string[], typed: readonly string[] = []): Promise<Ran> => duban(args, { env, typed });
const json = async <T>(args: readonly string[]): Promise<T> => JSON.parse((await run([...args, '--json'])).out) as T;

beforeAll(async () => {
  const fresh = await freshEnvironment();
  drop = () => fresh.database.drop();
  const [worker, api] = await Promise.all([startWorker(fresh.env), startApi(fresh.env)]);
  services.push(worker, api);
  env = { DUBAN_HOME: home, DUBAN_API_URL: api.url, DUBAN_SECRETS_FILE: fresh.env['DUBAN_SECRETS_FILE'] ?? '' };
}, 300_000);

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await drop();
}, 60_000);

describe('an office from set-up to its first act', () => {
  let campaign = '';

  test('before anybody signed in: refused, with the way out', async () => {
    const { exit, err } = await run(['status']);
    expect(exit).toBe(1);
    expect(err).toContain('[not-signed-in]');
    expect(err).toContain('duban login');
  });

  test('set-up gives the first administrator a password; a second set-up is refused', async () => {
    const first = await run(['setup', '甲市', '--level', 'city', '--admin', 'chief', '--name', '甲管理', '--json']);
    expect(first.exit).toBe(0);
    const { firstPassword }: { firstPassword: string } = JSON.parse(first.out);
    const again = await run(['setup', '甲市', '--admin', 'chief', '--name', '甲管理']);
    expect([again.exit, again.err]).toEqual([1, expect.stringContaining('[setup-done]')]);
    expect((await run(['login', 'chief'], ['wrong-password'])).err).toContain('[sign-in-failed]');
    expect((await run(['login', 'chief'], [firstPassword])).out).toContain('duban password');
    expect((await run(['units'])).err).toContain('[password-change-required]');
    expect((await run(['password'], [firstPassword, NEW_PASSWORD])).exit).toBe(0);
  });

  test('release: a dry run changes nothing, the same release again has no second effect', async () => {
    const file = 'definitions/campaigns/lingcheng-2020.yaml';
    expect((await run(['release', file, '--dry-run'])).exit).toBe(0);
    expect(await json<unknown[]>(['definitions'])).toEqual([]);
    expect((await json<{ released: boolean }>(['release', file])).released).toBe(true);
    expect((await json<{ released: boolean }>(['release', file])).released).toBe(false);
    expect((await json<unknown[]>(['definitions'])).length).toBe(1);
  });

  test('a wrong definition is not released and its mistakes are printed with their place', async () => {
    const file = join(home, 'bad.yaml');
    writeFileSync(file, 'duban: 1\nkind: campaign\nid: bad\nsead: 3\n');
    const { exit, err } = await run(['release', file]);
    expect(exit).toBe(1);
    expect(err).toMatch(/bad\.yaml:4:1/);
  });

  test('a launch with open questions is refused and lists each with how to answer', async () => {
    const { exit, err } = await run(['launch', 'lingcheng-pension', '--year', '2020', '--at', 'town=甲镇', '--as-of', '2020-04-28']);
    expect(exit).toBe(1);
    expect(err).toContain('[launch-open-questions]');
    expect(err).toContain('patrolEvery');
    expect(err).toContain('--set');
  });

  test('answered it starts in a virtual world; the same launch again is refused', async () => {
    const parameters = [
      'remindBefore=3d',
      'headAfter=3d',
      'bulletinAfter=5d',
      'orderAfter=8d',
      'receiveWithin=3d',
      'replyWithin=5d',
      'patrolEvery=1m',
      'shareEvery=1m',
    ];
    const dates = ['servicePointsBy=2020-06-15', 'assessBy=2020-12-31', 'subsidy100=0'];
    const answers = [...parameters, ...dates].flatMap((pair) => ['--set', pair]);
    const args = ['launch', 'lingcheng-pension', '--year', '2020', '--at', 'town=甲镇', '--as-of', '2020-04-28', '--confirm-readings'];
    const table = ['--table', 'channels=definitions/demo/lingcheng-2020-channels.csv'];
    const dry = await run([...args, ...answers, ...table, '--dry-run']);
    expect([dry.exit, dry.err]).toEqual([0, '']);
    expect(await json<unknown[]>(['status'])).toEqual([]);
    const launched = await json<{ id: string; world: string }>([...args, ...answers, ...table]);
    campaign = launched.id;
    expect(launched.world).toMatch(/^w\d+$/);
    expect((await run(['wait-quiet', campaign])).exit).toBe(0);
  });

  test('what is owed is listed with what to type next; why tells the rule and the clause', async () => {
    const rows = await json<{ id: string; duty: string; due: string }[]>(['duties', campaign, '--duty', 'material']);
    expect(rows).toEqual([expect.objectContaining({ duty: 'material', due: '2020-05-25' })]);
    const why = await run(['why', `${campaign}:${rows[0]?.id ?? ''}`, '--lang', 'zh']);
    expect(why.out).toContain('期限 2020-05-25（含当日）');
    expect(why.out).toContain('S4-06');
  });

  test('an act that is not one’s own is refused with the reason; a dry run tells so before', async () => {
    const [row] = await json<{ id: string }[]>(['duties', campaign, '--duty', 'material']);
    const target = `${campaign}:${row?.id ?? ''}`;
    expect((await run(['act', target, 'done', '--dry-run'])).out).toContain('not open to you now');
    const refused = await run(['act', target, 'done', '--data', '{"evidence":[]}']);
    expect([refused.exit, refused.err]).toEqual([1, expect.stringContaining('[not-permitted]')]);
  });

  test('an unknown campaign is not found, in every verb that names one', async () => {
    for (const args of [
      ['status', 'c999'],
      ['duties', 'c999'],
      ['report', 'c999'],
      ['report', 'c999', 'daily'],
      ['time', 'c999'],
      ['notices', 'c999'],
      ['targets', 'c999'],
    ]) {
      const { exit, err } = await run(args);
      expect([args, exit, err]).toEqual([args, 1, expect.stringContaining('[not-found]')]);
    }
  });

  test('the clock of its world moves forward, never back', async () => {
    expect((await json<{ now: string }>(['time', campaign, '--to', '2020-05-02'])).now).toBe('2020-05-02T23:59:59');
    const late = await json<{ duty: string }[]>(['overdue', '--campaign', campaign]);
    expect(late.map(({ duty }) => duty)).toEqual(expect.arrayContaining(['assign', 'channelsSet']));
    expect((await run(['time', campaign, '--to', '2020-05-01'])).err).toContain('[world-backwards]');
  });

  test('progress: the printed table adds up, and 96% is so many payers away', async () => {
    const { exit, out } = await run(['report', campaign, '--lang', 'zh']);
    expect(exit).toBe(0);
    expect(out).toContain('0.00%  0 / 25,284');
    expect(out).toContain('0.00%  0.00 / 7,585,200.00');
    expect(out).toContain('距 96% 还差 24,273');
    expect(out).toContain('可得 0 至 10 分');
  });

  test('reports come as files: CSV, XLSX, a picture; and as the daily line', async () => {
    expect((await run(['report', campaign, 'progress', '--as', 'csv'])).out).toContain('甲镇,,0,25284,0.00%');
    for (const [name, as, start] of [
      ['progress', 'xlsx', 'PK'],
      ['daily', 'png', '\x89PNG'],
      ['bulletin', 'xlsx', 'PK'],
    ] as const) {
      const file = join(home, `${name}.${as}`);
      expect((await run(['report', campaign, name, '--as', as, '--out', file])).exit).toBe(0);
      const { readFileSync } = await import('node:fs');
      expect(readFileSync(file).toString('latin1').startsWith(start)).toBe(true);
    }
    expect((await run(['report', campaign, 'daily', '--lang', 'zh'])).out).toMatch(/^【.+】截至 2020-05-02 23:59：/);
    expect((await run(['report', campaign, 'progress', '--as', 'png', '--out', 'x.png'])).exit).toBe(2);
  });

  test('the bulletin ranks the villages and carries the head of the audit chain, which verifies', async () => {
    const { out } = await run(['report', campaign, 'bulletin', '--lang', 'zh']);
    const heads = await json<{ chain: string; hash: string }[]>(['audit', 'heads']);
    const own = heads.find(({ chain }) => chain === campaign);
    expect(out).toContain(own?.hash ?? 'no chain');
    const anchor = join(home, 'heads.json');
    writeFileSync(anchor, JSON.stringify(heads));
    expect((await run(['audit', 'verify', '--anchor', anchor])).exit).toBe(0);
    writeFileSync(anchor, JSON.stringify(heads.map((head) => (head.chain === campaign ? { ...head, hash: '0'.repeat(64) } : head))));
    const broken = await run(['audit', 'verify', '--anchor', anchor]);
    expect([broken.exit, broken.out]).toEqual([1, expect.stringContaining(campaign)]);
  });

  test('the rows behind a figure are the caller’s: another unit is not found', async () => {
    const { units }: { units: { figures: { rows: string }[] }[] } = await json(['report', campaign]);
    expect(units[0]?.figures[0]?.rows).toContain(`/api/v1/reports/${campaign}/rows?measure=paidRate&unit=`);
  });

  test('a token works for scripts until it is revoked', async () => {
    const token = (await run(['token', 'create', '夜间任务'])).out.trim();
    const asScript = { ...env, DUBAN_HOME: mkdtempSync(join(tmpdir(), 'duban-script-')), DUBAN_TOKEN: token };
    expect((await duban(['status'], { env: asScript })).exit).toBe(0);
    const [made] = await json<{ id: string }[]>(['token', 'list']);
    expect((await run(['token', 'revoke', made?.id ?? ''])).exit).toBe(0);
    expect((await duban(['status'], { env: asScript })).err).toContain('[not-signed-in]');
  });

  test('after signing out nothing is open any more', async () => {
    expect((await run(['logout'])).exit).toBe(0);
    expect((await run(['status'])).err).toContain('[not-signed-in]');
  });
});
