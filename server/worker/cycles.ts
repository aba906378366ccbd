import type { Store } from '../../store/connection.js';
import { cyclesOfLiving, waitingCycles } from '../../store/deductions/orders.js';
import { inTurn } from '../../store/engine/turns.js';
import {
  DEDUCTION_CYCLE_WORKFLOW,
  deductionCycleWorkflowId,
  SIGNAL_ORDERS,
  type CycleInput,
  type CyclePlace,
} from '../../workflows/contract/deduction-cycle.js';
import type { Engine } from '../temporal.js';

/** Between two signals of the same order: doubled each time up to a minute, since each stands in a history. */
const FIRST_AGAIN_MS = 2_000;
const LAST_AGAIN_MS = 60_000;

interface Told {
  readonly upTo: number;
  readonly again: number;
  readonly wait: number;
}

const started = (engine: Engine, place: CyclePlace) => {
  const input: CycleInput = { ...place, done: 0 };
  return {
    workflowId: deductionCycleWorkflowId(place.county, place.process, place.deduction),
    taskQueue: engine.taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
  };
};

/** Tells cycles of orders that wait until they are taken up; a cycle whose run is not there is started by it. Remembers what it told. */
export function cycleDispatcher(engine: Engine, store: Store): () => Promise<void> {
  const known = new Map<string, Told>();
  return async () => {
    await inTurn(store, 'cycles', async () => {
      const waiting = await waitingCycles(store.db);
      const here = new Set(waiting.map(({ county, process, deduction }) => `${county}/${process}/${deduction}`));
      for (const key of known.keys()) if (!here.has(key)) known.delete(key);
      for (const { upTo, ...place } of waiting) {
        const key = `${place.county}/${place.process}/${place.deduction}`;
        const before = known.get(key);
        const fresh = before === undefined || before.upTo !== upTo;
        if (!fresh && Date.now() < before.again) continue;
        const wait = fresh ? FIRST_AGAIN_MS : Math.min(before.wait * 2, LAST_AGAIN_MS);
        known.set(key, { upTo, again: Date.now() + wait, wait });
        await engine.client.workflow.signalWithStart(DEDUCTION_CYCLE_WORKFLOW, { ...started(engine, place), signal: SIGNAL_ORDERS });
      }
    });
  };
}

/** Starts the cycle of every deduction of a living campaign that is not there yet. */
export async function startCycles(engine: Engine, store: Store): Promise<void> {
  for (const place of await cyclesOfLiving(store.db)) await engine.client.workflow.start(DEDUCTION_CYCLE_WORKFLOW, started(engine, place));
}
