import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CYCLE_POINTS, type CyclePoint } from '../../activities/deductions/parts.js';
import { Random } from '../../cli/demo/random.js';
import { Rounds, type RoundKill } from './rounds.js';
import { PARTS } from './site.js';

/* Any part is killed while the cycle stands at each of its points: round after round ends as if nothing had happened, and the bank took exactly what the books say. */

const LONG = process.env['DUBAN_LONG'] === '1';
const SEED = process.env['DUBAN_SEED'] ?? (LONG ? String(Date.now()) : 'once');
const RUNS = 25;
/** Points of the making and handing over of a request; the others are of taking a return. */
const MAKING: readonly CyclePoint[] = ['made', 'opened', 'written', 'synced', 'renamed', 'settled', 'handed-over'];
const TAKING = CYCLE_POINTS.filter((point) => !MAKING.includes(point));
const ROUNDS = MAKING.length;

let rounds: Rounds;
let expected: Awaited<ReturnType<Rounds['play']>>;
beforeAll(async () => {
  rounds = await Rounds.open();
  expected = await rounds.play(ROUNDS, []);
}, 600_000);
afterAll(() => rounds.close(), 120_000);

test('the undisturbed rounds are worth comparing: taken, short, unknown, late, closed, cleared, owed back', () => {
  const lines = (name: string): string => (expected[name] ?? []).join('\n');
  for (const kind of ['deductionPosted', 'deductionCleared', 'refundOwed']) expect(lines('ledger')).toContain(`"kind":"${kind}"`);
  for (const said of ['success', 'failed-retryable', 'failed-permanent', 'unknown'])
    expect(lines('outcomes')).toContain(`"class":"${said}"`);
  expect(lines('outcomes')).toContain('"late":true');
  expect(lines('openings')).toContain('deductionRetry');
  expect(expected['folder']).toHaveLength(ROUNDS);
  expect(expected['bank']).toHaveLength(ROUNDS);
});

/** Sum of a figure over the bank's own book. */
const taken = (dump: typeof expected): number =>
  (dump['bank'] ?? []).reduce((sum, line) => sum + Number(/"takenSum":(\d+)/.exec(line)?.[1] ?? 0), 0);
/** What the bank owes us or has handed over, by our books: every fen that it took. */
const booked = (dump: typeof expected): number =>
  (dump['ledger'] ?? []).reduce((sum, line) => {
    const found = /"kind":"(deductionPosted|refundOwed)".*"account":"clearing".*"amount":"(\d+)"/.exec(line);
    return found ? sum + Number(found[2]) : sum;
  }, 0);

/** Plays the rounds with these kills and looks for any difference. */
async function survives(kills: readonly RoundKill[]): Promise<void> {
  const dump = await rounds.play(ROUNDS, kills);
  expect(dump).toEqual(expected);
  expect(booked(dump)).toBe(taken(dump));
  expect(taken(dump)).toBeGreaterThan(0);
  const books = await rounds.admin.post('/ledger/verify', {});
  expect([books.status, books.body.at('ok').value]).toEqual([200, true]);
  const chain = await rounds.admin.post('/audit/verify', {});
  expect(chain.body.at('violations').value).toEqual([]);
}

test('the bank took what the books say, to the fen', () => expect(booked(expected)).toBe(taken(expected)));

describe('killed at every point of the cycle', () => {
  test.each(PARTS)(
    '%s',
    async (part) => {
      await survives([
        ...MAKING.map((point, at) => ({ round: at + 1, half: 'make' as const, point, part })),
        ...TAKING.map((point, at) => ({ round: at + 1, half: 'return' as const, point, part })),
      ]);
    },
    900_000,
  );
});

const long = LONG ? test : test.skip;
describe(`killed at ${RUNS} random moments (again with DUBAN_LONG=1 DUBAN_SEED=${SEED})`, () => {
  long.each(PARTS)(
    '%s',
    async (part) => {
      for (let run = 0; run < RUNS;) {
        const kills: RoundKill[] = [];
        for (let round = 1; round <= ROUNDS && run < RUNS; round += 1, run += 1) {
          const random = new Random(SEED, `${part} ${run}`);
          kills.push({ round, half: random.below(2) === 0 ? 'make' : 'return', afterMs: random.below(800), part });
        }
        await survives(kills);
      }
    },
    3_600_000,
  );
});
