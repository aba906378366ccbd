import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { arrive, offices, order, type Offices } from '../api/support/offices.js';
import type { As } from '../api/support/client.js';
import { expectStatus } from '../api/support/stage.js';
import { raiseIncident } from '../../store/incidents.js';
import { inventedId } from '../imports/given.js';
import { duban, type Ran } from './command.js';

/* What a supervisor and an administrator type: notices, incidents, the audit, worlds, people who change. */

let at: Offices;
const home = mkdtempSync(join(tmpdir(), 'duban-office-'));

const run = (as: As, ...args: string[]): Promise<Ran> =>
  duban(args, { env: { DUBAN_HOME: home, DUBAN_API_URL: as.url, DUBAN_TOKEN: as.token ?? '' }, cwd: home });
const json = async <T>(as: As, ...args: string[]): Promise<T> => {
  const ran = await run(as, ...args, '--json');
  if (ran.exit !== 0) throw new Error(`${args.join(' ')}: ${ran.err}`);
  return JSON.parse(ran.out) as T;
};
const code = (ran: Ran): unknown[] => [ran.exit, /\[([a-z-]+)\]/.exec(ran.err)?.[1]];

beforeAll(async () => {
  at = await offices();
  await arrive(at.leader, at.world, '2026-12-31');
  expect((await run(at.on.admin, 'wait-quiet', at.world)).exit).toBe(0);
}, 240_000);
afterAll(() => at.on.stop());

describe('notices', () => {
  type Message = { id: string; readAt: string | null; body: string };

  test('a dry run shows the text and marks nothing; reading marks it, and it is no longer unread', async () => {
    const [first] = await json<Message[]>(at.collector, 'notices', '--unread');
    const beginning = (first?.id ?? '').slice(0, 8);
    const dry = await run(at.collector, 'notices', 'read', beginning, '--dry-run', '--lang', 'zh');
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining(first?.body.split('\n')[0] ?? '?')]);
    expect(await json<Message[]>(at.collector, 'notices', '--unread')).toContainEqual(expect.objectContaining({ id: first?.id }));
    const read = await json<Message[]>(at.collector, 'notices', 'read', beginning);
    expect(read).toEqual([expect.objectContaining({ id: first?.id, readAt: expect.any(String) })]);
    expect((await json<Message[]>(at.collector, 'notices', '--unread')).map(({ id }) => id)).not.toContain(first?.id);
  });

  test('all that is unread is read at once; afterwards nothing is', async () => {
    expect((await run(at.collector, 'notices', 'read', '--all-unread')).exit).toBe(0);
    expect(await json<Message[]>(at.collector, 'notices', '--unread')).toEqual([]);
    expect((await run(at.collector, 'notices', 'read', '--all-unread', '--lang', 'zh')).out).toBe('没有未读的通知。\n');
  });

  test('another person’s notice is unknown; an id or --all-unread is needed, not both', async () => {
    const [first] = await json<Message[]>(at.collector, 'notices');
    expect(code(await run(at.leader, 'notices', 'read', first?.id ?? ''))).toEqual([1, 'notice-unknown']);
    expect(code(await run(at.leader, 'notices', 'read'))).toEqual([2, 'bad-notices']);
    expect(code(await run(at.leader, 'notices', 'read', 'a', '--all-unread'))).toEqual([2, 'bad-notices']);
  });

  test('what a campaign sent is listed in the words that were sent', async () => {
    const { out } = await run(at.leader, 'notices', at.campaign, '--lang', 'zh');
    expect(out).toContain('东坡村：“上交票据存根”已逾期。');
    expect(out).not.toMatch(/\{\w+\}/);
  });
});

