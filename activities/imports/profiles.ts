import type { Db } from '../../store/connection.js';
import { toJson } from '../../store/json.js';
import { ImportRefusal } from './problem.js';
import { readProfile, type ImportProfile } from './profile.js';

/** Remembers how the files of a source are read; the same name again replaces it. Throws `bad-profile`. */
export async function saveProfile(db: Db, county: string, name: string, value: unknown): Promise<ImportProfile> {
  const profile = readProfile(value);
  const body = { kind: profile.kind, profile: toJson<unknown>(profile) };
  await db
    .insertInto('import_profiles')
    .values({ county_id: county, name, ...body })
    .onConflict((on) => on.columns(['county_id', 'name']).doUpdateSet(body))
    .execute();
  return profile;
}

/** Throws `unknown-profile`. */
export async function getProfile(db: Db, county: string, name: string): Promise<ImportProfile> {
  const row = await db
    .selectFrom('import_profiles')
    .select('profile')
    .where('county_id', '=', county)
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) throw new ImportRefusal('unknown-profile', `没有名为“${name}”的导入方案`, `there is no import profile '${name}'`, { name });
  return readProfile(row.profile);
}

export async function listProfiles(db: Db, county: string): Promise<readonly { readonly name: string; readonly kind: string }[]> {
  return db.selectFrom('import_profiles').select(['name', 'kind']).where('county_id', '=', county).orderBy('name').execute();
}
