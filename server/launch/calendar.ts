import { parse } from 'yaml';
import { z } from 'zod';
import { CalendarError } from '../../domain/calendar/errors.js';
import { withOverrides } from '../../domain/calendar/working-days.js';
import type { Calendar } from '../../domain/model/setting.js';
import { faultsOf } from '../http/faults.js';
import { Problem, type Fault } from '../http/problems.js';
import { line, localDate } from '../http/shapes.js';

/** A calendar file is small: a year has some forty lines. */
const MOST_CHARACTERS = 100_000;

const days = z.array(localDate).max(366).default([]);
/** Days of one year that are not as the published calendar (or the weekday) says, and the paper that says so. */
export const calendarYear = z
  .strictObject({ year: z.int().min(1990).max(2100), source: line(200), off: days, work: days })
  .meta({ id: 'CalendarYear', description: 'off 为放假日，work 为调休上班日 days off; days worked' });
const shape = z.union([calendarYear, z.array(calendarYear).min(1).max(20)]);
export const calendarSchema = shape.meta({ id: 'CalendarOverride' });
export type CalendarGiven = z.output<typeof calendarSchema>;

/** A calendar file, YAML or JSON. Error: `invalid-request` with each fault. */
export function readCalendar(text: string): CalendarGiven {
  const broken = (zh: string, en: string): Problem => wrong({ in: 'file', path: 'calendar', code: 'bad-format', zh, en });
  if (text.length > MOST_CHARACTERS) throw broken('日历文件过大', 'the calendar file is too large');
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0, schema: 'core' });
  } catch (error) {
    throw broken('日历文件不是 YAML 或 JSON', `neither YAML nor JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = (Array.isArray(value) ? z.array(calendarYear).min(1).max(20) : calendarYear).safeParse(value, { reportInput: true });
  if (read.success) return read.data;
  throw new Problem('invalid-request', {
    errors: faultsOf('file', read.error.issues).map((fault) => ({ ...fault, path: `calendar.${fault.path}` })),
  });
}

/** The calendar with the county's days laid over it. The same days laid over it again change nothing. Error: `invalid-request`. */
export function amendedCalendar(base: Calendar, given: CalendarGiven): Calendar {
  let calendar = base;
  for (const { year, source, off, work } of Array.isArray(given) ? given : [given]) {
    const known = calendar.years[String(year)];
    if (known !== undefined && within(known, { off, work })) continue;
    try {
      calendar = withOverrides(calendar, { id: COUNTY, years: { [year]: { source, off, work } } });
    } catch (error) {
      if (!(error instanceof CalendarError)) throw error;
      throw wrong({ in: 'body', path: 'calendar', code: error.code, zh: error.zh, en: error.en });
    }
    // One mark however often it is amended.
    calendar = { ...calendar, id: base.id.endsWith(`+${COUNTY}`) ? base.id : `${base.id}+${COUNTY}` };
  }
  return calendar;
}

const COUNTY = 'county';
type Days = Pick<Calendar['years'][string], 'off' | 'work'>;
/** All the given days stand in the calendar already. */
const within = (known: Days, given: Days): boolean =>
  given.off.every((day) => known.off.includes(day)) && given.work.every((day) => known.work.includes(day));

const wrong = (fault: Fault): Problem => new Problem('invalid-request', { errors: [fault] });
