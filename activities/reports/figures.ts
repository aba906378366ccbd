import { insuranceTitle } from '../../domain/model/insurance.js';
import type { Definition, Measure } from '../../domain/model/definition.js';
import { fen, showYuan } from '../../domain/money/fen.js';
import { rate, showPercent, showYuanQuotient } from '../../domain/money/rate.js';
import { expressionType } from '../../domain/rules/expressions.js';
import { isAboutPersons, partType } from '../../domain/rules/figure-types.js';
import type { ReportUnit } from '../../store/reports/basis.js';
import { apartKey, kindsOf } from '../../domain/rules/apart.js';
import type { Figure, MeasureMeaning, ReportHead, UnitFigures } from '../../store/reports/model.js';

export const NO_VALUE = '—';

/** One count of one unit, not of those below it, at the unit's place in the tree. Money in fen. */
export interface UnitCount {
  readonly path: string;
  /** A count's id, `table.column` of a target table, or either for one insurance kind (`apartKey`). */
  readonly count: string;
  readonly value: number;
}

/** Insurance kinds as a report names them; none where there is only one. */
export const kindTitles = (definition: Definition): ReportHead['insurance'] =>
  kindsOf(definition).map((id) => ({ id, title: insuranceTitle(id) }));

/** Under which kinds a measure has its figures: each, or (null) all together. */
export const kindsUnder = (
  head: Pick<ReportHead, 'insurance'>,
  meaning: Pick<MeasureMeaning, 'perInsurance'>,
): readonly (string | null)[] => (meaning.perInsurance ? head.insurance.map(({ id }) => id) : [null]);

/** The figure of a measure, for one kind or for all, among those of a unit. */
export const figureFor = ({ figures }: Pick<UnitFigures, 'figures'>, measure: string, insurance: string | null): Figure | undefined =>
  figures.find((figure) => figure.measure === measure && figure.insurance === insurance);

/** Persons before money, rates before plain sums; a stored definition keeps no order of its own. */
const rank = (meaning: MeasureMeaning): number => (meaning.wholeTitle === null ? 2 : meaning.money ? 1 : 0);

/** Title of what a report shows. */
export const titleOf = (definition: Definition, id: string): string =>
  [definition.measures, definition.counts, definition.milestones, definition.duties, definition.papers].find(
    (section) => section[id] !== undefined,
  )?.[id]?.title || id;

/** Measures of the definition, and each count of `shows` as a measure of its own. */
export function measuresWith(definition: Definition, shows: readonly string[]): readonly Measure[] {
  const counts = shows.flatMap((id) => definition.counts[id] ?? []);
  return [
    ...Object.values(definition.measures),
    ...counts.map(({ id, title, clause, readings }): Measure => {
      const show = isMoney(definition, id) ? 'yuan' : 'count';
      return { id, title, clause, readings, part: id, whole: null, per: null, show };
    }),
  ];
}

/**
 * Whether something counts or shows how rows about persons stand. They have no past that could be told exactly: who moved, was owed again or got another
 * date stands as it does now.
 */
export function isAboutRows(definition: Definition, id: string): boolean {
  const { counts, measures } = definition;
  const { part, whole } = measures[id] ?? { part: id, whole: null };
  return [part, whole ?? part].some((name) => isAboutPersons(definition, counts[name]?.over ?? name));
}

