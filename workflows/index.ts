/** What the worker's bundle is made from: the exported names are workflow types and stand in histories. */
export { campaign } from './campaign.js';
export { deductionCycle } from './deduction-cycle.js';
