import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { z } from 'zod';
import type { Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import { setStop } from '../../store/deductions/orders.js';
import type { As } from '../api/support/client.js';
import { addUnit, stage, type Stage } from '../api/support/stage.js';
import { duban, type Ran } from '../cli/command.js';
import { bodyOf, csv, importFile, launch, move, refusalOf, release, type Launched } from '../support/http.js';
import { SHUCHENG_LAUNCH } from '../support/shucheng-http.js';
import { employ, inventedId, type Staff } from './staff.js';

/* A round of Shucheng's deduction over HTTP: made by the bank and confirmed by the centre, answered, settled by two people, cleared. */

let on: Stage;
let who: Staff;
let campaign: Launched;
const at = (rest = ''): string => `/deductions/${campaign.id}/pensionDeduction${rest}`;
const anything = z.looseObject({});

beforeAll(async () => {
  on = await stage({ worker: true });
  const county = await addUnit(on, 'county', on.top, '测试县');
  await release(on.admin, 'definitions/campaigns/shucheng-2018.yaml');
  campaign = await launch(on.admin, {
    definition: 'shucheng-pension',
    year: 2018,
    root: county,
    parameters: SHUCHENG_LAUNCH,
    asOf: '2018-01-05T08:00:00',
    tables: {
      townships: csv(['unit', 'title'], ['东乡', '东乡'], ['西乡', '西乡']),
      villages: csv(['unit', 'township'], ['东村', '东乡'], ['西村', '西乡']),
      branches: csv(['unit', 'township'], ['东乡支行', '东乡'], ['西乡支行', '西乡']),
      targets2017: csv(['unit', 'payers'], ['东乡', 2], ['西乡', 2]),
      tiers: csv(['tier', 'subsidy'], [200, 35], [300, 40]),
      bankCodes: csv(['code', 'outcome'], ['0000', 'arrived'], ['E010', 'short'], ['E020', 'account'], ['E090', 'duplicate']),
    },
  });
  who = await employ(on, 'shucheng-pension', [
    { login: 'hr', at: { 测试县: ['hrDepartment'] } },
    { login: 'bank', at: { 测试县: ['bank'] } },
    { login: 'centre', at: { 测试县: ['pensionCentre'] } },
    { login: 'east', at: { 东乡: ['townshipHr'] } },
  ]);
  const persons = [1, 2, 3, 4];
  const village = (n: number): string => (n <= 2 ? '东村' : '西村');
  await importFile(who('hr'), {
    kind: 'roster',
    campaign: campaign.id,
    text: csv(['身份证号码', '姓名', '村居', '缴费档次'], ...persons.map((n) => [inventedId(n), `测甲${n}`, village(n), 200])),
  });
  await importFile(who('bank'), {
    kind: 'accounts',
    campaign: campaign.id,
    text: csv(
      ['身份证号码', '银行账号', '开户银行', '网点'],
      ...persons.map((n) => [inventedId(n), `621799790000${String(n).padStart(7, '0')}`, '农商行', n <= 2 ? '东乡支行' : '西乡支行']),
    ),
  });
}, 300_000);
afterAll(() => on.stop());

/** Waits until the worker has done with an order. */
async function worked(order: string): Promise<z.infer<typeof orderShape>> {
  for (let looks = 0; looks < 300; looks += 1) {
    const found = bodyOf(await who('centre').get(at(`/orders/${order}`)), orderShape);
    if (found.status === 'done' || found.status === 'refused') return found;
    await sleep(200);
  }
  throw new Error(`order ${order} is not done`);
}
const orderShape = z.looseObject({
  status: z.string(),
  batch: z.string().nullable(),
  result: anything.nullable(),
  problems: z.array(anything),
});
const waitingShape = z.looseObject({ proposed: z.array(z.looseObject({ decision: z.string(), name: z.string() })) });
const orderOf = z.looseObject({ order: z.string().nullable(), known: z.boolean().optional(), preview: anything.nullable().optional() });

async function submit(name: string, text: string, dryRun = false, login = 'bank') {
  const form = new FormData();
  form.set('data', JSON.stringify({ dryRun }));
  form.set('file', new Blob([new Uint8Array(iconv.encode(text, 'gb18030'))]), name);
  return who(login).post(at('/returns'), undefined, { form });
}

/** A verb of `duban deduction` as one of the staff types it. */
const typed = (login: string, verb: string, ...rest: readonly string[]): Promise<Ran> =>
  duban(['deduction', verb, campaign.id, 'pensionDeduction', ...rest], {
    env: { DUBAN_API_URL: on.url, DUBAN_TOKEN: who(login).token ?? '' },
  });

async function cycleOf(): Promise<{ readonly county: string; readonly process: ProcessId; readonly deduction: string }> {
  const { county_id: county, process_id: process } = await on.store.db
    .selectFrom('processes')
    .select(['county_id', 'process_id'])
    .executeTakeFirstOrThrow();
  return { county, process, deduction: 'pensionDeduction' };
}

let batch = '';
/** The bank's answer, from the request that it got. */
async function answer(codes: readonly (string | null)[], seq: number): Promise<{ readonly name: string; readonly text: string }> {
  const { url, token } = who('bank');
  // Not as text: the names are in the bank's charset.
  const file = await fetch(`${url}/api/v1${at(`/batches/${batch}/file`)}`, { headers: { authorization: `Bearer ${token ?? ''}` } });
  const lines = iconv
    .decode(Buffer.from(await file.arrayBuffer()), 'gb18030')
    .split('\r\n')
    .filter((line) => line.startsWith('D|'))
    .flatMap((line, index) => (codes[index] == null ? [] : [`${line}|${codes[index]}|`]));
  const taken = codes.filter((code) => code === '0000').length;
  const text = [`H|${batch}|${lines.length}|${lines.length * 20_000}`, ...lines, `T|${lines.length}|${taken}|${taken * 20_000}`, ''].join(
    '\r\n',
  );
  return { name: `HP${batch}_0${seq}.txt`, text };
}

test('C-D15 a round is refused inside the concentrated period, and to who may not order it', async () => {
  expect(refusalOf(await who('bank').post(at('/runs'), {}))).toEqual([409, 'act-refused', 'phase-not-open']);
  expect((await who('bank').get(at('/plan'))).status).toBe(409);
  await move(who('hr'), campaign.world, '2018-04-02');
  expect(refusalOf(await who('hr').post(at('/runs'), {}))).toEqual([409, 'act-refused', 'not-granted']);
  expect((await who('east').get(at('/batches/b1/file'))).status).toBe(403);
});

test('an order is given up by whoever gave it, by who would confirm it or by an administrator, with a reason', async () => {
  const ordered = async () => bodyOf(await who('bank').post(at('/runs'), {}), orderOf, 202).order ?? '';
  const [first, second] = [await ordered(), await ordered()];
  const drop = async (as: Parameters<typeof who>[0], order: string, body: unknown = { reason: '改日再做' }) =>
    (await who(as).post(at(`/orders/${order}/drop`), body)).status;
  expect(await drop('east', first)).toBe(409);
  expect(await drop('bank', first, {})).toBe(400);
  expect(await drop('bank', first)).toBe(200);
  expect(await drop('centre', second)).toBe(200);
  expect(refusalOf(await who('bank').post(at(`/orders/${second}/drop`), { reason: '改日再做' }))[0]).toBe(409);
  expect(await drop('bank', 'w999999')).toBe(404);
  expect((await who('centre').post(at(`/runs/${first}/confirm`))).status).toBe(404);
});

test('the bank orders it, the centre confirms, the same bytes are downloaded each time and by nobody else', async () => {
  const { order } = bodyOf(await who('bank').post(at('/runs'), {}), orderOf, 202);
  expect(refusalOf(await who('bank').post(at(`/runs/${order ?? ''}/confirm`)))[0]).toBe(409);
  const refused = await typed('hr', 'make');
  expect([refused.exit, refused.err]).toEqual([1, expect.stringContaining('“组织一轮代扣”在本方案中只授权给')]);
  const dry = await typed('centre', 'make', '--confirm', order ?? '', '--dry-run');
  expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('什么也没有改变')]);
  expect((await typed('bank', 'make', '--confirm', order ?? '', '--dry-run')).exit).toBe(1);
  expect((await who('centre').post(at(`/runs/${order ?? ''}/confirm`))).status).toBe(200);
  const repeated = await typed('centre', 'make', '--confirm', order ?? '');
  expect([repeated.exit, repeated.err]).toEqual([1, expect.stringContaining(`工作单 ${order ?? ''} 已经确认`)]);
  const made = await worked(order ?? '');
  expect(made.result).toMatchObject({ kind: 'made', round: 1, batches: [{ lines: 4, amount: 80_000 }] });
  batch = made.batch ?? '';
  // All are with the bank now: another round is refused before anybody is asked to confirm it.
  const nobody = await typed('bank', 'make', '--lang', 'zh');
  expect([nobody.exit, nobody.err]).toEqual([1, expect.stringMatching(/现在没有可以代扣的人：.* 4 \[nobody-due\]/)]);
  const [first, again] = [await who('bank').get(at(`/batches/${batch}/file`)), await who('bank').get(at(`/batches/${batch}/file`))];
  expect(again.headers.get('repr-digest')).toBe(first.headers.get('repr-digest'));
  expect(again.body.text).toBe(first.body.text);
});

