import { eachPeriod, type Period } from '../calendar/periods.js';
import { earlier, later } from '../calendar/dates.js';
import type { Duty } from '../model/definition.js';
import type { LocalDate, UnitId } from '../model/ids.js';
import type { Obligation, Subject } from '../model/state.js';
import { dateFor, dutyWindow } from './deadlines.js';
import { BLANK } from './blank.js';
import type { Draft, Happening } from './draft.js';
import { dueByHolding } from './holding.js';
import { shelve } from './ladder.js';
import { obligationId, rowId } from './obligation-ids.js';
import { periodOfRound } from './rounds.js';

/** What makes a duty's obligation: nothing more (once), a period, or an event. */
export interface Birth {
  readonly unit: UnitId;
  readonly insurance: string | null;
  readonly period: string | null;
  readonly window: { readonly start: LocalDate; readonly end: LocalDate } | null;
  readonly since: LocalDate;
  /** Whom it is about, for a row. */
  readonly subject?: Subject;
  /** The round of a deduction whose answer it follows. */
  readonly round?: number;
}

/**
 * Makes one obligation unless it stands or has been closed. Due before the launch: it waits for the leading role's mark. Due before today, it becomes
 * late in this step.
 */
export function bear(draft: Draft, duty: Duty, birth: Birth): Obligation | null {
  const { subject } = birth;
  const id = subject
    ? rowId(duty.id, subject.due, birth.period)
    : obligationId({ duty: duty.id, unit: birth.unit, insurance: birth.insurance, period: birth.period });
  if (draft.find(id) || draft.closedMark(id)) return null;
  const found = dateFor(draft, duty.due, birth);
  const due = 'waiting' in found ? null : found.date;
  const launchDay = draft.state.launchedAt.slice(0, 10);
  const before = due !== null && due < launchDay && birth.since <= launchDay;
  if (duty.doneIf !== null) draft.wantCounts();
  return shelve(draft, {
    ...BLANK,
    id,
    origin: { kind: 'duty', duty: duty.id },
    title: duty.title,
    unit: birth.unit,
    insurance: birth.insurance,
    period: birth.period,
    window: birth.window,
    owes: duty.owes,
    ladder: duty.ladder,
    status: before ? 'beforeLaunch' : due === null ? 'waiting' : 'open',
    since: birth.since,
    due,
    waitsFor: 'waiting' in found ? found.waiting : null,
    ladderFrom: later(draft.now, draft.state.launchedAt),
    late: false,
    ...(subject ? { subject } : {}),
    ...(birth.round !== undefined && duty.doneIf !== null ? { round: birth.round } : {}),
  });
}

/** Insurance kinds of a duty: each, or none. */
const kindsOf = (draft: Draft, duty: Duty): readonly (string | null)[] => (duty.perInsurance ? draft.frame.definition.insurance : [null]);

/** One obligation for each unit of the duty's level and each insurance kind. */
function fanOut(draft: Draft, duty: Duty, on: LocalDate, period: Period | null, only: ReadonlySet<UnitId> | null): void {
  if (duty.rows) {
    // People of units that come later come with the roster.
    if (only === null)
      draft.wantRows({
        births: [{ duty: duty.id, period: period?.id ?? null, window: period && { start: period.start, end: period.end }, since: on }],
      });
    return;
  }
  for (const unit of draft.frame.unitsOf(duty.per, later(on, draft.today))) {
    if (only !== null && !only.has(unit.id)) continue;
    for (const insurance of kindsOf(draft, duty))
      bear(draft, duty, {
        unit: unit.id,
        insurance,
        period: period?.id ?? null,
        window: period && { start: period.start, end: period.end },
        since: on,
      });
  }
}

/** No further period: the rhythm has run out. Never a wake. */
export const NONE_LEFT = '9999-12-31' as LocalDate;

/** Duties that are owed once: at the launch, and for units that come later. */
export function bearOnce(draft: Draft, only: ReadonlySet<UnitId> | null): void {
  for (const duty of Object.values(draft.frame.definition.duties))
    if (duty.every === null && duty.after.length === 0) fanOut(draft, duty, onceSince(draft, duty), null, only);
}

