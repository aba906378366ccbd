import type { Definition } from '../model/definition.js';
import { isRowSet } from './columns.js';
import type { Place } from './scope.js';
import { celTypeOf, type CelType } from './values.js';

type TypeOf = (source: string, place: Place) => CelType | null;

/** Where the expressions of a count stand: the rows of its row set, or the answers of its duty. */
export const placeOfCount = (over: string): Place => (isRowSet(over) ? { kind: 'row', over } : { kind: 'answers', duty: over });

/** Whether something is owed about single persons, as rows: a duty about each due, or a kind of case. */
export const isAboutPersons = ({ duties, cases }: Pick<Definition, 'duties' | 'cases'>, id: string): boolean =>
  duties[id]?.rows !== undefined || cases?.[id] !== undefined;

/** `int` for counted rows and counts, `Money` for sums of money; null for a name that is neither a count nor `table.column`. */
export function partType(definition: Definition, name: string, typeOf: TypeOf): CelType | null {
  const [table, column] = name.split('.');
  if (column !== undefined) {
    const found = definition.tables[table ?? '']?.outputs.find(({ id }) => id === column);
    return found ? celTypeOf(found.type) : null;
  }
  const count = definition.counts[name];
  if (!count) return null;
  return count.value === null ? 'int' : typeOf(count.value, placeOfCount(count.over));
}

/**
 * Types of all measures and counts as a figure's condition sees them: without a whole the type of the part; money over a count is
 * `PerHead`, everything else over a whole a `Rate`.
 */
export function figureTypes(definition: Definition, typeOf: TypeOf): Readonly<Record<string, CelType>> {
  const types: Record<string, CelType> = {};
  for (const id of Object.keys(definition.counts)) types[id] = partType(definition, id, typeOf) ?? 'int';
  for (const [id, { part, whole }] of Object.entries(definition.measures)) {
    const of = partType(definition, part, typeOf) ?? 'int';
    if (whole === null) types[id] = of;
    else types[id] = of === 'Money' && partType(definition, whole, typeOf) === 'int' ? 'PerHead' : 'Rate';
  }
  return types;
}
