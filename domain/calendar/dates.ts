import type { LocalDate, Moment, Month } from '../model/ids.js';
import { CalendarError } from './errors.js';

/**
 * Civil days of the Gregorian calendar as strings `YYYY-MM-DD` (years 0001 to 9999). All arithmetic is on whole day numbers, so no host
 * time zone can move a day. Asia/Shanghai has had no summer time since 1991: moments are read and written at a fixed +08:00.
 */
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MONTH = /^(\d{4})-(\d{2})$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})$/;
const ZONE_SECONDS = 8 * 3600;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** Day number of 0001-01-01 and of 9999-12-31, counted from 1970-01-01 = 0. */
const FIRST_DAY = -719162;
const LAST_DAY = 2932896;

interface DateParts {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** A campaign asks for the same few hundred days again and again: both ways are remembered, which changes nothing but the time it takes. */
const NUMBERS = new Map<LocalDate, number>();
const DATES = new Map<number, LocalDate>();
const MOST_DAYS = 20_000;

function remembered<K, V>(known: Map<K, V>, key: K, compute: (key: K) => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST_DAYS) known.clear();
  const value = compute(key);
  known.set(key, value);
  return value;
}

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Number of days of a month, 28 to 31; `month` is 1 to 12. */
export const daysInMonth = (year: number, month: number): number => (month === 2 && isLeapYear(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0));

/** True for a real day: `2020-02-29` is one, `2020-02-30` and `2020-2-9` are not. */
export function isDate(text: string): text is LocalDate {
  const found = DATE.exec(text);
  if (!found) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** Throws `no-such-day` for anything that is not a real day written `YYYY-MM-DD`. */
export function parseDate(text: string): LocalDate {
  if (!isDate(text))
    throw new CalendarError('no-such-day', `没有“${text}”这一天`, `no such day: '${text}' (expected YYYY-MM-DD)`, { text });
  return text;
}

/** Throws `no-such-month` for anything but `YYYY-MM`. */
export function parseMonth(text: string): Month {
  const found = MONTH.exec(text);
  const month = Number(found?.[2] ?? 0);
  if (!found || Number(found[1]) < 1 || month < 1 || month > 12)
    throw new CalendarError('no-such-month', `没有“${text}”这个月`, `no such month: '${text}' (expected YYYY-MM)`, { text });
  return text as Month;
}

export function partsOf(date: LocalDate): DateParts {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) };
}

