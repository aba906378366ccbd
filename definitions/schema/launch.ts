import { knownDates } from './check/dates.js';
import { rungAfterNextDue, rungOutOfOrder } from './check/ladders.js';
import { CalendarError } from '../../domain/calendar/errors.js';
import type { Definition, Element, Parameter, SectionName, Value } from '../../domain/model/definition.js';
import type { LocalDate, ParameterId } from '../../domain/model/ids.js';
import { readValue } from './resolve/values.js';

/** What is at hand for a launch. Absent lists are not asked about (an offline check knows no holders and no calendar). */
export interface Given {
  /** As somebody writes them: money in yuan, `10d`, `96`. */
  readonly parameters: Readonly<Record<ParameterId, Value>>;
  /** A-numbers of readings that are confirmed. */
  readonly readings: readonly string[];
  /** Ids of tables for which rows are at hand. */
  readonly tables: readonly string[];
  /** Roles that somebody holds at some unit. */
  readonly heldRoles?: readonly string[];
  /** Years for which the calendar has data. */
  readonly calendarYears?: readonly number[];
  /** The campaign's year and the day of the launch. */
  readonly year: number;
  readonly today: LocalDate;
}

export type QuestionKind = 'parameter' | 'reading' | 'table' | 'role' | 'calendar' | 'phase' | 'pastDue' | 'conflict';

/** Something a launch has to have answered or to be told. `blocks`: the launch is refused while it stands. */
export interface Question {
  readonly kind: QuestionKind;
  readonly blocks: boolean;
  /** Parameter, table, role, phase or duty; the A-number of a reading; a calendar year. */
  readonly id: string;
  readonly title: string;
  /** Value type of a parameter; null for the others. */
  readonly type: string | null;
  readonly codes: Readonly<Record<string, string>>;
  /** Elements that rest on it. */
  readonly for: readonly string[];
  readonly clause: readonly string[];
  readonly zh: string;
  readonly en: string;
}

const sections: readonly SectionName[] = [
  'levels', 'roles', 'parameters', 'phases', 'groups', 'tables', 'amounts', 'rules', 'counts', 'measures', 'milestones', 'papers', 'duties', 'ladders', 'texts', 'reports', 'may', 'forbid', 'apart', 'formats', 'deductions', 'cases',
]; // prettier-ignore

/** Every element of a definition, section by section, as written. */
export const elementsOf = (definition: Definition): readonly { readonly section: SectionName; readonly element: Element }[] =>
  sections.flatMap((section) => Object.values<Element>(definition[section] ?? {}).map((element) => ({ section, element })));

/**
 * What the launch asks, computed and never written: values the county sets, readings to confirm, tables to load, roles without a holder,
 * calendar years without data, phases still to come, due dates already past, and given values that contradict each other.
 */
export function launchQuestions(definition: Definition, given: Given): readonly Question[] {
  return [
    ...openParameters(definition, given),
    ...openReadings(definition, given),
    ...openTables(definition, given),
    ...openRoles(definition, given),
    ...openYears(definition, given),
    ...openPhases(definition),
    ...conflicts(definition, given),
    ...pastDues(definition, given),
  ];
}

const question = (kind: QuestionKind, blocks: boolean, element: Pick<Element, 'id' | 'title' | 'clause'>, zh: string, en: string, more: Partial<Question> = {}): Question => ({
  kind, blocks, id: element.id, title: element.title, type: null, codes: {}, for: [element.id], clause: element.clause, zh, en, ...more,
}); // prettier-ignore

function openParameters(definition: Definition, { parameters }: Given): readonly Question[] {
  return Object.values(definition.parameters).flatMap((parameter) => {
    const more = { type: parameter.type, codes: parameter.codes };
    const value = parameters[parameter.id];
    if (value === undefined)
      return parameter.value !== null
        ? []
        : [
            question(
              'parameter',
              true,
              parameter,
              `通知未定“${parameter.title}”，请由县里确定`,
              `The notice leaves '${parameter.id}' (${parameter.type}) to the county: set it`,
              more,
            ),
          ];
    const wrong = wrongValue(parameter, value);
    return wrong === null
      ? []
      : [question('conflict', true, parameter, `“${parameter.title}”：${wrong.zh}`, `${parameter.id}: ${wrong.en}`, more)];
  });
}

function wrongValue(parameter: Parameter, value: Value): { readonly zh: string; readonly en: string } | null {
  const read = readValue(parameter.type, value);
  if (!read.ok) return read;
  const codes = Object.keys(parameter.codes);
  if (codes.length > 0 && !codes.includes(String(read.value)))
    return { zh: `应为其中之一：${codes.join('、')}`, en: `expected one of ${codes.join(', ')}` };
  return null;
}

function openReadings(definition: Definition, { readings }: Given): readonly Question[] {
  const users = new Map<string, Element[]>();
  for (const { element } of elementsOf(definition))
    for (const reading of element.readings) users.set(reading, [...(users.get(reading) ?? []), element]);
  return [...users]
    .filter(([reading]) => !readings.includes(reading))
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([reading, elements]) => {
      const about = {
        id: reading,
        title: elements.map(({ title }) => title).join('、'),
        clause: [...new Set(elements.flatMap(({ clause }) => clause))],
      };
      return question(
        'reading',
        true,
        about,
        `${reading}：通知没有明写，这是我们的理解，请确认`,
        `${reading}: not printed in the notice but our reading of it; confirm it`,
        { for: elements.map(({ id }) => id) },
      );
    });
}

