import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clearBatch } from '../../activities/deductions/clear.js';
import { finishMake, handOverBatch } from '../../activities/deductions/hand-over.js';
import { makeBatches } from '../../activities/deductions/make.js';
import { CYCLE_POINTS, type CycleParts, type CyclePoint } from '../../activities/deductions/parts.js';
import { feedBack, postReturn } from '../../activities/deductions/post.js';
import { confirmSettlement, proposeSettlement, type Propose } from '../../activities/deductions/settle.js';
import { CycleRefusal } from '../../activities/deductions/refusal.js';
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
  paidOtherwise,
  setting,
  type County,
  type Said,
} from './given.js';

/*
 * The cycle against a model of a page. Every person lives a sequence of operations of its own, in an order of its own: asked for, answered in whatever order, again,
 * contradicted, settled by two people, paid otherwise, paid back, freed. What the persons of a run do at one step goes into the same files and rounds, as it would;
 * a program dies at any named point meanwhile and starts again.
 */
const PERSONS = 50;
const LONG = process.env['DUBAN_LONG'] === '1';
const RUNS = LONG ? 200 : 20;
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
interface Refund {
  readonly why: 'late' | 'excess';
  readonly amount: number;
  settled: 'paid' | 'credited' | null;
}

/** A line of a batch, as anybody would keep it on paper. */
interface Line {
  readonly person: number;
  readonly round: number;
  readonly batch: string;
  readonly line: number;
  readonly amount: number;
  definite: Definite | null;
  heard: 'nothing' | 'unknown' | 'duplicate';
  late: boolean;
  /** Contradictions, each with how two people settled it. */
  readonly contradicted: ('open' | 'keep' | 'reverse' | 'taken')[];
  moneyCame: boolean;
  readonly refunds: Refund[];
}
const isReversed = ({ contradicted }: Line): boolean => contradicted.includes('reverse');
const hasFailed = ({ definite }: Line): boolean => definite === 'short' || definite === 'account';

class Model {
  readonly lines: Line[] = [];
  readonly said = new Set<string>();
  readonly freed = new Map<number, number>();
  readonly paid = new Map<number, number>();
  /** What stands on each due as arrived. */
  readonly arrived = new Map<number, number>();

  linesOf(person: number): readonly Line[] {
    return this.lines.filter((line) => line.person === person);
  }
  hasArrived(person: number): number {
    return this.arrived.get(person) ?? 0;
  }
  credit(person: number, amount: number): void {
    this.arrived.set(person, this.hasArrived(person) + amount);
  }
  /** Who may be asked for money in a round, and for how much. */
  dueIn(round: number): readonly string[] {
    return Array.from({ length: PERSONS }, (_, person) => person).flatMap((person) => {
      const own = this.linesOf(person);
      const last = own.at(-1);
      const rest = AMOUNT - this.hasArrived(person);
      const asked = `${person} ${rest}`;
      if (rest <= 0) return [];
      if (last === undefined) return [asked];
      if (last.definite === null || last.definite === 'arrived') return [];
      if (own.some(({ refunds }) => refunds.some(({ why, settled }) => why === 'late' && settled === null))) return [];
      return last.round < round && (last.definite === 'short' || (this.freed.get(person) ?? 0) >= last.round) ? [asked] : [];
    });
  }
  answer(line: Line, outcome: Outcome): void {
    if (line.definite === null) {
      if (outcome === 'unknown') line.heard = line.heard === 'duplicate' ? 'duplicate' : 'unknown';
      else if (outcome === 'duplicate') line.heard = 'duplicate';
      else line.definite = outcome;
    } else if (line.definite === 'arrived') {
      if (outcome !== 'arrived' && outcome !== 'duplicate') line.contradicted.push('open');
    } else if (outcome === 'arrived') this.taken(line);
    else if (outcome !== line.definite) line.contradicted.push('open');
  }
  /** A success after a failure: it is owed back, once. */
  taken(line: Line): void {
    if (!line.late) line.refunds.push({ why: 'late', amount: line.amount, settled: null });
    line.late = true;
  }
  awaited(batch: string): readonly Line[] {
    return this.lines.filter(
      (line) => line.batch === batch && !line.moneyCame && !isReversed(line) && (line.definite === 'arrived' || line.late),
    );
  }
  came(line: Line): void {
    line.moneyCame = true;
    if (line.late) return;
    const credit = Math.min(line.amount, Math.max(AMOUNT - this.hasArrived(line.person), 0));
    if (credit < line.amount) line.refunds.push({ why: 'excess', amount: line.amount - credit, settled: null });
    this.credit(line.person, credit);
  }
  /** Late money may stand for the contribution: when it is here, there is room, and no attempt may bring more. */
  mayCredit(line: Line, refund: Refund): boolean {
    const room = AMOUNT - this.hasArrived(line.person);
    return refund.why === 'late' && line.moneyCame && room >= refund.amount && this.linesOf(line.person).every(hasFailed);
  }
  /** All that can be told of it, in a stable order. */
  dump(): readonly string[] {
    return this.lines
      .map(({ batch, line, definite, heard, late, contradicted, moneyCame, refunds }) =>
        [
          batch,
          line,
          definite ?? heard,
          late ? 'late' : '',
          contradicted
            .map((one) => (one === 'open' ? '' : one))
            .sort()
            .join('+'),
          moneyCame ? 'came' : '',
          refunds
            .map(({ why, amount, settled }) => `${why}:${amount}:${settled ?? ''}`)
            .sort()
            .join('+'),
        ].join(' '),
      )
      .sort();
  }
}

