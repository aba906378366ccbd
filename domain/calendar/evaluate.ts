import type { Anchor, DateExpr } from '../model/definition.js';
import type { LocalDate, PhaseId, UnitId } from '../model/ids.js';
import { parameterValue } from '../model/parameters.js';
import type { Calendar, Setting } from '../model/setting.js';
import { addYears, dateFrom, daysInMonth, firstOfNextMonth, monthEnd, partsOf } from './dates.js';
import { parseDateExpr } from './date-expr.js';
import { addDuration, formatDistance, parameterUnset, resolveDistance, type DistanceUnit } from './distance.js';
import { CalendarError } from './errors.js';
import { countDays, rollDate, walk, type CountedDay, type Roll } from './working-days.js';

export interface Window {
  readonly start: LocalDate;
  /** Last day, included. */
  readonly end: LocalDate;
}

/** What a date may refer to. A callback gives null while the thing has not happened or is not known yet. */
export interface DateContext {
  readonly setting: Setting;
  /** Whose parameters apply; null = the campaign's. */
  readonly unit: UnitId | null;
  /** The period of the obligation, already cut to its phase. */
  readonly period?: Window;
  /** The day the obligation began: of its event, or of entering the state. */
  readonly since?: LocalDate;
  /** The day a case was opened. */
  readonly opened?: LocalDate;
  /** Birthday of the subject. */
  readonly born?: LocalDate;
  dueOf(id: string): LocalDate | null;
  doneOf(id: string): LocalDate | null;
  fact(field: string): LocalDate | null;
}

/** How a date came about, in order; `explainStep` lists the days of a distance or a roll one by one. */
export type DateStep =
  | { readonly kind: 'anchor'; readonly text: string; readonly date: LocalDate }
  | {
      readonly kind: 'distance';
      readonly text: string;
      readonly n: number;
      readonly unit: DistanceUnit;
      readonly from: LocalDate;
      readonly date: LocalDate;
    }
  | { readonly kind: 'roll'; readonly roll: Roll; readonly from: LocalDate; readonly date: LocalDate };

/** `waiting` names the anchor that has not happened yet, as it is written: `done(fundsApplied)`. */
export type DateResult = { readonly date: LocalDate; readonly steps: readonly DateStep[] } | { readonly waiting: string };

/**
 * The day a written date falls on. Throws CalendarError: `unknown-phase`, `phase-without-date`, `parameter-unset`,
 * `wrong-parameter-type`, `no-period`, `no-such-day` (02-29 in a common year), `calendar-year-missing`, `date-circle`.
 */
export function evaluateDate(expr: DateExpr, context: DateContext): DateResult {
  return evaluate(expr, context, []);
}

function evaluate(expr: DateExpr, context: DateContext, phases: readonly PhaseId[]): DateResult {
  const anchored = anchorDate(expr.anchor, context, phases);
  if ('waiting' in anchored) return anchored;
  const { calendar } = context.setting;
  const steps: DateStep[] = [...anchored.steps];
  let { date } = anchored;
  for (const distance of expr.distances) {
    const from = date;
    const duration = resolveDistance(distance, (id) => parameterValue(context.setting, id, context.unit));
    date = addDuration(calendar, from, duration);
    steps.push({ kind: 'distance', text: formatDistance(distance), ...duration, from, date });
  }
  const roll = rollOf(expr.roll, context);
  if (roll !== 'none') {
    const from = date;
    date = rollDate(calendar, from, roll);
    steps.push({ kind: 'roll', roll, from, date });
  }
  return { date, steps };
}

/** Days of a distance in days or working days, or days passed by a roll, one by one; empty for months and years. */
export function explainStep(calendar: Calendar, step: DateStep): readonly CountedDay[] {
  switch (step.kind) {
    case 'anchor':
      return [];
    case 'distance':
      if (step.unit === 'wd') return walk(calendar, step.from, step.n);
      if (step.unit !== 'd') return [];
      return step.n >= 0 ? countDays(calendar, step.from, step.date, 'd') : backwards(calendar, step);
    case 'roll':
      return step.from === step.date
        ? []
        : step.roll === 'after'
          ? countDays(calendar, step.from, step.date, 'wd')
          : backwards(calendar, { ...step, unit: 'wd' });
    default: {
      const never: never = step;
      return never;
    }
  }
}

