import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  addYears,
  dateOf,
  dateOfDayNumber,
  dayNumber,
  dayOfWeek,
  daysBetween,
  endOfDay,
  epochToMoment,
  firstOfNextMonth,
  isDate,
  momentOf,
  momentToEpoch,
  monthEnd,
  parseDate,
  parseMoment,
  parseMonth,
} from '../../../domain/calendar/dates.js';
import { CalendarError } from '../../../domain/calendar/errors.js';

const date = parseDate;
const anyDate = fc.integer({ min: dayNumber(date('1900-01-01')), max: dayNumber(date('2199-12-31')) }).map(dateOfDayNumber);

describe('a day', () => {
  test.each([
    '2020-02-30',
    '2019-02-29',
    '2020-13-01',
    '2020-00-10',
    '2020-04-31',
    '2020-1-01',
    '2020-01-01T00:00:00',
    '',
    '20200101',
    '1900-02-29',
  ])('refuses %s', (text) => {
    expect(isDate(text)).toBe(false);
    expect(() => parseDate(text)).toThrow(CalendarError);
    expect(() => parseDate(text)).toThrow(expect.objectContaining({ code: 'no-such-day', params: { text } }));
  });

  test('accepts the leap days of 2020 and 2000', () => {
    expect(parseDate('2020-02-29')).toBe('2020-02-29');
    expect(parseDate('2000-02-29')).toBe('2000-02-29');
  });

  test('months and moments are checked alike', () => {
    expect(parseMonth('2020-12')).toBe('2020-12');
    expect(() => parseMonth('2020-13')).toThrow(expect.objectContaining({ code: 'no-such-month' }));
    expect(parseMoment('2020-05-25T08:30:00')).toBe('2020-05-25T08:30:00');
    expect(() => parseMoment('2020-05-25T24:00:00')).toThrow(expect.objectContaining({ code: 'no-such-time' }));
    expect(() => parseMoment('2020-02-30T08:30:00')).toThrow(expect.objectContaining({ code: 'no-such-time' }));
    expect(() => momentOf(date('2020-05-25'), '8:30')).toThrow(expect.objectContaining({ code: 'no-such-time' }));
  });
});

describe('arithmetic', () => {
  test('the day itself is day 0 and a leap year has 366 days', () => {
    expect(addDays(date('2020-02-28'), 1)).toBe('2020-02-29');
    expect(addDays(date('2020-03-02'), 30)).toBe('2020-04-01');
    expect(daysBetween(date('2020-01-01'), date('2021-01-01'))).toBe(366);
    expect(daysBetween(date('2021-01-01'), date('2020-01-01'))).toBe(-366);
  });

  test('months keep the day or take the last one', () => {
    expect(addMonths(date('2019-08-31'), 6)).toBe('2020-02-29');
    expect(addMonths(date('2020-03-31'), -1)).toBe('2020-02-29');
    expect(addMonths(date('2020-01-15'), -13)).toBe('2018-12-15');
    expect(addYears(date('2020-02-29'), 1)).toBe('2021-02-28');
    expect(monthEnd(date('2020-02-10'))).toBe('2020-02-29');
    expect(firstOfNextMonth(date('2019-12-31'))).toBe('2020-01-01');
  });

  test('weekdays agree with printed calendars', () => {
    expect(dayOfWeek(date('1970-01-01'))).toBe(4);
    expect(dayOfWeek(date('2020-06-14'))).toBe(7);
    expect(dayOfWeek(date('2012-03-10'))).toBe(6);
    expect(dayOfWeek(date('1900-01-01'))).toBe(1);
  });

  test('moments are local time at +08:00', () => {
    expect(momentToEpoch(momentOf(date('1970-01-01'), '08:00'))).toBe(0);
    expect(momentToEpoch(parseMoment('2020-05-25T23:59:59'))).toBe(1590422399000);
    expect(epochToMoment(1590422399999)).toBe('2020-05-25T23:59:59');
    expect(epochToMoment(-1)).toBe('1970-01-01T07:59:59');
    expect(endOfDay(date('2020-05-25'))).toBe('2020-05-25T23:59:59');
    expect(dateOf(parseMoment('2020-05-25T00:00:00'))).toBe('2020-05-25');
  });

  test('days outside the years 0001 to 9999 are refused', () => {
    expect(() => addDays(date('9999-12-31'), 1)).toThrow(expect.objectContaining({ code: 'date-out-of-range' }));
    expect(() => addDays(date('0001-01-01'), -1)).toThrow(expect.objectContaining({ code: 'date-out-of-range' }));
    expect(() => addMonths(date('9999-12-31'), 1)).toThrow(expect.objectContaining({ code: 'date-out-of-range' }));
    expect(addDays(date('9999-12-30'), 1)).toBe('9999-12-31');
    expect(addDays(date('0001-01-02'), -1)).toBe('0001-01-01');
  });

  test('day numbers agree with the universal time line of the host', () => {
    fc.assert(
      fc.property(anyDate, (day) => {
        expect(dayNumber(day) * 86_400_000).toBe(Date.parse(`${day}T00:00:00Z`));
        expect(dateOfDayNumber(dayNumber(day))).toBe(day);
        expect(dayOfWeek(day)).toBe(new Date(`${day}T00:00:00Z`).getUTCDay() || 7);
      }),
    );
  });

  test('adding days is undone by subtracting them and keeps the order of strings', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -4000, max: 4000 }), (day, n) => {
        expect(addDays(addDays(day, n), -n)).toBe(day);
        expect(daysBetween(day, addDays(day, n))).toBe(n);
        expect(Math.sign(n)).toBe(addDays(day, n) > day ? 1 : addDays(day, n) < day ? -1 : 0);
      }),
    );
  });

  test('adding months lands in the right month and never on a later day', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -600, max: 600 }), (day, n) => {
        const to = addMonths(day, n);
        const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
        expect(months(to) - months(day)).toBe(n);
        expect(Number(to.slice(8)) <= Number(day.slice(8))).toBe(true);
        expect(to.slice(8) === day.slice(8) || to === monthEnd(to)).toBe(true);
      }),
    );
  });

  test('moments and epoch seconds are inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000, max: 7_000_000_000 }), (seconds) => {
        expect(momentToEpoch(epochToMoment(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});
