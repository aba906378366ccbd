import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { FAILURE, type CampaignInput, type Summary } from './contract/campaign.js';
import { begin } from './interpreter/begin.js';
import { receive, type Stage } from './interpreter/handlers.js';
import { askLoop, factsLoop, heldAsksLoop, isConflict, recordLoop, wakeLoop } from './interpreter/loops.js';
import { store } from './interpreter/ports.js';
import type { CampaignRun } from './interpreter/run.js';

/**
 * One campaign: a thin loop around the core. Waits for a message or for the next moment at which something is due, steps, records, fetches
 * the figures asked for. Ends when the campaign is stopped or ended and all is recorded; otherwise goes on as a new run with plain state.
 */
export async function campaign(input: CampaignInput): Promise<Summary> {
  const stage: Stage = { run: null, early: null, moving: false };
  receive(input, stage);
  const run = await begin(input);
  if (stage.early !== null) run.tell(stage.early);
  stage.run = run;
  try {
    await live(run);
  } catch (error) {
    if (!isConflict(error)) throw error;
    return startFromJournal(run);
  }
  if (run.isClosed()) return run.summary();
  return continueAsNew<typeof campaign>(run.carried());
}

/** Runs until it may finish. A step taken in the very moment of ending is still recorded, and its figures fetched. */
async function live(run: CampaignRun): Promise<void> {
  do {
    run.setOver(false);
    const loops = [recordLoop(run), askLoop(run), factsLoop(run)];
    if (run.input.clock.kind === 'real') loops.push(wakeLoop(run), heldAsksLoop(run));
    loops.push(condition(() => run.mayFinish()).then(() => run.setOver(true)));
    await Promise.all(loops);
  } while (!run.mayFinish());
}

/** The store wins: what it does not hold was never acknowledged to anybody. */
async function startFromJournal(run: CampaignRun): Promise<never> {
  run.supersede();
  await store.raiseIncident({
    ...run.place,
    code: FAILURE.journalConflict,
    cause: 'another event stands in the journal',
    detail: { seq: run.recorded + 1 },
  });
  await condition(allHandlersFinished);
  return continueAsNew<typeof campaign>({ ...run.input, setting: run.settingDigest, begin: { kind: 'journal' } });
}
