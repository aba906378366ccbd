import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clearBatch } from '../../activities/deductions/clear.js';
import { finishMake, handOverBatch } from '../../activities/deductions/hand-over.js';
import { makeBatches } from '../../activities/deductions/make.js';
import { CYCLE_POINTS, type CycleParts, type CyclePoint } from '../../activities/deductions/parts.js';
import { feedBack, postReturn } from '../../activities/deductions/post.js';
import { confirmSettlement, proposeSettlement } from '../../activities/deductions/settle.js';
import { stageReturn } from '../../activities/deductions/stage.js';
import { addDays } from '../../domain/calendar/dates.js';
import { freeDues } from '../../store/cases/frees.js';
import type { ObligationId } from '../../domain/model/ids.js';
import {
  clerk,
  CODES,
  COUNTY,
  countyOver,
  day,
  DEDUCTION,
  givenCounty,
  launchedIn,
  moment,
  officer,
  setting,
  type County,
  type Said,
} from './given.js';

/*
 * The cycle against a model of a page: files in any order, again, in part, contradicting; a program that dies at any named point and starts again; two people. Each
 * person of a sequence lives through it alone, so that one sequence is as many.
 */
const PERSONS = 50;
const LONG = process.env['DUBAN_LONG'] === '1';
const SEQUENCES = LONG ? 200 : 20;
const AMOUNT = 20_000;
const FIRST = day('2018-04-02');
const ROUNDS = 5;

let ground: County;
beforeAll(async () => {
  ground = await givenCounty();
});
afterAll(() => ground.close());

type Definite = 'arrived' | 'short' | 'account';
type Outcome = Definite | 'unknown' | 'duplicate';

/** A line of a batch, as anybody would keep it on paper. */
interface Line {
  readonly person: number;
  readonly round: number;
  readonly batch: string;
  readonly line: number;
  definite: Definite | null;
  heard: 'nothing' | 'unknown' | 'duplicate';
  late: boolean;
  contradicted: number;
  moneyCame: boolean;
}

class Model {
  readonly lines: Line[] = [];
  readonly said = new Set<string>();
  readonly freed = new Map<number, number>();

  lastOf(person: number): Line | undefined {
    return this.lines.filter((line) => line.person === person).at(-1);
  }
  /** Who may be asked for money in a round. */
  dueIn(round: number): readonly number[] {
    return Array.from({ length: PERSONS }, (_, person) => person).filter((person) => {
      const last = this.lastOf(person);
      if (last === undefined) return true;
      if (last.definite === null || last.definite === 'arrived') return false;
      if (this.lines.some((line) => line.person === person && line.late)) return false;
      return last.round < round && (last.definite === 'short' || (this.freed.get(person) ?? 0) >= last.round);
    });
  }
  answer(line: Line, outcome: Outcome): void {
    if (line.definite === null) {
      if (outcome === 'unknown') line.heard = line.heard === 'duplicate' ? 'duplicate' : 'unknown';
      else if (outcome === 'duplicate') line.heard = 'duplicate';
      else line.definite = outcome;
    } else if (line.definite === 'arrived') {
      if (outcome !== 'arrived' && outcome !== 'duplicate') line.contradicted += 1;
    } else if (outcome === 'arrived') line.late = true;
    else if (outcome !== line.definite) line.contradicted += 1;
  }
  awaited(batch: string): readonly Line[] {
    return this.lines.filter((line) => line.batch === batch && (line.definite === 'arrived' || line.late) && !line.moneyCame);
  }
  /** All that can be told of it, in a stable order. */
  dump(): readonly string[] {
    return this.lines
      .map(({ batch, line, definite, heard, late, contradicted, moneyCame }) =>
        [batch, line, definite ?? heard, late ? 'late' : '', contradicted, moneyCame ? 'came' : ''].join(' '),
      )
      .sort();
  }
}

