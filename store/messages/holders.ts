import { sql } from 'kysely';
import type { LocalDate, RoleId, UnitId, UserId } from '../../domain/model/ids.js';
import type { Db } from '../connection.js';
import { toJson } from '../json.js';

/** Someone who holds a role at a unit today, with where they can be reached. */
export interface Holder {
  readonly role: RoleId;
  readonly unit: UnitId;
  readonly user: UserId;
  readonly language: 'zh' | 'en';
  readonly phone: string | null;
  readonly email: string | null;
}

/**
 * Persons behind roles at units on a day, stand-ins among them: resolved when a notice is sent, so that it follows a new holder. Users who were
 * disabled get nothing.
 */
export async function holdersOf(
  db: Db,
  county: string,
  definition: string,
  addresses: readonly { readonly role: RoleId; readonly unit: UnitId }[],
  on: LocalDate,
): Promise<readonly Holder[]> {
  const { rows } = await sql<Holder>`
    select distinct h.role, h.unit_id as unit, u.user_id as "user", u.language, u.phone, u.email
    from jsonb_to_recordset(${toJson(addresses)}::jsonb) as a (role text, unit text)
    join holdings h on h.county_id = ${county} and h.role = a.role and h.unit_id = a.unit
    join users u on u.county_id = h.county_id and u.user_id = h.user_id
    where (h.definition_id is null or h.definition_id = ${definition}) and not u.disabled
      and (h.valid_from is null or h.valid_from <= ${on}) and (h.valid_to is null or h.valid_to >= ${on})
    order by 1, 2, 3`.execute(db);
  return rows;
}
