import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Launched } from '../support/http.js';
import { Site } from './site.js';
import { doubled, dump, play } from './year.js';
import { Yunze } from './yunze.js';

/* A backup is made in the middle of a year, while everything goes on; the year is then played to its end elsewhere, as if nothing had happened. */

let folder: string;
let yunze: Yunze;
let run: Launched;
let expected: Awaited<ReturnType<typeof dump>>;
let sums: readonly Readonly<Record<string, unknown>>[];
/** Steps before the backup: persons on the roster, money in hand, notices sent. */
let half: number;
const kept = (): string => join(folder, 'half');
const LEDGER = 'select account, sum(amount)::bigint as sum from ledger_postings where process_id = $1 group by 1 order by 1';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'duban-backup-'));
  yunze = await Yunze.open();
  const { site, as, steps } = yunze;
  half = steps.findIndex(({ moves }) => moves === '2021-12-20');
  run = await yunze.launched();
  await play(site, as, run, steps.slice(0, half), []);
  // Made while the world is on its way: what is on its way then is done again.
  const [made] = await Promise.all([site.backup(kept()), play(site, as, run, steps.slice(half), [])]);
  expect(made.rows).toBeGreaterThan(100);
  sums = await site.rows(LEDGER, [run.id]);
  expected = await dump(site, run.id);
  await site.stop();
}, 600_000);
afterAll(async () => {
  await yunze.site.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** The rest of the year, on what was restored. */
async function goesOn(site: Site): Promise<void> {
  await play(site, yunze.asOn(site), run, yunze.steps.slice(half), []);
  expect(await dump(site, run.id)).toEqual(expected);
  expect(await doubled(site, run.id)).toEqual({ twice: [], lost: [] });
  expect(await site.rows(LEDGER, [run.id])).toEqual(sums);
  const verified = await yunze.adminOn(site).post('/audit/verify', {});
  expect([verified.status, verified.body.at('violations').value]).toEqual([200, []]);
}

test('in another home: verified, signed in as before, and the year ends as it would have', async () => {
  const { site, restored } = await Site.restored(kept());
  try {
    expect(restored.audit).toEqual({ entries: expect.any(Number), violations: 0 });
    expect(restored.audit.entries).toBeGreaterThan(50);
    expect(restored.ledger).toEqual({ campaigns: 1, violations: 0 });
    expect(restored.journals).toEqual({ campaigns: 1, events: expect.any(Number), violations: 0, why: [] });
    expect(restored.journals.events).toBeGreaterThan(10);
    await goesOn(site);
    await expect(site.restoreHere(kept())).rejects.toMatchObject({ code: 'restore-over-data' });
  } finally {
    await site.close();
  }
}, 300_000);

test('an engine that has gone further than the database: the store wins', async () => {
  const { site } = await Site.restored(kept(), yunze.site);
  try {
    await goesOn(site);
  } finally {
    await site.close();
  }
}, 300_000);

describe('what is no backup, or not the right one', () => {
  const manifest = (): string => join(kept(), 'manifest.json');
  const restoring = async (): Promise<string> => {
    try {
      const { site } = await Site.restored(kept());
      await site.close();
      return 'restored';
    } catch (error) {
      return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    }
  };
  /** Changes a file of the backup, looks, and puts it back. */
  async function with_(file: string, changed: (before: Buffer) => Buffer | string | null): Promise<string> {
    const before = readFileSync(file);
    const after = changed(before);
    if (after === null) rmSync(file);
    else writeFileSync(file, after);
    try {
      return await restoring();
    } finally {
      writeFileSync(file, before, { mode: 0o600 });
    }
  }

  test('only who made it may read it, and it holds the keys', () => {
    const files = readdirSync(kept()).sort();
    expect(files).toEqual(['manifest.json', 'secrets.json', 'tables']);
    for (const file of ['manifest.json', 'secrets.json']) expect(statSync(join(kept(), file)).mode & 0o077).toBe(0);
    expect(statSync(kept()).mode & 0o077).toBe(0);
  });

  test('a backup that was broken off has no list', async () => {
    expect(await with_(manifest(), () => null)).toBe('no-backup');
    expect(await with_(manifest(), (text) => text.subarray(0, 100))).toBe('no-backup');
  });

  test('one of a newer program', async () => {
    expect(await with_(manifest(), (text) => text.toString().replace('0001_initial', '9999_later'))).toBe('backup-newer');
  });

  test('a row less, a row changed, a torn file: nothing is restored', async () => {
    const postings = join(kept(), 'tables', 'ledger_postings.copy.gz');
    const lines = (text: Buffer): string[] => gunzipSync(text).toString().split('\n');
    expect(await with_(postings, (text) => gzipSync(lines(text).slice(1).join('\n')))).toBe('backup-differs');
    expect(await with_(postings, (text) => gzipSync(gunzipSync(text).toString().replace(/\d(?=\n)/, (digit) => String((Number(digit) + 1) % 10))))).toBe('backup-differs'); // prettier-ignore
    expect(await with_(postings, (text) => text.subarray(0, text.length - 9))).not.toBe('restored');
  }, 240_000);

  test('a folder that is not empty is not written into', async () => {
    const other = mkdtempSync(join(folder, 'full-'));
    appendFileSync(join(other, 'mine.txt'), 'x');
    await expect(yunze.site.backup(other)).rejects.toMatchObject({ code: 'backup-exists' });
    expect(readdirSync(other)).toEqual(['mine.txt']);
  });

  test('nothing runs here: said so, and no folder is left behind', async () => {
    const other = join(folder, 'none');
    await expect(yunze.site.backup(other)).rejects.toMatchObject({ code: 'database-not-running' });
    expect(readdirSync(folder)).not.toContain('none.incomplete');
  });
});
