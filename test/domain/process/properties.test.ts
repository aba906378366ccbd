import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../../../domain/calendar/dates.js';
import { addDuration, resolveDistance } from '../../../domain/calendar/distance.js';
import type { Definition, Value } from '../../../domain/model/definition.js';
import type { Effect } from '../../../domain/model/effect.js';
import type { Act, Actor, CoreEvent, UnitFact } from '../../../domain/model/event.js';
import type { LocalDate, Moment, ObligationId, ProcessId, UnitId } from '../../../domain/model/ids.js';
import { parameterValue } from '../../../domain/model/parameters.js';
import type { Setting } from '../../../domain/model/setting.js';
import type { Obligation, State } from '../../../domain/model/state.js';
import { initialState, frameOf, pack, step, unpack, type Carried } from '../../../domain/process/index.js';
import { isReminder, pendingRungs, rungsOf } from '../../../domain/process/ladder.js';
import { markShelfOf } from '../../../domain/process/obligation-ids.js';
import { actor, at, definitionOf, settingOf, unit } from '../../support/campaign.js';

/**
 * Any sequence of allowed and refused acts, facts, figures and time leaps on a small definition that has every kind of duty. Seeds are
 * fixed; DUBAN_LONG=1 plays ten times as many sequences.
 */
const PATIENCE_MS = 300_000;
const LONGER = process.env['DUBAN_LONG'] === '1' ? 10 : 1;
const SEED = 20_200_501;
/** Days that a run goes on after its last command. */
const AFTER = 20;

const here = dirname(fileURLToPath(import.meta.url));
const definition = definitionOf('supervised.yaml', join(here, '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const setting = settingOf(definition, units);
/** Figures are answered by the shell at the moment of the wake, so only a definition without them can be compared over leaps. */
const withoutFigures: Definition = {
  ...definition,
  milestones: Object.fromEntries(Object.entries(definition.milestones).filter(([, { reach }]) => reach === null)),
};
const leapSetting = settingOf(withoutFigures, units);

const people: readonly Actor[] = [
  actor('p1', ['office', 'c']),
  actor('p2', ['bureau', 'c']),
  actor('p3', ['inspector', 'c']),
  actor('p4', ['cadre', 'v1']),
  actor('p5', ['cadre', 'v2']),
];

/** One thing that happens: numbers that a run turns into acts on what it finds. */
interface Command {
  readonly days: number;
  readonly hour: number;
  readonly what: 'fits' | 'any' | 'campaign' | 'clock' | 'facts' | 'leap';
  readonly pick: number;
  readonly how: number;
}
const command: fc.Arbitrary<Command> = fc.record({
  days: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 1, arbitrary: fc.integer({ min: 5, max: 25 }) }),
  hour: fc.constantFrom(0, 8, 9, 15, 23),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('fits' as const) },
    { weight: 3, arbitrary: fc.constant('any' as const) },
    { weight: 2, arbitrary: fc.constant('campaign' as const) },
    { weight: 3, arbitrary: fc.constant('clock' as const) },
    { weight: 2, arbitrary: fc.constant('facts' as const) },
    { weight: 1, arbitrary: fc.constant('leap' as const) },
  ),
  pick: fc.nat({ max: 1000 }),
  how: fc.nat({ max: 1000 }),
});

const lastOf = (day: LocalDate): Moment => at(`${addDays(day, AFTER)}T23:00:00`);
const cycle = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)];
/** Ids of checks and proposals carry the number of the event that made them; how often the clock was woken must not matter. */
const plain = (id: string): string => id.replaceAll(/\+\d+/g, '+n');
const openOf = (state: State): readonly Obligation[] => Object.values(state.open).flatMap((shelf) => Object.values(shelf));
const sorted = (state: State): readonly Obligation[] =>
  [...openOf(state)].sort((a, b) => (plain(a.id) < plain(b.id) ? -1 : plain(a.id) > plain(b.id) ? 1 : 0));
const holder = (obligation: Obligation, how: number): Actor => {
  const role = cycle(obligation.owes, how);
  return (
    people.find(({ roles }) => roles.some((held) => held.role === role && (held.unit === obligation.unit || held.unit === 'c'))) ??
    actor('p9')
  );
};

