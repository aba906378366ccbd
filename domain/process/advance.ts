import { addDays, startOfDay } from '../calendar/dates.js';
import type { Anchor } from '../model/definition.js';
import type { DutyId, LocalDate, Moment, ObligationId } from '../model/ids.js';
import type { Obligation, State } from '../model/state.js';
import { bearAfter, bearPeriods, NONE_LEFT } from './births.js';
import { dateFor, phaseDays } from './deadlines.js';
import type { Draft } from './draft.js';
import { nextMoment, rungMoments, rungsOf, shelve, withDue } from './ladder.js';
import { askMilestone } from './milestones.js';
import { parseObligationId } from './obligation-ids.js';
import { aboutObligation, followUpDue, respond } from './responses.js';

/** What is due at one moment may make more due at it, but not without end. */
const ROUNDS_A_MOMENT = 1000;

/** Lets everything happen that is due up to a moment, each at its own moment and in a fixed order. */
export function advance(draft: Draft, to: Moment): void {
  if (draft.state.status !== 'running') {
    draft.moveTo(to);
    return;
  }
  settle(draft);
  let rounds = 0;
  for (let next = nextWake(draft); next !== null && next <= to; next = nextWake(draft)) {
    rounds = next > draft.now ? 0 : rounds + 1;
    if (rounds > ROUNDS_A_MOMENT) throw new Error(`the core does not get past ${next}`);
    draft.moveTo(next);
    happenAt(draft, draft.now);
    settle(draft);
  }
  draft.moveTo(to);
}

/** The earliest moment at which something is due; null = nothing ahead. */
export function nextWake(draft: Draft): Moment | null {
  if (draft.state.status !== 'running') return null;
  let next: Moment | null = null;
  const take = (moment: Moment | null): void => {
    if (moment !== null && (next === null || moment < next)) next = moment;
  };
  for (const key in draft.state.open) take(draft.earliest(key));
  for (const milestone of Object.values(draft.state.milestones)) if (milestone.status === 'ahead') take(milestone.judgeAt);
  for (const day of Object.values(draft.state.periods)) if (day !== NONE_LEFT) take(startOfDay(day));
  take(draft.state.rows?.nextAt ?? null);
  const { to } = draft.frame.definition;
  if (to !== null && draft.today <= to) take(startOfDay(addDays(to, 1)));
  for (const [phase, at] of Object.entries(draft.state.phases)) take(phaseTurn(draft, phase, at));
  return next;
}

/** When a phase next opens (00:00 of its first day) or ends (00:00 after its last). */
function phaseTurn(draft: Draft, phase: string, at: State['phases'][string]): Moment | null {
  const days = at === 'ended' ? null : phaseDays(draft, phase);
  if (days === null) return null;
  if (at === 'ahead') return startOfDay(days.start);
  return days.end === null ? null : startOfDay(addDays(days.end, 1));
}

function happenAt(draft: Draft, moment: Moment): void {
  turnPhases(draft, moment);
  if (Object.values(draft.state.periods).some((day) => startOfDay(day) <= moment)) bearPeriods(draft);
  for (const obligation of dueObligations(draft, moment)) happenTo(draft, obligation, moment);
  const rowsAt = draft.state.rows?.nextAt ?? null;
  if (rowsAt !== null && rowsAt <= moment) draft.wantRows({ step: true });
  for (const [key, milestone] of Object.entries(draft.state.milestones))
    if (milestone.status === 'ahead' && milestone.judgeAt !== null && milestone.judgeAt <= moment) askMilestone(draft, key);
}

function turnPhases(draft: Draft, moment: Moment): void {
  for (const [phase, at] of Object.entries(draft.state.phases)) {
    const turn = phaseTurn(draft, phase, at);
    if (turn === null || turn > moment) continue;
    const opens = at === 'ahead';
    draft.setPhase(phase, opens ? 'open' : 'ended');
    draft.happened({ event: `${phase}.${opens ? 'opened' : 'ended'}`, unit: null, insurance: null, on: draft.today });
  }
}

