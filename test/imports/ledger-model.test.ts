import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allotSuspense, recordCollected, recordRemitted, refundSuspense } from '../../activities/people/index.js';
import type { Basis } from '../../domain/ledger/events.js';
import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import { dumpTransactions, trialBalance } from '../../store/ledger/read.js';
import { verifyLedger } from '../../store/ledger/verify.js';
import { COUNTY, given, inventedId, refusal, user, type Given } from './given.js';

/*
 * Random lives of persons' money against a model that adds and subtracts. Every sequence is a person of its own; the n-th operations of all sequences
 * are one round: what comes in files comes in one file, what is done by hand is done one after the other. Seeds are fixed; DUBAN_LONG=1 plays ten times
 * as many.
 */
const SEQUENCES = 1_000 * (process.env['DUBAN_LONG'] === '1' ? 10 : 1);
const SEED = 20_181;
const VILLAGES = 50;
const OWED = 30_000;
const NOW = '2020-05-12T10:00:00' as Moment;
const DAY = '2020-05-12' as LocalDate;

type Op =
  | { readonly kind: 'file'; readonly basis: Basis; readonly amount: number; readonly stranger: boolean }
  | { readonly kind: 'reverse' | 'allot' | 'refund' | 'replay' }
  | { readonly kind: 'collect' | 'remit'; readonly amount: number };

/** Whole yuan: enough, too much, and the odd rest. */
const amount = fc.oneof(
  fc.constant(30_000),
  fc.integer({ min: 1, max: 450 }).map((yuan) => yuan * 100),
);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('file' as const), basis: fc.constantFrom<Basis>('arrived', 'collected'), amount, stranger: fc.nat(5).map((n) => n === 0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('collect' as const, 'remit' as const), amount }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('allot' as const, 'refund' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replay' as const) }) },
); // prettier-ignore

/** One person as a sum: what was credited, what rests, and what may still be reversed. */
interface Life {
  readonly ops: readonly Op[];
  readonly id: string;
  readonly name: string;
  readonly village: number;
  due: string;
  person: string;
  readonly credited: Record<Basis, number>;
  readonly resting: Record<Basis, number>;
  readonly stranger: Record<Basis, number>;
  readonly paid: { readonly number: string; readonly amount: number; readonly basis: Basis }[];
  /** Money in suspense was settled by hand: what a reversal would take back is no longer plain. */
  settled: boolean;
  /** The newest act by hand, to be sent again. */
  again: (() => Promise<unknown>) | null;
}

let g: Given;
let lives: readonly Life[];
const cash = new Map<number, number>();
const remitted = new Map<number, number>();
const files: string[] = [];
const add = (map: Map<number, number>, key: number, value: number): void => void map.set(key, (map.get(key) ?? 0) + value);

beforeAll(async () => {
  g = await given(
    { rules: {} },
    Array.from({ length: VILLAGES }, (_, n) => `第${n}村`),
  );
  const sequences = fc.sample(fc.array(op, { minLength: 1, maxLength: 6 }), { numRuns: SEQUENCES, seed: SEED });
  lives = sequences.map((ops, n) => ({
    ops,
    // More persons than one birthday has numbers for.
    id: inventedId(n % 1_000, `19${70 + Math.floor(n / 1_000)}0315`),
    name: `人${n}`,
    village: n % VILLAGES,
    due: '',
    person: '',
    credited: { arrived: 0, collected: 0 },
    resting: { arrived: 0, collected: 0 },
    stranger: { arrived: 0, collected: 0 },
    paid: [],
    settled: false,
    again: null,
  }));
  await g.run(
    'roster',
    `身份证号码,姓名,村居,应缴金额\n${lives.map(({ id, name, village }) => `${id},${name},第${village}村,300`).join('\n')}\n`,
  );
  const rows = await g.store.db.selectFrom('dues').innerJoin('people', 'people.person_id', 'dues.person_id').select(['due_id', 'people.person_id', 'people.name']).execute(); // prettier-ignore
  const dues = new Map(rows.map((row) => [row.name, row]));
  for (const life of lives) Object.assign(life, { due: dues.get(life.name)?.due_id ?? '', person: dues.get(life.name)?.person_id ?? '' });
});
afterAll(() => g.close());

