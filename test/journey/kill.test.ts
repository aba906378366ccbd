import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Random } from '../../cli/demo/random.js';
import { PARTS } from './site.js';
import { doubled, dump, play, type Kill, type Step } from './year.js';
import { Yunze } from './yunze.js';

/* Any part may be killed at any moment: started again, the year ends as if nothing had happened. */

const LONG = process.env['DUBAN_LONG'] === '1';
const RUNS = 10;
const SEED = process.env['DUBAN_SEED'] ?? (LONG ? String(Date.now()) : 'once');

let yunze: Yunze;
let expected: Awaited<ReturnType<typeof dump>>;

beforeAll(async () => {
  yunze = await Yunze.open();
  const calm = await yunze.launched();
  await play(yunze.site, yunze.as, calm, yunze.steps, []);
  expected = await dump(yunze.site, calm.id);
}, 600_000);
afterAll(() => yunze.site.close(), 120_000);

test('the undisturbed year is worth comparing: acts, notices, messages, judged milestones, a posted list', () => {
  const sizes = Object.fromEntries(Object.entries(expected).map(([name, rows]) => [name, rows.length]));
  expect(sizes).toMatchObject({ acts: 8, payments: 7, dues: 7, publications: 1, milestones: 6 });
  for (const name of ['obligations', 'outbox', 'messages', 'flags', 'facts', 'snapshots', 'ledger'])
    expect([name, sizes[name]]).not.toEqual([name, 0]);
  expect(expected['milestones']?.some((row) => row.includes('"missed"'))).toBe(true);
});

/** Plays the year with these kills and looks for any difference. */
async function survives(kills: readonly Kill[]): Promise<void> {
  const { site, as, steps } = yunze;
  const run = await yunze.launched();
  await play(site, as, run, steps, kills);
  expect(await dump(site, run.id)).toEqual(expected);
  expect(await doubled(site, run.id)).toEqual({ twice: [], lost: [] });
  const verified = await yunze.admin.post('/audit/verify', {});
  expect(verified.body.at('violations').value).toEqual([]);
  const books = await as('office').post('/ledger/verify', { campaign: run.id });
  expect([books.status, books.body.at('ok').value]).toEqual([200, true]);
}

const stepOf = (fits: (step: Step) => boolean, from = 0): number => yunze.steps.findIndex((step, n) => n >= from && fits(step));

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
        await survives([{ part, step: random.below(yunze.steps.length), afterMs: random.below(1_500) }]);
      }
    },
    RUNS * 300_000,
  );
});
