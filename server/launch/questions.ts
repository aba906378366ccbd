import type { Definition, Element, SectionName, Value } from '../../domain/model/definition.js';
import type { ParameterId } from '../../domain/model/ids.js';
import { readValue } from '../../definitions/schema/resolve/values.js';
import type { Fault } from '../http/problems.js';

/** Answers to what the notice leaves open, as somebody writes them: money in yuan, `10d`, `96%`. */
export interface Answers {
  readonly parameters: Readonly<Record<ParameterId, string | number | boolean>>;
  /** A-numbers of readings that are confirmed. */
  readonly readings: readonly string[];
  /** Tables for which a file is at hand. */
  readonly tables: readonly string[];
}

/** What has to be answered before a launch. */
export interface Question {
  readonly kind: 'parameter' | 'reading' | 'table';
  /** Parameter or table id, or the reading's A-number. */
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

const SECTIONS: readonly SectionName[] = [
  'levels',
  'roles',
  'parameters',
  'phases',
  'groups',
  'tables',
  'amounts',
  'rules',
  'counts',
  'measures',
  'milestones',
  'papers',
  'duties',
  'ladders',
  'texts',
  'reports',
  'may',
  'forbid',
  'apart',
];

/** All questions that these answers leave open, in the order of the definition; empty = the launch may go on. */
export function openQuestions(definition: Definition, answers: Answers): Question[] {
  return [...openParameters(definition, answers), ...openReadings(definition, answers), ...openTables(definition, answers)];
}

function openParameters(definition: Definition, answers: Answers): Question[] {
  return Object.values(definition.parameters)
    .filter((parameter) => parameter.value === null && answers.parameters[parameter.id] === undefined)
    .map((parameter) => ({
      kind: 'parameter',
      id: parameter.id,
      title: parameter.title,
      type: parameter.type,
      codes: parameter.codes,
      for: [parameter.id],
      clause: parameter.clause,
      zh: `通知未定“${parameter.title}”，请由县里确定`,
      en: `The notice leaves '${parameter.id}' (${parameter.type}) to the county: set it`,
    }));
}

function openReadings(definition: Definition, answers: Answers): Question[] {
  const users = new Map<string, Element[]>();
  for (const section of SECTIONS)
    for (const element of Object.values<Element>(definition[section]))
      for (const reading of element.readings) users.set(reading, [...(users.get(reading) ?? []), element]);
  return [...users]
    .filter(([reading]) => !answers.readings.includes(reading))
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([reading, elements]) => ({
      kind: 'reading',
      id: reading,
      title: elements.map((element) => element.title || element.id).join('、'),
      type: null,
      codes: {},
      for: elements.map((element) => element.id),
      clause: [...new Set(elements.flatMap((element) => element.clause))],
      zh: `${reading}：通知没有明写，这是我们的理解，请确认`,
      en: `${reading}: not printed in the notice but our reading of it; confirm it`,
    }));
}

function openTables(definition: Definition, answers: Answers): Question[] {
  return Object.values(definition.tables)
    .filter((table) => table.load !== null && !answers.tables.includes(table.id))
    .map((table) => ({
      kind: 'table',
      id: table.id,
      title: table.title,
      type: null,
      codes: {},
      for: [table.id],
      clause: table.clause,
      zh: `请提供“${table.title || table.id}”的文件（列：${[...table.inputs, ...table.outputs].map((column) => column.from ?? column.id).join('、')}）`,
      en: `Give the file of table '${table.id}' (columns ${[...table.inputs, ...table.outputs].map((column) => column.from ?? column.id).join(', ')})`,
    }));
}

/** The given parameters as data of their types, and what is wrong with them. */
export function readParameters(
  definition: Definition,
  answers: Answers,
): { readonly values: Readonly<Record<ParameterId, Value>>; readonly faults: readonly Fault[] } {
  const values: Record<ParameterId, Value> = {};
  const faults: Fault[] = [];
  for (const [id, written] of Object.entries(answers.parameters)) {
    const parameter = definition.parameters[id];
    const fault = (code: string, zh: string, en: string): void => void faults.push({ in: 'body', path: `parameters.${id}`, code, zh, en });
    if (parameter === undefined) {
      fault('unknown-key', `没有参数“${id}”`, `there is no parameter '${id}'`);
      continue;
    }
    const read = readValue(parameter.type, written);
    if (!read.ok) fault('wrong-type', read.zh, read.en);
    else if (Object.keys(parameter.codes).length > 0 && parameter.codes[String(read.value)] === undefined)
      fault(
        'not-in-list',
        `应为其中之一：${Object.keys(parameter.codes).join('、')}`,
        `expected one of ${Object.keys(parameter.codes).join(', ')}`,
      );
    else values[id] = read.value;
  }
  return { values, faults };
}
