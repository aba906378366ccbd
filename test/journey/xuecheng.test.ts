import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { As } from '../api/support/client.js';
import { addPerson, addUnit, stage, type Stage } from '../api/support/stage.js';
import { act, actPath, bodyOf, csv, importFile, launch, milestones, move, obligations, refusalOf, release, rowsOf, sendFile, tryAct, unitShape, untilQuiet, type Launched } from '../support/http.js'; // prettier-ignore
import { employ, inventedId, type Staff } from './staff.js';

/* Xuecheng District's plan of 2019 in small: two towns and four villages of invented names, two insurance kinds, gates, the double limit. */

const VILLAGES = [
  ['甲一村', '甲镇'],
  ['甲二村', '甲镇'],
  ['乙一村', '乙镇'],
  ['乙二村', '乙镇'],
] as const;
const PARAMETERS = {
  remindBefore: '2d',
  headAfter: '3d',
  bulletinAfter: '5d',
  orderAfter: '7d',
  receiveWithin: '2d',
  replyWithin: '3d',

  pensionYear: 2020,
  medicalYear: 2020,
  remitWithin: '5d',
  remitAmount: '3000',
  surveyEvery: '1m',
  inspectEvery: '1m',
  exchangeEvery: '1m',
  reconcileEvery: '1m',
  verifyEvery: '1m',
  listBefore: '3d',
  fundWithin: '10d',
  checkDay: 25,
} as const;

let on: Stage;
let who: Staff;
let campaign: Launched;
let unit: ReadonlyMap<string, string>;
const id = (duty: string, at: string, tail = ''): string => `${duty}/${unit.get(at) ?? at}${tail}`;
const goTo = (to: string) => move(who('tax'), campaign.world, to);
const done = (as: As, obligation: string, more: Readonly<Record<string, unknown>> = {}) =>
  act(as, campaign.id, obligation, { kind: 'done', ...more });
const paper = (name: string, fields: Readonly<Record<string, string | number>>) => ({ evidence: [{ paper: name, fields }] });

beforeAll(async () => {
  on = await stage({ worker: true });
  const county = await addUnit(on, 'county', on.top, '薛城区');
  await release(on.admin, 'definitions/campaigns/xuecheng-2019.yaml');
  campaign = await launch(on.admin, {
    definition: 'xuecheng-insurances',
    year: 2019,
    root: county,
    parameters: PARAMETERS,
    asOf: '2019-10-20T08:00:00',
    tables: { towns: csv(['unit', 'title'], ['甲镇', '甲镇'], ['乙镇', '乙镇']), villages: csv(['unit', 'town'], ...VILLAGES) },
  });
  unit = new Map((await rowsOf(on.admin, '/units', unitShape)).map(({ name, id: at }) => [name, at]));
  who = await employ(on, 'xuecheng-insurances', [
    { login: 'tax', at: { 薛城区: ['taxAuthority', 'groupOffice'] } },
    { login: 'hr', at: { 薛城区: ['hrDepartment'] } },
    { login: 'medical', at: { 薛城区: ['medicalBureau'] } },
    { login: 'town-a', at: { 甲镇: ['townOffice', 'townCentre'] } },
    { login: 'village-1', at: { 甲一村: ['villageOffice'] } },
    { login: 'agent-1', at: { 甲一村: ['agent'] } },
    { login: 'agent-2', at: { 甲二村: ['agent'] } },
  ]);
}, 300_000);
afterAll(() => on.stop());

