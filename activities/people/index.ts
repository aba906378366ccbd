export { recordCollected, recordRemitted } from './collect.js';
export { declareTier } from './declare.js';
export { reportDeposit } from './deposit.js';
export { enterIdentity } from './entries.js';
export { assignPeople, cadreShares, notYetPaid } from './daily.js';
export { issueReceipts, receiptUse } from './receipts.js';
export { allotSuspense, refundSuspense } from './suspense.js';
export type { DailyAct } from './act.js';
export { listSuspense } from '../../store/payments/book.js';
