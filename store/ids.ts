import { sql } from 'kysely';
import type { ProcessId, UnitId, UserId } from '../domain/model/ids.js';
import type { Db } from './connection.js';

/** Letters whose surrogates the core knows by a type of their own; any other letter gives a plain string. */
interface Known {
  u: UnitId;
  p: UserId;
  c: ProcessId;
}
type IdOf<P extends string> = P extends keyof Known ? Known[P] : string;

/**
 * A new surrogate such as `u17`: a letter for what it names and a number that is used once in the database, hence once in the county.
 * Numbers come from one sequence, so that a long import holds up nobody (ADR 0030); gaps mean nothing.
 */
export async function nextId<P extends string>(db: Db, county: string, prefix: P): Promise<IdOf<P>> {
  const [id] = await nextIds(db, county, prefix, 1);
  if (id === undefined) throw new Error('the sequence gave no number');
  return id;
}

/** `count` new surrogates in one round trip, ascending. */
export async function nextIds<P extends string>(db: Db, _county: string, prefix: P, count: number): Promise<IdOf<P>[]> {
  if (count === 0) return [];
  const { rows } = await sql<{ id: IdOf<P> }>`
    select ${prefix}::text || nextval('surrogates') as id from generate_series(1, ${count}::integer)`.execute(db);
  return rows.map((row) => row.id);
}
