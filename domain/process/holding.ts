import { addDays, earlier } from '../calendar/dates.js';
import type { Duty } from '../model/definition.js';
import type { UnitFact } from '../model/event.js';
import type { LocalDate, UnitId } from '../model/ids.js';
import type { Held, Obligation } from '../model/state.js';
import { heldReaches } from './conditions.js';
import { dateFor } from './deadlines.js';
import type { Birth } from './births.js';
import type { Draft } from './draft.js';
import { shelve, withDue } from './ladder.js';
import { heldKey, obligationId } from './obligation-ids.js';

/** Money collected grows what is held, since its oldest day; money remitted lessens it, and at zero the clock starts anew. */
export function holdFact(draft: Draft, fact: Exclude<UnitFact, { kind: 'deduction' }>): void {
  if (fact.kind === 'payment.arrived') return;
  const key = heldKey(fact.unit, fact.insurance);
  const before = draft.state.held[key];
  if (fact.kind === 'payment.collected') {
    draft.setHeld(
      key,
      before ? { since: earlier(before.since, fact.on), amount: before.amount + fact.amount } : { since: fact.on, amount: fact.amount },
    );
    return;
  }
  const left = (before?.amount ?? 0) - fact.amount;
  draft.setHeld(key, left > 0 && before ? { since: before.since, amount: left } : null);
}

/** What a unit and those under it hold, of one kind or of all. */
export function heldBy(draft: Draft, unit: UnitId, insurance: string | null): Held | null {
  let found: Held | null = null;
  for (const [key, held] of Object.entries(draft.state.held)) {
    const [at = '', kind = ''] = key.split('/');
    if (!draft.frame.within(at as UnitId, unit) || (insurance !== null && kind !== '' && kind !== insurance)) continue;
    found = found === null ? held : { since: earlier(found.since, held.since), amount: found.amount + held.amount };
  }
  return found;
}

/** Everything a unit and those under it hold is handed over: the clock starts anew with the next payment. */
export function handOver(draft: Draft, unit: UnitId, insurance: string | null): void {
  for (const key of Object.keys(draft.state.held)) {
    const [at = '', kind = ''] = key.split('/');
    if (draft.frame.within(at as UnitId, unit) && (insurance === null || kind === '' || kind === insurance)) draft.setHeld(key, null);
  }
}

/**
 * The one obligation that stands open over money held (`over: held`, reading A-38): due by the oldest day held, or at the end of the day on
 * which `dueIf` became true, whichever is first.
 */
export function dueByHolding(
  draft: Draft,
  duty: Duty,
  unit: UnitId,
  insurance: string | null,
  on: LocalDate,
  bear: (draft: Draft, duty: Duty, birth: Birth) => Obligation | null,
): void {
  const held = heldBy(draft, unit, insurance);
  if (held === null) return;
  const standing = draft
    .shelf(duty.id)
    .find((other) => other.unit === unit && other.insurance === insurance && other.status !== 'checking');
  const obligation =
    standing ??
    bear(draft, duty, { unit, insurance, period: turnOf(draft, duty, unit, insurance, held.since), window: null, since: held.since });
  if (!obligation) return;
  const byTime =
    obligation.extended > 0 || obligation.dateGiven === true
      ? obligation.due
      : dueByTime(draft, duty, { ...obligation, since: earlier(obligation.since, held.since) });
  const byAmount = duty.dueIf !== null && heldReaches(draft, duty.dueIf, unit, held.amount) ? on : null;
  const due = byTime === null ? byAmount : byAmount === null ? byTime : earlier(byTime, byAmount);
  if (due !== null && !obligation.late && (obligation.due === null || due < obligation.due))
    shelve(draft, { ...withDue(draft, obligation, due), status: 'open', dueVersion: obligation.dueVersion + (standing ? 1 : 0) });
}

function dueByTime(draft: Draft, duty: Duty, { unit, insurance, period, since, moved }: Obligation): LocalDate | null {
  const found = dateFor(draft, duty.due, { unit, insurance, period, window: null, since });
  return 'waiting' in found ? null : addDays(found.date, moved ?? 0);
}

/** The day since which money is held names the turn; a second turn on one day is numbered. */
function turnOf(draft: Draft, duty: Duty, unit: UnitId, insurance: string | null, since: LocalDate): string {
  const taken = (period: string): boolean => draft.closedMark(obligationId({ duty: duty.id, unit, insurance, period })) !== undefined;
  let n = 1;
  let period: string = since;
  while (taken(period)) period = `${since}+${(n += 1)}`;
  return period;
}
