import type { Db } from '../connection.js';
import { toJson } from '../json.js';

/** Keeps how the files of a source are read, under a name; the same name again replaces it. */
export async function keepProfile(db: Db, county: string, name: string, kind: string, profile: unknown): Promise<void> {
  const body = { kind, profile: toJson(profile) };
  await db
    .insertInto('import_profiles')
    .values({ county_id: county, name, ...body })
    .onConflict((on) => on.columns(['county_id', 'name']).doUpdateSet(body))
    .execute();
}

/** What was kept under a name, as it was kept; null when nothing was. */
export async function findProfile(db: Db, county: string, name: string): Promise<{ readonly profile: unknown } | null> {
  const row = await db
    .selectFrom('import_profiles')
    .select('profile')
    .where('county_id', '=', county)
    .where('name', '=', name)
    .executeTakeFirst();
  return row ?? null;
}

export async function listProfiles(db: Db, county: string): Promise<readonly { readonly name: string; readonly kind: string }[]> {
  return db.selectFrom('import_profiles').select(['name', 'kind']).where('county_id', '=', county).orderBy('name').execute();
}
