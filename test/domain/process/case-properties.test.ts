import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Cases } from '../../../activities/rows/take-up.js';
import type { Effect, FreeEffect, OpeningEffect } from '../../../domain/model/effect.js';
import type { Act, Actor } from '../../../domain/model/event.js';
import type { ActId, LocalDate, ObligationId, ProcessId, UnitId, UserId } from '../../../domain/model/ids.js';
import { addDays } from '../../../domain/calendar/dates.js';
import { initialState } from '../../../domain/process/index.js';
import { bringRow, foldRow, stepRow, type Row, type RowEvent, type Turn } from '../../../domain/process/rows.js';
import type { CaseKnown, StoredOpening } from '../../../store/cases/openings.js';
import { at } from '../../support/campaign.js';
import { found } from '../../support/definitions.js';
import { BANK, BRANCH, shuchengSetting, TOWNSHIP } from '../../support/shucheng.js';
import { PROOF } from './given-cases.js';

/*
 * One due through a year of whatever the bank, the offices and the ledger may do, in any order: never two open cases of a kind, an end stays an end, the money alone
 * closes, every state that was entered is one obligation, and the journals give all of it again.
 */

const setting = shuchengSetting();
const TYPES = ['deductionRetry', 'deductionAnomaly', 'accountCorrection', 'deathCheck'] as const;
const KINDS = setting.definition.cases ?? {};
const OUTCOMES: Readonly<Record<string, string | null>> = {
  short: 'deductionRetry',
  bare: 'deductionAnomaly',
  account: 'accountCorrection',
  name: 'accountCorrection',
  deceased: 'deathCheck',
  unknown: 'deductionAnomaly',
  arrived: null,
};
const ACTS = ['urge', 'deposit', 'find', 'cure', 'correct', 'refer', 'alive', 'died', 'arrive', 'again'] as const;
const PEOPLE: readonly Actor[] = [TOWNSHIP, BANK, BRANCH];

/** The rows of one due, as the store would hold them. */
class Due {
  readonly rows = new Map<ObligationId, Row>();
  readonly entries = new Map<ObligationId, { under: number; event: RowEvent }[]>();
  readonly turns: Turn[];
  readonly frees: FreeEffect[] = [];
  readonly notices: string[] = [];
  readonly ended = new Map<ObligationId, string>();
  readonly states = new Map<ObligationId, Set<string>>();
  round = 0;
  arrivedOn: LocalDate | null = null;
  #openings: StoredOpening[] = [];
  #seen = new Set<string>();
  #acts = 0;

  constructor() {
    const { amendments, coreRevision } = initialState('c1' as ProcessId);
    const context = { coreRevision, status: 'running' as const, launchedAt: at('2018-01-01'), amendments, paused: null };
    this.turns = [{ seq: 1, at: at('2018-04-02'), context, setting, digest: 's' }];
  }

  get turn(): Turn {
    return found(this.turns.at(-1), 'turn');
  }
  get today(): LocalDate {
    return this.turn.at.slice(0, 10) as LocalDate;
  }
  get open(): readonly Row[] {
    return [...this.rows.values()].filter(({ main }) => main.closed === null);
  }

  pass(days: number): void {
    this.turns.push({ ...this.turn, seq: this.turn.seq + 1, at: at(`${addDays(this.today, days)}T09:00:00`) });
    for (const row of this.open) {
      const brought = bringRow(row, this.turns);
      this.#keep(brought.row, brought.effects, null);
    }
  }
  answered(outcome: string, deposited: number): void {
    this.round += 1;
    const type = outcome === 'bare' && deposited < 20_000 ? 'deductionRetry' : (OUTCOMES[outcome] ?? null);
    this.#store(
      `b${this.round}`,
      type,
      `pensionDeduction.${outcome}`,
      { round: this.round, amount: 20_000, deposited },
      'system' as UserId,
    );
    this.takeUp();
  }
  money(on: LocalDate | null): void {
    this.arrivedOn = on;
    for (const { id } of this.open) {
      const stands = on === null ? ('owed' as const) : ('done' as const);
      this.#step(id, { type: 'settled', at: this.turn.at, stands, on: on ?? this.today, unit: 'v1' as UnitId });
    }
    this.takeUp();
  }
  act(id: ObligationId, who: Actor, act: string, code: string): string | null {
    const what: Act = { kind: 'step', obligation: id, act, ...given(act, code) };
    const refused = this.#step(id, { type: 'acted', at: this.turn.at, actId: `a${(this.#acts += 1)}` as ActId, actor: who, act: what });
    this.takeUp();
    return refused;
  }

  /** The real taking up, in memory. */
  takeUp(): void {
    for (let page = this.#openings; page.length > 0; page = this.#openings) {
      this.#openings = [];
      const known = [...this.rows.values()].map(({ id, main }): CaseKnown => {
        const { type, number } = found(main.case, 'case');
        return { id, type, due: 'd1', number, open: main.closed === null };
      });
      const cases = new Cases(this.turn.at, this.turns, known, this.open);
      const due = { due: 'd1', person: 'n1', unit: 'v1' as UnitId, insurance: 'pension', arrivedOn: this.arrivedOn, row: {} };
      for (const opening of page) cases.take(opening, due, this.arrivedOn !== null);
      for (const { row, effects } of cases.changes) this.#keep(row, effects, null);
      for (const { row, under, event } of cases.entries) this.#journal(row, { under, event });
    }
  }

  #step(id: ObligationId, event: Extract<RowEvent, { type: 'acted' | 'settled' }>): string | null {
    const row = found(this.rows.get(id), id);
    const stepped = stepRow(row, this.turns, event);
    if (stepped.refusal !== null) return stepped.refusal.code;
    if (stepped.changed) this.#keep(stepped.row, stepped.effects, stepped.row.number > row.number ? event : null);
    return null;
  }
  #keep(row: Row, effects: readonly Effect[], event: RowEvent | null): void {
    this.rows.set(row.id, row);
    if (event !== null) this.#journal(row.id, { under: this.turn.seq, event });
    for (const effect of effects) {
      if (effect.type === 'free') this.frees.push(effect);
      if (effect.type === 'notice') this.notices.push(effect.notice.id);
      if (effect.type === 'opening') this.#effect(effect);
      if (effect.type === 'obligation') this.states.set(row.id, (this.states.get(row.id) ?? new Set()).add(effect.obligation.id));
    }
  }
  #effect({ opening, by }: OpeningEffect): void {
    this.#store(opening.id, opening.type, opening.event, opening.cause, by);
  }
  #store(id: string, type: string | null, event: string, cause: StoredOpening['cause'], by: UserId): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#openings.push({ id, type, due: 'd1', event, cause, at: this.turn.at, by });
  }
  #journal(row: ObligationId, entry: { under: number; event: RowEvent }): void {
    this.entries.set(row, [...(this.entries.get(row) ?? []), entry]);
  }
}