/** In the order of the definition, then by id: the same on every machine. */
function dueObligations(draft: Draft, moment: Moment): readonly Obligation[] {
  const found: Obligation[] = [];
  for (const [key, shelf] of Object.entries(draft.state.open)) {
    const earliest = draft.earliest(key);
    if (earliest === null || earliest > moment) continue;
    for (const id in shelf) {
      const obligation = shelf[id as ObligationId];
      if (obligation && obligation.nextAt !== null && obligation.nextAt <= moment) found.push(obligation);
    }
  }
  const order = new Map(Object.keys(draft.frame.definition.duties).map((duty, i) => [duty, i]));
  const rank = (obligation: Obligation): number =>
    obligation.origin.kind === 'duty' ? (order.get(obligation.origin.duty) ?? 0) : order.size;
  return found.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/** An obligation becomes late at 00:00 after its due day; rungs fire at notice time. Each rung fires once per due date. */
export function happenTo(draft: Draft, obligation: Obligation, moment: Moment): void {
  let at = obligation;
  if (!at.late && at.due !== null && startOfDay(addDays(at.due, 1)) <= moment) {
    at = { ...at, late: true };
    if (at.origin.kind === 'duty')
      draft.happened({ event: `${at.origin.duty}.late`, unit: at.unit, insurance: at.insurance, on: draft.today });
  }
  const rungs = rungsOf(draft.frame, at);
  const firing = rungMoments(draft.frame, at).flatMap((when, i) => (when !== null && when <= moment && !at.fired.includes(i) ? [i] : []));
  at = shelve(draft, { ...at, fired: [...at.fired, ...firing] });
  for (const i of firing) {
    const rung = rungs[i];
    if (rung) respond(draft, rung.response, aboutObligation(draft, at), String(i));
  }
}

/** What happened may start other duties and give waiting ones their date; goes on until nothing more follows. */
export function settle(draft: Draft): void {
  for (let happening = draft.takeHappening(); happening; happening = draft.takeHappening()) {
    bearAfter(draft, happening);
    if (happening.event.endsWith('.done')) wakeWaiting(draft, happening.event.slice(0, -'.done'.length));
  }
}

/** Gives a date to what waited for one; `after`: only to duties whose date hangs on that duty being done. */
export function wakeWaiting(draft: Draft, after: DutyId | null = null): void {
  for (const [key, shelf] of Object.entries(draft.state.open)) {
    const duty = draft.frame.definition.duties[key];
    if (after !== null && (!duty || !hangsOn(duty.due.anchor, after))) continue;
    for (const obligation of Object.values(shelf)) {
      if (obligation.status !== 'waiting') continue;
      const due = dueNow(draft, obligation);
      if (due !== null) shelve(draft, { ...withDue(draft, obligation, due), dueVersion: 1, status: 'open' });
    }
  }
}

const hangsOn = (anchor: Anchor, duty: DutyId): boolean =>
  anchor.kind === 'nextMonth' ? hangsOn(anchor.date, duty) : anchor.kind === 'done' && anchor.of === duty;

/** After an amendment: open deadlines are projected anew, reached ones stand (design section 4). Rungs ahead follow the amendment. */
export function reproject(draft: Draft): void {
  wakeWaiting(draft);
  for (const shelf of Object.values(draft.state.open))
    for (const obligation of Object.values(shelf)) {
      if (obligation.status !== 'open' || obligation.due === null) continue;
      const due = stands(draft, obligation) ? obligation.due : dueNow(draft, obligation);
      if (due !== null && due !== obligation.due) shelve(draft, withDue(draft, obligation, due));
      else if (obligation.nextAt !== nextMoment(draft.frame, obligation)) shelve(draft, obligation);
    }
}

/** A day that was reached, granted, or set by money held is no longer the rule's; only its ladder is computed again. */
function stands(draft: Draft, { due, extended, dateGiven, origin }: Obligation): boolean {
  const held = origin.kind === 'duty' && draft.frame.definition.duties[origin.duty]?.over === 'held';
  return held || extended > 0 || dateGiven === true || (due !== null && due < draft.today);
}

function dueNow(draft: Draft, obligation: Obligation): LocalDate | null {
  if (obligation.origin.kind !== 'duty') return obligation.due ?? followUpDue(draft, obligation);
  const duty = draft.frame.definition.duties[obligation.origin.duty];
  if (!duty) return obligation.due;
  const { insurance, period } = parseObligationId(obligation.id);
  const found = dateFor(draft, duty.due, { unit: obligation.unit, insurance, period, window: obligation.window, since: obligation.since });
  return 'waiting' in found ? null : addDays(found.date, obligation.moved ?? 0);
}
