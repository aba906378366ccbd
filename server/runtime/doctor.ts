import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../store/errors.js';
import { lookAtDatabase } from '../../store/version.js';
import { engineConnectionOptions, loadSettings, type Settings } from '../config.js';
import { readSecrets } from '../secrets.js';
import { findEngine } from './engine/find.js';
import { lastPollerSeen, lookAtNamespace } from './engine/namespace.js';
import { engineAddressOf } from './engine/serve.js';
import { pathsOf, type Paths } from './paths.js';
import { filesKept } from '../../store/housekeeping.js';
import { lookAtKeys, withDatabase } from './keys.js';
import { longLogs } from './logs.js';
import { isFree, PORTS_OF } from './ports.js';
import { databaseUrl } from './postgres/cluster.js';
import { placedFolder } from './postgres/placement.js';
import { isAlive } from './process.js';
import { messageOf, RuntimeProblem, saySilently } from './problem.js';
import { isReady } from './services.js';
import { PARTS, readRunState, type RunState } from './state.js';

/** One line of `npx duban doctor`. `what`, `todo`: Chinese and English; `todo` only where something is not healthy. */
export type Finding = {
  readonly check: string;
  readonly healthy: boolean;
  readonly what: { readonly zh: string; readonly en: string };
  readonly todo?: { readonly zh: string; readonly en: string };
};

type Answer = Omit<Finding, 'check'>;
type Patient = { readonly paths: Paths; readonly settings: Settings; readonly state: RunState };

const START = { zh: '运行 npx duban up', en: 'run npx duban up' };
const good = (zh: string, en: string): Answer => ({ healthy: true, what: { zh, en } });
const bad = (zh: string, en: string, todo: { zh: string; en: string }): Answer => ({ healthy: false, what: { zh, en }, todo });

const NOT_HERE = good('不在本机运行（DUBAN_SERVICES）', 'does not run here (DUBAN_SERVICES)');

const CHECKS: Readonly<Record<string, (of: Patient) => Answer | Promise<Answer>>> = {
  node: checkNode,
  dependencies: checkDependencies,
  'engine-binary': checkBinary,
  engine: checkEngine,
  database: checkDatabase,
  keys: checkKeyring,
  ports: checkPorts,
  worker: checkWorker,
  api: checkApi,
  files: checkFiles,
  disk: checkDisk,
};

/** Looks at everything and changes nothing. A check that itself fails is a finding, not an error. */
export async function examine(paths: Paths = pathsOf(), settings: Settings = loadSettings()): Promise<readonly Finding[]> {
  const of = { paths, settings, state: readRunState(paths) };
  return Promise.all(
    Object.entries(CHECKS).map(async ([check, look]) => {
      try {
        return { check, ...(await look(of)) };
      } catch (error) {
        const texts = textsOf(error);
        return { check, ...bad(texts.zh, texts.en, START) };
      }
    }),
  );
}

const textsOf = (error: unknown): { zh: string; en: string } =>
  error instanceof RuntimeProblem || error instanceof StoreError
    ? { zh: error.zh, en: error.en }
    : { zh: messageOf(error), en: messageOf(error) };

function checkNode(): Answer {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const version = process.versions.node;
  if (major > 20 || (major === 20 && minor >= 20)) return good(`Node ${version}`, `Node ${version}`);
  return bad(`Node ${version} 太旧`, `Node ${version} is too old`, {
    zh: '安装 Node 20.20 以上（建议 22 或 24）',
    en: 'install Node 20.20 or newer (22 or 24 recommended)',
  });
}

function checkDependencies({ paths }: Patient): Answer {
  const stamp = join(paths.root, 'node_modules', '.duban-lock');
  const built = existsSync(join(paths.root, 'dist', '.build.json'));
  if (!existsSync(stamp) || !built) {
    return bad('依赖未安装或程序未编译', 'not installed or not built', {
      zh: '运行 npm start 或 node scripts/prepare.mjs',
      en: 'run npm start or node scripts/prepare.mjs',
    });
  }
  return good(`已安装并编译（${readFileSync(stamp, 'utf8').slice(0, 12)}）`, 'installed and built');
}

