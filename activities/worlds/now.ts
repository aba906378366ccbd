import { epochToMoment } from '../../domain/calendar/dates.js';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Db } from '../../store/connection.js';
import type { LivingProcess } from '../../store/engine/processes.js';
import { StoreError } from '../../store/errors.js';
import { findProcess } from '../../store/processes.js';
import { getWorld, type World } from '../../store/worlds.js';

/** What time it is in a world: a virtual one stands at its `now`, the real one is the host's clock with its offset. */
export function nowIn(world: Pick<World, 'now' | 'offsetSeconds'>): Moment {
  return world.now ?? epochToMoment(Date.now() + world.offsetSeconds * 1000);
}

/** What time it is for a process that lives. */
export const nowOfLiving = ({ now, clock }: Pick<LivingProcess, 'now' | 'clock'>): Moment =>
  nowIn({ now, offsetSeconds: clock.kind === 'real' ? clock.offsetSeconds : 0 });

/** What time it is for a process. Errors: `process-missing`, `world-missing`. */
export async function nowOf(db: Db, county: string, process: ProcessId): Promise<Moment> {
  const row = await findProcess(db, county, process);
  if (row === null) throw new StoreError('process-missing', `没有编号为 ${process} 的活动`, `There is no process ${process}`, { process });
  return nowIn(await getWorld(db, county, row.world_id));
}
