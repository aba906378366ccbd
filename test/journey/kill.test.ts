import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Random } from '../../cli/demo/random.js';
import { As } from '../api/support/client.js';
import { addUnit, newPassword, type Stage } from '../api/support/stage.js';
import { bodyOf, launch, release, type Launched } from '../support/http.js';
import { z } from 'zod';
import { PARTS, Site } from './site.js';
import { employ, type Staff } from './staff.js';
import { doubled, dump, play, yearOf, type Kill, type Places, type Step } from './year.js';

/* Any part may be killed at any moment: started again, the year ends as if nothing had happened. */

const LONG = process.env['DUBAN_LONG'] === '1';
const RUNS = 10;
const SEED = process.env['DUBAN_SEED'] ?? (LONG ? String(Date.now()) : 'once');

let site: Site;
let staff: Staff;
let admin: As;
let places: Places;
let steps: readonly Step[];
let expected: Awaited<ReturnType<typeof dump>>;

/** Signed in once; the address may change when everything is started again. */
const as = (login: string): As => new As(site.url, staff(login).token);
const launched = (): Promise<Launched> =>
  launch(as('office'), {
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
  await play(site, as, calm, steps, []);
  expected = await dump(site, calm.id);
}, 600_000);
afterAll(() => site.close(), 120_000);

test('the undisturbed year is worth comparing: acts, notices, messages, judged milestones, a posted list', () => {
  const sizes = Object.fromEntries(Object.entries(expected).map(([name, rows]) => [name, rows.length]));
  expect(sizes).toMatchObject({ acts: 8, payments: 7, dues: 7, publications: 1, milestones: 6 });
  for (const name of ['obligations', 'outbox', 'messages', 'flags', 'facts', 'snapshots', 'ledger'])
    expect([name, sizes[name]]).not.toEqual([name, 0]);
  expect(expected['milestones']?.some((row) => row.includes('"missed"'))).toBe(true);
});

/** Plays the year with these kills and looks for any difference. */
async function survives(kills: readonly Kill[]): Promise<void> {
  const run = await launched();
  await play(site, as, run, steps, kills);
  expect(await dump(site, run.id)).toEqual(expected);
  expect(await doubled(site, run.id)).toEqual({ twice: [], lost: [] });
  const verified = await new As(site.url, admin.token).post('/audit/verify', {});
  expect(verified.body.at('violations').value).toEqual([]);
  const books = await as('office').post('/ledger/verify', { campaign: run.id });
  expect([books.status, books.body.at('ok').value]).toEqual([200, true]);
}

const stepOf = (fits: (step: Step) => boolean, from = 0): number => steps.findIndex((step, n) => n >= from && fits(step));

describe('a part is killed while the world moves, and right after an act was sent', () => {
  test.each(PARTS)(
    '%s',
    async (part) => {
      await survives([
        { part, step: stepOf((step) => step.moves === '2021-12-20'), afterMs: 700 },
        { part, step: stepOf((step) => step.by === 'steward-l' && step.moves === undefined), afterMs: 5 },
      ]);
    },
    300_000,
  );
});

const long = LONG ? test : test.skip;
describe(`at ${RUNS} random moments each (again with DUBAN_LONG=1 DUBAN_SEED=${SEED})`, () => {
  long.each(PARTS)(
    '%s',
    async (part) => {
      for (let run = 0; run < RUNS; run += 1) {
        const random = new Random(SEED, `${part} ${run}`);
        await survives([{ part, step: random.below(steps.length), afterMs: random.below(1_500) }]);
      }
    },
    RUNS * 300_000,
  );
});