/** An act that usually fits the obligation, by who owes it. */
function fitting(obligation: Obligation, how: number, today: LocalDate): { who: Actor; act: Act } {
  const { id } = obligation;
  const who = holder(obligation, how);
  switch (obligation.origin.kind) {
    case 'duty':
      return { who, act: doneFor(id, obligation.origin.duty, how, today) };
    case 'case':
      throw new Error(`${id}: this definition has no cases`);
    case 'confirm':
      return { who, act: how % 3 === 0 ? { kind: 'drop', obligation: id, reason: '不发' } : { kind: 'release', obligation: id } };
    case 'receive':
      return { who, act: { kind: 'receive', obligation: id } };
    case 'reply':
      return { who, act: { kind: 'reply', obligation: id, text: '已整改' } };
    case 'check':
      return { who, act: how % 2 === 0 ? { kind: 'sendBack', obligation: id, reason: '不实' } : { kind: 'strike', obligation: id } };
    default: {
      const never: never = obligation.origin;
      return never;
    }
  }
}

function doneFor(id: ObligationId, duty: string, how: number, today: LocalDate): Act {
  const on = how % 4 === 0 ? { on: addDays(today, -1) } : {};
  switch (duty) {
    case 'plan':
      return { kind: 'done', obligation: id, ...on, evidence: [{ paper: 'filing', fields: { number: '1' }, file: null }] };
    case 'meeting':
      return how % 3 === 0
        ? { kind: 'tick', obligation: id, items: ['notice'] }
        : { kind: 'done', obligation: id, items: ['notice', 'minutes'] };
    case 'visit':
      return how % 2 === 0 ? { kind: 'done', obligation: id, nil: true } : { kind: 'done', obligation: id, answer: { homes: how } };
    default:
      return { kind: 'done', obligation: id, ...on };
  }
}

/** Any act by anyone on anything, fitting or not. */
function whatever(id: ObligationId, how: number, today: LocalDate): Act {
  const acts: readonly Act[] = [
    { kind: 'waive', obligation: id, reason: how % 2 === 0 ? '' : '免办' },
    { kind: 'extend', obligation: id, due: addDays(today, (how % 30) - 3), reason: '延期' },
    { kind: 'suspend', obligation: id, reason: '停计' },
    { kind: 'unsuspend', obligation: id },
    { kind: 'markBeforeLaunch', obligation: id, mark: { as: 'stillOwed', due: addDays(today, 5) } },
    { kind: 'done', obligation: id, on: addDays(today, (how % 5) - 2) },
    { kind: 'tick', obligation: id, items: ['notice', 'tea'] },
    { kind: 'release', obligation: id },
    { kind: 'strike', obligation: id },
    { kind: 'sendBack', obligation: id, reason: '退回' },
    { kind: 'receive', obligation: id },
    { kind: 'reply', obligation: id, text: how % 3 === 0 ? ' ' : '情况说明' },
    { kind: 'takeDown', obligation: id },
  ];
  return cycle(acts, how) ?? { kind: 'resume' };
}

function onCampaign(how: number, today: LocalDate): Act {
  const reason = how % 7 === 0 ? '' : '县里决定';
  const acts: readonly Act[] = [
    { kind: 'pause', reason },
    { kind: 'resume' },
    { kind: 'resume' },
    {
      kind: 'amendPhase',
      phase: cycle(['collection', 'closing', 'nowhere'], how) ?? '',
      from: null,
      to: addDays(today, (how % 40) - 2),
      reason,
    },
    { kind: 'amendParameter', parameter: 'remindBefore', unit: null, value: `${how % 9}d`, reason },
    { kind: 'amendParameter', parameter: 'orderAfter', unit: null, value: how % 5 === 0 ? 'soon' : `${4 + (how % 9)}d`, reason },
    { kind: 'judge', milestone: 'planned/c' },
    { kind: 'correctSnapshot', milestone: cycle(['planned/c', 'monthly/v1@2020-05', 'none/c'], how) ?? '', reason },
    ...(how % 29 === 0 ? [{ kind: 'stop', reason } as const] : []),
  ];
  return cycle(acts, how) ?? { kind: 'resume' };
}

