import { dateOf, later } from '../calendar/dates.js';
import type { Effect, Refusal, RowBirth, RowContext } from '../model/effect.js';
import type { Act, Actor } from '../model/event.js';
import type { ActId, DutyId, LocalDate, Moment, ObligationId, UnitId, UserId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { ClosedMark, Obligation, State } from '../model/state.js';
import { goOn, withdrawAll } from './acts/campaign.js';
import { finish } from './acts/finish.js';
import { perform } from './acts/index.js';
import { happenTo } from './advance.js';
import { bear } from './births.js';
import { isCase } from './case-rules.js';
import { bearCase, settleCase, tellCase, type CaseBirth, type CaseTold } from './cases.js';
import { Draft } from './draft.js';
import { isValid } from './frame.js';
import { shelve } from './ladder.js';
import { markShelfOf, shelfOf } from './obligation-ids.js';
import { reproject } from './projection.js';
import { Refused, refusal } from './refusals.js';
import { initialState } from './step.js';

/*
 * The second host of the core. What is owed about one person is a row: a state with its own obligation and its follow-ups alone. All else (amendments,
 * pause, launch, setting) it takes from its process, as a list of turns: what the process was after its event `seq`. A row is stepped
 * by the same functions as an office's obligation.
 */

/** What rows are stepped under from the process's event `seq` on. */
export interface Turn {
  readonly seq: number;
  readonly at: Moment;
  readonly context: RowContext;
  readonly setting: Setting;
  /** Tells settings apart without comparing them. */
  readonly digest: string;
}

/** One row as it stands. */
export interface Row {
  readonly id: ObligationId;
  /** The obligation itself, open or closed. */
  readonly main: Obligation;
  /** Open follow-ups: checks, second persons. */
  readonly followUps: readonly Obligation[];
  readonly marks: Readonly<Record<ObligationId, ClosedMark>>;
  /** Under which turn each follow-up was last written. */
  readonly written: Readonly<Record<ObligationId, number>>;
  /** The turn under which it was last written. */
  readonly turn: number;
  /** Its last journal entry. */
  readonly number: number;
}

/** What happens to a row from outside; each is an entry of its own journal. */
export type RowEvent =
  | {
      readonly type: 'opened';
      readonly at: Moment;
      readonly birth: RowBirth;
      readonly due: string;
      readonly person: string;
      readonly unit: UnitId;
      readonly insurance: string;
    }
  | { readonly type: 'caseOpened'; readonly at: Moment; readonly birth: CaseBirth }
  /** An event about the due of a case, as stored under `opening`. */
  | { readonly type: 'told'; readonly at: Moment; readonly opening: string; readonly told: CaseTold }
  | { readonly type: 'acted'; readonly at: Moment; readonly actId: ActId; readonly actor: Actor; readonly act: Act }
  /** What the facts say now: still owed, discharged on a day, or no longer owed by this person at all; and where the person belongs. */
  | {
      readonly type: 'settled';
      readonly at: Moment;
      /** Of a case: `done` = the money has arrived. */
      readonly stands: 'owed' | 'done' | 'none';
      readonly on: LocalDate;
      readonly unit: UnitId;
    };

export interface RowStepped {
  readonly row: Row;
  readonly effects: readonly Effect[];
  readonly refusal: Refusal | null;
  /** False: nothing happened, there is nothing to write. */
  readonly changed: boolean;
}

const SYSTEM = 'system' as UserId;
const OVER: Readonly<Partial<Record<Obligation['status'], ClosedMark['s']>>> = {
  done: 'd',
  waived: 'w',
  notApplicable: 'n',
  withdrawn: 'x',
};
export const isOver = ({ status }: Pick<Obligation, 'status'>): boolean => OVER[status] !== undefined;

/** The row's first entry. Null where the duty is no longer there. */
export function openRow(turn: Turn, event: Extract<RowEvent, { type: 'opened' }>): RowStepped | null {
  const draft = draftOf(turn, {}, {}, 1, event.at);
  const { birth, due, person, unit, insurance } = event;
  const duty = draft.frame.definition.duties[birth.duty];
  if (!duty?.rows) return null;
  const { period, window, since } = birth;
  const main = bear(draft, duty, { unit, insurance, period, window, since, subject: { due, person } });
  if (main === null) return null;
  // Born after its due day, it is late from the first.
  advanceRow(draft, event.at);
  const row: Row = { id: main.id, main, followUps: [], marks: {}, written: {}, turn: turn.seq, number: 1 };
  return { row: rowAfter(row, draft, turn.seq, 1), effects: draft.effects, refusal: null, changed: true };
}

/** A case's first entry. Null where its kind is no longer there. */
export function openCaseRow(turn: Turn, event: Extract<RowEvent, { type: 'caseOpened' }>): RowStepped | null {
  const draft = draftOf(turn, {}, {}, 1, event.at);
  const main = bearCase(draft, event.birth);
  if (main === null) return null;
  advanceRow(draft, event.at);
  const row: Row = { id: main.id, main, followUps: [], marks: {}, written: {}, turn: turn.seq, number: 1 };
  return { row: rowAfter(row, draft, turn.seq, 1), effects: draft.effects, refusal: null, changed: true };
}

/**
 * Brings a row through the process's turns since its own, each in order: first what was due until then, then what changed. `turns`: ascending, beginning
 * with the one the row stands under or an earlier one. A turn that changes nothing leaves no mark, so that taking it again is the same.
 */
export function bringRow(row: Row, turns: readonly Turn[]): RowStepped {
  let at = row;
  const effects: Effect[] = [];
  let before = turns[0];
  if (before === undefined || before.seq > row.turn) throw new Error(`row ${row.id} stands under turn ${row.turn}, which is not given`);
  for (const turn of turns) {
    if (turn.seq > row.turn) {
      const stepped = takeTurn(at, before, turn);
      at = stepped.row;
      effects.push(...stepped.effects);
    }
    before = turn;
  }
  return { row: at, effects, refusal: null, changed: effects.length > 0 };
}

/**
 * Brings a row to the last turn and takes an event in: then its number is one higher. A refused act leaves the row as it was given, not even brought.
 */
export function stepRow(row: Row, turns: readonly Turn[], event: Exclude<RowEvent, { type: 'opened' | 'caseOpened' }>): RowStepped {
  const brought = bringRow(row, turns);
  const turn = turns.at(-1);
  if (turn === undefined) throw new Error('no turn');
  const number = row.number + 1;
  const draft = draftFor(turn, brought.row, number, event.type === 'settled');
  advanceRow(draft, event.at);
  try {
    if (event.type === 'acted') perform(draft, event.act, event.actor);
    else if (event.type === 'settled') settleRow(draft, row.id, event);
    else tellRow(draft, row.id, event.told);
    advanceRow(draft, event.at);
  } catch (error) {
    if (error instanceof Refused) return { row, effects: [], refusal: error.refusal, changed: false };
    throw error;
  }
  const { effects } = draft;
  // A fact that changes nothing is no entry.
  if (event.type !== 'acted' && effects.length === 0) return brought;
  const after = rowAfter(brought.row, draft, turn.seq, number);
  return { row: after, effects: [...brought.effects, ...effects], refusal: null, changed: true };
}

/** An act that no row takes: it belongs to the process as a whole. */
export const notForRows = (act: Act): Refusal | null => ('obligation' in act ? null : refusal('not-a-follow-up', { act: act.kind }));

/** A row is folded from its own entries and its process's turns; `until`: the last turn that the rows have had. */
export function foldRow(
  entries: readonly { readonly under: number; readonly event: RowEvent }[],
  turns: readonly Turn[],
  until: number,
): { readonly row: Row; readonly effects: readonly Effect[] } | null {
  const upTo = (seq: number, from: number): readonly Turn[] => {
    const first = turns.findLastIndex((turn) => turn.seq <= from);
    return turns.slice(Math.max(0, first)).filter((turn) => turn.seq <= seq);
  };
  let row: Row | null = null;
  const effects: Effect[] = [];
  for (const { under, event } of entries) {
    if (event.type === 'opened' || event.type === 'caseOpened') {
      const turn = turns.find(({ seq }) => seq === under);
      const opened = turn && (event.type === 'opened' ? openRow(turn, event) : openCaseRow(turn, event));
      row = opened?.row ?? null;
      effects.push(...(opened?.effects ?? []));
    } else if (row !== null) {
      const stepped: RowStepped = stepRow(row, upTo(under, row.turn), event);
      if (stepped.refusal !== null) throw new Error(`row ${row.id} refuses its own entry: ${stepped.refusal.code}`);
      row = stepped.row;
      effects.push(...stepped.effects);
    }
  }
  if (row === null) return null;
  const brought = bringRow(row, upTo(Math.max(until, row.turn), row.turn));
  return { row: brought.row, effects: [...effects, ...brought.effects] };
}

function takeTurn(row: Row, before: Turn, turn: Turn): { readonly row: Row; readonly effects: readonly Effect[] } {
  const draft = draftFor(before, row, row.number);
  advanceRow(draft, turn.at);
  let { effects } = draft;
  let at = effects.length === 0 ? row : rowAfter(row, draft, turn.seq, row.number);
  if (sameContext(before, turn)) return { row: at, effects };
  const under = draftFor(turn, at, at.number);
  under.moveTo(turn.at);
  changeContext(under, before, turn);
  advanceRow(under, turn.at);
  if (under.effects.length > 0) {
    effects = [...effects, ...under.effects];
    at = rowAfter(at, under, turn.seq, at.number);
  }
  return { row: at, effects };
}

const sameContext = (a: Turn, b: Turn): boolean =>
  a.digest === b.digest &&
  a.context.amendments.length === b.context.amendments.length &&
  a.context.status === b.context.status &&
  a.context.paused?.since === b.context.paused?.since;

/** What the process did at this turn, done to the row as it was done to its offices' obligations. */
function changeContext(draft: Draft, { context: was, digest }: Turn, turn: Turn): void {
  const is = turn.context;
  if (is.status === 'stopped') {
    if (was.status !== 'stopped') withdrawAll(draft, SYSTEM, null);
    return;
  }
  if (was.paused !== null && is.paused === null) goOn(draft, dateOf(was.paused.since));
  if (digest !== turn.digest) leaveEndedUnit(draft);
  if (digest !== turn.digest || was.amendments.length !== is.amendments.length) reproject(draft);
}

/** A person's row follows the unit: to its first successor, else to the unit above. Where the roster says otherwise, that comes as a fact. */
function leaveEndedUnit(draft: Draft): void {
  for (const obligation of openOf(draft)) {
    const unit = unitInForce(draft, obligation.unit);
    if (unit !== obligation.unit) shelve(draft, { ...obligation, unit });
  }
}

function unitInForce(draft: Draft, unit: UnitId): UnitId {
  const passed = new Set<UnitId>();
  let at = unit;
  for (;;) {
    const found = draft.frame.unit(at);
    if (!found || isValid(found, draft.today) || found.to === null || passed.has(at)) return at;
    passed.add(at);
    const next: UnitId | null = found.successors[0] ?? found.parent;
    if (next === null) return at;
    at = next;
  }
}

/** What is due in the row up to a moment, each thing at its own. */
function advanceRow(draft: Draft, to: Moment): void {
  if (draft.state.status === 'running')
    for (let next = earliest(draft); next !== null && next <= to; next = earliest(draft)) {
      draft.moveTo(next);
      for (const obligation of openOf(draft))
        if (obligation.nextAt !== null && obligation.nextAt <= next) happenTo(draft, obligation, next);
    }
  draft.moveTo(to);
}

function earliest(draft: Draft): Moment | null {
  let found: Moment | null = null;
  for (const { nextAt } of openOf(draft)) if (nextAt !== null && (found === null || nextAt < found)) found = nextAt;
  return found;
}

const openOf = (draft: Draft): readonly Obligation[] => Object.keys(draft.state.open).flatMap((shelf) => draft.shelf(shelf));

/**
 * A fact discharges on the day it happened, whatever day it was recorded. When it is taken back (a reversal, a correction of the roster) what it had
 * discharged is owed again; what a person did, waived or withdrew stands.
 */
function settleRow(draft: Draft, id: ObligationId, { stands, on, unit }: Extract<RowEvent, { type: 'settled' }>): void {
  let main = draft.find(id);
  if (main !== undefined && main.closed === null && main.unit !== unit) {
    for (const obligation of openOf(draft)) shelve(draft, { ...obligation, unit });
    reproject(draft);
    main = draft.find(id);
  }
  if (main === undefined || main.status === 'checking') return;
  if (isCase(main)) return main.closed === null ? settleCase(draft, main, stands === 'done' ? on : null) : undefined;
  if (main.closed !== null) {
    if (stands === 'owed') owedAgain(draft, { ...main, unit });
    return;
  }
  if (stands === 'done') finish(draft, main, 'done', on > draft.today ? draft.today : on, SYSTEM, null);
  if (stands === 'none') finish(draft, main, 'notApplicable', draft.today, SYSTEM, null);
}

/** An ended case hears nothing more. */
function tellRow(draft: Draft, id: ObligationId, told: CaseTold): void {
  const main = draft.find(id);
  if (isCase(main) && main.closed === null) tellCase(draft, main, told);
}

/** Whether a fact closed it: then a fact can open it again. A case that has ended stays ended. */
export const closedByFact = ({ status, closed, parts, case: standing }: Obligation): boolean =>
  standing === undefined && (status === 'done' || status === 'notApplicable') && closed?.by === SYSTEM && parts.length === 0;

/** The ladder goes on from now: what fired is not fired again, what was passed over meanwhile is counted from now on. */
function owedAgain(draft: Draft, main: Obligation): void {
  shelve(draft, {
    ...main,
    status: main.due === null ? 'waiting' : 'open',
    closed: null,
    late: main.due !== null && main.due < draft.today,
    ladderFrom: later(draft.now, draft.state.launchedAt),
  });
}

/** `facts`: a row that a fact closed stands in the draft as it was, because a fact may open it again. The clock begins before anything in it. */
function draftFor(turn: Turn, row: Row, number: number, facts = false): Draft {
  const open: Record<string, Record<ObligationId, Obligation>> = {};
  const closed: Record<string, Record<ObligationId, ClosedMark>> = {};
  const { main } = row;
  const mark = OVER[main.status];
  const shelves = mark === undefined || (facts && closedByFact(main)) ? [main, ...row.followUps] : row.followUps;
  for (const obligation of shelves) (open[shelfOf(obligation.id)] ??= {})[obligation.id] = obligation;
  if (mark !== undefined && main.closed !== null)
    (closed[markShelfOf(main.id)] ??= {})[main.id] = {
      s: mark,
      on: main.closed.on,
      ...(main.closed.daysLate > 0 ? { l: main.closed.daysLate } : {}),
    };
  for (const [id, one] of Object.entries(row.marks)) (closed[markShelfOf(id as ObligationId)] ??= {})[id as ObligationId] = one;
  return draftOf(turn, open, closed, number, turn.context.launchedAt);
}

function draftOf(turn: Turn, open: State['open'], closed: State['closed'], number: number, now: Moment): Draft {
  const { coreRevision, status, launchedAt, amendments, paused } = turn.context;
  const state: State = { ...BARE, coreRevision, status, launchedAt, amendments, paused, open, closed, seq: number, now };
  return new Draft(turn.setting, state, now);
}
const BARE = initialState('' as State['process']);

function rowAfter(row: Row, draft: Draft, turn: number, number: number): Row {
  let { main } = row;
  const followUps = new Map(row.followUps.map((one) => [one.id, one]));
  const marks = { ...row.marks };
  const written = { ...row.written };
  for (const effect of draft.effects) {
    if (effect.type !== 'obligation') continue;
    const { obligation } = effect;
    if (obligation.id !== row.id) written[obligation.id] = turn;
    if (obligation.id === row.id) main = obligation;
    else if (isOver(obligation)) {
      followUps.delete(obligation.id);
      const mark = draft.closedMark(obligation.id);
      if (mark) marks[obligation.id] = mark;
    } else followUps.set(obligation.id, obligation);
  }
  return { id: row.id, main, followUps: [...followUps.values()], marks, written, turn, number };
}

/** Next moment at which something in the row is due. */
export const rowNextAt = ({ main, followUps }: Row): Moment | null =>
  [main, ...followUps].reduce<Moment | null>(
    (next, { nextAt, ...one }) => (isOver(one) || nextAt === null || (next !== null && next <= nextAt) ? next : nextAt),
    null,
  );

/** The duty, or the kind of case, of a row's id. */
export const dutyOfRow = (id: ObligationId): DutyId => shelfOf(id);
