import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../server/runtime/lock.js';
import { pathsOf } from '../../server/runtime/paths.js';
import { choosePorts, isFree } from '../../server/runtime/ports.js';
import { isAlive, markOf, stopProcess } from '../../server/runtime/process.js';
import { saySilently } from '../../server/runtime/problem.js';
import { isReadySoon } from '../../server/runtime/services.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'duban-processes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sleeper(): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await new Promise((done) => child.once('spawn', done));
  return { child, pid: child.pid ?? 0 };
}

test('a process is stopped by its mark, and a mark is of one process only', async () => {
  const { pid } = await sleeper();
  const mark = markOf(pid);
  expect(mark).not.toBeNull();
  if (mark === null) return;
  const other = { pid, token: 'a process that had this id before' };
  expect(await stopProcess(other)).toBe(false);
  expect(isAlive(mark)).toBe(true);
  expect(await stopProcess(mark)).toBe(true);
  expect(isAlive(mark)).toBe(false);
  expect(await stopProcess(mark)).toBe(false);
});

test('a lock is held by one at a time', async () => {
  const file = join(folder, 'a.lock');
  const order: string[] = [];
  const work = (name: string) => (): Promise<void> =>
    withLock(file, saySilently, async () => {
      order.push(`${name} in`);
      await new Promise((done) => setImmediate(done));
      order.push(`${name} out`);
    });
  await Promise.all([work('a')(), work('b')(), work('c')()]);
  const names = order.filter((_, index) => index % 2 === 0).map((entry) => entry.slice(0, 1));
  expect(order).toEqual(names.flatMap((name) => [`${name} in`, `${name} out`]));
  expect([...names].sort()).toEqual(['a', 'b', 'c']);
  expect(existsSync(file)).toBe(false);
});

test('the lock of a dead process is taken over', async () => {
  const { child, pid } = await sleeper();
  const file = join(folder, 'dead.lock');
  writeFileSync(file, JSON.stringify(markOf(pid)));
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
  expect(await withLock(file, saySilently, async () => readFileSync(file, 'utf8'))).toContain(String(process.pid));
});

test('the lock of a living process is respected', async () => {
  const file = join(folder, 'living.lock');
  writeFileSync(file, JSON.stringify(markOf(process.ppid)));
  await expect(withLock(file, saySilently, async () => undefined, 150)).rejects.toMatchObject({ code: 'lock-held' });
  expect(existsSync(file)).toBe(true);
});

test('ports follow from the home and avoid what is taken', async () => {
  const paths = pathsOf(join(folder, 'home'));
  const ports = await choosePorts(paths, {});
  expect(await choosePorts(paths, {})).toEqual(ports);
  expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(ports.database, '127.0.0.1', done);
  });
  expect(await isFree(ports.database)).toBe(false);
  const moved = await choosePorts(paths, {});
  expect(Object.values(moved)).not.toContain(ports.database);
  await expect(choosePorts(paths, { database: ports.database })).rejects.toMatchObject({ code: 'port-taken' });
  server.close();
});

test('a service that finds its engine again is waited for; one that has ended is not', async () => {
  const answers = [503, 503, 200];
  const asked: number[] = [];
  const server = createHttpServer((_, response) => {
    const status = answers[asked.length] ?? 503;
    asked.push(status);
    response.writeHead(status).end();
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  expect(await isReadySoon(url, () => true)).toBe(true);
  expect(asked).toEqual([503, 503, 200]);
  expect(await isReadySoon(url, () => false)).toBe(false);
  expect(asked).toEqual([503, 503, 200, 503]);
  expect(await isReadySoon(url, () => true, 0)).toBe(false);
  await new Promise((done) => server.close(done));
});
