/** What a file of an office may hold: the API takes these, the command offers them. */
export const IMPORT_KINDS = [
  'units',
  'people',
  'targets',
  'roster',
  'payments',
  'unitTotals',
  'accounts',
  'deposits',
  'identities',
  'identityEntries',
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];
