import { readValue } from '../../definitions/schema/index.js';
import type { Definition, Parameter, Value } from '../../domain/model/definition.js';
import type { LocalDate, ParameterId, UnitId } from '../../domain/model/ids.js';
import type { ParameterValue, Setting } from '../../domain/model/setting.js';
import { compileExpression } from '../../domain/rules/expressions.js';
import type { Fault } from '../http/problems.js';

/** As somebody writes it: money in yuan, `10d`, `96%`. */
export type Written = string | number | boolean;

/** What the county sets: for the whole campaign, and for single units (by id, name or code) where a parameter is `per` a level. */
export interface ParametersGiven {
  readonly parameters: Readonly<Record<ParameterId, Written>>;
  readonly perUnit: Readonly<Record<ParameterId, Readonly<Record<string, Written>>>>;
}

export interface ParametersRead {
  readonly values: Readonly<Record<ParameterId, Value>>;
  readonly perUnit: Readonly<Record<ParameterId, Readonly<Record<string, Value>>>>;
  readonly faults: readonly Fault[];
}

const told = (path: string, code: string, zh: string, en: string): Fault => ({ in: 'body', path, code, zh, en });

/** The given parameters as data of their types, and what is wrong with them. */
export function readParameters(definition: Definition, given: ParametersGiven): ParametersRead {
  const faults: Fault[] = [];
  const values: Record<ParameterId, Value> = {};
  for (const [id, written] of Object.entries(given.parameters)) {
    const read = readOne(definition, id, written, `parameters.${id}`);
    if ('code' in read) faults.push(read);
    else values[id] = read.value;
  }
  const perUnit: Record<ParameterId, Record<string, Value>> = {};
  for (const [id, units] of Object.entries(given.perUnit)) {
    if (definition.parameters[id]?.per === null) {
      const title = definition.parameters[id]?.title ?? id;
      faults.push(told(`perUnit.${id}`, 'not-per-unit', `“${title}”不能各单位自定`, `'${id}' is one for all units`));
      continue;
    }
    for (const [unit, written] of Object.entries(units)) {
      const read = readOne(definition, id, written, `perUnit.${id}.${unit}`);
      if ('code' in read) faults.push(read);
      else perUnit[id] = { ...perUnit[id], [unit]: read.value };
    }
  }
  return { values, perUnit, faults };
}

function readOne(definition: Definition, id: ParameterId, written: Written, path: string): { readonly value: Value } | Fault {
  const parameter = definition.parameters[id];
  if (parameter === undefined) return told(path, 'unknown-key', `没有参数“${id}”`, `there is no parameter '${id}'`);
  const read = readValue(parameter.type, written);
  if (!read.ok) return told(path, 'wrong-type', read.zh, read.en);
  const codes = Object.keys(parameter.codes);
  if (codes.length > 0 && parameter.codes[String(read.value)] === undefined)
    return told(path, 'not-in-list', `应为其中之一：${codes.join('、')}`, `expected one of ${codes.join(', ')}`);
  return { value: read.value };
}

/** Values by unit id, now that the campaign's units are known. A unit that is not of the parameter's level is a fault. */
export function placeParameters(
  setting: Pick<Setting, 'definition' | 'units'>,
  read: ParametersRead,
): { readonly parameters: Readonly<Record<ParameterId, ParameterValue>>; readonly faults: readonly Fault[] } {
  const { definition, units } = setting;
  const faults: Fault[] = [];
  const placed = new Map<ParameterId, Record<UnitId, Value>>();
  for (const [id, given] of Object.entries(read.perUnit)) {
    const level = definition.parameters[id]?.per;
    for (const [written, value] of Object.entries(given)) {
      const found = units.filter((unit) => unit.level === level && unit.to === null && (unit.id === written || unit.name === written));
      const [unit] = found;
      if (unit !== undefined && found.length === 1) placed.set(id, { ...placed.get(id), [unit.id]: value });
      else
        faults.push(
          told(
            `perUnit.${id}.${written}`,
            unit === undefined ? 'unknown-unit' : 'ambiguous-unit',
            `“${definition.levels[level ?? '']?.title ?? ''}”中应恰有一个“${written}”，现有 ${found.length} 个`,
            `expected one unit '${written}' of level '${level ?? ''}', found ${found.length}`,
          ),
        );
    }
  }
  const ids = new Set([...Object.keys(read.values), ...placed.keys()]);
  const parameters: Record<ParameterId, ParameterValue> = {};
  for (const id of ids) {
    const value = read.values[id] ?? definition.parameters[id]?.value;
    if (value != null) parameters[id] = { value, perUnit: placed.get(id) ?? {} };
  }
  return { parameters, faults };
}

/** Given values that lie outside the `reach` of their parameter (requirement S1-17), the printed ones of a definition left out. */
export function reachFaults(setting: Setting, given: Pick<ParametersRead, 'values'>, today: LocalDate): readonly Fault[] {
  return Object.values(setting.definition.parameters).flatMap((parameter) => {
    const set = setting.parameters[parameter.id];
    if (parameter.reach === null || set === undefined) return [];
    const whole = given.values[parameter.id];
    const all: readonly (readonly [string, UnitId | null, Value])[] = [
      ...(whole === undefined ? [] : [[`parameters.${parameter.id}`, null, whole] as const]),
      ...Object.entries(set.perUnit).map(([unit, value]) => [`perUnit.${parameter.id}.${unit}`, unit as UnitId, value] as const),
    ];
    return all.filter(([, unit, value]) => !within(setting, parameter, unit, value, today)).map(([path]) => outside(parameter, path));
  });
}

const within = (setting: Setting, { id, reach }: Parameter, unit: UnitId | null, value: Value, today: LocalDate): boolean =>
  reach === null ||
  compileExpression(reach, { kind: 'parameter', parameter: id }, setting.definition).evaluate({ setting, unit, today, value }) === true;

const outside = ({ title, reach, clause }: Parameter, path: string): Fault =>
  told(
    path,
    'out-of-reach',
    `“${title}”超出可定范围：${reach ?? ''}（依据${clause.join('、')}）`,
    `outside what may be set: ${reach ?? ''} (clause ${clause.join(', ')})`,
  );
