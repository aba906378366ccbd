import { addDays, dateOf, daysBetween, later, momentOf, startOfDay } from '../calendar/dates.js';
import { addDuration, resolveDistance } from '../calendar/distance.js';
import { CalendarError } from '../calendar/errors.js';
import { isDayOff } from '../calendar/working-days.js';
import type { Response, Rung } from '../model/definition.js';
import type { LocalDate, Moment } from '../model/ids.js';
import { parameterValue } from '../model/parameters.js';
import type { Obligation } from '../model/state.js';
import { phaseEndAwaited } from './case-rules.js';
import type { Draft } from './draft.js';
import type { Frame } from './frame.js';

/**
 * Rungs of an obligation's ladder. A follow-up climbs only the first two escalations of it (who owes is urged, then it is told above): the notice
 * that asked for it was its reminder, and nobody is to be ordered or flagged for a reply about something that is ordered or flagged itself.
 */
export function rungsOf(frame: Frame, obligation: Obligation): readonly Rung[] {
  const rungs = obligation.ladder === null ? [] : (frame.definition.ladders[obligation.ladder]?.rungs ?? []);
  return isOwn(obligation)
    ? rungs
    : rungs
        .filter((rung) => rung.response.kind === 'tell' && rung.response.confirm === null && !isReminder(frame, rung, obligation))
        .slice(0, 2);
}

/** Owed by itself: a duty or a state of a case, not the follow-up of one. */
export const isOwn = ({ origin }: Pick<Obligation, 'origin'>): boolean => origin.kind === 'duty' || origin.kind === 'case';

/** `-nd` and `+0d` remind; `+1d` or later escalates. */
export const isReminder = (frame: Frame, rung: Rung, obligation: Obligation): boolean => durationOf(frame, rung, obligation).n <= 0;

function durationOf(frame: Frame, rung: Rung, obligation: Obligation): ReturnType<typeof resolveDistance> {
  return resolveDistance(rung.at, (id) => parameterValue(frame.setting, id, obligation.unit));
}

/** On days off notices wait for the next working day unless mandatory. A year without published days has no known day off. */
export function noticeMoment(frame: Frame, date: LocalDate, mandatory: boolean): Moment {
  const { calendar } = frame.setting;
  let day = date;
  if (!mandatory) while (calendar.years[day.slice(0, 4)] && isDayOff(calendar, day)) day = addDays(day, 1);
  return momentOf(day, frame.definition.noticeTime);
}

/** The first notice time at or after a moment. */
export function nextNoticeTime(frame: Frame, from: Moment, mandatory: boolean): Moment {
  const day = dateOf(from);
  const today = noticeMoment(frame, day, mandatory);
  return today >= from ? today : noticeMoment(frame, addDays(day, 1), mandatory);
}

/**
 * When each rung fires. Reminders before the ladder began stay silent (null), but the latest to each addressee goes out at the next notice time
 * while the due day has not passed: someone who is given three days must still hear of them. Escalation is counted from the due day, or from
 * the day the ladder began when the due day was over by then, and goes on where it was when the clock stood still: none is skipped.
 */
export function rungMoments(frame: Frame, obligation: Obligation): readonly (Moment | null)[] {
  const { ladder, due, ladderFrom, stood = 0 } = obligation;
  let climbs = CLIMBS.get(frame);
  if (!climbs) CLIMBS.set(frame, (climbs = { perUnit: hasOwnParameters(frame), moments: new Map() }));
  const key = `${ladder} ${isOwn(obligation)} ${due} ${ladderFrom} ${stood} ${climbs.perUnit ? obligation.unit : ''}`;
  let moments = climbs.moments.get(key);
  if (!moments) {
    if (climbs.moments.size >= MOST_KNOWN) climbs.moments.clear();
    climbs.moments.set(key, (moments = computeMoments(frame, obligation)));
  }
  return moments;
}

/** Villages that fall due on one day climb their ladder on the same days: computed once, a derived value that is never state. */
interface Climbs {
  /** Some unit has parameters of its own. */
  readonly perUnit: boolean;
  readonly moments: Map<string, readonly (Moment | null)[]>;
}
const CLIMBS = new WeakMap<Frame, Climbs>();
const MOST_KNOWN = 10_000;
const hasOwnParameters = (frame: Frame): boolean =>
  Object.values(frame.setting.parameters).some(({ perUnit }) => Object.keys(perUnit).length > 0);

