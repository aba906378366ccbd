import type { Db } from '../connection.js';

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

/** Path of the unit that a person belongs to; null when there is no such person. */
export async function unitPathOfPerson(db: Db, county: string, person: string): Promise<string | null> {
  return (await personNamed(db, county, person))?.path ?? null;
}
