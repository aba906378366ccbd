/** Stable codes of what the store refuses. */
export type StoreErrorCode =
  | 'number-too-large'
  | 'migration-failed'
  | 'schema-older'
  | 'schema-newer'
  | 'schema-locked'
  | 'database-refused'
  | 'database-missing'
  | 'database-unreachable'
  | 'database-unfit'
  | 'app-role-missing'
  | 'app-role-owns'
  | 'journal-conflict'
  | 'journal-gap'
  | 'journal-refused'
  | 'row-conflict'
  | 'process-missing'
  | 'process-not-campaign'
  | 'setting-missing'
  | 'setting-too-large'
  | 'definition-differs'
  | 'world-missing'
  | 'world-is-real'
  | 'world-backwards'
  | 'ledger-conflict'
  | 'order-missing'
  | 'order-fenced'
  | 'counters-differ'
  | 'clearing-differs'
  | 'deduction-refused'
  | 'idempotency-other-body'
  | 'idempotency-in-progress'
  | 'bulletin-changed'
  | 'bad-cursor'
  | 'backup-differs'
  | 'bad-path';

/** A refusal of the store: nothing was changed. `params` carries the values named in the texts. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly code: StoreErrorCode,
    readonly zh: string,
    readonly en: string,
    readonly params: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super(`${code}: ${en}`, options);
  }
}