/** Amended phases and intervals, extensions, clocks that stop and go on, in any order. */
function onClock(id: ObligationId, pick: number, how: number, today: LocalDate): Act {
  const phase = cycle(['collection', 'collection', 'stragglers', 'closing'], how) ?? '';
  const reason = '县里决定';
  const [from, to] = [addDays(today, how % 12), addDays(today, (pick % 30) - 1)];
  const acts: readonly Act[] = [
    { kind: 'amendPhase', phase, from: null, to, reason },
    { kind: 'amendPhase', phase, from: null, to, reason },
    { kind: 'amendPhase', phase, from, to: null, reason },
    { kind: 'amendPhase', phase, from, to, reason },
    { kind: 'amendParameter', parameter: 'tourEvery', unit: null, value: `${2 + (how % 12)}d`, reason },
    { kind: 'amendParameter', parameter: 'handWithin', unit: null, value: `${how % 8}d`, reason },
    { kind: 'extend', obligation: id, due: addDays(today, how % 20), reason },
    { kind: 'suspend', obligation: id, reason },
    { kind: 'pause', reason },
  ];
  return cycle(acts, how) ?? { kind: 'resume' };
}

function eventOf({ what, pick, how }: Command, state: State, moment: Moment, n: number): CoreEvent {
  const today = moment.slice(0, 10) as LocalDate;
  const found = sorted(state);
  const acted = (who: Actor, act: Act): CoreEvent => ({ type: 'acted', at: moment, actId: `a${n}` as never, actor: who, act });
  const anyone = cycle(people, how) ?? actor('p9');
  switch (what) {
    case 'fits': {
      const checks = found.filter(({ origin }) => origin.kind === 'check');
      const target = cycle(pick % 3 === 0 && checks.length > 0 ? checks : found, pick);
      if (!target) return { type: 'woke', at: moment };
      const { who, act } = fitting(target, how, today);
      return acted(who, act);
    }
    case 'any': {
      const closed = Object.values(state.closed)
        .flatMap((shelf) => Object.keys(shelf))
        .map(plain);
      const ids = [...found.map(({ id }) => id), ...(how % 5 === 0 ? closed : []), 'nothing/c'];
      const who = how % 2 === 0 ? people[0] : anyone;
      return acted(who ?? anyone, whatever((cycle(ids, pick) ?? 'nothing/c') as ObligationId, how, today));
    }
    case 'campaign':
      return acted(how % 3 === 0 ? anyone : (people[0] ?? anyone), onCampaign(pick, today));
    case 'clock': {
      const office = people[0] ?? anyone;
      if (state.status === 'paused' && pick % 3 > 0) return acted(office, { kind: 'resume' });
      const still = cycle(
        found.filter(({ suspended }) => suspended !== null),
        how,
      );
      if (still && pick % 2 > 0) return acted(office, { kind: 'unsuspend', obligation: still.id });
      return acted(office, onClock(cycle(found, pick)?.id ?? ('nothing/c' as ObligationId), pick, how, today));
    }
    case 'facts': {
      const fact: UnitFact = {
        kind: cycle(['payment.collected', 'payment.collected', 'payment.remitted', 'payment.arrived'] as const, how) ?? 'payment.arrived',
        unit: (pick % 2 === 0 ? 'v1' : 'v2') as UnitId,
        insurance: 'pension',
        on: addDays(today, -(pick % 3)),
        amount: (1 + (how % 6)) * 30_000,
      };
      return { type: 'facts', at: moment, upTo: state.factsUpTo + 1, facts: [fact] };
    }
    case 'leap':
      return { type: 'woke', at: moment };
    default: {
      const never: never = what;
      return never;
    }
  }
}

/** Plays commands, waking at each moment the core asks for. */
class Play {
  state = initialState('c1' as ProcessId);
  readonly journal: CoreEvent[] = [];
  readonly effects: Effect[] = [];
  readonly #sent = new Set<string>();
  /** The last row of each obligation. */
  readonly #rows = new Map<ObligationId, Obligation>();
  #wakeAt: Moment | null = null;
  #leaping = false;

