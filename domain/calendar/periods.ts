import type { Rhythm } from '../model/definition.js';
import type { LocalDate, UnitId } from '../model/ids.js';
import { parameterValue } from '../model/parameters.js';
import type { Setting } from '../model/setting.js';
import { addDays, addMonths, dateFrom, earlier, firstOfMonth, later, monthOf, partsOf } from './dates.js';
import { addDuration, resolveDistance, type Duration } from './distance.js';
import { CalendarError } from './errors.js';
import type { Window } from './evaluate.js';

/** One turn of a rhythm, cut to the window. `id`: `2020-05-25` (day), `2020-05`, `2020-Q2`, `2020`, or the first day for a distance. */
export interface Period extends Window {
  readonly id: string;
}

/**
 * The periods of a rhythm that touch the window, in order. Days, months, quarters and years are those of the calendar; a distance is
 * counted from the window's first day, and months always from that first day, so that a short month does not shift the later ones.
 * Throws `bad-distance` for a distance that does not lead forward, and what `resolveDistance` and the calendar throw.
 */
export const periodsOf = (rhythm: Rhythm, window: Window, setting: Setting, unit: UnitId | null = null): readonly Period[] => [
  ...eachPeriod(rhythm, window, setting, unit),
];

/**
 * As `periodsOf`, one at a time; `end` null = an open window, which never ends by itself. `settingBefore`: the setting with which a turn that begins on
 * a day begins; where the distance is another from a turn on, it is counted from that turn.
 */
export function* eachPeriod(
  rhythm: Rhythm,
  window: { readonly start: LocalDate; readonly end: LocalDate | null },
  setting: Setting,
  unit: UnitId | null = null,
  settingBefore: (day: LocalDate) => Setting = () => setting,
): Generator<Period> {
  if (window.end !== null && window.end < window.start) return;
  const inside = (day: LocalDate): boolean => window.end === null || day <= window.end;
  const cut = (id: string, start: LocalDate, next: LocalDate): Period => {
    const last = addDays(next, -1);
    return { id, start: later(start, window.start), end: window.end === null ? last : earlier(last, window.end) };
  };
  if (rhythm.kind === 'distance') {
    const { distance } = rhythm;
    const stepFrom = (day: LocalDate): Duration => resolveDistance(distance, (id) => parameterValue(settingBefore(day), id, unit));
    let [first, start] = [window.start, window.start];
    let step = stepFrom(start);
    for (let k = 1; inside(start); k += 1) {
      const next = turn(setting, first, start, step, k);
      if (next <= start)
        throw new CalendarError('bad-distance', '重复间隔必须大于零', 'the distance of a rhythm must lead forward', {
          n: step.n,
          unit: step.unit,
        });
      yield cut(start, start, next);
      start = next;
      const after = stepFrom(start);
      if (after.n !== step.n || after.unit !== step.unit) [first, step, k] = [start, after, 0];
    }
    return;
  }
  let start = firstOf(rhythm.kind, window.start);
  while (inside(start)) {
    const next =
      rhythm.kind === 'day' ? addDays(start, 1) : addMonths(start, rhythm.kind === 'month' ? 1 : rhythm.kind === 'quarter' ? 3 : 12);
    yield cut(periodId(rhythm.kind, start), start, next);
    start = next;
  }
}

/** Months and years from the window's first day, days and working days from the turn before. */
function turn(setting: Setting, first: LocalDate, start: LocalDate, { n, unit }: Duration, k: number): LocalDate {
  if (unit === 'm' || unit === 'y') return addDuration(setting.calendar, first, { n: n * k, unit });
  return addDuration(setting.calendar, start, { n, unit });
}

function firstOf(kind: 'day' | 'month' | 'quarter' | 'year', day: LocalDate): LocalDate {
  if (kind === 'day') return day;
  if (kind === 'month') return firstOfMonth(day);
  const { year, month } = partsOf(day);
  return dateFrom(year, kind === 'year' ? 1 : month - ((month - 1) % 3), 1);
}

/** The id of the calendar period in which a day lies. */
function periodId(kind: 'day' | 'month' | 'quarter' | 'year', day: LocalDate): string {
  switch (kind) {
    case 'day':
      return day;
    case 'month':
      return monthOf(day);
    case 'quarter':
      return `${day.slice(0, 4)}-Q${Math.floor((partsOf(day).month - 1) / 3) + 1}`;
    case 'year':
      return day.slice(0, 4);
    default: {
      const never: never = kind;
      return never;
    }
  }
}