test('a return is tried first, then taken; the same bytes again have no second effect', async () => {
  const file = await answer(['0000', 'E010', '0000', null], 1);
  const tried = bodyOf(await submit(file.name, file.text, true), orderOf, 202);
  expect(tried).toMatchObject({ order: null, preview: { kind: 'posted', taken: 40_000 } });
  expect(refusalOf(await submit(file.name, file.text, false, 'east'))[0]).toBe(403);
  const { order } = bodyOf(await submit(file.name, file.text), orderOf, 202);
  expect((await worked(order ?? '')).result).toMatchObject({
    kind: 'posted',
    counters: { sent: 4, succeeded: 2, failed: 1, unknown: 0, pending: 1 },
  });
  expect(bodyOf(await submit(file.name, file.text), orderOf, 202)).toMatchObject({ order, known: true });
  // Under whatever name, tried or in earnest: the same answer, and no figures that would look new.
  const before = { file: file.name, at: expect.stringMatching(/^2018-04-/), batch, status: 'done' };
  for (const dryRun of [true, false])
    expect(bodyOf(await submit(`HP${batch}_09.txt`, file.text, dryRun), orderOf, 202)).toEqual({
      order,
      known: true,
      before,
      preview: null,
      problems: [],
    });
  const folder = mkdtempSync(join(tmpdir(), 'duban-return-'));
  const [same, renamed] = [join(folder, file.name), join(folder, `HP${batch}_09.txt`)];
  for (const path of [same, renamed]) writeFileSync(path, iconv.encode(file.text, 'gb18030'));
  for (const rest of [[], ['--dry-run']]) {
    const again = await typed('bank', 'submit-return', renamed, ...rest);
    expect([again.exit, again.err]).toEqual([0, '']);
    for (const said of ['没有第二次效果', `以“${file.name}”交入`, `属于批次 ${batch}`, '文件名与那时不同'])
      expect(again.out).toContain(said);
    expect(again.out).not.toMatch(/入账 3 行|扣成/);
  }
  expect((await typed('bank', 'submit-return', same)).out).not.toContain('文件名与那时不同');
  const other = await answer([null, null, null, '0000'], 4);
  const news = join(folder, other.name);
  writeFileSync(news, iconv.encode(other.text, 'gb18030'));
  const dry = (await typed('bank', 'submit-return', news, '--dry-run', '--lang', 'zh')).out.trim().split('\n');
  expect([dry.at(0), dry.at(-1)]).toEqual(['试算，未入账', '试算，未入账']);
  expect(dry.join('\n')).toContain('入账 1 行');
  rmSync(folder, { recursive: true });
  const bad = await answer(['0000', null, null, null], 2);
  const { order: refused } = bodyOf(await submit(bad.name, bad.text.replace('|20000|0000', '|20001|0000').replace('|1|20000\r\nD', '|1|20001\r\nD').replace(/T\|1\|1\|20000/, 'T|1|1|20001')), orderOf, 202); // prettier-ignore
  const told = await worked(refused ?? '');
  expect([told.status, told.problems]).toMatchObject([
    'refused',
    [{ code: 'amount-differs', line: 2, zh: expect.stringContaining('为 200.01 元，所送为 200.00 元') }],
  ]);
});

