import { addDays, startOfDay } from '../calendar/dates.js';
import type { LocalDate, Moment, PhaseId } from '../model/ids.js';
import type { State } from '../model/state.js';
import { bearPeriods } from './births.js';
import { phaseDays } from './deadlines.js';
import type { Draft } from './draft.js';

type At = State['phases'][PhaseId];

/** At the launch: where each phase stands. What began or ended before is told now, on its own day, so that nothing that hangs on it is forgotten. */
export function beginPhases(draft: Draft): void {
  for (const phase of Object.keys(draft.frame.definition.phases)) {
    const days = phaseDays(draft, phase);
    draft.setPhase(phase, 'ahead');
    if (days === null || days.start > draft.today) continue;
    turn(draft, phase, 'open', days.start);
    if (days.end !== null && days.end < draft.today) turn(draft, phase, 'ended', addDays(days.end, 1));
  }
}

/** When a phase next opens (00:00 of its first day) or ends (00:00 after its last); null = not in sight. */
export function phaseTurn(draft: Draft, phase: PhaseId, at: At): Moment | null {
  const days = at === 'ended' ? null : phaseDays(draft, phase);
  if (days === null) return null;
  if (at === 'ahead') return startOfDay(days.start);
  return days.end === null ? null : startOfDay(addDays(days.end, 1));
}

/** Opens and ends the phases whose moment has come. */
export function turnPhases(draft: Draft, moment: Moment): void {
  let opened = false;
  for (const [phase, at] of Object.entries(draft.state.phases)) {
    const due = phaseTurn(draft, phase, at);
    if (due === null || due > moment) continue;
    turn(draft, phase, at === 'ahead' ? 'open' : 'ended', draft.today);
    opened ||= at === 'ahead';
  }
  // What recurs in a phase that had no days until now.
  if (opened) bearPeriods(draft);
}

function turn(draft: Draft, phase: PhaseId, to: 'open' | 'ended', on: LocalDate): void {
  draft.setPhase(phase, to);
  const event = `${phase}.${to === 'open' ? 'opened' : 'ended'}`;
  draft.tell(event, on);
  draft.happened({ event, unit: null, insurance: null, on });
}

/** After an amendment: a phase that lasts again or begins later than it did is ahead again. It opens when its day comes, maybe at once. */
export function turnBack(draft: Draft): void {
  for (const [phase, at] of Object.entries(draft.state.phases)) {
    const days = at === 'ahead' ? null : phaseDays(draft, phase);
    if (days === null) continue;
    const lasts = days.end === null || days.end >= draft.today;
    if (days.start > draft.today || (at === 'ended' && lasts)) draft.setPhase(phase, 'ahead');
  }
}

/**
 * The day on which a phase event that was told happens again, after an amendment; null = what was told stands. `told`: the day under which what hangs on
 * it was born.
 */
export function happensAnewOn(draft: Draft, event: string, told: string | null): LocalDate | null {
  if (told === null || draft.state.told?.[event] !== told) return null;
  const [phase = '', what] = event.split('.');
  const days = phaseDays(draft, phase);
  const on = days === null ? null : what === 'opened' ? days.start : days.end && addDays(days.end, 1);
  return on !== null && on > draft.today ? on : null;
}