function given(act: string, code: string): Partial<Extract<Act, { kind: 'step' }>> {
  if (act === 'deposit') return { answer: { deposited: code === 'other' ? 19_999 : 20_000 }, evidence: PROOF };
  if (act === 'find') return { answer: { finding: '查明', cause: code, remedy: 'bank' } };
  if (act === 'died')
    return { answer: { diedOn: '2018-02-03' }, evidence: [{ paper: 'deathProof', fields: { diedOn: '2018-02-03' }, file: null }] };
  if (act === 'correct' || act === 'alive') return { reason: '已更正', evidence: [{ paper: 'accountProof', fields: {}, file: null }] };
  return act === 'cure' || act === 'refer' ? { reason: '已处理' } : {};
}

const move = fc.oneof(
  fc.record({
    do: fc.constant('answered' as const),
    outcome: fc.constantFrom(...Object.keys(OUTCOMES)),
    deposited: fc.constantFrom(0, 19_999, 20_000),
  }),
  fc.record({
    do: fc.constant('act' as const),
    which: fc.nat(3),
    who: fc.nat(2),
    act: fc.constantFrom(...ACTS),
    code: fc.constantFrom('other', 'zeroBalance'),
  }),
  fc.record({
    do: fc.constant('act' as const),
    which: fc.nat(3),
    who: fc.nat(2),
    act: fc.constantFrom('find', 'cure'),
    code: fc.constant('other'),
  }),
  fc.record({ do: fc.constant('money' as const), there: fc.boolean() }),
  fc.record({ do: fc.constant('pass' as const), days: fc.integer({ min: 1, max: 12 }) }),
);

/** What must hold after whatever happened. */
function check(due: Due): void {
  for (const type of TYPES) expect(due.open.filter(({ main }) => main.case?.type === type).length).toBeLessThanOrEqual(1);
  for (const { id, main } of due.rows.values()) {
    const { type, state, entry } = found(main.case, id);
    const final = found(KINDS[type], type).states.find((one) => one.id === state)?.owes.length === 0;
    expect(final).toBe(main.closed !== null);
    expect(main.status === 'open' || main.status === 'done').toBe(true);
    // Each state that it entered is one obligation.
    expect(due.states.get(id)?.size).toBe(entry);
    const before = due.ended.get(id);
    if (before !== undefined) expect(JSON.stringify(main)).toBe(before);
    else if (main.closed !== null) {
      due.ended.set(id, JSON.stringify(main));
      if (state === 'closed') expect(due.arrivedOn).not.toBeNull();
    }
    if (type === 'deductionAnomaly' && state === 'closed') expect(main.case?.fields['cause']).toBeDefined();
  }
  // Where the township has said that the holder is dead, the bank's word does not make the due free again.
  for (const { id, main } of due.rows.values())
    if (main.case?.state === 'died')
      expect(due.frees.filter((free) => free.case === id && free.afterRound >= (main.case?.round ?? 0))).toEqual([]);
  // Only acts free a due, and never for a round that is still to come.
  for (const free of due.frees) expect(free.afterRound).toBeLessThanOrEqual(due.round);
  expect(new Set(due.notices).size).toBe(due.notices.length);
  // With the money there nothing is urged any more: what is open still seeks its cause.
  if (due.arrivedOn !== null) expect(due.open.filter(({ main }) => main.case?.type === 'deductionRetry')).toEqual([]);
}

test('whatever happens to a due', () => {
  const runs = process.env['DUBAN_LONG'] === '1' ? 10_000 : 1_000;
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 30 }), (moves) => {
      const due = new Due();
      for (const one of moves) {
        if (one.do === 'answered') due.answered(one.outcome, one.deposited);
        else if (one.do === 'pass') due.pass(one.days);
        else if (one.do === 'money') due.money(one.there ? due.today : null);
        else {
          const row = [...due.rows.values()][one.which];
          if (row) due.act(row.id, found(PEOPLE[one.who], 'person'), one.act, one.code);
        }
        check(due);
      }
      for (const [id, row] of due.rows) {
        const folded = found(foldRow(found(due.entries.get(id), id), due.turns, due.turn.seq), id);
        expect(folded.row).toEqual({ ...row, turn: folded.row.turn });
      }
    }),
    { numRuns: runs, seed: 20181121 },
  );
});
