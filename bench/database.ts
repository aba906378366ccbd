import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../store/migrate.js';

export interface BenchDatabase {
  readonly url: string;
  readonly adminUrl: string;
}

/** Gives `work` a migrated database of its own on the runner's server and drops it afterwards. */
export async function withBenchDatabase<T>(work: (database: BenchDatabase) => Promise<T>): Promise<T> {
  const url = process.env['DATABASE_URL'];
  const adminUrl = process.env['DATABASE_ADMIN_URL'];
  if (url === undefined || adminUrl === undefined)
    throw new Error('benches are started by `npm run bench -- NAME`, which has a database for them');
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
    await dropped(adminUrl, name);
  }
}

/** While the server cleans a large table of its own accord, nobody but a superuser may end that: it is waited for. */
async function dropped(adminUrl: string, name: string): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    try {
      return await command(adminUrl, `drop database ${name} with (force)`);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '42501' || Date.now() > until) throw error;
      await sleep(1000);
    }
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
