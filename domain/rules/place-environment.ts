import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Definition, RowSet } from '../model/definition.js';
import { parameterValue } from '../model/parameters.js';
import { fen } from '../money/fen.js';
import { CASE_COLUMNS, isCountedField, ROW_COLUMNS, STANDING_COLUMNS } from './columns.js';
import { newEnvironment, withAbsent } from './environment.js';
import { RuleError } from './errors.js';
import { declareFile } from './file-environment.js';
import { figureTypes } from './figure-types.js';
import { registerLookups, type Run } from './lookups.js';
import { scopeOfAmount, type Place, type Scope } from './scope.js';
import { inspect, type Uses } from './syntax.js';
import {
  celTypeOf,
  DayValue,
  MoneyValue,
  PerHeadValue,
  RateValue,
  toCel,
  type CelType,
  type CelValue,
  type Row,
  type RowValue,
} from './values.js';

/** What building an environment needs from the expressions of the same definition (amounts, counts). */
export interface Expressions {
  typeOf(source: string, place: Place): CelType | null;
  evaluate(source: string, place: Place, scope: Scope): RowValue;
}

export interface PlaceEnvironment {
  readonly environment: Environment;
  /** Names that may be used here, for guesses at corrections: variables, and fields per variable. */
  readonly names: { readonly variables: readonly string[]; readonly fields: Readonly<Record<string, readonly string[]>> };
  /** The variables an expression uses, taken from the scope. Throws RuleError for what the scope does not have. */
  bind(run: Run, uses: Uses): Readonly<Record<string, unknown>>;
}

interface FieldSpec {
  readonly type: CelType;
  /** null: a field of a case that has not been given. */
  read(scope: Scope): CelValue | null;
}
type Fields = Readonly<Record<string, FieldSpec>>;

class RowObject {}
class AnswerObject {}
class CaseObject {}
class ParamObject {}
class UnitObject {}
const OBJECTS = { row: RowObject, answer: AnswerObject, case: CaseObject, param: ParamObject, unit: UnitObject } as const;
type ObjectName = keyof typeof OBJECTS;

/** The environment of a place: its variables with their types, the functions, and the tables and phases of the definition. */
export function buildEnvironment(definition: Definition, place: Place, expressions: Expressions): PlaceEnvironment {
  const environment = newEnvironment();
  if (place.kind === 'case') withAbsent(environment);
  registerLookups(environment, definition);
  const objects: Partial<Record<ObjectName, Fields>> = {
    param: paramFields(definition),
    unit: UNIT_FIELDS,
    ...placeObjects(definition, place, expressions),
  };
  const plain: Fields = { today: TODAY, ...placeVariables(definition, place, expressions) };
  declare(environment, objects, plain);
  const file = place.kind === 'format' ? declareFile(environment, definition, place.format) : null;
  return {
    environment,
    names: {
      variables: [...Object.keys(objects), ...Object.keys(plain), ...(file === null ? [] : ['file'])],
      fields: { ...Object.fromEntries(Object.entries(objects).map(([name, fields]) => [name, Object.keys(fields)])), ...file?.fields },
    },
    bind(run, uses) {
      const bound: Record<string, unknown> = { $run: run };
      for (const [name, fields] of Object.entries(objects) as [ObjectName, Fields][]) {
        if (!uses.variables.has(name)) continue;
        const used = name === 'unit' ? Object.keys(fields) : [...uses[name]];
        bound[name] = Object.assign(
          new OBJECTS[name](),
          Object.fromEntries(used.flatMap((id) => (fields[id] ? [[id, fields[id].read(run.scope)]] : []))),
        );
      }
      for (const [name, field] of Object.entries(plain)) if (uses.variables.has(name)) bound[name] = field.read(run.scope);
      if (file !== null && uses.variables.has('file')) bound['file'] = file.bind(run.scope);
      return bound;
    },
  };
}

const missing = (name: string): RuleError => new RuleError('row-column-missing', `缺少“${name}”的值`, `no value for '${name}'`, { name });

const TODAY: FieldSpec = { type: 'LocalDate', read: ({ today }) => new DayValue(today) };
const PERIOD: FieldSpec = {
  type: 'string',
  read({ period }) {
    if (period === undefined) throw missing('period');
    return period;
  },
};

