import type { LocalDate, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import type { Db } from '../../store/connection.js';
import { tellTouched } from '../../store/inbox.js';
import { lockMoney } from '../../store/payments/merge.js';
import {
  assign,
  isOnRoster,
  sharesByCadre,
  unpaidDues,
  type ShareRow,
  type UnpaidFilter,
  type UnpaidRow,
} from '../../store/people/daily.js';
import { unitById } from '../../store/units/read.js';
import { userById } from '../../store/users/users.js';
import { loadCampaign } from '../imports/context.js';
import { refreshTallies } from '../measures/keep-tallies.js';
import { dayOf, type DailyAct } from './act.js';
import { refuse } from './refusal.js';

export interface AssignPeople extends DailyAct {
  readonly to: UserId;
  readonly from: LocalDate;
  readonly what: { readonly kind: 'area' | 'village'; readonly unit: UnitId } | { readonly kind: 'household'; readonly person: string };
}

/** Gives an area, a village or a household to a cadre (S4-13, S4-44); who had it before has it no longer. */
export async function assignPeople(act: AssignPeople): Promise<void> {
  const campaign = await loadCampaign(act.store.db, act.county, act.process);
  await act.store.db.transaction().execute(async (trx) => {
    await lockMoney(trx, act.county, act.process);
    if ((await userById(trx, act.county, act.to)) === null)
      throw refuse('unknown-user', '没有这个人', 'there is no such user', { user: act.to });
    const [unit, person] = act.what.kind === 'household' ? [null, act.what.person] : [act.what.unit, null];
    const found = unit === null ? null : await unitById(trx, act.county, unit);
    if (unit !== null && !(found?.path.startsWith(campaign.rootPath) ?? false))
      throw refuse('unknown-unit', '没有这个单位', 'there is no such unit', { unit });
    if (person !== null && !(await isOnRoster(trx, act.county, act.process, person)))
      throw refuse('unknown-person', '名册中没有这个人', 'the person is not on the roster', { person });
    const assigned = { user: act.to, kind: act.what.kind, unit, person, from: act.from };
    const touched = await assign(trx, act.county, act.process, assigned, act.now);
    await refreshTallies(trx, { county: act.county, process: act.process, setting: campaign.setting, today: dayOf(act.now) }, touched);
    await tellTouched(trx, act.county, act.now);
    await appendAudit(trx, act.county, {
      at: act.now,
      actor: act.actor.user,
      action: 'people.assigned',
      subject: act.to,
      detail: { process: act.process, kind: act.what.kind, unit, person, from: act.from },
    });
  });
}

/** Who has not paid yet, by village and collector; `paths` are the caller's units. The next page begins after `next`. */
export async function notYetPaid(
  db: Db,
  county: string,
  process: ProcessId,
  filter: UnpaidFilter,
): Promise<{ readonly rows: readonly UnpaidRow[]; readonly next: string | null }> {
  const rows = await unpaidDues(db, county, process, { ...filter, limit: filter.limit + 1 });
  const page = rows.slice(0, filter.limit);
  return { rows: page, next: rows.length > filter.limit ? (page.at(-1)?.due ?? null) : null };
}

/** What each cadre was given and what of it is done. */
export const cadreShares = (db: Db, county: string, process: ProcessId, paths: readonly string[]): Promise<readonly ShareRow[]> =>
  sharesByCadre(db, county, process, paths);
