import type { ASTNode } from '@marcbachmann/cel-js';
import type { LocalDate } from '../model/ids.js';
import { newEnvironment } from '../rules/environment.js';
import { RuleError } from '../rules/errors.js';
import { compileExpression } from '../rules/expressions.js';
import type { FileFigures } from '../rules/scope.js';
import type { RowValue } from '../rules/values.js';
import type { FileRow } from './columns.js';
import type { Layout } from './layout.js';

/** One part of a control total: `stated == counted`, where `stated` is a column of the header or trailer; or a condition of another shape. */
interface Clause {
  readonly total: string;
  readonly source: string;
  readonly stated: { readonly record: 'header' | 'trailer'; readonly column: string } | null;
  readonly counted: string;
  readonly kind: 'count' | 'sum' | 'other';
}

/** How a total is called: as the column that states it, else as it stands in the definition. */
export function titleOfTotal({ format }: Pick<Layout, 'format'>, { total, stated }: Pick<TotalResult, 'total' | 'stated'>): string {
  const columns = stated === null ? [...(format.trailer ?? []), ...(format.header ?? [])] : (format[stated.record] ?? []);
  const id = stated?.column ?? total;
  return columns.find((column) => column.id === id)?.title ?? total;
}

/** What a control total says of a file. */
export interface TotalResult {
  readonly total: string;
  readonly kind: Clause['kind'];
  /** null = it cannot be judged (a record or a value is missing). */
  readonly holds: boolean | null;
  /** Column in which the figure stands; null for a condition of another shape. */
  readonly stated: Clause['stated'];
  readonly found: RowValue;
  readonly expected: RowValue;
}

const CLAUSES = new WeakMap<object, readonly Clause[]>();

function clausesOf({ format }: Pick<Layout, 'format'>): readonly Clause[] {
  const before = CLAUSES.get(format);
  if (before) return before;
  const clauses = Object.entries(format.totals).flatMap(([total, source]) =>
    conjuncts(newEnvironment().parse(source).ast).map((node) => clauseOf(total, source, node)),
  );
  CLAUSES.set(format, clauses);
  return clauses;
}

const conjuncts = (node: ASTNode): readonly ASTNode[] => (node.op === '&&' ? node.args.flatMap(conjuncts) : [node]);

function clauseOf(total: string, source: string, node: ASTNode): Clause {
  const text = (of: ASTNode): string => source.slice(of.range.start, of.range.end);
  const other: Clause = { total, source: text(node), stated: null, counted: 'true', kind: 'other' };
  if (node.op !== '==') return other;
  for (const [left, right] of [node.args, node.args.toReversed()]) {
    const stated = left && statedBy(left);
    const counted = right === undefined ? '' : text(right);
    if (stated && right && !/\.(header|trailer)\b/.test(counted))
      return { ...other, stated, counted, kind: counted.includes('.sum(') ? 'sum' : counted.includes('.count') ? 'count' : 'other' };
  }
  return other;
}

/** `file.header.x` or `file.trailer.x`. */
function statedBy(node: ASTNode): Clause['stated'] {
  if (node.op !== '.') return null;
  const [of, column] = node.args;
  if (of.op !== '.') return null;
  const [file, record] = of.args;
  return file.op === 'id' && file.args === 'file' && (record === 'header' || record === 'trailer') ? { record, column } : null;
}

function evaluate(layout: Layout, source: string, file: FileFigures): RowValue {
  const { setting, format } = layout;
  const place = { kind: 'format', format: format.id } as const;
  // Control totals speak of the file alone: neither of a unit nor of a day.
  return compileExpression(source, place, setting.definition).evaluate({ setting, unit: null, today: '0001-01-01' as LocalDate, file });
}

/** Judges every control total of a file. */
export function judgeTotals(layout: Layout, file: FileFigures): readonly TotalResult[] {
  return clausesOf(layout).map(({ total, source, stated, counted, kind }) => {
    const of = (text: string): RowValue => {
      try {
        return evaluate(layout, text, file);
      } catch (error) {
        if (error instanceof RuleError) return null;
        throw error;
      }
    };
    if (stated === null) {
      const found = of(source);
      return { total, kind, stated, holds: typeof found === 'boolean' ? found : null, found, expected: true };
    }
    const [found, expected] = [file[stated.record]?.[stated.column] ?? null, of(counted)];
    return { total, kind, stated, holds: found === null || expected === null ? null : found === expected, found, expected };
  });
}

/** Header and trailer with the figures that the control totals state, computed from the lines. What the caller gives of them stays. */
export function withControls(
  layout: Layout,
  file: FileFigures,
  given: { readonly header: FileRow; readonly trailer: FileRow },
): { readonly header: FileRow; readonly trailer: FileRow } {
  const made: { readonly header: Record<string, FileRow[string]>; readonly trailer: Record<string, FileRow[string]> } = {
    header: { ...given.header },
    trailer: { ...given.trailer },
  };
  for (const { stated, counted } of clausesOf(layout)) {
    if (stated === null || made[stated.record][stated.column] !== undefined) continue;
    const value = evaluate(layout, counted, file);
    if (typeof value === 'string' || typeof value === 'number') made[stated.record][stated.column] = value;
  }
  return made;
}

/** Columns of header and trailer that the control totals state: `withControls` fills them in. */
export const controlledColumns = (layout: Pick<Layout, 'format'>, record: 'header' | 'trailer'): readonly string[] =>
  clausesOf(layout).flatMap(({ stated }) => (stated?.record === record ? [stated.column] : []));