  constructor(readonly on: Setting) {}

  run(commands: readonly Command[]): this {
    let day = '2020-05-01' as LocalDate;
    let moment = at('2020-05-01T08:00:00');
    this.take({ type: 'launched', at: moment, by: 'p1' as never });
    commands.forEach((one, n) => {
      day = addDays(day, one.days);
      const next = at(`${day}T${String(one.hour).padStart(2, '0')}:10:00`);
      if (next > moment) moment = next;
      this.wakeUntil(moment);
      this.take(eventOf(one, this.state, moment, n));
      this.checkOwed(openOf(this.state));
    });
    this.wakeUntil(lastOf(day));
    return this;
  }

  /** The same events without any wake between them. */
  leap(journal: readonly CoreEvent[], last: Moment): this {
    this.#leaping = true;
    for (const event of journal) {
      if (event.type === 'woke') continue;
      if (event.type !== 'acted' || !('obligation' in event.act)) {
        this.take(event);
        continue;
      }
      const wanted = plain(event.act.obligation);
      const there = sorted(step(this.on, this.state, { type: 'woke', at: event.at }).state).find(({ id }) => plain(id) === wanted);
      this.take({ ...event, act: { ...event.act, obligation: there?.id ?? event.act.obligation } });
    }
    this.take({ type: 'woke', at: last });
    return this;
  }

  wakeUntil(moment: Moment): void {
    for (let next = this.#wakeAt; next !== null && next <= moment; next = this.#wakeAt) {
      const before = this.journal.length;
      this.take({ type: 'woke', at: next });
      if (this.journal.length > before + 50) throw new Error(`woken again and again at ${next}`);
    }
    this.take({ type: 'woke', at: moment });
  }

  take(event: CoreEvent): void {
    const before = this.state;
    const { state, effects, wakeAt, refusal } = step(this.on, before, event);
    if (refusal !== null) {
      if (state !== before || effects.length > 0) throw new Error(`refused (${refusal.code}) and yet something changed`);
      return;
    }
    this.state = state;
    this.#wakeAt = wakeAt;
    this.journal.push(event);
    this.effects.push(...effects);
    if (wakeAt !== null && wakeAt <= state.now) throw new Error(`woken at ${wakeAt}, which is over at ${state.now}`);
    this.checkSent(before, event, effects);
    for (const effect of effects) if (effect.type === 'obligation') this.checkRow(effect.obligation);
    this.checkOwed(
      effects.flatMap((effect) => (effect.type === 'obligation' && effect.obligation.closed === null ? [effect.obligation] : [])),
    );
    if (state.seq !== this.journal.length) throw new Error(`seq ${state.seq} after ${this.journal.length} events`);
    for (const effect of effects) {
      if (effect.type === 'measure')
        this.take({
          type: 'measured',
          at: state.now,
          milestone: effect.key,
          snapshot: `s-${effect.key}`,
          tallies: tallies(effect.happenedBy),
        });
      if (effect.type === 'count') this.take({ type: 'counted', at: state.now, tallies: tallies(null) });
    }
  }

