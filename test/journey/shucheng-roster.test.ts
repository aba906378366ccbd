import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { addUnit, stage, type Stage } from '../api/support/stage.js';
import {
  bodyOf,
  csv,
  importFile,
  launch,
  milestones,
  move,
  refusalOf,
  release,
  rowsOf,
  sendFile,
  unitShape,
  type Launched,
} from '../support/http.js';
import { SHUCHENG_LAUNCH } from '../support/shucheng-http.js';
import { employ, inventedId, type Staff } from './staff.js';

/* Shucheng's notice of 2018 in small, from the roster to the milestone of 31 March: two townships, six villages, two branches of the bank. */

const VILLAGES = ['东一村', '东二村', '东三村', '西一村', '西二村', '西三村'] as const;
const townshipOf = (village: string): string => (village.startsWith('东') ? '东乡' : '西乡');
/** The county's subsidy table is not printed: test values. */
const TIERS = csv(['tier', 'subsidy'], [200, 35], [300, 40], [400, 50], [500, 60], [1000, 60]);

let on: Stage;
let who: Staff;
let campaign: Launched;
let unit: ReadonlyMap<string, string>;
const goTo = (day: string) => move(who('hr'), campaign.world, day);
const send = (
  login: string,
  kind: Parameters<typeof importFile>[1]['kind'],
  text: string,
  more: { readonly depositsBy?: 'bank' | 'township' } = {},
) => importFile(who(login), { kind, campaign: campaign.id, text, ...more });
const codes = ({ errors }: { readonly errors: readonly { readonly line: number; readonly code: string }[] }) =>
  errors.map(({ line, code }) => [line, code]);

/** Persons 1 to 10 of 东乡, 11 to 20 of 西乡. */
const villageOf = (n: number): string => VILLAGES[(n <= 10 ? 0 : 3) + (n % 3)] ?? '';
const nameOf = (n: number): string => `测甲${n}`;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const accountOf = (n: number): string => `621799790000${String(n).padStart(7, '0')}`;
const entries = (...persons: readonly (readonly [number, string])[]): string =>
  csv(['身份证号码', '身份类别'], ...persons.map(([n, group]) => [inventedId(n), group]));
const deposits = (day: string, ...persons: readonly (readonly [number, string])[]): string =>
  csv(['身份证号码', '预存金额', '截止日期'], ...persons.map(([n, yuan]) => [inventedId(n), yuan, day]));

beforeAll(async () => {
  on = await stage({ worker: true });
  const county = await addUnit(on, 'county', on.top, '测试县');
  await release(on.admin, 'definitions/campaigns/shucheng-2018.yaml');
  campaign = await launch(on.admin, {
    definition: 'shucheng-pension',
    year: 2018,
    root: county,
    parameters: { ...SHUCHENG_LAUNCH, runEvery: '1m' },
    asOf: '2018-01-05T08:00:00',
    tables: {
      townships: csv(['unit', 'title'], ['东乡', '东乡'], ['西乡', '西乡']),
      villages: csv(['unit', 'township'], ...VILLAGES.map((village) => [village, townshipOf(village)])),
      branches: csv(['unit', 'township'], ['东乡支行', '东乡'], ['西乡支行', '西乡']),
      targets2017: csv(['unit', 'payers'], ['东乡', 10], ['西乡', 10]),
      tiers: TIERS,
      bankCodes: csv(
        ['code', 'outcome'],
        ['0000', 'arrived'],
        ['E010', 'short'],
        ['E020', 'account'],
        ['E030', 'name'],
        ['E090', 'duplicate'],
        ['E099', 'bare'],
      ),
    },
  });
  unit = new Map((await rowsOf(on.admin, '/units', unitShape)).map(({ name, id }) => [name, id]));
  who = await employ(on, 'shucheng-pension', [
    { login: 'hr', at: { 测试县: ['hrDepartment'] } },
    { login: 'bank', at: { 测试县: ['bank'] } },
    { login: 'civil', at: { 测试县: ['civilAffairs'] } },
    { login: 'health', at: { 测试县: ['healthDepartment'] } },
    { login: 'east', at: { 东乡: ['townshipHr'] } },
    { login: 'west', at: { 西乡: ['townshipHr'] } },
  ]);
}, 300_000);
afterAll(() => on.stop());

