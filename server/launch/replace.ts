import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { ReplaceSettingRequest } from '../../workflows/contract/campaign.js';
import type { Trx } from '../../store/connection.js';
import { canonicalJson } from '../../store/json.js';
import { findProcess } from '../../store/processes.js';
import { getSetting, lockSetting, putSetting } from '../../store/settings.js';
import type { Caller } from '../http/caller.js';
import type { Services } from '../http/services.js';

/**
 * Replaces the setting of a running campaign by what `change` makes of the present one, one change at a time, and waits until it is
 * recorded. An unchanged setting is left alone: false. Errors: those of `change`, `engine-busy`.
 */
export async function changeSetting(
  services: Services,
  caller: Caller,
  process: ProcessId,
  asked: Pick<ReplaceSettingRequest, 'what' | 'reason'> & { readonly at: Moment },
  change: (trx: Trx, present: Setting) => Promise<Setting>,
): Promise<boolean> {
  const { store, county } = services;
  return store.db.transaction().execute(async (trx) => {
    // Two changes made from the same setting would lose one: the second waits and starts from the first.
    await lockSetting(trx, county, process);
    const row = await findProcess(trx, county, process);
    if (row === null) return false;
    const present = await getSetting(trx, county, row.setting_digest);
    const next = await change(trx, present);
    if (canonicalJson(next) === canonicalJson(present)) return false;
    // Outside this transaction: the worker reads it before it commits.
    const digest = await putSetting(store.db, county, next);
    await services.engine.replaceSetting(process, { digest, by: caller.id, ...asked });
    return true;
  });
}
