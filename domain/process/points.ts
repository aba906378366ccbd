import type { Duty } from '../model/definition.js';
import type { UnitId } from '../model/ids.js';
import type { Obligation, Result } from '../model/state.js';
import { tableAnswer } from './conditions.js';
import type { Draft } from './draft.js';
import { shelve } from './ladder.js';

/**
 * Points are a duty with a table over milestones' results. After each judgement the table is asked again: as soon as a row fits whatever is
 * still open, the proposal is final; a gap of the notice is left to a person (reading A-04).
 */
export function proposePoints(draft: Draft, unit: UnitId): void {
  for (const duty of Object.values(draft.frame.definition.duties)) {
    if (duty.table === null) continue;
    for (const obligation of draft.shelf(duty.id)) if (draft.frame.within(unit, obligation.unit)) propose(draft, duty, obligation);
  }
}

function propose(draft: Draft, duty: Duty, obligation: Obligation): void {
  const results = duty.of.map((milestone) => resultFor(draft, milestone, obligation.unit));
  const table = duty.table === null ? undefined : draft.frame.definition.tables[duty.table];
  if (!table) return;
  const inputs = Object.fromEntries(table.inputs.map(({ id }, i) => [id, results[i] ?? 'open']));
  const answer = tableAnswer(draft.frame, table, inputs);
  const allJudged = results.every((result) => result !== 'open');
  if (answer === null && !allJudged) return;
  const gap = Object.fromEntries(table.outputs.map(({ id }) => [id, 0]));
  shelve(draft, {
    ...obligation,
    proposal:
      answer === null ? { values: gap, final: false, decisionNeeded: true } : { values: answer, final: true, decisionNeeded: false },
  });
}

function resultFor(draft: Draft, milestone: string, unit: UnitId): Result {
  const judged = Object.values(draft.state.milestones).filter(
    (at) => at.milestone === milestone && draft.frame.within(at.unit, unit) && at.status === 'judged',
  );
  return judged.length === 0 ? 'open' : (judged.find(({ result }) => result !== 'met')?.result ?? 'met');
}
