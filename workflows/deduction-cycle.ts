import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  CYCLE_STOPPED,
  QUERY_CYCLE,
  SIGNAL_ORDERS,
  type CycleActivities,
  type CycleInput,
  type CycleOrder,
  type CyclePlace,
  type CycleSummary,
} from './contract/deduction-cycle.js';

/** Tried for ever: the store may be away for hours. What keeps failing becomes an incident. */
const retry = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '15s', nonRetryableErrorTypes: [CYCLE_STOPPED] };
const cycle = proxyActivities<Pick<CycleActivities, 'nextCycleOrder' | 'finishMake' | 'feedBack'>>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '8s',
  retry,
});
/** Hundreds of thousands of lines: a worker that is killed is known by its silence, not by the time it takes. */
const files = proxyActivities<Pick<CycleActivities, 'makeBatches' | 'handOverBatch' | 'stageReturn' | 'postReturn'>>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '8s',
  retry,
});

const orders = defineSignal(SIGNAL_ORDERS);
const summary = defineQuery<CycleSummary>(QUERY_CYCLE);

/**
 * One deduction of a campaign: takes up what people order, one after the other, and ends when the campaign has and nothing waits. It holds ids and a count; rounds,
 * batches and money are the store's. Its times are those of the orders: it has no clock.
 */
export async function deductionCycle(input: CycleInput): Promise<CycleSummary> {
  const { county, process, deduction } = input;
  const place: CyclePlace = { county, process, deduction };
  let told = true;
  let done = input.done;
  let working: string | null = null;
  setHandler(orders, () => {
    told = true;
  });
  setHandler(summary, () => ({ done, working }));
  for (;;) {
    await condition(() => told);
    told = false;
    for (;;) {
      const { order, over } = await cycle.nextCycleOrder(place);
      if (order === null && over) return { done, working };
      if (order === null) break;
      working = order.order;
      const went = await perform(place, order);
      working = null;
      if (!went) break;
      done += 1;
      if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof deductionCycle>({ ...place, done });
    }
    if (workflowInfo().continueAsNewSuggested && !told) return continueAsNew<typeof deductionCycle>({ ...place, done });
  }
}

/** Works on one order to its end; false = the cycle stands still until somebody has looked. */
async function perform(place: CyclePlace, { order, kind }: CycleOrder): Promise<boolean> {
  try {
    if (kind === 'make') {
      const { batches } = await files.makeBatches({ ...place, order });
      for (const batch of batches) await files.handOverBatch({ ...place, batch });
      await cycle.finishMake({ ...place, order });
    } else {
      const { sound } = await files.stageReturn({ ...place, order });
      const { posted } = sound ? await files.postReturn({ ...place, order }) : { posted: false };
      if (posted) await cycle.feedBack({ ...place, order });
    }
    return true;
  } catch (error) {
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === CYCLE_STOPPED) return false;
    throw error;
  }
}
