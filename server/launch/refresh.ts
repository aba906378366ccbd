import { epochToMoment } from '../../domain/calendar/dates.js';
import { canonicalJson } from '../../store/json.js';
import { livingProcesses, type LivingProcess } from '../../store/engine/processes.js';
import { findProcess } from '../../store/processes.js';
import { getSetting, putSetting } from '../../store/settings.js';
import type { Caller } from '../http/caller.js';
import type { Services } from '../http/services.js';
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

async function refresh(services: Services, caller: Caller, process: LivingProcess): Promise<void> {
  const { db } = services.store;
  const { county } = services;
  const row = await findProcess(db, county, process.process);
  if (row === null) return;
  const setting = await getSetting(db, county, row.setting_digest);
  const units = await db.transaction().execute((trx) => unitsOfRun(trx, county, setting.definition, row.root_unit));
  if (canonicalJson(units) === canonicalJson(setting.units)) return;
  const digest = await putSetting(db, county, { ...setting, units });
  const { clock, now } = process;
  await services.engine.replaceSetting(process.process, {
    digest,
    what: 'units',
    by: caller.id,
    reason: '单位变动',
    at: now ?? epochToMoment(Date.now() + (clock.kind === 'real' ? clock.offsetSeconds * 1000 : 0)),
  });
}
