import { addDays, dateOf, epochToMoment, later, momentToEpoch, startOfDay } from '../calendar/dates.js';
import { eachPeriod } from '../calendar/periods.js';
import type { Milestone } from '../model/definition.js';
import type { UnitTallies } from '../model/event.js';
import type { DutyId, LocalDate, UnitId } from '../model/ids.js';
import type { MilestoneState, Result } from '../model/state.js';
import { neededCounts, reachResult } from './conditions.js';
import { dateFor, dutyWindowOf, hangsOn } from './deadlines.js';
import type { Draft } from './draft.js';
import { milestoneKey } from './obligation-ids.js';
import { proposePoints } from './points.js';
import { doneBy } from './related.js';
import { respond, type About } from './responses.js';

/**
 * Sets up every milestone for the units of its level, and moves those ahead whose date was amended. Due before the launch: judged only when the
 * leading role asks. `only`: units that were added since; what was to be judged before is none of theirs.
 */
export function setMilestones(draft: Draft, only: ReadonlySet<UnitId> | null): void {
  for (const milestone of Object.values(draft.frame.definition.milestones))
    for (const unit of draft.frame.unitsOf(milestone.per, draft.today))
      if (only === null || only.has(unit.id)) setMilestone(draft, milestone, unit.id, only === null ? unit.from : draft.today);
}

/** A duty was done: milestones whose date hangs on it are set, or moved while they are ahead, for the units near the one that did it. */
export function setMilestonesAfter(draft: Draft, duty: DutyId, by: UnitId | null): void {
  const { frame } = draft;
  for (const milestone of Object.values(frame.definition.milestones)) {
    if (!hangsOn(frame, milestone.due.anchor, duty)) continue;
    for (const { id, from } of frame.unitsOf(milestone.per, draft.today))
      if (by === null || frame.within(by, id) || frame.within(id, by)) setMilestone(draft, milestone, id, from);
  }
}

function setMilestone(draft: Draft, milestone: Milestone, unit: UnitId, begins: LocalDate | null): void {
  const window = dutyWindowOf(draft, null);
  const periods =
    milestone.every === null || window === null || window.end === null
      ? [null]
      : [...eachPeriod(milestone.every, window, draft.frame.setting, unit, draft.frame.settingBefore)];
  for (const period of periods) {
    const key = milestoneKey(milestone.id, unit, period?.id ?? null);
    const standing = draft.state.milestones[key];
    // Reached, though its grace still runs: it stands.
    if (standing && ((standing.status !== 'ahead' && standing.status !== 'dropped') || standing.due < draft.today)) continue;
    const found = dateFor(draft, milestone.due, { unit, insurance: null, period: period?.id ?? null, window: period, since: null });
    if ('waiting' in found) continue;
    // No day is brought forward to before today.
    const due = standing ? later(found.date, draft.today) : found.date;
    const before = due < dateOf(draft.state.launchedAt);
    const end = graceEnd(draft, milestone, unit, due);
    // Grace in working days of a year without a calendar: set when the calendar comes.
    if (end === null) continue;
    const judgeAt = startOfDay(addDays(end, 1));
    if (!standing && !before && begins !== null && end < begins) continue;
    if (standing?.due === due && standing.judgeAt === judgeAt) continue;
    draft.setMilestone(
      key,
      {
        milestone: milestone.id,
        unit,
        period: period?.id ?? null,
        due,
        judgeAt: before ? null : judgeAt,
        status: before ? 'beforeLaunch' : 'ahead',
        result: null,
        version: 0,
      },
      null,
    );
  }
  if (milestone.every?.kind === 'distance') dropGone(draft, milestone, unit, new Set(periods.map((period) => period?.id ?? null)));
}

/** Turns ahead that an amended interval no longer has. */
function dropGone(draft: Draft, { id }: Milestone, unit: UnitId, periods: ReadonlySet<string | null>): void {
  for (const [key, at] of Object.entries(draft.state.milestones))
    if (at.milestone === id && at.unit === unit && at.status === 'ahead' && at.due >= draft.today && !periods.has(at.period))
      draft.setMilestone(key, { ...at, status: 'dropped', judgeAt: null }, null);
}

function graceEnd(draft: Draft, milestone: Milestone, unit: UnitId, due: LocalDate): LocalDate | null {
  const expr = { text: 'since', anchor: { kind: 'since' as const }, distances: [milestone.grace], roll: 'none' as const, outside: true };
  const found = dateFor(draft, expr, { unit, insurance: null, period: null, window: null, since: due });
  return 'waiting' in found ? null : found.date;
}

/**
 * Judged once, at the end of `due` plus grace: with figures they are asked for, with `needs` alone at once. `again`: a person asks, and what was recorded
 * until now counts.
 */
export function askMilestone(draft: Draft, key: string, asked: 'once' | 'again' = 'once'): void {
  const standing = draft.state.milestones[key];
  const milestone = standing && draft.frame.definition.milestones[standing.milestone];
  if (!standing || !milestone) return;
  draft.setMilestone(key, { ...standing, status: 'asked', judgeAt: null }, null);
  if (milestone.reach === null) {
    judge(draft, key, null, {});
    return;
  }
  draft.emit({
    type: 'measure',
    key,
    milestone: standing.milestone,
    unit: standing.unit,
    happenedBy: standing.due,
    recordedBefore: asked === 'again' || standing.judgeAt === null ? epochToMoment(momentToEpoch(draft.now) + 1000) : standing.judgeAt,
    needed: neededCounts(draft.frame, milestone),
  });
}

/** The figures have come: judge, answer, and tell who waits for it. */
export function judge(draft: Draft, key: string, snapshot: string | null, tallies: UnitTallies): void {
  const standing = draft.state.milestones[key];
  const milestone = standing && draft.frame.definition.milestones[standing.milestone];
  if (!standing || !milestone || standing.status !== 'asked') return;
  const result = resultOf(draft, milestone, standing, tallies);
  const judged: MilestoneState = { ...standing, status: 'judged', result, version: standing.version + 1 };
  draft.setMilestone(key, judged, snapshot);
  const about: About = {
    id: key,
    title: milestone.title,
    clause: milestone.clause,
    unit: standing.unit,
    due: standing.due,
    dueVersion: judged.version,
    obligation: null,
  };
  if (result !== 'open' && !draft.isOver) {
    milestone[result].forEach((response, i) => respond(draft, response, about, `${result}.${i}`));
    draft.happened({ event: `${milestone.id}.${result}`, unit: standing.unit, insurance: null, on: draft.today });
  }
  proposePoints(draft, standing.unit);
}

function resultOf(draft: Draft, milestone: Milestone, standing: MilestoneState, tallies: UnitTallies): Result {
  const from = { unit: standing.unit, insurance: null, period: standing.period };
  const needsMet = milestone.needs.every((duty) => doneBy(draft, duty, from, standing.due));
  if (milestone.reach === null) return needsMet ? 'met' : 'missed';
  const reached = reachResult(draft.frame, milestone, standing.unit, tallies);
  return reached === 'met' && !needsMet ? 'missed' : reached;
}