const unitField = (
  take: (unit: { readonly id: string; readonly name: string; readonly kind: string | null; readonly level: string }) => string,
): FieldSpec => ({
  type: 'string',
  read({ setting, unit }) {
    const found = setting.units.find(({ id }) => id === unit);
    if (!found) throw missing('unit');
    return take(found);
  },
});
const UNIT_FIELDS: Fields = {
  id: unitField(({ id }) => id),
  name: unitField(({ name }) => name),
  kind: unitField(({ kind }) => kind ?? ''),
  level: unitField(({ level }) => level),
};

function paramFields(definition: Definition): Fields {
  return Object.fromEntries(
    Object.values(definition.parameters).map(({ id, type }): [string, FieldSpec] => [
      id,
      {
        type: celTypeOf(type),
        read({ setting, unit }) {
          const value = parameterValue(setting, id, unit);
          if (value === null)
            throw new RuleError('parameter-unset', `参数“${id}”尚未设定`, `parameter '${id}' is not set`, { parameter: id });
          return toCel(value, type, id);
        },
      },
    ]),
  );
}

function placeObjects(definition: Definition, place: Place, expressions: Expressions): Partial<Record<ObjectName, Fields>> {
  switch (place.kind) {
    case 'row':
      return { row: rowFields(definition, place.over, expressions) };
    case 'answers':
      return { row: dataFields(countedColumns(definition, place.duty), ({ row }) => row) };
    case 'answer':
      return { answer: dataFields(answerColumns(definition, place.duty), ({ answer }) => answer) };
    case 'case':
      return { case: caseFields(definition, place.case) };
    case 'table': {
      const table = definition.tables[place.table];
      return { row: dataFields([...(table?.inputs ?? []), ...(table?.outputs ?? [])], ({ row }) => row) };
    }
    default:
      return {};
  }
}

function placeVariables(definition: Definition, place: Place, expressions: Expressions): Fields {
  switch (place.kind) {
    case 'held':
      return {
        period: PERIOD,
        held: {
          type: 'Money',
          read({ held }) {
            if (held === undefined) throw missing('held');
            return new MoneyValue(fen(held));
          },
        },
      };
    case 'figures':
      return { period: PERIOD, ...figureFields(definition, expressions) };
    case 'parameter': {
      const type = definition.parameters[place.parameter]?.type ?? 'text';
      return {
        value: {
          type: celTypeOf(type),
          read({ value }) {
            if (value === undefined) throw missing('value');
            return toCel(value, type, place.parameter);
          },
        },
      };
    }
    case 'table':
    case 'format':
      return {};
    default:
      return { period: PERIOD };
  }
}

/** Fields of a case may not have been given yet: such a one equals null. */
function caseFields(definition: Definition, id: string): Fields {
  const columns = [
    ...(definition.cases?.[id]?.fields ?? []),
    { id: 'reason', type: 'text' },
    { id: 'state', type: 'text' },
    { id: 'round', type: 'count' },
  ];
  return Object.fromEntries(
    columns.map(({ id: name, type }): [string, FieldSpec] => [
      name,
      {
        type: celTypeOf(type),
        read(scope) {
          const value = scope.case?.[name];
          return value === undefined || value === null ? null : toCel(value, type, name);
        },
      },
    ]),
  );
}

const answerColumns = (definition: Definition, duty: string): readonly { readonly id: string; readonly type: string }[] =>
  definition.duties[duty]?.fields ?? [];

/** Answers of an office's duty are counted by their fields, rows by how they stand. */
const countedColumns = (definition: Definition, duty: string): readonly { readonly id: string; readonly type: string }[] =>
  definition.duties[duty]?.rows || definition.cases?.[duty]
    ? [
        ...(definition.cases?.[duty]?.fields ?? []).filter(isCountedField),
        ...Object.entries({ ...STANDING_COLUMNS, ...(definition.cases?.[duty] ? CASE_COLUMNS : {}) }).map(([id, { type }]) => ({
          id,
          type,
        })),
      ]
    : answerColumns(definition, duty);

