import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Obligation } from '../../domain/model/state.js';
import type { Trx } from '../../store/connection.js';
import type { AnsweredDuty } from '../../store/measures/answers.js';
import { unitPaths } from '../../store/read-model/paths.js';
import { byPath, type ReportBasis, type ReportUnit } from '../../store/reports/basis.js';
import {
  reportFlags,
  reportMilestones,
  reportObligation,
  reportObligations,
  type ReportFlag,
  type ReportMilestone,
  type ReportObligation,
} from '../../store/reports/figures.js';
import type { Scope } from '../../store/scope.js';
import { pastOf, type Past } from './past.js';

/** What a report asks of a campaign, as it stands or as it was; of the units that its reader sees. */
export interface View {
  /** With the amendments in force. */
  readonly setting: Setting;
  readonly amended: boolean;
  readonly status: string;
  /** All units, ended ones too. */
  readonly units: readonly ReportUnit[];
  readonly milestones: readonly ReportMilestone[];
  /** Answered obligations as they were; absent: as they stand. */
  readonly answered?: readonly AnsweredDuty[];
  obligations(duties: readonly string[]): Promise<readonly ReportObligation[]>;
  flags(report: string): Promise<readonly ReportFlag[]>;
}

export interface ViewAsked {
  readonly county: string;
  readonly process: ProcessId;
  readonly scope: Scope;
  /** Units of the scope as they stand. */
  readonly units: readonly ReportUnit[];
}

export async function presentView(trx: Trx, { county, process, scope, units }: ViewAsked, basis: ReportBasis): Promise<View> {
  const { setting, amended, status } = basis;
  return {
    setting,
    amended,
    status,
    units,
    milestones: await reportMilestones(trx, county, process, scope),
    obligations: (duties) => reportObligations(trx, county, process, scope, duties),
    flags: (report) => reportFlags(trx, county, process, scope, report),
  };
}

/** What was known before a moment, in the tree of then; who may see a unit is asked of the tree as it stands. null: no such campaign. */
export async function pastView(trx: Trx, { county, process, units }: ViewAsked, before: Moment): Promise<View | null> {
  const past = await pastOf(trx, county, process, before);
  if (past === null) return null;
  const seen = new Set<string>(units.map(({ id }) => id));
  const pathOf = unitPaths(past.setting);
  const duties = past.obligations.flatMap((body) =>
    body.origin.kind === 'duty' && seen.has(body.unit) ? [reportObligation(body, pathOf(body.unit))] : [],
  );
  return {
    setting: past.setting,
    amended: past.amended,
    status: past.status,
    units: past.setting.units
      .filter(({ id }) => seen.has(id))
      .map(({ id, level, name, from, to }) => ({ id, level, name, from, to, path: pathOf(id) }))
      .sort(byPath),
    milestones: milestonesOf(past, seen, pathOf),
    answered: past.obligations.flatMap((body) => answeredDuty(body)),
    obligations: (wanted) => Promise.resolve(duties.filter(({ duty }) => wanted.includes(duty)).sort(byDue)),
    flags: (report) =>
      Promise.resolve(
        past.flags
          .filter((flag) => flag.report === report && seen.has(flag.unit))
          .map(({ unit, about, on, daysLate }) => ({ unit, about, on, daysLate }))
          .sort((a, b) => compare(a.on, b.on)),
      ),
  };
}

const milestonesOf = ({ milestones }: Past, seen: ReadonlySet<string>, pathOf: ReturnType<typeof unitPaths>): readonly ReportMilestone[] =>
  Object.entries(milestones)
    .flatMap(([key, body]) => (seen.has(body.unit) ? [{ key, path: pathOf(body.unit), body }] : []))
    .sort((a, b) => compare(a.body.due, b.body.due) || compare(a.key, b.key));

const answeredDuty = (body: Obligation): readonly AnsweredDuty[] =>
  body.origin.kind === 'duty' && (body.status === 'done' || body.status === 'checking')
    ? [{ duty: body.origin.duty, unit: body.unit, body }]
    : [];

/** Without a due date last, as the store sorts. */
const byDue = (a: ReportObligation, b: ReportObligation): number =>
  Number(a.due === null) - Number(b.due === null) || compare(a.due ?? '', b.due ?? '') || compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
