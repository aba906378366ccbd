import { dateOf } from '../../domain/calendar/dates.js';
import { roundOn, standsInRound, type Round } from '../../domain/deduction/round.js';
import type { Deduction } from '../../domain/model/deduction.js';
import type { LocalDate, Moment } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { checkRules } from '../../domain/rules/check-rules.js';
import { compileExpression } from '../../domain/rules/expressions.js';
import type { Trx } from '../../store/connection.js';
import { considerDues, keepVerdicts, type DueKind } from '../../store/deductions/consider.js';
import { blankRow } from '../measures/tally.js';
import { columnsUsed, phaseOn } from '../measures/plan.js';
import type { CycleContext, CycleOf } from './parts.js';
import { CycleRefusal } from './refusal.js';

/** The round of a moment. Refusal: `outside-phase`. */
export function roundAt({ campaign, deduction }: CycleContext, at: Moment): Round {
  const { setting } = campaign;
  const round = roundOn(setting, deduction, dateOf(at));
  if (round !== null) return round;
  const phase = setting.definition.phases[deduction.during]?.title ?? deduction.during;
  const clauses = deduction.clause.length === 0 ? '' : `（${deduction.clause.join('、')}）`;
  throw new CycleRefusal(
    'outside-phase',
    `代扣只在“${phase}”进行${clauses}`,
    `deductions run only during '${deduction.during}' (${deduction.clause.join(', ')})`,
    {
      phase: deduction.during,
    },
  );
}

/**
 * Judges every due of the campaign for a round: what decides is the definition's `if`, its rules that guard `deduct`, and what became of the attempts so
 * far. The verdicts stand in the transaction's temporary tables (`considered`, `verdicts`).
 */
export async function judgeRound(
  trx: Trx,
  of: CycleOf,
  { campaign, deduction }: CycleContext,
  round: Pick<Round, 'round'>,
  at: Moment,
): Promise<void> {
  const { setting } = campaign;
  const { definition } = setting;
  const today = dateOf(at);
  const guards = Object.values(definition.rules).flatMap((rule) => (rule.guards === 'deduct' ? [rule.deny] : []));
  const used = columnsUsed(definition, 'dues', [deduction.if, ...guards]);
  const columns = [...used.columns].filter((id) => id !== 'phase').sort();
  const kinds = await considerDues(trx, { ...of, today, columns, perUnit: used.perUnit });
  const phase = used.columns.has('phase') ? phaseOn(setting, today) : '';
  await keepVerdicts(
    trx,
    kinds.map((kind) => ({
      key: kind.key,
      verdict: standsInRound(deduction, { round: round.round, on: today }, { ...kind, due: isDue(setting, deduction, kind, today, phase) }),
    })),
  );
}

function isDue(setting: Setting, deduction: Deduction, kind: DueKind, today: LocalDate, phase: string): boolean {
  const scope = { setting, unit: kind.unit, today, row: blankRow('dues', { ...kind.row, phase }) };
  const holds = compileExpression(deduction.if, { kind: 'row', over: 'dues' }, setting.definition).evaluate(scope) === true;
  return holds && checkRules('deduct', scope).denied.length === 0;
}
