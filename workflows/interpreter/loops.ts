import { ActivityFailure, ApplicationFailure, condition } from '@temporalio/workflow';
import { later } from '../../domain/calendar/dates.js';
import type { CoreEvent } from '../../domain/model/event.js';
import type { Moment } from '../../domain/model/ids.js';
import { FAILURE, type Ask } from '../contract/campaign.js';
import { firstChunk } from './chunks.js';
import { figures, rows, store } from './ports.js';
import { CoreFailure, type CampaignRun } from './run.js';

/** Figures taken at the same time: 400 villages judged on one day shall not wait for each other, nor flood the store. */
const ASKS_AT_ONCE = 16;
/** Real world: overdue wakes wait so long for figures asked for, then go on without them. */
const FIGURES_WAIT_MS = 60_000;
/** After the core threw at a wake or at figures, a fresh run tries it again after this time; acts go on meanwhile. */
const HOLD_MS = 15 * 60_000;
/** Long timers are cut to this and set again. */
const LONGEST_TIMER_MS = 30 * 24 * 3600_000;
/** A wake that leaves something due at the same moment is followed by another, but not for ever. */
const SAME_MOMENT_LIMIT = 3;

/** The one recorder: one call at a time, in order. Ends when the run is over and nothing is left to write. */
export async function recordLoop(run: CampaignRun): Promise<void> {
  for (;;) {
    await run.until(() => run.queue.length > 0 || run.over);
    if (run.queue.length === 0) return;
    const events = firstChunk(run.queue);
    await store.record({ ...run.place, fromSeq: run.recorded + 1, events });
    run.wrote(events.length);
  }
}

/** Fetches the figures the core asked for and feeds them back, in the order they were asked for. */
export async function askLoop(run: CampaignRun): Promise<void> {
  for (;;) {
    await run.until(() => run.asks.length > 0 || run.over);
    if (run.asks.length === 0) return;
    const batch = run.asks.slice(0, atOnce(run));
    await run.written(Math.max(...batch.map(({ seq }) => seq)));
    const answers = await Promise.all(batch.map(async ({ ask }) => ({ ask, event: await answer(run, ask) })));
    for (const { ask, event } of answers) {
      try {
        run.apply({ ...event, at: later(run.state.now, event.at) });
      } catch (error) {
        if (!(error instanceof CoreFailure)) throw error;
        run.heldAsks.push(ask);
        await run.coreFailed(error, event.type);
      }
    }
    run.answered(batch.length);
  }
}

/** Rows have one turn after another: each answer says how they stand after it. */
function atOnce(run: CampaignRun): number {
  const turn = run.asks.findIndex(({ ask }) => ask.type === 'rows');
  return turn < 0 ? ASKS_AT_ONCE : Math.min(ASKS_AT_ONCE, turn + 1);
}

/** Real world: figures at whose answer the core threw are asked for again after a while; in a virtual world the next move does so. */
export async function heldAsksLoop(run: CampaignRun): Promise<void> {
  if (run.heldAsks.length === 0) return;
  await condition(() => run.over, HOLD_MS);
  if (!run.over) run.putHeldAsks();
}

/** The business moment of an answer is that of the question: the core's now, not the time at which the sums were ready. */
async function answer(run: CampaignRun, ask: Ask): Promise<CoreEvent> {
  const at = run.state.now;
  switch (ask.type) {
    case 'measure': {
      const { snapshot, tallies } = await figures.measure({ ...run.place, effect: ask });
      return { type: 'measured', at, milestone: ask.key, snapshot, tallies };
    }
    case 'count': {
      const { tallies } = await figures.count({ ...run.place, needed: ask.needed });
      return { type: 'counted', at, tallies };
    }
    case 'rows': {
      const { turn, type, kind, births, journalled } = ask;
      return {
        type: 'rowsTurned',
        at,
        ...(await rows.turnRows({ ...run.place, effect: { type, turn, kind, at: ask.at, births, journalled } })),
      };
    }
    default: {
      const never: never = ask;
      return never;
    }
  }
}

/** Takes in facts page by page whenever the dispatcher says that there are some; each page is recorded before the next is read. */
export async function factsLoop(run: CampaignRun): Promise<void> {
  for (;;) {
    await run.until(() => run.factsTold || run.over);
    const told = run.takeFacts();
    if (told === null) return;
    try {
      for (let more = true; more;) {
        const page = await store.loadFacts({ ...run.place, after: run.state.factsUpTo });
        if (page.upTo <= run.state.factsUpTo) break;
        const applied = run.apply({ type: 'facts', at: run.at(told.at), upTo: page.upTo, facts: page.facts });
        if (!applied.ok) break;
        await run.written(applied.seq);
        more = page.more;
      }
    } catch (error) {
      if (!(error instanceof CoreFailure)) throw error;
      await run.coreFailed(error, 'facts');
    } finally {
      run.factsTaken();
    }
  }
}

/** Real world only: wakes the core at each moment at which something is due. A wake that was missed is made up for, in order. */
export async function wakeLoop(run: CampaignRun): Promise<void> {
  if (run.wakeHeld) await condition(() => run.over, HOLD_MS);
  run.wakeHeld = false;
  while (!run.over) {
    const due = run.wakeAt;
    if (due === null) {
      await run.until(() => run.wakeAt !== null || run.over);
      continue;
    }
    const wait = run.clock.until(due);
    if (wait > 0) {
      // An earlier wake needs another timer; for a later one this timer fires in vain, which is cheaper than a new timer for each act.
      await condition(() => run.over || (run.wakeAt !== null && run.wakeAt < due), Math.min(wait, LONGEST_TIMER_MS));
      continue;
    }
    if (run.asks.length > 0) await condition(() => run.asks.length === 0 || run.over, FIGURES_WAIT_MS);
    try {
      await run.written(wake(run, due));
      if (run.wakeAt !== null && run.wakeAt <= due) await moveOn(run, due);
    } catch (error) {
      if (!(error instanceof CoreFailure)) throw error;
      run.wakeHeld = true;
      await run.coreFailed(error, 'woke');
      await run.until(() => run.over);
      return;
    }
  }
}

/** Steps `woke` and returns its number. Its moment is the one at which something was due, however late we are. */
function wake(run: CampaignRun, due: Moment): number {
  const applied = run.apply({ type: 'woke', at: later(due, run.state.now) });
  if (!applied.ok) throw new CoreFailure(`woke was refused: ${applied.refusal.code}`);
  return applied.seq;
}

/** Something is still due at the moment just woken at: a few more wakes are fair, more means that the core stands still. */
async function moveOn(run: CampaignRun, due: Moment): Promise<void> {
  await run.settled();
  for (let again = 0; run.wakeAt !== null && run.wakeAt <= due; again += 1) {
    if (again >= SAME_MOMENT_LIMIT) throw new CoreFailure(`still due at ${due} after ${SAME_MOMENT_LIMIT + 1} wakes`);
    wake(run, due);
    await run.settled();
  }
}

/** Virtual world: all that is due up to `to`, one moment after the other, each recorded and its figures taken in before the next. */
export async function advanceTo(run: CampaignRun, to: Moment): Promise<void> {
  run.putHeldAsks();
  if (!run.isSettled()) await run.settled();
  for (let due = run.wakeAt; due !== null && due <= to; due = run.wakeAt) {
    wake(run, due);
    await moveOn(run, due);
  }
  run.clock.at(to);
}

/** The recorder met another event at this number: the journal is right, this run is not. */
export function isConflict(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === FAILURE.journalConflict;
}