describe('incidents', () => {
  const raise = (): Promise<string> =>
    raiseIncident(at.on.store.db, { county: 'county', process: null, code: 'role-without-holder', cause: 'townHr@u9', detail: {} });

  test('one is listed by what it means, closed with a reason that the audit keeps, and closed once', async () => {
    const id = await raise();
    expect((await run(at.on.admin, 'incidents', '--lang', 'zh')).out).toMatch(new RegExp(`${id} .*待处理.*岗位无人任职`));
    expect(code(await run(at.on.admin, 'incidents', 'close', id))[0]).toBe(2);
    expect((await run(at.on.admin, 'incidents', 'close', id, '--reason', '已配人', '--dry-run')).out).toContain('已配人');
    expect((await json<{ id: string }[]>(at.on.admin, 'incidents', '--status', 'open')).map((row) => row.id)).toContain(id);
    expect((await run(at.on.admin, 'incidents', 'close', id, '--reason', '已配人')).exit).toBe(0);
    expect(code(await run(at.on.admin, 'incidents', 'close', id, '--reason', '已配人'))).toEqual([1, 'not-found']);
    expect((await json<{ id: string }[]>(at.on.admin, 'incidents', '--status', 'open')).map((row) => row.id)).not.toContain(id);
    type Entry = { action: string; subject: string; detail: unknown; actorName: string };
    const entries = await json<Entry[]>(at.on.admin, 'audit', 'list', '--all');
    expect(entries.filter(({ subject }) => subject === id)).toEqual([
      expect.objectContaining({ action: 'incident.closed', detail: { reason: '已配人' }, actorName: '管理员' }),
    ]);
  });

  test('only an administrator closes one', async () => {
    const id = await raise();
    expect(code(await run(at.leader, 'incidents', 'close', id, '--reason', 'x'))).toEqual([1, 'not-permitted']);
  });
});

describe('words instead of codes', () => {
  test('why: the rule, the events and the days counted, in the language asked for', async () => {
    const why = await run(at.leader, 'why', `${at.campaign}:settle/${at.town}`, '--lang', 'zh');
    expect(why.out).toContain('规则 2027-01-04后2个工作日  [2027-01-04 +2wd]');
    expect(why.out).toContain('工作日');
    expect(why.out).toMatch(/#1 .* 启动 /);
    const english = await run(at.leader, 'why', `${at.campaign}:settle/${at.town}`, '--lang', 'en');
    expect(english.out).toContain('rule 2027-01-04, 2 working days after');
    expect(english.out).toContain('whoever owes it');
    expect(english.out).not.toMatch(/承担人|启动/);
  });

  test('money in suspense says why, a broken rule by its title', async () => {
    const paid = `身份证号码,姓名,村居,险种,年度,实缴金额,缴费日期,流水号\n${inventedId(77)},测丙,东坡村,pension,2026,300,2026-12-15,F1\n`;
    writeFileSync(join(home, 'paid.csv'), paid);
    expect((await run(at.leader, 'import', 'payments', 'paid.csv', '--campaign', at.campaign)).exit).toBe(0);
    expect((await run(at.hr, 'suspense', 'list', at.campaign, '--lang', 'zh')).out).toContain('查无此人');
    expect((await run(at.hr, 'suspense', 'list', at.campaign, '--lang', 'en')).out).toContain('nobody of that number is known');
  });
});

describe('a rehearsal beside the real work', () => {
  beforeAll(async () => {
    expectStatus(await at.leader.post('/campaigns', order(at.town, { asOf: undefined })), 201);
    expect((await run(at.on.admin, 'wait-quiet', 'real')).exit).toBe(0);
  }, 60_000);

  test('overdue and board are of the real world and say what is left out; --world shows it', async () => {
    const real = await run(at.leader, 'overdue', '--lang', 'zh');
    expect(real.out).toContain(`另有：--world ${at.world}`);
    expect(real.out).not.toContain(`${at.campaign}:`);
    const rehearsed = await run(at.leader, 'overdue', '--world', at.world, '--lang', 'zh');
    expect(rehearsed.out).toMatch(new RegExp(`世界 ${at.world}（演练）  2026-12-31 23:59:59`));
    expect(rehearsed.out).toContain(`${at.campaign}:handBook/${at.east}`);
    const board = await run(at.leader, 'board', '--world', at.world, '--lang', 'zh');
    expect(board.out).toMatch(/柳河镇 +\d+ +4 /);
    expect(board.out).toMatch(/\n {2}东坡村/);
    expect((await run(at.leader, 'board', '--campaign', at.campaign, '--unit', '西坡村', '--json')).out).toContain(at.west);
    expect(code(await run(at.leader, 'overdue', '--world', 'w999'))).toEqual([1, 'not-found']);
  });

  test('units are named as people name them; an unknown name says how to look', async () => {
    const rows = await json<{ unit: string }[]>(at.leader, 'duties', at.campaign, '--unit', '东坡村');
    expect(new Set(rows.map(({ unit }) => unit))).toEqual(new Set([at.east]));
    const unknown = await run(at.leader, 'duties', at.campaign, '--unit', '没这村');
    expect([...code(unknown), unknown.err]).toEqual([1, 'unit-unknown', expect.stringContaining('npx duban units --text')]);
  });
});
