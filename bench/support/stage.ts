import { setTimeout as sleep } from 'node:timers/promises';
import type { Moment, ProcessId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { campaignMessages, type CampaignMessages } from '../../server/engine/processes.js';
import { loadConfig, type Config } from '../../server/config.js';
import { openEngine, type Engine } from '../../server/temporal.js';
import { openStore, type Store } from '../../store/connection.js';
import { findProcess, startProcess } from '../../store/processes.js';
import { putSetting } from '../../store/settings.js';
import { createVirtualWorld } from '../../store/worlds.js';
import type { CampaignInput } from '../../workflows/contract/campaign.js';
import { withBenchDatabase, type BenchDatabase } from '../database.js';
import { COUNTY, leader, ROOT } from './county.js';
import { environmentFor } from './services.js';

/** A database and a namespace of its own, with what a bench needs to launch campaigns there. */
export interface Stage {
  readonly env: NodeJS.ProcessEnv;
  readonly config: Config;
  readonly database: BenchDatabase;
  readonly store: Store;
  readonly engine: Engine;
  readonly messages: CampaignMessages;
}

export async function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  return withBenchDatabase(async (database) => {
    const env = await environmentFor(database);
    const config = loadConfig(env);
    const store = openStore(database.url, 16);
    const engine = openEngine(config);
    try {
      return await work({ env, config, database, store, engine, messages: campaignMessages(engine) });
    } finally {
      await engine.close();
      await store.close();
    }
  });
}

/** County and units of a setting, as the store keeps them. */
export async function plantUnits({ store }: Stage, setting: Setting): Promise<void> {
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测速县' }).execute();
  const paths = new Map<string, string>();
  const rows = setting.units.map(({ id, level, parent, name }) => {
    const path = `${parent === null ? '/' : (paths.get(parent) ?? '/')}${id}/`;
    paths.set(id, path);
    return { county_id: COUNTY, unit_id: id, level, parent_id: parent, path, name };
  });
  await store.db.insertInto('units').values(rows).execute();
}

/** The row of a campaign in a virtual world of its own; the input starts it. */
export async function prepareCampaign({ store }: Stage, setting: Setting, at: Moment): Promise<CampaignInput> {
  const { db } = store;
  const world = await createVirtualWorld(db, COUNTY, at);
  const digest = await putSetting(db, COUNTY, setting);
  const { process } = await db.transaction().execute((trx) =>
    startProcess(trx, {
      county: COUNTY,
      definition: setting.definition.id,
      version: setting.definition.version,
      definitionDigest: setting.definitionDigest,
      setting: digest,
      world: world.id,
      rootUnit: ROOT,
      year: setting.year,
      title: setting.definition.title,
      by: leader.user,
    }),
  );
  return {
    county: COUNTY,
    process: process.process_id,
    setting: digest,
    clock: { kind: 'virtual' },
    begin: { kind: 'launch', at, by: leader.user },
  };
}

/** Waits until the launch stands in the store. */
export async function launched({ store }: Stage, process: ProcessId): Promise<void> {
  const until = Date.now() + 120_000;
  while ((await findProcess(store.db, COUNTY, process))?.status === 'launching') {
    if (Date.now() > until) throw new Error(`${process} is not launched`);
    await sleep(10);
  }
}