function dataFields(
  columns: readonly { readonly id: string; readonly type: string; readonly nullable?: boolean }[],
  data: (scope: Scope) => Row | undefined,
): Fields {
  return Object.fromEntries(
    columns.map(({ id, type, nullable }): [string, FieldSpec] => [
      id,
      {
        type: celTypeOf(type),
        read(scope) {
          const value = data(scope)?.[id];
          if (value === undefined) throw missing(id);
          return toCel(value, type, id, nullable);
        },
      },
    ]),
  );
}

/** Base columns of a row set and the amounts over it. An amount is computed when an expression names it. */
function rowFields(definition: Definition, over: RowSet, expressions: Expressions): Fields {
  const columns = Object.entries(ROW_COLUMNS[over]).map(([id, { type, nullable }]) => ({ id, type, nullable }));
  const fields: Record<string, FieldSpec> = { ...dataFields(columns, ({ row }) => row) };
  for (const id of amountsOver(definition, over)) {
    const amount = definition.amounts[id];
    if (!amount) continue;
    const type = amountType(definition, amount.value, { ...fields });
    fields[id] = {
      type,
      read(scope) {
        const own = scopeOfAmount(scope, id);
        return toCel(expressions.evaluate(amount.value, { kind: 'row', over }, own), type === 'int' ? 'count' : 'money', id);
      },
    };
  }
  return fields;
}

/** Money or count; an amount that does not check is taken for money here, its own check says what is wrong. */
function amountType(definition: Definition, source: string, row: Fields): 'Money' | 'int' {
  const environment = newEnvironment();
  registerLookups(environment, definition);
  declare(environment, { param: paramFields(definition), unit: UNIT_FIELDS, row }, { today: TODAY, period: PERIOD });
  return environment.check(source).type === 'int' ? 'int' : 'Money';
}

function declare(environment: Environment, objects: Partial<Record<ObjectName, Fields>>, plain: Fields): void {
  for (const [name, fields] of Object.entries(objects) as [ObjectName, Fields][]) {
    const type = name.charAt(0).toUpperCase() + name.slice(1);
    environment.registerType(type, {
      ctor: OBJECTS[name],
      fields: Object.fromEntries(Object.entries(fields).map(([id, field]) => [id, field.type])),
    });
    environment.registerVariable(name, type);
  }
  for (const [name, field] of Object.entries(plain)) environment.registerVariable(name, field.type);
}

/**
 * Amounts of a row set, each after those it uses. Throws `amount-circle` with the chain.
 */
export function amountsOver(definition: Definition, over: RowSet): readonly string[] {
  const order: string[] = [];
  const place = (id: string, chain: readonly string[]): void => {
    if (order.includes(id)) return;
    if (chain.includes(id)) {
      const circle = [...chain.slice(chain.indexOf(id)), id].join(' -> ');
      throw new RuleError('amount-circle', `金额互相引用：${circle}`, `amounts refer to each other: ${circle}`, { chain: circle });
    }
    for (const used of rowNames(definition.amounts[id]?.value ?? ''))
      if (definition.amounts[used]?.over === over) place(used, [...chain, id]);
    order.push(id);
  };
  for (const [id, amount] of Object.entries(definition.amounts)) if (amount.over === over) place(id, []);
  return order;
}

/** Fields of `row` that an expression names; none when it does not even parse (its own check says so). */
function rowNames(source: string): readonly string[] {
  let ast: ASTNode;
  try {
    ({ ast } = newEnvironment().parse(source));
  } catch {
    return [];
  }
  return [...inspect(ast).uses.row];
}

function figureFields(definition: Definition, expressions: Expressions): Fields {
  return Object.fromEntries(
    Object.entries(figureTypes(definition, (source, place) => expressions.typeOf(source, place))).map(([id, type]): [string, FieldSpec] => [
      id,
      {
        type,
        read({ figures }) {
          const figure = figures?.[id];
          if (figure === undefined || figure === null) throw missing(id);
          if (typeof figure !== 'number') return type === 'PerHead' ? new PerHeadValue(figure) : new RateValue(figure);
          return type === 'Money' ? new MoneyValue(fen(figure)) : BigInt(figure);
        },
      },
    ]),
  );
}
