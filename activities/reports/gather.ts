import { dateOf, endOfDay, epochToMoment, isMoment, momentToEpoch } from '../../domain/calendar/dates.js';
import type { LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Trx } from '../../store/connection.js';
import { isValidOn, reportBasis, reportScope, reportUnits, type ReportBasis, type ReportUnit } from '../../store/reports/basis.js';
import type { Scope } from '../../store/scope.js';
import { countsApart } from '../../domain/rules/apart.js';
import { figuresAt } from '../measures/figures-at.js';
import { nowOf } from '../worlds/now.js';
import { isAboutRows, kindTitles, meaningsOf, measuresWith, sumUpwards, titleOf, unitFigures, type RowsLink } from './figures.js';
import type { CutOff, ReportHead, UnitFigures } from '../../store/reports/model.js';
import { pastView, presentView, type View } from './view.js';

/** Which campaign, for whom, as of when. `scopeOn`: the units the caller sees on a day of the campaign's world. */
export interface ReportRequest {
  readonly county: string;
  readonly process: ProcessId;
  readonly scopeOn: (day: LocalDate) => Scope;
  /** What was known by the end of a day, or by a moment, its second included; null = as it stands. */
  readonly asOf: LocalDate | Moment | null;
  /** The moment of the act that asks, where that is not the world's now. */
  readonly at?: Moment;
}

/** What every report starts from. */
export interface Gathered extends View {
  readonly scope: Scope;
  readonly today: LocalDate;
  /** Units valid on the day. */
  readonly valid: readonly ReportUnit[];
  readonly sums: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly figures: readonly UnitFigures[];
  readonly rowsLink: RowsLink;
  readonly head: ReportHead;
}

/** A report was asked as of a day that has not come. */
export class DayAhead extends Error {
  override readonly name = 'DayAhead';

  constructor(readonly today: LocalDate) {
    super(`the day is after ${today}`);
  }
}

/** Where a report begins: the campaign, what of it the caller sees, and the cut-off. */
export interface Begun {
  readonly basis: ReportBasis;
  readonly scope: Scope;
  readonly cutOff: CutOff;
  readonly view: View;
  /** Where a unit of the scope stands in the present tree. */
  placeOf(unit: UnitId): string | null;
}

/** null: no such campaign, or nothing of it is in the caller's units. Throws `DayAhead`. */
export async function begin(trx: Trx, request: ReportRequest): Promise<Begun | null> {
  const { county, process, asOf } = request;
  const basis = await reportBasis(trx, county, process);
  if (basis === null) return null;
  const now = request.at ?? (await nowOf(trx, county, process));
  const today = dateOf(now);
  const scope = reportScope(basis, request.scopeOn(today));
  if (scope.length === 0) return null;
  const asked = { county, process, scope, units: await reportUnits(trx, county, scope) };
  const places = new Map(asked.units.map(({ id, path }) => [id, path]));
  const placeOf = (unit: UnitId): string | null => places.get(unit) ?? null;
  if (asOf === null) {
    const cutOff = request.at === undefined ? { happenedBy: today, recordedBefore: now } : cutOffOf(request.at);
    return { basis, scope, cutOff, placeOf, view: await presentView(trx, asked, basis) };
  }
  if (asOf.slice(0, 10) > today || (isMoment(asOf) && asOf > now)) throw new DayAhead(today);
  const cutOff = cutOffOf(asOf);
  const view = await pastView(trx, asked, cutOff.recordedBefore);
  return view === null ? null : { basis, scope, cutOff, placeOf, view };
}

/** Up to the end of a day, or of the second of a moment. */
function cutOffOf(asOf: LocalDate | Moment): CutOff {
  const last = isMoment(asOf) ? asOf : endOfDay(asOf);
  return { happenedBy: dateOf(last), recordedBefore: epochToMoment(momentToEpoch(last) + 1000) };
}

/** Figures of all measures of the definition and of the counts that a report shows (`shownBy`). null and errors as `begin`. */
export async function gather(
  trx: Trx,
  request: ReportRequest,
  shownBy: (definition: Definition) => readonly string[] = () => [],
): Promise<Gathered | null> {
  const begun = await begin(trx, request);
  if (begun === null) return null;
  const { basis, scope, cutOff, view } = begun;
  const { county, process, asOf } = request;
  const { setting, amended, units, answered } = view;
  const { definition } = setting;
  const shows = shownBy(definition);
  const all = measuresWith(definition, shows);
  const told = ({ id }: { readonly id: string }): boolean => asOf === null || !isAboutRows(definition, id);
  const measures = all.filter(told);
  const meanings = meaningsOf(definition).filter(told);
  const today = cutOff.happenedBy;
  const found = await figuresAt(trx, {
    county,
    process,
    setting,
    amended,
    needed: [...new Set(measures.flatMap(({ part, whole }) => (whole === null ? [part] : [part, whole])))],
    apart: countsApart(definition),
    asOf: asOf === null ? null : cutOff,
    today,
    units: units.map(({ id }) => id),
    ...(answered ? { answered } : {}),
  });
  const places = new Map<string, string>(units.map(({ id, path }) => [id, path]));
  const counts = Object.entries(found.tallies).flatMap(([unit, values]) => {
    const path = places.get(unit);
    return path === undefined ? [] : Object.entries(values).map(([count, value]) => ({ path, count, value }));
  });
  const valid = units.filter((unit) => isValidOn(unit, today));
  const sums = sumUpwards(valid, counts);
  const then = asOf ?? request.at ?? null;
  const rowsLink: RowsLink = (measure, unit, insurance) =>
    [
      `/api/v1/reports/${process}/rows?measure=${measure}&unit=${unit}`,
      ...(insurance === null ? [] : [`insurance=${insurance}`]),
      ...(then === null ? [] : [`asOf=${then}`]),
    ].join('&');
  return {
    ...view,
    scope,
    today,
    valid,
    sums,
    figures: unitFigures(definition, valid, sums, rowsLink, meanings),
    rowsLink,
    head: {
      campaign: process,
      title: basis.title,
      status: view.status,
      cutOff,
      insurance: kindTitles(definition),
      untold: [...new Set([...all.map(({ id }) => id), ...shows])].flatMap((id) =>
        told({ id }) ? [] : [{ id, title: titleOf(definition, id) }],
      ),
      measures: meanings,
    },
  };
}
