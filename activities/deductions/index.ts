import { ApplicationFailure } from '@temporalio/common';
import type { UserId } from '../../domain/model/ids.js';
import { findOrder, nextOrder, setStop } from '../../store/deductions/orders.js';
import { StoreError } from '../../store/errors.js';
import { raiseIncident } from '../../store/incidents.js';
import { findProcess } from '../../store/processes.js';
import { CYCLE_STOPPED, type CycleActivities, type CyclePlace } from '../../workflows/contract/deduction-cycle.js';
import { finishMake, handOverBatch } from './hand-over.js';
import { makeBatches } from './make.js';
import type { CycleParts } from './parts.js';
import { feedBack, postReturn } from './post.js';
import { stageReturn } from './stage.js';

/** The cycle's side of the contract, for one worker. */
export function cycleActivities(parts: CycleParts): CycleActivities {
  const { store } = parts;
  return {
    async nextCycleOrder(place) {
      const order = await nextOrder(store.db, place.county, place.process, place.deduction);
      const process = await findProcess(store.db, place.county, place.process);
      const over = process === null || process.status === 'stopped' || process.status === 'ended';
      return { order: order === null ? null : { order: order.order_id, kind: order.kind }, over };
    },
    async makeBatches({ order, ...place }) {
      const made = await makeBatches(parts, place, order);
      return { batches: made.kind === 'made' ? made.batches.map(({ id }) => id) : [] };
    },
    handOverBatch: ({ batch, ...place }) => handOverBatch(parts, place, batch),
    finishMake: ({ order, ...place }) => finishMake(parts, place, order),
    stageReturn: ({ order, ...place }) => stageReturn(parts, place, order).then(({ kind }) => ({ sound: kind === 'staged' })),
    postReturn: ({ order, ...place }) =>
      stopping(parts, place, order, async () => ({ posted: (await postReturn(parts, place, order)).kind === 'posted' })),
    feedBack: ({ order, ...place }) => feedBack(parts, place, order),
  };
}

const SYSTEM = 'system' as UserId;

/** Figures that do not add up stop the cycle, with the difference in its stop and in an incident; nothing was posted. */
async function stopping<T>({ store }: CycleParts, place: CyclePlace, orderId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'counters-differ') throw error;
    const order = await findOrder(store.db, place.county, orderId);
    const detail = { ...error.params, order: orderId, deduction: place.deduction, zh: error.zh, en: error.en };
    if (order !== null)
      await store.db.transaction().execute((trx) => setStop(trx, place, { stopped: true, detail, at: order.at, by: SYSTEM }));
    await raiseIncident(store.db, {
      county: place.county,
      process: place.process,
      code: CYCLE_STOPPED,
      cause: `${place.deduction}: ${error.code}`,
      detail: error.params,
    });
    throw ApplicationFailure.nonRetryable(`${error.zh} / ${error.en}`, CYCLE_STOPPED);
  }
}
