import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config.js';
import { readSecrets } from '../secrets.js';
import type { Paths } from './paths.js';
import type { Ports } from './ports.js';
import { logTail, spawnDetached, stopProcess, type ProcessMark, type Spawned } from './process.js';
import { RuntimeProblem } from './problem.js';
import { homeArgument } from './strays.js';

export type ServiceName = 'worker' | 'api';

/** What both services are told; everything else they read through `loadConfig()`. */
export type ServiceSettings = {
  readonly paths: Paths;
  readonly settings: Settings;
  readonly databaseUrl: string;
  readonly engineAddress: string;
  readonly ports: Pick<Ports, 'api' | 'worker'>;
};

/** The environment of a service: the caller's, with every address fixed and without the owner's database URL. */
export function serviceEnvironment(of: ServiceSettings): NodeJS.ProcessEnv {
  const { DATABASE_ADMIN_URL: _owner, ...rest } = process.env;
  const { tls } = of.settings.engine;
  return {
    ...rest,
    TEMPORAL_TLS: String(tls !== undefined),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: tls?.ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: tls?.cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: tls?.key,
    TEMPORAL_TLS_SERVER_NAME: tls?.serverName,
    TEMPORAL_API_KEY: of.settings.engine.apiKey,
    DUBAN_HOME: of.paths.home,
    DUBAN_SECRETS_FILE: of.paths.secretsFile,
    DATABASE_URL: of.databaseUrl,
    TEMPORAL_ADDRESS: of.engineAddress,
    TEMPORAL_NAMESPACE: of.settings.engine.namespace,
    TEMPORAL_TASK_QUEUE: of.settings.engine.taskQueue,
    DUBAN_API_HOST: of.settings.api.host,
    DUBAN_API_PORT: String(of.ports.api),
    DUBAN_WORKER_PORT: String(of.ports.worker),
  };
}

/** Changes when a service would be told something else: settings, addresses, secrets. It follows the rings of keys by itself. */
export function environmentDigest(of: ServiceSettings): string {
  const { payloadCodec: _payloads, columnCipher: _columns, ...secrets } = readSecrets(of.paths.secretsFile);
  const told = { settings: of.settings, database: of.databaseUrl, engine: of.engineAddress, ports: of.ports, secrets };
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
}

/** Digest of what dist/ was built from, written by scripts/prepare.mjs. Error: `not-built`. */
export function buildDigest(paths: Paths): string {
  const stamp = join(paths.root, 'dist', '.build.json');
  if (!existsSync(stamp)) {
    throw new RuntimeProblem(
      'not-built',
      '程序还没有编译。请先运行 npm start 或 node scripts/prepare.mjs。',
      'Nothing is built yet. Run npm start or node scripts/prepare.mjs.',
    );
  }
  return createHash('sha256').update(readFileSync(stamp)).digest('hex').slice(0, 16);
}

/** Starts dist/server/<name>.js; does not wait for it. */
export async function startService(name: ServiceName, paths: Paths, env: NodeJS.ProcessEnv): Promise<Spawned> {
  return spawnDetached({
    command: process.execPath,
    args: ['--enable-source-maps', join(paths.root, 'dist', 'server', `${name}.js`), homeArgument(paths)],
    cwd: paths.root,
    env,
    logFile: join(paths.log, `${name}.log`),
  });
}

export async function stopService(mark: ProcessMark): Promise<boolean> {
  return stopProcess(mark, { signal: 'SIGTERM', graceMs: 15_000 });
}

/** True when `/readyz` answers 200. */
export async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/**
 * Whether a service that runs becomes ready within some seconds: after the database or the engine was started again it has to find it first, and
 * shall not be replaced for that. `running` false ends the waiting.
 */
export async function isReadySoon(url: string, running: () => boolean, withinMs = 10_000): Promise<boolean> {
  const until = Date.now() + withinMs;
  for (;;) {
    if (await isReady(url)) return true;
    if (!running() || Date.now() >= until) return false;
    await sleep(200);
  }
}

/** An engine whose data another one left behind (a drill, a crash) takes up to a minute until it no longer looks for that one's parts. */
const READY_WITHIN_MS = 150_000;

/** Waits for a service that was just started. Error: `service-start`, with the end of its log. */
export async function waitReady(
  name: ServiceName,
  url: string,
  process_: Spawned,
  paths: Paths,
  withinMs = READY_WITHIN_MS,
): Promise<void> {
  const state: { end: number | string | null } = { end: null };
  void process_.ended.then((end) => (state.end = end));
  const until = Date.now() + withinMs;
  while (state.end === null && Date.now() < until) {
    if (await isReady(url)) return;
    await sleep(100);
  }
  const log = join(paths.log, `${name}.log`);
  const title = name === 'worker' ? '工作进程' : '接口服务';
  const why = state.end === null ? `${withinMs / 1000} 秒内没有就绪` : `已退出：${state.end}`;
  throw new RuntimeProblem(
    'service-start',
    `${title}（${name}）没有启动成功（${why}），日志 ${log} 的末尾：\n${logTail(log, process_.logFrom)}`,
    `The ${name} did not become ready; see the end of ${log} above.`,
  );
}