test('a township sees its own figures and money on the way, and no order of the county', async () => {
  const statusShape = z.looseObject({
    orders: z.array(z.looseObject({ id: z.string() })),
    batches: z.array(z.looseObject({ awaited: z.number(), figures: anything })),
  });
  const status = async (login: string) => bodyOf(await who(login).get(at()), statusShape);
  const [county, east] = [await status('centre'), await status('east')];
  expect(county).toMatchObject({ batches: [{ awaited: 40_000, figures: { sent: 4, succeeded: 2, failed: 1, pending: 1 } }] });
  expect(east).toMatchObject({ orders: [], batches: [{ awaited: 20_000, figures: { sent: 2, succeeded: 1, failed: 1, pending: 0 } }] });
  expect(county.orders.filter(({ status: is }) => is !== 'dropped')).toHaveLength(3);
  for (const { id } of county.orders) expect((await who('east').get(at(`/orders/${id}`))).status).toBe(404);
  for (const { id } of (await status('bank')).orders) expect((await who('bank').get(at(`/orders/${id}`))).status).toBe(200);
});

test('a township learns whom to urge and to deposit how much, by name when it says why, and every look is kept', async () => {
  const linesShape = z.object({ items: z.array(z.looseObject({ name: z.string(), due: z.string() })) });
  const lines = async (login: string, query = '') => bodyOf(await who(login).get(at(`/lines${query}`)), linesShape).items;
  const failed = {
    unitName: '东村',
    amount: 20_000,
    deposited: 0,
    margin: 1_000,
    toDeposit: 21_000,
    standing: 'failed-retryable',
    outcome: 'short',
    outcomeTitle: '余额不足',
  };
  expect(await lines('east')).toMatchObject([{ ...failed, name: '测**', idNumber: expect.stringContaining('*') }]);
  const open = `reason=${encodeURIComponent('上门督促')}`;
  const [named] = await lines('east', `?round=1&${open}`);
  // Lines lie in the order of surrogates: either of the two may be the one that failed.
  const name = named?.name ?? '';
  const idNumber = inventedId(Number(name.slice(2)));
  expect([named, ['测甲1', '测甲2'].includes(name)]).toMatchObject([{ ...failed, idNumber }, true]);
  expect(await lines('east', '?round=2')).toEqual([]);
  // The bank confirms settlements and sees all lines for that, masked; a reason is not for it to give.
  expect((await lines('bank')).map(({ name }) => name)).toEqual(['测**', '测**']);
  expect((await who('bank').get(at(`/lines?${open}`))).status).toBe(403);

  const csvFile = (await who('east').get(at(`/lines.csv?round=1&${open}`))).body.text;
  expect(csvFile).toContain('第1轮未扣成人员名单');
  expect(csvFile).toContain(`东村,${name},${idNumber},1,1,200.00,0.00,10.00,210.00,失败，下轮再扣,余额不足,E010`);
  expect(csvFile).not.toContain('西村');
  const shown = await typed('east', 'lines', '--round', '1', '--reason', '上门督促', '--lang', 'zh');
  expect(shown.out).toMatch(/东村 +测甲[12] .* 200\.00 +0\.00 +10\.00 +210\.00 +失败，下轮再扣 +余额不足 +E010/);
  const book = join(mkdtempSync(join(tmpdir(), 'duban-lines-')), 'failed.xlsx');
  expect((await typed('east', 'lines', '--as', 'xlsx', '--out', book)).exit).toBe(0);
  expect(readFileSync(book).subarray(0, 2).toString()).toBe('PK');
  const audit = bodyOf(
    await on.admin.get('/audit?limit=200'),
    z.object({ items: z.array(z.looseObject({ detail: z.looseObject({ list: z.string().optional() }) })) }),
  ).items.flatMap(({ detail }) => (detail.list === 'deduction' ? [detail] : []));
  expect(audit).toContainEqual(
    expect.objectContaining({ shown: '上门督促', round: 1, count: 1, persons: [expect.stringMatching(/^n\d+$/)] }),
  );
});

