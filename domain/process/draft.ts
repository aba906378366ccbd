import { dateOf } from '../calendar/dates.js';
import type { Effect, RowBirth } from '../model/effect.js';
import type { LocalDate, Moment, ObligationId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { ClosedMark, MilestoneState, Obligation, Publication, State } from '../model/state.js';
import { frameOf, type Frame } from './frame.js';
import { markShelfOf, shelfOf } from './obligation-ids.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What happened inside a step that other duties may wait for, e.g. `material.done`, `byMay25.missed`, `collection.opened`. */
export interface Happening {
  readonly event: string;
  readonly unit: Obligation['unit'] | null;
  readonly insurance: string | null;
  readonly on: LocalDate;
  /** Of an answer to a deduction: its round. */
  readonly round?: number;
}

/** What ended without being done is told under this name; no definition waits for it by name. */
export const CLOSED = 'closed';

/** Derived from shelves that no longer change; never part of the state. */
const EARLIEST = new WeakMap<object, Moment | null>();

/**
 * The working copy of one step. The given state is never changed: a shelf is copied once, when first written. Effects on the same row
 * are kept once, with the last value.
 */
export class Draft {
  readonly #state: Mutable<State>;
  /** Shelves copied by this step: they may be written. */
  readonly #ownOpen = new Map<string, Record<ObligationId, Obligation>>();
  readonly #ownMarks = new Map<string, Record<ObligationId, ClosedMark>>();
  #countsWanted = false;
  #rowsWanted: { readonly births: readonly RowBirth[]; readonly step: boolean } | null = null;
  readonly #rows = new Map<string, Effect>();
  readonly #effects: Effect[] = [];
  readonly #happenings: Happening[] = [];
  readonly #setting: Setting;
  #frame: Frame;

  constructor(setting: Setting, state: State, now: Moment) {
    this.#setting = setting;
    this.#state = { ...state, now: now > state.now ? now : state.now };
    this.#frame = frameOf(setting, state.amendments);
  }

  get state(): State {
    return this.#state;
  }
  get frame(): Frame {
    return this.#frame;
  }
  get now(): Moment {
    return this.#state.now;
  }
  get today(): LocalDate {
    return dateOf(this.#state.now);
  }

  /** Stopped or ended: nothing more is owed. */
  get isOver(): boolean {
    return this.#state.status === 'stopped' || this.#state.status === 'ended';
  }

  /** A duty that a fact discharges has begun: present figures are wanted. */
  wantCounts(): void {
    this.#countsWanted = true;
  }
  get countsWanted(): boolean {
    return this.#countsWanted;
  }

  /** The rows' turn is wanted: to open some, to step those that are due, or to look at what facts have touched. */
  wantRows(what: { readonly births?: readonly RowBirth[]; readonly step?: true } = {}): void {
    const { births, step } = this.#rowsWanted ?? { births: [], step: false };
    this.#rowsWanted = { births: [...births, ...(what.births ?? [])], step: step || what.step === true };
    const { rows } = this.#state;
    if (what.step === true && rows) this.#state.rows = { ...rows, nextAt: null };
  }
  get rowsWanted(): { readonly births: readonly RowBirth[]; readonly step: boolean } | null {
    return this.#rowsWanted;
  }

  /** Moves the clock forward, never back. */
  moveTo(moment: Moment): void {
    if (moment > this.#state.now) this.#state.now = moment;
  }

  set(change: Partial<Pick<State, 'status' | 'paused' | 'factsUpTo' | 'acts' | 'launchedAt' | 'coreRevision' | 'seq' | 'rows'>>): void {
    Object.assign(this.#state, change);
  }
  amend(amendments: State['amendments']): void {
    this.#state.amendments = amendments;
    this.#frame = frameOf(this.#setting, amendments);
  }

  find(id: ObligationId): Obligation | undefined {
    return this.#state.open[shelfOf(id)]?.[id];
  }
  /** All open obligations of a duty (or a kind of follow-up). */
  shelf(key: string): readonly Obligation[] {
    return Object.values(this.#state.open[key] ?? {});
  }
  closedMark(id: ObligationId): ClosedMark | undefined {
    return this.#state.closed[markShelfOf(id)]?.[id];
  }
  /** Marks of all closed obligations of a duty. */
  marksOf(duty: string): readonly (readonly [ObligationId, ClosedMark])[] {
    return Object.entries(this.#state.closed).flatMap(([key, marks]) =>
      key.startsWith(`${duty}@`) ? (Object.entries(marks) as [ObligationId, ClosedMark][]) : [],
    );
  }

  /** The earliest moment at which something on a shelf is due. Known for shelves as long as they are not written. */
  earliest(key: string): Moment | null {
    const shelf = this.#state.open[key];
    if (!shelf) return null;
    const known = this.#ownOpen.has(key) ? undefined : EARLIEST.get(shelf);
    if (known !== undefined) return known;
    let earliest: Moment | null = null;
    for (const id in shelf) {
      const at = shelf[id as ObligationId]?.nextAt ?? null;
      if (at !== null && (earliest === null || at < earliest)) earliest = at;
    }
    if (!this.#ownOpen.has(key)) EARLIEST.set(shelf, earliest);
    return earliest;
  }

  put(obligation: Obligation): void {
    this.#openShelf(obligation.id)[obligation.id] = obligation;
    this.#rows.set(`o ${obligation.id}`, { type: 'obligation', obligation });
  }
  /** Takes the obligation off the open ones; its last row is written, a compact mark stays. */
  close(obligation: Obligation, mark: ClosedMark): void {
    delete this.#openShelf(obligation.id)[obligation.id];
    this.#markShelf(obligation.id)[obligation.id] = mark;
    this.#rows.set(`o ${obligation.id}`, { type: 'obligation', obligation });
  }
  setMilestone(key: string, milestone: MilestoneState, snapshot: string | null): void {
    this.#state.milestones = { ...this.#state.milestones, [key]: milestone };
    this.#rows.set(`m ${key}`, { type: 'milestone', key, milestone, snapshot });
  }
  setPublication(publication: Publication): void {
    this.#state.publications = { ...this.#state.publications, [publication.obligation]: publication };
    this.#rows.set(`p ${publication.obligation}`, { type: 'publication', publication });
  }
  setPeriod(duty: string, next: LocalDate | null): void {
    const periods = { ...this.#state.periods };
    if (next === null) delete periods[duty];
    else periods[duty] = next;
    this.#state.periods = periods;
  }
  setPhase(phase: string, at: State['phases'][string]): void {
    this.#state.phases = { ...this.#state.phases, [phase]: at };
  }
  /** Notes the first day on which a phase event was told. */
  tell(event: string, on: LocalDate): void {
    this.#state.told = { [event]: on, ...this.#state.told };
  }
  setHeld(key: string, held: State['held'][string] | null): void {
    const all = { ...this.#state.held };
    if (held === null) delete all[key];
    else all[key] = held;
    this.#state.held = all;
  }

  emit(effect: Exclude<Effect, { type: 'obligation' | 'milestone' | 'publication' }>): void {
    this.#effects.push(effect);
  }
  happened(happening: Happening): void {
    this.#happenings.push(happening);
  }
  takeHappening(): Happening | undefined {
    return this.#happenings.shift();
  }

  /** Rows first, then what leaves the house. */
  get effects(): readonly Effect[] {
    return [...this.#rows.values(), ...this.#effects];
  }

  #openShelf(id: ObligationId): Record<ObligationId, Obligation> {
    const key = shelfOf(id);
    const known = this.#ownOpen.get(key);
    if (known) return known;
    const shelf = { ...this.#state.open[key] };
    this.#ownOpen.set(key, shelf);
    this.#state.open = { ...this.#state.open, [key]: shelf };
    return shelf;
  }

  #markShelf(id: ObligationId): Record<ObligationId, ClosedMark> {
    const key = markShelfOf(id);
    const known = this.#ownMarks.get(key);
    if (known) return known;
    const shelf = { ...this.#state.closed[key] };
    this.#ownMarks.set(key, shelf);
    this.#state.closed = { ...this.#state.closed, [key]: shelf };
    return shelf;
  }
}
