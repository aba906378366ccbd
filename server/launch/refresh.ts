import { nowOfLiving } from '../../activities/worlds/now.js';
import type { ProcessId, UnitId } from '../../domain/model/ids.js';
import type { Trx } from '../../store/connection.js';
import { livingProcesses, type LivingProcess } from '../../store/engine/processes.js';
import { findProcess } from '../../store/processes.js';
import type { Caller } from '../http/caller.js';
import type { Services } from '../http/services.js';
import { changeSetting } from './replace.js';
import { unitsOfRun } from './units.js';

const PAGE = 200;

/**
 * Gives every running campaign the units as they now are: what is open moves to successors. Campaigns whose units did not change are left
 * alone, so it is safe to repeat. Error: `engine-busy`; the change of the units stands and the same request brings the rest.
 */
export async function refreshSettings(services: Services, caller: Caller): Promise<void> {
  let last: { county: string; process: string } | null = null;
  for (;;) {
    const page: readonly LivingProcess[] = await livingProcesses(services.store.db, last, PAGE);
    for (const process of page)
      if (process.county === services.county && process.status !== 'launching') await refresh(services, caller, process);
    last = page.at(-1) ?? null;
    if (page.length < PAGE) return;
  }
}

async function refresh(services: Services, caller: Caller, living: LivingProcess): Promise<void> {
  const { process } = living;
  const at = nowOfLiving(living);
  await changeSetting(services, caller, process, { what: 'units', reason: '单位变动', at }, async (trx, present) => {
    const root = await rootOf(trx, services.county, process);
    return root === null ? present : { ...present, units: await unitsOfRun(trx, services.county, present.definition, root) };
  });
}

const rootOf = async (trx: Trx, county: string, process: ProcessId): Promise<UnitId | null> =>
  (await findProcess(trx, county, process))?.root_unit ?? null;
