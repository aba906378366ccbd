import { dateOf } from '../../domain/calendar/dates.js';
import type { LocalDate, Moment, ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../../store/connection.js';
import { reportBasis, reportScope, reportUnits, type ReportBasis, type ReportUnit } from '../../store/reports/basis.js';
import { presentCounts, presentTargets, reportMilestones, type ReportMilestone } from '../../store/reports/figures.js';
import type { Scope } from '../../store/scope.js';
import { nowOf } from '../worlds/now.js';
import { meaningsOf, sumUpwards, unitFigures } from './figures.js';
import type { ReportHead, UnitFigures } from './model.js';

/** Which campaign, for whom. `scopeOn`: the units the caller sees on a day of the campaign's world. */
export interface ReportRequest {
  readonly county: string;
  readonly process: ProcessId;
  readonly scopeOn: (day: LocalDate) => Scope;
}

/** What every report starts from, read in one go. */
export interface Gathered {
  readonly basis: ReportBasis;
  readonly scope: Scope;
  readonly now: Moment;
  readonly today: LocalDate;
  readonly units: readonly ReportUnit[];
  readonly sums: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly figures: readonly UnitFigures[];
  readonly milestones: readonly ReportMilestone[];
  readonly head: ReportHead;
}

/** null: no such campaign, or nothing of it is in the caller's units. */
export async function gather(db: Db, request: ReportRequest): Promise<Gathered | null> {
  const { county, process } = request;
  const basis = await reportBasis(db, county, process);
  if (basis === null) return null;
  const now = await nowOf(db, county, process);
  const today = dateOf(now);
  const scope = reportScope(basis, request.scopeOn(today));
  if (scope.length === 0) return null;
  const [units, tallies, targets, milestones] = await Promise.all([
    reportUnits(db, county, scope, today),
    presentCounts(db, county, process, scope),
    presentTargets(db, county, process, scope),
    reportMilestones(db, county, process, scope),
  ]);
  const { definition } = basis.setting;
  const sums = sumUpwards(units, tallies, targets);
  return {
    basis,
    scope,
    now,
    today,
    units,
    sums,
    figures: unitFigures(definition, units, sums, (measure, unit) => `/api/v1/reports/${process}/rows?measure=${measure}&unit=${unit}`),
    milestones,
    head: {
      campaign: process,
      title: basis.title,
      status: basis.status,
      cutOff: { happenedBy: today, recordedBefore: now },
      measures: meaningsOf(definition),
    },
  };
}
