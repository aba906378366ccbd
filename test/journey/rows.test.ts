import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { addUnit, stage, type Stage } from '../api/support/stage.js';
import { act, actPath, bodyOf, csv, importFile, launch, move, obligations, obligationShape, refusalOf, release, rowsOf, tryAct, untilQuiet, type Launched } from '../support/http.js'; // prettier-ignore
import { employ, inventedId, type Staff } from './staff.js';

/* 300 persons of three villages on the real engine: what each owes, what the collectors owe about each, and how the offices follow. */

let on: Stage;
let who: Staff;
let campaign: Launched;
const unit: Record<string, string> = {};
const VILLAGES = ['白沙', '青石', '柳湾'] as const;
const person = (n: number): readonly [string, string, string] => [inventedId(n), `某${n}`, VILLAGES[(n - 1) % 3] ?? ''];
const roster = (people: readonly (readonly [string, string, string])[]): string =>
  csv(['身份证号码', '姓名', '村居', '险种', '年度', '缴费档次', '应缴金额'], ...people.map((one) => [...one, '医疗', 2020, 280, 280]));
const payments = (rows: readonly (readonly [number, string, string?])[]): string =>
  csv(['身份证号码', '姓名', '村居', '险种', '年度', '日期', '金额', '款项类别'], ...rows.map(([n, day, kind]) => [...person(n), '医疗', 2020, day, 280, kind ?? '到账'])); // prettier-ignore

beforeAll(async () => {
  on = await stage({ worker: true });
  unit['鹭洲镇'] = await addUnit(on, 'town', on.top, '鹭洲镇');
  unit['东片'] = await addUnit(on, 'area', unit['鹭洲镇'], '东片');
  for (const name of VILLAGES) unit[name] = await addUnit(on, 'village', unit['东片'], name);
  await release(on.admin, 'test/definitions/rows.yaml');
  who = await employ(on, 'heron-town-medical', [
    { login: 'office', at: { 鹭洲镇: ['office'] } },
    { login: 'leader', at: { 东片: ['areaLeader'] } },
    ...VILLAGES.map((name, i) => ({ login: `c${i + 1}`, at: { [name]: ['collector'] } })),
  ]);
  campaign = await launch(who('office'), {
    definition: 'heron-town-medical',
    year: 2020,
    root: unit['鹭洲镇'],
    parameters: {},
    asOf: '2020-05-01T08:00:00',
  });
}, 240_000);
afterAll(() => on.stop());

const goTo = (day: string) => move(who('office'), campaign.world, day);
const rest = () => untilQuiet(who('office'), campaign.world);
const list = (as: string, filter: string) => obligations(who(as), campaign.id, filter);
const messages = async (as: string): Promise<string[]> =>
  (await rowsOf(who(as), '/notices', z.object({ body: z.string() }))).map(({ body }) => body);
const send = async (text: string) => {
  const done = await importFile(who('office'), { kind: 'payments', campaign: campaign.id, text });
  expect(done.bad).toBe(0);
  await rest();
};

describe('the roster', () => {
  test('opens what each owes and a visit to each; a collector sees those of one village', async () => {
    const people = Array.from({ length: 300 }, (_, i) => person(i + 1));
    expect(await importFile(who('office'), { kind: 'roster', campaign: campaign.id, text: roster(people) })).toMatchObject({ kept: 300, bad: 0 }); // prettier-ignore
    await rest();
    expect(await list('office', '&duty=contribution&status=open')).toHaveLength(300);
    const mine = await list('c1', '&mine=true&status=open');
    expect([mine.length, new Set(mine.map(({ unitName }) => unitName)), new Set(mine.map(({ duty }) => duty))]).toEqual([
      100,
      new Set(['白沙']),
      new Set(['visit']),
    ]);
    expect(await list('c1', '&duty=contribution')).toHaveLength(100);
  }, 120_000);
});

describe('work and money', () => {
  test('a collector does a visit, another may not; the same request again has one effect', async () => {
    const [first] = await list('c1', '&duty=visit&status=open');
    const id = first?.id ?? '';
    const visit = { kind: 'done', answer: { spoken: true } };
    expect(refusalOf(await tryAct(who('c2'), campaign.id, id, visit))).toEqual([404, 'not-found']);
    expect(refusalOf(await tryAct(who('leader'), campaign.id, id, visit))).toEqual([403, 'not-permitted', 'not-yours']);
    expect(refusalOf(await tryAct(who('c1'), campaign.id, id, { kind: 'done' }))).toEqual([409, 'act-refused', 'fields-missing']);
    expect(await act(who('c1'), campaign.id, id, visit, 'visit-one')).toBe(2);
    expect(await act(who('c1'), campaign.id, id, visit, 'visit-one')).toBe(2);
    await rest();
    expect(await list('c1', '&duty=visit&status=done')).toHaveLength(1);
    const why = await who('c1').get(`${actPath(campaign.id, id)}/why`);
    expect(why.body.at('due').value).toBe('2020-05-20');
  });

  test('a file of payments discharges 100 contributions on their day, and nobody is to be visited for them', async () => {
    await send(payments(Array.from({ length: 100 }, (_, i) => [i + 1, '2020-05-01'])));
    expect(await list('office', '&duty=contribution&status=done')).toHaveLength(100);
    expect((await list('office', '&duty=visit&status=notApplicable')).length).toBe(99);
  }, 60_000);

  test('a collector is told once how many are left', async () => {
    await goTo('2020-05-19');
    // 100 of the village less 34 who paid: of these one visit was done before.
    expect((await messages('c1')).filter((body) => body.includes('入户宣传'))).toEqual(['白沙：“入户宣传”2020-05-20到期。（共66人）']);
  }, 60_000);
});

