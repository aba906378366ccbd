import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { offices, type Offices } from '../api/support/offices.js';
import type { As } from '../api/support/client.js';
import { inventedId } from '../imports/given.js';
import { duban, type Ran } from './command.js';

/* People's daily work, typed: two villages, one person for each role, money over the turn of a year. */

let at: Offices;
const home = mkdtempSync(join(tmpdir(), 'duban-work-'));
const [A, B, C, D] = [inventedId(41), inventedId(42), inventedId(43), inventedId(44)];

const run = (as: As, ...args: string[]): Promise<Ran> =>
  duban(args, { env: { DUBAN_HOME: home, DUBAN_API_URL: as.url, DUBAN_TOKEN: as.token ?? '' }, cwd: home });
const json = async <T>(as: As, ...args: string[]): Promise<T> => {
  const ran = await run(as, ...args, '--json');
  if (ran.exit !== 0) throw new Error(`${args.join(' ')}: ${ran.err}`);
  return JSON.parse(ran.out) as T;
};
const file = (name: string, text: string): string => {
  writeFileSync(join(home, name), text);
  return name;
};
const code = (ran: Ran): unknown[] => [ran.exit, /\[([a-z-]+)\]/.exec(ran.err)?.[1]];

const HEAD = '身份证号码,姓名,村居,险种,年度,应缴金额\n';
const PAID = '身份证号码,姓名,村居,险种,年度,实缴金额,缴费日期,流水号\n';

beforeAll(async () => {
  at = await offices();
}, 240_000);
afterAll(() => at.on.stop());

describe('files of offices', () => {
  const roster = `${HEAD}${A},测甲,东坡村,pension,2026,300\n${B},测乙,西坡村,pension,2026,300\n371121190001011234,测错,东坡村,pension,2026,300\n`;

  test('a preview tells how it would be read and takes nothing', async () => {
    const seen = await run(
      at.leader,
      'import',
      'roster',
      file('roster.csv', roster),
      '--campaign',
      at.campaign,
      '--preview',
      '--lang',
      'zh',
    );
    expect(seen.exit).toBe(0);
    expect(seen.out).toContain('csv');
    expect(seen.out).toMatch(/身份证号码\s+idNumber/);
    expect(seen.out).not.toContain(A);
    expect(await json(at.hr, 'unpaid', at.campaign)).toEqual([]);
  });

  test('a dry run lists the bad row and keeps nothing', async () => {
    const tried = await run(at.leader, 'import', 'roster', 'roster.csv', '--campaign', at.campaign, '--dry-run');
    expect(code(tried)).toEqual([1, 'findings']);
    expect(tried.out).toContain('dry run, nothing changed');
    expect(await json(at.hr, 'unpaid', at.campaign)).toEqual([]);
  });

  test('good rows are kept, the bad one is told by its row; the exit code says so; no bar where nobody watches', async () => {
    const taken = await run(at.leader, 'import', 'roster', 'roster.csv', '--campaign', at.campaign);
    expect(code(taken)).toEqual([1, 'findings']);
    expect(taken.out).toContain('3 rows read: 2 taken, 0 known, 1 wrong');
    expect(taken.out).toMatch(/第\s?4\s?行/);
    expect(taken.err).not.toContain('importing [');
    const again = await run(at.leader, 'import', 'roster', 'roster.csv', '--campaign', at.campaign);
    expect(again.out).toContain('3 rows read: 0 taken, 2 known, 1 wrong');
  });

  test('an import is found again by its id, with the rows it could not keep', async () => {
    const [latest] = (await at.leader.get(`/imports?campaign=${at.campaign}`)).body.at('items').list;
    const id = latest?.at('id').text ?? '';
    const shown = await at.leader.get(`/imports/${id}`);
    expect([shown.status, shown.body.at('read').value, shown.body.at('bad').value]).toEqual([200, 3, 1]);
    const errors = (await at.leader.get(`/imports/${id}/errors`)).body.at('items').list;
    expect(errors.map((row) => row.at('line').value)).toEqual([4]);
    expect((await at.stranger.get(`/imports/${id}`)).status).toBe(404);
  });

  test('how a bank’s file is read is kept by an administrator and used by name', async () => {
    const bank = `身份证号码,姓名,村居,实缴金额,缴费日期,流水号\n${C},测丙,东坡村,300,2026-12-15,F1\n`;
    const args = ['--campaign', at.campaign, '--constant', 'insurance=pension', '--constant', 'year=2026', '--save-profile', 'bank'];
    expect(code(await run(at.leader, 'import', 'payments', file('bank.csv', bank), ...args))).toEqual([1, 'not-permitted']);
    expect((await run(at.on.admin, 'import', 'payments', 'bank.csv', ...args, '--preview')).exit).toBe(0);
    const used = await run(at.leader, 'import', 'payments', 'bank.csv', '--campaign', at.campaign, '--use-profile', 'bank');
    expect([used.exit, used.out]).toEqual([0, expect.stringContaining('1 rows read: 1 taken')]);
    const both = await run(at.leader, 'import', 'payments', 'bank.csv', '--campaign', at.campaign, '--use-profile', 'bank', '--cumulative');
    expect(code(both)).toEqual([2, 'two-profiles']);
  });
});

