import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { keptSequences, keptTables, quoted, type SequenceKept } from './catalogue.js';

export interface TableWritten {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** SHA-256 of the text of COPY. */
  readonly digest: string;
}

export interface DatabaseWritten {
  /** Names of the migrations that the database has had: it is restored to just these. */
  readonly migrations: readonly string[];
  readonly tables: readonly TableWritten[];
  readonly sequences: readonly SequenceKept[];
}

/**
 * Writes every table into `folder`, as it stood at one moment, while everything goes on: one transaction that sees no later change. `url`: a role that may
 * read all tables. Memory does not grow with the rows.
 */
export async function writeTables(url: string, folder: string, told: (table: TableWritten) => void): Promise<DatabaseWritten> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name');
    const tables: TableWritten[] = [];
    for (const { table, columns } of await keptTables(client)) {
      const copy = client.query(copyTo(`copy ${quoted(table)} (${columns.map(quoted).join(', ')}) to stdout`));
      const hash = createHash('sha256');
      const look = new Transform({
        transform(chunk: Buffer, _, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(copy, look, createGzip({ level: 1 }), createWriteStream(fileOf(folder, table), { mode: 0o600 }));
      const written = { table, columns, rows: copy.rowCount, digest: hash.digest('hex') };
      tables.push(written);
      told(written);
    }
    // A sequence runs ahead of what is visible here: never behind it.
    const sequences = await keptSequences(client);
    await client.query('commit');
    return { migrations: rows.map(({ name }) => name), tables, sequences };
  } finally {
    await client.end();
  }
}

export const fileOf = (folder: string, table: string): string => join(folder, `${table}.copy.gz`);

/** How many tables a backup would hold. */
export async function countTables(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await keptTables(client)).length;
  } finally {
    await client.end();
  }
}
