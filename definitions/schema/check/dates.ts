import { addDays } from '../../../domain/calendar/dates.js';
import { referencesOf } from '../../../domain/calendar/date-expr.js';
import { CalendarError } from '../../../domain/calendar/errors.js';
import { evaluateDate, type DateContext, type Window } from '../../../domain/calendar/evaluate.js';
import type { DateExpr, Definition, Duty, Milestone, Rhythm } from '../../../domain/model/definition.js';
import type { Digest, LocalDate } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import { circlesOf } from './circles.js';

/** The date of an expression as far as it is certain before the launch; null when it hangs on a parameter, an event or the calendar. */
export type Known = (expr: DateExpr, period?: Window) => LocalDate | null | CalendarError;

/** Evaluates dates of a definition with its own parameter values, without units or calendar; by default in the year its validity begins. */
export function knownDates(definition: Definition, year = Number(definition.from.slice(0, 4))): Known {
  const setting: Setting = {
    definition,
    definitionDigest: '' as Digest,
    year,
    parameters: {},
    tables: {},
    calendar: { id: '', years: {} },
    units: [],
  };
  const asked = new Set<string>();
  const known: Known = (expr, period) => {
    const context: DateContext = { setting, unit: null, ...(period ? { period } : {}), dueOf, doneOf: () => null, fact: () => null };
    try {
      const result = evaluateDate(expr, context);
      return 'date' in result ? result.date : null;
    } catch (error) {
      if (error instanceof CalendarError) return error;
      throw error;
    }
  };
  const dueOf = (id: string): LocalDate | null => {
    const owed = definition.duties[id] ?? definition.milestones[id];
    if (!owed || owed.every !== null || asked.has(id)) return null;
    asked.add(id);
    const due = known(owed.due);
    asked.delete(id);
    return due instanceof CalendarError ? null : due;
  };
  return known;
}

const dateOf = (result: ReturnType<Known>): LocalDate | null => (result instanceof CalendarError ? null : result);

export function checkDates(ledger: Ledger, definition: Definition): void {
  const known = knownDates(definition);
  const { items } = ledger.book;
  for (const phase of Object.values(definition.phases)) {
    const item = items.phases.get(phase.id);
    if (!item) continue;
    const reader = Reader.of(ledger, item);
    const from = phase.from ? known(phase.from) : definition.from;
    const to = phase.to ? known(phase.to) : null;
    for (const [key, result] of [
      ['from', from],
      ['to', to],
    ] as const)
      if (result instanceof CalendarError) tellCalendar(reader, [key], result);
    const [first, last] = [dateOf(from), dateOf(to)];
    if (first !== null && last !== null && last < first)
      reader.tell(['to'], {
        code: 'phase-backwards',
        zh: `阶段“${phase.id}”的终点${last}早于起点${first}`,
        en: `phase '${phase.id}' ends on ${last}, before it begins on ${first}`,
        expected: `>= ${first}`,
      });
  }
  for (const group of Object.values(definition.groups)) {
    const item = items.groups.get(group.id);
    const result = group.due ? known(group.due) : null;
    if (item && result instanceof CalendarError) tellCalendar(Reader.of(ledger, item), ['due'], result);
  }
  for (const duty of Object.values(definition.duties)) {
    const item = items.duties.get(duty.id) ?? items.deductions.get(duty.id);
    if (item) checkDue(Reader.of(ledger, item), definition, known, duty);
    if (item && duty.over === 'held' && !duty.after.includes('payment.collected'))
      Reader.of(ledger, item).tell(
        ['over'],
        {
          code: 'bad-value',
          zh: '“over: held”须有“after: payment.collected”',
          en: "'over: held' needs 'after: payment.collected'",
          expected: 'after: payment.collected',
        },
        'key',
      );
  }
  for (const milestone of Object.values(definition.milestones)) {
    const item = items.milestones.get(milestone.id);
    if (item) checkDue(Reader.of(ledger, item), definition, known, { ...milestone, after: [] });
  }
  checkNeeds(ledger, definition, known);
  checkCircles(ledger, definition);
}

function tellCalendar(reader: Reader, path: readonly string[], error: CalendarError): void {
  if (
    error.code === 'no-such-day' ||
    error.code === 'no-such-month' ||
    error.code === 'date-out-of-range' ||
    error.code === 'phase-without-date'
  )
    reader.tell(path, { code: 'bad-date', zh: error.zh, en: error.en });
}

/** A short sample of each rhythm: what falls before it always does. */
function samplePeriod(every: Rhythm): Window | null {
  const start = '2021-01-01' as LocalDate;
  switch (every.kind) {
    case 'day':
      return { start, end: start };
    case 'month':
      return { start: '2021-02-01' as LocalDate, end: '2021-02-28' as LocalDate };
    case 'quarter':
      return { start, end: '2021-03-31' as LocalDate };
    case 'year':
      return { start, end: '2021-12-31' as LocalDate };
    case 'distance': {
      const { distance } = every;
      if (distance.kind === 'parameter') return null;
      const days = { d: 1, wd: 1, m: 28, y: 365 }[distance.unit] * distance.n;
      return { start, end: addDays(start, days - 1) };
    }
    default: {
      const never: never = every;
      return never;
    }
  }
}

