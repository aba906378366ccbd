import type { Outcome } from '../../domain/model/deduction.js';
import { compileExpression } from '../../domain/rules/expressions.js';
import type { Trx } from '../../store/connection.js';
import { routeKinds, tellCases, type RoutedOf } from '../../store/deductions/openings.js';
import type { Moment, UserId } from '../../domain/model/ids.js';
import { blankRow } from '../measures/tally.js';
import { columnsUsed, phaseOn } from '../measures/plan.js';
import type { CycleContext } from './parts.js';

/**
 * Tells what calls for cases: every line that was not taken, by the route of its outcome. A success opens nothing by itself; it is told only where its outcome
 * has a route.
 */
export async function routePosted(
  trx: Trx,
  of: RoutedOf,
  { campaign, deduction }: CycleContext,
  told: { readonly at: Moment; readonly by: UserId },
): Promise<number> {
  const { setting } = campaign;
  const { definition } = setting;
  const outcomes = Object.values(deduction.outcomes).filter((one) => one.class !== 'success' || one.open !== null);
  const judged = outcomes.filter((one): one is Outcome & { readonly if: string } => one.if !== null);
  const used = columnsUsed(
    definition,
    'dues',
    judged.map((one) => one.if),
  );
  const columns = [...used.columns].filter((id) => id !== 'phase').sort();
  const kinds = await routeKinds(
    trx,
    of,
    judged.map(({ id }) => id),
    columns,
    used.perUnit,
  );
  const phase = used.columns.has('phase') ? phaseOn(setting, of.today) : '';
  const byKey = kinds.flatMap(({ key, outcome, unit, row }) => {
    const route = judged.find(({ id }) => id === outcome);
    if (route === undefined) return [];
    const scope = { setting, unit, today: of.today, row: blankRow('dues', { ...row, phase }) };
    const holds = compileExpression(route.if, { kind: 'row', over: 'dues' }, definition).evaluate(scope) === true;
    return [{ key, outcome, type: holds ? route.open : route.else }];
  });
  const always = outcomes.filter((one) => one.if === null).map(({ id, open }) => ({ outcome: id, type: open }));
  return tellCases(trx, of, always, byKey, told);
}
