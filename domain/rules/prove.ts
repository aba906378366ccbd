import type { Cell, Definition, Table, Value } from '../model/definition.js';
import { isOrdered, matchesCell, positionOf } from './cells.js';

/** A combination of inputs, one text per input column, that shows a mistake: `19`, `20..24`, `other`. */
export type Witness = readonly string[];

export interface TableProof {
  /** Inputs that no row covers. Harmless with an `else`; without one the definition is refused. */
  readonly gaps: readonly Witness[];
  /** Inputs that two rows cover (0-based rows); only for `hit: one`. */
  readonly overlaps: readonly { readonly rows: readonly [number, number]; readonly at: Witness }[];
  /** Rows that can never be hit because earlier rows cover them; only for `hit: first`. */
  readonly unreachable: readonly number[];
  /** False when parameters in cells, or too many combinations, leave it open. */
  readonly complete: boolean;
}

/** One stretch of an input on which every cell of its column answers alike. */
interface Segment {
  readonly label: string;
  readonly rows: readonly boolean[];
}

const MOST_COMBINATIONS = 200_000;

/**
 * Proves a printed table: every input column is cut into stretches on which no cell changes its answer (so the proof holds for all
 * values, not for samples), and all combinations are looked at. Texts have the values that occur and one `other`. A loaded table
 * has nothing to prove here.
 */
export function proveTable(table: Table, definition: Pick<Definition, 'phases' | 'groups'>): TableProof {
  if (table.load !== null) return { gaps: [], overlaps: [], unreachable: [], complete: true };
  const columns = table.inputs.map((column, i) =>
    segmentsOf(
      column.type,
      table.rows.map(({ when }) => when[i] ?? { kind: 'any' }),
      definition,
    ),
  );
  const combinations = columns.reduce((n, segments) => n * segments.length, 1);
  const complete = combinations <= MOST_COMBINATIONS && table.rows.every(({ when }) => when.every(({ kind }) => kind !== 'parameter'));
  if (combinations > MOST_COMBINATIONS) return { gaps: [], overlaps: [], unreachable: [], complete: false };
  const gaps: Witness[] = [];
  const overlaps = new Map<string, TableProof['overlaps'][number]>();
  const reached = new Set<number>();
  for (const combination of product(columns)) {
    const hits = table.rows.flatMap((_, row) => (combination.every((segment) => segment.rows[row]) ? [row] : []));
    const at = combination.map(({ label }) => label);
    const [first, second] = hits;
    if (first === undefined) gaps.push(at);
    else reached.add(first);
    if (table.hit.kind === 'one' && first !== undefined && second !== undefined && !overlaps.has(`${first}/${second}`))
      overlaps.set(`${first}/${second}`, { rows: [first, second], at });
  }
  const unreachable = table.hit.kind === 'first' && complete ? table.rows.flatMap((_, row) => (reached.has(row) ? [] : [row])) : [];
  return { gaps, overlaps: [...overlaps.values()], unreachable, complete };
}

function* product(columns: readonly (readonly Segment[])[]): Generator<readonly Segment[]> {
  const [first, ...rest] = columns;
  if (!first) {
    yield [];
    return;
  }
  for (const segment of first) for (const others of product(rest)) yield [segment, ...others];
}

function segmentsOf(type: string, cells: readonly Cell[], definition: Pick<Definition, 'phases' | 'groups'>): readonly Segment[] {
  if (isOrdered(type)) return orderedSegments(type, cells);
  const mentioned = cells.flatMap((cell) => (cell.kind === 'oneOf' ? cell.values : []));
  const closed = closedValues(type, definition);
  const values = [...new Set<Value>([...(closed ?? []), ...mentioned])];
  const segments = values.map((value) => ({
    label: String(value),
    rows: cells.map((cell) => cell.kind !== 'parameter' && matchesCell(cell, value, type)),
  }));
  return closed ? segments : [...segments, { label: 'other', rows: cells.map((cell) => cell.kind === 'any') }];
}

/** All values a closed type has; null for open ones. */
function closedValues(type: string, definition: Pick<Definition, 'phases' | 'groups'>): readonly Value[] | null {
  if (type === 'yesno') return [true, false];
  if (type === 'result') return ['met', 'missed', 'open'];
  if (type === 'phase') return Object.keys(definition.phases);
  if (type === 'group') return Object.keys(definition.groups);
  return null;
}

function orderedSegments(type: string, cells: readonly Cell[]): readonly Segment[] {
  const lowest = type === 'count' || type === 'money' || type === 'instalments' || type === 'percent' ? 0 : -Infinity;
  const starts = new Map<number, string>([[lowest, lowest === 0 ? '0' : 'before']]);
  const cut = (position: number, label: string): void => {
    if (position > lowest && !starts.has(position)) starts.set(position, label);
  };
  for (const cell of cells) {
    if (cell.kind === 'oneOf')
      for (const value of cell.values) {
        cut(positionOf(value, type), String(value));
        cut(positionOf(value, type) + 1, `after ${value}`);
      }
    if (cell.kind === 'range') {
      if (cell.from !== null) cut(positionOf(cell.from, type), String(cell.from));
      if (cell.to !== null) cut(positionOf(cell.to, type) + (cell.toOpen ? 0 : 1), cell.toOpen ? String(cell.to) : `after ${cell.to}`);
    }
  }
  return [...starts.entries()]
    .sort(([a], [b]) => a - b)
    .map(([position, label]) => ({ label, rows: cells.map((cell) => covers(cell, position, type)) }));
}

function covers(cell: Cell, position: number, type: string): boolean {
  switch (cell.kind) {
    case 'any':
      return true;
    case 'parameter':
      return false;
    case 'oneOf':
      return cell.values.some((value) => positionOf(value, type) === position);
    case 'range':
      if (cell.from !== null && position < positionOf(cell.from, type)) return false;
      return cell.to === null || position < positionOf(cell.to, type) + (cell.toOpen ? 0 : 1);
    default: {
      const never: never = cell;
      return never;
    }
  }
}