describe('four gates, village by village (S3-34 to S3-37)', () => {
  const collect = (agent: string, at: string) =>
    tryAct(who(agent), campaign.id, id('collectRoster', at, '/pension'), {
      kind: 'done',
      ...paper('receipt', { number: `P-${at}`, amount: 30_000 }),
    });

  test('the units that launch planted from the two lists stand under their towns', async () => {
    const units = await rowsOf(on.admin, '/units?level=village', unitShape);
    expect(new Map(units.map(({ name, parent }) => [name, parent]))).toEqual(
      new Map(VILLAGES.map(([name, town]) => [name, unit.get(town)])),
    );
  });

  test('before 28 October nothing is collected, from then on only where all four are settled', async () => {
    await goTo('2019-10-26');
    const town = who('town-a');
    await done(town, id('taxRegistration', '甲镇'), paper('taxCertificate', { number: '3704' }));
    await done(town, id('dedicatedAccount', '甲镇'), paper('accountProof', { number: '6222' }));
    const agreement = { number: 'S1', parties: '镇、税务、银行', validFrom: '2019-10-01', validTo: '2020-09-30' };
    for (const as of [town, who('tax')]) await done(as, id('tripartite', '甲镇'), paper('tripartiteAgreement', agreement));
    const entrusted = paper('entrustedAgreement', { number: 'W1', validFrom: '2019-10-01', validTo: '2020-09-30' });
    for (const as of [who('village-1'), who('tax')]) await done(as, id('entrusted', '甲一村'), entrusted);
    for (const as of [who('hr'), who('medical')]) await done(as, id('listsOut', '甲一村'));
    await done(who('tax'), id('rosterOut', '甲一村', '/pension'));
    expect(refusalOf(await collect('agent-1', '甲一村'))).toEqual([409, 'act-refused', 'phase-not-open']);
    await goTo('2019-10-28');
    expect((await collect('agent-1', '甲一村')).status).toBe(200);
    const closed = await collect('agent-2', '甲二村');
    expect(refusalOf(closed)).toEqual([409, 'act-refused', 'gate-closed']);
    expect(closed.body.at('refusal', 'params', 'missing').value).toEqual(['签订委托代收协议']);
    await goTo('2019-10-29');
    expect(await milestones(who('tax'), campaign.id)).toMatchObject({
      [id('gatesOpen', '甲一村')]: 'met',
      [id('gatesOpen', '甲二村')]: 'missed',
    });
  });
});

