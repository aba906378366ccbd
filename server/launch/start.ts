import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessId } from '../../domain/model/ids.js';
import { nowIn } from '../../activities/worlds/now.js';
import { findProcess } from '../../store/processes.js';
import { getWorld } from '../../store/worlds.js';
import { EngineError } from '../engine/errors.js';
import { Problem } from '../http/problems.js';
import type { Services } from '../http/services.js';

const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Starts the workflow of a committed launch and waits until its first event is recorded, at most 10 s: longer, and the worker goes on
 * alone while the campaign shows as 'launching'. Safe to repeat. Error: `engine-busy` when the engine is not there; the launch stands.
 */
export async function startLaunched(services: Services, process: ProcessId): Promise<void> {
  const { db } = services.store;
  const row = await findProcess(db, services.county, process);
  if (row === null || row.status !== 'launching') return;
  const world = await getWorld(db, services.county, row.world_id);
  const clock = world.kind === 'virtual' ? ({ kind: 'virtual' } as const) : ({ kind: 'real', offsetSeconds: world.offsetSeconds } as const);
  try {
    await services.engine.start({
      county: services.county,
      process,
      setting: row.setting_digest,
      clock,
      begin: { kind: 'launch', at: nowIn(world), by: row.launched_by },
    });
  } catch (error) {
    // The worker found it first and started it at another second.
    if (!(error instanceof EngineError && error.code === 'process-start-differs')) throw new Problem('engine-busy', { cause: error });
  }
  const until = Date.now() + WAIT_MS;
  while (Date.now() < until) {
    const now = await findProcess(db, services.county, process);
    if (now?.status !== 'launching') return;
    await sleep(LOOK_EVERY_MS);
  }
}
