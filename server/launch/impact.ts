import { daysBetween, later } from '../../domain/calendar/dates.js';
import type { Digest, LocalDate, Moment, ObligationId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Obligation, State } from '../../domain/model/state.js';
import { step } from '../../domain/process/index.js';

/** An open deadline that another calendar moves. `from` null: it waited for the calendar; `days` null where it waits before or after. */
export interface Moved {
  readonly obligation: ObligationId;
  readonly title: string;
  readonly unit: UnitId;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly days: number | null;
}

const openOf = (state: State): ReadonlyMap<ObligationId, Obligation> =>
  new Map(
    Object.values(state.open)
      .flatMap((shelf) => Object.values(shelf))
      .map((one) => [one.id, one]),
  );

/** What replacing the calendar would move: the very step that the campaign would take, its result thrown away. */
export function impactOf(
  before: { readonly setting: Setting; readonly state: State },
  next: Setting,
  by: UserId,
  at: Moment,
): readonly Moved[] {
  // Both sides are brought to the same moment, so that only the calendar differs.
  const event = { at: later(before.state.now, at), setting: 'impact' as Digest, by, reason: '' };
  const was = openOf(step(before.setting, before.state, { type: 'woke', at: event.at }).state);
  const after = openOf(step(next, before.state, { type: 'settingChanged', what: 'calendar', ...event }).state);
  return [...after.values()].flatMap(({ id, title, unit, due }) => {
    const from = was.get(id)?.due ?? null;
    if (from === due) return [];
    return [{ obligation: id, title, unit, from, to: due, days: from === null || due === null ? null : daysBetween(from, due) }];
  });
}
