import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { inventedId } from '../imports/given.js';
import type { Answer, As } from './support/client.js';
import { actPath, arrive, offices, refusal, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

let at: Offices;
let dues: Readonly<Record<string, string>>;
let suspense: Readonly<Record<number, string>>;
const [A, B, C, D] = [inventedId(41), inventedId(42), inventedId(43), inventedId(44)];

const send = (as: As, data: Readonly<Record<string, unknown>>, text: string): Promise<Answer> => {
  const form = new FormData();
  form.set('data', JSON.stringify({ campaign: at.campaign, ...data }));
  form.set('file', new Blob([text]), 'file.csv');
  return as.post('/imports', undefined, { form });
};
const post = (as: As, path: string, body: unknown): Promise<Answer> => as.post(`/campaigns/${at.campaign}${path}`, body);

beforeAll(async () => {
  at = await offices();
  const roster = `身份证号码,姓名,村居,险种,年度,应缴金额\n${A},测甲,东坡村,pension,2026,300\n${B},测乙,西坡村,pension,2026,300\n`;
  const kept = await send(at.leader, { kind: 'roster' }, roster);
  expectStatus(kept, 201);
  expect([kept.body.at('kept').value, kept.body.at('bad').value]).toEqual([2, 0]);
  const paid = `身份证号码,姓名,村居,险种,年度,实缴金额,缴费日期,流水号\n${C},测丙,东坡村,pension,2026,300,2026-12-15,F1\n${D},测丁,东坡村,pension,2026,400,2026-12-16,F2\n`;
  expectStatus(await send(at.leader, { kind: 'payments' }, paid), 201);
  const unpaid = await at.hr.get(`/campaigns/${at.campaign}/unpaid`);
  dues = Object.fromEntries(unpaid.body.at('items').list.map((row) => [row.at('name').text, row.at('due').text]));
  const resting = await at.hr.get(`/campaigns/${at.campaign}/suspense?status=open`);
  suspense = Object.fromEntries(resting.body.at('items').list.map((row) => [Number(row.at('amount').value), row.at('suspense').text]));
}, 240_000);
afterAll(() => at.on.stop());

describe('receipts', () => {
  const range = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
    prefix: 'P', first: 100, last: 109, unit: at.east, on: '2026-12-20', ...more,
  }); // prettier-ignore

  test('a range is issued once, by who leads', async () => {
    expectStatus(await post(at.leader, '/receipts', range()), 201);
    expect(refusal(await post(at.leader, '/receipts', range({ first: 105, last: 120 })))).toEqual([409, 'act-refused', 'receipt-overlap']);
    expect(refusal(await post(at.collector, '/receipts', range({ prefix: 'Q' })))).toEqual([403, 'not-permitted']);
    expect((await post(at.leader, '/receipts', range({ unit: at.on.top }))).status).toBe(404);
  });
});

