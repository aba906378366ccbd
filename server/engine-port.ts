import type { ProcessId } from '../domain/model/ids.js';
import type { ActAnswer, ActRequest, CampaignInput, ReplaceSettingRequest } from '../workflows/contract/campaign.js';

/** What the routes need of the engine; implemented over Temporal in server/api.ts. */
export interface Engine {
  /** Hands an act to a campaign and waits for its answer. Throws EngineError `engine-busy` when none comes in time, `act-too-large`. */
  act(process: ProcessId, request: ActRequest): Promise<ActAnswer>;
  /** Starts the workflow of a campaign; the same start again has no effect. Throws EngineError `process-start-differs`. */
  start(input: CampaignInput): Promise<void>;
  /** Gives a running campaign another setting (its units or calendar changed). */
  replaceSetting(process: ProcessId, request: ReplaceSettingRequest): Promise<void>;
  /** True when the engine answers. */
  reachable(): Promise<boolean>;
}
