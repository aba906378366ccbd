import { sql } from 'kysely';
import type { Definition } from '../domain/model/definition.js';
import type { Digest, UserId } from '../domain/model/ids.js';
import type { Db } from './connection.js';
import { StoreError } from './errors.js';
import { toJson } from './json.js';

export interface Released {
  readonly id: string;
  readonly version: string;
  readonly digest: Digest;
  readonly title: string;
  readonly by: UserId;
}

/**
 * Releases a definition for good. The same again does nothing (`released: false`); the same id and version with another content is refused
 * (`definition-differs`): a change is a new version. `source` is the file as it was written.
 */
export async function releaseDefinition(
  db: Db,
  request: { county: string; definition: Definition; digest: Digest; source: string; by: UserId },
): Promise<{ released: boolean }> {
  const { county, definition, digest } = request;
  const made = await db
    .insertInto('definitions')
    .values({
      county_id: county,
      definition_id: definition.id,
      version: definition.version,
      digest,
      body: toJson(definition),
      source_text: request.source,
      released_by: request.by,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('digest')
    .executeTakeFirst();
  if (made !== undefined) return { released: true };
  const first = await findDefinition(db, county, definition.id, definition.version);
  if (first?.digest !== digest) {
    const name = `${definition.id}@${definition.version}`;
    throw new StoreError(
      'definition-differs',
      `${name} 已发布且内容不同；发布后不可改，请换一个版本号`,
      `${name} is released with another content; a released one never changes: give it a new version`,
      { definition: name, digest: first?.digest ?? '' },
    );
  }
  return { released: false };
}

/** Released definitions, by id, newest release first within an id. */
export async function listDefinitions(db: Db, county: string): Promise<Released[]> {
  const rows = await db
    .selectFrom('definitions')
    .select(['definition_id', 'version', 'digest', 'released_by', sql<string>`body ->> 'title'`.as('title')])
    .where('county_id', '=', county)
    .orderBy('definition_id')
    .orderBy('stored_at', 'desc')
    .orderBy('version', 'desc')
    .execute();
  return rows.map((row) => ({ id: row.definition_id, version: row.version, digest: row.digest, title: row.title, by: row.released_by }));
}

/** A released definition with its source; without `version` the last one released. null when there is none. */
export async function findDefinition(
  db: Db,
  county: string,
  id: string,
  version?: string,
): Promise<{ definition: Definition; digest: Digest; source: string } | null> {
  let query = db
    .selectFrom('definitions')
    .select(['body', 'digest', 'source_text'])
    .where('county_id', '=', county)
    .where('definition_id', '=', id);
  if (version !== undefined) query = query.where('version', '=', version);
  const row = await query.orderBy('stored_at', 'desc').orderBy('version', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? null : { definition: row.body, digest: row.digest, source: row.source_text };
}
