import { dateOf } from '../../domain/calendar/dates.js';
import type { Definition } from '../../domain/model/definition.js';
import type { Store } from '../../store/connection.js';
import { livingProcesses, type LivingProcess } from '../../store/engine/processes.js';
import { countsKept } from '../../store/measures/tallies.js';
import { lockMoney } from '../../store/payments/merge.js';
import { nowOfLiving } from '../worlds/now.js';
import { loadCampaign } from '../imports/context.js';
import { apartKey, countsApart, kindsOf } from '../../domain/rules/apart.js';
import { recount } from './keep-tallies.js';

const PAGE = 200;

/**
 * Counts anew the campaigns under way whose kept figures were written by an earlier version, without insurance kinds apart. Returns how many;
 * where nothing is missing it only looks.
 */
export async function recountMissing(store: Store): Promise<number> {
  let recounted = 0;
  let last: { county: string; process: string } | null = null;
  for (;;) {
    const page: readonly LivingProcess[] = await livingProcesses(store.db, last, PAGE);
    for (const living of page) {
      const { county, process } = living;
      const { setting } = await loadCampaign(store.db, county, process);
      if (!lacksKinds(setting.definition, await countsKept(store.db, county, process))) continue;
      await store.db.transaction().execute(async (trx) => {
        await lockMoney(trx, county, process);
        await recount(trx, { county, process, setting, today: dateOf(nowOfLiving(living)) });
      });
      recounted += 1;
    }
    last = page.at(-1) ?? null;
    if (page.length < PAGE) return recounted;
  }
}

/** A count is kept that should be kept for each kind too, and is kept for none. */
const lacksKinds = (definition: Definition, kept: ReadonlySet<string>): boolean =>
  [...countsApart(definition)].some((count) => kept.has(count) && !kindsOf(definition).some((kind) => kept.has(apartKey(count, kind))));
