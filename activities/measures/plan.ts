import { phaseWindow } from '../../domain/calendar/evaluate.js';
import type { Definition, RowSet } from '../../domain/model/definition.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { isRowSet, STANDING_COLUMNS } from '../../domain/rules/columns.js';
import { compileExpression } from '../../domain/rules/expressions.js';
import { isAboutPersons, placeOfCount } from '../../domain/rules/figure-types.js';
import { isStored } from '../../store/payments/row-sets.js';

/** Counts that are answered by one pass over a row set, grouped by the columns that their expressions use. */
export interface CountPass {
  readonly over: RowSet;
  readonly columns: readonly string[];
  readonly counts: readonly string[];
  /** An expression names `unit` or `param`: its value may differ from unit to unit. */
  readonly perUnit: boolean;
}

/** Columns in which nearly every row differs: a count that names one is not put together with others. */
const FINE = new Set(['person', 'name', 'born', 'receipt']);

export interface ColumnUse {
  readonly columns: ReadonlySet<string>;
  readonly perUnit: boolean;
  /** What it says of the same rows may change from one day to the next. */
  readonly daily: boolean;
  /** It asks for what an amendment may change: parameters, phases, tables (their cells may be parameters). */
  readonly amendable: boolean;
}

/** Columns that expressions over a row set need, those of the amounts they name included. */
export function columnsUsed(definition: Definition, over: RowSet, sources: readonly (string | null)[]): ColumnUse {
  const columns = new Set<string>();
  let [perUnit, daily, amendable] = [false, false, false];
  const add = (text: string): void => {
    const { uses } = compileExpression(text, { kind: 'row', over }, definition);
    const parameters = uses.variables.has('param') || uses.param.size > 0;
    if (uses.variables.has('unit') || parameters) perUnit = true;
    if (/\b(today|within|ageOn)\b/.test(text)) daily = true;
    if (parameters || /\b(find|within|start|end)\b/.test(text)) amendable = true;
    for (const id of uses.row) {
      const amount = definition.amounts[id];
      if (amount?.over === over) {
        if (!columns.has(`=${id}`)) {
          columns.add(`=${id}`);
          add(amount.value);
        }
      } else columns.add(id);
    }
  };
  for (const text of sources) if (text !== null) add(text);
  const named = new Set([...columns].filter((id) => !id.startsWith('=')));
  // An amount does not count groups that were entered too late for it.
  if (over === 'dues' && named.has('groups') && Object.values(definition.groups).some(({ lateLoses }) => lateLoses.length > 0))
    named.add('lateGroups');
  return {
    columns: named,
    perUnit,
    daily: daily || named.has('age') || named.has('phase'),
    amendable: amendable || named.has('phase'),
  };
}

/** Splits counts into passes; counts over a duty's answers are left to `answers.ts`, row sets without rows in the store give nothing. */
export function planCounts(definition: Definition, needed: readonly string[]): readonly CountPass[] {
  const passes = new Map<string, { over: RowSet; columns: Set<string>; counts: string[]; perUnit: boolean }>();
  for (const id of needed) {
    const count = definition.counts[id];
    if (!count || !isRowSet(count.over) || !isStored(count.over)) continue;
    const used = columnsUsed(definition, count.over, [count.if, count.value]);
    const key = [...used.columns].some((column) => FINE.has(column)) ? `${count.over}:${id}` : count.over;
    const pass = passes.get(key) ?? { over: count.over, columns: new Set<string>(), counts: [], perUnit: false };
    for (const column of used.columns) pass.columns.add(column);
    pass.counts.push(id);
    pass.perUnit ||= used.perUnit;
    passes.set(key, pass);
  }
  return [...passes.values()].map((pass) => ({ ...pass, columns: [...pass.columns].sort() }));
}

/** Counts over the answers of a duty. */
export const answerCounts = (definition: Definition, needed: readonly string[]): readonly string[] =>
  needed.filter((id) => placeOfCount(definition.counts[id]?.over ?? 'dues').kind === 'answers' && !overRows(definition, id));

/** Counts over how the rows of a duty about persons stand. */
export const rowCounts = (definition: Definition, needed: readonly string[]): readonly string[] =>
  needed.filter((id) => overRows(definition, id));

/** Counts over rows, by what they are over, and which of a case's own columns (fields, round) their expressions name. */
export function caseColumns(
  definition: Definition,
  counts: readonly string[],
): ReadonlyMap<string, { readonly counts: readonly string[]; readonly columns: readonly string[] }> {
  const found = new Map<string, { readonly counts: readonly string[]; readonly columns: readonly string[] }>();
  for (const id of counts) {
    const { over = '', if: condition = null, value = null } = definition.counts[id] ?? {};
    const used = [condition, value].flatMap((source) =>
      source === null ? [] : [...compileExpression(source, { kind: 'answers', duty: over }, definition).uses.row],
    );
    const own = definition.cases?.[over] ? used.filter((column) => column !== 'state' && !Object.hasOwn(STANDING_COLUMNS, column)) : [];
    const before = found.get(over) ?? { counts: [], columns: [] };
    found.set(over, { counts: [...before.counts, id], columns: [...new Set([...before.columns, ...own])].sort() });
  }
  return found;
}

const overRows = (definition: Definition, id: string): boolean => isAboutPersons(definition, definition.counts[id]?.over ?? '');

/**
 * Whether a count must be counted when it is asked for, because its figure may change while no row does: it depends on the day, on answers to a
 * duty, or (once something was amended) on what an amendment changes. Every other count is kept by the transactions that change its rows.
 */
export function isVolatile(definition: Definition, id: string, amended: boolean): boolean {
  const count = definition.counts[id];
  // Attempts change by files of hundreds of thousands, whose posting counts nothing: they are counted when somebody asks.
  if (!count || !isRowSet(count.over) || count.over === 'attempts') return true;
  const { daily, amendable } = columnsUsed(definition, count.over, [count.if, count.value]);
  return daily || (amended && amendable);
}

/** Ids of the counts whose present figures are kept, in the definition's order. */
export const keptCounts = (definition: Definition): readonly string[] =>
  Object.keys(definition.counts).filter((id) => !isVolatile(definition, id, false));

/** The first phase (in the definition's order) whose window holds the day; '' when none does. A phase without fixed dates holds no day. */
export function phaseOn(setting: Setting, day: LocalDate): string {
  const unknown = (): null => null;
  for (const id of Object.keys(setting.definition.phases)) {
    const window = phaseWindow(id, { setting, unit: null, dueOf: unknown, doneOf: unknown, fact: unknown });
    if ('start' in window && window.start <= day && (window.end === null || window.end >= day)) return id;
  }
  return '';
}
