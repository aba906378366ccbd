import { randomUUID } from 'node:crypto';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Processes } from '../../activities/worlds/conductor.js';
import {
  campaignWorkflowId,
  SIGNAL_FACTS,
  UPDATE_ADVANCE,
  UPDATE_REPLACE_SETTING,
  type AdvanceRequest,
  type FactsSignal,
  type ReplaceSettingRequest,
  type Summary,
} from '../../workflows/contract/campaign.js';
import type { Engine } from '../temporal.js';

/** An `advance` that takes longer goes on in the engine; the next call attaches to it. */
const ADVANCE_WITHIN_MS = 60_000;
const ASK_WITHIN_MS = 10_000;

/** Messages to running campaigns, for the conductor, the dispatcher and the API. */
export interface CampaignMessages extends Processes {
  replaceSetting(county: string, process: ProcessId, request: ReplaceSettingRequest): Promise<Summary>;
}

export function campaignMessages(engine: Pick<Engine, 'client' | 'connection'>): CampaignMessages {
  const handle = (county: string, process: ProcessId) => engine.client.workflow.getHandle(campaignWorkflowId(county, process));
  /** Updates that were not answered in time, by process and moment: sent again they must not pile up in the engine. */
  const unanswered = new Map<string, string>();

  return {
    async advance(county, process, to: Moment) {
      const place = `${county}/${process}/${to}`;
      const updateId = unanswered.get(place) ?? `advance-${randomUUID()}`;
      unanswered.set(place, updateId);
      const summary = await engine.connection.withDeadline(Date.now() + ADVANCE_WITHIN_MS, async () => {
        try {
          return await handle(county, process).executeUpdate<Summary, [AdvanceRequest]>(UPDATE_ADVANCE, { args: [{ to }], updateId });
        } catch (error) {
          // Answered with a failure: the next try is a new update.
          if (error instanceof Error && error.name === 'WorkflowUpdateFailedError') unanswered.delete(place);
          throw error;
        }
      });
      unanswered.delete(place);
      return summary;
    },

    async tellFacts(county, process, now) {
      await engine.connection.withDeadline(Date.now() + ASK_WITHIN_MS, () =>
        handle(county, process).signal<[FactsSignal]>(SIGNAL_FACTS, { at: now }),
      );
    },

    async replaceSetting(county, process, request) {
      const updateId = `setting-${request.digest}-${request.at}`;
      return engine.connection.withDeadline(Date.now() + ASK_WITHIN_MS, () =>
        handle(county, process).executeUpdate<Summary, [ReplaceSettingRequest]>(UPDATE_REPLACE_SETTING, { args: [request], updateId }),
      );
    },
  };
}
