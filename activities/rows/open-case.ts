import type { Moment, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import { openCases, type CaseOpening } from '../../store/cases/openings.js';
import type { Store } from '../../store/connection.js';
import { appendFacts, rowsTouched } from '../../store/inbox.js';

/** What somebody opens a case with; the campaign's rows take it up on their next turn. False: the same was stored before. */
export async function openByHand(
  store: Store,
  given: {
    readonly county: string;
    readonly process: ProcessId;
    readonly root: UnitId;
    readonly at: Moment;
    readonly by: UserId;
    readonly opening: Omit<CaseOpening, 'event'> & { readonly type: string };
  },
): Promise<boolean> {
  const { county, process, root, at, by, opening } = given;
  return store.db.transaction().execute(async (trx) => {
    const stored = await openCases(trx, county, process, [{ ...opening, event: `${opening.type}.byHand` }], { at, by });
    if (stored > 0) await appendFacts(trx, county, process, [rowsTouched(root, at)], at);
    return stored > 0;
  });
}
