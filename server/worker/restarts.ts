import { WorkflowNotFoundError } from '@temporalio/client';
import { nowOfLiving } from '../../activities/worlds/now.js';
import type { Store } from '../../store/connection.js';
import { livingProcesses, type LivingProcess } from '../../store/engine/processes.js';
import { inTurn } from '../../store/engine/turns.js';
import { raiseIncident } from '../../store/incidents.js';
import { campaignWorkflowId, type CampaignInput } from '../../workflows/contract/campaign.js';
import { startCampaign, type Engine } from '../temporal.js';

const PAGE = 200;
/** A workflow task that failed so often fails for ever with this code: its run is given up, the journal is the truth. */
const HOPELESS_ATTEMPTS = 10;

export type RestartReason = 'launch-lost' | 'history-lost' | 'task-failing';

/** How the engine holds a process. */
type Health = 'well' | 'gone' | 'failing';

/**
 * One look at every living process of the store: one that the engine does not run is started, from its journal when it has one, as a launch
 * when its start was lost. A process whose history can no longer be replayed is given up and begins anew from its journal.
 */
export async function restartMissing(
  engine: Engine,
  store: Store,
  signal: AbortSignal,
  restarted: (why: RestartReason) => void,
): Promise<void> {
  await inTurn(store, 'restarts', async () => {
    let last: { county: string; process: string } | null = null;
    while (!signal.aborted) {
      const page: readonly LivingProcess[] = await livingProcesses(store.db, last, PAGE);
      for (const process of page) {
        if (signal.aborted) return;
        const why = await restart(engine, store, process);
        if (why !== null) restarted(why);
      }
      last = page.at(-1) ?? null;
      if (page.length < PAGE) return;
    }
  });
}

async function restart(engine: Engine, store: Store, process: LivingProcess): Promise<RestartReason | null> {
  const health = await healthOf(engine, process);
  if (health === 'well') return null;
  if (health === 'failing') {
    await tell(store, process, 'task-failing');
    await engine.client.workflow
      .getHandle(workflowIdOf(process))
      .terminate('its history can no longer be replayed: begins anew from the journal');
  }
  const started = await startCampaign(engine, inputOf(process));
  if (started === 'running') return null;
  const why = health === 'failing' ? 'task-failing' : process.seq === 0 ? 'launch-lost' : 'history-lost';
  if (why === 'history-lost') await tell(store, process, why);
  return why;
}

async function healthOf(engine: Engine, process: LivingProcess): Promise<Health> {
  try {
    const found = await engine.client.workflow.getHandle(workflowIdOf(process)).describe();
    if (found.status.name !== 'RUNNING') return 'gone';
    return (found.raw.pendingWorkflowTask?.attempt ?? 0) >= HOPELESS_ATTEMPTS ? 'failing' : 'well';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'gone';
    throw error;
  }
}

const workflowIdOf = (process: LivingProcess): string => campaignWorkflowId(process.county, process.process);

function inputOf(living: LivingProcess): CampaignInput {
  const { county, process, setting, clock, seq, launchedBy } = living;
  const place = { county, process, setting, clock };
  if (seq > 0) return { ...place, begin: { kind: 'journal' } };
  return { ...place, begin: { kind: 'launch', at: nowOfLiving(living), by: launchedBy } };
}

async function tell(store: Store, process: LivingProcess, why: RestartReason): Promise<void> {
  await raiseIncident(store.db, {
    county: process.county,
    process: process.process,
    code: 'process-restarted',
    cause: why,
    detail: { seq: process.seq },
  });
}