/** The day of the given numbers; throws `no-such-day`. */
export function dateFrom(year: number, month: number, day: number): LocalDate {
  return parseDate(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
}

/** Days since 1970-01-01 (0), negative before. Years are counted from March so that the leap day is the last of its year. */
export const dayNumber = (date: LocalDate): number => remembered(NUMBERS, date, countDays);

function countDays(date: LocalDate): number {
  const { year, month, day } = partsOf(date);
  const y = month > 2 ? year : year - 1;
  const sinceMarch = (month + 9) % 12;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * sinceMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** Inverse of `dayNumber`; throws `date-out-of-range` beyond the years 0001 to 9999. */
export const dateOfDayNumber = (n: number): LocalDate => remembered(DATES, n, dateAtDay);

function dateAtDay(n: number): LocalDate {
  if (!Number.isInteger(n) || n < FIRST_DAY || n > LAST_DAY)
    throw new CalendarError('date-out-of-range', '日期超出可用范围', 'day outside the years 0001 to 9999', { day: n });
  const shifted = n + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const sinceMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * sinceMarch + 2) / 5) + 1;
  const month = sinceMarch < 10 ? sinceMarch + 3 : sinceMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}` as LocalDate;
}

/** `n` calendar days later (earlier when negative). The day itself is day 0. */
export const addDays = (date: LocalDate, n: number): LocalDate => dateOfDayNumber(dayNumber(date) + n);

/** The same day `n` months later, or the last day of that month when it is shorter (2020-01-31 +1m = 2020-02-29). */
export function addMonths(date: LocalDate, n: number): LocalDate {
  const { year, month, day } = partsOf(date);
  const index = year * 12 + (month - 1) + n;
  const toYear = Math.floor(index / 12);
  const toMonth = (index % 12) + 1;
  if (toYear < 1 || toYear > 9999)
    throw new CalendarError('date-out-of-range', '日期超出可用范围', 'day outside the years 0001 to 9999', { date, n });
  return dateFrom(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth)));
}

/** The same day `n` years later; 02-29 becomes 02-28 in a common year. */
export const addYears = (date: LocalDate, n: number): LocalDate => addMonths(date, 12 * n);

/** Days from `a` to `b`: 0 on the same day, negative when `b` is earlier. */
export const daysBetween = (a: LocalDate, b: LocalDate): number => dayNumber(b) - dayNumber(a);

/** 1 = Monday to 7 = Sunday. */
export const dayOfWeek = (date: LocalDate): 1 | 2 | 3 | 4 | 5 | 6 | 7 =>
  (((((dayNumber(date) + 3) % 7) + 7) % 7) + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7;

export const monthOf = (date: LocalDate): Month => date.slice(0, 7) as Month;
/** First day of the month of a date, or of a month. */
export const firstOfMonth = (day: LocalDate | Month): LocalDate => `${day.slice(0, 7)}-01` as LocalDate;
/** Last day of the month of a date, or of a month. */
export function monthEnd(day: LocalDate | Month): LocalDate {
  const { year, month } = partsOf(firstOfMonth(day));
  return dateFrom(year, month, daysInMonth(year, month));
}
/** The month `n` months later. */
export const addToMonth = (month: Month, n: number): Month => monthOf(addMonths(firstOfMonth(month), n));
/** First day of the month after. */
export const firstOfNextMonth = (date: LocalDate): LocalDate => addMonths(firstOfMonth(date), 1);

export const earlier = <T extends LocalDate | Month | Moment>(a: T, b: T): T => (a <= b ? a : b);
export const later = <T extends LocalDate | Month | Moment>(a: T, b: T): T => (a >= b ? a : b);

/** True for a local time `YYYY-MM-DDTHH:MM:SS` of a real day. */
export function isMoment(text: string): text is Moment {
  const found = MOMENT.exec(text);
  return found !== null && isDate(found[1] ?? '') && TIME.test(found[2] ?? '');
}

/** Throws `no-such-time` for anything but `YYYY-MM-DDTHH:MM:SS` of a real day. */
export function parseMoment(text: string): Moment {
  if (!isMoment(text))
    throw new CalendarError('no-such-time', `不是有效时刻：“${text}”`, `no such moment: '${text}' (expected YYYY-MM-DDTHH:MM:SS)`, {
      text,
    });
  return text;
}

/** `time` is `HH:MM` or `HH:MM:SS`; throws `no-such-time`. */
export function momentOf(date: LocalDate, time: string): Moment {
  const found = TIME.exec(time);
  if (!found) throw new CalendarError('no-such-time', `没有“${time}”这个时间`, `no such time: '${time}' (expected HH:MM)`, { time });
  return `${date}T${found[1]}:${found[2]}:${found[3] ?? '00'}` as Moment;
}

export const startOfDay = (date: LocalDate): Moment => momentOf(date, '00:00:00');
/** The last second of a day: a due date is kept until then. */
export const endOfDay = (date: LocalDate): Moment => momentOf(date, '23:59:59');
export const dateOf = (moment: Moment): LocalDate => moment.slice(0, 10) as LocalDate;
/** `HH:MM:SS`. */
const timeOf = (moment: Moment): string => moment.slice(11);

/** Milliseconds since 1970-01-01T00:00:00Z of a local time at +08:00. */
export function momentToEpoch(moment: Moment): number {
  const time = timeOf(moment);
  const seconds = Number(time.slice(0, 2)) * 3600 + Number(time.slice(3, 5)) * 60 + Number(time.slice(6, 8));
  return (dayNumber(dateOf(moment)) * 86400 + seconds - ZONE_SECONDS) * 1000;
}

/** The local time at +08:00 of an instant, cut to its second. */
export function epochToMoment(epochMs: number): Moment {
  const local = Math.floor(epochMs / 1000) + ZONE_SECONDS;
  const day = Math.floor(local / 86400);
  const seconds = local - day * 86400;
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((n) => pad(n, 2)).join(':');
  return momentOf(dateOfDayNumber(day), time);
}