describe('money', () => {
  type Unpaid = { name: string; due: string; unitName: string };
  const dueOf = async (name: string): Promise<string> =>
    (await json<Unpaid[]>(at.hr, 'unpaid', at.campaign)).find((row) => row.name === name)?.due ?? '';

  test('who has not paid is listed to who may see persons, inside one’s own units', async () => {
    const all = await json<Unpaid[]>(at.hr, 'unpaid', at.campaign);
    expect(all.map(({ name, unitName }) => `${name} ${unitName}`).sort()).toEqual(['测乙 西坡村', '测甲 东坡村']);
    const own = await run(at.collector, 'unpaid', at.campaign, '--lang', 'zh');
    expect(own.out).toContain('测甲');
    expect(own.out).not.toContain('测乙');
  });

  test('a range of receipts is issued; money is taken with one of them, in yuan, once', async () => {
    const range = ['--unit', at.east, '--prefix', 'P', '--first', '100', '--last', '102', '--to', '李会计'];
    expect((await run(at.leader, 'receipts', 'issue', at.campaign, ...range)).exit).toBe(0);
    const due = await dueOf('测甲');
    const dry = await run(at.collector, 'collected', at.campaign, due, '--amount', '100', '--receipt', 'P101', '--dry-run');
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('"amount":10000')]);
    const taken = await run(at.collector, 'collected', at.campaign, due, '--amount', '100.00', '--receipt', 'P101');
    expect([taken.exit, taken.out]).toEqual([0, expect.stringContaining('100.00')]);
    expect(code(await run(at.collector, 'collected', at.campaign, due, '--amount', '1', '--receipt', 'P101'))).toEqual([1, 'act-refused']);
    expect(code(await run(at.collector, 'collected', at.campaign, due, '--amount', '1.005'))[0]).toBe(2);
    const listed = await run(at.collector, 'receipts', 'list', at.campaign, '--lang', 'zh');
    expect(listed.out).toMatch(/P100–P102.*P100/);
  });

  test('what is held is handed in; payments show what came of it', async () => {
    const remit = ['--unit', at.east, '--insurance', 'pension', '--account', 'fiscal'];
    expect((await run(at.collector, 'remitted', at.campaign, ...remit, '--amount', '100')).exit).toBe(0);
    expect(code(await run(at.collector, 'remitted', at.campaign, ...remit, '--amount', '100'))).toEqual([1, 'act-refused']);
    const seen = await run(at.leader, 'payments', at.campaign, '--unit', at.east, '--lang', 'zh');
    for (const text of ['已收', '上缴', '到账']) expect(seen.out).toContain(text);
  });

  test('money that broke a rule waits in suspense until it is allotted or refunded', async () => {
    const paid = `${PAID}${D},测丁,东坡村,pension,2026,400,2026-12-16,F2\n`;
    expect((await run(at.leader, 'import', 'payments', file('paid.csv', paid), '--campaign', at.campaign)).exit).toBe(0);
    type Row = { suspense: string; amount: number };
    const open = await json<Row[]>(at.hr, 'suspense', 'list', at.campaign, '--status', 'open');
    const of = (amount: number): string => open.find((row) => row.amount === amount)?.suspense ?? '';
    const due = await dueOf('测乙');
    const allot = ['suspense', 'allot', at.campaign, of(30_000), '--due', due, '--reason', '姓名写错'];
    expect(code(await run(at.collector, ...allot))).toEqual([1, 'not-permitted']);
    expect((await run(at.leader, ...allot)).exit).toBe(0);
    expect((await run(at.leader, 'suspense', 'refund', at.campaign, of(40_000), '--reason', '非本镇人员')).exit).toBe(0);
    expect(await json(at.hr, 'suspense', 'list', at.campaign, '--status', 'open')).toEqual([]);
  });
});

