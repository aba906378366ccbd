import { setTimeout as sleep } from 'node:timers/promises';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Store } from '../../store/connection.js';
import { arrive, countLaunching, countOrders, nextMoment, setWorldNow, type Move } from '../../store/engine/worlds.js';
import { inTurn } from '../../store/engine/turns.js';
import { unacknowledged } from '../../store/inbox.js';
import { raiseIncident } from '../../store/incidents.js';
import { dueProcesses } from '../../store/processes.js';
import { getWorld, worldsUnderWay } from '../../store/worlds.js';
import type { Summary } from '../../workflows/contract/campaign.js';

/** What the conductor needs of the engine. */
export interface Processes {
  /** The process's `advance`: completes when all due up to `to` is recorded. */
  advance(county: string, process: ProcessId, to: Moment): Promise<Summary>;
  /** `now`: the virtual world's; null in the real one. */
  tellFacts(county: string, process: ProcessId, now: Moment | null): Promise<void>;
}

export interface ConductorParts {
  readonly store: Store;
  readonly processes: Processes;
  /** Makes messages of the outbox rows that may go out by the worlds' clocks; null while no notices leave this installation. */
  readonly dispatchNotices: (() => Promise<void>) | null;
  readonly signal: AbortSignal;
}

/** Processes advanced at the same time. */
const AT_ONCE = 4;
/** Between two looks at something that another part is doing, and after how many the next turn goes on. */
const LOOK_MS = 100;
const LOOKS = 300;
/** Facts are told of once in so many looks: each signal stands in a history. */
const TELL_EVERY = 50;
/** A moment that is still not done after so many rounds is told, and tried again by the next turn. */
const ROUNDS_A_MOMENT = 20;

/** A world that does not get past a moment. */
export class WorldStuck extends Error {
  override readonly name = 'WorldStuck';
  constructor(readonly at: Moment) {
    super(`still something due at ${at}`);
  }
}

/**
 * Moves every virtual world that has a goal, one after the other; only one worker conducts a world at a time. Everything is in the store, so a
 * killed conductor is resumed by the next turn. A world that fails does not hold up the others: its incident is raised, and the error comes back.
 */
export async function conductWorlds(parts: ConductorParts): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const world of await worldsUnderWay(parts.store.db)) {
    const { county, id, advancingTo } = world;
    if (parts.signal.aborted || advancingTo === null) continue;
    const move: Move = { county, world: id, to: advancingTo };
    try {
      await inTurn(parts.store, `world ${county}/${id}`, () => conduct(parts, move));
    } catch (error) {
      failures.push(error);
      if (error instanceof WorldStuck) {
        await raiseIncident(parts.store.db, {
          county,
          process: null,
          code: 'world-stuck',
          cause: `${id} ${error.at}`,
          detail: { world: id, at: error.at },
        });
      }
    }
  }
  return failures;
}

/** From one moment at which something is due to the next, until nothing is due up to the goal. */
async function conduct(parts: ConductorParts, move: Move): Promise<void> {
  const { db } = parts.store;
  let at: Moment | null = null;
  for (let rounds = 0; !parts.signal.aborted; rounds += 1) {
    if (!(await quiet(parts, move))) return;
    const next = await nextMoment(db, move, parts.dispatchNotices !== null);
    if (next === null) return arrive(db, move);
    if (at !== null && next <= at) {
      if (rounds >= ROUNDS_A_MOMENT) throw new WorldStuck(at);
    } else {
      at = next;
      rounds = 0;
      await setWorldNow(db, move, next);
    }
    // What is due in the world's past (an obligation born late) is done at once, at the present.
    await advanceDue(parts, move, at);
    await parts.dispatchNotices?.();
  }
}

async function advanceDue(parts: ConductorParts, move: Move, at: Moment): Promise<void> {
  const due = await dueProcesses(parts.store.db, move.county, move.world, at);
  for (let from = 0; from < due.length; from += AT_ONCE) {
    await Promise.all(due.slice(from, from + AT_ONCE).map(({ process }) => parts.processes.advance(move.county, process, at)));
  }
}

/** Waits until launches are recorded, orders of deductions done and facts acknowledged: they may bring something that is due first. False: not yet. */
async function quiet(parts: ConductorParts, move: Move): Promise<boolean> {
  const { db } = parts.store;
  for (let look = 0; look < LOOKS && !parts.signal.aborted; look += 1) {
    const open = (await unacknowledged(db, move.county)).filter(({ world }) => world === move.world);
    if (open.length === 0 && (await countLaunching(db, move)) === 0 && (await countOrders(db, move)) === 0) return true;
    if (look % TELL_EVERY === 0) {
      const { now } = await getWorld(db, move.county, move.world);
      for (const { process } of open) await parts.processes.tellFacts(move.county, process, now);
    }
    await sleep(LOOK_MS);
  }
  return false;
}
