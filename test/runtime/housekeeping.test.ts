import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearUploads } from '../../server/housekeeping.js';
import { longLogs, rotateLogs } from '../../server/runtime/logs.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'duban-housekeeping-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ownFolder(name: string): string {
  const made = join(folder, name);
  mkdirSync(made);
  return made;
}

test('a log that has grown too long is set aside while it is written, and its writer goes on in the emptied file', () => {
  const logs = ownFolder('logs');
  const writer = openSync(join(logs, 'worker.log'), 'a');
  writeSync(writer, 'old '.repeat(100));
  writeFileSync(join(logs, 'api.log'), 'short');
  writeFileSync(join(logs, 'notes.txt'), 'n'.repeat(1000));
  expect(rotateLogs(logs, 100)).toEqual(['worker.log']);
  writeSync(writer, 'new');
  closeSync(writer);
  expect(readFileSync(join(logs, 'worker.log'), 'utf8')).toBe('new');
  expect(readFileSync(join(logs, 'worker.log.1'), 'utf8')).toBe('old '.repeat(100));
  expect(readdirSync(logs).sort()).toEqual(['api.log', 'notes.txt', 'worker.log', 'worker.log.1']);
  // One generation is kept.
  writeFileSync(join(logs, 'worker.log'), 'later '.repeat(100));
  expect(rotateLogs(logs, 100)).toEqual(['worker.log']);
  expect(readFileSync(join(logs, 'worker.log.1'), 'utf8')).toBe('later '.repeat(100));
});

test('one looks after the logs at a time; one that was killed over it does not stop the others for good', () => {
  const logs = ownFolder('busy');
  writeFileSync(join(logs, 'api.log'), 'a'.repeat(200));
  mkdirSync(join(logs, '.rotating'));
  expect(rotateLogs(logs, 100)).toEqual([]);
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(join(logs, '.rotating'), hourAgo, hourAgo);
  rotateLogs(logs, 100);
  expect(rotateLogs(logs, 100)).toEqual(['api.log']);
  expect(statSync(join(logs, 'api.log')).size).toBe(0);
  expect(rotateLogs(join(folder, 'nowhere'))).toEqual([]);
  expect(longLogs(logs)).toEqual([]);
});

test('what a killed API has left of uploads is removed a day later, what is being read stays', async () => {
  const uploads = ownFolder('uploads');
  for (const name of ['left', 'fresh']) writeFileSync(join(uploads, name), 'x');
  const before = Date.now() / 1000 - 25 * 3600;
  utimesSync(join(uploads, 'left'), before, before);
  expect(await clearUploads(uploads)).toBe(1);
  expect([existsSync(join(uploads, 'left')), existsSync(join(uploads, 'fresh'))]).toEqual([false, true]);
  expect(await clearUploads(join(folder, 'none'))).toBe(0);
});
