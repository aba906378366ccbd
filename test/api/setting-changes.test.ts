import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inventedId } from '../imports/given.js';
import type { Answer, As, Json } from './support/client.js';
import { arrive, offices, refusal, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

/* What a campaign is computed from changes while it runs: the calendar, a table, its units. */

let at: Offices;
beforeAll(async () => {
  at = await offices('changing');
}, 240_000);
afterAll(() => at.on.stop());

const path = (rest: string): string => `/campaigns/${at.campaign}/${rest}`;
const changes = async (): Promise<unknown[]> =>
  (await at.on.store.db.selectFrom('journal').select('event').orderBy('seq').execute()).flatMap(({ event }) =>
    event.type === 'settingChanged' ? [`${event.what} ${event.reason}`] : [],
  );
/** Obligations of a duty: unit, status, due. */
const owed = async (duty: string): Promise<unknown[]> =>
  (await at.leader.get(`/obligations?campaign=${at.campaign}&duty=${duty}`)).body
    .at('items')
    .list.map((row) => [row.at('unit').value, row.at('status').value, row.at('due').value]);
const file = (as: As, table: string, csv: string, more: { dryRun?: boolean; reason?: string } = {}): Promise<Answer> => {
  const form = new FormData();
  form.set('data', JSON.stringify({ reason: more.reason ?? '调整' }));
  form.set('file', new Blob([csv]), `${table}.csv`);
  return as.post(`${path(`tables/${table}`)}${more.dryRun === true ? '?dryRun=true' : ''}`, undefined, { form });
};

describe('the calendar', () => {
  const published = { year: 2027, source: '虚构通知〔2026〕1号', off: ['2027-01-01'], work: [] };
  const later = { year: 2027, source: '虚构通知〔2027〕2号', off: ['2027-01-05', '2027-01-06', '2027-01-07'], work: ['2027-01-09'] };
  const moved = (body: Json): unknown[] =>
    body
      .at('milestones')
      .list.map((one) =>
        ['milestone', 'title', 'unitName', 'from', 'to', 'days', 'judgedFrom', 'judgedTo'].map((name) => one.at(name).value),
      );
  const amend = async (calendar: unknown, dryRun = false): Promise<Answer> => {
    const answer = await at.hr.post(`${path('calendar')}${dryRun ? '?dryRun=true' : ''}`, { calendar, reason: '安排已公布' });
    expectStatus(answer, 200);
    return answer;
  };

  test('a milestone that waited for a year without days off gets its day; one that no working day counts stands', async () => {
    const dry = await amend(published, true);
    expect(moved(dry.body)).toEqual([[`first/${at.town}`, '首次定格', '柳河镇', null, '2027-01-06', null, null, '2027-01-08']]);
    expect(await changes()).toEqual([]);
    expect(moved((await amend(published)).body)).toEqual(moved(dry.body));
    expect(await changes()).toEqual(['calendar 安排已公布']);
  });

  test('further days off move the milestone and the day it is judged, as the dry run said', async () => {
    const expected = [[`first/${at.town}`, '首次定格', '柳河镇', '2027-01-06', '2027-01-09', 3, '2027-01-08', '2027-01-12']];
    expect(moved((await amend(later, true)).body)).toEqual(expected);
    expect(moved((await amend(later)).body)).toEqual(expected);
    expect((await amend(later)).body.value).toMatchObject({ changed: false, deadlines: [], milestones: [] });
    const shown = (await at.leader.get(path('milestones'))).body.at('items').list;
    expect(shown.find((one) => one.at('milestone').value === 'first')?.at('due').value).toBe('2027-01-09');
  });
});

describe('a table that is looked up', () => {
  const dearer = 'channel,open,fee\n柜台,true,2\n村级代办员,false,0\n';
  const fees = async (): Promise<unknown> =>
    (await at.leader.get(`/reports/${at.campaign}/progress`)).body
      .at('units', 0, 'figures')
      .list.find((figure) => figure.at('measure').value === 'feeSum')
      ?.at('part').value;

  beforeAll(async () => {
    const form = new FormData();
    form.set('data', JSON.stringify({ campaign: at.campaign, kind: 'roster' }));
    const person = `${inventedId(51)},测甲,东坡村,pension,2026,300`;
    form.set('file', new Blob([`身份证号码,姓名,村居,险种,年度,应缴金额\n${person}\n`]), 'roster.csv');
    expectStatus(await at.leader.post('/imports', undefined, { form }), 201);
  });

  test('each table is listed with where its rows come from', async () => {
    const items = (await at.leader.get(path('tables'))).body.at('items').list;
    expect(items.map((table) => ['id', 'kind', 'rows'].map((name) => table.at(name).value))).toEqual([
      ['channels', 'loaded', 2],
      ['codes', 'printed', 2],
      ['marks', 'printed', 1],
    ]);
    expect((await at.stranger.get(path('tables'))).status).toBe(404);
  });

  test('a dry run changes nothing; replaced, rules and figures follow the new rows, and a repeat changes nothing', async () => {
    expect(await fees()).toBe(100);
    const dry = await file(at.hr, 'channels', dearer, { dryRun: true });
    expect([dry.status, dry.body.value]).toEqual([200, { changed: true, rows: 2, deadlines: [], milestones: [] }]);
    expect(await fees()).toBe(100);
    expect((await file(at.hr, 'channels', dearer, { reason: '税务部门公告' })).body.at('changed').value).toBe(true);
    expect(await fees()).toBe(200);
    expect((await file(at.hr, 'channels', dearer)).body.at('changed').value).toBe(false);
    expect((await changes()).at(-1)).toBe('tables 税务部门公告');
    const due = (await at.hr.get(path('unpaid'))).body.at('items', 0, 'due').text;
    const taken = { due, amount: 10_000, on: '2026-12-20', channel: '村级代办员' };
    expect(refusal(await at.collector.post(path('payments/collected'), taken))).toEqual([409, 'act-refused', 'rule-broken']);
    expectStatus(await at.collector.post(path('payments/collected'), { ...taken, channel: '柜台' }), 201);
  });

  test.each([
    ['by the leading role, which is not named', () => file(at.leader, 'channels', dearer), [403, 'not-permitted']],
    ['that is not granted', () => file(at.hr, 'marks', 'n,points\n1,10\n'), [403, 'not-permitted']],
    ['printed in the definition', () => file(at.hr, 'codes', 'n,points\n1,10\n'), [409, 'conflict']],
    ['that the definition does not have', () => file(at.hr, 'nothing', dearer), [404, 'not-found']],
    ['by somebody of another town', () => file(at.stranger, 'channels', dearer), [404, 'not-found']],
  ])('a table %s is refused', async (_what, sent, expected) => {
    expect(refusal(await sent())).toEqual(expected);
  });

  test('rows that cannot be read, that break the table’s own rule, or lack a column are told by their place; nothing changes', async () => {
    const before = await changes();
    for (const [csv, code] of [
      ['channel,open,fee\n柜台,true,6\n', 'row-denied'],
      ['channel,open,fee\n柜台,true,much\n', 'not-money'],
      ['channel,open\n柜台,true\n', 'missing-columns'],
      ['', 'empty-file'],
    ]) {
      const refused = await file(at.hr, 'channels', csv ?? '');
      expect([...refusal(refused), refused.body.at('errors', 0, 'code').value]).toEqual([422, 'import-refused', code]);
    }
    expect(await changes()).toEqual(before);
    expect(await fees()).toBe(200);
  });
});

describe('units', () => {
  const merge = (unit: string, into: string, on: string): Promise<Answer> => at.on.admin.post(`/units/${unit}/merge`, { into, on });
  let third = '';

  test('a new village owes from the day it stands; the campaign hears of it at once', async () => {
    const added = await at.on.admin.post('/units', { level: 'village', parent: at.town, name: '南坡村' });
    expectStatus(added, 201);
    third = added.body.at('id').text;
    expect(await owed('report')).toContainEqual([third, 'open', '2027-01-20']);
    expect((await changes()).at(-1)).toBe('units 单位变动');
  });

  test('a change on a day that the rehearsal has not reached is refused, though the host’s day is long past it or not', async () => {
    for (const on of ['2026-12-21', '2027-02-01', '2031-01-01']) {
      const refused = await merge(third, at.east, on);
      expect([...refusal(refused), refused.body.at('detail').text]).toEqual([422, 'date-ahead', expect.stringContaining(at.world)]);
    }
    expect(await owed('report')).toContainEqual([third, 'open', '2027-01-20']);
  });

  test.each([
    ['merged into a unit of another level', () => merge(third, at.town, '2026-12-20'), [409, 'conflict']],
    ['merged into itself', () => merge(third, third, '2026-12-20'), [409, 'conflict']],
    [
      'merged by who only leads the campaign',
      () => at.leader.post(`/units/${third}/merge`, { into: at.east, on: '2026-12-20' }),
      [403, 'not-permitted'],
    ],
    [
      'retired while villages stand below it',
      () => at.on.admin.post(`/units/${at.town}/retire`, { on: '2026-12-20', reason: '撤' }),
      [409, 'conflict'],
    ],
    [
      'named like its neighbour',
      () => at.on.admin.post('/units', { level: 'village', parent: at.town, name: '东坡村' }),
      [409, 'conflict'],
    ],
  ])('a unit is not %s', async (_what, sent, expected) => {
    const before = await changes();
    expect(refusal(await sent()).slice(0, 2)).toEqual(expected);
    expect(await changes()).toEqual(before);
  });

  test('once the rehearsal has come to the day, what the village owes is withdrawn there and owed by its successor', async () => {
    await arrive(at.leader, at.world, '2026-12-22');
    expectStatus(await merge(third, at.west, '2026-12-22'), 200);
    expect(await owed('report')).toEqual(
      expect.arrayContaining([
        [third, 'withdrawn', '2027-01-20'],
        [at.west, 'open', '2027-01-20'],
      ]),
    );
    expect(refusal(await merge(third, at.east, '2026-12-22')).slice(0, 2)).toEqual([409, 'conflict']);
  });

  test('split: each part owes; renamed: the campaign shows the new name', async () => {
    const split = await at.on.admin.post(`/units/${at.west}/split`, {
      parts: [{ name: '西坡一村' }, { name: '西坡二村' }],
      on: '2026-12-22',
    });
    expectStatus(split, 200);
    const parts = split.body.at('items').list.map((part) => part.at('id').text);
    for (const part of parts) expect(await owed('report')).toContainEqual([part, 'open', '2027-01-20']);
    const east = await at.on.admin.get(`/units/${at.east}`);
    const renamed = await at.on.admin.patch(`/units/${at.east}`, { name: '东坡新村' }, east.headers.get('etag') ?? '');
    expectStatus(renamed, 200);
    const rows = (await at.leader.get(`/obligations?campaign=${at.campaign}&below=${at.east}`)).body.at('items').list;
    expect(new Set(rows.map((row) => row.at('unitName').value))).toEqual(new Set(['东坡新村']));
  });
});

describe('after the end', () => {
  test('a stopped campaign takes no table and no calendar', async () => {
    expectStatus(await at.leader.post(path('acts'), { kind: 'stop', reason: '演练结束' }), 200);
    const calendar = { year: 2027, source: '又一通知', off: ['2027-01-29'], work: [] };
    expect(refusal(await at.hr.post(path('calendar'), { calendar, reason: '试' }))).toEqual([409, 'campaign-not-running']);
    expect(refusal(await file(at.hr, 'channels', 'channel,open,fee\n柜台,true,3\n'))).toEqual([409, 'campaign-not-running']);
  });

  test('where nothing runs, units change up to the real day', async () => {
    const today = new Date(Date.now() + 8 * 3_600_000);
    const day = (days: number): string => new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
    const fresh = await at.on.admin.post('/units', { level: 'village', parent: at.town, name: '北坡村' });
    const id = fresh.body.at('id').text;
    expect(refusal(await at.on.admin.post(`/units/${id}/retire`, { on: day(2), reason: '撤' }))).toEqual([422, 'date-ahead']);
    expectStatus(await at.on.admin.post(`/units/${id}/retire`, { on: day(0), reason: '撤' }), 200);
  });
});
