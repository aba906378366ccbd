import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { openStore, type Store } from '../../store/connection.js';
import { command, type BenchDatabase } from '../database.js';

/** Open obligations that are written. */
export const ROWS = 1_000_000;
/** Campaigns over which they are spread: `c1` to `c200`. */
export const PROCESSES = 200;

/** Towns of a county with their villages, as paths (`/u1/u2/`). */
export interface Paths {
  readonly towns: readonly { readonly path: string; readonly villages: readonly string[] }[];
  readonly root: string;
}

const unitOf = (path: string): string => path.split('/').at(-2) ?? '';

/**
 * 200 campaigns with 1,000,000 open obligations of a county's villages, nearly half of them overdue. The last township is overdue only since lately,
 * so that whoever reads the county's list in order of due date and picks the township out of it reads nearly all of it. Beside them the floors:
 * the same rows where each question has a column and an index made for it alone.
 */
export async function fillMillion(store: Store, database: BenchDatabase, county: string, paths: Paths): Promise<void> {
  await store.pool.query(`insert into worlds (county_id, world_id, kind) values ($1, 'real', 'real') on conflict do nothing`, [county]);
  await store.pool.query(
    `insert into processes (county_id, process_id, kind, definition_id, version, definition_digest, first_setting, setting_digest, world_id,
       root_unit, year, status, title, launched_by)
     select $1, 'c' || n, 'campaign', 'd' || n, '1', (select min(digest) from definitions), '', '', 'real', $3, 2020, 'running', '', 'p1'
     from generate_series(1, $2) as n`,
    [county, PROCESSES, unitOf(paths.root)],
  );
  await withoutIndexes(database, async () => {
    const client = await store.pool.connect();
    try {
      const into = client.query(
        copyFrom(
          `copy obligations (county_id, process_id, obligation_id, origin, duty, unit_id, unit_path, owes, status, since, due, late, rung, body, seq)
           from stdin`,
        ),
      );
      await pipeline(Readable.from(chunks(obligationRows(county, paths))), into);
    } finally {
      client.release();
    }
  });
  await store.pool.query(`insert into board (county_id, process_id, unit_id, unit_path, open, late)
    select county_id, process_id, unit_id, unit_path, count(*), count(*) filter (where late) from obligations group by 1, 2, 3, 4`);
  const depth = paths.root.split('/').length - 1;
  await command(
    database.adminUrl,
    `create table floor as select *, substring(unit_path from '^(?:/[^/]+){${depth}}/') as town from obligations;
     create index on floor (due_order, process_id, obligation_id) where late;
     create index on floor (town, due_order, process_id, obligation_id) where late;
     create table floor_board as select unit_id, unit_path, open, late, checking, before_launch, done, done_late from board where process_id = 'c3';
     grant select on floor, floor_board to public`,
  );
  await command(database.adminUrl, 'vacuum analyze');
}

/** Rows of the table in COPY's text format, spread over towns, villages, processes and days by their number. */
function* obligationRows(county: string, { towns }: Paths): Generator<string> {
  const places = towns.reduce((sum, town) => sum + town.villages.length, 0);
  for (let n = 0; n < ROWS; n += 1) {
    const town = n % towns.length;
    const villages = towns[town]?.villages ?? [];
    const path = villages[Math.floor(n / towns.length) % villages.length] ?? '';
    const round = Math.floor(n / places);
    const late = Math.floor(round / PROCESSES) % 5 < 2;
    const spread = (n * 7919) % 170;
    const lately = town === towns.length - 1;
    const due = dayOf((!late ? 200 : lately ? 175 : 0) + (late && lately ? spread % 20 : spread));
    const id = `duty${n % 7}/${unitOf(path)}@${n}`;
    const body = {
      id,
      title: '按月核查',
      unit: unitOf(path),
      owes: ['villageCadre'],
      status: 'open',
      due,
      dueVersion: 1,
      late,
      fired: [0, 1],
      parts: [],
    };
    const columns = [
      county,
      `c${1 + (round % PROCESSES)}`,
      id,
      'duty',
      `duty${n % 7}`,
      unitOf(path),
      path,
      '{villageCadre}',
      'open',
      '2020-01-01',
      due,
      String(late),
      '1',
    ];
    yield `${[...columns, JSON.stringify(body), '1'].join('\t')}\n`;
  }
}

/** Day `n` of 2020, counted from 1 January. */
function dayOf(n: number): string {
  return new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10);
}

/** A table is filled faster before its indexes are made; the same definitions come back. */
async function withoutIndexes(database: BenchDatabase, work: () => Promise<void>): Promise<void> {
  const owner = openStore(database.adminUrl, 1);
  try {
    const { rows } = await owner.pool.query<{ indexname: string; indexdef: string }>(
      `select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = 'obligations' and indexname <> 'obligations_pkey'`,
    );
    for (const { indexname } of rows) await owner.pool.query(`drop index ${indexname}`);
    await work();
    for (const { indexdef } of rows) await owner.pool.query(indexdef);
  } finally {
    await owner.close();
  }
}

/** Joins rows to pieces of some 64 KB: a stream of single lines would cost more than the database. */
function* chunks(rows: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const row of rows) {
    chunk += row;
    if (chunk.length >= 65_536) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}