function checkBinary({ settings }: Patient): Answer {
  if (settings.engine.address !== undefined) return good('使用外部集群，不需要程序', 'external cluster, none needed');
  const found = findEngine(settings.engine.binary, saySilently);
  if (found !== null) return good(`${found.path}（${found.from}）`, `${found.path} (${found.from})`);
  return bad('没有 Temporal 服务程序', 'no Temporal server binary', {
    zh: '运行 npx duban up 自动编译（需要 Go 1.26），或设置 engine.binary / engine.address',
    en: 'run npx duban up to build it (needs Go 1.26), or set engine.binary or engine.address',
  });
}

function engineOf({ settings, state }: Patient): (Settings['engine'] & { address: string }) | null {
  const address = settings.engine.address ?? (state.ports === undefined ? undefined : engineAddressOf(state.ports));
  return address === undefined ? null : { ...settings.engine, address };
}

async function checkEngine(of: Patient): Promise<Answer> {
  const engine = engineOf(of);
  if (engine === null) return bad('引擎没有启动', 'the engine is not running', START);
  const outside = of.settings.engine.address !== undefined;
  const log = join(of.paths.log, 'engine.log');
  try {
    const version = await lookAtNamespace(engineConnectionOptions(engine), engine.namespace, engine.retentionDays);
    return good(
      `Temporal ${version} 正常（${engine.address}，${engine.namespace}）`,
      `Temporal ${version} at ${engine.address}, ${engine.namespace}`,
    );
  } catch (error) {
    const texts = textsOf(error);
    return bad(
      texts.zh,
      texts.en,
      outside
        ? {
            zh: '改正 temporal.yaml 或 TEMPORAL_* 变量后运行 npx duban up',
            en: 'correct temporal.yaml or TEMPORAL_*, then run npx duban up',
          }
        : { zh: `运行 npx duban up；日志 ${log}`, en: `run npx duban up; log: ${log}` },
    );
  }
}

async function checkDatabase({ paths, settings, state }: Patient): Promise<Answer> {
  const outside = settings.database.url !== undefined;
  if (!outside && !isAlive(state.database)) return bad('数据库没有启动', 'the database is not running', START);
  const url = settings.database.url ?? databaseUrl(readSecrets(paths.secretsFile), state.ports?.database ?? 0, 'app');
  try {
    const { version, size } = await lookAtDatabase(url);
    const where = outside ? 'DATABASE_URL' : (placedFolder(paths) ?? '');
    return good(`PostgreSQL ${version}，${size}，${where}`, `PostgreSQL ${version}, ${size}`);
  } catch (error) {
    const texts = textsOf(error);
    const log = join(paths.log, 'postgres.log');
    return bad(
      texts.zh,
      texts.en,
      outside
        ? {
            zh: '改正 DATABASE_URL、DATABASE_ADMIN_URL 或数据库后运行 npx duban up',
            en: 'correct DATABASE_URL, DATABASE_ADMIN_URL or the database, then run npx duban up',
          }
        : { zh: `运行 npx duban up；日志 ${log}`, en: `run npx duban up; log: ${log}` },
    );
  }
}

async function checkKeyring({ paths, settings, state }: Patient): Promise<Answer> {
  if (settings.database.url === undefined && !isAlive(state.database)) return good('数据库启动后再核对', 'compared once the database runs');
  const { all, active, next, stale } = await lookAtKeys({ paths, settings });
  if (stale > 0)
    return bad(`还有 ${stale} 人的信息没有换到密钥 ${active}`, `the data of ${stale} persons is not sealed with ${active} yet`, {
      zh: '运行 npx duban keys rotate，从中断处继续',
      en: 'run npx duban keys rotate: it goes on where it stopped',
    });
  const waiting = next === null ? ['', ''] : [`；${next} 已备好，尚未启用`, `; ${next} is prepared`];
  return good(`在用 ${active}，共 ${all.length} 个${waiting[0]}`, `${active} in use, ${all.length} in all${waiting[1]}`);
}

