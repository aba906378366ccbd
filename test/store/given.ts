import type { CoreEvent } from '../../domain/model/event.js';
import type { Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { openStore, type Store } from '../../store/connection.js';
import { startProcess } from '../../store/processes.js';
import { putSetting } from '../../store/settings.js';
import { createVirtualWorld } from '../../store/worlds.js';
import { freshDatabase } from '../support/runtime.js';
import { found } from '../support/definitions.js';
import { LINGCHENG_2020, Campaign, definitionOf, settingOf, unit } from '../support/campaign.js';

export const COUNTY = 'k1';

/** A store of its own, migrated, with one county and its tree. */
export async function givenStore(): Promise<{ store: Store; adminUrl: string; close: () => Promise<void> }> {
  const database = await freshDatabase();
  const store = openStore(database.url);
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测试县' }).execute();
  const rows = units.map((one) => ({
    county_id: COUNTY,
    unit_id: one.id,
    level: one.level,
    parent_id: one.parent,
    name: one.name,
    path: PATHS[one.id as keyof typeof PATHS],
  }));
  await store.db.insertInto('units').values(rows).execute();
  const close = async (): Promise<void> => {
    await store.close();
    await database.drop();
  };
  return { store, adminUrl: database.adminUrl, close };
}

export const units = [
  unit('u1', 'city', null),
  unit('u2', 'town', 'u1'),
  unit('u3', 'area', 'u2'),
  unit('u4', 'unit', 'u3'),
  unit('u5', 'unit', 'u2'),
];
/** One of them, by its number from 0. */
export const unitAt = (index: number) => found(units[index], `unit ${index}`);
export const PATHS = { u1: '/u1/', u2: '/u1/u2/', u3: '/u1/u2/u3/', u4: '/u1/u2/u3/u4/', u5: '/u1/u2/u5/' };

/** The printed campaign of 2020 with the parameters that its launch asks for. */
export const setting: Setting = settingOf(definitionOf('lingcheng-2020.yaml'), units, LINGCHENG_2020);

/** The events of that campaign, played in memory by the core alone. */
export function played(until: string): { readonly run: Campaign; readonly events: readonly CoreEvent[] } {
  const run = new Campaign(setting, () => ({})).launch('2020-04-28').until(until);
  return { run, events: run.journal };
}

let years = 2020;
/** A process that has begun, its journal empty; every one in a world of its own. */
export async function givenProcess(store: Store, with_: Setting = setting): Promise<{ process: ProcessId; digest: Digest; world: string }> {
  const digest = await putSetting(store.db, COUNTY, with_);
  const world = await createVirtualWorld(store.db, COUNTY, '2020-04-28T09:00:00' as Moment);
  const { process } = await store.db.transaction().execute((trx) =>
    startProcess(trx, {
      county: COUNTY,
      definition: with_.definition.id,
      version: with_.definition.version,
      definitionDigest: with_.definitionDigest,
      setting: digest,
      world: world.id,
      rootUnit: unitAt(0).id,
      year: (years += 1),
      title: with_.definition.title,
      by: 'p1' as UserId,
    }),
  );
  return { process: process.process_id, digest, world: world.id };
}

/** All rows that a fold fills, as text in a stable order: two folds are alike exactly when these are. */
export async function dump(store: Store, process: ProcessId): Promise<string[]> {
  const lines: string[] = [];
  for (const table of ['obligations', 'board', 'milestones', 'flags', 'publications', 'outbox', 'processes']) {
    const { rows } = await store.pool.query<{ line: string }>(
      `select $2 || ' ' || (to_jsonb(t) - 'stored_at')::text as line from ${table} t where county_id = '${COUNTY}' and process_id = $1 order by 1`,
      [process, table],
    );
    lines.push(...rows.map(({ line }) => line));
  }
  return lines;
}

export async function lines(store: Store, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.pool.query<Record<string, unknown>>(text, [...values])).rows;
}
