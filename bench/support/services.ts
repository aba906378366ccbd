import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineConnectionOptions, loadConfig } from '../../server/config.js';
import * as runtime from '../../server/runtime/index.js';
import type { BenchDatabase } from '../database.js';

/** Environment of a worker and an API that belong together: the given database, a namespace of their own on the runner's engine, free ports. */
export async function environmentFor(database: BenchDatabase): Promise<NodeJS.ProcessEnv> {
  const { DATABASE_ADMIN_URL: _owner, ...given } = process.env;
  const env = {
    ...given,
    DATABASE_URL: database.url,
    TEMPORAL_NAMESPACE: `b-${randomBytes(6).toString('hex')}`,
    DUBAN_API_PORT: String(await freePort()),
    DUBAN_WORKER_PORT: String(await freePort()),
  };
  await runtime.ensureNamespace(engineConnectionOptions(loadConfig(env).engine), env.TEMPORAL_NAMESPACE, {
    register: true,
    retentionDays: 1,
  });
  return env;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

export interface Service {
  readonly url: string;
  /** Memory of the process that is in RAM now, in MB. */
  residentMb(): number;
  stop(): Promise<void>;
}

/** The real worker or API as a process of its own, ready. */
export async function startService(name: 'worker' | 'api', env: NodeJS.ProcessEnv): Promise<Service> {
  const paths = runtime.pathsOf(env['DUBAN_HOME']);
  const url = `http://127.0.0.1:${env[name === 'worker' ? 'DUBAN_WORKER_PORT' : 'DUBAN_API_PORT'] ?? ''}`;
  const logFile = join(paths.log, `bench-${name}.log`);
  const args = ['--enable-source-maps', join(paths.root, 'dist', 'server', `${name}.js`), runtime.homeArgument(paths)];
  const started = await runtime.spawnDetached({ command: process.execPath, args, cwd: paths.root, env, logFile });
  const state: { end: number | string | null } = { end: null };
  void started.ended.then((end) => (state.end = end));
  const until = Date.now() + 60_000;
  while (!(await runtime.isReady(url))) {
    if (state.end !== null || Date.now() > until) {
      await runtime.stopProcess(started);
      throw new Error(`${name} did not become ready (${state.end ?? 'no answer'}):\n${runtime.logTail(logFile, started.logFrom, 20)}`);
    }
    await sleep(50);
  }
  return {
    url,
    residentMb: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(started.pid)], { encoding: 'utf8' })) / 1024,
    stop: async () => void (await runtime.stopProcess(started)),
  };
}
