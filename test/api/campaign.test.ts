import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { As, Json } from './support/client.js';
import { addPerson, addUnit, expectStatus, stage, type Stage } from './support/stage.js';

const small = readFileSync(join(process.cwd(), 'test/workflows/support/small.yaml'), 'utf8');
const bundle = { file: 'small.yaml', files: { 'small.yaml': small } };

let on: Stage;
let town: string;
let villages: string[];
let campaign: string;
let world: string;
let collector: { id: string; as: As };
let other: { id: string; as: As };
let leader: { id: string; as: As };
const material = (unit: string): string => encodeURIComponent(`material/${unit}`);

beforeAll(async () => {
  on = await stage({ worker: true });
  town = await addUnit(on, 'town', on.top, '柳河镇');
  villages = [await addUnit(on, 'village', town, '东坡村'), await addUnit(on, 'village', town, '西坡村')];
  leader = await addPerson(on, 'leader', { role: 'townGovernment', unit: town });
  collector = await addPerson(on, 'collector', { role: 'collector', unit: villages[0] ?? '' });
  other = await addPerson(on, 'other', { role: 'collector', unit: villages[1] ?? '' });
}, 240_000);
afterAll(() => on.stop());

/** Waits until the world stands where it was sent. */
async function arrive(to: string): Promise<void> {
  expectStatus(await leader.as.post(`/worlds/${world}/advance`, { to }), 202);
  for (let n = 0; n < 600; n += 1) {
    const shown = await leader.as.get(`/worlds/${world}`);
    if (shown.body.at('advancingTo').value === null) return;
    await sleep(100);
  }
  throw new Error(`the world did not reach ${to}`);
}
const ids = (body: Json): string[] => body.at('items').list.map((item) => item.at('id').text);

describe('a definition', () => {
  test('given mistakes, when it is released, then all are told with their places and nothing is released', async () => {
    const broken = small.replace('owes: collector', 'owes: colector').replace('due: 05-25', 'due: 02-30');
    const answer = await on.admin.post('/definitions', { file: 'small.yaml', files: { 'small.yaml': broken } });
    expect([answer.status, answer.type, answer.body.at('code').value]).toEqual([
      422,
      'application/problem+json; charset=utf-8',
      'definition-refused',
    ]);
    const problems = answer.body.at('problems').list;
    expect(problems.length).toBeGreaterThanOrEqual(2);
    expect(problems.every((problem) => Number(problem.at('line').value) > 0 && problem.at('zh').text !== '')).toBe(true);
    expect(problems.some((problem) => problem.at('guess').value === 'collector')).toBe(true);
    expect((await on.admin.get('/definitions')).body.at('items').list).toHaveLength(0);
  });

  test('a dry run keeps nothing; a release stands; the same again changes nothing; another content under the version is refused', async () => {
    expectStatus(await on.admin.post('/definitions?dryRun=true', bundle), 201);
    expect((await on.admin.get('/definitions')).body.at('items').list).toHaveLength(0);
    const first = await on.admin.post('/definitions', bundle);
    expect([first.status, first.body.at('released').value]).toEqual([201, true]);
    expect((await on.admin.post('/definitions', bundle)).body.at('released').value).toBe(false);
    const changed = await on.admin.post('/definitions', {
      file: 'small.yaml',
      files: { 'small.yaml': small.replace('due: 05-25', 'due: 05-26') },
    });
    expect([changed.status, changed.body.at('code').value]).toEqual([409, 'definition-released']);
    expect((await collector.as.post('/definitions', bundle)).status).toBe(403);
    expect((await on.admin.get('/definitions/small-collection/source')).body.at('files', 'small.yaml').value).toBe(small);
  });
});

