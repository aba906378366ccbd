import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stateCouncilCalendar as calendar } from '../../../domain/calendar/data/state-council.js';
import { addDays, dateOfDayNumber, dayNumber, dayOfWeek, parseDate } from '../../../domain/calendar/dates.js';
import {
  addWorkingDays,
  countDays,
  coveredYears,
  dayKind,
  isDayOff,
  isWorkingDay,
  missingYears,
  rollDate,
  withOverrides,
  workingDaysBetween,
} from '../../../domain/calendar/working-days.js';

const date = parseDate;
/** Days at least a long run of holidays away from the ends of the data. */
const covered = fc.integer({ min: dayNumber(date('2013-01-01')), max: dayNumber(date('2025-06-30')) }).map(dateOfDayNumber);

describe('published days', () => {
  test('the data covers 2012 to 2026 without a hole', () => {
    expect(coveredYears(calendar)).toEqual([2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026]);
    expect(missingYears(calendar, date('2025-12-01'), date('2028-01-01'))).toEqual([2027, 2028]);
  });

  test('every make-up working day of 2026 is worked', () => {
    for (const day of ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'])
      expect(dayKind(calendar, date(day))).toBe('makeUp');
    expect(calendar.years['2026']?.work).toHaveLength(6);
  });

  test('holidays, weekends and working days are told apart', () => {
    expect(dayKind(calendar, date('2020-05-05'))).toBe('holiday');
    expect(dayKind(calendar, date('2020-05-09'))).toBe('makeUp');
    expect(dayKind(calendar, date('2020-05-10'))).toBe('weekend');
    expect(dayKind(calendar, date('2020-05-11'))).toBe('working');
    expect(dayKind(calendar, date('2020-01-31'))).toBe('holiday'); // prolonged in January 2020
    expect(dayKind(calendar, date('2015-09-03'))).toBe('holiday');
  });

  test('each make-up day is a weekend day of its own year', () => {
    for (const [year, { off, work }] of Object.entries(calendar.years)) {
      expect(work.filter((day) => dayOfWeek(day) < 6 || !day.startsWith(year))).toEqual([]);
      expect(off.filter((day) => work.includes(day) || !day.startsWith(year))).toEqual([]);
      expect(off.length).toBeGreaterThanOrEqual(11);
    }
  });

  test('a year without data is refused and named, never guessed', () => {
    expect(() => isDayOff(calendar, date('2027-01-01'))).toThrow(
      expect.objectContaining({ code: 'calendar-year-missing', params: { calendar: 'state-council', year: 2027 } }),
    );
    expect(() => addWorkingDays(calendar, date('2026-12-30'), 5)).toThrow(expect.objectContaining({ code: 'calendar-year-missing' }));
    expect(rollDate(calendar, date('2027-01-02'), 'none')).toBe('2027-01-02');
  });
});

describe('counting working days', () => {
  test('+1 is the first working day after, also across make-up days', () => {
    expect(addWorkingDays(calendar, date('2020-04-30'), 1)).toBe('2020-05-06');
    expect(addWorkingDays(calendar, date('2020-05-08'), 1)).toBe('2020-05-09');
    expect(addWorkingDays(calendar, date('2020-05-25'), 5)).toBe('2020-06-01');
    expect(addWorkingDays(calendar, date('2020-05-06'), -1)).toBe('2020-04-30');
    expect(addWorkingDays(calendar, date('2020-05-02'), 0)).toBe('2020-05-02');
  });

  test('a day off rolls to the working day before or after', () => {
    expect(rollDate(calendar, date('2020-06-14'), 'after')).toBe('2020-06-15');
    expect(rollDate(calendar, date('2020-05-03'), 'before')).toBe('2020-04-30');
    expect(rollDate(calendar, date('2020-05-09'), 'after')).toBe('2020-05-09');
  });

  test('days are listed one by one with the reason', () => {
    expect(countDays(calendar, date('2020-04-30'), date('2020-05-06'), 'wd').map(({ date: day, kind, n }) => [day, kind, n])).toEqual([
      ['2020-05-01', 'holiday', 0],
      ['2020-05-02', 'holiday', 0],
      ['2020-05-03', 'holiday', 0],
      ['2020-05-04', 'holiday', 0],
      ['2020-05-05', 'holiday', 0],
      ['2020-05-06', 'working', 1],
    ]);
    expect(countDays(calendar, date('2020-03-02'), date('2020-04-01'), 'd').at(-1)).toEqual({
      date: '2020-04-01',
      kind: 'working',
      counted: true,
      n: 30,
    });
    expect(countDays(calendar, date('2020-04-01'), date('2020-04-01'), 'd')).toEqual([]);
  });

  test('never ends on a day off, counts itself, and is undone from a working day', () => {
    fc.assert(
      fc.property(covered, fc.integer({ min: 1, max: 120 }), (day, n) => {
        const to = addWorkingDays(calendar, day, n);
        expect(isWorkingDay(calendar, to)).toBe(true);
        expect(workingDaysBetween(calendar, day, to)).toBe(n);
        const from = rollDate(calendar, day, 'after');
        expect(addWorkingDays(calendar, addWorkingDays(calendar, from, n), -n)).toBe(from);
        expect(workingDaysBetween(calendar, addWorkingDays(calendar, from, n), from)).toBe(-n);
      }),
    );
  });

  test('a later start never ends earlier and one more day ends later', () => {
    fc.assert(
      fc.property(covered, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 60 }), (day, later, n) => {
        expect(addWorkingDays(calendar, addDays(day, later), n) >= addWorkingDays(calendar, day, n)).toBe(true);
        expect(addWorkingDays(calendar, day, n + 1) > addWorkingDays(calendar, day, n)).toBe(true);
      }),
    );
  });
});

describe("a county's own days", () => {
  test('are laid over the published ones', () => {
    const county = withOverrides(calendar, {
      id: 'county',
      years: {
        '2020': { source: '县通知', off: [date('2020-06-10')], work: [date('2020-06-14')] },
        '2027': { source: '县通知', off: [date('2027-01-01')] },
      },
    });
    expect(isDayOff(county, date('2020-06-10'))).toBe(true);
    expect(isDayOff(county, date('2020-06-14'))).toBe(false);
    expect(isDayOff(county, date('2020-05-09'))).toBe(false);
    expect(isDayOff(county, date('2027-01-01'))).toBe(true);
    expect(county.id).toBe('state-council+county');
    expect(isDayOff(calendar, date('2020-06-14'))).toBe(true);
  });

  test('are refused when a day is in the wrong year or named both ways', () => {
    const bad = (off: string[], work: string[]) => () =>
      withOverrides(calendar, { id: 'county', years: { '2020': { source: '县通知', off: off.map(date), work: work.map(date) } } });
    expect(bad(['2021-06-10'], [])).toThrow(expect.objectContaining({ code: 'calendar-data-broken' }));
    expect(bad(['2020-06-10'], ['2020-06-10'])).toThrow(expect.objectContaining({ code: 'calendar-data-broken' }));
  });
});
