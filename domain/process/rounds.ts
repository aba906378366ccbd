import type { UnitFact } from '../model/event.js';
import type { UserId } from '../model/ids.js';
import { finish } from './acts/finish.js';
import type { Draft } from './draft.js';

type DeductionFact = Extract<UnitFact, { kind: 'deduction' }>;

/**
 * What a deduction tells. A request that was handed over discharges every round that had begun by that day: one file takes whoever is due, also those of a round
 * that was missed. Sent and returned are of the whole campaign: what follows them is owed for every unit, with a nil answer where there was nothing.
 */
export function takeDeduction(draft: Draft, { event, unit, insurance, on }: DeductionFact): void {
  const [id = '', what = ''] = event.split('.');
  const duty = draft.frame.definition.duties[id];
  const whole = what === 'sent' || what === 'returned';
  if (what === 'sent' && duty?.rounds === true)
    for (const round of draft.shelf(id))
      if (round.since <= on && (round.status === 'open' || round.status === 'waiting'))
        finish(draft, round, 'done', on, 'system' as UserId, null);
  draft.happened({ event, unit: whole ? null : unit, insurance: duty?.perInsurance === true || !whole ? insurance : null, on });
}
