import type { Definition, Value } from './definition.js';
import type { Digest, LevelId, LocalDate, ParameterId, TableId, UnitId } from './ids.js';

/** A unit as a run sees it: surrogate id, level, place in the tree, validity. The name is for printing only. */
export interface Unit {
  readonly id: UnitId;
  readonly level: LevelId;
  /** The unit above; may skip levels (a unit may hang under the town directly). null = top. */
  readonly parent: UnitId | null;
  readonly name: string;
  readonly kind: string | null;
  readonly from: LocalDate | null;
  /** Last valid day. */
  readonly to: LocalDate | null;
  /** Who takes over what is open when it ends. */
  readonly successors: readonly UnitId[];
}

/** Days that are not as the weekday says, per year; a year that is absent has no data and is refused when working days are asked. */
export interface Calendar {
  readonly id: string;
  readonly years: Readonly<
    Record<string, { readonly source: string; readonly off: readonly LocalDate[]; readonly work: readonly LocalDate[] }>
  >;
}

export interface ParameterValue {
  readonly value: Value;
  readonly perUnit: Readonly<Record<UnitId, Value>>;
}

/** Row of a loaded table, keyed by column id (inputs and outputs). Money in fen. */
export type TableRow = Readonly<Record<string, Value>>;

/**
 * All that a run is computed from, besides its events. Pinned by digest, replaced only by an event. Loaded tables are in it only when the
 * core looks them up (`find`); a large target table stays in the store and reaches the core as tallies.
 */
export interface Setting {
  readonly definition: Definition;
  readonly definitionDigest: Digest;
  readonly year: number;
  readonly parameters: Readonly<Record<ParameterId, ParameterValue>>;
  readonly tables: Readonly<Record<TableId, readonly TableRow[]>>;
  readonly calendar: Calendar;
  readonly units: readonly Unit[];
}
