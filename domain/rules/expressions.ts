import { EvaluationError, ParseError, TypeError as CelTypeError, type Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { Definition } from '../model/definition.js';
import { CalendarError } from '../calendar/errors.js';
import { MoneyError } from '../money/errors.js';
import { RuleError } from './errors.js';
import type { Run } from './lookups.js';
import { buildEnvironment, type PlaceEnvironment } from './place-environment.js';
import { placeKey, type Place, type Scope } from './scope.js';
import { inspect, rewriteFigures, type ExpressionIssue, type Uses } from './syntax.js';
import { fromCel, type CelType, type RowValue } from './values.js';

/** A checked expression. It holds functions: keep it out of state, `compileExpression` has a cache. */
export interface Compiled {
  readonly type: CelType;
  readonly uses: Uses;
  /**
   * Plain data: money in fen, counts as numbers, a day as text. Throws RuleError; a `find` that falls into a gap of its table throws
   * `table-gap` even where CEL's `&&` and `||` would have hidden it.
   */
  evaluate(scope: Scope): RowValue;
}

type Read =
  | { readonly ok: true; readonly program: ParseResult; readonly uses: Uses; readonly type: CelType }
  | { readonly ok: false; readonly issues: readonly ExpressionIssue[] };

/** All that is wrong with an expression at its place; empty = it may be used. `expected` limits the result, e.g. `['bool']`. */
export function checkExpression(
  source: string,
  place: Place,
  definition: Definition,
  expected?: readonly CelType[],
): readonly ExpressionIssue[] {
  const read = readExpression(source, place, definition);
  if (!read.ok) return read.issues;
  if (!expected || expected.includes(read.type)) return [];
  const wanted = expected.join(' / ');
  return [
    {
      code: 'expression-result',
      zh: `结果应为 ${wanted}，实为 ${read.type}`,
      en: `the result should be ${wanted}, it is ${read.type}`,
      at: 0,
    },
  ];
}

/** The type an expression has at its place, or null when it does not check. */
export function expressionType(source: string, place: Place, definition: Definition): CelType | null {
  const read = readExpression(source, place, definition);
  return read.ok ? read.type : null;
}

const ENVIRONMENTS = new WeakMap<Definition, Map<string, PlaceEnvironment>>();

function environmentOf(definition: Definition, place: Place): PlaceEnvironment {
  const cache = ENVIRONMENTS.get(definition) ?? new Map<string, PlaceEnvironment>();
  ENVIRONMENTS.set(definition, cache);
  const key = placeKey(place);
  const before = cache.get(key);
  if (before) return before;
  const built = buildEnvironment(definition, place, {
    typeOf: (source, at) => expressionType(source, at, definition),
    evaluate: (source, at, scope) => compileExpression(source, at, definition).evaluate(scope),
  });
  cache.set(key, built);
  return built;
}

const COMPILED = new WeakMap<Definition, Map<string, Compiled>>();

/** Throws RuleError with the first issue; a definition that passed the loader never does. */
export function compileExpression(source: string, place: Place, definition: Definition): Compiled {
  const cache = COMPILED.get(definition) ?? new Map<string, Compiled>();
  COMPILED.set(definition, cache);
  const key = `${placeKey(place)}\n${source}`;
  const before = cache.get(key);
  if (before) return before;
  const read = readExpression(source, place, definition);
  if (!read.ok) {
    const [issue] = read.issues;
    throw new RuleError(issue?.code ?? 'expression-syntax', issue?.zh ?? '', issue?.en ?? '', { expression: source, at: issue?.at ?? 0 });
  }
  const { program, uses, type } = read;
  const { bind } = environmentOf(definition, place);
  const compiled: Compiled = {
    type,
    uses,
    evaluate(scope) {
      const run: Run = { scope, gaps: [] };
      try {
        const value: unknown = program(bind(run, uses));
        const [gap] = run.gaps;
        if (gap) throw gap;
        return fromCel(value);
      } catch (error) {
        throw run.gaps[0] ?? asRuleError(error, source);
      }
    },
  };
  cache.set(key, compiled);
  return compiled;
}

function asRuleError(error: unknown, source: string): unknown {
  if (error instanceof RuleError) return error;
  if (error instanceof EvaluationError && error.cause instanceof RuleError) return error.cause;
  if (error instanceof EvaluationError || error instanceof CelTypeError)
    return new RuleError('expression-failed', `表达式无法计算：${source}`, `the expression could not be evaluated: ${error.summary}`, {
      expression: source,
    });
  if (error instanceof MoneyError || error instanceof CalendarError)
    return new RuleError('expression-failed', error.zh, error.en, { expression: source });
  return error;
}

function readExpression(source: string, place: Place, definition: Definition): Read {
  const { text, origin } = place.kind === 'figures' ? rewriteFigures(source) : { text: source, origin: (at: number) => at };
  let environment: Environment;
  try {
    ({ environment } = environmentOf(definition, place));
  } catch (error) {
    if (error instanceof RuleError) return { ok: false, issues: [{ code: 'expression-type', zh: error.zh, en: error.en, at: 0 }] };
    throw error;
  }
  try {
    const program = environment.parse(text);
    const { uses, issues } = inspect(program.ast);
    if (issues.length > 0) return { ok: false, issues: issues.map((issue) => ({ ...issue, at: origin(issue.at) })) };
    const checked = program.check();
    if (!checked.valid) return { ok: false, issues: [issueOf(checked.error, place, definition, origin)] };
    return { ok: true, program, uses, type: resultType(checked.type) };
  } catch (error) {
    if (error instanceof ParseError || error instanceof CelTypeError)
      return { ok: false, issues: [issueOf(error, place, definition, origin)] };
    throw error;
  }
}

const resultType = (type: string | undefined): CelType => (type === 'list' ? 'list<string>' : (type as CelType));

function issueOf(
  error: ParseError | CelTypeError | undefined,
  place: Place,
  definition: Definition,
  origin: (at: number) => number,
): ExpressionIssue {
  const summary = error?.summary ?? 'not a valid expression';
  const at = origin(error?.range?.start ?? 0);
  if (error instanceof ParseError) return { code: 'expression-syntax', zh: `表达式写法有误：${summary}`, en: summary, at };
  const name = /^(?:No such key|Unknown variable): (\S+)$/.exec(summary)?.[1];
  if (name === undefined) return { code: 'expression-type', zh: `表达式类型不符：${summary}`, en: summary, at };
  const { names } = environmentOf(definition, place);
  const owner = /(\w+)\.$/.exec((error?.node?.input ?? '').slice(0, error?.range?.start ?? 0))?.[1];
  const known = summary.startsWith('Unknown variable') ? names.variables : (names.fields[owner ?? ''] ?? []);
  return { code: 'expression-type', zh: `没有“${name}”`, en: `unknown name '${name}'`, at, name, known };
}
