import type { DutyId, LocalDate, UnitId } from '../model/ids.js';
import type { Obligation } from '../model/state.js';
import type { Draft } from './draft.js';
import { parseObligationId } from './obligation-ids.js';

/** Seen from here another duty's obligations are related: of the same unit, of the units above, and of all units below. */
interface From {
  readonly unit: UnitId;
  readonly insurance: string | null;
  readonly period: string | null;
}

/** A period or insurance kind counts only where both have one. */
function isRelated(draft: Draft, from: From, other: From): boolean {
  const { frame } = draft;
  const near = frame.within(from.unit, other.unit) || frame.within(other.unit, from.unit);
  const alike = (a: string | null, b: string | null): boolean => a === null || b === null || a === b;
  return near && alike(from.insurance, other.insurance) && alike(from.period, other.period);
}

/** Obligations of a duty that are still owed, as seen from a unit (requirement: `needs`, gates of phases). */
export function stillOwed(draft: Draft, duty: DutyId, from: From): readonly Obligation[] {
  return draft.shelf(duty).filter((other) => other.status !== 'checking' && isRelated(draft, from, other));
}

/**
 * The day on which the last related obligation of a duty was done; null while one is owed or being checked, or none was done. A day that is given
 * here is never taken back: what is sent back was not given.
 */
export function latestDone(draft: Draft, duty: DutyId, from: From): LocalDate | null {
  if (draft.shelf(duty).some((other) => isRelated(draft, from, other))) return null;
  let latest: LocalDate | null = null;
  for (const [id, mark] of draft.marksOf(duty)) {
    if (mark.s !== 'd' || !isRelated(draft, from, parseObligationId(id))) continue;
    if (latest === null || mark.on > latest) latest = mark.on;
  }
  return latest;
}

/** Whether nothing of a duty is owed any more and each related one that was done was done by a day (milestones' `needs`). */
export function doneBy(draft: Draft, duty: DutyId, from: From, by: LocalDate): boolean {
  if (stillOwed(draft, duty, from).length > 0) return false;
  if (checkedDays(draft, duty, from).some((day) => day > by)) return false;
  return draft.marksOf(duty).every(([id, mark]) => mark.s !== 'd' || mark.on <= by || !isRelated(draft, from, parseObligationId(id)));
}

/** Days on which what is still being checked was done. */
const checkedDays = (draft: Draft, duty: DutyId, from: From): readonly LocalDate[] =>
  draft
    .shelf(duty)
    .flatMap((other) => (other.status === 'checking' && other.closed !== null && isRelated(draft, from, other) ? [other.closed.on] : []));