/** Chance from a seed, the same each time. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

const pick = <T>(list: readonly T[], roll: (below: number) => number): T | undefined => list[roll(list.length)];
class Killed extends Error {}

class Sequence {
  readonly model = new Model();
  readonly files: { readonly batch: string; readonly name: string; readonly content: Buffer }[] = [];
  round = 0;
  on = FIRST;

  constructor(
    readonly county: County,
    readonly dues: readonly string[],
  ) {}

  get batches(): readonly string[] {
    return [...new Set(this.model.lines.map(({ batch }) => batch))];
  }

  /** Does the steps; where it is killed, all of them are done again, as the workflow would. */
  async survive(point: CyclePoint | null, steps: (parts: CycleParts) => Promise<void>): Promise<void> {
    let alive = point === null;
    const at = (reached: CyclePoint): void => {
      if (alive || reached !== point) return;
      alive = true;
      throw new Killed();
    };
    try {
      await steps({ ...this.county.parts, at });
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      await steps(this.county.parts);
    }
  }

  async make(point: CyclePoint | null): Promise<void> {
    if (this.round >= ROUNDS) return;
    this.round += 1;
    this.on = addDays(FIRST, (this.round - 1) * 15);
    const expected = this.model.dueIn(this.round);
    const order = await this.county.runOrder(this.on);
    const { of } = this.county;
    await this.survive(point, async (parts) => {
      const made = await makeBatches(parts, of, order);
      if (made.kind === 'made') for (const { id } of made.batches) await handOverBatch(parts, of, id);
      await finishMake(parts, of, order);
    });
    const rows = await this.county.rows(
      `select l.batch_id, l.line, l.due_id from deduction_lines l join deduction_batches b using (county_id, batch_id)
       where b.process_id = $1 and b.round = $2 order by l.line`,
      this.county.process,
      this.round,
    );
    expect(rows.map((row) => this.dues.indexOf(String(row['due_id']))).sort((a, b) => a - b)).toEqual(expected);
    for (const row of rows)
      this.model.lines.push({
        person: this.dues.indexOf(String(row['due_id'])),
        round: this.round,
        batch: String(row['batch_id']),
        line: Number(row['line']),
        definite: null,
        heard: 'nothing',
        late: false,
        contradicted: 0,
        moneyCame: false,
      });
  }

  async answer(seed: number, point: CyclePoint | null): Promise<void> {
    const roll = chance(seed);
    const batch = pick(this.batches, roll);
    if (batch === undefined) return;
    const outcomes: readonly Outcome[] = ['arrived', 'arrived', 'short', 'short', 'account', 'unknown', 'duplicate'];
    const said = this.model.lines
      .filter((line) => line.batch === batch && roll(10) < 7)
      .map((line) => ({ of: line, outcome: pick(outcomes, roll) ?? 'arrived' }))
      .sort((a, b) => a.of.line - b.of.line);
    if (said.length === 0) return;
    const lines = said.map(({ of, outcome }): Said => ({ line: of.line, code: outcome === 'unknown' ? '9X' : (CODES[outcome] ?? '') }));
    const file = await this.county.written(batch, lines, { seq: (this.files.length % 99) + 1 });
    this.files.push({ batch, ...file });
    await this.take(file, point);
    const meaning = `${batch} ${lines.map(({ line, code }) => `${line}:${code ?? ''}`).join(' ')}`;
    if (this.model.said.has(meaning)) return;
    this.model.said.add(meaning);
    for (const { of, outcome } of said) this.model.answer(of, outcome);
  }

  /** An old file again, under its own or another name. */
  async replay(seed: number): Promise<void> {
    const file = pick(this.files, chance(seed));
    if (file === undefined) return;
    await this.take({ ...file, name: file.name.replace(/_\d\d/, '_88') }, null);
  }

  async take(file: { readonly name: string; readonly content: Buffer }, point: CyclePoint | null): Promise<void> {
    const order = await this.county.order(addDays(this.on, 3), file);
    const { of } = this.county;
    await this.survive(point, async (parts) => {
      const staged = await stageReturn(parts, of, order);
      expect(staged.kind).toBe('staged');
      await postReturn(parts, of, order);
      await feedBack(parts, of, order);
    });
  }

  async settle(seed: number): Promise<void> {
    const roll = chance(seed);
    const line = pick(
      this.model.lines.filter(({ definite }) => definite === null),
      roll,
    );
    if (line === undefined) return;
    const choice = pick(['arrived', 'short', 'account'] as const, roll) ?? 'short';
    const { parts, of } = this.county;
    const at = moment(addDays(this.on, 4));
    const { decision } = await proposeSettlement(parts, {
      ...of,
      kind: 'line',
      subject: `${line.batch}/${line.line}`,
      choice,
      reason: '核对',
      evidence: [{ paper: 'depositProof', fields: { amount: 20_000 }, file: null }],
      at,
      by: clerk,
    });
    await confirmSettlement(parts, { ...of, decision, at, by: officer });
    this.model.answer(line, choice);
  }

  async clear(seed: number): Promise<void> {
    const batch = pick(
      this.batches.filter((one) => this.model.awaited(one).length > 0),
      chance(seed),
    );
    if (batch === undefined) return;
    const lines = this.model.awaited(batch);
    const on = addDays(this.on, 4);
    await clearBatch(this.county.parts, {
      ...this.county.of,
      batch,
      amount: lines.length * AMOUNT,
      on,
      reference: `R${seed}-${batch}-${lines.length}`,
      at: moment(on),
      by: clerk,
    });
    for (const line of lines) line.moneyCame = true;
  }

  /** The case of a stopped person frees it. */
  async free(): Promise<void> {
    const stopped = Array.from({ length: PERSONS }, (_, person) => this.model.lastOf(person)).filter(
      (line) => line?.definite === 'account',
    );
    const frees = stopped.flatMap((line) => (line === undefined ? [] : [{ deduction: DEDUCTION, due: this.dues[line.person] ?? '', afterRound: line.round, extra: false, row: 'deductionAnomaly/d1@1' as ObligationId, at: moment(this.on), by: clerk, reason: null }])); // prettier-ignore
    await this.county.store.db.transaction().execute((trx) => freeDues(trx, COUNTY, this.county.process, frees));
    for (const line of stopped) if (line !== undefined) this.model.freed.set(line.person, line.round);
  }

  async check(): Promise<void> {
    const rows = await this.county.rows(
      `select l.batch_id, l.line,
         coalesce(max(o.outcome) filter (where not o.late and o.class in ('success', 'failed-retryable', 'failed-permanent')),
           case when bool_or(o.class = 'duplicate-reported') then 'duplicate' when count(o.class) > 0 then 'unknown' else 'nothing' end) as stands,
         coalesce(bool_or(o.late), false) as late,
         (select count(*)::int from deduction_quarantine q where q.batch_id = l.batch_id and q.line = l.line) as contradicted,
         exists (select from deduction_cleared_lines z where z.batch_id = l.batch_id and z.line = l.line) as came
       from deduction_batches b join deduction_lines l using (county_id, batch_id)
       left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
       where b.process_id = $1 group by 1, 2`,
      this.county.process,
    );
    const dump = rows.map((row) => [row['batch_id'], row['line'], row['stands'], row['late'] === true ? 'late' : '', row['contradicted'], row['came'] === true ? 'came' : ''].join(' ')); // prettier-ignore
    expect(dump.sort()).toEqual(this.model.dump());
    expect(await this.county.verified()).toBeNull();
    await this.checkMoney();
  }

  /** Nobody is charged twice: what was taken beyond one contribution is owed back. And what came is on the due. */
  async checkMoney(): Promise<void> {
    const rows = await this.county.rows(
      `select d.due_id, d.arrived, coalesce(c.amount, 0)::int as contribution, coalesce(r.amount, 0)::int as refund
       from dues d
       left join (select holder, -sum(amount) as amount from ledger_postings where process_id = $1 and account = 'contribution' group by 1) c on c.holder = d.person_id
       left join (select holder, -sum(amount) as amount from ledger_postings where process_id = $1 and account = 'refundPayable' group by 1) r on r.holder = d.person_id
       where d.process_id = $1`,
      this.county.process,
    );
    for (const row of rows) {
      const own = this.model.lines.filter(({ person }) => person === this.dues.indexOf(String(row['due_id'])));
      const taken = own.filter(({ definite }) => definite === 'arrived');
      expect(taken.length).toBeLessThanOrEqual(1);
      expect([row['contribution'], row['refund'], row['arrived']]).toEqual([
        taken.length * AMOUNT,
        own.filter(({ late }) => late).length * AMOUNT,
        taken.filter(({ moneyCame }) => moneyCame).length * AMOUNT,
      ]);
    }
  }
}

