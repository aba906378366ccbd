import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { phaseWindow } from '../calendar/evaluate.js';
import type { Definition, Table } from '../model/definition.js';
import type { LocalDate } from '../model/ids.js';
import { RuleError } from './errors.js';
import type { Scope } from './scope.js';
import { runTable, type TableInput } from './tables.js';
import { celTypeOf, DayValue, fromCel, RateValue, toCel } from './values.js';

/** One evaluation: its scope, and the table gaps it met, which no `&&` or `||` may hide. */
export interface Run {
  readonly scope: Scope;
  readonly gaps: RuleError[];
}

/** The parts of the CEL engine's checker and evaluator that a function with checked names needs. */
interface Checker {
  check(ast: ASTNode, context: unknown): { readonly name: string };
  createError(code: string, message: string, node: ASTNode): Error;
  getType(name: string): unknown;
  readonly registry: { getListType(of: unknown): unknown };
}
interface Evaluator {
  run(ast: ASTNode, context: unknown): unknown;
}
interface Context {
  getValue(key: string): unknown;
}
interface Call {
  readonly args: readonly ASTNode[];
}

const MOST_INPUTS = 7;

/** `find`, `within`, `start`, `end`, `done` and `met`: their first name is a quoted id that the definition must have. */
export function registerLookups(environment: Environment, definition: Definition): void {
  const rowTypes = new Map(Object.values(definition.tables).map((table) => [table.id, registerRow(environment, table)]));
  for (let inputs = 1; inputs <= MOST_INPUTS; inputs += 1)
    environment.registerFunction(`find(${Array.from({ length: inputs + 1 }, () => 'ast').join(', ')}): dyn`, ({ args }: Call) => ({
      typeCheck(checker: Checker, _: unknown, context: unknown) {
        const table = definition.tables[literal(checker, args[0], Object.keys(definition.tables), 'table')];
        const given = args.slice(1).map((arg) => checker.check(arg, context).name);
        const wanted = table?.inputs.map(({ type }) => celTypeOf(type)) ?? [];
        const fit = wanted.length === given.length && wanted.every((type, i) => given[i] === type || given[i] === `list<${type}>`);
        if (!fit && args[0])
          throw checker.createError(
            'bad_inputs',
            `table '${table?.id}' takes (${wanted.join(', ')}), given (${given.join(', ')})`,
            args[0],
          );
        const row = checker.getType(rowTypeName(table?.id ?? ''));
        return table?.hit.kind === 'all' ? checker.registry.getListType(row) : row;
      },
      evaluate(evaluator: Evaluator, _: unknown, context: Context) {
        const id = literalText(args[0]);
        const inputs = args.slice(1).map((arg) => inputOf(evaluator.run(arg, context)));
        return lookUp(runOf(context), definition.tables[id], inputs, rowTypes.get(id));
      },
    }));
  const phases = Object.keys(definition.phases);
  for (const side of ['start', 'end'] as const)
    environment.registerFunction(`${side}(ast): LocalDate`, ({ args }: Call) => ({
      typeCheck(checker: Checker) {
        literal(checker, args[0], phases, 'phase');
        return checker.getType('LocalDate');
      },
      evaluate: (_evaluator: Evaluator, _: unknown, context: Context) =>
        new DayValue(phaseOf(runOf(context).scope, literalText(args[0]))[side]),
    }));
  environment.registerFunction('within(ast, ast): bool', ({ args: [day, phase] }: Call) => ({
    typeCheck(checker: Checker, _: unknown, context: unknown) {
      literal(checker, phase, phases, 'phase');
      if (day && checker.check(day, context).name !== 'LocalDate')
        throw checker.createError('bad_inputs', 'within() takes a day and a phase', day);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _: unknown, context: Context) {
      const value = day && evaluator.run(day, context);
      if (!(value instanceof DayValue) || value.date === null) return false;
      const { start, end } = phaseOf(runOf(context).scope, literalText(phase));
      return start <= value.date && (end === null || value.date <= end);
    },
  }));
  for (const [name, known, ask] of [
    ['done', Object.keys(definition.duties), (scope: Scope, id: string) => scope.done?.(id)],
    ['met', Object.keys(definition.milestones), (scope: Scope, id: string) => scope.met?.(id)],
  ] as const)
    environment.registerFunction(`${name}(ast): bool`, ({ args }: Call) => ({
      typeCheck(checker: Checker) {
        literal(checker, args[0], known, name === 'done' ? 'duty' : 'milestone');
        return checker.getType('bool');
      },
      evaluate(_evaluator: Evaluator, _: unknown, context: Context) {
        const answer = ask(runOf(context).scope, literalText(args[0]));
        if (answer === undefined)
          throw new RuleError('expression-failed', `此处无法判断 ${name}()`, `${name}() is not known here`, { function: name });
        return answer;
      },
    }));
}

