import type { Definition } from '../../domain/model/definition.js';
import { elementsOf } from './launch.js';

/** An element as the clause map names it: `duties.material`; the head is `head`, a used part `use.supervision`. */
export type ElementName = string;

export interface ClauseMap {
  /** Clause to the elements that carry it, clauses in their natural order. */
  readonly byClause: readonly { readonly clause: string; readonly elements: readonly ElementName[] }[];
  /** Element to its clauses and readings, in written order. */
  readonly byElement: readonly {
    readonly element: ElementName;
    readonly title: string;
    readonly clause: readonly string[];
    readonly readings: readonly string[];
  }[];
}

/** Which place of the notice stands behind each element, and which elements carry each place. */
export function clauseMap(definition: Definition): ClauseMap {
  const byElement = [
    { element: 'head', title: definition.title, clause: definition.clause, readings: [] },
    ...definition.parts
      .filter((part) => part.clause.length > 0)
      .map((part) => ({ element: `use.${part.id}`, title: part.id, clause: part.clause, readings: [] })),
    ...elementsOf(definition).map(({ section, element }) => ({
      element: `${section}.${element.id}`,
      title: element.title,
      clause: element.clause,
      readings: element.readings,
    })),
  ];
  const clauses = new Map<string, string[]>();
  for (const { element, clause } of byElement) for (const one of clause) clauses.set(one, [...(clauses.get(one) ?? []), element]);
  const byClause = [...clauses]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([clause, elements]) => ({ clause, elements }));
  return { byClause, byElement };
}
