import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { areasOf, paymentsFile, rosterFile } from '../../cli/demo/files.js';
import { inventPayers, type Payer } from '../../cli/demo/payers.js';
import { readScenario, type Scenario } from '../../cli/demo/scenario.js';
import { addUnit, stage, type Stage } from '../api/support/stage.js';
import { act, actPath, bodyOf, csv, importFile, launch, milestones, move, notices, obligations, refusalOf, release, rowsOf, tryAct, unitShape, untilQuiet, type Launched } from '../support/http.js'; // prettier-ignore
import { employ, type Staff } from './staff.js';

/* Lingcheng Town's campaign of 2020 with the printed table, over HTTP alone. 96% of 25,284 payers are 24,273 (24,272 are not enough). */

const ENOUGH = 24_273;
let on: Stage;
let who: Staff;
let scenario: Scenario;
let payers: readonly Payer[];
let town: string;
let city: string;
let unit: ReadonlyMap<string, string>;
const id = (duty: string, at: string): string => `${duty}/${unit.get(at) ?? at}`;
const done = { kind: 'done' } as const;

const launchTown = (): Promise<Launched> =>
  launch(who('mayor'), {
    definition: 'lingcheng-pension',
    year: 2020,
    root: town,
    parameters: Object.fromEntries(
      Object.entries(scenario.parameters).map(([name, set]) => [name, typeof set === 'boolean' ? String(set) : set]),
    ),
    asOf: '2020-04-28T09:00:00',
    tables: Object.fromEntries(
      Object.entries(scenario.tables).map(([table, named]) => [table, readFileSync(scenario.path(named), 'utf8')]),
    ),
  });
const proposalOf = async (as: string, campaign: string): Promise<unknown> =>
  (await who(as).get(actPath(campaign, id('townPoints', '陵城镇')))).body.at('proposal').value;

beforeAll(async () => {
  scenario = readScenario('definitions/demo/lingcheng-2020.yaml');
  payers = inventPayers(scenario.rows, scenario.invented, 'journey');
  on = await stage({ worker: true });
  city = await addUnit(on, 'city', on.top, '曲阜市');
  town = await addUnit(on, 'town', city, '陵城镇');
  const areas = areasOf(scenario);
  await release(on.admin, 'definitions/campaigns/lingcheng-2020.yaml');
  const tree = csv(
    ['单位名称', '上级单位', '层级'],
    ...areas.map(({ name }) => [name, '陵城镇', 'area']),
    ...areas.flatMap(({ name, villages }) => villages.map((village) => [village, name, 'unit'])),
  );
  expect(await importFile(on.admin, { kind: 'units', definition: 'lingcheng-pension', text: tree })).toMatchObject({ kept: 55, bad: 0 });
  unit = new Map((await rowsOf(on.admin, '/units', unitShape)).map(({ name, id: at }) => [name, at]));
  who = await employ(on, 'lingcheng-pension', [
    { login: 'mayor', at: { 陵城镇: ['townGovernment'] } },
    { login: 'tax', at: { 曲阜市: ['taxAuthority'] } },
    { login: 'assessor', at: { 曲阜市: ['cityAssessor'] } },
    { login: 'leader', at: { [areas.at(-1)?.name ?? '']: ['areaLeader'] } },
    { login: 'cadre', at: { 城镇: ['villageCadre', 'collector'], 陵北: ['collector'] } },
  ]);
}, 300_000);
afterAll(() => on.stop());

