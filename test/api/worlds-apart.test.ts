import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, As } from './support/client.js';
import { arrive, offices, order, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

/* One definition rehearsed twice and running in earnest: what a list without a campaign shows. */

let at: Offices;
let second = '';

const launch = async (more: Readonly<Record<string, unknown>>): Promise<Answer> => {
  const answer = await at.leader.post('/campaigns', order(at.town, more));
  expectStatus(answer, 201);
  return answer;
};
/** World of the list, other worlds, and the worlds of its rows. */
const listed = async (as: As, path: string): Promise<unknown[]> => {
  const { body } = await as.get(path);
  return [
    body.at('world', 'id').value,
    body.at('world', 'others').value,
    [...new Set(body.at('items').list.map((row) => row.at('world').value))],
  ];
};
const openOn = async (as: As, path: string): Promise<number> =>
  Math.max(0, ...(await as.get(path)).body.at('items').list.map((row) => Number(row.at('subtree', 'open').value)));

beforeAll(async () => {
  at = await offices();
  // 'Mine' and 'overdue' have something to show: two papers of each village are late.
  await arrive(at.leader, at.world, '2026-12-31');
}, 240_000);
afterAll(() => at.on.stop());

describe('nothing runs in earnest', () => {
  test('given one rehearsal, then it is what is listed, and every row names its campaign and world', async () => {
    expect(await listed(at.leader, '/obligations?overdue=true')).toEqual([at.world, [], [at.world]]);
    const row = (await at.collector.get('/obligations?mine=true')).body.at('items', 0);
    expect([row.at('campaign').value, row.at('campaignTitle').value, row.at('virtual').value]).toEqual([at.campaign, '跨年征缴', true]);
  });

  test('given a second rehearsal, then the newer one is listed, the other on request', async () => {
    second = (await launch({})).body.at('world').text;
    await untilRunning(at.leader, 2);
    expect(await listed(at.leader, '/obligations')).toEqual([second, [at.world], [second]]);
    expect(await listed(at.leader, `/obligations?world=${at.world}&overdue=true`)).toEqual([at.world, [second], [at.world]]);
  });
});

describe('a campaign in earnest beside them', () => {
  beforeAll(async () => {
    await launch({ asOf: undefined });
    await untilRunning(at.leader, 3);
  }, 60_000);

  test.each(['/obligations', '/obligations?overdue=true', '/obligations?mine=true', '/notices', '/board'])(
    '%s is of the real world',
    async (path) => {
      const [world, others, rows] = await listed(at.collector, path);
      expect([world, others]).toEqual(['real', [second, at.world]]);
      expect([[], ['real'], [undefined]]).toContainEqual(rows);
    },
  );

  test('what is late in a rehearsal is late there alone', async () => {
    const late = (await at.leader.get(`/obligations?world=${at.world}&overdue=true`)).body.at('items').list;
    expect(late.map((row) => row.at('duty').text).sort()).toEqual(['handBook', 'handBook', 'takeStock', 'takeStock']);
    const real = (await at.leader.get('/obligations')).body.at('items').list;
    expect(real.length).toBeGreaterThan(0);
    expect(real.map((row) => row.at('campaign').value)).not.toContain(at.campaign);
  });

  test('the board adds up one world: each is the board of its only campaign', async () => {
    const one = await openOn(at.leader, `/campaigns/${at.campaign}/board`);
    expect(one).toBeGreaterThan(0);
    expect(await openOn(at.leader, `/board?world=${at.world}`)).toBe(one);
    const [real] = (await at.leader.get('/campaigns?virtual=false')).body.at('items').list;
    expect(await openOn(at.leader, '/board')).toBe(await openOn(at.leader, `/campaigns/${real?.at('id').text ?? ''}/board`));
    const below = (await at.leader.get(`/board?world=${at.world}&below=${at.east}`)).body.at('items').list;
    expect(below.map((row) => row.at('unit').value)).toEqual([at.east]);
  });

  test('messages of a rehearsal stand in its own inbox', async () => {
    const mine = (await at.collector.get(`/notices?world=${at.world}`)).body.at('items').list;
    expect(new Set(mine.map((row) => row.at('campaign').value))).toEqual(new Set([at.campaign]));
    const ofCampaign = (await at.collector.get(`/notices?campaign=${at.campaign}`)).body;
    expect(ofCampaign.at('items').list.map((row) => row.at('id').value)).toEqual(mine.map((row) => row.at('id').value));
    expect(ofCampaign.at('world', 'id').value).toBe(at.world);
  });

  test('a world without a campaign of one’s own is not found; without any, the real one is empty', async () => {
    expect((await at.stranger.get(`/obligations?world=${at.world}`)).status).toBe(404);
    expect((await at.leader.get('/obligations?world=w999')).status).toBe(404);
    expect((await at.leader.get('/obligations?world=other')).status).toBe(400);
    expect(await listed(at.stranger, '/obligations')).toEqual(['real', [], []]);
    expect(await listed(at.stranger, '/notices')).toEqual(['real', [], []]);
  });
});

async function untilRunning(as: As, campaigns: number): Promise<void> {
  for (let n = 0; n < 300; n += 1) {
    const running = (await as.get('/campaigns')).body.at('items').list.filter((row) => row.at('status').value === 'running');
    if (running.length >= campaigns) return;
    await sleep(100);
  }
  throw new Error('the campaigns did not start');
}
