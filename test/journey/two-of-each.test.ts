import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { As } from '../api/support/client.js';
import { addUnit, newPassword, type Stage } from '../api/support/stage.js';
import { bodyOf, launch, release, type Launched } from '../support/http.js';
import { Site } from './site.js';
import { employ, type Staff } from './staff.js';
import { doubled, dump, play, yearOf, type Places, type Step } from './year.js';

/* Two workers and two APIs over one database and one engine: the year is the one that a single one of each brings about. */

let site: Site;
let other: Site;
let staff: Staff;
let admin: As;
let places: Places;
let steps: readonly Step[];
let expected: Awaited<ReturnType<typeof dump>>;

let asked = 0;
/** Each request goes to the other API than the one before. */
const byTurns = (login: string): As => new As((asked += 1) % 2 === 0 ? site.url : other.url, staff(login).token);
const bySite = (login: string): As => new As(site.url, staff(login).token);

const launched = (): Promise<Launched> =>
  launch(bySite('office'), {
    definition: 'yunze-medical',
    year: 2021,
    root: places['云泽县'] ?? '',
    parameters: { visitEvery: '15d' },
    asOf: '2021-09-01T08:00:00',
  });

beforeAll(async () => {
  site = await Site.open();
  const set = await site.operator.post('/setup', { county: '春和县', administrator: { login: 'admin', name: '管理员' } });
  const { unit: top, firstPassword } = bodyOf(set, z.object({ unit: z.string(), firstPassword: z.string() }), 201);
  admin = await newPassword(site.nobody, 'admin', firstPassword);
  const on: Pick<Stage, 'admin' | 'nobody'> = { admin, nobody: site.nobody };
  const county = await addUnit(on, 'county', top, '云泽县');
  const [west, east] = [await addUnit(on, 'quarter', county, '城关'), await addUnit(on, 'quarter', county, '河东')];
  places = {
    云泽县: county,
    城关: west,
    河东: east,
    柳林: await addUnit(on, 'community', west, '柳林'),
    石桥: await addUnit(on, 'community', west, '石桥'),
    东湾: await addUnit(on, 'community', east, '东湾'),
  };
  await release(admin, 'test/definitions/third-county.yaml');
  staff = await employ(on, 'yunze-medical', [
    { login: 'office', at: { 云泽县: ['medicalOffice', 'treasury'] } },
    { login: 'head', at: { 云泽县: ['countyHead'] } },
    { login: 'chief-w', at: { 城关: ['quarterChief'] } },
    { login: 'chief-e', at: { 河东: ['quarterChief'] } },
    { login: 'steward-l', at: { 柳林: ['steward'] } },
    { login: 'steward-d', at: { 石桥: ['steward'], 东湾: ['steward'] } },
  ]);
  steps = yearOf(places);
  const calm = await launched();
  await play(site, bySite, calm, steps, []);
  expected = await dump(site, calm.id);
  other = await site.another('second');
}, 600_000);
afterAll(async () => {
  await other.close();
  await site.close();
}, 120_000);

/** The same rows, nothing told twice or to nobody, and an audit that holds. */
async function asAlone(campaign: string): Promise<void> {
  expect(await dump(site, campaign)).toEqual(expected);
  expect(await doubled(site, campaign)).toEqual({ twice: [], lost: [] });
  const verified = await new As(site.url, admin.token).post('/audit/verify', {});
  expect(verified.body.at('violations').value).toEqual([]);
}

test('both work: the year is the same, nothing is told twice', async () => {
  const run = await launched();
  await play(site, byTurns, run, steps, []);
  await asAlone(run.id);
}, 300_000);

test('one worker is killed while the world moves: the other brings it to its end without it', async () => {
  const run = await launched();
  const at = steps.findIndex(({ moves }) => moves === '2021-12-20');
  await play(site, byTurns, run, steps.slice(0, at), []);
  await Promise.all([play(site, byTurns, run, steps.slice(at), []), sleep(700).then(() => site.kill('worker'))]);
  await asAlone(run.id);
  await site.start();
}, 300_000);

test('one API is killed: whoever asks the other goes on, and finds all that was done', async () => {
  const run = await launched();
  const half = Math.floor(steps.length / 2);
  await play(site, byTurns, run, steps.slice(0, half), []);
  await other.kill('api');
  await play(site, bySite, run, steps.slice(half), []);
  await asAlone(run.id);
  await other.start();
}, 300_000);

test('one request under one key sent to both at once is done once and answered alike', async () => {
  for (let n = 0; n < 5; n += 1) {
    const [key, login] = [randomUUID(), `twice-${n}`];
    const send = (on: Site) => new As(on.url, admin.token).post('/users', { login, name: '某人' }, { key });
    const first = await Promise.all([send(site), send(other)]);
    expect(first.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
    for (const answer of first) expect([201, 409]).toContain(answer.status);
    const again = await Promise.all([send(site), send(other)]);
    const ids = [...first, ...again].filter(({ status }) => status === 201).map(({ body }) => body.at('id').text);
    expect(new Set(ids).size).toBe(1);
    expect(await site.rows('select count(*)::integer as n from users where login = $1', [login])).toEqual([{ n: 1 }]);
  }
});