describe('the ledger, typed', () => {
  test('is verified, told as a trial balance, and as the balance of one unit', async () => {
    const verified = await run(at.leader, 'ledger', 'verify', '--campaign', at.campaign);
    expect([verified.exit, verified.out]).toEqual([0, expect.stringContaining(`✓ ${at.campaign}`)]);
    expect(code(await run(at.collector, 'ledger', 'verify', '--campaign', at.campaign))).toEqual([1, 'not-permitted']);
    const trial = await run(at.leader, 'ledger', 'balance', at.campaign, '--lang', 'zh');
    for (const text of ['收入户', '个人缴费', '700.00']) expect(trial.out).toContain(text);
    const own = ['ledger', 'balance', at.campaign, '--account', 'transit', '--holder', at.east];
    expect(await json(at.collector, ...own)).toEqual([expect.objectContaining({ insurance: 'pension', balance: 10_000 })]);
    expect((await run(at.collector, ...own, '--on', '2026-12-01')).out).toContain('Nothing is posted');
    expect(code(await run(at.leader, 'ledger', 'balance', at.campaign, '--account', 'purse'))[0]).toBe(2);
    expect(code(await run(at.leader, 'ledger', 'balance', at.campaign, '--on', '2026-13-01'))[0]).toBe(2);
    const nobody = await duban(['ledger', 'verify'], { env: { DUBAN_HOME: home, DUBAN_API_URL: 'http://127.0.0.1:9' }, cwd: home });
    expect(nobody.exit).toBe(3);
  });

  test('a person’s statement is printed masked', async () => {
    const [row] = await json<{ name: string; person: string }[]>(at.collector, 'unpaid', at.campaign);
    const seen = await run(at.collector, 'ledger', 'statement', at.campaign, row?.person ?? '', '--lang', 'zh');
    expect(seen.out).toContain('测*');
    expect(seen.out).toMatch(/代收.*100\.00/);
    expect((await run(at.collector, 'ledger', 'statement', at.campaign, row?.person ?? '', '--reason', '本人申请')).out).toContain('测甲');
  });

  test('is dumped as canonical JSON, a line for each transaction, the same each time', async () => {
    const dumped = await run(at.leader, 'ledger', 'dump', at.campaign);
    const rows = dumped.out.trimEnd().split('\n');
    const read = rows.map((row) => JSON.parse(row) as { id: string; postings: { amount: number }[] });
    expect(read.map(({ id }) => id)).toEqual(read.map(({ id }) => id).sort());
    expect(read.every(({ postings }) => postings.reduce((sum, { amount }) => sum + amount, 0) === 0)).toBe(true);
    expect(Object.keys(read[0] ?? {})).toEqual(['by', 'campaign', 'id', 'kind', 'on', 'postings', 'reverses', 'year']);
    expect((await run(at.leader, 'ledger', 'dump')).out).toBe(dumped.out);
  });
});

describe('who looks after whom', () => {
  test('a village is given to a cadre, whose share is shown', async () => {
    expect(code(await run(at.hr, 'assign', at.campaign, at.collectorId))).toEqual([2, 'bad-assignment']);
    expect((await run(at.hr, 'assign', at.campaign, at.collectorId, '--village', at.east)).exit).toBe(0);
    const shares = await json<{ user: string; assigned: number; paid: number }[]>(at.leader, 'shares', at.campaign);
    expect(shares).toEqual([expect.objectContaining({ user: at.collectorId, assigned: 1, paid: 0 })]);
    expect((await run(at.leader, 'shares', at.campaign)).out).toContain('0/1');
  });
});

