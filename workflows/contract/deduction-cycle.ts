import type { ProcessId } from '../../domain/model/ids.js';

/** Names on the wire: never change one, histories hold them. */
export const DEDUCTION_CYCLE_WORKFLOW = 'deductionCycle';
export const SIGNAL_ORDERS = 'orders';
export const QUERY_CYCLE = 'cycle';
/** Type of the failure by which an activity says that the cycle stands still: its figures did not add up. Not retried. */
export const CYCLE_STOPPED = 'cycle-stopped';

/** One long-running workflow for each deduction of a campaign; a peer of the campaign's, never its child. */
export const deductionCycleWorkflowId = (county: string, process: ProcessId, deduction: string): string =>
  `deduction-${county}-${process}-${deduction}`;

/** Names a cycle. Everything else about it is in the store: a run that is lost is started again with the same. */
export interface CyclePlace {
  readonly county: string;
  readonly process: ProcessId;
  readonly deduction: string;
}

export interface CycleInput extends CyclePlace {
  /** Orders done by the runs before. */
  readonly done: number;
}

export interface CycleSummary {
  readonly done: number;
  /** The order that is worked on; null = it waits. */
  readonly working: string | null;
}

/** An order by its id: what it is about stands in the store. */
export interface CycleOrder {
  readonly order: string;
  readonly kind: 'make' | 'return';
}

/** What the cycle asks of the outside. Every call is repeatable: the same twice has one effect, whatever was killed in between. */
export interface CycleActivities {
  /** The next order; null when none waits or the cycle stands still. `over`: the campaign has ended. */
  nextCycleOrder(place: CyclePlace): Promise<{ readonly order: CycleOrder | null; readonly over: boolean }>;
  /** Makes the batches of a round; none when it was refused. */
  makeBatches(request: CyclePlace & { readonly order: string }): Promise<{ readonly batches: readonly string[] }>;
  handOverBatch(request: CyclePlace & { readonly batch: string }): Promise<void>;
  finishMake(request: CyclePlace & { readonly order: string }): Promise<void>;
  /** Reads a return into the staging table. `sound`: it may be posted. */
  stageReturn(request: CyclePlace & { readonly order: string }): Promise<{ readonly sound: boolean }>;
  /** Posts a staged return in one transaction. */
  postReturn(request: CyclePlace & { readonly order: string }): Promise<{ readonly posted: boolean }>;
  feedBack(request: CyclePlace & { readonly order: string }): Promise<void>;
}