function onceSince(draft: Draft, duty: Duty): LocalDate {
  const window = duty.during === null ? null : dutyWindow(draft, duty);
  return window === null ? draft.today : later(window.start, draft.state.launchedAt.slice(0, 10) as LocalDate);
}

/** Opens the periods that have begun, of every recurring duty, and notes when the next begins. `only`: for units that came later. */
export function bearPeriods(draft: Draft, only: ReadonlySet<UnitId> | null = null): void {
  for (const duty of Object.values(draft.frame.definition.duties)) {
    const next = draft.state.periods[duty.id];
    if (duty.every === null || (duty.after.length > 0 && next === undefined)) continue;
    if (only === null && next === NONE_LEFT) continue;
    openPeriods(draft, duty, only);
  }
}

/** After an amendment: a phase that begins earlier or lasts longer has further periods; those that are over are not owed anew. */
export function reopenPeriods(draft: Draft): void {
  for (const duty of Object.values(draft.frame.definition.duties))
    if (duty.every !== null && (duty.after.length === 0 || draft.state.periods[duty.id] !== undefined))
      openPeriods(draft, duty, null, earlier(draft.state.periods[duty.id] ?? draft.today, draft.today));
}

function openPeriods(
  draft: Draft,
  duty: Duty,
  only: ReadonlySet<UnitId> | null,
  from: LocalDate | undefined = draft.state.periods[duty.id],
): void {
  const window = dutyWindow(draft, duty);
  if (duty.every === null) return;
  if (window === null) {
    // Its phase has no days yet: an amendment gives them, and `reopenPeriods` then opens what has begun.
    draft.setPeriod(duty.id, null);
    return;
  }
  for (const period of eachPeriod(duty.every, window, draft.frame.setting, null, draft.frame.settingBefore)) {
    if (period.start > draft.today) {
      draft.setPeriod(duty.id, period.start);
      return;
    }
    const opened = from !== undefined && period.end < from;
    if (only === null ? !opened : period.end >= draft.today) fanOut(draft, duty, period.start, period, only);
  }
  draft.setPeriod(duty.id, NONE_LEFT);
}

/** Duties after an event: one obligation per event day (a phase's event makes one, whenever it happens again), or one standing over money held. */
export function bearAfter(draft: Draft, happening: Happening): void {
  for (const duty of Object.values(draft.frame.definition.duties)) {
    if (!duty.after.includes(happening.event)) continue;
    if (duty.every !== null) {
      const next = draft.state.periods[duty.id];
      if (next !== NONE_LEFT) openPeriods(draft, duty, null, next ?? happening.on);
      continue;
    }
    const period = draft.state.told?.[happening.event] ?? happening.on;
    for (const unit of unitsFor(draft, duty, happening))
      for (const insurance of duty.perInsurance
        ? happening.insurance === null
          ? draft.frame.definition.insurance
          : [happening.insurance]
        : [null]) {
        if (duty.over === 'held') {
          dueByHolding(draft, duty, unit, insurance, happening.on, bear);
          continue;
        }
        const { round } = happening;
        const own = round === undefined ? period : periodOfRound(draft, duty, unit, insurance, happening);
        if (own === null) continue;
        bear(draft, duty, { unit, insurance, period: own, window: null, since: happening.on, ...(round === undefined ? {} : { round }) });
      }
  }
}

/** The unit of the duty's level at or above the event's; without a unit, or above it, every unit of the level. */
function unitsFor(draft: Draft, duty: Duty, happening: Happening): readonly UnitId[] {
  const all = (): readonly UnitId[] => draft.frame.unitsOf(duty.per, draft.today).map(({ id }) => id);
  if (happening.unit === null) return all();
  const at = draft.frame.unitAt(happening.unit, duty.per);
  if (at !== null) return [at];
  const root = happening.unit;
  return all().filter((id) => draft.frame.within(id, root));
}