describe('collected money is handed in by five days or 3,000 yuan (A-38), two kinds apart', () => {
  const persons = Array.from({ length: 10 }, (_, n) => [inventedId(n + 100), `丙${n}`, '甲一村'] as const);
  const [fees, names] = [
    { pension: 300, medical: 280 },
    { pension: '养老', medical: '医疗' },
  ] as const;
  let line = 0;
  const pay = async (
    kind: '代收' | '到账',
    day: string,
    insurance: keyof typeof fees,
    people: typeof persons,
    receipt = true,
  ): Promise<void> => {
    const head = ['身份证号码', '姓名', '村居', '险种', '年度', '缴费金额', '缴费日期', '业务类型', '流水号', '票据号', '渠道'];
    const rows = people.map((person) => {
      line += 1;
      return [
        ...person,
        names[insurance],
        2020,
        fees[insurance],
        day,
        kind,
        `X${line}`,
        receipt ? `R${line}` : '',
        kind === '代收' ? 'agent' : 'bank',
      ];
    });
    const sent = await importFile(who('tax'), { kind: 'payments', campaign: campaign.id, text: csv(head, ...rows) });
    expect(sent).toMatchObject({ kept: rows.length, bad: 0 });
    await untilQuiet(who('tax'), campaign.world);
  };
  const dueOf = async (period: string): Promise<unknown> =>
    (await who('tax').get(actPath(campaign.id, id('remitMoney', '甲一村', `@${period}`)))).body.at('due').value;

  test('2,060 yuan have until 6 November; at 3,260 on the third they are due that day', async () => {
    const head = ['身份证号码', '姓名', '村居', '险种', '年度', '缴费档次', '应缴金额'];
    for (const insurance of ['pension', 'medical'] as const) {
      const roster = csv(head, ...persons.map((person) => [...person, names[insurance], 2020, fees[insurance], fees[insurance]]));
      expect(await importFile(who('tax'), { kind: 'roster', campaign: campaign.id, text: roster })).toMatchObject({ kept: 10, bad: 0 });
    }
    await goTo('2019-11-01');
    await pay('代收', '2019-11-01', 'pension', persons.slice(0, 5));
    await pay('代收', '2019-11-01', 'medical', persons.slice(0, 2));
    expect(await dueOf('2019-11-01')).toBe('2019-11-06');
    await goTo('2019-11-03');
    await pay('代收', '2019-11-03', 'pension', persons.slice(5, 9));
    expect(await dueOf('2019-11-01')).toBe('2019-11-03');
  });

  test('without a receipt money is no proper collection: it waits in suspense', async () => {
    await pay('代收', '2019-11-03', 'medical', persons.slice(2, 3), false);
    const shape = z.object({ reason: z.string(), amount: z.number(), status: z.string() });
    expect(await rowsOf(who('hr'), `/campaigns/${campaign.id}/suspense`, shape)).toEqual([
      { reason: 'rule:receiptUsed', amount: 28_000, status: 'open' },
    ]);
  });

  test('into nobody’s own account, and never more than is held', async () => {
    const remit = (insurance: string, amount: number, account: string) =>
      who('agent-1').post(`/campaigns/${campaign.id}/payments/remitted`, {
        unit: unit.get('甲一村'),
        insurance,
        amount,
        on: '2019-11-03',
        account,
        slip: insurance === 'pension' ? 'J1' : 'J2',
      });
    expect(refusalOf(await remit('pension', 270_000, 'personal'))).toEqual([409, 'act-refused', 'rule-broken']);
    expect(refusalOf(await remit('pension', 270_100, 'dedicated'))).toEqual([409, 'act-refused', 'bad-amount']);
    expect((await remit('pension', 270_000, 'dedicated')).status).toBe(201);
    expect((await remit('medical', 56_000, 'dedicated')).status).toBe(201);
    await untilQuiet(who('tax'), campaign.world);
    await done(who('agent-1'), id('remitMoney', '甲一村', '@2019-11-01'));
    expect(
      (await who('agent-1').get(actPath(campaign.id, id('remitMoney', '甲一村', '@2019-11-01')))).body.at('closed', 'daysLate').value,
    ).toBe(0);
  });

  test('the figures keep the kinds apart', async () => {
    await goTo('2019-11-10');
    await pay('到账', '2019-11-10', 'pension', persons.slice(0, 4));
    const figure = z.object({ part: z.number(), whole: z.number().nullable(), insurance: z.string().nullable(), rows: z.string() });
    const cell = z.looseObject({ show: z.string(), figure: figure.optional() });
    const row = z.object({ unit: z.string(), insurance: z.string().nullable(), rank: z.number(), cells: z.array(cell) });
    const { rows } = bodyOf(await who('tax').get(`/reports/${campaign.id}/bulletins/bulletin`), z.object({ rows: z.array(row) }));
    const of = (insurance: string, show: string) => {
      const own = rows.find((one) => one.unit === unit.get('甲一村') && one.insurance === insurance);
      return own?.cells.find((one) => one.show === show)?.figure;
    };
    const figures = (insurance: string) =>
      ['collectedRate', 'treasury', 'unremitted'].map((show) => {
        const { part, whole, insurance: kind } = of(insurance, show) ?? { part: null, whole: null, insurance: null };
        return [part, whole, kind];
      });
    // S3-21: nine of ten for the one, two of ten for the other; four pension payments have arrived. What was taken without a receipt is in hand.
    expect(figures('pension')).toEqual([[9, 10, 'pension'], [120_000, null, 'pension'], [0, null, 'pension']]); // prettier-ignore
    expect(figures('medical')).toEqual([[2, 10, 'medical'], [0, null, 'medical'], [28_000, null, 'medical']]); // prettier-ignore
    expect(rows.filter(({ unit: at, rank }) => at === unit.get('甲一村') && rank === 1).map(({ insurance }) => insurance)).toEqual([
      'pension',
      'medical',
    ]);
    const behind = z.object({ insurance: z.string(), arrived: z.number(), collected: z.number() });
    const linked = (of('pension', 'collectedRate')?.rows ?? '').replace('/api/v1', '');
    const dues = await rowsOf(who('tax'), linked, behind);
    expect([dues.length, ...new Set(dues.map(({ insurance }) => insurance))]).toEqual([10, 'pension']);
    const sum = (column: 'arrived' | 'collected'): number => dues.reduce((total, due) => total + due[column], 0);
    expect([sum('collected'), sum('arrived')]).toEqual([270_000, 120_000]);
    const held = (of('medical', 'unremitted')?.rows ?? '').replace('/api/v1', '');
    const payments = await rowsOf(who('tax'), held, z.object({ insurance: z.string(), kind: z.string(), amount: z.number() }));
    // The remitted money is a line of its own; what was collected less what was remitted is what is held.
    const signed = payments.map(({ kind, amount }) => (kind === 'remitted' ? -amount : amount));
    expect([signed.reduce((total, amount) => total + amount, 0), ...new Set(payments.map(({ insurance }) => insurance))]).toEqual([28_000, 'medical']); // prettier-ignore
  });
});

