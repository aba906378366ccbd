import { phaseWindow } from '../../domain/calendar/evaluate.js';
import type { Db } from '../../store/connection.js';
import { reportObligations } from '../../store/reports/figures.js';
import { gather, type Gathered, type ReportRequest } from './gather.js';
import { daysBetween, goalsOf } from './goals.js';
import type { PhaseLeft, Progress } from './model.js';
import { pointsInSight } from './points.js';

/** Progress per unit in payers and yuan, days left, goals with what they lack, points in sight. null: not found or out of scope. */
export async function progressReport(db: Db, request: ReportRequest): Promise<Progress | null> {
  const gathered = await gather(db, request);
  return gathered === null ? null : progressFrom(db, request, gathered);
}

export async function progressFrom(db: Db, request: ReportRequest, gathered: Gathered): Promise<Progress> {
  const { basis, milestones, sums, today, scope } = gathered;
  const { definition } = basis.setting;
  const scores = Object.values(definition.duties).flatMap((duty) => (duty.table === null ? [] : [duty.id]));
  const obligations = await reportObligations(db, request.county, request.process, scope, scores);
  return {
    ...gathered.head,
    phases: phasesLeft(gathered),
    goals: goalsOf(definition, milestones, sums, today),
    points: pointsInSight(basis.setting, obligations, milestones),
    units: gathered.figures,
  };
}

const unknown = (): null => null;

/** Phases that are not over. One whose date hangs on something still to come is left out. */
function phasesLeft({ basis, today }: Gathered): readonly PhaseLeft[] {
  const phases = Object.values(basis.setting.definition.phases).flatMap((phase): PhaseLeft[] => {
    const window = phaseWindow(phase.id, { setting: basis.setting, unit: null, dueOf: unknown, doneOf: unknown, fact: unknown });
    if ('waiting' in window || (window.end !== null && window.end < today)) return [];
    const daysLeft = window.end === null ? null : daysBetween(today, window.end);
    return [{ phase: phase.id, title: phase.title, from: window.start, to: window.end, daysLeft }];
  });
  return phases.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : (a.daysLeft ?? Infinity) - (b.daysLeft ?? Infinity)));
}
