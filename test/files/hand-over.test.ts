import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { HAND_OVER_POINTS, HandedOverOtherwise, handOver, type HandOverPoint } from '../../activities/files/hand-over.js';

const folderOf = (): string => mkdtempSync(join(tmpdir(), 'duban-out-'));
const pieces = [Buffer.from('H|1\r\n'), Buffer.from('D|1|200.00\r\n')];
const whole = Buffer.concat(pieces).toString();
const content = (): readonly Uint8Array[] => pieces;
/** What a receiver sees: hidden names are no files to it. */
const visible = (folder: string): readonly string[] => readdirSync(folder).filter((name) => !name.startsWith('.'));

test('the file is there whole under its name, with nothing beside it', async () => {
  const folder = folderOf();
  const given = await handOver({ folder, name: 'a.txt', content });
  expect(given).toMatchObject({ path: join(folder, 'a.txt'), bytes: whole.length, again: false });
  expect(readFileSync(given.path, 'utf8')).toBe(whole);
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('again: nothing changes, the digest is the same', async () => {
  const folder = folderOf();
  const first = await handOver({ folder, name: 'a.txt', content });
  const second = await handOver({ folder, name: 'a.txt', content });
  expect(second).toEqual({ ...first, again: true });
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('other content under the same name is refused and overwrites nothing', async () => {
  const folder = folderOf();
  await handOver({ folder, name: 'a.txt', content });
  await expect(handOver({ folder, name: 'a.txt', content: () => [Buffer.from('x')] })).rejects.toThrow(HandedOverOtherwise);
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe(whole);
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

describe('between any two steps a receiver sees nothing or the whole file', () => {
  test('at every point', async () => {
    const folder = folderOf();
    const seen: (readonly [HandOverPoint, readonly string[]])[] = [];
    const at = (point: HandOverPoint): void => {
      seen.push([point, visible(folder).map((name) => readFileSync(join(folder, name), 'utf8'))]);
    };
    await handOver({ folder, name: 'a.txt', content, at });
    expect(seen).toEqual([
      ['opened', []],
      ['written', []],
      ['synced', []],
      ['renamed', [whole]],
      ['settled', [whole]],
    ]);
    expect(seen.map(([point]) => point)).toEqual(HAND_OVER_POINTS);
  });

  test('what a killed attempt left behind is cleared by the next', async () => {
    const folder = folderOf();
    writeFileSync(join(folder, '.a.txt.part-0d9f'), whole.slice(0, 7));
    expect(visible(folder)).toEqual([]);
    expect((await handOver({ folder, name: 'a.txt', content })).again).toBe(false);
    writeFileSync(join(folder, '.a.txt.part-77aa'), whole);
    expect((await handOver({ folder, name: 'a.txt', content })).again).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  test('content that breaks off leaves nothing', async () => {
    const folder = folderOf();
    const broken = function* (): Generator<Uint8Array> {
      yield Buffer.from('H|1\r\n');
      throw new Error('the database went away');
    };
    await expect(handOver({ folder, name: 'a.txt', content: broken })).rejects.toThrow('the database went away');
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('unfinished files of other names are left alone', async () => {
  const folder = folderOf();
  writeFileSync(join(folder, '.b.txt.part-1'), 'half');
  await handOver({ folder, name: 'a.txt', content });
  expect(readdirSync(folder).sort()).toEqual(['.b.txt.part-1', 'a.txt']);
});
