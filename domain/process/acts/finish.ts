import { addDays } from '../../calendar/dates.js';
import type { LocalDate, UserId } from '../../model/ids.js';
import type { ClosedMark, Obligation } from '../../model/state.js';
import { CLOSED, type Draft } from '../draft.js';
import { textOfNotice } from '../responses.js';
import { lateness } from './lateness.js';

type Ended = 'done' | 'waived' | 'notApplicable' | 'withdrawn';
const MARK: Readonly<Record<Ended, ClosedMark['s']>> = { done: 'd', waived: 'w', notApplicable: 'n', withdrawn: 'x' };

/** Ends an obligation: its last row, a compact mark, what waits for it, and what only followed it up. */
export function finish(draft: Draft, obligation: Obligation, as: Ended, on: LocalDate, by: UserId, reason: string | null): void {
  const late = as === 'done' && obligation.status !== 'beforeLaunch' ? lateness(obligation.due, on) : 0;
  const closed = { on, at: draft.now, by, daysLate: late, reason };
  draft.close(
    { ...obligation, status: as, nextAt: null, late: late > 0, closed },
    {
      s: MARK[as],
      on,
      ...(late > 0 ? { l: late } : {}),
      ...grantedDue(draft, obligation),
      ...(isKeptApart(draft, obligation) ? { by: [...new Set([by, ...obligation.parts.map((part) => part.by)])] } : {}),
    },
  );
  withdrawFollowUps(draft, obligation, by);
  const { origin } = obligation;
  if (origin.kind === 'duty')
    draft.happened({
      event: `${origin.duty}.${as === 'done' ? 'done' : CLOSED}`,
      unit: obligation.unit,
      insurance: obligation.insurance,
      on,
    });
}

/** The rule gives its day again at any time; what was granted is known only here. */
function grantedDue({ frame }: Draft, { origin, due, extended, dateGiven, moved = 0 }: Obligation): Pick<ClosedMark, 'd'> {
  const granted = origin.kind === 'duty' && frame.namedByDue.has(origin.duty) && (extended > 0 || dateGiven === true);
  return granted && due !== null ? { d: addDays(due, -moved) } : {};
}

const isKeptApart = (draft: Draft, { origin }: Obligation): boolean =>
  origin.kind === 'duty' && Object.values(draft.frame.definition.apart).some(({ of }) => of.includes(origin.duty));

/** Proposals, replies and checks that only spoke of the ended obligation end with it; an order with a checker (核查) is still answered. */
export function withdrawFollowUps(draft: Draft, obligation: Obligation, by: UserId): void {
  for (const shelf of ['~confirm', '~receive', '~reply', '~check'])
    for (const other of draft.shelf(shelf)) {
      const { origin } = other;
      if (origin.kind === 'duty' || origin.kind === 'case' || origin.of !== obligation.id || orderedWithCheck(draft, other)) continue;
      finish(draft, other, 'withdrawn', draft.today, by, null);
    }
}

function orderedWithCheck(draft: Draft, { origin }: Obligation): boolean {
  return origin.kind === 'reply' && textOfNotice(draft, origin.notice)?.checker != null;
}
