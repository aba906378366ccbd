import { daysBetween } from '../../calendar/dates.js';
import type { LocalDate } from '../../model/ids.js';

/** Whole days by which a day misses a due day; 0 when in time or without a due day. */
export const lateness = (due: LocalDate | null, on: LocalDate): number => (due === null ? 0 : Math.max(0, daysBetween(due, on)));
