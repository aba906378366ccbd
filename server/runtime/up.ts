import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../store/errors.js';
import { migrate } from '../../store/migrate.js';
import { lookAtDatabase } from '../../store/version.js';
import { engineConnectionOptions, loadSettings, type Settings } from '../config.js';
import { ensureSecrets, type Secrets } from '../secrets.js';
import { stopParts, stopStrays } from './down.js';
import { ensureEngineBinary } from './engine/find.js';
import { ensureNamespace } from './engine/namespace.js';
import { engineAddressOf, startEngine } from './engine/serve.js';
import { ENGINE_VERSION, judgeVersion } from './engine/version.js';
import { settleKeys } from './keys.js';
import { withLock } from './lock.js';
import { makeHome, pathsOf, type Paths } from './paths.js';
import { choosePorts, PORTS_OF, taken, type Ports } from './ports.js';
import { APP_ROLE, databaseUrl, startPostgres } from './postgres/cluster.js';
import { placedFolder } from './postgres/placement.js';
import { isAlive } from './process.js';
import { RuntimeProblem, sayToStderr, type Say } from './problem.js';
import { buildDigest, environmentDigest, isReadySoon, serviceEnvironment, startService, waitReady, type ServiceName } from './services.js';
import { clearRunState, PARTS, readRunState, writeRunState, type Part, type RunState } from './state.js';

export type UpOptions = {
  readonly paths?: Paths;
  readonly say?: Say;
  /** Default: temporal.yaml and the environment. */
  readonly settings?: Settings;
  /** `ground`: database and engine only (tests); default: everything. */
  readonly what?: 'ground' | 'all';
};

export type Running = {
  /** What this call had to start; empty when all was running already. */
  readonly started: readonly Part[];
  readonly state: RunState;
  readonly ports: Ports;
  readonly apiUrl: string;
  readonly engineAddress: string;
  readonly database: { readonly url: string; readonly adminUrl: string | null };
};

/**
 * Brings everything up that is not up: database, engine, migrations, worker, API, in this order, each as a process of its own
 * that outlives us. Starting what runs already changes nothing. When anything fails, what this call started is
 * stopped again and a `RuntimeProblem` says why.
 */
export async function up(options: UpOptions = {}): Promise<Running> {
  const paths = options.paths ?? pathsOf();
  const say = options.say ?? sayToStderr;
  const settings = options.settings ?? loadSettings();
  makeHome(paths);
  return withLock(paths.lockFile, say, async () => {
    const run = new Bringing(paths, settings, say);
    const undo = run.undoOnSignal();
    try {
      return await run.bringUp(options.what ?? 'all');
    } catch (error) {
      await run.undo();
      throw error;
    } finally {
      undo.release();
    }
  });
}

class Bringing {
  private readonly state: RunState;
  private readonly started: Part[] = [];
  private readonly secrets: Secrets;

  constructor(
    private readonly paths: Paths,
    private readonly settings: Settings,
    private readonly say: Say,
  ) {
    this.state = readRunState(paths);
    const folder = placedFolder(paths);
    this.secrets = ensureSecrets(
      paths.secretsFile,
      () => (folder !== null && existsSync(join(folder, 'data', 'PG_VERSION'))) || existsSync(join(paths.engine, 'temporal.db')),
    );
  }

  async bringUp(what: 'ground' | 'all'): Promise<Running> {
    // Services that stand on the ground are none of its business.
    const ended = await stopStrays(this.paths, this.state, what === 'ground' ? ['database', 'engine'] : PARTS);
    if (ended.length > 0) this.say(`已结束上次遗留的进程：${ended.join('、')}`, 'Ended processes left over from an earlier start.');
    const ports = await this.settlePorts();
    const database = this.databaseUrls(ports);
    const engineAddress = this.settings.engine.address ?? engineAddressOf(ports);
    await both(this.bringDatabase(ports), this.bringEngine(ports));
    if (what === 'all') {
      await this.settleSchema(database);
      await this.bringServices(ports, database.url, engineAddress);
    }
    return { started: this.started, state: this.state, ports, apiUrl: this.apiUrl(ports), engineAddress, database };
  }

  /** Keeps the ports of the last start while nobody else took them; otherwise everything moves to new ones together. */
  private async settlePorts(): Promise<Ports> {
    const fixed = this.fixedPorts();
    const kept = this.state.ports;
    const asSet = kept !== undefined && Object.entries(fixed).every(([name, port]) => kept[name as keyof Ports] === port);
    if (kept !== undefined && asSet) {
      const needed = PARTS.filter((part) => !isAlive(this.state[part])).flatMap((part) => PORTS_OF[part]);
      if ((await taken(kept, needed)).length === 0) return kept;
    }
    await stopParts(this.state, PARTS);
    const ports = await choosePorts(this.paths, fixed);
    this.save({ ports });
    return ports;
  }

  private fixedPorts(): Partial<Ports> {
    const { api, worker, database, engine } = this.settings;
    return {
      ...(api.port === undefined ? {} : { api: api.port }),
      ...(worker.port === undefined ? {} : { worker: worker.port }),
      ...(database.port === undefined ? {} : { database: database.port }),
      ...(engine.port === undefined ? {} : { frontend: engine.port }),
    };
  }

  private databaseUrls(ports: Ports): Running['database'] {
    const { url, adminUrl } = this.settings.database;
    if (url !== undefined) return { url, adminUrl: adminUrl ?? null };
    return { url: databaseUrl(this.secrets, ports.database, 'app'), adminUrl: databaseUrl(this.secrets, ports.database, 'owner') };
  }

