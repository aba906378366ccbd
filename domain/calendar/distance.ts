import type { Distance } from '../model/definition.js';
import type { LocalDate, ParameterId } from '../model/ids.js';
import type { Calendar } from '../model/setting.js';
import { addDays, addMonths, addYears } from './dates.js';
import { CalendarError } from './errors.js';
import { addWorkingDays } from './working-days.js';

export type DistanceUnit = 'd' | 'wd' | 'm' | 'y';
/** A whole number of days, working days, months or years; negative = earlier. */
export interface Duration {
  readonly n: number;
  readonly unit: DistanceUnit;
}

const DURATION = /^(\d{1,4})(wd|d|m|y)$/;
const DISTANCE = /^([+-]?)(?:(\d{1,4})(wd|d|m|y)|\$([A-Za-z][A-Za-z0-9]*))$/;

/** `10d`, `5wd`, `2m`, `1y` as a county writes them into a parameter; throws `bad-distance`. */
export function parseDuration(text: string): Duration {
  const found = DURATION.exec(text);
  if (!found) throw badDistance(text);
  return { n: Number(found[1]), unit: found[2] as DistanceUnit };
}

/** `+10d`, `-1m`, `5wd`, `-$parameter`; without a sign it is later. null when it is none. */
export function readDistance(text: string): Distance | null {
  const found = DISTANCE.exec(text);
  if (!found) return null;
  const sign = found[1] === '-' ? -1 : 1;
  if (found[4] !== undefined) return { kind: 'parameter', sign, parameter: found[4] };
  const n = Number(found[2]);
  return { kind: 'fixed', n: n === 0 ? 0 : sign * n, unit: found[3] as DistanceUnit };
}

/** As `readDistance`; throws `bad-distance`. */
export function parseDistance(text: string): Distance {
  const distance = readDistance(text);
  if (!distance) throw badDistance(text);
  return distance;
}

/** `+5wd`, `-$planBefore`: as it is written in a definition. */
export function formatDistance(distance: Distance): string {
  if (distance.kind === 'parameter') return `${distance.sign < 0 ? '-' : '+'}$${distance.parameter}`;
  return formatDuration(distance);
}
const formatDuration = ({ n, unit }: Duration): string => `${n < 0 ? '-' : '+'}${Math.abs(n)}${unit}`;

/** `value` gives a parameter's value, null when unset. Throws `parameter-unset` or `wrong-parameter-type`. */
export function resolveDistance(distance: Distance, value: (id: ParameterId) => string | number | boolean | null): Duration {
  if (distance.kind === 'fixed') return { n: distance.n, unit: distance.unit };
  const { parameter, sign } = distance;
  const text = value(parameter);
  if (text === null) throw parameterUnset(parameter);
  if (typeof text !== 'string' || !DURATION.test(text))
    throw new CalendarError(
      'wrong-parameter-type',
      `参数“${parameter}”应为时长，如10d、5wd`,
      `parameter '${parameter}' must be a duration such as 10d or 5wd`,
      {
        parameter,
        value: String(text),
      },
    );
  const { n, unit } = parseDuration(text);
  return { n: n === 0 ? 0 : sign * n, unit };
}

export const parameterUnset = (parameter: ParameterId): CalendarError =>
  new CalendarError('parameter-unset', `参数“${parameter}”尚未设定`, `parameter '${parameter}' is not set`, { parameter });

/** Months and years keep the day or take the month's last; `wd` asks the calendar and throws `calendar-year-missing`. */
export function addDuration(calendar: Calendar, date: LocalDate, { n, unit }: Duration): LocalDate {
  switch (unit) {
    case 'd':
      return addDays(date, n);
    case 'wd':
      return addWorkingDays(calendar, date, n);
    case 'm':
      return addMonths(date, n);
    case 'y':
      return addYears(date, n);
    default: {
      const never: never = unit;
      throw badDistance(String(never));
    }
  }
}

function badDistance(text: string): CalendarError {
  return new CalendarError(
    'bad-distance',
    `不是有效的时长：“${text}”（应如 +10d、-5wd、2m、1y 或 +$参数）`,
    `not a distance: '${text}' (expected +10d, -5wd, 2m, 1y or +$parameter)`,
    {
      text,
    },
  );
}
