import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { duban } from './command.js';

const CAMPAIGN = 'definitions/campaigns/lingcheng-2020.yaml';
const empty = { DUBAN_HOME: mkdtempSync(join(tmpdir(), 'duban-home-')) };

describe('verbs that need no running Duban', () => {
  test('a sound definition: exit 0, its digest is printed', async () => {
    const { exit, out } = await duban(['lint', CAMPAIGN]);
    expect(out).toMatch(/✓ definitions\/campaigns\/lingcheng-2020\.yaml {2}[0-9a-f]{64}/);
    expect(exit).toBe(0);
  });

  test('a wrong definition: exit 1, every mistake with its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lint-'));
    writeFileSync(join(folder, 'bad.yaml'), 'duban: 1\nkind: campaign\nid: x\nsead: 3\n');
    const { exit, out, err } = await duban(['lint', 'bad.yaml'], { cwd: folder });
    expect(exit).toBe(1);
    expect(out).toContain('bad.yaml:4:1');
    expect(out).toContain('[unknown-key]');
    expect(err).toContain('[definition-refused]');
  });

  test('with --json the findings are data', async () => {
    const { exit, out } = await duban(['lint', 'no-such-file.yaml', '--json']);
    expect(exit).toBe(1);
    expect(out).toContain('"code": "file-missing"');
  });

  test('the clause map names what carries a place of the notice', async () => {
    const { exit, out } = await duban(['clauses', CAMPAIGN, '--json']);
    const map: { byClause: { clause: string; elements: string[] }[] } = JSON.parse(out);
    expect(exit).toBe(0);
    expect(map.byClause.find(({ clause }) => clause === 'S4-07')?.elements).toContain('milestones.byMay30');
  });
});

describe('exit codes', () => {
  test.each([
    [['--help'], 0],
    [['lint'], 2],
    [['no-such-verb'], 2],
    [['status', '--lang', 'fr'], 2],
    [['time', 'c1', '--to', '2020-02-30'], 2],
    [['act', 'c1:material/u2', 'done', '--data', '[1]'], 2],
    [['why', 'material/u2'], 2],
    [['launch', 'x', '--year', 'soon'], 2],
  ])('%j is %i', async (args, exit) => {
    expect((await duban(args, { env: { ...empty, DUBAN_API_URL: 'http://127.0.0.1:9' } })).exit).toBe(exit);
  });

  test('nothing runs here: 3, with what to type', async () => {
    const { exit, err } = await duban(['status'], { env: empty });
    expect(exit).toBe(3);
    expect(err).toContain('[not-running]');
    expect(err).toContain('duban up');
  });

  test('nobody answers at the address: 3; a mutating command prints the key with which it can be repeated', async () => {
    const env = { ...empty, DUBAN_API_URL: 'http://127.0.0.1:9' };
    const { exit, err } = await duban(['act', 'c1', 'pause', '--data', '{"reason":"x"}', '--key', 'repeat-me-1'], { env });
    expect(exit).toBe(3);
    expect(err).toContain('--key repeat-me-1');
  });

  test('--lang en speaks English alone', async () => {
    const { err } = await duban(['status', '--lang', 'en'], { env: empty });
    expect(err).toContain('Duban is not running here.');
    expect(err).not.toMatch(/[一-鿿]/);
  });
});