async function checkPorts({ state }: Patient): Promise<Answer> {
  const { ports } = state;
  if (ports === undefined) return good('尚未分配端口', 'no ports chosen yet');
  for (const part of PARTS) {
    if (isAlive(state[part]) || state[part] === undefined) continue;
    for (const name of PORTS_OF[part]) {
      if (!(await isFree(ports[name]))) {
        return bad(`端口 ${ports[name]}（${name}）被别的程序占用`, `port ${ports[name]} (${name}) is held by another program`, {
          zh: '运行 npx duban up 会换用新端口，或停掉那个程序',
          en: 'npx duban up moves to new ports; or stop that program',
        });
      }
    }
  }
  return good(
    `接口 ${ports.api}，数据库 ${ports.database}，引擎 ${ports.frontend}`,
    `api ${ports.api}, database ${ports.database}, engine ${ports.frontend}`,
  );
}

async function checkWorker(of: Patient): Promise<Answer> {
  const { state, settings, paths } = of;
  if (!settings.services.includes('worker')) return NOT_HERE;
  if (!isAlive(state.worker)) return bad('工作进程没有启动', 'the worker is not running', START);
  const engine = engineOf(of);
  const seen =
    engine === null ? null : await lastPollerSeen(engineConnectionOptions(engine), settings.engine.namespace, settings.engine.taskQueue);
  const log = join(paths.log, 'worker.log');
  if (seen === null) return bad('引擎没有看到工作进程取任务', 'the engine has seen no poller', { zh: `查看日志 ${log}`, en: `see ${log}` });
  const ago = Math.max(0, Math.round((Date.now() - seen) / 1000));
  // A long poll lasts up to a minute; an older trace belongs to a worker that no longer asks.
  if (ago > 90)
    return bad(`工作进程 ${ago} 秒没有取任务`, `the last poll was ${ago} s ago`, {
      zh: `运行 npx duban down 再 npx duban up；日志 ${log}`,
      en: `run npx duban down, then npx duban up; log: ${log}`,
    });
  return good(`工作进程正常（${ago} 秒前取过任务）`, `polling, last seen ${ago} s ago`);
}

async function checkApi({ state, settings, paths }: Patient): Promise<Answer> {
  const { api } = state;
  if (!settings.services.includes('api')) return NOT_HERE;
  if (api === undefined || !isAlive(api)) return bad('接口服务没有启动', 'the API is not running', START);
  if (await isReady(api.url)) return good(`接口正常：${api.url}`, `ready at ${api.url}`);
  const log = join(paths.log, 'api.log');
  return bad(`接口 ${api.url} 没有就绪`, `${api.url} is not ready`, { zh: `查看日志 ${log}`, en: `see ${log}` });
}

const GIB = 1024 ** 3;

/** What uploads and logs take. Logs are cut by the services; one that grows on has no service left to cut it. */
async function checkFiles({ paths, settings, state }: Patient): Promise<Answer> {
  const long = longLogs(paths.log);
  if (long.length > 0)
    return bad(`日志过长：${long.join('、')}`, `logs that have grown too long: ${long.join(', ')}`, {
      zh: '工作进程或接口每小时截断一次；它们没有运行时请运行 npx duban up',
      en: 'worker and API cut them every hour; when they do not run: npx duban up',
    });
  if (settings.database.url === undefined && !isAlive(state.database)) return good('日志正常', 'logs are in order');
  const { files, bytes, unused, unusedBytes } = await withDatabase({ paths, settings }, (store) => filesKept(store.db));
  const mb = (size: number): string => `${(size / 1024 / 1024).toFixed(1)} MB`;
  return good(
    `证明材料 ${files} 个（${mb(bytes)}），其中未使用 ${unused} 个（${mb(unusedBytes)}），${settings.files.keepDays} 天后清理`,
    `${files} files of evidence (${mb(bytes)}), of which ${unused} unused (${mb(unusedBytes)}), removed after ${settings.files.keepDays} days`,
  );
}

function checkDisk({ paths }: Patient): Answer {
  const folder = placedFolder(paths) ?? (existsSync(paths.home) ? paths.home : paths.root);
  const disk = statfsSync(folder);
  const free = (disk.bavail * disk.bsize) / GIB;
  const text = `${free.toFixed(1)} GB`;
  if (free >= 2) return good(`磁盘剩余 ${text}`, `${text} free`);
  return bad(`磁盘只剩 ${text}（${folder}）`, `only ${text} free at ${folder}`, {
    zh: '请清理磁盘，至少留出 2 GB',
    en: 'free some space: at least 2 GB',
  });
}