test('cases name persons, masked, only to who may see them and asks; the look is kept', async () => {
  const listed = (login: string, query = '') => who(login).get(`/cases?campaign=${campaign.id}${query}`);
  const casesShape = z.object({ items: z.array(z.object({ type: z.string(), unitName: z.string(), name: z.string().nullable() })) });
  expect(bodyOf(await listed('east'), casesShape).items).toEqual([{ type: 'deductionRetry', unitName: '东村', name: null }]);
  expect(bodyOf(await listed('east', '&names=true'), casesShape).items).toMatchObject([{ unitName: '东村', name: '测**' }]);
  expect(refusalOf(await listed('bank', '&names=true'))).toEqual([403, 'not-permitted']);
  const env = { DUBAN_API_URL: on.url, DUBAN_TOKEN: who('east').token ?? '' };
  const shown = await duban(['case', 'list', campaign.id, '--open', '--names', '--lang', 'zh'], { env });
  expect(shown.out).toMatch(/东村 +测\*\* /);
  const looks = bodyOf(await on.admin.get('/audit?limit=200'), z.object({ items: z.array(z.looseObject({ detail: anything })) })).items;
  expect(looks.filter(({ detail }) => detail['list'] === 'cases')).toMatchObject([{ detail: { count: 1 } }, { detail: { count: 1 } }]);
});

