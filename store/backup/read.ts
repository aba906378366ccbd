import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { StoreError } from '../errors.js';
import { keptTables, quoted, references } from './catalogue.js';
import { fileOf, type DatabaseWritten, type TableWritten } from './write.js';

/** Whether a database holds anything that a restore would overwrite. */
export async function isUnused(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const there = await client.query<{ there: boolean }>(`select to_regclass('public.counties') is not null as there`);
    if (there.rows[0]?.there !== true) return true;
    return (await client.query('select 1 from counties limit 1')).rows.length === 0;
  } finally {
    await client.end();
  }
}

/**
 * Reads what `writeTables` wrote into a database that was migrated to the same point and is unused. One transaction: all of it, or nothing. `url`: the owner
 * of the tables. Errors: `backup-differs` when a table of the backup is not what its list says or not what the database has.
 */
export async function readTables(
  url: string,
  folder: string,
  written: DatabaseWritten,
  told: (table: TableWritten) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    const ours = await keptTables(client);
    const listed = new Map(written.tables.map((table) => [table.table, table]));
    const missing = [
      ...ours.filter(({ table }) => !listed.has(table)),
      ...written.tables.filter(({ table }) => !ours.some((one) => one.table === table)),
    ];
    if (missing[0]) throw differs(missing[0].table, 'tables');
    // What guards the tables against changes guards them against being filled as well. References are looked at when all is there.
    const links = await references(client);
    for (const { table, name } of links) await client.query(`alter table ${quoted(table)} drop constraint ${quoted(name)}`);
    for (const { table } of ours) await client.query(`alter table ${quoted(table)} disable trigger user`);
    await client.query(`truncate table ${ours.map(({ table }) => quoted(table)).join(', ')}`);
    for (const { table } of ours) {
      const expected = listed.get(table);
      if (!expected) continue;
      const copy = client.query(copyFrom(`copy ${quoted(table)} (${expected.columns.map(quoted).join(', ')}) from stdin`));
      const hash = createHash('sha256');
      const look = new Transform({
        transform(chunk: Buffer, _, done) {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(createReadStream(fileOf(folder, table)), createGunzip(), look, copy);
      if (hash.digest('hex') !== expected.digest || copy.rowCount !== expected.rows) throw differs(table, 'rows');
      told(expected);
    }
    for (const { name, last, called } of written.sequences)
      await client.query('select setval($1::regclass, $2::bigint, $3)', [name, last, called]);
    for (const { table, name, words } of links) await client.query(`alter table ${quoted(table)} add constraint ${quoted(name)} ${words}`);
    for (const { table } of ours) await client.query(`alter table ${quoted(table)} enable trigger user`);
    await client.query('commit');
    // What is planned from now on knows how large the tables are.
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

const differs = (table: string, what: 'tables' | 'rows'): StoreError =>
  new StoreError(
    'backup-differs',
    what === 'tables' ? `备份与数据库的表不一致：${table}` : `备份的表 ${table} 与其清单不符，文件已损坏或不完整`,
    what === 'tables'
      ? `The backup and the database do not have the same tables: ${table}`
      : `Table ${table} of the backup is not what its list says: the file is damaged or incomplete`,
    { table },
  );
