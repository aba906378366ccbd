import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ProcessId, UserId } from '../../domain/model/ids.js';
import { operatorToken } from '../../server/secrets.js';
import { createUnit } from '../../store/units/change.js';
import { unitById, type UnitRow } from '../../store/units/read.js';
import { countyDefinition, COUNTY_SIZE, definitionPath } from './county.js';
import { startService, type Service } from './services.js';
import { withStage, type Stage } from './stage.js';

const setUp = z.object({ unit: z.string(), firstPassword: z.string() });
const session = z.object({ token: z.string() });
const campaign = z.object({ id: z.string(), status: z.string() });

/** A county of 20 townships and 400 villages with its administrator, on the real worker and the real API. */
export interface County {
  readonly stage: Stage;
  /** The county's surrogate in the store. */
  readonly id: string;
  readonly worker: Service;
  readonly api: Service;
  /** Launches the year in a virtual world of its own, over the API; answered when it is recorded. */
  launch(asOf: string): Promise<ProcessId>;
}

export async function withCounty<T>(work: (county: County) => Promise<T>): Promise<T> {
  return withStage(async (stage) => {
    const services: Service[] = [];
    try {
      const worker = await startService('worker', stage.env);
      services.push(worker);
      const api = await startService('api', stage.env);
      services.push(api);
      const first = await post(api.url, operatorToken(stage.config.secrets), '/setup', {
        county: '测速县',
        level: 'county',
        administrator: { login: 'bench-admin', name: '测速管理员' },
      });
      const { unit, firstPassword } = setUp.parse(first);
      const token = await enter(api.url, firstPassword);
      const id = await plant(stage, unit);
      await post(api.url, token, '/definitions', { file: 'county.yaml', files: { 'county.yaml': readFileSync(definitionPath(), 'utf8') } });
      const launch = async (asOf: string): Promise<ProcessId> => {
        const made = campaign.parse(
          await post(api.url, token, '/campaigns', { definition: countyDefinition().id, year: 2020, root: { unit }, asOf }),
        );
        return made.id as ProcessId;
      };
      return await work({ stage, id, worker, api, launch });
    } finally {
      for (const service of services) await service.stop();
    }
  });
}

async function enter(url: string, first: string): Promise<string> {
  const login = 'bench-admin';
  const once = session.parse(await post(url, null, '/sessions', { login, password: first }));
  const password = randomBytes(12).toString('base64url');
  await post(url, once.token, '/users/me/password', { old: first, new: password });
  return session.parse(await post(url, null, '/sessions', { login, password })).token;
}

/** Towns and villages below the county's top unit; returns the county's surrogate. */
async function plant({ store }: Stage, top: string): Promise<string> {
  const found = await store.db
    .selectFrom('units')
    .select(['county_id', 'unit_id'])
    .where('unit_id', '=', top as UnitRow['id'])
    .executeTakeFirstOrThrow();
  const county = found.county_id;
  const change = { by: 'system' as UserId, on: '2019-01-01' as Parameters<typeof createUnit>[3]['on'] };
  await store.db.transaction().execute(async (trx) => {
    const root = await unitById(trx, county, found.unit_id);
    for (let town = 1; town <= COUNTY_SIZE.towns; town += 1) {
      const parent = await createUnit(trx, county, { level: 'town', parent: root, name: `第${town}镇` }, change);
      for (let village = 1; village <= COUNTY_SIZE.villagesEach; village += 1) {
        await createUnit(trx, county, { level: 'village', parent, name: `第${town}镇第${village}村` }, change);
      }
    }
  });
  return county;
}

async function post(url: string, token: string | null, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomBytes(12).toString('hex'),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
