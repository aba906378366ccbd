import { addDays } from '../calendar/dates.js';
import { CalendarError } from '../calendar/errors.js';
import { evaluateDate, phaseWindow, type DateContext, type DateResult } from '../calendar/evaluate.js';
import type { Anchor, DateExpr, Duty } from '../model/definition.js';
import type { DutyId, LocalDate, PhaseId, UnitId } from '../model/ids.js';
import type { Draft } from './draft.js';
import type { Frame } from './frame.js';
import { parseObligationId } from './obligation-ids.js';
import { latestDone } from './related.js';

/** What a due date is computed for. */
export interface Subject {
  readonly unit: UnitId;
  readonly insurance: string | null;
  readonly period: string | null;
  readonly window: { readonly start: LocalDate; readonly end: LocalDate } | null;
  readonly since: LocalDate | null;
  /** The day a case was opened. */
  readonly opened?: LocalDate;
}

/**
 * The day a written date falls on for a subject, with its steps. A year without calendar data does not guess: the date waits, and is
 * computed when the calendar is amended. What an act does before (`done(x)`) makes it wait too.
 */
export function dateFor(draft: Draft, expr: DateExpr, subject: Subject): DateResult {
  try {
    return evaluateDate(expr, contextFor(draft, subject, []));
  } catch (error) {
    // A date that cannot be computed never stops a campaign: it waits, named, and an amendment gives it.
    if (!(error instanceof CalendarError)) throw error;
    return { waiting: error.code === 'calendar-year-missing' ? `calendar(${error.params['year'] ?? ''})` : expr.text };
  }
}

function contextFor(draft: Draft, subject: Subject, through: readonly string[]): DateContext {
  const { frame } = draft;
  return {
    setting: frame.setting,
    unit: subject.unit,
    ...(subject.window === null ? {} : { period: subject.window }),
    ...(subject.since === null ? {} : { since: subject.since }),
    ...(subject.opened === undefined ? {} : { opened: subject.opened }),
    dueOf: (id) => dueOf(draft, id, subject, through),
    doneOf: (duty) => latestDone(draft, duty, subject),
    fact: () => null,
  };
}

/**
 * Due date of another duty or milestone as seen from a subject: what stands counts, else what was granted, else what is written. Days for which the other's
 * own clock stood still are not the subject's.
 */
function dueOf(draft: Draft, id: string, subject: Subject, through: readonly string[]): LocalDate | null {
  if (through.includes(id)) return null;
  const duty: Duty | undefined = draft.frame.definition.duties[id];
  const milestone = draft.frame.definition.milestones[id];
  const standing = duty && draft.shelf(id).find(({ unit, due }) => due !== null && draft.frame.lineOf(subject.unit).includes(unit));
  if (standing?.due) return addDays(standing.due, -(standing.moved ?? 0));
  const granted = duty && draft.frame.namedByDue.has(id) ? latestGranted(draft, id, subject) : null;
  if (granted) return granted;
  const expr = duty?.due ?? milestone?.due;
  if (!expr) return null;
  const found = evaluateDate(expr, contextFor(draft, subject, [...through, id]));
  return 'waiting' in found ? null : found.date;
}

/** The latest day granted for what is closed, so that the order of marks does not matter. */
function latestGranted(draft: Draft, duty: DutyId, subject: Subject): LocalDate | null {
  const line = draft.frame.lineOf(subject.unit);
  let latest: LocalDate | null = null;
  for (const [of, { d }] of draft.marksOf(duty))
    if (d && (latest === null || d > latest) && line.includes(parseObligationId(of).unit)) latest = d;
  return latest;
}

/** Days of a phase for the whole campaign; null while it has none yet, or while a year's working days are not known. */
export function phaseDays(draft: Draft, phase: PhaseId): { readonly start: LocalDate; readonly end: LocalDate | null } | null {
  const root = draft.frame.setting.units.find(({ parent }) => parent === null);
  const campaign = { unit: root?.id ?? ('' as UnitId), insurance: null, period: null, window: null, since: null };
  try {
    const window = phaseWindow(phase, contextFor(draft, campaign, []));
    return 'waiting' in window ? null : window;
  } catch (error) {
    if (error instanceof CalendarError && error.code === 'calendar-year-missing') return null;
    throw error;
  }
}

/** The days in which a duty recurs or starts: its phase, else the validity of the definition. */
export const dutyWindow = (draft: Draft, duty: Duty): ReturnType<typeof dutyWindowOf> => dutyWindowOf(draft, duty.during);

export function dutyWindowOf(draft: Draft, during: PhaseId | null): { readonly start: LocalDate; readonly end: LocalDate | null } | null {
  if (during === null) return { start: draft.frame.definition.from, end: draft.frame.definition.to };
  return phaseDays(draft, during);
}

/** Whether a date hangs on a duty being done, or on its due day: by itself, or through a phase or another date. */
export function hangsOn({ definition }: Frame, from: Anchor, duty: DutyId, by: 'done' | 'due' = 'done'): boolean {
  const seen = new Set<string>();
  const hangs = (anchor: Anchor): boolean => {
    if (anchor.kind === 'nextMonth') return hangs(anchor.date);
    if (anchor.kind === by && anchor.of === duty) return true;
    if ((anchor.kind !== 'start' && anchor.kind !== 'end' && anchor.kind !== 'due') || seen.has(anchor.of)) return false;
    seen.add(anchor.of);
    const phase = definition.phases[anchor.of];
    const due = (definition.duties[anchor.of] ?? definition.milestones[anchor.of])?.due;
    return [phase?.from, phase?.to, due].some((expr) => expr != null && hangs(expr.anchor));
  };
  return hangs(from);
}