describe('amended, paused, moved', () => {
  test('a longer phase moves all of them; a pause too', async () => {
    bodyOf(
      await who('office').post(`/campaigns/${campaign.id}/acts`, {
        kind: 'amendPhase',
        phase: 'collection',
        to: '2020-05-28',
        reason: '延长',
      }),
      z.looseObject({}),
    );
    await rest();
    const dues = async () => new Set((await list('office', '&duty=contribution&status=open')).map(({ due }) => due));
    expect(await dues()).toEqual(new Set(['2020-05-28']));
    const campaignAct = (body: object) => who('office').post(`/campaigns/${campaign.id}/acts`, body);
    expect((await campaignAct({ kind: 'pause', reason: '停电' })).status).toBe(200);
    await goTo('2020-05-21');
    const [left] = await list('c1', '&duty=visit&status=open');
    expect(refusalOf(await tryAct(who('c1'), campaign.id, left?.id ?? '', { kind: 'done', answer: { spoken: true } }))).toEqual([
      409,
      'act-refused',
      'campaign-paused',
    ]);
    expect((await campaignAct({ kind: 'resume' })).status).toBe(200);
    await rest();
    expect(await dues()).toEqual(new Set(['2020-05-30']));
  }, 60_000);

  test('who moves to another village is listed there', async () => {
    const [id, name] = person(298);
    await importFile(who('office'), { kind: 'roster', campaign: campaign.id, text: roster([[id, name, '青石']]) });
    await rest();
    expect(await list('c1', '&duty=contribution&status=open')).toHaveLength(65);
    expect(await list('c2', '&duty=contribution&status=open')).toHaveLength(68);
  }, 60_000);
});

describe('late', () => {
  test('from midnight after the due day; the collectors hear first, then the area, each with the number', async () => {
    await goTo('2020-06-03');
    expect((await list('office', '&duty=contribution&overdue=true')).length).toBe(200);
    expect((await messages('c2')).filter((body) => body.includes('缴纳'))).toEqual(['青石：“缴纳医疗保险费”已逾期1天。（共68人）']);
    const leader = (await messages('leader')).filter((body) => body.includes('缴纳'));
    expect(
      leader
        .join('\n')
        .match(/共\d+人/g)
        ?.sort(),
    ).toEqual(['共65人', '共67人', '共68人']);
    const board = z.object({ unit: z.string(), own: z.object({ late: z.number() }) });
    const rows = await rowsOf(who('office'), `/campaigns/${campaign.id}/board`, board);
    expect(rows.find((row) => row.unit === unit['青石'])?.own.late).toBe(68 + (await list('c2', '&duty=visit&overdue=true')).length);
  }, 90_000);

  test('a report counts them by village; of an earlier day it says what it cannot tell', async () => {
    const cell = z.object({ kind: z.string(), shown: z.string().optional(), figure: z.object({ part: z.number() }).optional() });
    const shape = z.object({
      untold: z.array(z.object({ id: z.string() })),
      rows: z.array(z.object({ name: z.string(), cells: z.array(cell) })),
    });
    const report = async (query: string) => bodyOf(await who('office').get(`/reports/${campaign.id}/bulletins/progress${query}`), shape);
    const now = await report('');
    expect(now.rows.map(({ name, cells }) => [name, ...cells.map(({ figure, shown }) => figure?.part ?? shown)])).toEqual([
      ['青石', 68, 68],
      ['柳湾', 67, 67],
      ['白沙', 65, 65],
    ]);
    const past = await report('?asOf=2020-05-20');
    expect(past.untold.map(({ id }) => id)).toEqual(['behind', 'notPaid']);
    expect(past.rows.map(({ cells }) => cells.map(({ kind }) => kind))).toEqual(past.rows.map(() => ['untold', 'untold']));
  });

  test('a reversed payment makes the contribution owed again; what arrived in time was not late', async () => {
    await send(payments([[200, '2020-05-29']]));
    const inTime = await list('office', '&duty=contribution&status=done');
    expect(inTime.filter(({ daysLate }) => (daysLate ?? 0) > 0)).toEqual([]);
    expect(inTime).toHaveLength(101);
    await send(csv(['身份证号码', '姓名', '村居', '险种', '年度', '日期', '金额', '款项类别'], [...person(200), '医疗', 2020, '2020-06-02', -280, '冲正'])); // prettier-ignore
    expect(await list('office', '&duty=contribution&overdue=true')).toHaveLength(200);
  }, 90_000);

  test('the office is discharged when nobody owes any more', async () => {
    expect((await list('office', '&duty=cleared')).map(({ status }) => status)).toEqual(['open']);
    await send(payments(Array.from({ length: 200 }, (_, i) => [i + 101, '2020-06-03'])));
    expect(await list('office', '&duty=contribution&overdue=true')).toEqual([]);
    await goTo('2020-06-04');
    expect((await list('office', '&duty=cleared')).map(({ status }) => status)).toEqual(['done']);
    const late = (await rowsOf(who('office'), `/obligations?campaign=${campaign.id}&duty=contribution`, obligationShape)).filter(({ daysLate }) => (daysLate ?? 0) > 0); // prettier-ignore
    expect(late).toHaveLength(200);
  }, 90_000);
});

test('the audit vouches for all of it', async () => {
  const verified = await on.admin.post('/audit/verify', {});
  expect([verified.status, verified.body.at('violations').value]).toEqual([200, []]);
});
