import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { addUnit, stage, type Stage } from '../api/support/stage.js';
import { act, actPath, bodyOf, csv, importFile, launch, milestones, move, notices, obligations, refusalOf, release, rowsOf, tryAct, untilQuiet, type Launched } from '../support/http.js'; // prettier-ignore
import { employ, inventedId, type Staff } from './staff.js';

/* A county that shares nothing with the two printed ones but the language: its year of enrolment, played by several people. */

let on: Stage;
let who: Staff;
let campaign: Launched;
const unit: Record<string, string> = {};
const id = (duty: string, at: string, period = ''): string => `${duty}/${unit[at] ?? at}${period}`;
const totals = (rows: readonly (readonly [string, string, number])[]): string =>
  csv(['村居', '险种', '日期', '人数', '金额'], ...rows.map(([at, day, persons]) => [at, '医疗', day, persons, persons * 320]));

beforeAll(async () => {
  on = await stage({ worker: true });
  unit['云泽县'] = await addUnit(on, 'county', on.top, '云泽县');
  for (const name of ['城关', '河东']) unit[name] = await addUnit(on, 'quarter', unit['云泽县'], name);
  for (const [name, above] of [['柳林', '城关'], ['石桥', '城关'], ['东湾', '河东']] as const) unit[name] = await addUnit(on, 'community', unit[above] ?? '', name); // prettier-ignore
  await release(on.admin, 'test/definitions/third-county.yaml');
  who = await employ(on, 'yunze-medical', [
    { login: 'office', at: { 云泽县: ['medicalOffice'] } },
    { login: 'head', at: { 云泽县: ['countyHead'] } },
    { login: 'treasury', at: { 云泽县: ['treasury'] } },
    { login: 'chief-w', at: { 城关: ['quarterChief'] } },
    { login: 'chief-e', at: { 河东: ['quarterChief'] } },
    { login: 'steward-l', at: { 柳林: ['steward'] } },
    { login: 'steward-d', at: { 东湾: ['steward'] } },
  ]);
  campaign = await launch(who('office'), {
    definition: 'yunze-medical',
    year: 2021,
    root: unit['云泽县'],
    parameters: { visitEvery: '1m' },
    asOf: '2021-09-01T08:00:00',
  });
}, 240_000);
afterAll(() => on.stop());

/** What was told to a role at a unit about an obligation or milestone, oldest first. */
const told = async (at: string, role: string, about: string | null): Promise<string[]> =>
  (await notices(who('office'), campaign.id))
    .filter((notice) => notice.unit === unit[at] && notice.role === role && notice.obligation === about)
    .map(({ text, sendAt }) => `${text} ${sendAt}`);
const goTo = (day: string) => move(who('office'), campaign.world, day);
const done = { kind: 'done' } as const;
const obligation = async (of: string) => (await who('office').get(actPath(campaign.id, of))).body;

