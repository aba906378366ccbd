import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { loadSettings } from '../server/config.js';
import * as runtime from '../server/runtime/index.js';
import { migrate } from '../store/migrate.js';

export interface BenchDatabase {
  readonly url: string;
  readonly adminUrl: string;
}

/**
 * Gives `work` a migrated database of its own and drops it afterwards: on the server of DATABASE_URL and DATABASE_ADMIN_URL (whose user must be
 * allowed to create databases), or on an embedded one that is started for the bench alone.
 */
export async function withBenchDatabase<T>(work: (database: BenchDatabase) => Promise<T>): Promise<T> {
  const url = process.env['DATABASE_URL'];
  const adminUrl = process.env['DATABASE_ADMIN_URL'];
  if (url !== undefined && adminUrl !== undefined) return inScratch(url, adminUrl, work);
  const own = runtime.pathsOf();
  const paths = runtime.pathsOf(join(own.home, `bench-${process.pid}`));
  try {
    const running = await runtime.up({
      paths: { ...paths, secretsFile: join(paths.home, 'secrets.json') },
      settings: loadSettings({}),
      what: 'ground',
    });
    if (running.database.adminUrl === null) throw new Error('the embedded database has an owner');
    return await inScratch(running.database.url, running.database.adminUrl, work);
  } finally {
    await runtime.down({ paths });
    runtime.removeDatabase(paths);
    rmSync(paths.home, { recursive: true, force: true });
  }
}

async function inScratch<T>(url: string, adminUrl: string, work: (database: BenchDatabase) => Promise<T>): Promise<T> {
  const name = `duban_bench_${randomBytes(4).toString('hex')}`;
  const on = (base: string): string => {
    const changed = new URL(base);
    changed.pathname = `/${name}`;
    return changed.href;
  };
  await command(adminUrl, `create database ${name}`);
  try {
    await migrate({ adminUrl: on(adminUrl), appRole: decodeURIComponent(new URL(url).username) });
    return await work({ url: on(url), adminUrl: on(adminUrl) });
  } finally {
    await command(adminUrl, `drop database ${name} with (force)`);
  }
}

/** Runs one statement on a connection of its own. */
export async function command(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