  /** Each rung once for each due version and address; nothing of what is closed, suspended, or of a campaign that stands still. */
  checkSent(before: State, event: CoreEvent, effects: readonly Effect[]): void {
    const sent = effects.flatMap((effect) => (effect.type === 'notice' ? [effect.notice] : []));
    if (event.type === 'woke' && before.status !== 'running' && effects.length > 0)
      throw new Error(`${before.status} and still something happens`);
    if ((before.status === 'stopped' || before.status === 'ended') && sent.length > 0) throw new Error(`${before.status} and still urges`);
    for (const { id, to, obligation } of sent) {
      for (const { role, unit: place } of to) {
        const key = `${id} ${role}@${place}`;
        if (this.#sent.has(key)) throw new Error(`sent twice: ${key}`);
        this.#sent.add(key);
      }
      if (obligation === null) continue;
      const shelf = obligation.slice(0, obligation.indexOf('/'));
      if (before.closed[markShelfOf(obligation)]?.[obligation]) throw new Error(`closed and still fires: ${id}`);
      if (event.type === 'woke' && before.open[shelf]?.[obligation]?.suspended) throw new Error(`suspended and still fires: ${id}`);
    }
  }

  /** A new due day is a new version; of one version each rung fires once, and none before its day. What hangs on a phase is owed once, turns do not overlap. */
  checkRow(row: Obligation): void {
    const { id, due, dueVersion, fired } = row;
    const before = this.#rows.get(id);
    this.#rows.set(id, row);
    const wrong = (why: string): never => {
      throw new Error(`${id}: ${why} ${JSON.stringify([before, row])}`);
    };
    const same = before?.dueVersion === dueVersion;
    if (before && dueVersion < before.dueVersion) wrong('an earlier version');
    if (before && same && before.due !== null && before.due !== due) wrong('another day under the same version');
    if (new Set(fired).size !== fired.length) wrong('a rung fired twice');
    const known = before && same ? before.fired : [];
    if (known.some((rung) => !fired.includes(rung))) wrong('a rung that fired may fire again');
    // Without wakes between, what happened before an amendment is seen only after it.
    if (!this.#leaping) this.checkFired(row, known, wrong);
    const once = /^(bulletin|sweep)\//.test(id);
    if (row.status === 'withdrawn' || !(once || id.startsWith('tour/'))) return;
    for (const other of this.#rows.values()) {
      if (other.id === id || other.status === 'withdrawn' || other.id.split('@')[0] !== id.split('@')[0]) continue;
      if (once) wrong('what hangs on a phase is owed twice');
      const [mine, theirs] = [row.window, other.window];
      if (mine && theirs && mine.start <= theirs.end && theirs.start <= mine.end) wrong('turns overlap');
    }
  }

  checkFired(row: Obligation, known: readonly number[], wrong: (why: string) => never): void {
    const { state, on } = this;
    const frame = frameOf(on, state.amendments);
    const today = state.now.slice(0, 10);
    for (const rung of row.fired) {
      const at = rungsOf(frame, row)[rung]?.at;
      if (known.includes(rung) || !at || row.due === null) continue;
      const distance = resolveDistance(at, (parameter) => parameterValue(frame.setting, parameter, row.unit));
      if (addDuration(on.calendar, row.due, distance) > today) wrong(`rung ${rung} fires before its day`);
    }
  }

  /** Open with an owner and a next moment, or with the reason why there is none; or closed, never both. */
  checkOwed(obligations: readonly Obligation[]): void {
    const { state } = this;
    const frame = frameOf(this.on, state.amendments);
    const checked = new Set(Object.values(state.open['~check'] ?? {}).map(({ origin }) => (origin.kind === 'check' ? origin.of : '')));
    for (const obligation of obligations) {
      const { id, status, owes, nextAt, due, waitsFor, suspended, late, fired } = obligation;
      const wrong = (why: string): never => {
        throw new Error(`${id}: ${why} ${JSON.stringify(obligation)}`);
      };
      if (owes.every((role) => frame.addresses(role, obligation.unit).length === 0)) wrong('nobody owes it');
      if (state.closed[markShelfOf(id)]?.[id]) wrong('open and closed');
      if (state.status === 'stopped' || state.status === 'ended') wrong(`open although ${state.status}`);
      if (status === 'open' && due === null) wrong('owed by no day and for no reason');
      if (status === 'open' && state.status === 'running' && suspended === null && late !== (due !== null && due < state.now.slice(0, 10)))
        wrong('late or not');
      if (status === 'waiting' && (waitsFor === null || due !== null || nextAt !== null)) wrong('waits for nothing');
      if (status === 'checking' && !checked.has(id)) wrong('checked by nobody');
      if (status === 'open' && nextAt === null && suspended === null) {
        if (!late || pendingRungs(frame, obligation).length > 0) wrong('open without a next moment');
        const lost = rungsOf(frame, obligation).some((rung, i) => !fired.includes(i) && !isReminder(frame, rung, obligation));
        if (lost) wrong('an escalation was lost');
      }
      if (status !== 'open' && nextAt !== null) wrong('a next moment without being open');
    }
  }
}

const tallies = (by: LocalDate | null): Readonly<Record<UnitId, Readonly<Record<string, Value & number>>>> => {
  const paid = by === null ? 60 : Number(by.slice(5, 7)) * 2;
  return { ['v1' as UnitId]: { paid }, ['v2' as UnitId]: { paid: paid - 3 } };
};

function alike(state: State): readonly string[] {
  const shelves = (all: Readonly<Record<string, Readonly<Record<string, unknown>>>>): readonly string[] =>
    Object.values(all)
      .flatMap((shelf) => Object.entries(shelf).map(([id, one]) => plain(JSON.stringify([id, one]))))
      .sort();
  const { seq: _, open, closed, ...rest } = state;
  return [...Object.entries(rest).map((entry) => JSON.stringify(entry)), ...shelves(open), ...shelves(closed)];
}
/** Names the first difference only: a year has hundreds of notices. */
function same(found: readonly string[], expected: readonly string[]): void {
  const at = expected.findIndex((one, i) => found[i] !== one);
  expect([at, found[at], found.length]).toEqual([at, expected[at], expected.length]);
}
/** What is open in the order in which things happen to it. */
const inOrder = (state: State): readonly string[] => [...openOf(state).map(({ id }) => id), ...Object.keys(state.milestones)];
/** As the next run of a process finds what this one hands over. */
const renewed = (state: State): State => {
  const handedOver: Carried = JSON.parse(JSON.stringify(pack(state)));
  return unpack(handedOver);
};
const noticesOf = (play: Play): readonly string[] =>
  play.effects.flatMap((effect) => (effect.type === 'notice' ? [plain(JSON.stringify(effect.notice))] : []));

const sizes = [
  ['short', 700, 8],
  ['middling', 250, 20],
  ['long', 50, 60],
] as const;

describe.each(sizes)('%s sequences', (_name, runs, length) => {
  const sequences = fc.array(command, { minLength: Math.ceil(length / 2), maxLength: length });
  const numRuns = (runs / 2) * LONGER;

  test(
    `${numRuns}: what is owed has an owner and a moment or a reason, each rung fires once, refusals change nothing, the journal gives the same again`,
    () => {
      fc.assert(
        fc.property(sequences, (commands) => {
          const { state, journal } = new Play(setting).run(commands);
          expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
          const again = journal.reduce((before, event) => step(setting, before, event).state, initialState('c1' as ProcessId));
          expect(again).toStrictEqual(state);
          expect(renewed(state)).toStrictEqual(state);
        }),
        { seed: SEED + length, numRuns },
      );
    },
    PATIENCE_MS * LONGER,
  );

  test(
    `${Math.ceil(numRuns / 5)}: a run that is renewed before every event goes on as the one that never was`,
    () => {
      fc.assert(
        fc.property(sequences, (commands) => {
          const { journal } = new Play(setting).run(commands);
          let [one, other] = [initialState('c1' as ProcessId), initialState('c1' as ProcessId)];
          for (const event of journal) {
            const stays = step(setting, one, event);
            const goesOn = step(setting, renewed(other), event);
            // The framework's own comparison, a hundred times slower, only words what differs.
            if (!isDeepStrictEqual(goesOn, stays)) expect(goesOn).toStrictEqual(stays);
            same(inOrder(goesOn.state), inOrder(stays.state));
            [one, other] = [stays.state, goesOn.state];
          }
        }),
        { seed: SEED + 2 * length, numRuns: Math.ceil(numRuns / 5) },
      );
    },
    PATIENCE_MS * LONGER,
  );

  test(
    `${numRuns}: waking at each moment or leaping over many gives the same state and the same notices`,
    () => {
      fc.assert(
        fc.property(sequences, (commands) => {
          const woken = new Play(leapSetting).run(commands);
          const leaping = new Play(leapSetting).leap(woken.journal, woken.state.now);
          same(noticesOf(leaping), noticesOf(woken));
          same(alike(leaping.state), alike(woken.state));
        }),
        { seed: SEED - length, numRuns },
      );
    },
    PATIENCE_MS * LONGER,
  );
});