describe('the roster', () => {
  test('comes from the leading role, accounts from the bank and from each township for its own', async () => {
    const roster = csv(
      ['身份证号码', '姓名', '村居', '缴费档次'],
      ...range(1, 20).map((n) => [inventedId(n), nameOf(n), villageOf(n), 200]),
    );
    expect(await send('hr', 'roster', roster)).toMatchObject({ kept: 20, bad: 0 });
    const accounts = (persons: readonly number[]): string =>
      csv(
        ['身份证号码', '银行账号', '开户银行', '网点'],
        ...persons.map((n) => [inventedId(n), accountOf(n), '农商行', n <= 10 ? '东乡支行' : '西乡支行']),
      );
    expect(await send('bank', 'accounts', accounts(range(1, 15)))).toMatchObject({ kept: 15, bad: 0 });
    const form = new FormData();
    form.set('data', JSON.stringify({ kind: 'accounts', campaign: campaign.id }));
    form.set('file', new Blob([accounts([16])]), 'accounts.csv');
    const preview = JSON.stringify((await who('west').post('/imports/preview', undefined, { form })).body.value);
    expect([preview.includes('**** 0016'), preview.includes(accountOf(16)), preview.includes(inventedId(16))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(codes(await send('west', 'accounts', accounts([9, 16])))).toEqual([[2, 'unknown-person']]);
    expect(refusalOf(await sendFile(who('civil'), { kind: 'accounts', campaign: campaign.id, text: accounts([17]) }))).toEqual([
      403,
      'not-permitted',
    ]);
  });

  test('is read by village, masked; in full for a reason that the audit keeps', async () => {
    const page = async (query: string, login = 'east') =>
      bodyOf(
        await who(login).get(`/campaigns/${campaign.id}/roster?${query}`),
        z.object({ items: z.array(z.looseObject({ name: z.string(), idNumber: z.string(), account: z.string().nullable() })) }),
      );
    const village = unit.get('东二村') ?? '';
    const [masked] = (await page(`unit=${village}`)).items;
    expect([masked?.name, masked?.idNumber, masked?.account]).toEqual([
      '测**',
      expect.stringMatching(/^700077\*{10}..$/),
      expect.stringMatching(/^\*{4} 000\d$/),
    ]);
    const [shown] = (await page(`unit=${village}&reason=${encodeURIComponent('核对账号')}`)).items;
    expect([shown?.name, shown?.idNumber, shown?.account]).toEqual(['测甲1', inventedId(1), accountOf(1)]);
    expect((await page('')).items).toHaveLength(10);
    expect(refusalOf(await who('west').get(`/campaigns/${campaign.id}/roster?unit=${village}`))).toEqual([404, 'not-found']);
    expect(refusalOf(await who('civil').get(`/campaigns/${campaign.id}/roster`))).toEqual([403, 'not-permitted']);
    const audit = await rowsOf(on.admin, '/audit?chain=county&limit=200', z.looseObject({ action: z.string(), detail: z.looseObject({}) }));
    expect(audit.filter(({ action, detail }) => action === 'persons.read' && detail['shown'] === '核对账号')).toHaveLength(1);
  });

  test('is kept as a file by village, with its sum', async () => {
    const file = await who('east').get(`/campaigns/${campaign.id}/roster.csv?unit=${unit.get('东一村') ?? ''}`);
    expect(file.type).toContain('text/csv');
    const lines = file.body.text.split('\r\n');
    expect(lines.filter((line) => line.startsWith('东一村,'))).toHaveLength(3);
    expect(lines).toContain('共 3 人次，应缴合计 600.00 元');
    expect(file.body.text).not.toContain(accountOf(3));
    const book = await who('east').get(`/campaigns/${campaign.id}/roster.xlsx?unit=${unit.get('东一村') ?? ''}`);
    expect([book.status, book.body.text.slice(0, 2)]).toEqual([200, 'PK']);
  });
});

describe('special identities (S1-24 to S1-28)', () => {
  const LIST = ['身份证号码', '身份类别'];
  test('are certified by the office that the group names, never by who leads', async () => {
    await goTo('2018-02-08');
    const list = csv(LIST, ...[1, 11, 12].map((n) => [inventedId(n), '低保对象']));
    expect(refusalOf(await sendFile(who('hr'), { kind: 'identities', campaign: campaign.id, text: list }))).toEqual([403, 'not-permitted']);
    expect(codes(await send('health', 'identities', list))).toEqual([[2, 'not-certifier'], [3, 'not-certifier'], [4, 'not-certifier']]); // prettier-ignore
    expect(await send('civil', 'identities', list)).toMatchObject({ kept: 3, bad: 0 });
    expect(await send('health', 'identities', csv(LIST, [inventedId(2), '独生子女光荣证父母']))).toMatchObject({ kept: 1 });
  });

  test('are entered by the township, one by one or as a file; what is not certified is refused by the rule', async () => {
    const missing = async (login: string) =>
      rowsOf(who(login), `/campaigns/${campaign.id}/identities?missing=true`, z.looseObject({ person: z.string(), group: z.string() }));
    const [one] = (await missing('east')).filter(({ group }) => group === 'minimumAllowance');
    const path = `/campaigns/${campaign.id}/identities`;
    expect(refusalOf(await who('west').post(path, { person: one?.person, group: 'minimumAllowance' }))).toEqual([404, 'not-found']);
    expect(refusalOf(await who('east').post(path, { person: one?.person, group: 'specialHardship' }))).toEqual([
      409,
      'act-refused',
      'rule-broken',
    ]);
    expect(bodyOf(await who('east').post(path, { person: one?.person, group: 'minimumAllowance' }), z.looseObject({}), 200)).toEqual({
      entered: true,
    });
    expect(bodyOf(await who('east').post(path, { person: one?.person, group: 'minimumAllowance' }), z.looseObject({}), 200)).toEqual({
      entered: false,
    });
    expect(codes(await send('west', 'identityEntries', entries([11, '低保对象'], [13, '低保对象'])))).toEqual([[3, 'row-rule']]);
    await send('east', 'identityEntries', entries([2, '独生子女光荣证父母']));
    expect([(await missing('east')).length, (await missing('west')).length]).toEqual([0, 1]);
  });

  test('entered on 1 March it came too late: the milestone is missed and the government does not pay', async () => {
    await goTo('2018-03-01');
    await send('west', 'identityEntries', entries([12, '低保对象']));
    const judged = await milestones(who('hr'), campaign.id);
    expect([judged[`identified/${unit.get('东乡') ?? ''}`], judged[`identified/${unit.get('西乡') ?? ''}`]]).toEqual(['met', 'missed']);
    const lines = await rowsOf(
      who('west'),
      `/campaigns/${campaign.id}/roster?limit=200`,
      z.looseObject({ groups: z.array(z.string()), lateGroups: z.array(z.string()), governmentPaid: z.number() }),
    );
    const special = lines
      .filter(({ groups }) => groups.length > 0)
      .map(({ lateGroups, governmentPaid }) => `${lateGroups.join()} ${governmentPaid}`);
    expect(special.sort()).toEqual([' 20000', 'minimumAllowance 0']);
  });
});

describe('tiers (S1-15, S1-16)', () => {
  const dueOf = async (n: number): Promise<string> => {
    const lines = await rowsOf(
      who('hr'),
      `/campaigns/${campaign.id}/roster?limit=200&reason=test`,
      z.looseObject({ due: z.string(), name: z.string() }),
    );
    return lines.find(({ name }) => name === nameOf(n))?.due ?? '';
  };
  test('are changed with a reason, not below the county’s floor, and the change is kept', async () => {
    const due = await dueOf(3);
    const change = (login: string, tier: number) =>
      who(login).post(`/campaigns/${campaign.id}/dues/${due}/tier`, { tier, reason: '本人申请' });
    expect(refusalOf(await change('east', 10_000))).toEqual([409, 'act-refused', 'rule-broken']);
    expect(refusalOf(await change('west', 40_000))).toEqual([404, 'not-found']);
    expect(refusalOf(await change('bank', 40_000))).toEqual([403, 'not-permitted']);
    expect(bodyOf(await change('east', 40_000), z.looseObject({}), 200)).toEqual({ changed: true, marked: [] });
    const { items } = bodyOf(
      await who('east').get(`/campaigns/${campaign.id}/dues/${due}/versions`),
      z.object({ items: z.array(z.looseObject({ tier: z.number(), reason: z.string().nullable() })) }),
    );
    expect(items.map(({ tier, reason }) => [tier, reason])).toEqual([[20_000, null], [40_000, '本人申请']]); // prettier-ignore
  });
});

describe('ninety in a hundred by 31 March (S1-02, S1-05, S1-33; A-25)', () => {
  test('a bank’s list is brought in for the whole county, a township reports its own', async () => {
    await goTo('2018-03-28');
    const list = deposits(
      '2018-03-27',
      [3, '400'],
      ...range(4, 9).map((n) => [n, '200'] as const),
      [10, '199.99'],
      ...range(13, 19).map((n) => [n, '260'] as const),
    );
    expect(refusalOf(await sendFile(who('east'), { kind: 'deposits', campaign: campaign.id, text: list, depositsBy: 'bank' }))).toEqual([
      403,
      'not-permitted',
    ]);
    expect(await send('bank', 'deposits', list)).toMatchObject({ kept: 15, bad: 0, detail: { source: 'bank', reports: 15 } });
    expect(await send('bank', 'deposits', list)).toMatchObject({ kept: 0, known: 15 });
    const reported = await send('east', 'deposits', deposits('2018-03-28', [2, '200'], [20, '200']));
    expect([reported.detail['source'], codes(reported)]).toEqual(['township', [[3, 'not-on-roster']]]);
  });

  test('of ten payers nine are ready in 东乡: government-paid, or enough deposited; eight are not enough in 西乡', async () => {
    await goTo('2018-04-02');
    // What comes on 1 April comes too late for the milestone, though the present rate sees it.
    await send('west', 'deposits', deposits('2018-04-01', [20, '200']));
    const judged = await milestones(who('hr'), campaign.id);
    expect([judged[`ninety/${unit.get('东乡') ?? ''}`], judged[`ninety/${unit.get('西乡') ?? ''}`]]).toEqual(['met', 'missed']);
  });

  test('the final task replaces last year’s: what was judged stands', async () => {
    await goTo('2018-04-10');
    const task = csv(['单位', '任务人数'], ['东乡', 11], ['西乡', 10]);
    expect(await importFile(who('hr'), { kind: 'targets', campaign: campaign.id, table: 'task', text: task })).toMatchObject({
      kept: 2,
      bad: 0,
    });
    expect((await milestones(who('hr'), campaign.id))[`ninety/${unit.get('东乡') ?? ''}`]).toBe('met');
    const progress = bodyOf(
      await who('hr').get(`/reports/${campaign.id}/progress`),
      z.object({
        units: z.array(z.looseObject({ unit: z.string(), figures: z.array(z.looseObject({ measure: z.string(), shown: z.string() })) })),
      }),
    );
    const rate = (at: string) =>
      progress.units.find(({ unit: id }) => id === unit.get(at))?.figures.find(({ measure }) => measure === 'readyRate')?.shown;
    expect([rate('东乡'), rate('西乡')]).toEqual(['81.82%', '90.00%']);
  });
});