test('failures by reason and by township, and a cycle that stands still, are told in words with their figures', async () => {
  const all = await typed('centre', 'failures', '--round', '1', '--lang', 'zh');
  expect(all.out).toMatch(/余额不足 +失败，下轮再扣 +1 +200\.00/);
  expect(all.out).toMatch(/东乡 +2 +1 +1 +0 +0 +0 +200\.00 +0\.00\n西乡 +2 +1 +0 +0 +0 +1 +200\.00 +0\.00/);
  const own = await typed('east', 'failures', '--round', '1', '--json');
  expect(z.looseObject({ units: z.array(anything) }).parse(JSON.parse(own.out)).units).toMatchObject([{ unitName: '东乡', sent: 2 }]);
  const byUnit = await typed('centre', 'status', '--units', '--lang', 'zh');
  expect(byUnit.out).toMatch(/失败后扣成/);
  expect(byUnit.out).toMatch(new RegExp(`1 +${batch} +已有回盘 +4 +2 +1 +0 +0 +1 +400\\.00 +0\\.00 +400\\.00`));
  expect(byUnit.out).toMatch(/第 1 轮\n[^]*西乡 +2 +1 +0/);

  // As the worker does when its figures do not add up.
  const of = await cycleOf();
  const stop = (stopped: boolean) =>
    on.store.db.transaction().execute((trx) =>
      setStop(trx, of, {
        stopped,
        detail: { batch, counter: 'succeeded', expected: 3, found: 2, order: 'w1' },
        at: '2018-04-02T09:00:00' as Moment,
        by: 'system' as UserId,
      }),
    );
  await stop(true);
  const told = await typed('centre', 'status', '--lang', 'zh');
  expect(told.out).toContain(`批次 ${batch} 的“成功”应为 3 行，实为 2 行，差 -1 行（工作单 w1）`);
  const stopShape = z.looseObject({ stopped: z.looseObject({ difference: anything.nullable() }).nullable() });
  expect(bodyOf(await who('centre').get(at()), stopShape).stopped).toMatchObject({
    difference: { batch, counter: 'succeeded', expected: 3, found: 2, difference: -1 },
  });
  expect(bodyOf(await who('east').get(at()), stopShape).stopped).toMatchObject({ difference: null });
  await stop(false);
  expect(bodyOf(await who('centre').get(at()), stopShape).stopped).toBeNull();
});