describe('money taken and handed in', () => {
  const taken = (as: As, name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
    post(as, '/payments/collected', { due: dues[name], amount: 10_000, on: '2026-12-20', receipt: 'P100', ...more });

  test('a collector takes money in its own village with a receipt issued to it, once', async () => {
    expectStatus(await taken(at.collector, '测甲'), 201);
    expect(refusal(await taken(at.collector, '测甲'))).toEqual([409, 'act-refused', 'receipt-used']);
    expect(refusal(await taken(at.collector, '测甲', { receipt: 'X1' }))).toEqual([409, 'act-refused', 'receipt-not-issued']);
    expect(refusal(await taken(at.collector, '测甲', { receipt: null, amount: 20_001 }))).toEqual([409, 'act-refused', 'too-much-for-due']);
    expect((await taken(at.collector, '测乙', { receipt: 'P101' })).status).toBe(404);
    expect((await taken(at.leader, '测甲', { receipt: 'P101' })).status).toBe(403);
    const use = await at.collector.get(`/campaigns/${at.campaign}/receipts`);
    expect(use.body.at('items').list.map((row) => [row.at('used').value, row.at('unused').value])).toEqual([[1, 9]]);
  });

  test('for somebody without an account only who holds recordFor records; both names are kept', async () => {
    const more = { receipt: 'P101', amount: 5_000, onBehalfOf: '李代办' };
    expect(refusal(await taken(at.collector, '测甲', more))).toEqual([403, 'not-permitted']);
    expectStatus(await taken(at.hr, '测甲', more), 201);
    const rows = (await at.leader.get(`/campaigns/${at.campaign}/payments?unit=${at.east}`)).body.at('items').list;
    expect(rows.map((row) => [row.at('kind').value, row.at('onBehalfOf').value])).toContainEqual(['collected', '李代办']);
  });

  test('what is held is handed in, never more, never to a private account', async () => {
    const handed = (as: As, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
      post(as, '/payments/remitted', { unit: at.east, insurance: 'pension', amount: 15_000, on: '2026-12-20', account: 'fiscal', ...more });
    expect(refusal(await handed(at.collector, { account: 'personal' }))).toEqual([409, 'act-refused', 'rule-broken']);
    expect(refusal(await handed(at.collector, { amount: 15_001 }))).toEqual([409, 'act-refused', 'bad-amount']);
    expect((await handed(at.neighbour)).status).toBe(404);
    expectStatus(await handed(at.collector), 201);
  });
});

describe('money that rests in suspense', () => {
  test('is allotted to a due that it fits, or refunded, each once, by who leads', async () => {
    const [fits, large] = [suspense[30_000] ?? '', suspense[40_000] ?? ''];
    const allot = (as: As, which: string): Promise<Answer> =>
      post(as, `/suspense/${which}/allot`, { due: dues['测乙'], reason: '姓名写错' });
    expect(refusal(await allot(at.collector, fits))).toEqual([403, 'not-permitted']);
    expect(refusal(await allot(at.leader, large))).toEqual([409, 'act-refused', 'too-much-for-due']);
    expectStatus(await allot(at.leader, fits), 201);
    const refund = (which: string): Promise<Answer> =>
      post(at.leader, `/suspense/${which}/refund`, { on: '2026-12-20', reason: '非本地人员' });
    expectStatus(await refund(large), 201);
    expect(refusal(await refund(large))).toEqual([409, 'act-refused', 'suspense-settled']);
    expect((await at.hr.get(`/campaigns/${at.campaign}/suspense?status=open`)).body.at('items').list).toHaveLength(0);
  });
});

describe('the ledger', () => {
  const ledger = (as: As, path: string): Promise<Answer> =>
    as.get(`/ledger/${path}${path.includes('?') ? '&' : '?'}campaign=${at.campaign}`);
  const person = async (name: string): Promise<string> => {
    const unpaid = (await at.hr.get(`/campaigns/${at.campaign}/unpaid`)).body.at('items').list;
    return unpaid.find((row) => row.at('name').value === name)?.at('person').text ?? '';
  };

  test('as a whole is for who leads and for who is over the county', async () => {
    const trial = await ledger(at.leader, 'trial-balance');
    const rows = trial.body.at('items').list.map((row) => [row.at('account').value, row.at('debit').value, row.at('credit').value]);
    expect(rows).toEqual([
      ['cash', 15_000, 15_000],
      ['contribution', 0, 30_000],
      ['income', 70_000, 40_000],
      ['received', 0, 15_000],
      ['suspense', 70_000, 70_000],
      ['transit', 15_000, 0],
    ]);
    expect((await ledger(at.on.admin, 'trial-balance')).status).toBe(200);
    expect(refusal(await ledger(at.collector, 'trial-balance'))).toEqual([403, 'not-permitted']);
    expect(refusal(await ledger(at.collector, 'transactions'))).toEqual([403, 'not-permitted']);
    expect((await ledger(at.stranger, 'trial-balance')).status).toBe(404);
  });

  test('a unit’s balance is seen inside one’s own units, as of a day', async () => {
    const transit = (as: As, more = ''): Promise<Answer> => ledger(as, `balance?account=transit&holder=${at.east}${more}`);
    expect((await transit(at.collector)).body.at('items', 0, 'balance').value).toBe(15_000);
    expect((await transit(at.collector, '&on=2026-12-19')).body.at('items').list).toEqual([]);
    expect((await transit(at.collector, '&recordedBy=2020-01-01T00:00:00')).body.at('items').list).toEqual([]);
    expect((await transit(at.neighbour)).status).toBe(404);
    expect(refusal(await ledger(at.collector, 'balance?account=transit'))).toEqual([403, 'not-permitted']);
    expect(refusal(await ledger(at.leader, `balance?account=income&holder=${at.east}`))).toEqual([400, 'invalid-request']);
    expect(refusal(await ledger(at.leader, 'balance?account=purse'))).toEqual([400, 'invalid-request']);
    expect(refusal(await ledger(at.leader, 'balance?account=income&recordedBy=yesterday'))).toEqual([400, 'invalid-request']);
  });

  test('a person’s statement is for who may see persons, there; masked unless a reason is given; every look is audited', async () => {
    const id = await person('测甲');
    const seen = await ledger(at.collector, `statement?person=${id}`);
    expect([seen.body.at('name').value, seen.body.at('masked').value]).toEqual(['测*', true]);
    expect(seen.body.at('lines').list.map((row) => [row.at('kind').value, row.at('amount').value, row.at('balance').value])).toEqual([
      ['collected', 10_000, 10_000],
      ['collected', 5_000, 15_000],
    ]);
    const shown = await ledger(at.hr, `statement?person=${id}&reason=${encodeURIComponent('本人申请')}`);
    expect([shown.body.at('name').value, shown.body.at('masked').value]).toEqual(['测甲', false]);
    expect((await ledger(at.neighbour, `statement?person=${id}`)).status).toBe(404);
    expect((await ledger(at.hr, 'statement?person=n999999')).status).toBe(404);
    expect(refusal(await ledger(at.leader, `statement?person=${id}`))).toEqual([403, 'not-permitted']);
    expect(refusal(await ledger(at.leader, `balance?account=received&holder=${id}`))).toEqual([403, 'not-permitted']);
    expect((await ledger(at.hr, `balance?account=received&holder=${id}`)).body.at('items', 0, 'balance').value).toBe(15_000);
    const rows = await at.on.store.db.selectFrom('audit').select('detail').where('action', '=', 'persons.read').orderBy('seq').execute();
    expect(rows.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining([
        { list: 'statement', persons: [id] },
        { list: 'statement', persons: [id], shown: '本人申请' },
        { list: 'ledger', persons: [id] },
      ]),
    );
  });

  test('is dumped in pages, with surrogates only', async () => {
    const first = await ledger(at.leader, 'transactions?limit=2');
    expect(first.body.at('items').list).toHaveLength(2);
    const rest = await ledger(at.leader, `transactions?cursor=${first.body.at('next').text}`);
    const all = (await ledger(at.leader, 'transactions')).body.at('items').list.map((row) => row.at('id').text);
    expect([...first.body.at('items').list, ...rest.body.at('items').list].map((row) => row.at('id').text)).toEqual(all);
    expect(JSON.stringify(rest.body.value)).not.toMatch(/测|李代办/);
  });

  test('is verified for one campaign by who leads it, for the county by who is over it', async () => {
    const verify = (as: As, body: unknown = { campaign: at.campaign }): Promise<Answer> => as.post('/ledger/verify', body);
    const found = await verify(at.leader);
    expect([found.status, found.body.at('ok').value, found.body.at('campaigns', 0, 'violation').value]).toEqual([200, true, null]);
    expect(refusal(await verify(at.collector))).toEqual([403, 'not-permitted']);
    expect(refusal(await verify(at.leader, {}))).toEqual([403, 'not-permitted']);
    expect((await verify(at.stranger)).status).toBe(404);
    const all = await verify(at.on.admin, {});
    expect(all.body.at('campaigns').list.map((each) => each.at('campaign').value)).toEqual([at.campaign]);
  });
});

describe('villages given to cadres', () => {
  test('only who `assign` names gives them; each cadre’s share is shown inside one’s own units', async () => {
    const body = { to: at.collectorId, from: '2026-12-01', what: { kind: 'village', unit: at.east } };
    expect(refusal(await post(at.leader, '/assignments', body))).toEqual([403, 'not-permitted']);
    expect((await post(at.stranger, '/assignments', body)).status).toBe(404);
    expect((await post(at.hr, '/assignments', { ...body, what: { kind: 'village', unit: at.on.top } })).status).toBe(404);
    expectStatus(await post(at.hr, '/assignments', body), 204);
    const shares = await at.leader.get(`/campaigns/${at.campaign}/shares`);
    expect(shares.body.at('items').list.map((row) => [row.at('user').value, row.at('assigned').value])).toEqual([[at.collectorId, 1]]);
    expect((await at.stranger.get(`/campaigns/${at.campaign}/shares`)).status).toBe(404);
  });
});

describe('import profiles', () => {
  const profile = {
    kind: 'payments', headerLine: 1, headerRows: 1, columns: { 证件: 'idNumber', 实收: 'amount', 日: 'on' }, totalRow: 'checked', constants: {}, mode: 'daily', money: 'yuan', source: '银行',
  }; // prettier-ignore

  test('are kept by an administrator and named by an import', async () => {
    expectStatus(await at.on.admin.call('PUT', '/import-profiles/bank', { body: profile }), 200);
    expect((await at.leader.get('/import-profiles')).body.at('items').value).toEqual([{ name: 'bank', kind: 'payments' }]);
    expect((await at.collector.call('PUT', '/import-profiles/bank', { body: profile })).status).toBe(403);
    const wrong = await at.on.admin.call('PUT', '/import-profiles/bank', { body: { ...profile, money: 'dollar' } });
    expect([wrong.status, wrong.body.at('errors', 0, 'path').value]).toEqual([400, 'money']);
    const unknown = await send(at.leader, { kind: 'payments', profile: 'nowhere' }, '证件,实收,日\n');
    expect(refusal(unknown)).toEqual([422, 'import-refused', 'unknown-profile']);
  });

  test('a form whose data is nested too deeply or too long is refused before its file is read', async () => {
    const tried = async (data: string): Promise<unknown[]> => {
      const form = new FormData();
      form.set('data', data);
      form.set('file', new Blob(['x']), 'x.csv');
      return refusal(await at.leader.post('/imports', undefined, { form }));
    };
    expect(await tried(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`)).toEqual([400, 'body-too-deep']);
    expect(await tried(JSON.stringify({ kind: '长'.repeat(400_000) }))).toEqual([413, 'upload-too-large']);
  });
});

describe('the campaign as a whole', () => {
  const acts = (as: As, body: unknown): Promise<Answer> => post(as, '/acts', body);

  test('is paused and resumed by who leads; while it is paused nothing is taken', async () => {
    expect(refusal(await acts(at.collector, { kind: 'pause', reason: '汛情' }))).toEqual([403, 'not-permitted', 'not-granted']);
    expectStatus(await acts(at.leader, { kind: 'pause', reason: '汛情' }), 200);
    const act = { act: { kind: 'done', evidence: [{ paper: 'stub', fields: { number: 'Z-1' } }] } };
    expect(refusal(await at.collector.post(actPath(at.campaign, `handBook/${at.east}`), act))).toEqual([
      409,
      'act-refused',
      'campaign-paused',
    ]);
    expect((await at.leader.get(`/campaigns/${at.campaign}`)).body.at('paused', 'reason').value).toBe('汛情');
    expectStatus(await acts(at.leader, { kind: 'resume' }), 200);
    expect(refusal(await acts(at.leader, { kind: 'resume' }))).toEqual([409, 'act-refused', 'wrong-state']);
  });

  test('a phase that may be amended moves, another does not', async () => {
    const to = { kind: 'amendPhase', from: null, to: '2027-04-15', reason: '延长' };
    expectStatus(await acts(at.leader, { ...to, phase: 'closing' }), 200);
    const phases = (await at.leader.get(`/campaigns/${at.campaign}`)).body.at('phases').list;
    expect(phases.find((phase) => phase.at('id').value === 'closing')?.at('to').value).toBe('2027-04-15');
    expect(refusal(await acts(at.leader, { ...to, phase: 'collection' }))).toEqual([403, 'not-permitted', 'never-granted']);
    expect(refusal(await acts(at.hr, { ...to, phase: 'closing' }))).toEqual([403, 'not-permitted', 'not-granted']);
  });
});

describe('a message', () => {
  test('is read by whom it was sent to, and by nobody else', async () => {
    await arrive(at.leader, at.world, '2026-12-31');
    let mine = await at.collector.get('/notices');
    for (let n = 0; n < 300 && mine.body.at('items').list.length === 0; n += 1) {
      await sleep(100);
      mine = await at.collector.get('/notices');
    }
    const sent = (await at.leader.get(`/campaigns/${at.campaign}/notices`)).body.at('items').list;
    expect(sent.map((notice) => [notice.at('role').value, notice.at('unit').value, notice.at('status').value])).toContainEqual([
      'collector',
      at.east,
      'sent',
    ]);
    const message = mine.body.at('items', 0, 'id').text;
    expect(mine.body.at('items', 0, 'readAt').value).toBeNull();
    expect((await at.neighbour.post(`/notices/${message}/read`)).status).toBe(404);
    const read = await at.collector.post(`/notices/${message}/read`);
    expect([read.status, read.body.at('id').value, read.body.at('world').value]).toEqual([200, message, at.world]);
    expect((await at.collector.get('/notices')).body.at('items', 0, 'readAt').value).not.toBeNull();
  });
});