describe('96% between 26 and 30 May', () => {
  let campaign: Launched;

  test('the printed table stands: 51 units, 25,284 payers, 7,585,200 yuan', async () => {
    campaign = await launchTown();
    const shape = z.object({ table: z.string(), version: z.number(), values: z.object({ payers: z.number(), amount: z.number() }) });
    const rows = await rowsOf(who('mayor'), `/campaigns/${campaign.id}/targets?table=villages`, shape);
    const sum = (column: 'payers' | 'amount'): number => rows.reduce((total, row) => total + row.values[column], 0);
    expect([rows.length, sum('payers'), sum('amount')]).toEqual([51, 25_284, 758_520_000]);
    expect(await importFile(who('mayor'), { kind: 'roster', campaign: campaign.id, text: rosterFile(scenario, payers).text })).toMatchObject({ kept: 25_284, bad: 0 }); // prettier-ignore
  }, 240_000);

  test('money arrives by file; the material is handed in; the days pass', async () => {
    const pay = async (on_: string, from: number, to: number): Promise<void> => {
      await move(who('mayor'), campaign.world, `${on_}T16:30:00`);
      const { text } = paymentsFile(scenario, on_, payers.slice(from, to));
      expect(await importFile(who('mayor'), { kind: 'payments', campaign: campaign.id, text })).toMatchObject({
        read: to - from,
        kept: to - from,
        bad: 0,
      });
      await untilQuiet(who('mayor'), campaign.world);
    };
    await pay('2020-05-20', 0, ENOUGH - 1);
    await move(who('mayor'), campaign.world, '2020-05-22T16:30:00');
    await act(who('mayor'), campaign.id, id('material', '陵城镇'), {
      ...done,
      evidence: [{ paper: 'materialReceipt', fields: { handedInOn: '2020-05-22' } }],
    });
    await pay('2020-05-28', ENOUGH - 1, ENOUGH);
    await move(who('mayor'), campaign.world, '2020-07-01');
  }, 240_000);

  test('one payer short on 25 May, enough on 30 May and 30 June: missed, met, met; eight points', async () => {
    expect(await milestones(who('mayor'), campaign.id)).toEqual({
      [id('byMay25', '陵城镇')]: 'missed',
      [id('byMay30', '陵城镇')]: 'met',
      [id('byJune30', '陵城镇')]: 'met',
    });
    const frozen = (await who('mayor').get(`/campaigns/${campaign.id}/snapshots/${id('byMay25', '陵城镇')}`)).body.at(
      'items',
      0,
      'tallies',
    ).value;
    const paid = Object.values(z.record(z.string(), z.object({ paid: z.number().optional() })).parse(frozen)).reduce(
      (sum, row) => sum + (row.paid ?? 0),
      0,
    );
    expect(paid).toBe(ENOUGH - 1);
    expect(await proposalOf('assessor', campaign.id)).toEqual({ values: { points: 8 }, final: true, decisionNeeded: false });
    const ten = await tryAct(who('assessor'), campaign.id, id('townPoints', '陵城镇'), { ...done, answer: { points: 10 } });
    expect(refusalOf(ten)).toEqual([409, 'act-refused', 'points-fixed']);
    await act(who('assessor'), campaign.id, id('townPoints', '陵城镇'), done);
  });

  test('a village that lags is told of by the grid’s ladder; one that is through hears nothing (S4-44)', async () => {
    const told = (await notices(who('mayor'), campaign.id)).filter(({ obligation }) => obligation === id('collectTask', '城镇'));
    expect(told.map(({ text, role, sendAt }) => `${sendAt} ${role} ${text}`).sort()).toEqual([
      '2020-05-22T08:30:00 collector dueSoon',
      '2020-05-22T08:30:00 groupCadre dueSoon',
      '2020-05-26T08:30:00 villageCadre overdue',
      '2020-05-28T08:30:00 areaLeader overdueReport',
    ]);
    expect((await notices(who('mayor'), campaign.id)).filter(({ obligation }) => obligation === id('collectTask', '陵北'))).toEqual([]);
    const states = await obligations(who('mayor'), campaign.id, '&duty=collectTask');
    // The files pay village after village in the printed order: 48 are through, three are not.
    expect([
      states.filter(({ status }) => status === 'done').length,
      states.filter(({ late }) => late).map(({ unitName }) => unitName),
    ]).toEqual([48, ['南驻', '星家村', '城镇']]);
    // The town's own rung waits until the town says so.
    const [waiting] = (await obligations(who('mayor'), campaign.id, '&duty=~confirm&status=open')).filter((row) =>
      row.id.includes(id('collectTask', '城镇')),
    );
    expect(waiting?.due).toBe('2020-06-03');
    await act(who('mayor'), campaign.id, waiting?.id ?? '', { kind: 'release' });
  });

  test('inboxes hold one digest a morning', async () => {
    const shape = z.object({ id: z.string(), sendAt: z.string(), body: z.string() });
    const mine = (await rowsOf(who('leader'), '/notices', shape)).filter(({ sendAt }) => sendAt === '2020-05-28T08:30:00');
    expect(mine).toHaveLength(1);
    for (const village of ['南驻', '星家村', '城镇']) expect(mine[0]?.body).toContain(village);
  });

  test('why: the day, its rule and clause, the rungs; progress and bulletin agree to the payer; the chains hold', async () => {
    const why = await who('mayor').get(`${actPath(campaign.id, id('material', '陵城镇'))}/why`);
    expect([why.body.at('due').value, why.body.at('rule').value, why.body.at('clause').value]).toEqual([
      '2020-05-25',
      'end(collection)',
      ['S4-06', 'S4-52'],
    ]);
    expect(why.body.at('source', 1).value).toBe('陵政发〔2020〕11号');
    const shape = z.object({
      points: z.array(z.object({ settled: z.number().nullable() })),
      units: z.array(z.object({ unit: z.string(), figures: z.array(z.object({ measure: z.string(), part: z.number(), whole: z.number().nullable(), shown: z.string() })) })), // prettier-ignore
    });
    const progress = bodyOf(await who('mayor').get(`/reports/${campaign.id}/progress`), shape);
    const figures = progress.units.find((row) => row.unit === town)?.figures.filter(({ measure }) => measure !== 'shareDone');
    expect(figures).toEqual([
      { measure: 'paidRate', part: ENOUGH, whole: 25_284, shown: '96.00%' },
      { measure: 'amountRate', part: ENOUGH * 30_000, whole: 758_520_000, shown: '96.00%' },
    ]);
    expect(progress.points[0]?.settled).toBe(8);
    const bulletin = await who('mayor').get(`/reports/${campaign.id}/bulletins/bulletin`);
    expect(bulletin.body.at('rows').list).toHaveLength(51);
    const heads = (await on.admin.get('/audit/heads')).body.at('items').list.map(({ value }) => value);
    const verified = await on.admin.post('/audit/verify', { anchor: heads });
    expect([verified.body.at('ok').value, verified.body.at('violations').value]).toEqual([true, []]);
  });
});