describe('who sees and who changes what', () => {
  const events = async (): Promise<unknown> =>
    (await on.admin.get('/audit/heads')).body.at('items').list.find((head) => head.at('chain').value === campaign.id)?.value;

  test('an auditor reads all of it and changes nothing', async () => {
    const { as: auditor, id: user } = await addPerson(on, 'auditor', { role: 'auditor', unit: on.top });
    const before = await events();
    for (const path of ['', '/board', '/milestones', '/payments', '/notices', '/targets', '/receipts', '/shares'])
      expect([path, (await auditor.get(`/campaigns/${campaign.id}${path}`)).status]).toEqual([path, 200]);
    expect((await obligations(auditor, campaign.id)).length).toBe((await obligations(who('tax'), campaign.id)).length);
    const target = id('townPlan', '乙镇');
    const acts = [
      await tryAct(auditor, campaign.id, target, { kind: 'done' }),
      await tryAct(auditor, campaign.id, target, { kind: 'waive', reason: '审计' }),
      await auditor.post(`/campaigns/${campaign.id}/acts`, { kind: 'pause', reason: '审计' }),
      await auditor.post(`/worlds/${campaign.world}/advance`, { to: '2020-01-01' }),
      await auditor.post(`/users/${user}/holdings`, { role: 'taxAuthority', unit: unit.get('薛城区') }),
      await sendFile(auditor, { kind: 'payments', campaign: campaign.id, text: 'x' }),
    ];
    expect(acts.map(({ status, body }) => [status, body.at('code').value])).toEqual(acts.map(() => [403, 'not-permitted']));
    expect(await events()).toEqual(before);
  });

  test('a village’s agent sees its village; every other id is as if it were not there', async () => {
    const agent = who('agent-1');
    const mine = unit.get('甲一村');
    expect(new Set((await obligations(agent, campaign.id)).map((row) => row.unit))).toEqual(new Set([mine]));
    expect((await rowsOf(agent, '/units', unitShape)).map((row) => row.id)).toEqual([mine]);
    const rows = (await agent.get(`/reports/${campaign.id}/bulletins/bulletin`)).body.at('rows').list;
    expect(rows.map((row) => row.at('unit').value)).toEqual([mine, mine]);
    for (const path of [
      actPath(campaign.id, id('collectRoster', '乙一村', '/pension')),
      `/units/${unit.get('乙镇')}`,
      `/campaigns/c999999999`,
    ])
      expect([path, ...refusalOf(await agent.get(path))]).toEqual([path, 404, 'not-found']);
    expect(refusalOf(await tryAct(agent, campaign.id, id('entrusted', '乙一村'), { kind: 'done' }))).toEqual([404, 'not-found']);
    expect(refusalOf(await tryAct(agent, campaign.id, id('remitMoney', '甲一村', '@2019-11-01'), { kind: 'done' }))).toEqual([
      409,
      'act-refused',
      'already-closed',
    ]);
  });

  test('a table of more than 50 MB is refused before anything is read', async () => {
    const before = await events();
    const form = new FormData();
    form.set('data', JSON.stringify({ definition: 'xuecheng-insurances', year: 2019, root: { unit: unit.get('薛城区') } }));
    form.set('towns', new Blob([Buffer.alloc(51 * 1024 * 1024, 'x')]), 'towns.csv');
    expect(refusalOf(await on.admin.post('/campaigns', undefined, { form }))).toEqual([413, 'upload-too-large']);
    expect(await events()).toEqual(before);
  });
});
