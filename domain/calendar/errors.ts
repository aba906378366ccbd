/** Stable codes of everything that can be wrong with a day, a distance or a calendar. */
export type CalendarErrorCode =
  | 'no-such-day'
  | 'no-such-month'
  | 'no-such-time'
  | 'date-out-of-range'
  | 'calendar-year-missing'
  | 'calendar-data-broken'
  | 'bad-date-expression'
  | 'bad-distance'
  | 'unknown-phase'
  | 'phase-without-date'
  | 'unknown-parameter'
  | 'parameter-unset'
  | 'wrong-parameter-type'
  | 'no-period'
  | 'date-circle';

/** A day that cannot be computed. Never a guess: the caller reports it with its place. `params` carries the values named in the texts. */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
  constructor(
    readonly code: CalendarErrorCode,
    readonly zh: string,
    readonly en: string,
    readonly params: Readonly<Record<string, string | number>> = {},
  ) {
    super(`${code}: ${en}`);
  }
}
