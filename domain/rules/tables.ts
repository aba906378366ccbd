import type { Cell, Table, Value } from '../model/definition.js';
import type { TableId, UnitId } from '../model/ids.js';
import { parameterValue } from '../model/parameters.js';
import type { Setting, TableRow } from '../model/setting.js';
import { compareValues, matchesCell, parseCell } from './cells.js';
import { RuleError } from './errors.js';

/** One row that fits, with its outputs by column id. `index` is its place in the table, -1 for the value of `else`. */
export interface TableHit {
  readonly index: number;
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * What a table says. `rows`: exactly one for `one`, `first` and `highest`, one or more for `all`. `person`: the gap that the notice
 * leaves to a person. `gap` and `overlap` are refusals and say which inputs were asked.
 */
export type TableResult =
  | { readonly kind: 'rows'; readonly rows: readonly [TableHit, ...TableHit[]] }
  | { readonly kind: 'person' }
  | {
      readonly kind: 'gap' | 'overlap';
      readonly code: 'table-gap' | 'table-overlap';
      readonly zh: string;
      readonly en: string;
      readonly params: Readonly<Record<string, string>>;
    };

/** One input: a value, or a list of which every element is looked up (several identities of one person). */
export type TableInput = Value | readonly Value[];

/**
 * Looks inputs up in a table of the setting, printed or loaded. Rows of a loaded table may hold cells too (`any`, `a | b`, ranges).
 * Throws RuleError: `unknown-table`, `table-not-loaded`, `table-inputs` (number of inputs, two lists), `parameter-unset`, `bad-cell`.
 */
export function runTable(setting: Setting, id: TableId, inputs: readonly TableInput[], unit: UnitId | null = null): TableResult {
  const table = setting.definition.tables[id];
  if (!table) throw new RuleError('unknown-table', `没有表“${id}”`, `unknown table '${id}'`, { table: id });
  if (inputs.length !== table.inputs.length)
    throw new RuleError(
      'table-inputs',
      `表“${id}”有${table.inputs.length}个输入，给了${inputs.length}个`,
      `table '${id}' has ${table.inputs.length} inputs, ${inputs.length} given`,
      { table: id },
    );
  const rows = rowsOf(setting, table, unit);
  const found = new Map<number, TableHit>();
  for (const one of eachCombination(id, inputs)) {
    for (const [index, row] of rows.entries()) {
      if (!table.inputs.every((column, i) => fits(setting, unit, row.when[i], one[i], column.type))) continue;
      found.set(index, { index, outputs: row.outputs() });
      if (table.hit.kind === 'first') break;
    }
  }
  return choose(
    table,
    [...found.values()].sort((a, b) => a.index - b.index),
    inputs,
  );
}

interface LookupRow {
  readonly when: readonly Cell[];
  readonly outputs: () => Readonly<Record<string, Value>>;
}

function rowsOf(setting: Setting, table: Table, unit: UnitId | null): readonly LookupRow[] {
  if (table.load === null)
    return table.rows.map(({ when, then }) => ({
      when,
      outputs: () => Object.fromEntries(table.outputs.map((column, i) => [column.id, outputValue(setting, unit, then[i])])),
    }));
  const loaded = setting.tables[table.id];
  if (!loaded) throw new RuleError('table-not-loaded', `表“${table.id}”尚未载入`, `table '${table.id}' is not loaded`, { table: table.id });
  return cellsOfLoaded(loaded, table);
}

/** Loaded rows are read once for as long as the setting keeps them. */
const LOADED = new WeakMap<readonly TableRow[], readonly LookupRow[]>();

function cellsOfLoaded(loaded: readonly TableRow[], table: Table): readonly LookupRow[] {
  const before = LOADED.get(loaded);
  if (before) return before;
  const rows = loaded.map((row, line) => ({
    when: table.inputs.map((column) => loadedCell(row[column.id], column.type, table.id, line)),
    outputs: () =>
      Object.fromEntries(table.outputs.flatMap(({ id }) => (row[id] === undefined ? [] : [[id, row[id]]]))) as Record<string, Value>,
  }));
  LOADED.set(loaded, rows);
  return rows;
}

function loadedCell(value: Value | undefined, type: string, table: TableId, line: number): Cell {
  if (value === undefined || value === '') return { kind: 'any' };
  const cellText = typeof value === 'string' && (value === 'any' || value.includes('|') || value.includes('..'));
  if (!cellText) return { kind: 'oneOf', values: [value] };
  const parsed = parseCell(value, type);
  if (parsed.ok) return parsed.cell;
  throw new RuleError('bad-cell', `表“${table}”第${line + 1}行：${parsed.zh}`, `table '${table}' row ${line + 1}: ${parsed.en}`, {
    table,
    line: line + 1,
  });
}

function fits(setting: Setting, unit: UnitId | null, cell: Cell | undefined, value: Value | undefined, type: string): boolean {
  if (!cell || value === undefined) return false;
  if (cell.kind !== 'parameter') return matchesCell(cell, value, type);
  return matchesCell({ kind: 'oneOf', values: [setParameter(setting, unit, cell.parameter)] }, value, type);
}

const outputValue = (setting: Setting, unit: UnitId | null, value: Value | { readonly parameter: string } | undefined): Value =>
  typeof value === 'object' ? setParameter(setting, unit, value.parameter) : (value ?? '');

function setParameter(setting: Setting, unit: UnitId | null, id: string): Value {
  const value = parameterValue(setting, id, unit);
  if (value === null) throw new RuleError('parameter-unset', `参数“${id}”尚未设定`, `parameter '${id}' is not set`, { parameter: id });
  return value;
}

function eachCombination(table: TableId, inputs: readonly TableInput[]): readonly (readonly Value[])[] {
  const listed = inputs.flatMap((input, i) => (Array.isArray(input) ? [i] : []));
  if (listed.length > 1)
    throw new RuleError('table-inputs', `表“${table}”一次只能查一个列表`, `table '${table}': only one input may be a list`, { table });
  const at = listed[0];
  if (at === undefined) return [inputs as readonly Value[]];
  return [...new Set(inputs[at] as readonly Value[])].map((each) => inputs.map((input, i) => (i === at ? each : (input as Value))));
}

function choose(table: Table, hits: readonly TableHit[], inputs: readonly TableInput[]): TableResult {
  const [hit, ...others] = hits;
  const asked = {
    table: table.id,
    inputs: inputs.map((input) => (Array.isArray(input) ? `[${input.join(', ')}]` : String(input))).join(', '),
  };
  const title = table.title === '' ? table.id : table.title;
  if (!hit) {
    if (table.else?.kind === 'value') return { kind: 'rows', rows: [{ index: -1, outputs: table.else.values }] };
    if (table.else?.kind === 'person') return { kind: 'person' };
    return {
      kind: 'gap',
      code: 'table-gap',
      zh: `“${title}”没有 ${asked.inputs} 这一档`,
      en: `table '${table.id}' has no row for ${asked.inputs}`,
      params: asked,
    };
  }
  switch (table.hit.kind) {
    case 'first':
      return { kind: 'rows', rows: [hit] };
    case 'all':
      return { kind: 'rows', rows: [hit, ...others] };
    case 'highest': {
      const { output } = table.hit;
      const type = table.outputs.find(({ id }) => id === output)?.type ?? 'count';
      const worth = ({ outputs }: TableHit): Value => outputs[output] ?? 0;
      return {
        kind: 'rows',
        rows: [others.reduce((best, next) => (compareValues(worth(next), worth(best), type) > 0 ? next : best), hit)],
      };
    }
    case 'one':
      if (others.length === 0) return { kind: 'rows', rows: [hit] };
      return {
        kind: 'overlap',
        code: 'table-overlap',
        zh: `“${title}”有多行符合 ${asked.inputs}`,
        en: `table '${table.id}' has several rows for ${asked.inputs}: ${hits.map(({ index }) => index + 1).join(', ')}`,
        params: asked,
      };
    default: {
      const never: never = table.hit;
      return never;
    }
  }
}