const pick = <T>(list: readonly T[], nth: number): T | undefined => list[nth % Math.max(list.length, 1)];
class Killed extends Error {}

class Run {
  readonly model = new Model();
  readonly files: { readonly batch: string; readonly name: string; readonly content: Buffer; readonly persons: readonly number[] }[] = [];
  /** What was really done, of each kind. */
  readonly did = new Map<string, number>();
  round = 0;
  on = FIRST;
  #slips = 0;

  constructor(
    readonly county: County,
    readonly dues: readonly string[],
  ) {}

  #did(what: string): void {
    this.did.set(what, (this.did.get(what) ?? 0) + 1);
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
      this.#did('killed');
      await steps(this.county.parts);
    }
  }

  async make(point: CyclePoint | null, mostLines: number | null): Promise<void> {
    if (this.round >= ROUNDS) return;
    this.round += 1;
    this.on = addDays(FIRST, (this.round - 1) * 15);
    const expected = this.model.dueIn(this.round);
    const order = await this.county.runOrder(this.on, mostLines === null ? {} : { mostLines });
    const { of } = this.county;
    await this.survive(point, async (parts) => {
      const made = await makeBatches(parts, of, order);
      if (made.kind === 'made') for (const { id } of made.batches) await handOverBatch(parts, of, id);
      await finishMake(parts, of, order);
    });
    const rows = await this.county.rows(
      `select l.batch_id, l.line, l.due_id, l.amount::int as amount from deduction_lines l join deduction_batches b using (county_id, batch_id)
       where b.process_id = $1 and b.round = $2 order by l.batch_id, l.line`,
      this.county.process,
      this.round,
    );
    const made = rows.map((row) => ({ person: this.dues.indexOf(String(row['due_id'])), batch: String(row['batch_id']), line: Number(row['line']), amount: Number(row['amount']) })); // prettier-ignore
    expect(made.map(({ person, amount }) => `${person} ${amount}`).sort()).toEqual([...expected].sort());
    const batches = new Set(made.map(({ batch }) => batch)).size;
    expect(batches).toBe(made.length === 0 ? 0 : Math.ceil(made.length / (mostLines ?? made.length)));
    if (batches > 1) this.#did('split');
    for (const one of made)
      this.model.lines.push({ ...one, round: this.round, definite: null, heard: 'nothing', late: false, contradicted: [], moneyCame: false, refunds: [] }); // prettier-ignore
  }

  /** A file for each batch of which somebody has an answer. */
  async answer(answers: readonly { readonly of: Line; readonly outcome: Outcome }[], point: CyclePoint | null): Promise<void> {
    for (const batch of new Set(answers.map(({ of }) => of.batch))) {
      const said = answers.filter(({ of }) => of.batch === batch).sort((a, b) => a.of.line - b.of.line);
      const lines = said.map(({ of, outcome }): Said => ({ line: of.line, code: outcome === 'unknown' ? '9X' : (CODES[outcome] ?? '') }));
      const file = await this.county.written(batch, lines, { seq: (this.files.length % 99) + 1 });
      this.files.push({ batch, ...file, persons: said.map(({ of }) => of.person) });
      await this.take(file, point);
      const meaning = `${batch} ${lines.map(({ line, code }) => `${line}:${code ?? ''}`).join(' ')}`;
      if (this.model.said.has(meaning)) continue;
      this.model.said.add(meaning);
      for (const { of, outcome } of said) this.model.answer(of, outcome);
      this.#did('answer');
    }
  }

  /** A file in which the person stood, again, under another name. */
  async replay(person: number, nth: number): Promise<void> {
    const file = pick(
      this.files.filter(({ persons }) => persons.includes(person)),
      nth,
    );
    if (file === undefined) return;
    await this.take({ ...file, name: file.name.replace(/_\d\d/, '_88') }, null);
    this.#did('replay');
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

  /** One proposes, another confirms. False: refused when it was proposed. */
  async #settled(kind: Propose['kind'], subject: string, choice: string): Promise<boolean> {
    const { parts, of } = this.county;
    const at = moment(addDays(this.on, 4));
    const evidence = kind === 'line' ? [{ paper: 'depositProof', fields: { amount: 20_000 }, file: null }] : [];
    const proposed = await proposeSettlement(parts, { ...of, kind, subject, choice, reason: '核对', evidence, at, by: clerk }).catch(
      (error: unknown) => {
        if (error instanceof CycleRefusal) return null;
        throw error;
      },
    );
    if (proposed === null) return false;
    await confirmSettlement(parts, { ...of, decision: proposed.decision, at, by: officer });
    this.#did(`${kind} ${choice}`);
    return true;
  }

  async settle(person: number, choice: Definite): Promise<void> {
    const line = this.model.linesOf(person).find(({ definite }) => definite === null);
    if (line === undefined) return;
    expect(await this.#settled('line', `${line.batch}/${line.line}`, choice)).toBe(true);
    this.model.answer(line, choice);
  }

  async settleContradiction(person: number, choice: 'keep' | 'reverse' | 'taken'): Promise<void> {
    const line = this.model.linesOf(person).find(({ contradicted }) => contradicted.includes('open'));
    if (line === undefined) return;
    const [row] = await this.county.rows(
      `select return_id from deduction_quarantine where batch_id = $1 and line = $2 and settled_at is null order by return_id limit 1`,
      line.batch,
      line.line,
    );
    const may =
      choice === 'keep' ||
      (choice === 'reverse' ? line.definite === 'arrived' && !line.moneyCame && !isReversed(line) : hasFailed(line) && !line.late);
    expect(await this.#settled('quarantine', `${line.batch}/${line.line}/${String(row?.['return_id'])}`, choice)).toBe(may);
    if (!may) return;
    line.contradicted[line.contradicted.indexOf('open')] = choice;
    if (choice === 'taken') this.model.taken(line);
  }

  async settleRefund(person: number, choice: 'paid' | 'credited'): Promise<void> {
    const line = this.model.linesOf(person).find(({ refunds }) => refunds.some(({ settled }) => settled === null));
    const refund = line?.refunds.find(({ settled }) => settled === null);
    if (line === undefined || refund === undefined) return;
    const [row] = await this.county.rows(
      `select refund_id from deduction_refunds where batch_id = $1 and line = $2 and why = $3`,
      line.batch,
      line.line,
      refund.why,
    );
    const may = choice === 'paid' || this.model.mayCredit(line, refund);
    expect(await this.#settled('refund', String(row?.['refund_id']), choice)).toBe(may);
    if (!may) return;
    refund.settled = choice;
    if (choice === 'credited') this.model.credit(person, refund.amount);
  }

  /** At the counter, once, while nothing has come. */
  async pay(person: number, amount: number): Promise<void> {
    if (this.model.hasArrived(person) > 0 || this.model.paid.has(person)) return;
    await paidOtherwise(this.county, this.dues[person] ?? '', amount, addDays(this.on, 2));
    this.model.paid.set(person, amount);
    this.model.credit(person, amount);
    this.#did('pay');
  }

  async clear(person: number): Promise<void> {
    const batch = this.model.linesOf(person).find((line) => this.model.awaited(line.batch).includes(line))?.batch;
    if (batch === undefined) return;
    const lines = this.model.awaited(batch);
    const on = addDays(this.on, 4);
    await clearBatch(this.county.parts, {
      ...this.county.of,
      batch,
      amount: lines.reduce((sum, { amount }) => sum + amount, 0),
      on,
      reference: `R${(this.#slips += 1)}`,
      at: moment(on),
      by: clerk,
    });
    for (const line of lines) this.model.came(line);
    this.#did('clear');
  }

  /** The case of a stopped person frees it. */
  async free(person: number): Promise<void> {
    const last = this.model.linesOf(person).at(-1);
    if (last?.definite !== 'account') return;
    const free = { deduction: DEDUCTION, due: this.dues[person] ?? '', afterRound: last.round, extra: false, row: 'deductionAnomaly/d1@1' as ObligationId, at: moment(this.on), by: clerk, reason: null }; // prettier-ignore
    await this.county.store.db.transaction().execute((trx) => freeDues(trx, COUNTY, this.county.process, [free]));
    this.model.freed.set(person, last.round);
    this.#did('free');
  }

  /** What each person does at one step of its sequence. */
  async step(doing: readonly { readonly person: number; readonly op: Op }[], point: CyclePoint | null): Promise<void> {
    const answers = doing.flatMap(({ person, op }) => {
      const of = op.do === 'answer' ? pick([...this.model.linesOf(person)].reverse(), op.nth) : undefined;
      return of !== undefined && op.do === 'answer' ? [{ of, outcome: op.outcome }] : [];
    });
    await this.answer(answers, point);
    for (const { person, op } of doing) {
      if (op.do === 'replay') await this.replay(person, op.nth);
      else if (op.do === 'settle') await this.settle(person, op.choice);
      else if (op.do === 'contradiction') await this.settleContradiction(person, op.choice);
      else if (op.do === 'refund') await this.settleRefund(person, op.choice);
      else if (op.do === 'pay') await this.pay(person, op.amount);
      else if (op.do === 'clear') await this.clear(person);
      else if (op.do === 'free') await this.free(person);
    }
    const asks = doing.flatMap(({ op }) => (op.do === 'round' ? [op] : []));
    if (asks[0] !== undefined && asks.length * 10 >= doing.length) await this.make(point, asks[0].mostLines);
  }

  async check(): Promise<void> {
    const rows = await this.county.rows(
      `select l.batch_id, l.line,
         coalesce(max(o.outcome) filter (where not o.late and o.class in ('success', 'failed-retryable', 'failed-permanent')),
           case when bool_or(o.class = 'duplicate-reported') then 'duplicate' when count(o.class) > 0 then 'unknown' else 'nothing' end) as stands,
         coalesce(bool_or(o.late), false) as late,
         (select coalesce(string_agg(coalesce(q.settled_as, ''), '+' order by coalesce(q.settled_as, '') collate "C"), '') from deduction_quarantine q where q.batch_id = l.batch_id and q.line = l.line) as contradicted,
         (select coalesce(string_agg(r.why || ':' || r.amount || ':' || coalesce(r.settled_as, ''), '+' order by r.why), '') from deduction_refunds r where r.batch_id = l.batch_id and r.line = l.line) as refunds,
         exists (select from deduction_cleared_lines z where z.batch_id = l.batch_id and z.line = l.line) as came
       from deduction_batches b join deduction_lines l using (county_id, batch_id)
       left join deduction_outcomes o on o.county_id = l.county_id and o.batch_id = l.batch_id and o.line = l.line
       where b.process_id = $1 group by 1, 2`,
      this.county.process,
    );
    const dump = rows.map((row) => [row['batch_id'], row['line'], row['stands'], row['late'] === true ? 'late' : '', row['contradicted'], row['came'] === true ? 'came' : '', row['refunds']].join(' ')); // prettier-ignore
    expect(dump.sort()).toEqual(this.model.dump());
    expect(await this.county.verified()).toBeNull();
    await this.checkMoney();
  }

  /** Nobody is charged twice: what was taken beyond one contribution is owed back or was given back. And what came is on the due. */
  async checkMoney(): Promise<void> {
    const rows = await this.county.rows(
      `select d.due_id, d.arrived::int as arrived, coalesce(c.amount, 0)::int as contribution, coalesce(r.amount, 0)::int as refund
       from dues d
       left join (select holder, -sum(amount) as amount from ledger_postings where process_id = $1 and account = 'contribution' group by 1) c on c.holder = d.person_id
       left join (select holder, -sum(amount) as amount from ledger_postings where process_id = $1 and account = 'refundPayable' group by 1) r on r.holder = d.person_id
       where d.process_id = $1`,
      this.county.process,
    );
    for (const row of rows) {
      const person = this.dues.indexOf(String(row['due_id']));
      const own = this.model.linesOf(person);
      const taken = own.filter((line) => line.definite === 'arrived' && !isReversed(line));
      expect(taken.length).toBeLessThanOrEqual(1);
      expect(this.model.hasArrived(person)).toBeLessThanOrEqual(AMOUNT);
      const refunds = own.flatMap((line) => line.refunds);
      const sum = (of: readonly { readonly amount: number }[]): number => of.reduce((all, { amount }) => all + amount, 0);
      expect([row['contribution'], row['refund'], row['arrived']]).toEqual([
        sum(taken) -
          sum(refunds.filter(({ why }) => why === 'excess')) +
          sum(refunds.filter(({ settled }) => settled === 'credited')) +
          (this.model.paid.get(person) ?? 0),
        sum(refunds.filter(({ settled }) => settled === null)),
        this.model.hasArrived(person),
      ]);
    }
  }
}

const point = fc.option(fc.constantFrom(...CYCLE_POINTS.filter((one) => one !== 'fed-back')), { nil: null, freq: 2 });
const nth = fc.nat({ max: 5 });
const op = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      outcome: fc.constantFrom<Outcome>('arrived', 'arrived', 'short', 'short', 'account', 'unknown', 'duplicate'),
      nth: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, nth),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('round' as const), mostLines: fc.constantFrom(null, 7, 20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('settle' as const), choice: fc.constantFrom<Definite>('arrived', 'short', 'account') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('contradiction' as const),
      choice: fc.constantFrom('keep' as const, 'reverse' as const, 'taken' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('refund' as const), choice: fc.constantFrom('paid' as const, 'credited' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pay' as const), amount: fc.constantFrom(5_000, 15_000, AMOUNT) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'free' as const) }) },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;
const sequence = fc.array(op, { minLength: 6, maxLength: 12 });
const EACH = ['answer', 'clear', 'free', 'killed', 'line arrived', 'line short', 'pay', 'quarantine keep', 'quarantine reverse', 'quarantine taken', 'refund credited', 'refund paid', 'replay', 'split']; // prettier-ignore

test(
  `${RUNS * PERSONS} sequences of operations, each a person's own: in whatever order, killed wherever: nobody is charged twice and all adds up`,
  async () => {
    const did = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(sequence, { minLength: PERSONS, maxLength: PERSONS }),
        fc.array(point, { minLength: 12, maxLength: 12 }),
        async (sequences, points) => {
          const county = countyOver(ground.store, await launchedIn(ground.store), setting, ground.parts, () => Promise.resolve());
          const run = new Run(county, await county.people(Array.from({ length: PERSONS }, () => ({ amount: AMOUNT }))));
          await run.make(null, null);
          for (const [k, killed] of points.entries())
            await run.step(
              sequences.flatMap((ops, person) => (ops[k] === undefined ? [] : [{ person, op: ops[k] }])),
              killed,
            );
          await run.check();
          for (const what of run.did.keys()) did.add(what);
        },
      ),
      { numRuns: RUNS, seed: 20_180_401, endOnFailure: true },
    );
    // Each kind of operation was really done.
    expect(EACH.filter((what) => !did.has(what))).toEqual([]);
  },
  LONG ? 7_200_000 : 900_000,
);
