import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Paths } from '../paths.js';
import { PORTS_OF, portTaken, taken, type Ports } from '../ports.js';
import { logTail, spawnDetached, stopProcess, type ProcessMark } from '../process.js';
import { RuntimeProblem, type Say } from '../problem.js';
import { engineAnswers } from './namespace.js';
import { renderDynamicConfig, renderEngineConfig } from './render.js';

export type RunningEngine = ProcessMark & { readonly binary: string };

export const engineAddressOf = (ports: Ports): string => `127.0.0.1:${ports.frontend}`;

/**
 * Starts the embedded engine from `binary` and waits until it serves. `started` is told the process as soon as it exists.
 * Errors: `port-taken`, `engine-start`.
 */
export async function startEngine(options: {
  paths: Paths;
  binary: string;
  ports: Ports;
  say: Say;
  started: (mark: RunningEngine) => void;
}): Promise<RunningEngine> {
  const { paths, ports } = options;
  const [held] = await taken(ports, PORTS_OF.engine);
  if (held !== undefined) throw portTaken(`engine ${held}`, ports[held]);
  const configFile = join(paths.engine, 'server.yaml');
  writeFileSync(configFile, renderEngineConfig(paths.engine, ports), { mode: 0o600 });
  writeFileSync(join(paths.engine, 'dynamic.yaml'), renderDynamicConfig(), { mode: 0o600 });
  const log = join(paths.log, 'engine.log');
  const spawned = await spawnDetached({
    command: options.binary,
    args: ['--config-file', configFile, '--allow-no-auth', 'start'],
    cwd: paths.engine,
    env: engineEnv(),
    logFile: log,
  });
  const running = { pid: spawned.pid, token: spawned.token, binary: options.binary };
  options.started(running);
  const state: { end: number | string | null } = { end: null };
  void spawned.ended.then((end) => (state.end = end));
  const until = Date.now() + 90_000;
  while (state.end === null && Date.now() < until) {
    if (await engineAnswers({ address: engineAddressOf(ports) })) return running;
    await sleep(100);
  }
  throw new RuntimeProblem(
    'engine-start',
    `Temporal 服务没有启动成功（${state.end === null ? '90 秒内没有应答' : `已退出：${state.end}`}），日志 ${log} 的末尾：\n${logTail(log, spawned.logFrom)}`,
    `The Temporal server did not start; see the end of ${log} above.`,
  );
}

export async function stopEngine(mark: ProcessMark): Promise<boolean> {
  return stopProcess(mark, { signal: 'SIGTERM', graceMs: 20_000 });
}

/** TEMPORAL_* variables are ours for the client side; the server reads some of the same names and must not see them. */
function engineEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}
