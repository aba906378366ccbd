import type { ASTNode } from '@marcbachmann/cel-js';
import { CalendarError } from '../calendar/errors.js';
import { parseDate } from '../calendar/dates.js';
import { MoneyError } from '../money/errors.js';
import { parseYuan } from '../money/fen.js';
import { percent } from '../money/rate.js';

/** What is wrong with an expression. `at` is the 0-based place in the text as written. */
export interface ExpressionIssue {
  readonly code: 'expression-syntax' | 'expression-type' | 'expression-forbidden' | 'expression-result';
  readonly zh: string;
  readonly en: string;
  readonly at: number;
  /** The name that is not known and the names that would be, for a guess at the correction. */
  readonly name?: string;
  readonly known?: readonly string[];
}

/** Names an expression uses: variables (`paidRate`), and fields of `row`, `answer`, `case` and `param`. */
export interface Uses {
  readonly variables: ReadonlySet<string>;
  readonly row: ReadonlySet<string>;
  readonly answer: ReadonlySet<string>;
  readonly case: ReadonlySet<string>;
  readonly param: ReadonlySet<string>;
}

/** Functions of the language; everything else that the CEL engine brings is refused. */
export const FUNCTIONS = [
  'yuan', 'percent', 'date', 'find', 'ageOn', 'daysBetween', 'monthOf', 'monthBefore', 'addMonths', 'addDays', 'within', 'start', 'end', 'done', 'met', 'size',
] as const; // prettier-ignore
const METHODS = ['size', 'exists', 'all', 'exists_one', 'filter', 'startsWith', 'endsWith', 'contains', 'sum', 'count'];

/**
 * In a figure's condition people write `96%`, `260 yuan` and a single `=`; outside of quotes these become `percent("96")`,
 * `yuan("260")` and `==`. A `%` that is followed by an operand stays what CEL makes of it.
 */
export function rewriteFigures(source: string): { readonly text: string; readonly origin: (at: number) => number } {
  const pattern = /"[^"]*"|'[^']*'|(\d+(?:\.\d+)?)\s*%(?!\s*[\w("'])|(\d+(?:\.\d+)?)\s*(?:yuan|元)(?![\w(])|(?<![=!<>])=(?!=)/g;
  const edits: { readonly from: number; readonly grown: number }[] = [];
  const text = source.replace(pattern, (found: string, share: string | undefined, money: string | undefined, at: number) => {
    const made = share !== undefined ? `percent("${share}")` : money !== undefined ? `yuan("${money}")` : found === '=' ? '==' : found;
    if (made !== found) edits.push({ from: at, grown: made.length - found.length });
    return made;
  });
  const origin = (at: number): number => {
    let shift = 0;
    for (const { from, grown } of edits) {
      if (at < from + shift) break;
      shift += Math.min(grown, at - from - shift);
    }
    return at - shift;
  };
  return { text, origin };
}

/** Collects the names an expression uses and refuses doubles, bytes, unsigned numbers, foreign functions and broken literals. */
export function inspect(root: ASTNode): { readonly uses: Uses; readonly issues: readonly ExpressionIssue[] } {
  const uses = {
    variables: new Set<string>(),
    row: new Set<string>(),
    answer: new Set<string>(),
    case: new Set<string>(),
    param: new Set<string>(),
  };
  const issues: ExpressionIssue[] = [];
  const forbid = (node: ASTNode, zh: string, en: string, more: Partial<ExpressionIssue> = {}): void => {
    issues.push({ code: 'expression-forbidden', zh, en, at: node.range.start, ...more });
  };
  visit(root, (node) => {
    switch (node.op) {
      case 'value':
        if (typeof node.args === 'number')
          forbid(node, '不允许小数，请用 yuan("…") 或 percent("…")', 'decimals are not allowed: write yuan("…") or percent("…")');
        else if (node.args !== null && typeof node.args === 'object') forbid(node, '不允许此类值', 'this kind of value is not allowed');
        break;
      case 'id':
        uses.variables.add(node.args);
        break;
      case '.': {
        const [of, field] = node.args;
        if (of.op === 'id' && (of.args === 'row' || of.args === 'answer' || of.args === 'case' || of.args === 'param'))
          uses[of.args].add(field);
        break;
      }
      case '[]':
        if (node.args[0].op === 'id') forbid(node, '请用“.”取字段', 'use "." to take a field');
        break;
      case 'call': {
        const [name, args] = node.args;
        if (!(FUNCTIONS as readonly string[]).includes(name))
          forbid(node, `没有函数“${name}”`, `no such function: ${name}`, { name, known: FUNCTIONS });
        else literalProblem(name, args, forbid);
        break;
      }
      case 'rcall':
        if (!METHODS.includes(node.args[0]))
          forbid(node, `不允许“.${node.args[0]}()”`, `not allowed: .${node.args[0]}()`, { name: node.args[0], known: METHODS });
        break;
      case 'map':
        forbid(node, '不允许此类值', 'this kind of value is not allowed');
        break;
      default:
        break;
    }
  });
  return { uses, issues };
}

function literalProblem(name: string, args: readonly ASTNode[], forbid: (node: ASTNode, zh: string, en: string) => void): void {
  const [first] = args;
  if (!first || !['yuan', 'percent', 'date'].includes(name)) return;
  if (first.op !== 'value' || typeof first.args !== 'string')
    return forbid(first, `${name}() 内须为引号中的值`, `${name}() takes a quoted value`);
  try {
    if (name === 'yuan') parseYuan(first.args);
    else if (name === 'percent') percent(first.args);
    else parseDate(first.args);
  } catch (error) {
    if (!(error instanceof MoneyError || error instanceof CalendarError)) throw error;
    forbid(first, error.zh, error.en);
  }
}

function visit(node: ASTNode, see: (node: ASTNode) => void): void {
  see(node);
  for (const child of childrenOf(node)) visit(child, see);
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}
