import { fen, showYuan } from '../../domain/money/fen.js';
import { rate, showPercent, showYuanQuotient } from '../../domain/money/rate.js';
import type { Definition, Measure } from '../../domain/model/definition.js';
import type { UnitCount } from '../../store/reports/figures.js';
import type { ReportUnit } from '../../store/reports/basis.js';
import type { Figure, MeasureMeaning, UnitFigures } from './model.js';

export const NO_VALUE = '—';

/** The sections of a definition that say what is counted. */
export type Counted = Pick<Definition, 'measures' | 'counts' | 'tables'>;

/** Persons before money, rates before plain sums; a stored definition keeps no order of its own. */
const rank = (meaning: MeasureMeaning): number => (meaning.wholeTitle === null ? 2 : meaning.money ? 1 : 0);

/** Says in words what each measure counts: title, formula, clause, readings. The first one is what units are ranked by. */
export function meaningsOf(definition: Counted): readonly MeasureMeaning[] {
  const meanings = Object.values(definition.measures).map((measure): MeasureMeaning => {
    const partTitle = countTitle(definition, measure.part);
    const wholeTitle = measure.whole === null ? null : countTitle(definition, measure.whole);
    return {
      id: measure.id,
      title: measure.title,
      formula: wholeTitle === null ? partTitle : `${partTitle} ÷ ${wholeTitle}`,
      show: measure.show,
      partTitle,
      wholeTitle,
      money: isMoney(definition, measure),
      clause: measure.clause,
      readings: measure.readings,
    };
  });
  return meanings.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

function countTitle(definition: Counted, id: string): string {
  const [table, column] = id.split('.');
  if (column !== undefined && table !== undefined) return `${definition.tables[table]?.title || table}·${column}`;
  const count = definition.counts[id];
  return count === undefined || count.title === '' ? id : count.title;
}

/** Money when the whole's column is; without a whole, when it is shown in yuan. */
function isMoney(definition: Counted, measure: Measure): boolean {
  const [table, column] = (measure.whole ?? '').split('.');
  if (table === undefined || column === undefined) return measure.show === 'yuan';
  return definition.tables[table]?.outputs.find(({ id }) => id === column)?.type === 'money';
}

/**
 * Counts of each unit with everything below it summed in. Counts known from the target tables stand in where no tally has them.
 * Key: unit id, then count id.
 */
export function sumUpwards(
  units: readonly ReportUnit[],
  tallies: readonly UnitCount[],
  targets: readonly UnitCount[],
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const known = new Set(tallies.map(({ unit, count }) => `${unit} ${count}`));
  const own = [...tallies, ...targets.filter(({ unit, count }) => !known.has(`${unit} ${count}`))];
  const byPath = new Map(units.map((unit) => [unit.path, new Map<string, number>()]));
  for (const { path, count, value } of own) {
    for (const above of pathsUpwards(path)) {
      const sums = byPath.get(above);
      if (sums !== undefined) sums.set(count, (sums.get(count) ?? 0) + value);
    }
  }
  return new Map(units.map((unit) => [unit.id, byPath.get(unit.path) ?? new Map<string, number>()]));
}

/** `/u1/u4/` → `/u1/`, `/u1/u4/`. */
export function pathsUpwards(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}/`);
}

/** One measure from a unit's sums. A whole of 0 has no value. */
export function figureOf(
  measure: MeasureMeaning,
  ids: Pick<Measure, 'part' | 'whole'>,
  sums: ReadonlyMap<string, number>,
  rows: string,
): Figure {
  const part = sums.get(ids.part) ?? 0;
  const whole = ids.whole === null ? null : (sums.get(ids.whole) ?? 0);
  return { measure: measure.id, part, whole, shown: shownFigure(measure, part, whole), rows };
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

/** Part or whole of a measure as text: yuan for money, else a count. */
export const amountText = (measure: Pick<MeasureMeaning, 'money'>, value: number): string =>
  measure.money ? showYuan(fen(value)) : countText(value);

/** All measures of all units. */
export function unitFigures(
  definition: Counted,
  units: readonly ReportUnit[],
  sums: ReadonlyMap<string, ReadonlyMap<string, number>>,
  rowsLink: (measure: string, unit: string) => string,
): readonly UnitFigures[] {
  const meanings = meaningsOf(definition);
  const shown = new Map(units.map((unit) => [unit.path, unit.id]));
  return units.map((unit) => {
    const above = pathsUpwards(unit.path)
      .slice(0, -1)
      .reverse()
      .find((path) => shown.has(path));
    return {
      unit: unit.id,
      name: unit.name,
      level: unit.level,
      path: unit.path,
      above: above === undefined ? null : (shown.get(above) ?? null),
      figures: meanings.flatMap((meaning) => {
        const ids = definition.measures[meaning.id];
        return ids === undefined ? [] : [figureOf(meaning, ids, sums.get(unit.id) ?? new Map(), rowsLink(meaning.id, unit.id))];
      }),
    };
  });
}
