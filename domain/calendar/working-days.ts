import type { Calendar } from '../model/setting.js';
import type { LocalDate } from '../model/ids.js';
import { addDays, dayOfWeek } from './dates.js';
import { CalendarError } from './errors.js';

export type Roll = 'none' | 'before' | 'after';
/** `working` = an ordinary working day; `makeUp` = a weekend day worked by notice; `weekend` and `holiday` are days off. */
export type DayKind = 'working' | 'makeUp' | 'weekend' | 'holiday';

/** One day of a count, with the reason why it counted or not. `n` = how many had counted after it. */
export interface CountedDay {
  readonly date: LocalDate;
  readonly kind: DayKind;
  readonly counted: boolean;
  readonly n: number;
}

/** Years that have data, ascending. */
export const coveredYears = (calendar: Calendar): readonly number[] =>
  Object.keys(calendar.years)
    .map(Number)
    .sort((a, b) => a - b);

/** Years of `from` to `to` without data: the launch lists them before anything is computed. */
export function missingYears(calendar: Calendar, from: LocalDate, to: LocalDate): readonly number[] {
  const missing: number[] = [];
  for (let year = Number(from.slice(0, 4)); year <= Number(to.slice(0, 4)); year += 1)
    if (!calendar.years[String(year)]) missing.push(year);
  return missing;
}

/** Throws `calendar-year-missing` for a year without data: a weekday is never guessed to be a working day. */
export function dayKind(calendar: Calendar, date: LocalDate): DayKind {
  const year = date.slice(0, 4);
  const data = calendar.years[year];
  if (!data)
    throw new CalendarError(
      'calendar-year-missing',
      `日历“${calendar.id}”没有${year}年的放假安排，请先载入`,
      `calendar '${calendar.id}' has no data for ${year}; load that year first`,
      { calendar: calendar.id, year: Number(year) },
    );
  if (data.work.includes(date)) return 'makeUp';
  if (data.off.includes(date)) return 'holiday';
  return dayOfWeek(date) >= 6 ? 'weekend' : 'working';
}

/** True on weekends and holidays, false on working days and make-up working days. Throws `calendar-year-missing`. */
export function isDayOff(calendar: Calendar, date: LocalDate): boolean {
  const kind = dayKind(calendar, date);
  return kind === 'weekend' || kind === 'holiday';
}

export const isWorkingDay = (calendar: Calendar, date: LocalDate): boolean => !isDayOff(calendar, date);

/** `+1` = the first working day after, `-1` = the last before; 0 leaves the day as it is. Throws `calendar-year-missing`. */
export function addWorkingDays(calendar: Calendar, date: LocalDate, n: number): LocalDate {
  return walk(calendar, date, n).at(-1)?.date ?? date;
}

/** The day itself when it is a working day, else the nearest working day before or after. `none` never looks at the calendar. */
export function rollDate(calendar: Calendar, date: LocalDate, roll: Roll): LocalDate {
  if (roll === 'none') return date;
  let day = date;
  while (isDayOff(calendar, day)) day = addDays(day, roll === 'after' ? 1 : -1);
  return day;
}

/** The days from (not counting) `date` until `n` working days have been met, each with its reason. Empty when `n` is 0. */
export function walk(calendar: Calendar, date: LocalDate, n: number): readonly CountedDay[] {
  const days: CountedDay[] = [];
  const step = n < 0 ? -1 : 1;
  let [day, met] = [date, 0];
  while (met < Math.abs(n)) {
    day = addDays(day, step);
    const kind = dayKind(calendar, day);
    const counted = kind === 'working' || kind === 'makeUp';
    if (counted) met += 1;
    days.push({ date: day, kind, counted, n: met });
  }
  return days;
}

/**
 * Day by day after `from` up to and including `to`: `from` is day 0. In unit `d` every day counts and the calendar is not asked
 * (a weekday is then given by its weekday alone, without data); in `wd` only working days count.
 */
export function countDays(calendar: Calendar, from: LocalDate, to: LocalDate, unit: 'd' | 'wd'): readonly CountedDay[] {
  const days: CountedDay[] = [];
  let n = 0;
  for (let day = addDays(from, 1); day <= to; day = addDays(day, 1)) {
    const kind = unit === 'wd' || calendar.years[day.slice(0, 4)] ? dayKind(calendar, day) : dayOfWeek(day) >= 6 ? 'weekend' : 'working';
    const counted = unit === 'd' || kind === 'working' || kind === 'makeUp';
    if (counted) n += 1;
    days.push({ date: day, kind, counted, n });
  }
  return days;
}

/** How many steps of `addWorkingDays` lead from `from` to `to`: working days after `from` up to `to`, or before `from` down to `to` as a negative number. */
export function workingDaysBetween(calendar: Calendar, from: LocalDate, to: LocalDate): number {
  if (to >= from) return countDays(calendar, from, to, 'wd').at(-1)?.n ?? 0;
  let n = 0;
  for (let day = addDays(from, -1); day >= to; day = addDays(day, -1)) if (isWorkingDay(calendar, day)) n -= 1;
  return n;
}

/** What a county's own calendar file states: only the days that differ from the base. */
export interface CalendarOverride {
  readonly id: string;
  readonly years: Readonly<
    Record<string, { readonly source: string; readonly off?: readonly LocalDate[]; readonly work?: readonly LocalDate[] }>
  >;
}

/**
 * The base calendar with a county's days laid over it: a day named `off` is off, a day named `work` is worked, whatever the base says.
 * A year that only the override has is then covered. Throws `calendar-data-broken` for a day named both ways or in the wrong year.
 */
export function withOverrides(base: Calendar, override: CalendarOverride): Calendar {
  const years: Record<string, Calendar['years'][string]> = { ...base.years };
  for (const [year, own] of Object.entries(override.years)) {
    const off = own.off ?? [];
    const work = own.work ?? [];
    for (const day of [...off, ...work])
      if (!day.startsWith(`${year}-`) || (off.includes(day) && work.includes(day)))
        throw new CalendarError(
          'calendar-data-broken',
          `日历“${override.id}”中${day}有误`,
          `calendar '${override.id}': ${day} is in the wrong year or both off and worked`,
          {
            calendar: override.id,
            day,
          },
        );
    const was = base.years[year] ?? { source: '', off: [], work: [] };
    years[year] = {
      source: was.source === '' ? own.source : `${was.source}; ${own.source}`,
      off: [...was.off.filter((day) => !work.includes(day)), ...off.filter((day) => !was.off.includes(day))].sort(),
      work: [...was.work.filter((day) => !off.includes(day)), ...work.filter((day) => !was.work.includes(day))].sort(),
    };
  }
  return { id: `${base.id}+${override.id}`, years };
}