const rowTypeName = (table: string): string => `Table_${table}`;

type RowClass = new () => object;

function registerRow(environment: Environment, table: Table): RowClass {
  const rowClass = class {};
  const fields = Object.fromEntries(table.outputs.map(({ id, type }) => [id, celTypeOf(type)]));
  environment.registerType(rowTypeName(table.id), { ctor: rowClass, fields });
  return rowClass;
}

function lookUp(run: Run, table: Table | undefined, inputs: readonly TableInput[], rowClass: RowClass | undefined): unknown {
  if (!table || !rowClass) throw new RuleError('unknown-table', '没有此表', 'unknown table');
  const { scope } = run;
  const result = runTable(scope.setting, table.id, inputs, scope.unit);
  if (result.kind !== 'rows') {
    const gap =
      result.kind === 'person'
        ? new RuleError('table-needs-person', `“${table.title}”未规定，须由人决定`, `table '${table.id}' leaves this to a person`, {
            table: table.id,
          })
        : new RuleError(result.code, result.zh, result.en, result.params);
    run.gaps.push(gap);
    throw gap;
  }
  const rows = result.rows.map(({ outputs }) => {
    const row: Record<string, unknown> = {};
    for (const { id, type } of table.outputs) {
      const value = outputs[id];
      if (value === undefined)
        throw new RuleError('row-column-missing', `表“${table.id}”缺少“${id}”`, `table '${table.id}' has no value for '${id}'`, {
          table: table.id,
          column: id,
        });
      row[id] = toCel(value, type, `${table.id}.${id}`);
    }
    return Object.assign(new rowClass(), row);
  });
  return table.hit.kind === 'all' ? rows : rows[0];
}

/** Inputs are plain data in tables; a share is written as its percentage there and cannot be an input. */
function inputOf(value: unknown): TableInput {
  if (Array.isArray(value)) return value.map((each) => inputOf(each) as string);
  if (value instanceof RateValue) throw new RuleError('table-inputs', '比率不能用作查表输入', 'a rate cannot be looked up in a table');
  const plain = fromCel(value);
  if (plain === null || typeof plain === 'object') throw new RuleError('table-inputs', '查表输入为空', 'an input of a table is empty');
  return plain;
}

function phaseOf(scope: Scope, id: string): { readonly start: LocalDate; readonly end: LocalDate | null } {
  if (scope.phase) return scope.phase(id);
  const nothing = (): null => null;
  const window = phaseWindow(id, { setting: scope.setting, unit: scope.unit, dueOf: nothing, doneOf: nothing, fact: nothing });
  if ('waiting' in window) throw new RuleError('expression-failed', `阶段“${id}”尚无日期`, `phase '${id}' has no date yet`, { phase: id });
  return window;
}

const runOf = (context: Context): Run => context.getValue('$run') as Run;
const literalText = (node: ASTNode | undefined): string => (node?.op === 'value' && typeof node.args === 'string' ? node.args : '');

function literal(checker: Checker, node: ASTNode | undefined, known: readonly string[], what: string): string {
  const id = literalText(node);
  if (node && known.includes(id)) return id;
  throw checker.createError(
    'unknown_name',
    id === '' ? `a quoted ${what} id is expected` : `unknown ${what} '${id}'`,
    node ?? ({} as ASTNode),
  );
}
