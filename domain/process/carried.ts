import type { ActId, ObligationId } from '../model/ids.js';
import type { State } from '../model/state.js';
import { AlikeReader, AlikeWriter, type Alike } from './alike.js';
import { parseObligationId } from './obligation-ids.js';
import { isHexDigest, lengthenAll, shorten } from './short-ids.js';

type Tables = 'open' | 'closed' | 'milestones' | 'publications';

/** A state as a run hands it to the next one: the same, written short. `schema` 1 is the state itself, as the first runs carried it. */
export interface Carried {
  readonly schema: 2;
  /** What is carried as it stands; whatever a later core adds to the state is among it. */
  readonly plain: Omit<State, Tables | 'acts'>;
  readonly alike: Alike;
  /** By shelf. */
  readonly open: Readonly<Record<string, string>>;
  readonly closed: Readonly<Record<string, string>>;
  readonly milestones: string;
  readonly publications: string;
  /** Acts in order; those whose ids are digests one behind the other, shortened. */
  readonly acts: readonly (string | State['acts'][number])[];
}

/**
 * The state written short; `unpack` gives the same one. The order of what is open and of milestones is kept, since things happen in it; the order of
 * marks within a shelf means nothing and is not.
 */
export function pack(state: State): Carried {
  const { open, closed, milestones, publications, acts, ...plain } = state;
  const writer = new AlikeWriter();
  for (const shelf of Object.values(open)) for (const { unit } of Object.values(shelf)) writer.knows(unit);
  for (const { unit } of Object.values(milestones)) writer.knows(unit);
  for (const [shelf, marks] of Object.entries(closed))
    if (!shelf.startsWith('~')) for (const id in marks) writer.knows(parseObligationId(id as ObligationId).unit);
  return {
    schema: 2,
    plain,
    open: eachShelf(open, (shelf) => writer.table(shelf)),
    closed: eachShelf(closed, (marks) => writer.table(marks, true)),
    milestones: writer.table(milestones),
    publications: writer.table(publications),
    acts: packActs(acts),
    alike: writer.alike,
  };
}

export function unpack(carried: Carried | State): State {
  switch (carried.schema) {
    case 1:
      return carried;
    case 2: {
      const { plain, alike, open, closed, milestones, publications, acts } = carried;
      const reader = new AlikeReader(alike);
      return {
        ...plain,
        open: eachShelf(open, (shelf) => reader.table(shelf)),
        closed: eachShelf(closed, (marks) => reader.table(marks)),
        milestones: reader.table(milestones),
        publications: reader.table(publications),
        acts: acts.flatMap((act) =>
          typeof act === 'string' ? lengthenAll(act).map((id): State['acts'][number] => [id as ActId, null]) : [act],
        ),
      };
    }
    default: {
      const never: never = carried;
      return never;
    }
  }
}

const eachShelf = <A, B>(shelves: Readonly<Record<string, A>>, write: (shelf: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(shelves).map(([key, shelf]) => [key, write(shelf)]));

function packActs(acts: State['acts']): Carried['acts'] {
  const packed: (string | State['acts'][number])[] = [];
  for (const act of acts) {
    const [id, answer] = act;
    const last = packed.at(-1);
    if (answer !== null || !isHexDigest(id)) packed.push(act);
    else if (typeof last === 'string') packed[packed.length - 1] = last + shorten(id);
    else packed.push(shorten(id));
  }
  return packed;
}
