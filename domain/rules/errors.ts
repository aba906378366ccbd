export type RuleErrorCode =
  | 'unknown-table'
  | 'table-not-loaded'
  | 'table-gap'
  | 'table-overlap'
  | 'table-needs-person'
  | 'table-inputs'
  | 'bad-cell'
  | 'parameter-unset'
  | 'unknown-parameter'
  | 'expression-syntax'
  | 'expression-type'
  | 'expression-forbidden'
  | 'expression-result'
  | 'expression-failed'
  | 'row-column-missing'
  | 'row-column-type'
  | 'unknown-measure'
  | 'unknown-count'
  | 'unknown-group'
  | 'amount-circle'
  | 'tally-missing'
  | 'books-unequal'
  | 'unknown-format';

/** Something a rule cannot decide. `params` carries the values named in the texts; the caller adds the place. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  constructor(
    readonly code: RuleErrorCode,
    readonly zh: string,
    readonly en: string,
    readonly params: Readonly<Record<string, string | number>> = {},
  ) {
    super(`${code}: ${en}`);
  }
}
