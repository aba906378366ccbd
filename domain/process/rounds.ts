import type { Duty } from '../model/definition.js';
import type { UnitFact } from '../model/event.js';
import type { UnitId, UserId } from '../model/ids.js';
import { finish } from './acts/finish.js';
import type { Draft, Happening } from './draft.js';
import { obligationId } from './obligation-ids.js';

type DeductionFact = Extract<UnitFact, { kind: 'deduction' }>;

/**
 * What a deduction tells. A request that was handed over discharges every round that had begun by that day: one file takes whoever is due, also those of a round
 * that was missed. Sent and returned are of the whole campaign: what follows them is owed for every unit, with a nil answer where there was nothing.
 */
export function takeDeduction(draft: Draft, { event, unit, insurance, on, round }: DeductionFact): void {
  const [id = '', what = ''] = event.split('.');
  const duty = draft.frame.definition.duties[id];
  const whole = what === 'sent' || what === 'returned';
  if (what === 'sent' && duty?.rounds === true)
    for (const round of draft.shelf(id))
      if (round.since <= on && (round.status === 'open' || round.status === 'waiting'))
        finish(draft, round, 'done', on, 'system' as UserId, null);
  draft.happened({
    event,
    unit: whole ? null : unit,
    insurance: duty?.perInsurance === true || !whole ? insurance : null,
    on,
    ...(what === 'sent' ? {} : { round }),
  });
}

/**
 * A duty that a fact discharges (`doneIf`) and that follows the bank's answers is owed once for a unit and round, however many files and kinds of failure the
 * round brings: what comes while it stands is counted into it. With an answer of a later round the earlier one has been discharged by that run, late or in
 * time; who failed again is owed anew. Null: nothing is to be born; else the period of what is born, told apart on one day by a number.
 */
export function periodOfRound(draft: Draft, duty: Duty, unit: UnitId, insurance: string | null, { on, round }: Happening): string | null {
  if (round === undefined || duty.doneIf === null) return on;
  for (const before of draft.shelf(duty.id)) {
    if (before.unit !== unit || before.insurance !== insurance) continue;
    if ((before.round ?? 0) >= round) return null;
    finish(draft, before, 'done', on, 'system' as UserId, null);
  }
  for (let n = 1; ; n += 1) {
    const period = n === 1 ? on : `${on}.${n}`;
    if (!draft.closedMark(obligationId({ duty: duty.id, unit, insurance, period }))) return period;
  }
}
