import { phaseWindow } from '../../domain/calendar/evaluate.js';
import { inOneView, type Db } from '../../store/connection.js';
import { gather, type Gathered, type ReportRequest } from './gather.js';
import { daysBetween, goalsOf } from './goals.js';
import type { PhaseLeft, Progress } from '../../store/reports/model.js';
import { pointsInSight } from './points.js';

/** Progress per unit in payers and yuan, days left, goals with what they lack, points in sight. null and errors as `gather`. */
export async function progressReport(db: Db, request: ReportRequest): Promise<Progress | null> {
  return inOneView(db, async (trx) => {
    const gathered = await gather(trx, request);
    return gathered === null ? null : progressFrom(gathered);
  });
}

export async function progressFrom(gathered: Gathered): Promise<Progress> {
  const { setting, milestones, sums, today } = gathered;
  const { definition } = setting;
  const scores = Object.values(definition.duties).flatMap((duty) => (duty.table === null ? [] : [duty.id]));
  return {
    ...gathered.head,
    phases: phasesLeft(gathered),
    goals: goalsOf(definition, milestones, sums, today),
    points: pointsInSight(setting, await gathered.obligations(scores), milestones),
    units: gathered.figures,
  };
}

const unknown = (): null => null;

/** Phases that are not over. One whose date hangs on something still to come is left out. */
function phasesLeft({ setting, today }: Gathered): readonly PhaseLeft[] {
  const phases = Object.values(setting.definition.phases).flatMap((phase): PhaseLeft[] => {
    const window = phaseWindow(phase.id, { setting, unit: null, dueOf: unknown, doneOf: unknown, fact: unknown });
    if ('waiting' in window || (window.end !== null && window.end < today)) return [];
    const daysLeft = window.end === null ? null : daysBetween(today, window.end);
    return [{ phase: phase.id, title: phase.title, from: window.start, to: window.end, daysLeft }];
  });
  return phases.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : (a.daysLeft ?? Infinity) - (b.daysLeft ?? Infinity)));
}