describe('reports inside one’s own units', () => {
  type Progress = { units: { name: string; figures: { measure: string; part: number; whole: number; rows: string }[] }[] };

  test('a village sees the village: its figures, and the rows behind them without names', async () => {
    const { units } = await json<Progress>(at.collector, 'report', at.campaign);
    expect(units.map(({ name }) => name)).toEqual(['东坡村']);
    const [figure] = units[0]?.figures ?? [];
    expect([figure?.measure, figure?.part, figure?.whole]).toEqual(['paidRate', 0, 1]);
    const rows = await at.collector.get((figure?.rows ?? '').replace('/api/v1', ''));
    expect(rows.body.at('items').list.map((row) => [row.at('unit').value, row.at('amount').value, row.at('collected').value])).toEqual([
      [at.east, 30_000, 10_000],
    ]);
    expect(JSON.stringify(rows.body.value)).not.toContain('测甲');
  });

  test('the town sees both, and the rows add up to its figure', async () => {
    const { units } = await json<Progress>(at.leader, 'report', at.campaign);
    const [figure] = units[0]?.figures ?? [];
    expect([units[0]?.name, figure?.part, figure?.whole]).toEqual(['柳河镇', 1, 2]);
    const rows = (await at.leader.get((figure?.rows ?? '').replace('/api/v1', ''))).body.at('items').list;
    expect(rows.filter((row) => Number(row.at('arrived').value) > 0)).toHaveLength(1);
    expect(rows).toHaveLength(2);
  });

  test('another unit, another measure, another town: not found', async () => {
    const asked = (as: As, measure: string, unit: string): Promise<number> =>
      as.get(`/reports/${at.campaign}/rows?measure=${measure}&unit=${unit}`).then(({ status }) => status);
    expect(await asked(at.collector, 'paidRate', at.west)).toBe(404);
    expect(await asked(at.collector, 'paidRate', at.town)).toBe(404);
    expect(await asked(at.leader, 'noSuch', at.town)).toBe(404);
    expect(await asked(at.stranger, 'paidRate', at.town)).toBe(404);
    expect(code(await run(at.stranger, 'report', at.campaign))).toEqual([1, 'not-found']);
  });
});

describe('duties, evidence and the calendar', () => {
  test('a scan goes up with the act and is found on the obligation', async () => {
    writeFileSync(join(home, 'stub.png'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
    const target = `${at.campaign}:handBook/${at.east}`;
    const args = ['act', target, 'done', '--data', '{"evidence":[{"paper":"stub","fields":{"number":"S-1"}}]}', '--file', 'stub=stub.png'];
    const dry = await run(at.collector, ...args, '--dry-run');
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('stub.png')]);
    expect((await run(at.collector, ...args)).exit).toBe(0);
    const seen = await at.leader.get(`/obligations/${at.campaign}/${encodeURIComponent(`handBook/${at.east}`)}`);
    const id = /"file":"(a\d+)"/.exec(JSON.stringify(seen.body.value))?.[1] ?? '';
    expect(await readBytes(at.leader, id)).toEqual(readFileSync(join(home, 'stub.png')));
  });

  test('lists name roles by their titles; nothing late says what to type next', async () => {
    const listed = await run(at.leader, 'duties', at.campaign, '--duty', 'takeStock', '--lang', 'zh');
    expect(listed.out).toContain('村级代办员');
    const late = await run(at.stranger, 'overdue', '--lang', 'zh');
    expect([late.exit, late.out]).toEqual([0, expect.stringContaining('npx duban duties')]);
    expect((await run(at.stranger, 'status', '--lang', 'zh')).out).toContain('npx duban launch');
    expect((await run(at.leader, 'status', at.campaign, '--lang', 'zh')).out).toMatch(/征缴期.*进行中/);
    const why = await run(at.leader, 'why', `${at.campaign}:takeStock/${at.east}`, '--lang', 'zh');
    expect(why.out).toContain('→ 承担人');
  });

  test('days off published while it runs: a dry run lists the deadlines that would move, amending moves them', async () => {
    const days = file('2027.yaml', "year: 2027\nsource: 县政府办公室通知\noff: ['2027-01-05', '2027-01-06']\nwork: []\n");
    const amend = ['calendar', 'amend', at.campaign, days, '--reason', '公布放假安排'];
    const dry = await run(at.hr, ...amend, '--dry-run', '--lang', 'zh');
    expect([dry.exit, dry.out]).toEqual([0, expect.stringMatching(/试运行[^]*年度结算/)]);
    expect(code(await run(at.collector, ...amend))).toEqual([1, 'not-permitted']);
    expect((await run(at.hr, ...amend)).out).toContain('年度结算');
    expect((await run(at.leader, 'calendar', 'show', at.campaign, '--year', '2027')).out).toContain('01-05 01-06');
    expect((await run(at.hr, ...amend, '--lang', 'zh')).out).toContain('没有改动');
    expect(code(await run(at.hr, 'calendar', 'amend', at.campaign, file('bad.yaml', 'year: [\n'), '--reason', 'x'))).toEqual([
      2,
      'bad-calendar',
    ]);
  });
});

