import type { Db } from '../connection.js';
import { inScope, type Scope } from '../scope.js';

/** A person's name and the path of its unit; null when there is no such person. */
export async function personNamed(
  db: Db,
  county: string,
  person: string,
): Promise<{ readonly name: string; readonly path: string } | null> {
  const row = await db
    .selectFrom('people as p')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.unit_id'))
    .select(['p.name', 'u.path'])
    .where('p.county_id', '=', county)
    .where('p.person_id', '=', person)
    .executeTakeFirst();
  return row ?? null;
}

/** Names of persons who live at or below a scope, by person. */
export async function namesWithin(db: Db, county: string, scope: Scope, persons: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (persons.length === 0) return new Map();
  const rows = await db
    .selectFrom('people as p')
    .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'p.county_id').onRef('u.unit_id', '=', 'p.unit_id'))
    .select(['p.person_id', 'p.name', 'u.path'])
    .where('p.county_id', '=', county)
    .where('p.person_id', 'in', [...new Set(persons)])
    .execute();
  return new Map(rows.flatMap(({ person_id, name, path }) => (inScope(scope, path) ? [[person_id, name]] : [])));
}

/** Path of the unit that a person belongs to; null when there is no such person. */
export async function unitPathOfPerson(db: Db, county: string, person: string): Promise<string | null> {
  return (await personNamed(db, county, person))?.path ?? null;
}