/** What came in is credited up to what is owed; the rest rests. */
function comesIn(life: Life, basis: Basis, value: number): void {
  const before = life.credited[basis] + life.resting[basis];
  const credited = Math.min(Math.max(before + value, 0), OWED) - Math.min(Math.max(before, 0), OWED);
  life.credited[basis] += credited;
  life.resting[basis] += value - credited;
  if (basis === 'collected') add(cash, life.village, value);
}

const yuan = (value: number): string => (value / 100).toFixed(2);

/** The row that an operation of a file adds, and what it does to the model. */
function fileRow(life: Life, step: Op, number: string): string | null {
  if (step.kind === 'file') {
    const kind = step.basis === 'collected' ? '代收' : '';
    if (step.stranger) {
      life.stranger[step.basis] += step.amount;
      if (step.basis === 'collected') add(cash, life.village, step.amount);
      return `,外人${number},第${life.village}村,${yuan(step.amount)},${DAY},${number},${kind},`;
    }
    comesIn(life, step.basis, step.amount);
    life.paid.push({ number, amount: step.amount, basis: step.basis });
    return `${life.id},${life.name},第${life.village}村,${yuan(step.amount)},${DAY},${number},${kind},`;
  }
  const back = step.kind === 'reverse' && !life.settled ? life.paid.pop() : undefined;
  if (back === undefined) return null;
  comesIn(life, back.basis, -back.amount);
  return `${life.id},${life.name},第${life.village}村,${yuan(-back.amount)},${DAY},${number},冲正,${back.number}`;
}

const act = (actId: string) => ({ store: g.store, county: COUNTY, process: g.process, actor: { user, onBehalfOf: null }, now: NOW, actId });
const openCase = async (life: Life, number: string) => {
  const { rows } = await g.store.pool.query<{ suspense: string; amount: number; basis: Basis; known: boolean }>(
    `select s.suspense_id as suspense, s.amount, s.detail ->> 'basis' as basis, k.person_id is not null as known from suspense s join payments k on k.payment_id = s.payment_id
     where s.status = 'open' and s.amount > 0 and (k.person_id = $1 or starts_with(k.external_id, $2)) order by s.suspense_id limit 1`,
    [life.person, number],
  );
  return rows[0] ?? null;
};

/** Done by hand; what the model forbids is refused, and the other way round. */
async function byHand(life: Life, step: Op, n: number, round: number): Promise<void> {
  const actId = `s${n}-${round}`;
  const expected = async (allowed: boolean, work: () => Promise<unknown>, code: string): Promise<boolean> => {
    if (!allowed) {
      expect([n, round, (await refusal(work())).code]).toEqual([n, round, code]);
      return false;
    }
    await work();
    life.again = work;
    return true;
  };
  if (step.kind === 'collect') {
    const allowed = step.amount <= OWED - Math.max(life.credited.collected, life.credited.arrived);
    const work = () =>
      recordCollected({ ...act(actId), due: life.due, amount: step.amount, on: DAY, receipt: null, channel: null, means: null });
    if (await expected(allowed, work, 'too-much-for-due')) {
      life.credited.collected += step.amount;
      add(cash, life.village, step.amount);
    }
  }
  if (step.kind === 'remit') {
    const unit = `u${life.village + 10}` as UnitId;
    const work = () =>
      recordRemitted({ ...act(actId), unit, insurance: 'pension', amount: step.amount, on: DAY, account: 'fiscal', slip: null });
    if (await expected(step.amount <= (cash.get(life.village) ?? 0), work, 'bad-amount')) {
      add(cash, life.village, -step.amount);
      add(remitted, life.village, step.amount);
    }
  }
  if (step.kind === 'allot' || step.kind === 'refund') {
    const found = await openCase(life, `T${n}-`);
    if (found === null) return;
    const { suspense, amount: rests, basis, known } = found;
    const allowed = step.kind === 'refund' || rests <= OWED - life.credited[basis];
    const work = (): Promise<unknown> =>
      step.kind === 'refund'
        ? refundSuspense({ ...act(actId), suspense, on: DAY, reason: '退' })
        : allotSuspense({ ...act(actId), suspense, due: life.due, reason: '记' });
    if (!(await expected(allowed, work, 'too-much-for-due'))) return;
    // Settled is settled: again it is refused, so that only the others are sent again.
    life.again = null;
    life.settled = true;
    (known ? life.resting : life.stranger)[basis] -= rests;
    if (step.kind === 'allot') life.credited[basis] += rests;
    else if (basis === 'collected') add(cash, life.village, -rests);
  }
  if (step.kind === 'replay' && life.again !== null) await life.again();
}