describe('before anybody pays (preparing, gates of a community)', () => {
  test('a joint duty is done when both have done their part', async () => {
    await goTo('2021-09-06');
    const items = ['policy', 'forms'];
    await act(who('office'), campaign.id, id('startMeeting', '云泽县'), { ...done, items });
    expect((await obligation(id('startMeeting', '云泽县'))).at('missingParts').value).toEqual(['treasury']);
    await act(who('treasury'), campaign.id, id('startMeeting', '云泽县'), { ...done, items });
    expect((await obligation(id('startMeeting', '云泽县'))).at('status').value).toBe('done');
    await goTo('2021-09-12');
    expect(await told('云泽县', 'countyHead', id('startMeeting', '云泽县'))).toEqual([]);
  });

  test('an appointment in time is told of no more; a late one climbs, on days off only when it must', async () => {
    const appointment = { ...done, evidence: [{ paper: 'nameCard', fields: { number: '聘字1号' } }] };
    for (const at of ['柳林', '石桥']) await act(who('chief-w'), campaign.id, id('stewardNamed', at), appointment);
    expect(refusalOf(await tryAct(who('chief-e'), campaign.id, id('stewardNamed', '东湾'), done))).toEqual([
      409,
      'act-refused',
      'evidence-missing',
    ]);
    await goTo('2021-09-20');
    await act(who('office'), campaign.id, id('stewardNamedAll', '云泽县'), done);
    expect(await told('城关', 'quarterChief', id('stewardNamed', '柳林'))).toEqual([]);
    await goTo('2021-09-23');
    // 15 September and 2 working days back; the day after; 19 September is Mid-Autumn, so the first working day after it.
    expect(await told('河东', 'quarterChief', id('stewardNamed', '东湾'))).toEqual([
      'reminder 2021-09-13T09:15:00',
      'overdueNow 2021-09-16T09:15:00',
      'overdueNow 2021-09-22T09:15:00',
    ]);
    expect(await told('云泽县', 'countyHead', id('stewardNamedAll', '云泽县'))).toEqual(['overdueNow 2021-09-17T09:15:00']);
  });

  test('a community without a steward may not begin; when it is named, it may, and the delay is on record', async () => {
    const period = '@2021-09-16';
    const visit = { ...done, answer: { homes: 12 } };
    expect(refusalOf(await tryAct(who('steward-d'), campaign.id, id('visits', '东湾', period), visit))).toEqual([
      409,
      'act-refused',
      'gate-closed',
    ]);
    await act(who('chief-e'), campaign.id, id('stewardNamed', '东湾'), {
      ...done,
      evidence: [{ paper: 'nameCard', fields: { number: '聘字2号' } }],
    });
    const named = await obligation(id('stewardNamed', '东湾'));
    expect([named.at('status').value, named.at('daysLate').value]).toEqual(['done', 8]);
    await act(who('steward-d'), campaign.id, id('visits', '东湾', period), visit);
    expect(refusalOf(await tryAct(who('steward-l'), campaign.id, id('visits', '柳林', period), { ...done, answer: {} }))).toEqual([
      409,
      'act-refused',
      'fields-missing',
    ]);
    await act(who('steward-l'), campaign.id, id('visits', '柳林', period), { ...done, nil: true });
  });

  test('who was ordered answers, is sent back once, and is struck off by the checker', async () => {
    const [owed] = (await obligations(who('chief-e'), campaign.id, '&duty=~reply&status=open')).filter((row) =>
      row.id.includes(id('stewardNamed', '东湾')),
    );
    expect(owed?.due).toBe('2021-09-22');
    await act(who('chief-e'), campaign.id, owed?.id ?? '', { kind: 'reply', text: '已补聘' });
    const check = async () =>
      (await obligations(who('office'), campaign.id, '&duty=~check&status=open&mine=true')).filter((row) =>
        row.id.includes(owed?.id ?? '-'),
      );
    await act(who('office'), campaign.id, (await check())[0]?.id ?? '', { kind: 'sendBack', reason: '请写明原因' });
    await act(who('chief-e'), campaign.id, owed?.id ?? '', { kind: 'reply', text: '中秋假期延误，已补聘' });
    await act(who('office'), campaign.id, (await check())[0]?.id ?? '', { kind: 'strike' });
    expect((await obligation(owed?.id ?? '')).at('status').value).toBe('done');
  });
});

