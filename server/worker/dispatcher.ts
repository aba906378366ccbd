import type { Processes } from '../../activities/worlds/conductor.js';
import type { Moment } from '../../domain/model/ids.js';
import type { Store } from '../../store/connection.js';
import { keptTurn, type KeptTurn } from '../../store/engine/turns.js';
import { unacknowledged } from '../../store/inbox.js';
import { raiseIncident } from '../../store/incidents.js';
import { getWorld } from '../../store/worlds.js';

/** The same facts are told of again after 1, 2, 4 ... seconds, at most a minute: each signal stands in a history. */
const FIRST_AGAIN_MS = 1_000;
const LAST_AGAIN_MS = 60_000;
/** Facts that are not taken in for so long are an incident. */
const LAG_MS = 120_000;

interface Told {
  readonly upTo: number;
  readonly since: number;
  readonly again: number;
  readonly wait: number;
}

/**
 * Tells processes of the facts in their inboxes until the journal acknowledges them. `turn` is one look; what was told is remembered between looks, so one
 * worker does it for as long as it lives.
 */
export function factsDispatcher(store: Store, processes: Processes, told: () => void): { turn(): Promise<void>; stop(): Promise<void> } {
  const known = new Map<string, Told>();
  const ours: KeptTurn = keptTurn(store, 'facts');

  const turn = async (): Promise<void> => {
    const open = await unacknowledged(store.db);
    const here = new Set(open.map(({ county, process }) => `${county}/${process}`));
    for (const key of known.keys()) if (!here.has(key)) known.delete(key);
    const clocks = new Map<string, Moment | null>();
    const failures: unknown[] = [];
    for (const { county, process, world, waitingTo } of open) {
      const key = `${county}/${process}`;
      const before = known.get(key);
      const fresh = before === undefined || before.upTo !== waitingTo;
      if (!fresh && Date.now() < before.again) continue;
      const wait = fresh ? FIRST_AGAIN_MS : Math.min(before.wait * 2, LAST_AGAIN_MS);
      const since = before?.since ?? Date.now();
      known.set(key, { upTo: waitingTo, since, again: Date.now() + wait, wait });
      try {
        const clock = `${county}/${world}`;
        if (!clocks.has(clock)) clocks.set(clock, (await getWorld(store.db, county, world)).now);
        await processes.tellFacts(county, process, clocks.get(clock) ?? null);
        told();
        if (!fresh && Date.now() - since > LAG_MS) {
          await raiseIncident(store.db, { county, process, code: 'inbox-lagging', cause: 'facts are not taken in', detail: { waitingTo } });
        }
      } catch (error) {
        // One process that is not there must not hold up the others; the restarts see to it.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} processes could not be told of facts`);
  };
  return {
    async turn() {
      // Another worker told meanwhile of what we remember.
      if (!(await ours.take(turn))) known.clear();
    },
    stop: () => ours.release(),
  };
}
