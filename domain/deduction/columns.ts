import type { ColumnType } from '../model/format.js';

/* What the cycle writes to a request and reads from a return, by id of the column. A format takes of it what its bank asks for. */

export type ColumnHolds = 'text' | 'whole' | 'money' | 'day';

/** Types of a column that can hold it. */
export const HOLDS: Readonly<Record<ColumnHolds, readonly ColumnType[]>> = {
  text: ['text'],
  whole: ['count'],
  money: ['fen', 'money'],
  day: ['yyyyMMdd', 'date'],
};

/** What a request says of the file, in header or trailer, besides what its control totals state. `madeOn` and `date` are the same day. */
export const REQUEST_FILE = {
  batch: 'text',
  madeOn: 'day',
  date: 'day',
  round: 'whole',
  insurance: 'text',
  year: 'whole',
} as const satisfies Readonly<Record<string, ColumnHolds>>;

/** What a request says of a line. `person` and `due` are our own numbers, by which a bank may find a line again. */
export const REQUEST_LINE = {
  batch: 'text',
  line: 'whole',
  account: 'text',
  idNumber: 'text',
  name: 'text',
  amount: 'money',
  person: 'text',
  due: 'text',
  insurance: 'text',
  year: 'whole',
} as const satisfies Readonly<Record<string, ColumnHolds>>;

/**
 * What is read of a line of a return and held against what was sent; other columns are the bank's own. `due`: what was asked for, where `amount` is not used;
 * `taken`: what was taken.
 */
export const RETURN_LINE = {
  line: 'whole',
  account: 'text',
  name: 'text',
  amount: 'money',
  due: 'money',
  taken: 'money',
  takenOn: 'day',
} as const satisfies Readonly<Record<string, ColumnHolds>>;
