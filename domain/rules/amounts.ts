import type { Value } from '../model/definition.js';
import { RuleError } from './errors.js';
import { compileExpression } from './expressions.js';
import { scopeOfAmount, type Scope } from './scope.js';

export { amountsOver } from './place-environment.js';

/**
 * An amount of the definition for one row, in fen (or a count). Other amounts it names are computed with it; groups
 * entered too late for it are taken away. Throws RuleError: `table-gap`, `row-column-missing`, `parameter-unset` ...
 */
export function evaluateAmount(amount: string, scope: Scope): number {
  const { definition } = scope.setting;
  const found = definition.amounts[amount];
  if (!found) throw new RuleError('row-column-missing', `没有金额“${amount}”`, `unknown amount '${amount}'`, { amount });
  return numberOf(
    compileExpression(found.value, { kind: 'row', over: found.over }, definition).evaluate(scopeOfAmount(scope, amount)),
    amount,
  );
}

/** A number of a count or amount: fen or a count, never anything else. */
export function numberOf(value: Value | readonly string[] | null, name: string): number {
  if (typeof value === 'number') return value;
  throw new RuleError('expression-result', `“${name}”的结果不是金额或人数`, `the result of '${name}' is neither money nor a count`, {
    name,
  });
}
