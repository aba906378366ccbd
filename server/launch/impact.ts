import { z } from 'zod';
import { dateOf, daysBetween, later } from '../../domain/calendar/dates.js';
import type { Digest, LocalDate, Moment, ObligationId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { MilestoneState, Obligation, State } from '../../domain/model/state.js';
import type { CoreEvent } from '../../domain/model/event.js';
import { step } from '../../domain/process/index.js';
import { unitsByIds } from '../../store/units/read.js';
import type { Services } from '../http/services.js';

/** What a change of the setting moves, as it is told: dates before and after; null = none yet. */
export const impactShape = {
  deadlines: z.array(
    z.strictObject({
      obligation: z.string(),
      title: z.string(),
      unit: z.string(),
      unitName: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      days: z.int().nullable(),
    }),
  ),
  milestones: z.array(
    z
      .strictObject({
        milestone: z.string(),
        title: z.string(),
        unit: z.string(),
        unitName: z.string(),
        from: z.string().nullable(),
        to: z.string(),
        days: z.int().nullable(),
        judgedFrom: z.string().nullable(),
        judgedTo: z.string().nullable(),
      })
      .meta({ id: 'MilestoneMoved', description: '考核节点的日期和定格日的变动 day of a milestone, and the day on which it is judged' }),
  ),
};

/** An open deadline that another setting moves. `from` null: it waited; `days` null where it waits before or after. */
export interface Moved {
  readonly obligation: ObligationId;
  readonly title: string;
  readonly unit: UnitId;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly days: number | null;
}

/** A milestone ahead whose day, or the day after which it is judged, is another. `from` null: it had none yet. */
export interface MilestoneMoved {
  /** `byMay25/u3` */
  readonly milestone: string;
  readonly title: string;
  readonly unit: UnitId;
  readonly from: LocalDate | null;
  readonly to: LocalDate;
  readonly days: number | null;
  readonly judgedFrom: LocalDate | null;
  readonly judgedTo: LocalDate | null;
}

export interface Impact {
  readonly deadlines: readonly Moved[];
  readonly milestones: readonly MilestoneMoved[];
}

const openOf = (state: State): ReadonlyMap<ObligationId, Obligation> =>
  new Map(
    Object.values(state.open)
      .flatMap((shelf) => Object.values(shelf))
      .map((one) => [one.id, one]),
  );

/** What replacing the setting would move: the very step that the campaign would take, its result thrown away. */
export function impactOf(
  before: { readonly setting: Setting; readonly state: State },
  next: Setting,
  what: Extract<CoreEvent, { type: 'settingChanged' }>['what'],
  by: UserId,
  at: Moment,
): Impact {
  // Both sides are brought to the same moment, so that only the setting differs.
  const event = { at: later(before.state.now, at), setting: 'impact' as Digest, by, reason: '' };
  const was = step(before.setting, before.state, { type: 'woke', at: event.at }).state;
  const after = step(next, before.state, { type: 'settingChanged', what, ...event }).state;
  return { deadlines: deadlinesMoved(was, after), milestones: milestonesMoved(next, was, after) };
}

function deadlinesMoved(before: State, after: State): readonly Moved[] {
  const was = openOf(before);
  return [...openOf(after).values()].flatMap(({ id, title, unit, due }) => {
    const from = was.get(id)?.due ?? null;
    return from === due ? [] : [{ obligation: id, title, unit, from, to: due, days: between(from, due) }];
  });
}

function milestonesMoved({ definition }: Setting, before: State, after: State): readonly MilestoneMoved[] {
  return Object.entries(after.milestones).flatMap(([key, now]) => {
    const was = before.milestones[key];
    if (was !== undefined && was.due === now.due && was.judgeAt === now.judgeAt) return [];
    const title = definition.milestones[now.milestone]?.title ?? now.milestone;
    const from = was?.due ?? null;
    const days = { days: between(from, now.due), judgedFrom: judgedOn(was), judgedTo: judgedOn(now) };
    return [{ milestone: key, title, unit: now.unit, from, to: now.due, ...days }];
  });
}

const between = (from: LocalDate | null, to: LocalDate | null): number | null =>
  from === null || to === null ? null : daysBetween(from, to);
const judgedOn = (milestone: MilestoneState | undefined): LocalDate | null => {
  const at = milestone?.judgeAt ?? null;
  return at === null ? null : dateOf(at);
};

/** The impact with the names of its units. */
export async function showImpact(
  { store, county }: Services,
  { deadlines, milestones }: Impact,
): Promise<{ [K in keyof typeof impactShape]: z.input<(typeof impactShape)[K]> }> {
  const units = await unitsByIds(
    store.db,
    county,
    [...deadlines, ...milestones].map(({ unit }) => unit),
  );
  const names = new Map<string, string>(units.map(({ id, name }) => [id, name]));
  const named = <T extends { readonly unit: UnitId }>(one: T): T & { unitName: string } => ({
    ...one,
    unitName: names.get(one.unit) ?? '',
  });
  return { deadlines: deadlines.map(named), milestones: milestones.map(named) };
}
