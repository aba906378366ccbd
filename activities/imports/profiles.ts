import type { Db } from '../../store/connection.js';
import { findProfile, keepProfile } from '../../store/imports/profiles.js';
import { ImportRefusal } from './problem.js';
import { readProfile, type ImportProfile } from './profile.js';

/** Remembers how the files of a source are read; the same name again replaces it. Throws `bad-profile`. */
export async function saveProfile(db: Db, county: string, name: string, value: unknown): Promise<ImportProfile> {
  const profile = readProfile(value);
  await keepProfile(db, county, name, profile.kind, profile);
  return profile;
}

/** Throws `unknown-profile`. */
export async function getProfile(db: Db, county: string, name: string): Promise<ImportProfile> {
  const found = await findProfile(db, county, name);
  if (!found) throw new ImportRefusal('unknown-profile', `没有名为“${name}”的导入方案`, `there is no import profile '${name}'`, { name });
  return readProfile(found.profile);
}
