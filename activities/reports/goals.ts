import { dayNumber } from '../../domain/calendar/dates.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Definition } from '../../domain/model/definition.js';
import { neededFor, percent, type Rate } from '../../domain/money/rate.js';
import type { ReportMilestone } from '../../store/reports/figures.js';
import type { Goal } from '../../store/reports/model.js';

/** `paidRate >= 96%`, also written `percent("96")`: the one shape from which a shortage can be told. */
const AT_LEAST = /^\s*(\w+)\s*>=\s*(?:(\d+(?:\.\d+)?)\s*%|percent\("(\d+(?:\.\d+)?)"\))\s*$/;

export interface Threshold {
  readonly measure: string;
  readonly text: string;
  readonly atLeast: Rate;
}

/** The measure and rate that a milestone asks for; null when its condition is of another shape. */
export function thresholdOf(reach: string | null): Threshold | null {
  const found = AT_LEAST.exec(reach ?? '');
  const atLeast = found?.[2] ?? found?.[3];
  if (found?.[1] === undefined || atLeast === undefined) return null;
  return { measure: found[1], text: `${atLeast}%`, atLeast: percent(atLeast) };
}

/** Calendar days from one day to another; the last day counts as left, so the day itself gives 0. */
export const daysBetween = (from: LocalDate, to: LocalDate): number => dayNumber(to) - dayNumber(from);

/** Milestones with what is missing for them now. Sums: unit id, then count id. */
export function goalsOf(
  definition: Pick<Definition, 'measures' | 'milestones'>,
  milestones: readonly ReportMilestone[],
  sums: ReadonlyMap<string, ReadonlyMap<string, number>>,
  today: LocalDate,
): readonly Goal[] {
  return milestones.flatMap(({ key, body }): Goal[] => {
    const milestone = definition.milestones[body.milestone];
    if (milestone === undefined) return [];
    const threshold = thresholdOf(milestone.reach);
    return [
      {
        key,
        milestone: milestone.id,
        title: milestone.title || milestone.id,
        unit: body.unit,
        due: body.due,
        daysLeft: daysBetween(today, body.due),
        status: body.status,
        result: body.status === 'judged' ? body.result : null,
        short: threshold === null ? null : shortOf(definition, threshold, sums.get(body.unit)),
        measure: threshold?.measure ?? null,
        threshold: threshold?.text ?? null,
        clause: milestone.clause,
      },
    ];
  });
}

function shortOf(
  definition: Pick<Definition, 'measures'>,
  { measure, atLeast }: Threshold,
  sums: ReadonlyMap<string, number> | undefined,
): number | null {
  const asked = definition.measures[measure];
  if (asked === undefined || asked.whole === null || sums === undefined) return null;
  const whole = sums.get(asked.whole) ?? 0;
  if (whole === 0) return null;
  return Math.max(0, neededFor(atLeast, whole) - (sums.get(asked.part) ?? 0));
}
