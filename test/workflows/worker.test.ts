import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { pathsOf } from '../../server/runtime/index.js';
import { freshEnvironment } from '../support/runtime.js';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [join(pathsOf().root, 'dist', 'server', 'worker.js')], { env, stdio: 'ignore' });
  started.push(child);
  return child;
}

async function get(env: NodeJS.ProcessEnv, path: string): Promise<{ status: number; body: string } | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${env['DUBAN_WORKER_PORT']}${path}`);
    return { status: answer.status, body: await answer.text() };
  } catch {
    return null;
  }
}

async function until(env: NodeJS.ProcessEnv, path: string, holds: (status: number, body: string) => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await get(env, path);
    if (answer !== null && holds(answer.status, answer.body)) return;
    await sleep(100);
  }
  throw new Error(`${path} did not answer as expected`);
}

test('a worker whose engine is not there lives, says that it is not ready, and keeps trying', async () => {
  const { env, database } = await freshEnvironment();
  const away = { ...env, TEMPORAL_ADDRESS: '127.0.0.1:9' };
  const child = start(away);
  await until(away, '/metrics', (status, body) => status === 200 && /duban_engine_lost_total [2-9]/.test(body));
  expect(await get(away, '/readyz')).toEqual({ status: 503, body: JSON.stringify({ status: 'waiting', missing: ['engine'] }) });
  expect(await get(away, '/healthz')).toMatchObject({ status: 200 });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await database.drop();
});

test('a worker is ready once the engine sees it polling, and SIGTERM ends it in order', async () => {
  const { env, database } = await freshEnvironment();
  const child = start(env);
  await until(env, '/readyz', (status) => status === 200);
  expect((await get(env, '/metrics'))?.body).toContain('duban_worker_polling 1');
  expect(await get(env, '/other')).toMatchObject({ status: 404 });
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await database.drop();
});
