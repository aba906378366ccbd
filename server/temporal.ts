import { createHash } from 'node:crypto';
import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { canonicalJson } from '../store/json.js';
import { CAMPAIGN_WORKFLOW, campaignWorkflowId, type CampaignInput } from '../workflows/contract/campaign.js';
import { engineConnectionOptions, type Config } from './config.js';
import { dataConverter } from './engine/codec.js';
import { EngineError } from './engine/errors.js';

/** A client of the engine. It connects at the first call, so that a service starts without its engine. */
export interface Engine {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  close(): Promise<void>;
}

export function openEngine(config: Pick<Config, 'engine' | 'keys'>): Engine {
  const connection = Connection.lazy(engineConnectionOptions(config.engine));
  const client = new Client({ connection, namespace: config.engine.namespace, dataConverter: dataConverter(config.keys.payloads) });
  return { client, connection, taskQueue: config.engine.taskQueue, close: () => connection.close() };
}

/** Memo under which a launch is told from another one. */
const START_KEY = 'startKey';

/** Says what a launch is, whenever it is tried again; null for a start from the journal, which is the same process whoever asks. */
function startKey(input: CampaignInput): string | null {
  if (input.begin.kind !== 'launch') return null;
  const { county, process, setting, clock } = input;
  return createHash('sha256')
    .update(canonicalJson({ county, process, setting, clock, by: input.begin.by }))
    .digest('hex');
}

/**
 * Starts a process, once: the same start again is fine and answers `running` (also after it has ended), another launch under the same id is refused
 * with `process-start-differs`. A process whose run failed or was lost can be started again. Only surrogates are in the id; no search attributes.
 */
export async function startCampaign(engine: Pick<Engine, 'client' | 'taskQueue'>, input: CampaignInput): Promise<'started' | 'running'> {
  const workflowId = campaignWorkflowId(input.county, input.process);
  const key = startKey(input);
  try {
    await engine.client.workflow.start(CAMPAIGN_WORKFLOW, {
      workflowId,
      taskQueue: engine.taskQueue,
      args: [input],
      // A launch happens once; a process that the journal knows may be begun anew after any end.
      workflowIdReusePolicy: key === null ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      ...(key === null ? {} : { memo: { [START_KEY]: key } }),
    });
    return 'started';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  if (key === null) return 'running';
  const known = (await engine.client.workflow.getHandle(workflowId).describe()).memo?.[START_KEY];
  if (known !== undefined && known !== key) throw new EngineError('process-start-differs', { process: input.process });
  return 'running';
}