const point = fc.option(fc.constantFrom(...CYCLE_POINTS.filter((one) => one !== 'fed-back')), { nil: null, freq: 2 });
const op = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('make' as const), seed: fc.nat(), point }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const), seed: fc.nat(), point }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('replay' as const, 'settle' as const, 'clear' as const, 'free' as const),
      seed: fc.nat(),
      point: fc.constant(null),
    }),
  },
);

test(
  `${SEQUENCES * PERSONS} lives of a debt: whatever files say, in whatever order, killed wherever: nobody is charged twice and all adds up`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { minLength: 6, maxLength: 14 }), async (ops) => {
        const county = countyOver(ground.store, await launchedIn(ground.store), setting, ground.parts, () => Promise.resolve());
        const sequence = new Sequence(county, await county.people(Array.from({ length: PERSONS }, () => ({ amount: AMOUNT }))));
        await sequence.make(null);
        for (const { kind, seed, point: killed } of ops) {
          if (kind === 'make') await sequence.make(killed);
          else if (kind === 'answer') await sequence.answer(seed, killed);
          else if (kind === 'replay') await sequence.replay(seed);
          else if (kind === 'settle') await sequence.settle(seed);
          else if (kind === 'clear') await sequence.clear(seed);
          else await sequence.free();
        }
        await sequence.check();
      }),
      { numRuns: SEQUENCES, seed: 20_180_401, endOnFailure: true },
    );
  },
  LONG ? 3_600_000 : 600_000,
);