describe('96% in June only: the notice prints no points (A-04)', () => {
  test('nought is provisional; a person decides, with a reason', async () => {
    const campaign = await launchTown();
    const enter = async (
      day: string,
      villages: readonly { readonly name: string; readonly payers: number; readonly yuan: number }[],
    ): Promise<void> => {
      await move(who('mayor'), campaign.world, `${day}T16:30:00`);
      const text = csv(
        ['村名', '险种', '日期', '人数', '金额'],
        ...villages.map(({ name, payers: n, yuan }) => [name, '养老', day, n, yuan]),
      );
      expect(await importFile(who('mayor'), { kind: 'unitTotals', campaign: campaign.id, text })).toMatchObject({
        kept: villages.length,
        bad: 0,
      });
    };
    // 23,312 (92.2%) in May; 24,545 (97.1%) in June.
    await enter('2020-05-20', scenario.rows.slice(0, 47));
    await enter('2020-06-10', scenario.rows.slice(47, 49));
    await move(who('mayor'), campaign.world, '2020-07-01');
    expect(await milestones(who('mayor'), campaign.id)).toEqual({
      [id('byMay25', '陵城镇')]: 'missed',
      [id('byMay30', '陵城镇')]: 'missed',
      [id('byJune30', '陵城镇')]: 'met',
    });
    expect(await proposalOf('assessor', campaign.id)).toEqual({ values: { points: 0 }, final: false, decisionNeeded: true });
    const points = id('townPoints', '陵城镇');
    expect(refusalOf(await tryAct(who('assessor'), campaign.id, points, done))).toEqual([409, 'act-refused', 'decision-needed']);
    expect((await tryAct(who('mayor'), campaign.id, points, { ...done, answer: { points: 10 }, reason: '自评' })).status).not.toBe(200);
    await act(who('assessor'), campaign.id, points, { ...done, answer: { points: 6 }, reason: '6月完成，酌情计分' });
    const decided = (await who('mayor').get(actPath(campaign.id, points))).body;
    expect([decided.at('parts', 0, 'answer').value, decided.at('closed', 'reason').value]).toEqual([{ points: 6 }, '6月完成，酌情计分']);
  }, 240_000);
});
