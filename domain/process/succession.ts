import type { UserId } from '../model/ids.js';
import type { Obligation } from '../model/state.js';
import { finish } from './acts/finish.js';
import type { Draft } from './draft.js';
import { isValid } from './frame.js';
import { heldKey, obligationId, parseObligationId } from './obligation-ids.js';
import { shelve } from './ladder.js';

/**
 * Units that ended hand what they owe to their successors: each gets it, unless it owes the same already. Without a successor it is
 * withdrawn. What is discharged and only waits for its check stays. Money held goes to the first. Milestones ahead are dropped: the successor
 * has its own.
 */
export function moveToSuccessors(draft: Draft): void {
  for (const unit of draft.frame.setting.units) {
    if (isValid(unit, draft.today) || unit.to === null || unit.to >= draft.today) continue;
    for (const shelf of Object.keys(draft.state.open))
      for (const obligation of draft.shelf(shelf))
        if (obligation.unit === unit.id && obligation.status !== 'checking') moveOne(draft, obligation, unit.successors);
    for (const [key, milestone] of Object.entries(draft.state.milestones))
      if (milestone.unit === unit.id && milestone.status === 'ahead')
        draft.setMilestone(key, { ...milestone, status: 'dropped', judgeAt: null }, null);
    for (const [key, held] of Object.entries(draft.state.held)) {
      const [at, insurance = ''] = key.split('/');
      const heir = unit.successors[0];
      if (at !== unit.id || heir === undefined) continue;
      const own = draft.state.held[heldKey(heir, insurance)];
      draft.setHeld(key, null);
      draft.setHeld(
        heldKey(heir, insurance),
        own ? { since: own.since < held.since ? own.since : held.since, amount: own.amount + held.amount } : held,
      );
    }
  }
}

function moveOne(draft: Draft, obligation: Obligation, successors: readonly Obligation['unit'][]): void {
  if (obligation.origin.kind === 'duty')
    for (const unit of successors) {
      const id = obligationId({ ...parseObligationId(obligation.id), unit });
      if (!draft.find(id) && !draft.closedMark(id)) shelve(draft, { ...obligation, id, unit, parts: [], ticked: [] });
    }
  finish(draft, obligation, 'withdrawn', draft.today, 'system' as UserId, successors.join(' '));
}
