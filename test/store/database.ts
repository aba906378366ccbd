import { randomBytes } from 'node:crypto';
import pg from 'pg';

const ADMIN = 'postgres://postgres@127.0.0.1:54399/postgres';

/** An empty database of its own: URLs of its owner and of the application's role. */
export async function freshDatabase(): Promise<{ adminUrl: string; url: string; appRole: string; drop(): Promise<void> }> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const run = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: ADMIN });
    await client.connect();
    await client.query(text);
    await client.end();
  };
  await run(`do $$ begin create role duban_owner login; exception when duplicate_object or unique_violation then null; end $$`);
  await run(`do $$ begin create role duban_app login; exception when duplicate_object or unique_violation then null; end $$`);
  await run(`create database ${name} owner duban_owner`);
  const base = '127.0.0.1:54399';
  return {
    adminUrl: `postgres://duban_owner@${base}/${name}`,
    url: `postgres://duban_app@${base}/${name}`,
    appRole: 'duban_app',
    drop: () => run(`drop database ${name} with (force)`),
  };
}
