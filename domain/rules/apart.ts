import type { Definition, Report } from '../model/definition.js';

type Kinds = Pick<Definition, 'insurance'>;
type Figures = Kinds & Pick<Definition, 'counts' | 'measures' | 'reports'>;

/** Insurance kinds that figures tell apart, in the definition's order; none where there is only one. */
export const kindsOf = ({ insurance }: Kinds): readonly string[] => (insurance.length > 1 ? insurance : []);

/** Under which a count is kept for one insurance kind, beside the count of all. Ids hold letters and digits only. */
export const apartKey = (count: string, insurance: string): string => `${count}@${insurance}`;

/** Whether a report has a line for each insurance kind: it says so, or shows a measure that does (S3-21). */
export const isApart = (definition: Figures, report: Pick<Report, 'perInsurance' | 'shows'>): boolean =>
  kindsOf(definition).length > 0 && (report.perInsurance || report.shows.some((id) => definition.measures[id]?.per === 'insurance'));

const known = new WeakMap<Figures, ReadonlySet<string>>();

/** Counts that are needed for each insurance kind: those of measures `per: insurance`, and those that a report shows by kind. */
export function countsApart(definition: Figures): ReadonlySet<string> {
  let counts = known.get(definition);
  if (counts === undefined) known.set(definition, (counts = build(definition)));
  return counts;
}

function build(definition: Figures): ReadonlySet<string> {
  if (kindsOf(definition).length === 0) return new Set();
  const ofMeasures = Object.values(definition.measures).flatMap(({ per, part, whole }) => (per === null ? [] : [part, whole ?? part]));
  const ofReports = Object.values(definition.reports).flatMap((report) => (isApart(definition, report) ? report.shows : []));
  return new Set([...ofMeasures, ...ofReports].filter((id) => definition.counts[id] !== undefined));
}
