import type { CaseId } from '../model/case.js';
import type { RowSet } from '../model/definition.js';
import type { FormatId } from '../model/format.js';
import type { DutyId, Fen, LocalDate, MilestoneId, ParameterId, TableId, UnitId } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { Rate } from '../money/rate.js';
import type { Row } from './values.js';

/**
 * Where an expression stands decides what it sees. Everywhere: `unit`, `param`, `today` and the functions.
 *
 * | place     | sees besides                        | used by |
 * | row       | `row` of a row set, with its amounts | counts, amounts, rules on an activity, groups, publications |
 * | answers   | `row` = the answer of a duty         | counts over a duty |
 * | answer    | `answer` of a duty, `period`         | rules on a duty |
 * | table     | `row` = inputs and outputs           | `deny` of a table |
 * | held      | `held` (money), `period`             | `dueIf` |
 * | figures   | measures and counts by id, `period`  | `reach`, `doneIf` |
 * | plain     | `period`                             | `if` of a response |
 * | case      | `case`: its fields, state and round  | `if` of an act and of what follows it |
 * | parameter | `value` of the parameter             | `reach` of a parameter |
 * | format    | `file`: its counts, sums, header and trailer | control totals of a format |
 */
export type Place =
  | { readonly kind: 'row'; readonly over: RowSet }
  | { readonly kind: 'answers'; readonly duty: DutyId }
  | { readonly kind: 'answer'; readonly duty: DutyId }
  | { readonly kind: 'table'; readonly table: TableId }
  | { readonly kind: 'held' }
  | { readonly kind: 'figures' }
  | { readonly kind: 'plain' }
  | { readonly kind: 'case'; readonly case: CaseId }
  | { readonly kind: 'parameter'; readonly parameter: ParameterId }
  | { readonly kind: 'format'; readonly format: FormatId };

/** Value of a measure or count: a whole number (a count, or fen), an exact fraction, or null = no whole, no value. */
export type Figure = number | Rate | null;

/** Figures of a file: `count` lines, header and trailer as read (null = not there), sums exact in fen or counts. `outcome` null = all lines. */
export interface FileFigures {
  readonly count: number;
  readonly header: Row | null;
  readonly trailer: Row | null;
  countOf(outcome: string): number;
  sum(column: string, outcome: string | null): number;
}

/** What an expression is evaluated against. Only what its place gives is looked at; a missing part that it names is an error. */
export interface Scope {
  readonly setting: Setting;
  readonly unit: UnitId | null;
  readonly today: LocalDate;
  readonly row?: Row;
  readonly answer?: Row;
  /** A case's fields with what was just asked; null = not given. */
  readonly case?: Row;
  /** Period id: `2020-05`, `2020-Q2`, `2020` or a day. */
  readonly period?: string;
  readonly held?: Fen;
  readonly value?: Row[string];
  readonly file?: FileFigures;
  readonly figures?: Readonly<Record<string, Figure>>;
  /** Groups an amount may count for a row (late entries taken away); without it the row's `groups` and `lateGroups`. */
  readonly groupsFor?: (amount: string) => readonly string[];
  readonly done?: (duty: DutyId) => boolean;
  readonly met?: (milestone: MilestoneId) => boolean;
  /** First and last day of a phase as the process has them after amendments; without it the definition's dates are evaluated. */
  readonly phase?: (id: string) => { readonly start: LocalDate; readonly end: LocalDate | null };
}

/**
 * The scope in which an amount is computed: the row's `groups` without those that were entered too late for it, as `groupsFor` says, else as its `lateGroups`
 * and each group's `lateLoses` do.
 */
export function scopeOfAmount(scope: Scope, amount: string): Scope {
  // Kept in the scope, so that an amount named by this one starts from the row's own groups again.
  const groupsFor = scope.groupsFor ?? inTime(scope);
  return groupsFor === null ? scope : { ...scope, groupsFor, row: { ...scope.row, groups: groupsFor(amount) } };
}

function inTime({ setting, row }: Scope): NonNullable<Scope['groupsFor']> | null {
  const [groups, late] = [textsIn(row, 'groups'), textsIn(row, 'lateGroups')];
  if (late.length === 0) return null;
  const { groups: written } = setting.definition;
  return (amount) => groups.filter((group) => !(late.includes(group) && written[group]?.lateLoses.includes(amount)));
}

const textsIn = (row: Row | undefined, column: string): readonly string[] => {
  const value = row?.[column];
  return typeof value === 'object' && value !== null ? value : [];
};

export const placeKey = (place: Place): string => {
  switch (place.kind) {
    case 'row':
      return `row:${place.over}`;
    case 'answers':
    case 'answer':
      return `${place.kind}:${place.duty}`;
    case 'table':
      return `table:${place.table}`;
    case 'parameter':
      return `parameter:${place.parameter}`;
    case 'format':
      return `format:${place.format}`;
    case 'case':
      return `case:${place.case}`;
    default:
      return place.kind;
  }
};