interface Owed {
  readonly due: DateExpr;
  readonly every: Rhythm | null;
  readonly after: readonly string[];
}

function checkDue(reader: Reader, definition: Definition, known: Known, { due, every, after }: Owed): void {
  const uses = referencesOf(due);
  const { anchor } = due;
  if (uses.period && every === null)
    return reader.tell(['due'], {
      code: 'no-period',
      zh: `“${due.text}”须有“every”`,
      en: `'${due.text}' needs 'every'`,
      expected: 'every: month',
    });
  if (anchor.kind === 'since' && after.length === 0)
    return reader.tell(['due'], {
      code: 'since-without-after',
      zh: '“since”须有“after”',
      en: "'since' needs 'after'",
      expected: 'after: payment.collected',
    });
  if (every !== null) {
    const yearly = every.kind === 'year' && anchor.kind !== 'date';
    if (!yearly && (anchor.kind === 'date' || anchor.kind === 'monthDay' || anchor.kind === 'monthEnd' || anchor.kind === 'parameter'))
      return reader.tell(['due'], {
        code: 'due-before-period',
        zh: `每期一次的任务不能都在固定日期“${due.text}”到期`,
        en: `what is owed each period cannot always be due on '${due.text}'`,
        expected: 'day(10), end(period), end(period) +5d',
      });
    const period = samplePeriod(every);
    const date = period === null ? null : dateOf(known(due, period));
    if (uses.period && period !== null && date !== null && date < period.start)
      reader.tell(['due'], {
        code: 'due-before-period',
        zh: `“${due.text}”早于它所属的一期`,
        en: `'${due.text}' lies before its period`,
        expected: 'day(10), end(period), end(period) +5d',
      });
    return;
  }
  const date = known(due);
  if (date instanceof CalendarError) return tellCalendar(reader, ['due'], date);
  if (date === null || due.outside) return;
  if (date < definition.from || (definition.to !== null && date > definition.to))
    reader.tell(['due'], {
      code: 'due-outside-validity',
      zh: `到期日${date}不在有效期${definition.from}至${definition.to ?? '…'}内；确有此意请加 outside`,
      en: `due date ${date} lies outside the validity ${definition.from} to ${definition.to ?? '…'}; if that is meant, add the word outside`,
      expected: `${definition.from} .. ${definition.to ?? ''}`,
      guess: `${due.text} outside`,
    });
}

function checkNeeds(ledger: Ledger, definition: Definition, known: Known): void {
  const dueOf = (id: string): LocalDate | null => {
    const duty = definition.duties[id];
    return duty && duty.every === null ? dateOf(known(duty.due)) : null;
  };
  const { duties, milestones } = ledger.book.items;
  for (const owed of [definition.duties, definition.milestones])
    for (const one of Object.values<Duty | Milestone>(owed)) {
      const item = duties.get(one.id) ?? milestones.get(one.id);
      const due = one.every === null ? dateOf(known(one.due)) : null;
      if (!item || due === null) continue;
      one.needs.forEach((need, i) => {
        const needed = dueOf(need);
        if (needed !== null && needed > due)
          Reader.of(ledger, item).warn(['needs', i], {
            code: 'needs-due-later',
            zh: `所需的“${need}”到${needed}才到期，晚于${due}`,
            en: `'${need}', which it needs, is due on ${needed}, after ${due}`,
            expected: `<= ${due}`,
          });
      });
    }
}

/** Dates that depend on each other, printed as the chain. */
function checkCircles(ledger: Ledger, definition: Definition): void {
  const edges = new Map<string, readonly string[]>();
  const to = (expr: DateExpr | null): readonly string[] => {
    if (expr === null) return [];
    const uses = referencesOf(expr);
    return [...uses.phases, ...uses.due, ...uses.done];
  };
  for (const phase of Object.values(definition.phases)) edges.set(phase.id, [...to(phase.from), ...to(phase.to)]);
  for (const duty of Object.values(definition.duties)) edges.set(duty.id, to(duty.due));
  for (const milestone of Object.values(definition.milestones)) edges.set(milestone.id, to(milestone.due));
  for (const circle of circlesOf(edges)) {
    const [first = ''] = circle;
    const chain = [...circle, first].join(' -> ');
    const { items } = ledger.book;
    const item = items.duties.get(first) ?? items.milestones.get(first) ?? items.phases.get(first) ?? items.deductions.get(first);
    if (!item) continue;
    const key =
      item.section === 'phases'
        ? definition.phases[first]?.from && to(definition.phases[first].from).includes(circle[1] ?? first)
          ? 'from'
          : 'to'
        : 'due';
    Reader.of(ledger, item).tell([key], { code: 'date-circle', zh: `日期互相依赖：${chain}`, en: `dates depend on each other: ${chain}` });
  }
}
