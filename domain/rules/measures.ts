import type { Definition, Milestone } from '../model/definition.js';
import type { LocalDate, MeasureId, UnitId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import { fen, showYuan } from '../money/fen.js';
import { rate, showPercent, showQuotient, showYuanQuotient, type Rate } from '../money/rate.js';
import { numberOf } from './amounts.js';
import { RuleError } from './errors.js';
import { compileExpression } from './expressions.js';
import { placeOfCount } from './figure-types.js';
import type { Figure, Scope } from './scope.js';

/**
 * Figures of one unit, or of several added up: by count id (`paid`), and by `table.column` for targets (`villages.payers`). Counts are
 * whole numbers, money is fen. A name that is absent is 0 for a count and "not loaded" for a target.
 */
export type Tally = Readonly<Record<string, number>>;

export interface MeasureValue {
  readonly measure: MeasureId;
  readonly part: number;
  /** null for a plain count or sum. */
  readonly whole: number | null;
  /** The exact fraction; the part for a plain count or sum; null when the whole is 0 or not loaded: no value. */
  readonly value: Figure;
  /** Two decimals, rounded half up, for display only; `—` without a value. */
  readonly shown: string;
}

/** What one row adds to a count: 0 when its condition is false, 1 without a value, else its value. */
export function countRow(count: string, scope: Scope): number {
  const { definition } = scope.setting;
  const found = definition.counts[count];
  if (!found) throw unknownCount(count);
  const place = placeOfCount(found.over);
  if (found.if !== null && compileExpression(found.if, place, definition).evaluate(scope) !== true) return 0;
  if (found.value === null) return 1;
  return numberOf(compileExpression(found.value, place, definition).evaluate(scope), count);
}

/** The sum of tallies: a measure over several units is the sum of parts over the sum of wholes, never a mean of means. */
export function aggregate(tallies: Iterable<Tally>): Tally {
  const sum: Record<string, number> = {};
  for (const tally of tallies)
    for (const [name, value] of Object.entries(tally)) {
      const total = (sum[name] ?? 0) + value;
      if (!Number.isSafeInteger(total))
        throw new RuleError('expression-result', '合计超出可精确计算的范围', 'sum beyond exact arithmetic', { name });
      sum[name] = total;
    }
  return sum;
}

/** Tallies of a unit and of all units below it, added up. */
export function aggregateUnder(setting: Setting, unit: UnitId, tallies: Readonly<Record<UnitId, Tally>>): Tally {
  const under = unitsUnder(setting, unit);
  return aggregate(Object.entries(tallies).flatMap(([id, tally]) => (under.has(id) ? [tally] : [])));
}

function unitsUnder(setting: Setting, unit: UnitId): ReadonlySet<string> {
  const children = new Map<string, string[]>();
  for (const { id, parent } of setting.units) if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), id]);
  const found = new Set<string>();
  const open: string[] = [unit];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(children.get(next) ?? []));
  }
  return found;
}

/** Throws RuleError `unknown-measure`. */
export function evaluateMeasure(definition: Definition, measure: MeasureId, tally: Tally): MeasureValue {
  const found = definition.measures[measure];
  if (!found) throw new RuleError('unknown-measure', `没有指标“${measure}”`, `unknown measure '${measure}'`, { measure });
  const part = figureOf(definition, found.part, tally);
  if (found.whole === null) {
    const value = part ?? (isTarget(found.part) ? null : 0);
    return { measure, part: part ?? 0, whole: null, value, shown: value === null ? NO_VALUE : showPlain(value, found.show) };
  }
  const whole = figureOf(definition, found.whole, tally) ?? 0;
  const value = whole === 0 || part === null ? null : rate(part, whole);
  return { measure, part: part ?? 0, whole, value, shown: value === null ? NO_VALUE : showRate(value, found.show) };
}

/** All measures and counts of a tally, as conditions see them. */
export function figuresOf(definition: Definition, tally: Tally): Readonly<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const id of Object.keys(definition.counts)) figures[id] = tally[id] ?? 0;
  for (const id of Object.keys(definition.measures)) figures[id] = evaluateMeasure(definition, id, tally).value;
  return figures;
}

export type ReachResult = 'met' | 'missed' | 'open';

/**
 * Judges a milestone's `reach` on a tally, unrounded. When a measure it names has no value (empty whole) the answer is what the
 * milestone says of that: `empty: met` or `open`. Without `reach` it is met; its `needs` are the caller's business.
 */
export function evaluateReach(
  setting: Setting,
  milestone: Milestone,
  tally: Tally,
  at: { readonly unit: UnitId | null; readonly today: LocalDate; readonly period?: string },
): ReachResult {
  if (milestone.reach === null) return 'met';
  const { definition } = setting;
  const compiled = compileExpression(milestone.reach, { kind: 'figures' }, definition);
  const figures = figuresOf(definition, tally);
  if ([...compiled.uses.variables].some((name) => figures[name] === null)) return milestone.empty;
  return compiled.evaluate({ setting, figures, ...at }) === true ? 'met' : 'missed';
}

/** `doneIf` of a duty: false while a measure it names has no value. */
export function evaluateDoneIf(
  setting: Setting,
  source: string,
  tally: Tally,
  at: { readonly unit: UnitId | null; readonly today: LocalDate; readonly period?: string },
): boolean {
  const compiled = compileExpression(source, { kind: 'figures' }, setting.definition);
  const figures = figuresOf(setting.definition, tally);
  if ([...compiled.uses.variables].some((name) => figures[name] === null)) return false;
  return compiled.evaluate({ setting, figures, ...at }) === true;
}

const NO_VALUE = '—';
const isTarget = (name: string): boolean => name.includes('.');

function figureOf(definition: Definition, name: string, tally: Tally): number | null {
  if (isTarget(name)) return tally[name] ?? null;
  if (!definition.counts[name]) throw unknownCount(name);
  return tally[name] ?? 0;
}

function showRate(value: Rate, show: 'percent' | 'yuan' | 'count'): string {
  if (show === 'percent') return showPercent(value);
  return show === 'yuan' ? showYuanQuotient(value) : showQuotient(value);
}

const showPlain = (value: number, show: 'percent' | 'yuan' | 'count'): string => (show === 'yuan' ? showYuan(fen(value)) : String(value));

const unknownCount = (count: string): RuleError =>
  new RuleError('unknown-count', `没有计数“${count}”`, `unknown count '${count}'`, { count });
