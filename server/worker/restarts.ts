import { WorkflowNotFoundError } from '@temporalio/client';
import { nowOfLiving } from '../../activities/worlds/now.js';
import type { Store } from '../../store/connection.js';
import { livingProcesses, type LivingProcess } from '../../store/engine/processes.js';
import { inTurn } from '../../store/engine/turns.js';
import { raiseIncident } from '../../store/incidents.js';
import { findProcess } from '../../store/processes.js';
import { campaignWorkflowId, QUERY_SUMMARY, type CampaignInput, type Summary } from '../../workflows/contract/campaign.js';
import { startCampaign, type Engine } from '../temporal.js';

const PAGE = 200;
/** A workflow task that failed so often fails for ever with this code: its run is given up, the journal is the truth. */
const HOPELESS_ATTEMPTS = 10;

export type RestartReason = 'launch-lost' | 'history-lost' | 'task-failing' | 'store-restored';

/** How the engine holds a process. */
type Health = 'well' | 'gone' | 'failing' | 'ahead';

/** Processes whose run was compared with its journal; `answering` is false for the rest of a look in which a run gave no answer. */
export interface Compared {
  readonly done: Set<string>;
  answering: boolean;
}

/** How long a run may take to say how far it is. */
const ANSWERS_WITHIN_MS = 10_000;

/**
 * One look at every living process of the store: one that the engine does not run is started, from its journal when it has one, as a launch
 * when its start was lost. A process whose history can no longer be replayed is given up and begins anew from its journal; so is one that has gone further
 * than its journal, because the database was restored to an earlier moment. `compared`: those that were asked already, once in a worker's life:
 * a database is never restored below a running worker.
 */
export async function restartMissing(
  engine: Engine,
  store: Store,
  compared: Compared,
  signal: AbortSignal,
  restarted: (why: RestartReason) => void,
): Promise<void> {
  await inTurn(store, 'restarts', async () => {
    let last: { county: string; process: string } | null = null;
    compared.answering = true;
    while (!signal.aborted) {
      const page: readonly LivingProcess[] = await livingProcesses(store.db, last, PAGE);
      for (const process of page) {
        if (signal.aborted) return;
        const why = await restart(engine, store, compared, process);
        if (why !== null) restarted(why);
      }
      last = page.at(-1) ?? null;
      if (page.length < PAGE) return;
    }
  });
}

async function restart(engine: Engine, store: Store, compared: Compared, process: LivingProcess): Promise<RestartReason | null> {
  const health = await healthOf(engine, store, compared, process);
  if (health === 'well') return null;
  const given = GIVEN_UP[health];
  if (given !== null) {
    await tell(store, process, given.why);
    await engine.client.workflow.getHandle(workflowIdOf(process)).terminate(given.said);
  }
  const started = await startCampaign(engine, inputOf(process));
  if (started === 'running') return null;
  const why = given?.why ?? (process.seq === 0 ? 'launch-lost' : 'history-lost');
  if (why === 'history-lost') await tell(store, process, why);
  return why;
}

/** Runs that are ended by us, and why. */
const GIVEN_UP: Readonly<Record<Exclude<Health, 'well'>, { readonly why: RestartReason; readonly said: string } | null>> = {
  gone: null,
  failing: { why: 'task-failing', said: 'its history can no longer be replayed: begins anew from the journal' },
  ahead: { why: 'store-restored', said: 'the store was restored to an earlier moment: begins anew from the journal' },
};

async function healthOf(engine: Engine, store: Store, compared: Compared, process: LivingProcess): Promise<Health> {
  const workflowId = workflowIdOf(process);
  try {
    const found = await engine.client.workflow.getHandle(workflowId).describe();
    if (found.status.name !== 'RUNNING') return 'gone';
    if ((found.raw.pendingWorkflowTask?.attempt ?? 0) >= HOPELESS_ATTEMPTS) return 'failing';
    if (compared.done.has(workflowId) || !compared.answering) return 'well';
    const ahead = await isAhead(engine, store, process);
    if (ahead === null) compared.answering = false;
    else compared.done.add(workflowId);
    return ahead === true ? 'ahead' : 'well';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'gone';
    throw error;
  }
}

/**
 * Whether the run has recorded more than the store holds. The run is asked first: what it says it has recorded is in the store by then, unless the store
 * is an earlier one. null: it gives no answer now (nobody polls yet, or it is failing); it is asked again.
 */
async function isAhead(engine: Engine, store: Store, process: LivingProcess): Promise<boolean | null> {
  let summary: Summary;
  try {
    summary = await engine.connection.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
      engine.client.workflow.getHandle(workflowIdOf(process)).query<Summary, []>(QUERY_SUMMARY),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    return null;
  }
  const row = await findProcess(store.db, process.county, process.process);
  return row !== null && summary.recorded > row.seq;
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
