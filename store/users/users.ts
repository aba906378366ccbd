import type { Selectable } from 'kysely';
import type { UserId } from '../../domain/model/ids.js';
import type { Db, Trx } from '../connection.js';
import { nextId } from '../ids.js';
import { pathInScope, type Scope } from '../scope.js';
import type { UsersTable } from '../tables/offices.js';

/** An account. Nothing secret is in it. `lockedUntil` is a technical instant (ISO, UTC), null when not locked. */
export interface User {
  readonly id: UserId;
  readonly login: string;
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly mustChange: boolean;
  readonly demonstration: boolean;
  readonly lockedUntil: string | null;
  readonly disabled: boolean;
  readonly language: string;
  readonly version: number;
}

const COLUMNS = [
  'user_id',
  'login',
  'name',
  'phone',
  'email',
  'must_change',
  'demonstration',
  'locked_until',
  'disabled',
  'language',
  'version',
] as const;

type Row = Pick<Selectable<UsersTable>, (typeof COLUMNS)[number]>;

const read = (row: Row): User => ({
  id: row.user_id,
  login: row.login,
  name: row.name,
  phone: row.phone,
  email: row.email,
  mustChange: row.must_change,
  demonstration: row.demonstration,
  lockedUntil: row.locked_until === null || row.locked_until.getTime() <= Date.now() ? null : row.locked_until.toISOString(),
  disabled: row.disabled,
  language: row.language,
  version: row.version,
});

export interface NewUser {
  readonly login: string;
  readonly name: string;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly language?: 'zh' | 'en';
  readonly passwordHash: string;
  readonly demonstration?: boolean;
}

/** Adds an account whose password must be changed at the first sign-in (not so in demonstrations); null when the login is taken. */
export async function addUser(trx: Trx, county: string, user: NewUser): Promise<User | null> {
  const id = await nextId(trx, county, 'p');
  const row = await trx
    .insertInto('users')
    .values({
      county_id: county,
      user_id: id,
      login: user.login,
      name: user.name,
      phone: user.phone ?? null,
      email: user.email ?? null,
      language: user.language ?? 'zh',
      password_hash: user.passwordHash,
      demonstration: user.demonstration ?? false,
      must_change: !(user.demonstration ?? false),
    })
    .onConflict((on) => on.columns(['county_id', 'login']).doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
  return row === undefined ? null : read(row);
}

export async function userById(db: Db, county: string, id: UserId): Promise<User | null> {
  const row = await db.selectFrom('users').select(COLUMNS).where('county_id', '=', county).where('user_id', '=', id).executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Accounts by login; logins that nobody has are left out. */
export async function usersByLogin(db: Db, county: string, logins: readonly string[]): Promise<Map<string, User>> {
  if (logins.length === 0) return new Map();
  const rows = await db
    .selectFrom('users')
    .select(COLUMNS)
    .where('county_id', '=', county)
    .where('login', 'in', [...new Set(logins)])
    .execute();
  return new Map(rows.map((row) => [row.login, read(row)]));
}

/** Login and name of every account that is not disabled, to find persons by how a file names them. */
export async function namedUsers(
  db: Db,
  county: string,
): Promise<readonly { readonly id: UserId; readonly login: string; readonly name: string }[]> {
  const rows = await db
    .selectFrom('users')
    .select(['user_id', 'login', 'name'])
    .where('county_id', '=', county)
    .where('disabled', '=', false)
    .execute();
  return rows.map((row) => ({ id: row.user_id, login: row.login, name: row.name }));
}

/** Names of some users, for printing. */
export async function userNames(db: Db, county: string, ids: readonly UserId[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('users')
    .select(['user_id', 'name'])
    .where('county_id', '=', county)
    .where('user_id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.user_id, row.name]));
}

/** True while nobody has an account: the system is not set up. */
export async function noUsers(db: Db, county: string): Promise<boolean> {
  const row = await db.selectFrom('users').select('user_id').where('county_id', '=', county).limit(1).executeTakeFirst();
  return row === undefined;
}

export interface UserFilter {
  /** Users who hold a role there; null = all of the county, those without a role included. */
  readonly scope: Scope | null;
  readonly text: string | null;
  readonly after: string | null;
  readonly limit: number;
}

/** Users by login, one more than `limit` so that the caller sees whether there is a next page. */
export async function listUsers(db: Db, county: string, filter: UserFilter): Promise<User[]> {
  let query = db
    .selectFrom('users')
    .select(COLUMNS)
    .where('county_id', '=', county)
    .orderBy('login')
    .limit(filter.limit + 1);
  if (filter.after !== null) query = query.where('login', '>', filter.after);
  const { text, scope } = filter;
  if (text !== null)
    query = query.where((eb) =>
      eb.or([eb(eb.fn('strpos', ['login', eb.val(text)]), '>', 0), eb(eb.fn('strpos', ['name', eb.val(text)]), '>', 0)]),
    );
  if (scope !== null) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('holdings as h')
          .innerJoin('units as u', (join) => join.onRef('u.county_id', '=', 'h.county_id').onRef('u.unit_id', '=', 'h.unit_id'))
          .select('h.holding_id')
          .whereRef('h.county_id', '=', 'users.county_id')
          .whereRef('h.user_id', '=', 'users.user_id')
          .where(pathInScope('u.path', scope)),
      ),
    );
  }
  return (await query.execute()).map(read);
}

export interface UserChange {
  readonly name?: string | undefined;
  readonly phone?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly language?: 'zh' | 'en' | undefined;
  readonly disabled?: boolean | undefined;
}

/** Changes an account if it still has `version`; null when it was changed meanwhile (or is not there). */
export async function changeUser(trx: Trx, county: string, id: UserId, version: number, change: UserChange): Promise<User | null> {
  const row = await trx
    .updateTable('users')
    .set((eb) => ({
      version: eb('version', '+', 1),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.phone === undefined ? {} : { phone: change.phone }),
      ...(change.email === undefined ? {} : { email: change.email }),
      ...(change.language === undefined ? {} : { language: change.language }),
      ...(change.disabled === undefined ? {} : { disabled: change.disabled }),
    }))
    .where('county_id', '=', county)
    .where('user_id', '=', id)
    .where('version', '=', version)
    .returning(COLUMNS)
    .executeTakeFirst();
  return row === undefined ? null : read(row);
}
