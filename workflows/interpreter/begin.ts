import { ApplicationFailure } from '@temporalio/workflow';
import { CORE_REVISION, initialState, unpack } from '../../domain/process/index.js';
import { FAILURE, type CampaignInput } from '../contract/campaign.js';
import { store } from './ports.js';
import { CampaignRun, CoreFailure } from './run.js';

/**
 * Makes the run an input asks for: a launch (its first event is queued), the carried state of a continue-as-new, or a fold of the
 * journal. A state of an older core adopts the present revision as a recorded event.
 */
export async function begin(input: CampaignInput): Promise<CampaignRun> {
  const { county, process } = input;
  const from = input.begin;
  switch (from.kind) {
    case 'launch': {
      const setting = await store.loadSetting({ county, digest: input.setting });
      const state = initialState(process);
      const run = new CampaignRun(input, { setting, digest: input.setting, state, wakeAt: null, now: from.at, asks: [] });
      try {
        run.apply({ type: 'launched', at: from.at, by: from.by });
      } catch (error) {
        if (!(error instanceof CoreFailure)) throw error;
        await run.coreFailed(error, 'launched');
        // Without its first event it is nothing: it fails, and is started again later, perhaps on a corrected core.
        throw ApplicationFailure.nonRetryable('启动失败，见故障清单 / could not begin, see the incidents', FAILURE.coreFailed);
      }
      return run;
    }
    case 'carried': {
      const setting = await store.loadSetting({ county, digest: input.setting });
      const run = new CampaignRun(input, {
        setting,
        digest: input.setting,
        state: unpack(from.state),
        wakeAt: from.wakeAt,
        now: from.now,
        asks: [],
      });
      run.wakeHeld = from.wakeHeld;
      run.heldAsks.push(...(from.asks ?? []));
      return adopted(run);
    }
    case 'journal': {
      const folded = await store.loadState({ county, process });
      if (folded === null) throw ApplicationFailure.nonRetryable('日志为空 / the journal is empty', FAILURE.nothingToFold);
      const setting = await store.loadSetting({ county, digest: folded.setting });
      const state = unpack(folded.state);
      const { wakeAt, asks } = folded;
      return adopted(new CampaignRun(input, { setting, digest: folded.setting, state, wakeAt, now: state.now, asks }));
    }
    default: {
      const never: never = from;
      return never;
    }
  }
}

async function adopted(run: CampaignRun): Promise<CampaignRun> {
  if (run.state.coreRevision >= CORE_REVISION || run.isClosed()) return run;
  try {
    run.apply({ type: 'revised', at: run.at(null), coreRevision: CORE_REVISION });
  } catch (error) {
    if (!(error instanceof CoreFailure)) throw error;
    await run.coreFailed(error, 'revised');
    // It goes on with the revision it has; renewing at once would only fail again.
    run.renew = false;
  }
  return run;
}