describe('money in hand is handed in by the limit or the day, whichever is first', () => {
  const person = (n: number, at: string): readonly (string | number)[] => [inventedId(n), `甲${n}`, at, '医疗', 2021, 320];

  test('2,240 yuan are over the limit: due that day; 960 yuan have three working days', async () => {
    await goTo('2021-10-08');
    const people = [
      ...Array.from({ length: 7 }, (_, n) => person(n, '柳林')),
      ...Array.from({ length: 3 }, (_, n) => person(n + 7, '东湾')),
    ];
    const roster = csv(['身份证号码', '姓名', '村居', '险种', '年度', '缴费档次', '应缴金额'], ...people.map((row) => [...row, 320]));
    expect(await importFile(who('office'), { kind: 'roster', campaign: campaign.id, text: roster })).toMatchObject({ kept: 10, bad: 0 });
    const head = ['身份证号码', '姓名', '村居', '险种', '年度', '缴费金额', '缴费日期', '业务类型', '流水号'];
    const collected = csv(head, ...people.map((row, n) => [...row, '2021-10-08', '代收', `Y${n}`]));
    expect(await importFile(who('office'), { kind: 'payments', campaign: campaign.id, text: collected })).toMatchObject({
      kept: 10,
      bad: 0,
    });
    await untilQuiet(who('office'), campaign.world);
    expect((await obligation(id('handIn', '柳林', '@2021-10-08'))).at('due').value).toBe('2021-10-08');
    // 9 October is a working Saturday; then 11 and 12.
    expect((await obligation(id('handIn', '东湾', '@2021-10-08'))).at('due').value).toBe('2021-10-12');
    const why = await who('office').get(`${actPath(campaign.id, id('handIn', '东湾', '@2021-10-08'))}/why`);
    const day = z.object({ date: z.string(), counted: z.boolean(), n: z.number() });
    const { steps } = bodyOf(why, z.object({ steps: z.array(z.object({ days: z.array(day) })) }));
    expect(steps.flatMap(({ days }) => days)).toEqual([
      { date: '2021-10-09', counted: true, n: 1 },
      { date: '2021-10-10', counted: false, n: 1 },
      { date: '2021-10-11', counted: true, n: 2 },
      { date: '2021-10-12', counted: true, n: 3 },
    ]);
  });

  test('the same file again books nothing twice', async () => {
    const before = (await rowsOf(who('office'), `/campaigns/${campaign.id}/payments`, z.object({ amount: z.number() }))).map(
      ({ amount }) => amount,
    );
    expect(before).toEqual(Array.from({ length: 10 }, () => 32_000));
    const again = csv(
      ['身份证号码', '姓名', '村居', '险种', '年度', '缴费金额', '缴费日期', '业务类型', '流水号'],
      [...person(0, '柳林'), '2021-10-08', '代收', 'Y0'],
    );
    expect(await importFile(who('office'), { kind: 'payments', campaign: campaign.id, text: again })).toMatchObject({
      kept: 0,
      known: 1,
      bad: 0,
    });
  });

  test('handed in with its slip it is done; kept too long it is late', async () => {
    await act(who('steward-l'), campaign.id, id('handIn', '柳林', '@2021-10-08'), {
      ...done,
      evidence: [{ paper: 'slip', fields: { number: 'S1', amount: 224_000 } }],
    });
    await goTo('2021-10-13');
    expect(await told('东湾', 'steward', id('handIn', '东湾', '@2021-10-08'))).toContain('overdueNow 2021-10-13T09:15:00');
    await act(who('steward-d'), campaign.id, id('handIn', '东湾', '@2021-10-08'), {
      ...done,
      evidence: [{ paper: 'slip', fields: { number: 'S2', amount: 96_000 } }],
    });
    const closed = await obligation(id('handIn', '东湾', '@2021-10-08'));
    expect([closed.at('status').value, closed.at('daysLate').value]).toEqual(['done', 1]);
  });
});

