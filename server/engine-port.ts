import type { ActAnswer, ActRequest } from '../workflows/contract/campaign.js';
import type { Digest, Moment, ProcessId, UserId } from '../domain/model/ids.js';

/** What the routes need of the engine; implemented over Temporal in server/api.ts. */
export interface Engine {
  /** Hands an act to a campaign and waits for its answer. Throws Problem `engine-busy` when none comes in time. */
  act(process: ProcessId, request: ActRequest): Promise<ActAnswer>;
  /** Starts the workflow of a launched campaign; starting it again has no effect. */
  start(campaign: { process: ProcessId; setting: Digest; world: string; at: Moment; by: UserId }): Promise<void>;
  /** Gives a running campaign another setting (units or calendar changed). */
  replaceSetting(process: ProcessId, change: { setting: Digest; what: 'units' | 'calendar' | 'tables'; by: UserId; reason: string; at: Moment }): Promise<void>;
  /** True when the engine answers. */
  reachable(): Promise<boolean>;
}
