import { addDays, daysBetween } from '../calendar/dates.js';
import type { LocalDate } from '../model/ids.js';

/** Last day on which a list must still hang: `days` full days after the posting day, which itself is not counted. */
export const lastPostedDay = (postedOn: LocalDate, days: number): LocalDate => addDays(postedOn, days);

/** First day on which it may be taken down. */
export const earliestTakeDown = (postedOn: LocalDate, days: number): LocalDate => addDays(postedOn, days + 1);

/** Days by which a posting was too short, given the last day on which it hung; 0 = long enough. */
export const postingShortBy = (postedOn: LocalDate, lastDay: LocalDate, days: number): number =>
  Math.max(0, days - daysBetween(postedOn, lastDay));
