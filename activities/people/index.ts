export { recordCollected, recordRemitted } from './collect.js';
export { assignPeople, cadreShares, notYetPaid } from './daily.js';
export { issueReceipts, receiptUse } from './receipts.js';
export { allotSuspense, refundSuspense } from './suspense.js';
export type { DailyAct } from './act.js';
export { listSuspense } from '../../store/payments/book.js';