function backwards(
  calendar: Calendar,
  step: { readonly from: LocalDate; readonly date: LocalDate; readonly unit: 'd' | 'wd' | 'm' | 'y' },
): readonly CountedDay[] {
  const days = countDays(
    calendar,
    addDuration(calendar, step.date, { n: -1, unit: 'd' }),
    addDuration(calendar, step.from, { n: -1, unit: 'd' }),
    step.unit === 'wd' ? 'wd' : 'd',
  );
  let n = 0;
  return [...days].reverse().map((day) => ({ ...day, n: day.counted ? (n += 1) : n }));
}

function rollOf(roll: DateExpr['roll'], { setting, unit }: DateContext): Roll {
  if (typeof roll === 'string') return roll;
  const value = parameterValue(setting, roll.parameter, unit);
  if (value === null) throw parameterUnset(roll.parameter);
  if (value === 'none' || value === 'before' || value === 'after') return value;
  throw wrongType(roll.parameter, value, 'none、before 或 after', 'none, before or after');
}

type Anchored = { readonly date: LocalDate; readonly steps: readonly DateStep[] } | { readonly waiting: string };

function anchorDate(anchor: Anchor, context: DateContext, phases: readonly PhaseId[]): Anchored {
  const { setting, unit, period } = context;
  const text = anchorText(anchor);
  const at = (date: LocalDate, before: readonly DateStep[] = []): Anchored => ({
    date,
    steps: [...before, { kind: 'anchor', text, date }],
  });
  const once = (date: LocalDate | null | undefined): Anchored => (date === null || date === undefined ? { waiting: text } : at(date));
  switch (anchor.kind) {
    case 'date':
      return at(anchor.date);
    case 'monthDay':
      return at(dateFrom(setting.year, anchor.month, anchor.day));
    case 'monthEnd':
      return at(monthEnd(dateFrom(setting.year, anchor.month, 1)));
    case 'start':
    case 'end': {
      if (anchor.of === 'period') return at(needPeriod(period, text)[anchor.kind]);
      const found = phaseDate(anchor.kind, anchor.of, context, phases);
      return 'waiting' in found ? found : at(found.date, found.steps);
    }
    case 'day': {
      const { year, month } = partsOf(needPeriod(period, text).start);
      const day = typeof anchor.day === 'number' ? anchor.day : dayParameter(anchor.day.parameter, context);
      return at(dateFrom(year, month, Math.min(day, daysInMonth(year, month))));
    }
    case 'due':
      return once(context.dueOf(anchor.of));
    case 'done':
      return once(context.doneOf(anchor.of));
    case 'since':
      return once(context.since);
    case 'opened':
      return once(context.opened);
    case 'fact':
      return once(context.fact(anchor.field));
    case 'birthday':
      return once(context.born === undefined ? null : addYears(context.born, anchor.years));
    case 'nextMonth': {
      const inner = anchorDate(anchor.date, context, phases);
      return 'waiting' in inner ? inner : at(firstOfNextMonth(inner.date), inner.steps);
    }
    case 'parameter': {
      const value = parameterValue(setting, anchor.parameter, unit);
      if (value === null) throw parameterUnset(anchor.parameter);
      const parsed = typeof value === 'string' ? parseDateExpr(value) : null;
      const kind = parsed?.ok ? parsed.expr.anchor.kind : null;
      if (!parsed?.ok || parsed.expr.distances.length > 0 || (kind !== 'date' && kind !== 'monthDay' && kind !== 'monthEnd'))
        throw wrongType(anchor.parameter, value, '日期，如2020-05-25、05-25、02-end', 'a date such as 2020-05-25, 05-25 or 02-end');
      const inner = anchorDate(parsed.expr.anchor, context, phases);
      return 'waiting' in inner ? inner : at(inner.date);
    }
    default: {
      const never: never = anchor;
      return never;
    }
  }
}

