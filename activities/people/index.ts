export { recordCollected, recordRemitted, type Collect, type Remit } from './collect.js';
export { assignPeople, cadreShares, notYetPaid, type AssignPeople } from './daily.js';
export { issueReceipts, receiptUse, type IssueReceipts, type ReceiptUse } from './receipts.js';
export { ActRefusal, type ActRefusalCode } from './refusal.js';
export { allotSuspense, refundSuspense, type AllotSuspense, type RefundSuspense } from './suspense.js';
export type { DailyAct } from './act.js';
export { listSuspense, type SuspenseRow } from '../../store/payments/book.js';