async function balances(account: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await g.store.pool.query<{ holder: string; amount: number }>(
    `select holder, sum(amount)::bigint as amount from ledger_postings where account = $1 group by 1 having sum(amount) <> 0`,
    [account],
  );
  return new Map(rows.map(({ holder, amount: left }) => [holder, left]));
}
const told = (entries: Iterable<readonly [string, number]>): Record<string, number> =>
  Object.fromEntries([...entries].filter(([, value]) => value !== 0));

describe(`${SEQUENCES} sequences of collect, remit, arrive, reverse, suspend, allot, refund, replay (seed ${SEED})`, () => {
  test('are booked as the model adds and subtracts them', async () => {
    for (let round = 0; lives.some(({ ops }) => ops.length > round); round += 1) {
      const rows = lives.flatMap((life, n) => {
        const step = life.ops[round];
        return step === undefined ? [] : (fileRow(life, step, `T${n}-${round}`) ?? []);
      });
      const file = `身份证号码,姓名,村居,缴费金额,缴费日期,流水号,交易类型,原流水号\n${rows.join('\n')}\n`;
      if (rows.length > 0) files.push(file);
      if (rows.length > 0) expect((await g.run('payments', file)).bad).toBe(0);
      for (const [n, life] of lives.entries()) {
        const step = life.ops[round];
        if (step !== undefined) await byHand(life, step, n, round);
      }
      if (lives.some(({ ops }) => ops[round]?.kind === 'replay')) expect((await g.run('payments', files[0] ?? '')).kept).toBe(0);
    }
    const matched = ({ credited }: Life): number => Math.min(credited.collected, credited.arrived);
    expect(told(await balances('contribution'))).toEqual(told(lives.map((life) => [life.person, -life.credited.arrived])));
    expect(told(await balances('received'))).toEqual(told(lives.map((life) => [life.person, matched(life) - life.credited.collected])));
    expect(told(await balances('cash'))).toEqual(told([...cash].map(([village, left]) => [`u${village + 10}`, left])));
    const transit = new Map(remitted);
    for (const life of lives) add(transit, life.village, -matched(life));
    expect(told(await balances('transit'))).toEqual(told([...transit].map(([village, left]) => [`u${village + 10}`, left])));
    const rests = lives.reduce(
      (sum, { resting, stranger }) => sum + resting.arrived + resting.collected + stranger.arrived + stranger.collected,
      0,
    );
    const income = lives.reduce((sum, { credited, resting, stranger }) => sum + credited.arrived + resting.arrived + stranger.arrived, 0);
    const rows = await trialBalance(g.store.db, { county: COUNTY, process: g.process }, { on: null, recordedBy: null });
    const shown = Object.fromEntries(rows.map(({ account, balance }) => [account, balance]));
    expect([shown['suspense'] ?? 0, shown['income'] ?? 0]).toEqual([rests, income]);
    expect(rows.reduce((sum, { debit, credit }) => sum + debit - credit, 0)).toBe(0);
  }, 3_000_000);

  test('leave no claim of a person below nothing', async () => {
    for (const account of ['contribution', 'received'])
      for (const [holder, left] of await balances(account)) expect([account, holder, left <= 0]).toEqual([account, holder, true]);
  });

  test('keep every promise of the ledger', async () => {
    const found = await verifyLedger(g.store.db, { county: COUNTY, process: g.process });
    expect(found.violation).toBeNull();
    expect(found.transactions).toBeGreaterThan(SEQUENCES);
  });

  test('sent again, all of it, change nothing', async () => {
    const dumped = () => dumpTransactions(g.store.db, { county: COUNTY, process: g.process }, '', 1_000_000);
    const before = await dumped();
    for (const file of files) expect((await g.run('payments', file)).kept).toBe(0);
    for (const life of lives.slice(0, 200)) await life.again?.();
    expect(await dumped()).toEqual(before);
  }, 600_000);
});