function computeMoments(frame: Frame, obligation: Obligation): readonly (Moment | null)[] {
  const { due, ladderFrom, stood = 0 } = obligation;
  const rungs = rungsOf(frame, obligation);
  if (due === null) return rungs.map(() => null);
  const reached = addDays(later(due, dateOf(ladderFrom)), stood);
  const own = rungs.map((rung) => ownMoment(frame, rung, obligation, isReminder(frame, rung, obligation) ? due : reached));
  return rungs.map((rung, i) => {
    const moment = own[i] ?? null;
    if (moment === null || moment >= ladderFrom) return moment;
    const late = nextNoticeTime(frame, ladderFrom, isMandatory(rung));
    const superseded = rungs.some(
      (other, j) => j > i && (own[j] ?? ladderFrom) < ladderFrom && supersedes(frame, other.response, rung.response),
    );
    return superseded || dateOf(late) > due ? null : late;
  });
}

/** Whether a reminder that was missed too says it all to the same people, so that the earlier one needs not go out beside it. */
function supersedes(frame: Frame, next: Response, earlier: Response): boolean {
  if (next.kind !== 'tell' || earlier.kind !== 'tell') return false;
  const { receive = null, reply = null } = frame.definition.texts[earlier.text] ?? {};
  return (
    earlier.to.every((recipient) => next.to.includes(recipient)) &&
    (next.if === null || next.if === earlier.if) &&
    next.confirm === earlier.confirm &&
    (next.mandatory || !earlier.mandatory) &&
    (next.text === earlier.text || (receive === null && reply === null))
  );
}

/** A rung counted in working days of a year without data is not guessed: it has no moment until the calendar is amended. */
function ownMoment(frame: Frame, rung: Rung, obligation: Obligation, due: LocalDate): Moment | null {
  try {
    return noticeMoment(frame, addDuration(frame.setting.calendar, due, durationOf(frame, rung, obligation)), isMandatory(rung));
  } catch (error) {
    if (error instanceof CalendarError && error.code === 'calendar-year-missing') return null;
    throw error;
  }
}

const isMandatory = (rung: Rung): boolean => rung.response.kind === 'tell' && rung.response.mandatory;

/** Rungs still to fire, each with its moment. A reminder that became known only when its due day was over reminds of nothing. */
export function pendingRungs(frame: Frame, obligation: Obligation): readonly { readonly index: number; readonly at: Moment }[] {
  const { due, late, fired } = obligation;
  const rungs = rungsOf(frame, obligation);
  return rungMoments(frame, obligation).flatMap((at, index) => {
    const rung = rungs[index];
    if (at === null || rung === undefined || fired.includes(index)) return [];
    return late && due !== null && dateOf(at) <= due && isReminder(frame, rung, obligation) ? [] : [{ index, at }];
  });
}

/** The next moment at which an open obligation has something due: it becomes late, a rung fires, or a phase ends that its case waits for. */
export function nextMoment(draft: Draft, obligation: Obligation): Moment | null {
  const { status, suspended, due, late } = obligation;
  if ((status !== 'open' && status !== 'waiting') || suspended !== null) return null;
  let next = phaseEndAwaited(draft, obligation);
  if (status !== 'open' || due === null) return next;
  const take = (at: Moment): void => void (next = next === null || at < next ? at : next);
  if (!late) take(startOfDay(addDays(due, 1)));
  for (const { at } of pendingRungs(draft.frame, obligation)) take(at);
  return next;
}

/** Writes an obligation with its next moment computed. */
export function shelve(draft: Draft, obligation: Obligation): Obligation {
  const written = { ...obligation, nextAt: nextMoment(draft, obligation) };
  draft.put(written);
  return written;
}

/** A new due date: the ladder starts anew; lateness is judged again, in this step. */
export function withDue(draft: Draft, obligation: Obligation, due: LocalDate): Obligation {
  const { stood: _, ...kept } = obligation;
  return {
    ...kept,
    due,
    waitsFor: null,
    dueVersion: kept.dueVersion + 1,
    fired: [],
    late: false,
    ladderFrom: later(draft.now, draft.state.launchedAt),
  };
}

/** The clock stood still since a day: what is over by its due day keeps that day, and its escalation goes on where it was. */
export function withStood(draft: Draft, obligation: Obligation, since: LocalDate): Obligation {
  const days = obligation.due === null ? 0 : daysBetween(later(since, obligation.due), draft.today);
  return days > 0 ? { ...obligation, stood: (obligation.stood ?? 0) + days } : obligation;
}
