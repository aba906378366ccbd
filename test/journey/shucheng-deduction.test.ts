import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { z } from 'zod';
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

test('the bank orders it, the centre confirms, the same bytes are downloaded each time and by nobody else', async () => {
  const { order } = bodyOf(await who('bank').post(at('/runs'), {}), orderOf, 202);
  expect(refusalOf(await who('bank').post(at(`/runs/${order ?? ''}/confirm`)))[0]).toBe(409);
  expect((await who('centre').post(at(`/runs/${order ?? ''}/confirm`))).status).toBe(200);
  const made = await worked(order ?? '');
  expect(made.result).toMatchObject({ kind: 'made', round: 1, batches: [{ lines: 4, amount: 80_000 }] });
  batch = made.batch ?? '';
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
  const bad = await answer(['0000', null, null, null], 2);
  const { order: refused } = bodyOf(await submit(bad.name, bad.text.replace('|20000|0000', '|20001|0000').replace('|1|20000\r\nD', '|1|20001\r\nD').replace(/T\|1\|1\|20000/, 'T|1|1|20001')), orderOf, 202); // prettier-ignore
  const told = await worked(refused ?? '');
  expect([told.status, told.problems]).toMatchObject([
    'refused',
    [{ code: 'amount-differs', line: 2, zh: expect.stringContaining('20000分') }],
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
  expect(county.orders).toHaveLength(3);
  for (const { id } of county.orders) expect((await who('east').get(at(`/orders/${id}`))).status).toBe(404);
  for (const { id } of (await status('bank')).orders) expect((await who('bank').get(at(`/orders/${id}`))).status).toBe(200);
});

test('a township reads its failed persons; a line without an answer is settled by two people; the money comes to the fen', async () => {
  const lines = bodyOf(
    await who('east').get(at('/lines')),
    z.looseObject({ items: z.array(z.looseObject({ name: z.string(), standing: z.string() })) }),
  );
  expect(lines.items).toMatchObject([{ name: '测**', standing: 'failed-retryable' }]);

  const bare = { kind: 'line', subject: `${batch}/4`, choice: 'arrived', reason: '银行流水核对' };
  expect(refusalOf(await who('centre').post(at('/settlements'), bare))).toEqual([409, 'act-refused', 'evidence-refused']);
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
      `  拟定: arrived  虚构centre  2018-04-02T23:59:59`,
      '  理由: 银行流水核对',
      '  材料: 预存凭证（depositProof）amount 200.00',
      `  复核: settle … --confirm ${found?.decision ?? ''}`,
      '',
    ].join('\n'),
  );
  const confirm = at(`/settlements/${found?.decision ?? ''}/confirm`);
  expect((await who('centre').post(confirm)).status).toBe(403);
  expect((await who('bank').post(confirm)).status).toBe(200);
  expect(await waiting('bank')).toEqual([]);

  const clear = (amount: number, login = 'centre') =>
    who(login).post(at(`/batches/${batch}/clear`), { amount, on: '2018-04-02', reference: 'S-1' });
  expect((await clear(60_000, 'bank')).status).toBe(403);
  expect(refusalOf(await clear(59_999))).toEqual([409, 'act-refused', 'clearing-differs']);
  expect(bodyOf(await clear(60_000), anything, 200)).toMatchObject({ lines: 3, amount: 60_000 });
  const verified = bodyOf(await on.admin.post('/ledger/verify', {}), z.looseObject({ ok: z.boolean() }), 200);
  expect(verified.ok).toBe(true);
});