describe('milestones by quarter', () => {
  const enter = async (...rows: readonly (readonly [string, string, number])[]) => {
    expect(await importFile(who('office'), { kind: 'unitTotals', campaign: campaign.id, text: totals(rows) })).toMatchObject({
      bad: 0,
      kept: rows.length,
    });
  };

  test('half by 31 October: what was recorded within two days counts, what came later does not', async () => {
    await goTo('2021-10-30');
    await enter(['柳林', '2021-10-30', 149], ['石桥', '2021-10-30', 125], ['东湾', '2021-10-30', 174]);
    await goTo('2021-11-01');
    await enter(['石桥', '2021-10-31', 1]);
    await move(who('office'), campaign.world, '2021-11-03T10:00:00');
    await enter(['东湾', '2021-10-31', 1]);
    await untilQuiet(who('office'), campaign.world);
    // 275 of 550 is half; 174 of 350 was not, though 175 is.
    expect(await milestones(who('office'), campaign.id)).toMatchObject({ [id('half', '城关')]: 'met', [id('half', '河东')]: 'missed' });
    expect(await told('河东', 'quarterChief', null)).toEqual(['behind 2021-11-03T09:15:00']);
    const frozen = await who('chief-e').get(`/campaigns/${campaign.id}/snapshots/${id('half', '河东')}`);
    expect(frozen.body.at('items', 0, 'tallies', unit['东湾'] ?? '', 'enrolled').value).toBe(174);
  });

  test('ninety at the year’s end: exactly reached is met; blame and praise wait for a supervisor', async () => {
    await goTo('2021-12-20');
    await enter(['柳林', '2021-12-20', 120], ['石桥', '2021-12-20', 100], ['东湾', '2021-12-20', 139]);
    await goTo('2022-01-03');
    expect(await milestones(who('office'), campaign.id)).toMatchObject({
      [id('ninety', '城关')]: 'met',
      [id('ninety', '河东')]: 'missed',
      [id('all', '城关')]: 'missed',
    });
    const waiting = await obligations(who('office'), campaign.id, '&duty=~confirm&status=open');
    const about = (key: string) => waiting.find((row) => row.id.includes(key))?.id ?? '';
    expect(await told('河东', 'quarterChief', null)).toHaveLength(1);
    await act(who('head'), campaign.id, about(id('ninety', '河东')), { kind: 'release' });
    await act(who('office'), campaign.id, about(id('ninety', '城关')), { kind: 'drop', reason: '年底统一表扬' });
    await goTo('2022-01-05');
    expect((await told('河东', 'quarterChief', null)).map((line) => line.split(' ')[0])).toEqual(['behind', 'behind']);
    expect(await told('城关', 'quarterChief', null)).toEqual([]);
  });

  test('points follow the table; where it is silent a person decides with a reason', async () => {
    const [west, east] = [id('assess', '城关'), id('assess', '河东')];
    expect((await obligation(west)).at('proposal').value).toEqual({ values: { points: 5 }, final: true, decisionNeeded: false });
    expect((await obligation(east)).at('proposal').value).toEqual({ values: { points: 0 }, final: false, decisionNeeded: true });
    expect(refusalOf(await tryAct(who('office'), campaign.id, west, { ...done, answer: { points: 4 } }))).toEqual([
      409,
      'act-refused',
      'points-fixed',
    ]);
    expect(refusalOf(await tryAct(who('office'), campaign.id, east, { ...done, answer: { points: 2 } }))).toEqual([
      409,
      'act-refused',
      'decision-needed',
    ]);
    await act(who('office'), campaign.id, west, done);
    await act(who('office'), campaign.id, east, { ...done, answer: { points: 2 }, reason: '补记后达半' });
    expect((await obligation(east)).at('parts', 0, 'answer').value).toEqual({ points: 2 });
  });
});

describe('the end of the year', () => {
  test('a posted list hangs for seven full days, is checked, and comes down no earlier', async () => {
    await goTo('2022-01-10');
    const posting = id('posting', '柳林');
    await act(who('steward-l'), campaign.id, posting, { ...done, evidence: [{ paper: 'picture', fields: { postedOn: '2022-01-10' } }] });
    expect((await obligation(posting)).at('status').value).toBe('checking');
    await goTo('2022-01-17');
    expect(refusalOf(await tryAct(who('steward-l'), campaign.id, posting, { kind: 'takeDown' }))).toEqual([
      409,
      'act-refused',
      'too-early-down',
    ]);
    await goTo('2022-01-18');
    await act(who('steward-l'), campaign.id, posting, { kind: 'takeDown' });
    const check = (await obligations(who('chief-w'), campaign.id, '&duty=~check&status=open')).find((row) => row.id.includes(posting));
    await act(who('chief-w'), campaign.id, check?.id ?? '', { kind: 'strike' });
    expect((await obligation(posting)).at('status').value).toBe('done');
  });

  test('the journal, the audit chain and why tell the same year', async () => {
    await goTo('2022-03-31');
    const verified = await on.admin.post('/audit/verify', {});
    expect([verified.body.at('ok').value, verified.body.at('violations').value]).toEqual([true, []]);
    const why = await who('office').get(`${actPath(campaign.id, id('stewardNamed', '东湾'))}/why`);
    const shape = z.object({
      events: z.array(z.object({ at: z.string(), type: z.string(), act: z.string().nullable(), byName: z.string() })),
    });
    expect(bodyOf(why, shape).events.filter(({ type }) => type === 'acted')).toEqual([
      { at: '2021-09-23T23:59:59', type: 'acted', act: 'done', byName: '虚构chief-e' },
    ]);
    expect(why.body.at('steps').list.map((step) => [step.at('kind').value, step.at('date').value])).toContainEqual([
      'anchor',
      '2021-09-15',
    ]);
    // Nobody was made steward of one community: what concerned it went to who leads, and the administrator was told.
    const incidents = (await on.admin.get('/incidents?status=open')).body.at('items').list;
    expect(incidents.map((one) => [one.at('code').value, one.at('cause').value])).toEqual([
      ['role-without-holder', `steward@${unit['石桥']}`],
    ]);
  });
});