describe('a campaign', () => {
  test('given nobody who leads, when it is launched, then it is refused', async () => {
    const answer = await collector.as.post('/campaigns', { definition: 'small-collection', year: 2020, root: { unit: town } });
    expect(answer.status).toBe(404);
  });

  test('a dry run launches nothing', async () => {
    const answer = await leader.as.post('/campaigns?dryRun=true', {
      definition: 'small-collection',
      year: 2020,
      root: { unit: town },
      asOf: '2020-05-01',
    });
    expectStatus(answer, 201);
    expect((await leader.as.get('/campaigns')).body.at('items').list).toHaveLength(0);
  });

  test('given its leading role, when it is launched as of a day, then it runs in a world of its own', async () => {
    const answer = await leader.as.post(
      '/campaigns',
      { definition: 'small-collection', year: 2020, root: { unit: town }, asOf: '2020-05-01T08:00:00' },
      { key: 'launch-small-1' },
    );
    expectStatus(answer, 201);
    campaign = answer.body.at('id').text;
    world = answer.body.at('world').text;
    const again = await leader.as.post(
      '/campaigns',
      { definition: 'small-collection', year: 2020, root: { unit: town }, asOf: '2020-05-01T08:00:00' },
      { key: 'launch-small-1' },
    );
    expect([again.status, again.body.at('id').value, again.headers.get('idempotency-replayed')]).toEqual([201, campaign, 'true']);
    const shown = await leader.as.get(`/campaigns/${campaign}`);
    expect(shown.body.at('status').value).toBe('running');
    expect(shown.body.at('now').value).toBe('2020-05-01T08:00:00');
    expect(shown.body.at('phases', 0).value).toEqual({
      id: 'collection',
      title: '集中缴费期',
      from: '2020-05-01',
      to: '2020-05-31',
      state: 'open',
      daysLeft: 30,
    });
    expect(shown.body.at('progress', 'open').value).toBe(3);
    expect((await on.store.db.selectFrom('processes').select('process_id').execute()).length).toBe(1);
  });

  test('a village sees its own obligation and nothing of the other by list, id, count or notice', async () => {
    const mine = await collector.as.get(`/obligations?campaign=${campaign}`);
    expect(ids(mine.body)).toEqual([`material/${villages[0]}`]);
    expect(ids((await collector.as.get('/obligations?mine=true')).body)).toEqual([`material/${villages[0]}`]);
    expect((await collector.as.get(`/obligations/${campaign}/${material(villages[1] ?? '')}`)).status).toBe(404);
    expect((await collector.as.get(`/obligations/${campaign}/${material(villages[1] ?? '')}/why`)).status).toBe(404);
    expect((await collector.as.get(`/campaigns/${campaign}`)).body.at('progress', 'open').value).toBe(1);
    expect((await collector.as.get(`/campaigns/${campaign}/board`)).body.at('items').list.map((row) => row.at('unit').value)).toEqual([
      villages[0],
    ]);
    expect((await collector.as.get(`/obligations?campaign=${campaign}&below=${villages[1]}`)).body.at('items').list).toHaveLength(0);
    const act = await collector.as.post(`/obligations/${campaign}/${material(villages[1] ?? '')}/acts`, { act: { kind: 'done' } });
    expect([act.status, act.body.at('code').value]).toEqual([404, 'not-found']);
  });

  test('the town sees all, in pages that neither lose nor repeat', async () => {
    const first = await leader.as.get(`/obligations?campaign=${campaign}&limit=2`);
    const second = await leader.as.get(`/obligations?campaign=${campaign}&limit=2&cursor=${first.body.at('next').text}`);
    expect([...ids(first.body), ...ids(second.body)]).toEqual([...villages.map((village) => `material/${village}`), `summary/${town}`]);
    expect(second.body.at('next').value).toBeNull();
    expect((await leader.as.get(`/obligations?campaign=${campaign}&cursor=nonsense`)).body.at('code').value).toBe('invalid-request');
  });

  test('the view offers what may be done, and what is not offered is refused', async () => {
    const shown = await collector.as.get(`/obligations/${campaign}/${material(villages[0] ?? '')}`);
    expect(shown.body.at('allowed').value).toEqual(['done']);
    expect(shown.body.at('due').value).toBe('2020-05-25');
    expect(shown.body.at('daysLeft').value).toBe(24);
    const waive = await collector.as.post(`/obligations/${campaign}/${material(villages[0] ?? '')}/acts`, {
      act: { kind: 'waive', reason: '免' },
    });
    expect([waive.status, waive.body.at('code').value, waive.body.at('refusal', 'code').value]).toEqual([
      403,
      'not-permitted',
      'never-granted',
    ]);
    const byLeader = await leader.as.get(`/obligations/${campaign}/${material(villages[0] ?? '')}`);
    expect(byLeader.body.at('allowed').value).not.toContain('done');
  });

  test('done once by its key; the same key with another body and a second act are refused', async () => {
    const path = `/obligations/${campaign}/${material(villages[0] ?? '')}/acts`;
    const future = await collector.as.post(path, { act: { kind: 'done', on: '2020-06-01' } }, { key: 'act-key-future' });
    expect([future.status, future.body.at('code').value, future.body.at('refusal', 'code').value]).toEqual([
      409,
      'act-refused',
      'future-date',
    ]);
    const done = await collector.as.post(path, { act: { kind: 'done' }, onBehalfOf: '王代办' }, { key: 'act-key-0001' });
    expectStatus(done, 200);
    const again = await collector.as.post(path, { act: { kind: 'done' }, onBehalfOf: '王代办' }, { key: 'act-key-0001' });
    expect([again.status, again.body.value]).toEqual([200, done.body.value]);
    const reused = await collector.as.post(path, { act: { kind: 'done', nil: true } }, { key: 'act-key-0001' });
    expect([reused.status, reused.body.at('code').value]).toEqual([422, 'idempotency-key-reused']);
    const twice = await collector.as.post(path, { act: { kind: 'done' } });
    expect([twice.status, twice.body.at('refusal', 'code').value]).toEqual([409, 'already-closed']);
    const shown = await leader.as.get(`/obligations/${campaign}/${material(villages[0] ?? '')}`);
    expect(shown.body.at('status').value).toBe('done');
    expect([shown.body.at('parts', 0, 'by').value, shown.body.at('parts', 0, 'onBehalfOf').value]).toEqual([collector.id, '王代办']);
    const journal = await on.store.db.selectFrom('journal').select('seq').where('act_id', 'is not', null).execute();
    expect(journal).toHaveLength(1);
  });

  test('given time moved past the due day, then the other village is overdue and notices have been written', async () => {
    await arrive('2020-05-28');
    const overdue = await leader.as.get(`/obligations?campaign=${campaign}&overdue=true`);
    expect(ids(overdue.body)).toEqual([`material/${villages[1]}`]);
    expect((await collector.as.get(`/obligations?overdue=true`)).body.at('items').list).toHaveLength(0);
    const notices = await leader.as.get(`/campaigns/${campaign}/notices`);
    expect(
      notices.body.at('items').list.map((notice) => [notice.at('text').value, notice.at('unit').value, notice.at('sendAt').value]),
    ).toEqual(
      expect.arrayContaining([
        ['dueSoon', villages[1], '2020-05-20T08:30:00'],
        ['overdue', villages[1], '2020-05-26T08:30:00'],
        ['overdue', town, '2020-05-28T08:30:00'],
      ]),
    );
    const seenByVillage = await collector.as.get(`/campaigns/${campaign}/notices`);
    expect(
      seenByVillage.body
        .at('items')
        .list.map((notice) => notice.at('unit').value)
        .filter((unit) => unit !== villages[0]),
    ).toEqual([]);
    const milestone = await leader.as.get(`/campaigns/${campaign}/milestones`);
    expect(milestone.body.at('items', 0, 'milestone').value).toBe('byMay20');
  });

  test('why: the day, the rule, the clause, the rungs and what happened', async () => {
    const why = await leader.as.get(`/obligations/${campaign}/${material(villages[1] ?? '')}/why`);
    expect(why.body.at('due').value).toBe('2020-05-25');
    expect(why.body.at('rule').value).toBe('05-25');
    expect(why.body.at('clause').value).toEqual(['ours']);
    expect(why.body.at('rungs').list.map((rung) => [rung.at('at').value, rung.at('fired').value])).toEqual([
      ['2020-05-20T08:30:00', true],
      ['2020-05-26T08:30:00', true],
      ['2020-05-28T08:30:00', true],
    ]);
    expect(why.body.at('events', 0, 'type').value).toBe('launched');
  });

  test('the clock goes forward only, and only for who leads', async () => {
    const back = await leader.as.post(`/worlds/${world}/advance`, { to: '2020-05-02' });
    expect([back.status, back.body.at('code').value]).toEqual([422, 'world-backwards']);
    expect((await other.as.post(`/worlds/${world}/advance`, { to: '2020-06-30' })).status).toBe(403);
    const real = await on.admin.post('/worlds/real/advance', { to: '2030-01-01' });
    expect([real.status, real.body.at('code').value]).toEqual([409, 'world-is-real']);
  });

  test('given a village merged into the other, then what it owes is owed by its successor', async () => {
    const merged = await on.admin.post(`/units/${villages[1]}/merge`, { into: villages[0], on: '2020-05-28' });
    expectStatus(merged, 200);
    const shown = await leader.as.get(`/units/${villages[1]}`);
    expect(shown.body.at('successors').value).toEqual([villages[0]]);
    const open = await leader.as.get(`/campaigns/${campaign}`);
    expect(open.body.at('seq').value).toBeGreaterThan(0);
    const events = await on.store.db
      .selectFrom('journal')
      .select('event')
      .where('process_id', '=', campaign as never)
      .execute();
    expect(events.filter(({ event }) => event.type === 'settingChanged')).toHaveLength(1);
  });

  test('pause and resume are acts of who is granted them; a stranger sees no campaign', async () => {
    const refused = await collector.as.post(`/campaigns/${campaign}/acts`, { kind: 'pause', reason: '汛情' });
    expect(refused.status).toBe(403);
    const stranger = await addPerson(on, 'stranger', { role: 'collector', unit: await addUnit(on, 'town', on.top, '别处镇') });
    expect((await stranger.as.get(`/campaigns/${campaign}`)).status).toBe(404);
    expect((await stranger.as.get('/campaigns')).body.at('items').list).toHaveLength(0);
    expect((await stranger.as.get(`/worlds/${world}`)).status).toBe(404);
    expect((await stranger.as.post(`/campaigns/${campaign}/acts`, { kind: 'resume' })).status).toBe(404);
  });

  test('the audit chains prove the journal', async () => {
    const verified = await on.admin.post('/audit/verify', {});
    expect([verified.status, verified.body.at('ok').value, verified.body.at('violations').value]).toEqual([200, true, []]);
    expect((await leader.as.post('/audit/verify', {})).status).toBe(403);
    const heads = await on.admin.get('/audit/heads');
    expect(heads.body.at('items').list.map((head) => head.at('chain').value)).toEqual(expect.arrayContaining(['county', campaign]));
  });
});
