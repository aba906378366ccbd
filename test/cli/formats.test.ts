import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { wholeFile } from '../../definitions/schema/publish/snippets.js';
import { duban } from './command.js';

const THIRD = ['--definition', 'test/definitions/third-format.yaml', '--format', 'postReturn'];
const checked = z.object({
  sound: z.boolean(),
  codesKnown: z.boolean(),
  details: z.number(),
  outcomes: z.record(z.string(), z.object({ lines: z.number() })),
  problems: z.array(z.object({ code: z.string(), severity: z.string(), line: z.number().nullable(), zh: z.string(), doZh: z.string() })),
});
const written = z.object({ path: z.string(), name: z.string(), lines: z.number() });
const folderOf = (): string => mkdtempSync(join(tmpdir(), 'duban-format-'));

async function sampleIn(folder: string, of: readonly string[] = THIRD): Promise<string> {
  const { exit, out } = await duban(['format', 'sample', ...of, '--out', folder, '--json']);
  expect(exit).toBe(0);
  return written.parse(JSON.parse(out)).path;
}

describe('duban format', () => {
  test('a sample reads back clean, under the name it was given', async () => {
    const folder = folderOf();
    const path = await sampleIn(folder);
    expect(path).toBe(join(folder, 'R-YZ07-20220101-0001.csv'));
    // A folder that is not there yet is made.
    expect(existsSync(await sampleIn(join(folder, 'new', 'one')))).toBe(true);
    const { exit, out } = await duban(['format', 'check', path, ...THIRD, '--json']);
    const reading = checked.parse(JSON.parse(out));
    expect(exit).toBe(0);
    expect(reading).toMatchObject({ sound: true, codesKnown: true, details: 10, problems: [] });
    expect(Object.keys(reading.outcomes).sort()).toEqual(['arrived', 'closed', 'short']);
  });

  test('the same sample again changes nothing; another one under its name is refused', async () => {
    const folder = folderOf();
    const path = await sampleIn(folder);
    const before = readFileSync(path);
    expect(await sampleIn(folder)).toBe(path);
    const { exit, err } = await duban(['format', 'sample', ...THIRD, '--out', folder, '--lines', '3']);
    expect(exit).toBe(1);
    expect(err).toContain('[file-exists]');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a file with mistakes: exit 1, each with its line, what is wrong and what to do', async () => {
    const path = await sampleIn(folderOf());
    writeFileSync(path, readFileSync(path, 'utf8').replace('@|@201@|@', '@|@-201@|@'));
    const { exit, out, err } = await duban(['format', 'check', path, ...THIRD]);
    expect(exit).toBe(1);
    expect(err).toContain('[file-refused]');
    expect(out).toContain('✗ negative-amount');
    expect(out).toContain('→ negative-amount');
    expect(out).toMatch(/\n +3 +\d+ +应收 +✗ negative-amount/);
  });

  test('a renamed file is refused, unless its own name is given', async () => {
    const path = await sampleIn(folderOf());
    const renamed = join(folderOf(), 'result.csv');
    writeFileSync(renamed, readFileSync(path));
    expect((await duban(['format', 'check', renamed, ...THIRD])).exit).toBe(1);
    expect((await duban(['format', 'check', renamed, ...THIRD, '--name', 'R-YZ07-20220101-0001.csv'])).exit).toBe(0);
  });

  test('the shipped layouts: samples of request and return, with the codes of a bank', async () => {
    for (const part of ['bank-return-delimited', 'bank-return-fixed']) {
      const folder = folderOf();
      const codes = join(folder, 'codes.csv');
      writeFileSync(codes, 'code,outcome\n0000,arrived\n1001,short\n');
      // Parts stand beside the folder of the campaigns.
      mkdirSync(join(folder, 'campaigns'));
      mkdirSync(join(folder, 'parts'));
      writeFileSync(join(folder, 'parts', `${part}.yaml`), readFileSync(`definitions/parts/${part}.yaml`));
      const file = join(folder, 'campaigns', 'sample.yaml');
      writeFileSync(file, wholeFile(`use:\n  ${part}: { version: "1.0", map: { bank: finance }, clause: ours }`));
      for (const [format, tables] of [
        ['bankRequest', []],
        ['bankReturn', []],
        ['bankReturn', ['--table', `bankCodes=${codes}`]],
      ] as const) {
        const own = ['--definition', file, '--format', format, ...tables];
        const path = await sampleIn(folderOf(), own);
        const { exit, out } = await duban(['format', 'check', path, ...own, '--json']);
        const reading = checked.parse(JSON.parse(out));
        expect([part, format, exit, reading.sound]).toEqual([part, format, 0, true]);
        expect(reading.codesKnown).toBe(format === 'bankRequest' || tables.length > 0);
        if (tables.length > 0) expect(reading.outcomes).toMatchObject({ arrived: { lines: 5 }, short: { lines: 5 } });
      }
    }
  });

  test.each([
    [['format', 'check', 'no-such-file.txt', ...THIRD], 'file-missing'],
    [['format', 'sample', '--definition', 'test/definitions/third-format.yaml', '--format', 'nope'], 'unknown-format'],
    [['format', 'sample', ...THIRD, '--set', 'nope=1'], 'unknown-parameter'],
    [['format', 'sample', ...THIRD, '--table', 'nope=x.csv'], 'unknown-table'],
  ])('wrong usage is 2: %j', async (args, code) => {
    const { exit, err } = await duban(args);
    expect(exit).toBe(2);
    expect(err).toContain(`[${code}]`);
  });

  test('a definition with mistakes: 1', async () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'bad.yaml'), 'duban: 1\nkind: campaign\n');
    const { exit, err } = await duban(['format', 'sample', '--definition', join(folder, 'bad.yaml'), '--format', 'f']);
    expect(exit).toBe(1);
    expect(err).toContain('[definition-refused]');
  });
});
