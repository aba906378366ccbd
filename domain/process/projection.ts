import { addDays, dateOf, later } from '../calendar/dates.js';
import { eachPeriod, type Period } from '../calendar/periods.js';
import type { DateExpr, Duty } from '../model/definition.js';
import type { DutyId, LocalDate, UserId } from '../model/ids.js';
import type { Obligation } from '../model/state.js';
import { finish } from './acts/finish.js';
import { reopenPeriods } from './births.js';
import { isCase } from './case-rules.js';
import { stateOf } from './case-types.js';
import { dateFor, dutyWindow, hangsOn } from './deadlines.js';
import type { Draft } from './draft.js';
import type { Frame } from './frame.js';
import { nextMoment, shelve, withDue } from './ladder.js';
import { setMilestones } from './milestones.js';
import { followUpDue } from './responses.js';
import { happensAnewOn, turnBack } from './phases.js';

/** Gives a date to what waited for one; `after`: only to duties whose date hangs on that duty being done. */
export function wakeWaiting(draft: Draft, after: DutyId | null = null): void {
  for (const [key, shelf] of Object.entries(draft.state.open)) {
    const duty = draft.frame.definition.duties[key];
    if (after !== null && (!duty || !hangsOn(draft.frame, duty.due.anchor, after))) continue;
    for (const obligation of Object.values(shelf)) {
      const dated = obligation.status === 'waiting' ? withFirstDue(draft, obligation) : obligation;
      if (dated !== obligation) shelve(draft, dated);
    }
  }
}

/** The first date of what waited for one; without one it goes on waiting. */
function withFirstDue(draft: Draft, obligation: Obligation): Obligation {
  const due = dueNow(draft, obligation);
  return due === null ? obligation : { ...withDue(draft, obligation, due), dueVersion: obligation.dueVersion, status: 'open' };
}

/**
 * After an amendment, another calendar or other units: open deadlines are projected anew from their rule, the days of open periods too; reached ones
 * stand (design section 4). No day is brought forward to before today. Rungs ahead follow the amendment.
 */
export function reproject(draft: Draft): void {
  turnBack(draft);
  const { duties } = draft.frame.definition;
  const shelves = Object.entries(draft.state.open).map((entry) => ({ entry, depth: depthOf(draft.frame, duties[entry[0]]?.due) }));
  for (const { entry } of shelves.sort((a, b) => a.depth - b.depth)) {
    const [key, shelf] = entry;
    const placed = placing(draft, draft.frame.definition.duties[key]);
    for (const { id } of Object.values(shelf)) {
      const obligation = draft.find(id);
      if (!obligation) continue;
      const at = isReached(obligation) ? obligation : placed(obligation);
      if (at === null && (obligation.status === 'checking' || stands(draft, obligation))) continue;
      if (at === null) finish(draft, obligation, 'withdrawn', draft.today, 'system' as UserId, PERIOD_GONE);
      else project(draft, obligation, at);
    }
  }
}

/** What hangs on another's due day is projected after it. */
function depthOf(frame: Frame, expr: DateExpr | undefined): number {
  if (frame.namedByDue.size === 0 || expr === undefined) return 0;
  const { duties } = frame.definition;
  return 1 + Object.values(duties).filter(({ id }) => hangsOn(frame, expr.anchor, id, 'due')).length;
}

/** The whole of it: periods that an amendment opens, what is open, milestones that are ahead. */
export function projectAnew(draft: Draft): void {
  reopenPeriods(draft);
  reproject(draft);
  setMilestones(draft, null);
}

const PERIOD_GONE = '调整后已无此期 · no such period after the amendment';

/** Late, or not owed by a day at all. A clock that stands still has reached nothing yet. */
const isReached = ({ late, status }: Obligation): boolean => late || status === 'beforeLaunch';

function project(draft: Draft, before: Obligation, placed: Obligation): void {
  const at =
    placed.status === 'waiting'
      ? withFirstDue(draft, placed)
      : isReached(placed) || stands(draft, placed)
        ? placed
        : withRuledDue(draft, placed);
  if (at !== before || at.nextAt !== nextMoment(draft, at)) shelve(draft, at);
}

function withRuledDue(draft: Draft, obligation: Obligation): Obligation {
  const ruled = dueNow(draft, obligation);
  if (ruled === null || ruled === obligation.due) return obligation;
  const { paused } = draft.state;
  const floor = obligation.suspended?.since ?? (paused === null ? draft.today : dateOf(paused.since));
  const due = later(ruled, floor);
  return due === obligation.due ? obligation : withDue(draft, obligation, due);
}

/** A day that was granted, or set by money held, is no longer the rule's; only its ladder is computed again. */
function stands(draft: Draft, { extended, dateGiven, origin }: Obligation): boolean {
  const held = origin.kind === 'duty' && draft.frame.definition.duties[origin.duty]?.over === 'held';
  return held || extended > 0 || dateGiven === true;
}

function dueNow(draft: Draft, obligation: Obligation): LocalDate | null {
  const { origin, unit, insurance, period, window, since, moved = 0 } = obligation;
  if (isCase(obligation)) {
    const type = draft.frame.definition.cases?.[obligation.case.type];
    const rule = type && stateOf(type, obligation.case.state)?.due;
    if (!rule) return obligation.due;
    const dated = dateFor(draft, rule, { unit, insurance, period, window, since, opened: obligation.case.openedOn });
    return 'waiting' in dated ? null : addDays(dated.date, moved);
  }
  if (origin.kind !== 'duty') return obligation.due ?? followUpDue(draft, obligation);
  const duty = draft.frame.definition.duties[origin.duty];
  if (!duty) return obligation.due;
  const found = dateFor(draft, duty.due, { unit, insurance, period, window, since });
  return 'waiting' in found ? null : addDays(found.date, moved);
}

type Placed = (obligation: Obligation) => Obligation | null;

/** Where open obligations of a duty lie now: the days of their period by its id, the day they began. null = there is no such period any more. */
function placing(draft: Draft, duty: Duty | undefined): Placed {
  if (!duty || duty.over === 'held') return (obligation) => obligation;
  const window = dutyWindow(draft, duty);
  if (duty.every !== null) {
    if (window === null) return (obligation) => obligation;
    const periods = new Map<string, Period>();
    for (const period of eachPeriod(duty.every, window, draft.frame.setting, null, draft.frame.settingBefore)) {
      if (period.start > draft.today) break;
      periods.set(period.id, period);
    }
    return (obligation) => {
      const period = periods.get(obligation.period ?? '');
      return period ? begun(obligation, period.start, { start: period.start, end: period.end }) : null;
    };
  }
  if (duty.after.length > 0)
    return (obligation) => {
      const anew = duty.after.map((event) => happensAnewOn(draft, event, obligation.period)).find((on) => on !== null);
      return anew ? begun(obligation, anew, obligation.window) : obligation;
    };
  if (duty.during === null || window === null) return (obligation) => obligation;
  const since = later(window.start, dateOf(draft.state.launchedAt));
  return (obligation) => begun(obligation, since, obligation.window);
}

const begun = (obligation: Obligation, since: LocalDate, window: Obligation['window']): Obligation =>
  obligation.since === since && obligation.window?.start === window?.start && obligation.window?.end === window?.end
    ? obligation
    : { ...obligation, since, window };