describe('the roster', () => {
  type Line = { name: string; due: string; idNumber: string; tier: number | null; deposited: number };
  const E = inventedId(45);
  const lines = async (...more: string[]): Promise<Line[]> => json<Line[]>(at.hr, 'roster', at.campaign, '--all', ...more);
  const ownLine = async (): Promise<Line | undefined> => (await lines('--reason', '核对')).find(({ idNumber }) => idNumber === E);

  test('is masked until a reason is given, and written to a file by village', async () => {
    const roster = file('later.csv', `${HEAD}${E},测戊,东坡村,pension,2026,300\n`);
    expect((await run(at.leader, 'import', 'roster', roster, '--campaign', at.campaign)).exit).toBe(0);
    expect((await lines()).map(({ name }) => name)).not.toContain('测戊');
    expect(await ownLine()).toMatchObject({ name: '测戊', deposited: 0 });
    expect((await run(at.hr, 'roster', at.campaign, '--unit', '东坡村', '--as', 'xlsx', '--out', 'roster.xlsx')).exit).toBe(0);
    expect(readFileSync(join(home, 'roster.xlsx')).subarray(0, 2).toString()).toBe('PK');
    const printed = await run(at.hr, 'roster', at.campaign, '--unit', '东坡村', '--as', 'csv');
    expect(printed.out).toContain('应缴合计');
    expect(printed.out).not.toContain(E);
    expect(code(await run(at.hr, 'roster', at.campaign, '--as', 'xlsx'))).toEqual([2, 'out-missing']);
  });

  test('a tier is changed with a reason, a deposit reported, by who may', async () => {
    const due = (await ownLine())?.due ?? '';
    const tier = ['tier', at.campaign, due, '--amount', '500', '--reason', '本人申请'];
    expect(code(await run(at.hr, ...tier))).toEqual([1, 'not-permitted']);
    const dry = await run(at.leader, ...tier, '--dry-run');
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('"tier":50000')]);
    expect((await run(at.leader, ...tier, '--lang', 'zh')).out).toContain('✓ 已变更');
    expect((await run(at.leader, ...tier, '--lang', 'zh')).out).toContain('档次未变');
    const deposit = ['deposit', at.campaign, due, '--amount', '499.99', '--lang', 'zh'];
    expect((await run(at.leader, ...deposit)).out).toContain('✓ 已申报');
    expect((await run(at.leader, ...deposit)).out).toContain('早已申报');
    expect(await ownLine()).toMatchObject({ tier: 50_000, deposited: 49_999 });
  });

  test('without groups in the definition there are no identities, and none can be entered', async () => {
    expect(await json(at.hr, 'identities', at.campaign)).toEqual([]);
    expect(code(await run(at.leader, 'identity', at.campaign, 'n1', 'minimumAllowance'))).toEqual([1, 'not-found']);
  });
});

async function readBytes(as: As, id: string): Promise<Buffer> {
  const answer = await fetch(new URL(`/api/v1/files/${id}`, as.url), { headers: { authorization: `Bearer ${as.token ?? ''}` } });
  return Buffer.from(await answer.arrayBuffer());
}
