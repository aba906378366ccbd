import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { UserId } from '../../domain/model/ids.js';
import { operatorToken } from '../../server/secrets.js';
import { createUnit } from '../../store/units/change.js';
import { unitById, type UnitRow } from '../../store/units/read.js';
import { COUNTY_SIZE, definitionPath } from './county.js';
import type { Service } from './services.js';
import type { Stage } from './stage.js';

const setUp = z.object({ unit: z.string(), firstPassword: z.string() });
const session = z.object({ token: z.string() });
const added = z.object({ id: z.string(), firstPassword: z.string() });

/** Somebody signed in at the API of a county of 20 townships and 400 villages. */
export interface Office {
  /** The county's surrogate in the store. */
  readonly county: string;
  /** Its top unit. */
  readonly root: string;
  readonly rootPath: string;
  readonly towns: readonly { readonly path: string; readonly villages: readonly string[] }[];
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<unknown>;
  /** Releases the definition that is measured. */
  release(): Promise<void>;
  /** A clerk who sees one unit with all below. */
  clerkAt(path: string): Promise<Office>;
}

/** Sets the county up with its administrator, over the API, and plants its units. */
export async function openOffice(stage: Stage, { url }: Service): Promise<Office> {
  const first = await call(url, operatorToken(stage.config.secrets), 'POST', '/setup', {
    county: '测速县',
    level: 'county',
    administrator: { login: 'bench-admin', name: '测速管理员' },
  });
  const { unit: root, firstPassword } = setUp.parse(first);
  const planted = await plant(stage, root);
  const as = (token: string): Office => ({
    ...planted,
    root,
    get: (path) => call(url, token, 'GET', path),
    post: (path, body) => call(url, token, 'POST', path, body),
    release: async () => {
      const text = readFileSync(definitionPath(), 'utf8');
      await call(url, token, 'POST', '/definitions', { file: 'county.yaml', files: { 'county.yaml': text } });
    },
    clerkAt: async (path) => {
      const login = `bench-${randomBytes(4).toString('hex')}`;
      const clerk = added.parse(await call(url, token, 'POST', '/users', { login, name: '测速办事员' }));
      await call(url, token, 'POST', `/users/${clerk.id}/holdings`, { role: 'townOffice', unit: path.split('/').at(-2) });
      return as(await enter(url, login, clerk.firstPassword));
    },
  });
  return as(await enter(url, 'bench-admin', firstPassword));
}

/** The first password changed for one of its own; the token of who is signed in. */
export async function enter(url: string, login: string, first: string): Promise<string> {
  const once = session.parse(await call(url, null, 'POST', '/sessions', { login, password: first }));
  const password = randomBytes(12).toString('base64url');
  await call(url, once.token, 'POST', '/users/me/password', { old: first, new: password });
  return session.parse(await call(url, null, 'POST', '/sessions', { login, password })).token;
}

/** Towns and villages below the county's top unit. */
async function plant({ store }: Stage, top: string): Promise<Pick<Office, 'county' | 'rootPath' | 'towns'>> {
  const found = await store.db
    .selectFrom('units')
    .select(['county_id', 'unit_id', 'path'])
    .where('unit_id', '=', top as UnitRow['id'])
    .executeTakeFirstOrThrow();
  const county = found.county_id;
  const change = { by: 'system' as UserId, on: '2019-01-01' as Parameters<typeof createUnit>[3]['on'] };
  const towns = await store.db.transaction().execute(async (trx) => {
    const root = await unitById(trx, county, found.unit_id);
    const made: { readonly path: string; readonly villages: readonly string[] }[] = [];
    for (let town = 1; town <= COUNTY_SIZE.towns; town += 1) {
      const parent = await createUnit(trx, county, { level: 'town', parent: root, name: `第${town}镇` }, change);
      const villages: string[] = [];
      for (let village = 1; village <= COUNTY_SIZE.villagesEach; village += 1)
        villages.push((await createUnit(trx, county, { level: 'village', parent, name: `第${town}镇第${village}村` }, change)).path);
      made.push({ path: parent.path, villages });
    }
    return made;
  });
  return { county, rootPath: found.path, towns };
}

async function call(url: string, token: string | null, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(method === 'GET' ? {} : { 'idempotency-key': randomBytes(12).toString('hex') }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