function openTables(definition: Definition, { tables }: Given): readonly Question[] {
  return Object.values(definition.tables).flatMap((table) => {
    const standIn = table.provisional !== null && tables.includes(table.provisional);
    if (table.load === null || tables.includes(table.id) || standIn) return [];
    const columns = [...table.inputs, ...table.outputs].map((column) => column.from ?? column.id);
    const from = table.load.kind === 'role' ? (definition.roles[table.load.role]?.title ?? table.load.role) : table.load.file;
    return [
      question(
        'table',
        true,
        table,
        `请装入“${table.title}”（${from}提供；列：${columns.join('、')}）`,
        `Load table '${table.id}' (from ${from}; columns ${columns.join(', ')})`,
      ),
    ];
  });
}

function openRoles(definition: Definition, { heldRoles }: Given): readonly Question[] {
  if (!heldRoles) return [];
  return Object.values(definition.roles)
    .filter((role) => !(role.per === null ? role.oneOf.some((one) => heldRoles.includes(one)) : heldRoles.includes(role.id)))
    .map((role) =>
      question(
        'role',
        false,
        role,
        `“${role.title}”还没有人担任，通知将报上一级`,
        `Nobody holds '${role.id}': notices will climb to the level above`,
      ),
    );
}

/** Years between the first and last certain day of the definition, asked for only where working days or days off matter. */
function openYears(definition: Definition, { calendarYears, year }: Given): readonly Question[] {
  if (!calendarYears) return [];
  const first = Number(definition.from.slice(0, 4));
  const last = definition.to === null ? Math.max(year, first) : Number(definition.to.slice(0, 4));
  const years = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return years
    .filter((one) => !calendarYears.includes(one))
    .map((one) =>
      question(
        'calendar',
        false,
        { id: String(one), title: `${one}年`, clause: [] },
        `没有${one}年的放假安排：休息日不能判断，请先载入`,
        `There is no calendar for ${one}: days off are unknown, load it first`,
      ),
    );
}

function openPhases(definition: Definition): readonly Question[] {
  return Object.values(definition.phases)
    .filter((phase) => phase.runs === 'later')
    .map((phase) => question('phase', false, phase, `“${phase.title}”另发，暂未定`, `'${phase.id}' is still to come`));
}

/** Rungs and phases as they stand once the parameters are given: the loader could not know. */
function conflicts(definition: Definition, given: Given): readonly Question[] {
  const filled = withParameters(definition, given.parameters);
  const found: Question[] = [];
  for (const ladder of Object.values(filled.ladders)) {
    const wrong = rungOutOfOrder(filled, ladder);
    if (wrong >= 0) {
      const parameters = ladder.rungs.slice(wrong - 1, wrong + 1).flatMap(({ at }) => (at.kind === 'parameter' ? [at.parameter] : []));
      found.push(
        question(
          'conflict',
          true,
          ladder,
          `梯次“${ladder.title}”第${wrong + 1}级早于第${wrong}级，请调整${parameters.join('、')}`,
          `rung ${wrong + 1} of ladder '${ladder.id}' comes before rung ${wrong}: change ${parameters.join(', ')}`,
          { for: [ladder.id, ...parameters] },
        ),
      );
    }
  }
  for (const duty of Object.values(filled.duties)) {
    const wrong = rungAfterNextDue(filled, duty);
    if (wrong >= 0)
      found.push(
        question(
          'conflict',
          false,
          duty,
          `“${duty.title}”的梯次第${wrong + 1}级晚于下一期到期日`,
          `rung ${wrong + 1} of the ladder of '${duty.id}' comes after its next due date`,
          { for: [duty.id, duty.ladder] },
        ),
      );
  }
  const known = knownDates(filled, given.year);
  for (const phase of Object.values(filled.phases)) {
    const [from, to] = [phase.from ? known(phase.from) : filled.from, phase.to ? known(phase.to) : null];
    if (typeof from === 'string' && typeof to === 'string' && to < from)
      found.push(
        question(
          'conflict',
          true,
          phase,
          `阶段“${phase.title}”的终点${to}早于起点${from}`,
          `phase '${phase.id}' ends on ${to}, before it begins on ${from}`,
        ),
      );
  }
  return found;
}

function pastDues(definition: Definition, given: Given): readonly Question[] {
  const known = knownDates(withParameters(definition, given.parameters), given.year);
  return [...Object.values(definition.duties), ...Object.values(definition.milestones)].flatMap((owed) => {
    if (owed.every !== null) return [];
    const due = known(owed.due);
    if (due === null || due instanceof CalendarError || due >= given.today) return [];
    return [
      question(
        'pastDue',
        false,
        owed,
        `“${owed.title}”已于${due}到期，启动后标为“启动前”，由牵头角色逐项说明`,
        `'${owed.id}' was due on ${due}: it starts as 'before launch' and waits for the leading role's mark`,
      ),
    ];
  });
}

/** The definition with the given values in place of its own; wrong ones are left out (they are told as conflicts). */
function withParameters(definition: Definition, values: Given['parameters']): Definition {
  const parameters = Object.values(definition.parameters).map((parameter): [string, Parameter] => {
    const given = values[parameter.id];
    const read = given === undefined ? null : readValue(parameter.type, given);
    return [parameter.id, read?.ok ? { ...parameter, value: read.value } : parameter];
  });
  return { ...definition, parameters: Object.fromEntries(parameters) };
}
