import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Definition } from '../model/definition.js';
import { UNKNOWN_OUTCOME, type Format, type FormatColumn, type FormatId } from '../model/format.js';
import { fen } from '../money/fen.js';
import { RuleError } from './errors.js';
import type { FileFigures, Scope } from './scope.js';
import { celTypeOf, MoneyValue, toCel, type CelType, type Row } from './values.js';

/** The parts of the CEL engine's checker and evaluator that a method with checked names needs. */
interface Checker {
  check(ast: ASTNode, context: unknown): { readonly name: string };
  createError(code: string, message: string, node: ASTNode): Error;
  getType(name: string): unknown;
}
interface Evaluator {
  run(ast: ASTNode, context: unknown): unknown;
}
interface Call {
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}

/** `file` in the control totals of a format: `file.count`, `file.header.x`, `file.trailer.x`, `file.sum("column"[, "outcome"])`, `file.count("outcome")`. */
export interface FileVariable {
  readonly fields: Readonly<Record<'file' | 'header' | 'trailer', readonly string[]>>;
  bind(scope: Scope): object;
}

const SUMMABLE = ['count', 'money', 'fen'];

/** The type of a column in expressions and in values: fen for both ways of writing money, a day for both ways of writing it. */
export const valueTypeOf = ({ type }: Pick<FormatColumn, 'type'>): 'text' | 'count' | 'money' | 'date' =>
  type === 'fen' ? 'money' : type === 'yyyyMMdd' ? 'date' : type === 'code' ? 'text' : type;

/** Columns with a value of their own: not those that always hold the same. */
const ownColumns = (columns: readonly FormatColumn[]): readonly FormatColumn[] => columns.filter(({ value }) => value === null);

/** Columns of the lines that can be added up; nobody adds up line numbers. */
export const summableColumns = (format: Pick<Format, 'detail'>): readonly FormatColumn[] =>
  format.detail.filter(({ id, type, value }) => value === null && id !== 'line' && SUMMABLE.includes(type));

/** Outcomes that a format's printed table can give; null when the table is loaded later. */
export function outcomesOf(definition: Definition, format: Pick<Format, 'codes'>): readonly string[] | null {
  const table = format.codes === null ? undefined : definition.tables[format.codes];
  if (!table) return [];
  if (table.load !== null) return null;
  const at = table.outputs.findIndex(({ id }) => id === 'outcome');
  return [...new Set([...table.rows.flatMap(({ then }) => (typeof then[at] === 'string' ? [then[at]] : [])), UNKNOWN_OUTCOME])];
}

export function declareFile(environment: Environment, definition: Definition, id: FormatId): FileVariable {
  const format = definition.formats?.[id];
  class FileObject {}
  const records = [
    ['header', format?.header ?? null, class {}],
    ['trailer', format?.trailer ?? null, class {}],
  ] as const;
  const fields: Record<string, string> = { count: 'int' };
  for (const [name, columns, ctor] of records) {
    if (columns === null) continue;
    const type = `File_${name}`;
    environment.registerType(type, {
      ctor,
      fields: Object.fromEntries(ownColumns(columns).map((column) => [column.id, celTypeOf(valueTypeOf(column))])),
    });
    fields[name] = type;
  }
  environment.registerType('File', { ctor: FileObject, fields });
  environment.registerVariable('file', 'File');
  const columns = format ? summableColumns(format) : [];
  const outcomes = format ? outcomesOf(definition, format) : [];
  for (const [signature, method] of [
    ['File.sum(ast): dyn', sumMethod(columns, outcomes, 1)],
    ['File.sum(ast, ast): dyn', sumMethod(columns, outcomes, 2)],
    ['File.count(ast): int', countMethod(outcomes)],
  ] as const)
    environment.registerFunction(signature, method);
  return {
    fields: {
      file: [...Object.keys(fields), 'sum'],
      header: ownColumns(format?.header ?? []).map((column) => column.id),
      trailer: ownColumns(format?.trailer ?? []).map((column) => column.id),
    },
    bind({ file }) {
      if (file === undefined) throw new RuleError('row-column-missing', '缺少“file”', "no value for 'file'", { name: 'file' });
      const bound: Record<string, unknown> = { count: BigInt(file.count), $figures: file };
      for (const [name, of, ctor] of records)
        if (of !== null) bound[name] = Object.assign(new ctor(), recordFields(ownColumns(of), file[name], name));
      return Object.assign(new FileObject(), bound);
    },
  };
}

function recordFields(columns: readonly FormatColumn[], row: Row | null, name: string): object {
  return Object.fromEntries(
    columns.flatMap((column) => {
      const value = row?.[column.id] ?? null;
      // A column left empty has no value: an expression that needs it fails by name.
      return value === null ? [] : [[column.id, toCel(value, valueTypeOf(column), `file.${name}.${column.id}`)]];
    }),
  );
}

const figuresOf = (evaluator: Evaluator, receiver: ASTNode, context: unknown): FileFigures => {
  const file = evaluator.run(receiver, context);
  const figures: unknown = typeof file === 'object' && file !== null ? Reflect.get(file, '$figures') : null;
  return figures as FileFigures;
};

function sumMethod(columns: readonly FormatColumn[], outcomes: readonly string[] | null, count: 1 | 2): (call: Call) => object {
  return ({ args, receiver }) => ({
    typeCheck(checker: Checker, _: unknown, context: unknown) {
      onFile(checker, receiver, context);
      const known = columns.map((column) => column.id);
      const id = literal(checker, args[0], known, 'column that can be added up');
      if (count === 2 && outcomes !== null) literal(checker, args[1], outcomes, 'outcome');
      const column = columns.find((one) => one.id === id);
      return checker.getType(column === undefined ? 'dyn' : celTypeOf(valueTypeOf(column)));
    },
    evaluate(evaluator: Evaluator, _: unknown, context: unknown) {
      const id = literalText(args[0]) ?? '';
      const outcome = count === 2 ? literalText(args[1]) : null;
      const sum = figuresOf(evaluator, receiver, context).sum(id, outcome);
      const type: CelType = celTypeOf(valueTypeOf(columns.find((column) => column.id === id) ?? { type: 'count' }));
      return type === 'Money' ? new MoneyValue(fen(sum)) : BigInt(sum);
    },
  });
}

function countMethod(outcomes: readonly string[] | null): (call: Call) => object {
  return ({ args: [outcome], receiver }) => ({
    typeCheck(checker: Checker, _: unknown, context: unknown) {
      onFile(checker, receiver, context);
      if (outcomes !== null) literal(checker, outcome, outcomes, 'outcome');
      return checker.getType('int');
    },
    evaluate: (evaluator: Evaluator, _: unknown, context: unknown) =>
      BigInt(figuresOf(evaluator, receiver, context).countOf(literalText(outcome) ?? '')),
  });
}

function onFile(checker: Checker, receiver: ASTNode, context: unknown): void {
  if (checker.check(receiver, context).name !== 'File') throw checker.createError('bad_inputs', 'only a file can be counted so', receiver);
}

const literalText = (node: ASTNode | undefined): string | null =>
  node?.op === 'value' && typeof node.args === 'string' ? node.args : null;

function literal(checker: Checker, node: ASTNode | undefined, known: readonly string[], what: string): string {
  const id = literalText(node);
  if (id !== null && known.includes(id)) return id;
  throw checker.createError(
    'unknown_name',
    id === null ? `a quoted ${what} is expected` : `unknown ${what} '${id}'; known: ${known.join(', ')}`,
    node ?? ({} as ASTNode),
  );
}
