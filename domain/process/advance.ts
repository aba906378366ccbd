import { addDays, startOfDay } from '../calendar/dates.js';
import type { Moment, ObligationId } from '../model/ids.js';
import type { Obligation } from '../model/state.js';
import { bearAfter, bearPeriods, NONE_LEFT } from './births.js';
import { isCase } from './case-rules.js';
import { runEngine } from './cases.js';
import { CLOSED, type Draft } from './draft.js';
import { pendingRungs, rungsOf, shelve } from './ladder.js';
import { askMilestone, setMilestonesAfter } from './milestones.js';
import { phaseTurn, turnPhases } from './phases.js';
import { wakeWaiting } from './projection.js';
import { aboutObligation, respond } from './responses.js';

/** What is due at one moment may make more due at it, but not without end. */
const ROUNDS_A_MOMENT = 1000;

/**
 * Lets everything happen that is due up to a moment, each at its own moment and in a fixed order. Returns the next moment at which something is due, as
 * `nextWake`: it lies ahead.
 */
export function advance(draft: Draft, to: Moment): Moment | null {
  settle(draft);
  let rounds = 0;
  let next = nextWake(draft);
  for (; next !== null && next <= to; next = nextWake(draft)) {
    rounds = next > draft.now ? 0 : rounds + 1;
    if (rounds > ROUNDS_A_MOMENT) throw new Error(`the core does not get past ${next}`);
    draft.moveTo(next);
    happenAt(draft, draft.now);
    settle(draft);
  }
  draft.moveTo(to);
  return next;
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

function happenAt(draft: Draft, moment: Moment): void {
  turnPhases(draft, moment);
  if (Object.values(draft.state.periods).some((day) => startOfDay(day) <= moment)) bearPeriods(draft);
  for (const obligation of dueObligations(draft, moment)) happenTo(draft, obligation, moment);
  const rowsAt = draft.state.rows?.nextAt ?? null;
  if (rowsAt !== null && rowsAt <= moment) draft.wantRows({ step: true });
  for (const [key, milestone] of Object.entries(draft.state.milestones))
    if (milestone.status === 'ahead' && milestone.judgeAt !== null && milestone.judgeAt <= moment) askMilestone(draft, key);
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
  const firing = pendingRungs(draft.frame, at).flatMap(({ index, at: when }) => (when <= moment ? [index] : []));
  at = shelve(draft, { ...at, fired: [...at.fired, ...firing] });
  for (const i of firing) {
    const rung = rungs[i];
    if (rung) respond(draft, rung.response, aboutObligation(draft, at), String(i));
  }
  // A phase may have ended that the case waits for.
  if (isCase(at)) runEngine(draft, at.id, null);
}

/** What happened may start other duties and give waiting ones their date; goes on until nothing more follows. */
export function settle(draft: Draft): void {
  for (let happening = draft.takeHappening(); happening; happening = draft.takeHappening()) {
    if (draft.isOver) continue;
    bearAfter(draft, happening);
    const [of = '', what] = happening.event.split('.');
    if (what === 'done' || what === CLOSED) {
      wakeWaiting(draft, of);
      setMilestonesAfter(draft, of, happening.unit);
    }
  }
}