/**
 * First or last day of a phase. Without `from` it is the definition's first day; without `to` the definition's last. A phase whose
 * definition is still to come (`runs`) has no day yet and is waited for; an open end has none at all (`phase-without-date`).
 */
function phaseDate(side: 'start' | 'end', id: PhaseId, context: DateContext, phases: readonly PhaseId[]): DateResult {
  const { definition } = context.setting;
  const phase = definition.phases[id];
  if (!phase) throw new CalendarError('unknown-phase', `没有阶段“${id}”`, `unknown phase '${id}'`, { phase: id });
  if (phases.includes(id)) {
    const chain = [...phases, id].join(' -> ');
    throw new CalendarError('date-circle', `阶段日期互相依赖：${chain}`, `the dates of phases depend on each other: ${chain}`, { chain });
  }
  const expr = side === 'start' ? phase.from : phase.to;
  if (expr) return evaluate(expr, context, [...phases, id]);
  if (phase.runs !== null) return { waiting: `${side}(${id})` };
  const date = side === 'start' ? definition.from : definition.to;
  if (date === null) throw new CalendarError('phase-without-date', `阶段“${id}”没有终止日期`, `phase '${id}' has no end`, { phase: id });
  return { date, steps: [] };
}

/** Window of a phase, `end` null when it is open; `waiting` as in `evaluateDate`. */
export function phaseWindow(
  id: PhaseId,
  context: DateContext,
): { readonly start: LocalDate; readonly end: LocalDate | null } | { readonly waiting: string } {
  const start = phaseDate('start', id, context, []);
  if ('waiting' in start) return start;
  const { definition } = context.setting;
  if (definition.phases[id]?.to === null && definition.to === null) return { start: start.date, end: null };
  const end = phaseDate('end', id, context, []);
  return 'waiting' in end ? end : { start: start.date, end: end.date };
}

function needPeriod(period: Window | undefined, text: string): Window {
  if (!period) throw new CalendarError('no-period', `“${text}”只能用于按期重复的职责`, `'${text}' needs a duty with a period`, { text });
  return period;
}

function dayParameter(id: string, { setting, unit }: DateContext): number {
  const value = parameterValue(setting, id, unit);
  if (value === null) throw parameterUnset(id);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 31) return value;
  throw wrongType(id, value, '1至31的整数', 'a whole number from 1 to 31');
}

function wrongType(parameter: string, value: string | number | boolean, zh: string, en: string): CalendarError {
  return new CalendarError('wrong-parameter-type', `参数“${parameter}”应为${zh}`, `parameter '${parameter}' must be ${en}`, {
    parameter,
    value: String(value),
  });
}

/** The anchor as it is written. */
function anchorText(anchor: Anchor): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  switch (anchor.kind) {
    case 'date':
      return anchor.date;
    case 'monthDay':
      return `${two(anchor.month)}-${two(anchor.day)}`;
    case 'monthEnd':
      return `${two(anchor.month)}-end`;
    case 'start':
    case 'end':
    case 'due':
    case 'done':
      return `${anchor.kind}(${anchor.of})`;
    case 'day':
      return `day(${typeof anchor.day === 'number' ? anchor.day : `$${anchor.day.parameter}`})`;
    case 'since':
    case 'opened':
      return anchor.kind;
    case 'fact':
      return `fact(${anchor.field})`;
    case 'birthday':
      return `birthday(${anchor.years})`;
    case 'nextMonth':
      return `nextMonth(${anchorText(anchor.date)})`;
    case 'parameter':
      return `$${anchor.parameter}`;
    default: {
      const never: never = anchor;
      return never;
    }
  }
}