test('return files handed in together are taken in their order; one that is refused holds up those behind it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duban-returns-'));
  const files: string[] = [];
  for (const [seq, codes] of [
    [3, ['0000', null, null, null]],
    [4, ['0000', null, null, null]],
    [5, [null, 'E010', null, null]],
  ] as const) {
    // prettier-ignore
    const { name, text } = await answer(codes, seq);
    files.push(join(folder, name));
    // The second says an amount that was not sent.
    const said = seq === 4 ? text.replace('|20000|0000', '|20001|0000').replace('|1|20000\r\nD', '|1|20001\r\nD').replace('T|1|1|20000', 'T|1|1|20001') : text; // prettier-ignore
    writeFileSync(join(folder, name), new Uint8Array(iconv.encode(said, 'gb18030')));
  }
  const both = await typed('bank', 'submit-return', files[0] ?? '', files[2] ?? '', '--lang', 'zh');
  expect([both.exit, both.err]).toEqual([0, '']);
  expect(both.out).toContain('_03.txt\n');
  expect(both.out).toMatch(/_05\.txt\n/);
  expect(both.out).toContain('各行：与已知相同 1');
  expect(both.out).not.toMatch(/\b(again|post|answered)\b/);
  const held = await typed('bank', 'submit-return', files[1] ?? '', files[0] ?? '', '--lang', 'zh');
  expect([held.exit, held.err]).toEqual([1, expect.stringContaining('其后 1 个文件没有交')]);
  expect(held.out).not.toContain('_03.txt');
});

test('a return that can never be read is told with its order, given up by an administrator, and the next one is taken', async () => {
  const of = await cycleOf();
  const handedIn = async (seq: number, codes: readonly (string | null)[]): Promise<string> => {
    const { name, text } = await answer(codes, seq);
    return bodyOf(await submit(name, text), orderOf, 202).order ?? '';
  };
  // While the cycle stands still, the kept file is damaged: the key opens it no more.
  const stop = { detail: {}, at: '2018-04-02T09:00:00' as Moment, by: 'system' as UserId };
  await on.store.db.transaction().execute((trx) => setStop(trx, of, { ...stop, stopped: true }));
  const damaged = await handedIn(6, ['0000', 'E010', null, null]);
  await on.store.pool.query(
    `update deduction_file_pieces set sealed = set_byte(sealed, length(sealed) - 1, (get_byte(sealed, length(sealed) - 1) + 1) % 256)
     where file_id = (select file_id from deduction_orders where order_id = $1)`,
    [damaged],
  );
  expect(refusalOf(await who('centre').post(at('/resume'), { reason: '查清了' }))[0]).toBe(403);
  expect((await on.admin.post(at('/resume'), { reason: '查清了' })).status).toBe(200);
  const behind = await handedIn(7, [null, 'E010', '0000', null]);

  const failingShape = z.looseObject({ failing: z.array(z.looseObject({ order: z.string(), attempt: z.number() })) });
  const failing = async () => bodyOf(await who('centre').get(at()), failingShape).failing;
  for (let looks = 0; looks < 300 && (await failing()).length === 0; looks += 1) await sleep(200);
  expect(await failing()).toEqual([expect.objectContaining({ order: damaged, attempt: 5 })]);
  expect((await typed('centre', 'status', '--lang', 'zh')).out).toContain(`${damaged} 已试 5 次仍不成`);
  const statusOf = async (order: string) => bodyOf(await who('centre').get(at(`/orders/${order}`)), orderShape).status;
  expect(await statusOf(behind)).toBe('waiting');

  const drop = async (as: As) => (await as.post(at(`/orders/${damaged}/drop`), { reason: '文件损坏，银行重出' })).status;
  expect([await drop(who('centre')), await drop(who('east'))]).toEqual([403, 403]);
  expect(await drop(on.admin)).toBe(200);
  expect(await worked(behind)).toMatchObject({ status: 'done', result: { kind: 'posted', verdicts: { again: 2 } } });
  expect(await statusOf(damaged)).toBe('dropped');
  expect(await failing()).toEqual([]);
});

