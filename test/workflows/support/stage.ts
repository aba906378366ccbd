import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { campaignMessages, type CampaignMessages } from '../../../server/engine/processes.js';
import { loadConfig, type Config } from '../../../server/config.js';
import { createGate, type Gate } from '../../../server/gate.js';
import { openEngine, startCampaign, type Engine } from '../../../server/temporal.js';
import { momentToEpoch } from '../../../domain/calendar/dates.js';
import type { Act, Actor, CoreEvent } from '../../../domain/model/event.js';
import type { ActId, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { openStore, type Store } from '../../../store/connection.js';
import { readEvents } from '../../../store/journal.js';
import { findProcess, startProcess, type ProcessRow } from '../../../store/processes.js';
import { putSetting } from '../../../store/settings.js';
import { beginMove, createVirtualWorld, getWorld, type World } from '../../../store/worlds.js';
import {
  campaignWorkflowId,
  QUERY_SUMMARY,
  type ActAnswer,
  type ActRequest,
  type CampaignInput,
  type Summary,
} from '../../../workflows/contract/campaign.js';
import { actor, definitionOf, settingOf, unit } from '../../support/campaign.js';
import { freshEnvironment, startWorker, type TestService } from '../../support/runtime.js';

export const COUNTY = 'k1';
export const LEADER: Actor = actor('p1', ['townGovernment', 'u1']);
export const collector = (village: string): Actor => actor(`p-${village}`, ['collector', village]);

/** A town with so many villages (`v1`, `v2` ...), and the small definition. */
export function smallSetting(villages: number): Setting {
  const units = [unit('u1', 'town', null), ...Array.from({ length: villages }, (_, i) => unit(`v${i + 1}`, 'village', 'u1'))];
  return settingOf(definitionOf('small.yaml', dirname(fileURLToPath(import.meta.url))), units);
}

/** Store, engine and worker of one test file, all real; the worker is a process of its own. */
export class Stage {
  private worker: TestService | null = null;

  private constructor(
    readonly env: NodeJS.ProcessEnv,
    readonly config: Config,
    readonly store: Store,
    readonly engine: Engine,
    readonly gate: Gate,
    readonly messages: CampaignMessages,
    private readonly drop: () => Promise<void>,
  ) {}

  /** `over`: what this stage's services are told instead, an engine elsewhere. */
  static async open(over: NodeJS.ProcessEnv = {}): Promise<Stage> {
    const { env: own, database } = await freshEnvironment();
    const env = { ...own, ...over };
    const config = loadConfig(env);
    const store = openStore(database.url);
    await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测试县' }).execute();
    const engine = openEngine(config);
    return new Stage(env, config, store, engine, createGate(engine, store.db), campaignMessages(engine), database.drop);
  }

  async close(): Promise<void> {
    await this.worker?.stop();
    await this.engine.close();
    await this.store.close();
    await this.drop();
  }

  async startWorker(over: NodeJS.ProcessEnv = {}): Promise<TestService> {
    this.worker = await startWorker({ ...this.env, ...over });
    return this.worker;
  }

  async killWorker(): Promise<void> {
    await this.worker?.kill();
    this.worker = null;
  }

  virtualWorld(now: string): Promise<World> {
    return createVirtualWorld(this.store.db, COUNTY, now as Moment);
  }

  /** A real world whose clock shows `now` at this very moment. */
  async shiftedWorld(now: string): Promise<World> {
    const offset = Math.round((momentToEpoch(now as Moment) - Date.now()) / 1000);
    const row = { county_id: COUNTY, world_id: `r${Math.abs(offset)}`, kind: 'real' as const, offset_seconds: offset };
    await this.store.db.insertInto('worlds').values(row).execute();
    return getWorld(this.store.db, COUNTY, row.world_id);
  }

  /** The row of a campaign to be launched; nothing runs yet. */
  async prepare(world: World, setting: Setting): Promise<CampaignInput> {
    const { db } = this.store;
    const digest = await putSetting(db, COUNTY, setting);
    const rows = setting.units.map(({ id, level, parent, name }) => ({
      county_id: COUNTY,
      unit_id: id,
      level,
      parent_id: parent,
      path: parent === null ? `/${id}/` : `/${parent}/${id}/`,
      name,
    }));
    await db
      .insertInto('units')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { process } = await db.transaction().execute((trx) =>
      startProcess(trx, {
        county: COUNTY,
        definition: setting.definition.id,
        version: setting.definition.version,
        definitionDigest: setting.definitionDigest,
        setting: digest,
        world: world.id,
        rootUnit: 'u1' as UnitId,
        year: setting.year,
        title: setting.definition.title,
        by: LEADER.user,
      }),
    );
    const clock =
      world.kind === 'virtual' ? ({ kind: 'virtual' } as const) : ({ kind: 'real', offsetSeconds: world.offsetSeconds } as const);
    const at = world.now ?? (new Date(Date.now() + (world.offsetSeconds + 8 * 3600) * 1000).toISOString().slice(0, 19) as Moment);
    return { county: COUNTY, process: process.process_id, setting: digest, clock, begin: { kind: 'launch', at, by: LEADER.user } };
  }

  async launch(world: World, setting: Setting): Promise<ProcessId> {
    const input = await this.prepare(world, setting);
    await startCampaign(this.engine, input);
    await this.until('the launch is recorded', async () => (await this.row(input.process)).status !== 'launching');
    return input.process;
  }

  async row(process: ProcessId): Promise<ProcessRow> {
    const row = await findProcess(this.store.db, COUNTY, process);
    if (row === null) throw new Error(`no process ${process}`);
    return row;
  }

  async journal(process: ProcessId): Promise<readonly CoreEvent[]> {
    return (await readEvents(this.store.db, COUNTY, process, 0, 100_000)).map(({ event }) => event);
  }

  async summary(process: ProcessId): Promise<Summary> {
    return this.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process)).query<Summary>(QUERY_SUMMARY);
  }

  act(process: ProcessId, actId: string, who: Actor, act: Act, at = '2020-05-01T09:00:00'): Promise<ActAnswer> {
    return this.gate.act(COUNTY, process, request(actId, who, act, at));
  }

  /** Sets a virtual world's goal and waits until the worker's conductor has reached it. */
  async move(world: World, to: string): Promise<void> {
    await this.store.db.transaction().execute((trx) => beginMove(trx, COUNTY, world.id, to as Moment));
    await this.arrived(world);
  }

  async arrived(world: World): Promise<void> {
    await this.until('the world has arrived', async () => (await getWorld(this.store.db, COUNTY, world.id)).advancingTo === null);
  }

  /** Waits for something that another process brings about; says what it waited for. */
  async until(what: string, holds: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
      await sleep(50);
    }
  }
}

export function request(actId: string, who: Actor, act: Act, at: string): ActRequest {
  return { actId: actId as ActId, actor: who, act, at: at as Moment };
}

export const done = (obligation: string): Act => ({ kind: 'done', obligation: obligation as ObligationId });
export const person = (id: string): UserId => id as UserId;