/** Says in words what each measure counts: title, formula, clause, readings. The first one is what units are ranked by. */
export function meaningsOf(definition: Definition, measures: readonly Measure[] = measuresWith(definition, [])): readonly MeasureMeaning[] {
  const apart = kindsOf(definition).length > 0;
  const meanings = measures.map((measure): MeasureMeaning => {
    const partTitle = countTitle(definition, measure.part);
    const wholeTitle = measure.whole === null ? null : countTitle(definition, measure.whole);
    return {
      id: measure.id,
      title: measure.title || measure.id,
      formula: wholeTitle === null ? partTitle : `${partTitle} ÷ ${wholeTitle}`,
      show: measure.show,
      partTitle,
      wholeTitle,
      money: isMoney(definition, measure.part),
      wholeMoney: measure.whole !== null && isMoney(definition, measure.whole),
      perInsurance: apart && measure.per === 'insurance',
      clause: measure.clause,
      readings: measure.readings,
    };
  });
  return meanings.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

function countTitle(definition: Definition, id: string): string {
  const [table, column] = id.split('.');
  if (column !== undefined && table !== undefined) return `${definition.tables[table]?.title || table}·${column}`;
  const count = definition.counts[id];
  return count === undefined || count.title === '' ? id : count.title;
}

const isMoney = (definition: Definition, name: string): boolean =>
  partType(definition, name, (source, place) => expressionType(source, place, definition)) === 'Money';

/** Counts of each unit with everything below it summed in. Key: unit id, then count id. */
export function sumUpwards(
  units: readonly Pick<ReportUnit, 'id' | 'path'>[],
  counts: readonly UnitCount[],
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byPath = new Map(units.map((unit) => [unit.path, new Map<string, number>()]));
  for (const { path, count, value } of counts) {
    for (const above of pathsUpwards(path)) {
      const sums = byPath.get(above);
      if (sums === undefined) continue;
      const sum = (sums.get(count) ?? 0) + value;
      if (!Number.isSafeInteger(sum)) throw new RangeError(`${count} below ${above} is beyond exact arithmetic`);
      sums.set(count, sum);
    }
  }
  return new Map(units.map((unit) => [unit.id, byPath.get(unit.path) ?? new Map<string, number>()]));
}

/** `/u1/u4/` → `/u1/`, `/u1/u4/`. */
export function pathsUpwards(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}/`);
}

/** One measure from a unit's sums, for one insurance kind or (null) for all. A whole of 0 has no value. */
export function figureOf(
  measure: MeasureMeaning,
  ids: Pick<Measure, 'part' | 'whole'>,
  sums: ReadonlyMap<string, number>,
  insurance: string | null,
  rows: string,
): Figure {
  const sumOf = (name: string): number => sums.get(insurance === null ? name : apartKey(name, insurance)) ?? 0;
  const part = sumOf(ids.part);
  const whole = ids.whole === null ? null : sumOf(ids.whole);
  return { measure: measure.id, insurance, part, whole, shown: shownFigure(measure, part, whole), rows };
}

function shownFigure(measure: MeasureMeaning, part: number, whole: number | null): string {
  if (whole === 0) return NO_VALUE;
  switch (measure.show) {
    case 'percent':
      return whole === null ? countText(part) : showPercent(rate(part, whole));
    case 'yuan':
      return whole === null ? showYuan(fen(part)) : showYuanQuotient(rate(part, whole));
    case 'count':
      return countText(part);
    default: {
      const never: never = measure.show;
      return never;
    }
  }
}

/** `24,272` */
export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** Part of a measure as text: yuan for money, else a count. */
export const partText = (measure: Pick<MeasureMeaning, 'money'>, value: number): string =>
  measure.money ? showYuan(fen(value)) : countText(value);

/** `24,272 / 25,284`, each in its own unit; the part alone without a whole. */
export function amountsText(
  measure: Pick<MeasureMeaning, 'money' | 'wholeMoney'>,
  { part, whole }: Pick<Figure, 'part' | 'whole'>,
): string {
  return whole === null ? partText(measure, part) : `${partText(measure, part)} / ${partText({ money: measure.wholeMoney }, whole)}`;
}

/** Where the rows behind a figure are listed. */
export type RowsLink = (measure: string, unit: string, insurance: string | null) => string;

/** All measures of all units; for each insurance kind where they are told apart. */
export function unitFigures(
  definition: Definition,
  units: readonly ReportUnit[],
  sums: ReadonlyMap<string, ReadonlyMap<string, number>>,
  rowsLink: RowsLink,
  meanings: readonly MeasureMeaning[] = meaningsOf(definition),
): readonly UnitFigures[] {
  const head = { insurance: kindTitles(definition) };
  const shown = new Map(units.map((unit) => [unit.path, unit.id]));
  return units.map((unit) => {
    const above = pathsUpwards(unit.path)
      .slice(0, -1)
      .reverse()
      .find((path) => shown.has(path));
    const own = sums.get(unit.id) ?? new Map<string, number>();
    return {
      unit: unit.id,
      name: unit.name,
      level: unit.level,
      path: unit.path,
      above: above === undefined ? null : (shown.get(above) ?? null),
      figures: meanings.flatMap((meaning) => {
        const ids = definition.measures[meaning.id];
        if (ids === undefined) return [];
        return kindsUnder(head, meaning).map((kind) => figureOf(meaning, ids, own, kind, rowsLink(meaning.id, unit.id, kind)));
      }),
    };
  });
}