test('a line without an answer is settled by two people; the money comes to the fen', async () => {
  const bare = { kind: 'line', subject: `${batch}/4`, choice: 'arrived', reason: '银行流水核对' };
  expect(refusalOf(await who('centre').post(at('/settlements'), bare))).toEqual([409, 'act-refused', 'evidence-refused']);
  const proposal = ['settle', `${batch}/4`, 'arrived', '--reason', '银行流水核对'] as const;
  const [verb, ...rest] = proposal;
  const lacking = await typed('centre', verb, ...rest, '--dry-run', '--lang', 'zh');
  expect(lacking.exit).toBe(1);
  expect(lacking.err).toContain('材料随本次办理给出：{"evidence":[{"paper":"depositProof","fields":{"amount":"…"}}]}');
  expect(lacking.err).toContain("写进 --data '…'");
  const papers = ['--data', '{"evidence":[{"paper":"depositProof","fields":{"amount":20000}}]}'];
  for (const _ of [1, 2])
    expect(await typed('centre', verb, ...rest, ...papers, '--dry-run')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('可以办理'),
    });
  expect((await typed('east', verb, ...rest, ...papers, '--dry-run')).exit).toBe(1);
  expect((await typed('centre', 'settle', 'b99/4', 'arrived', '--reason', 'r', ...papers, '--dry-run')).exit).toBe(1);
  const settle = { ...bare, evidence: [{ paper: 'depositProof', fields: { amount: 20_000 } }] };
  expect((await who('east').post(at('/settlements'), settle)).status).toBe(403);
  expect((await who('centre').post(at('/settlements'), settle)).status).toBe(201);
  // The bank finds what waits for it, the papers beside it; a township of other persons has nothing of it.
  const waiting = async (login: string) => bodyOf(await who(login).get(at('/settlements')), waitingShape).proposed;
  const [found] = await waiting('bank');
  expect(found).toMatchObject({
    subject: `${batch}/4`,
    unitName: '西村',
    name: '测**',
    amount: 20_000,
    standing: 'pending',
    choice: 'arrived',
    reason: '银行流水核对',
    evidence: [{ paper: 'depositProof', title: '预存凭证', fields: [{ id: 'amount', type: 'money', value: 20_000 }] }],
    byName: '虚构centre',
  });
  expect(await waiting('east')).toEqual([]);
  const shown = await typed('bank', 'settlements', '--lang', 'zh');
  expect([shown.exit, shown.err]).toEqual([0, '']);
  expect(shown.out).toBe(
    [
      `${found?.decision ?? ''}  结果待定  ${batch}/4  西村  测**  200.00 元  未回盘`,
      `  拟定: 扣款成功  虚构centre  2018-04-02T23:59:59`,
      '  理由: 银行流水核对',
      '  材料: 预存凭证（depositProof）amount 200.00',
      `  复核: npx duban deduction settle ${campaign.id} pensionDeduction --confirm ${found?.decision ?? ''}`,
      '',
    ].join('\n'),
  );
  const confirm = at(`/settlements/${found?.decision ?? ''}/confirm`);
  expect((await who('centre').post(confirm)).status).toBe(403);
  for (const _ of [1, 2]) expect((await typed('bank', 'settle', '--confirm', found?.decision ?? '', '--dry-run')).exit).toBe(0);
  expect((await who('bank').post(confirm)).status).toBe(200);
  const again = await typed('bank', 'settle', '--confirm', found?.decision ?? '');
  expect([again.exit, again.err]).toEqual([1, expect.stringContaining('已经复核')]);
  expect(await waiting('bank')).toEqual([]);

  const clear = (amount: number, login = 'centre') =>
    who(login).post(at(`/batches/${batch}/clear`), { amount, on: '2018-04-02', reference: 'S-1' });
  const cleared = (login: string, yuan: string) =>
    typed(login, 'clear', batch, '--amount', yuan, '--reference', 'S-1', '--on', '2018-04-02', '--dry-run');
  expect([(await cleared('bank', '600')).exit, (await cleared('centre', '599.99')).exit]).toEqual([1, 1]);
  expect((await cleared('centre', '599.99')).err).toMatch(/差 -0\.01 元/);
  for (const _ of [1, 2]) expect(await cleared('centre', '600')).toMatchObject({ exit: 0, err: '' });
  expect((await clear(60_000, 'bank')).status).toBe(403);
  expect(refusalOf(await clear(59_999))).toEqual([409, 'act-refused', 'clearing-differs']);
  expect(bodyOf(await clear(60_000), anything, 200)).toMatchObject({ lines: 3, amount: 60_000 });
  const verified = bodyOf(await on.admin.post('/ledger/verify', {}), z.looseObject({ ok: z.boolean() }), 200);
  expect(verified.ok).toBe(true);
});