  private async bringDatabase(ports: Ports): Promise<void> {
    if (this.settings.database.url !== undefined || isAlive(this.state.database)) return;
    this.say('启动数据库……', 'Starting the database.');
    const { paths, secrets, say } = this;
    await startPostgres({ paths, secrets, port: ports.database, say, started: (database) => this.begun('database', { database }) });
  }

  private async bringEngine(ports: Ports): Promise<void> {
    const { engine } = this.settings;
    const { paths, say } = this;
    if (engine.address === undefined && !isAlive(this.state.engine)) {
      const found = await ensureEngineBinary(engine.binary, say);
      say('启动流程引擎（Temporal）……', 'Starting the engine (Temporal).');
      await startEngine({ paths, binary: found.path, ports, say, started: (mark) => this.begun('engine', { engine: mark }) });
    }
    const to = engineConnectionOptions({ ...engine, address: engine.address ?? engineAddressOf(ports) });
    const register = engine.address === undefined;
    const version = await ensureNamespace(to, engine.namespace, { register, retentionDays: engine.retentionDays });
    if (!register && judgeVersion(version) !== 'tried') {
      say(
        `注意：Temporal 集群是 ${version || '?'} 版，督办按 ${ENGINE_VERSION} 版测试。`,
        `Note: the cluster is ${version || '?'}; Duban is tested with ${ENGINE_VERSION}.`,
      );
    }
  }

  /** Also where nothing may be migrated, a schema that the services could not use is refused before they start. */
  private async settleSchema(database: Running['database']): Promise<void> {
    try {
      if (database.adminUrl !== null) await migrate({ adminUrl: database.adminUrl, appRole: appRole(this.settings.database.url) });
      else this.say('未设置 DATABASE_ADMIN_URL，跳过数据库升级。', 'DATABASE_ADMIN_URL is not set: the database is not migrated.');
      await lookAtDatabase(database.url);
      await settleKeys(database.url, this.paths, this.say);
    } catch (cause) {
      if (cause instanceof StoreError) throw new RuntimeProblem(cause.code, cause.zh, cause.en, { cause });
      throw cause;
    }
  }

  private async bringServices(ports: Ports, url: string, engineAddress: string): Promise<void> {
    const of = { paths: this.paths, settings: this.settings, databaseUrl: url, engineAddress, ports };
    const build = buildDigest(this.paths);
    const environment = environmentDigest(of);
    const current = (name: ServiceName): boolean => {
      const service = this.state[name];
      return isAlive(service) && service.build === build && service.environment === environment;
    };
    const env = serviceEnvironment(of);
    const bring = async (name: ServiceName, at: string): Promise<void> => {
      if (current(name) && (await isReadySoon(at, () => current(name)))) return;
      await stopParts(this.state, [name]);
      if ((await taken(ports, PORTS_OF[name])).length > 0) {
        throw new RuntimeProblem(
          'port-taken',
          `端口 ${ports[name]}（${name}）已被占用。`,
          `Port ${ports[name]} (${name}) is held by another program.`,
        );
      }
      this.say(name === 'worker' ? '启动工作进程……' : '启动接口服务……', `Starting the ${name}.`);
      const service = await startService(name, this.paths, env);
      const mark = { pid: service.pid, token: service.token };
      this.begun(name, name === 'worker' ? { worker: { ...mark, build, environment } } : { api: { ...mark, build, environment, url: at } });
      await waitReady(name, at, service, this.paths);
    };
    const wanted = (name: ServiceName, at: string): Promise<void> =>
      this.settings.services.includes(name) ? bring(name, at) : stopParts(this.state, [name]).then(() => undefined);
    await both(wanted('worker', `http://127.0.0.1:${ports.worker}`), wanted('api', this.apiUrl(ports)));
  }

  /** An API that listens everywhere is asked on loopback. */
  private apiUrl(ports: Ports): string {
    const host = this.settings.api.host;
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return `http://${name.includes(':') ? `[${name}]` : name}:${ports.api}`;
  }

  private begun(part: Part, change: Partial<RunState>): void {
    // A part may need a second try: the database waits until a killed one is collected.
    if (!this.started.includes(part)) this.started.push(part);
    this.save(change);
  }

  private save(change: Partial<RunState>): void {
    Object.assign(this.state, change);
    writeRunState(this.paths, this.state);
  }

  /** Stops what this call started, and only that. */
  async undo(): Promise<void> {
    while (this.started.length > 0) {
      const parts = this.started.splice(0);
      await stopParts(this.state, parts);
      for (const part of parts) delete this.state[part];
    }
    if (PARTS.some((part) => isAlive(this.state[part]))) writeRunState(this.paths, this.state);
    else clearRunState(this.paths);
  }

  /** Ctrl-C in the middle of a start leaves nothing half started either. */
  undoOnSignal(): { release: () => void } {
    const onSignal = (): void => {
      this.say('已中断，正在撤回……', 'Interrupted; undoing.');
      void this.undo().finally(() => {
        rmSync(this.paths.lockFile, { force: true });
        process.exit(1);
      });
    };
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    return { release: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal) };
  }
}

/** Both run to their end before the first failure is thrown, so that undoing meets nothing still starting. */
async function both(one: Promise<void>, other: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([one, other])) {
    if (result.status === 'rejected') throw result.reason;
  }
}

/** The role that gets the application's rights: the user of DATABASE_URL. */
function appRole(url: string | undefined): string {
  const user = url === undefined ? '' : decodeURIComponent(new URL(url).username);
  return user === '' ? APP_ROLE : user;
}
