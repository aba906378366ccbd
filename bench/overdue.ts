import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { ProcessId } from '../domain/model/ids.js';
import { boardRows } from '../store/board.js';
import { openStore, type Store } from '../store/connection.js';
import { listOverdue } from '../store/obligations.js';
import { command, withBenchDatabase, type BenchDatabase } from './database.js';
import { comparePairs, report, type Verdict } from './pairs.js';

/*
 * One county with 20 townships of 20 villages, 200 campaigns, 1,000,000 open obligations, nearly half of them overdue. The last township is overdue
 * only since lately, so that whoever reads the county's list in order of due date and picks the township out of it reads nearly all of it.
 */
const COUNTY = 'k1';
const ROOT = '/u1/';
const TOWNS = 20;
const VILLAGES = 20;
const PROCESSES = 200;
const ROWS = 1_000_000;
const PAGE = 50;
const PAGES_A_SAMPLE = 20;
const BOUND = 2;

const townPath = (town: number): string => `${ROOT}u${10 + town}/`;
const villagePath = (town: number, village: number): string => `${townPath(town)}u${1000 + town * 100 + village}/`;
const unitOf = (path: string): string => path.split('/').at(-2) ?? '';

/** Rows of the table in COPY's text format, spread over towns, villages, processes and days by their number. */
function* obligationRows(): Generator<string> {
  for (let n = 0; n < ROWS; n += 1) {
    const town = n % TOWNS;
    const village = Math.floor(n / TOWNS) % VILLAGES;
    const path = villagePath(town, village);
    const round = Math.floor(n / (TOWNS * VILLAGES));
    const process = `c${round % PROCESSES}`;
    const late = Math.floor(round / PROCESSES) % 5 < 2;
    const spread = (n * 7919) % 170;
    const start = !late ? 200 : town === TOWNS - 1 ? 175 : 0;
    const due = dayOf(start + (late && town === TOWNS - 1 ? spread % 20 : spread));
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
      COUNTY,
      process,
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

async function fill(store: Store, database: BenchDatabase): Promise<void> {
  await store.pool.query(`insert into counties values ($1, '甲县')`, [COUNTY]);
  await store.pool.query(`insert into worlds (county_id, world_id, kind) values ($1, 'real', 'real')`, [COUNTY]);
  await store.pool.query(
    `insert into processes (county_id, process_id, kind, definition_id, version, definition_digest, first_setting, setting_digest, world_id,
       root_unit, year, status, title, launched_by)
     select $1, 'c' || n, 'campaign', 'd' || n, '1', '', '', '', 'real', 'u1', 2020, 'running', '', 'p1' from generate_series(0, $2 - 1) as n`,
    [COUNTY, PROCESSES],
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
      await pipeline(Readable.from(chunks(obligationRows())), into);
    } finally {
      client.release();
    }
  });
  await store.pool.query(`insert into board (county_id, process_id, unit_id, unit_path, open, late)
    select county_id, process_id, unit_id, unit_path, count(*), count(*) filter (where late) from obligations group by 1, 2, 3, 4`);
  // The floors: the same rows where each question has a column and an index made for it alone.
  await command(
    database.adminUrl,
    `create table floor as select *, substring(unit_path from '^(?:/[^/]+){2}/') as town from obligations;
     create index on floor (due_order, process_id, obligation_id) where late;
     create index on floor (town, due_order, process_id, obligation_id) where late;
     create table floor_board as select unit_id, unit_path, open, late, checking, before_launch, done, done_late from board where process_id = 'c3';
     grant select on floor, floor_board to public`,
  );
  await command(database.adminUrl, 'vacuum analyze');
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

const COLUMNS = `process_id, obligation_id, origin, duty, unit_id, unit_path, insurance, period, owes, status, since, due, late, days_late, rung,
  closed_on, body, seq, due_order`;

/** The first pages of the overdue list, one after the other, each beginning where the one before ended. */
async function floorPages(store: Store, town: string | null): Promise<number> {
  let after = ['', '', ''];
  let read = 0;
  for (let page = 0; page < PAGES_A_SAMPLE; page += 1) {
    const { rows } = await store.pool.query<{ due_order: string; process_id: string; obligation_id: string }>(
      `select ${COLUMNS} from floor where late and (due_order, process_id, obligation_id) > ($1, $2, $3) ${town === null ? '' : 'and town = $4'}
       order by due_order, process_id, obligation_id limit ${PAGE + 1}`,
      town === null ? after : [...after, town],
    );
    const last = rows[PAGE - 1];
    read += Math.min(rows.length, PAGE);
    if (last === undefined) break;
    after = [last.due_order, last.process_id, last.obligation_id];
  }
  return read;
}

async function ourPages(store: Store, scope: string): Promise<number> {
  let after: string | null = null;
  let read = 0;
  for (let page = 0; page < PAGES_A_SAMPLE; page += 1) {
    const shown: { readonly rows: readonly unknown[]; readonly next: string | null } = await listOverdue(
      store.db,
      COUNTY,
      [scope],
      {},
      { limit: PAGE, ...(after === null ? {} : { after }) },
    );
    read += shown.rows.length;
    after = shown.next;
    if (after === null) break;
  }
  return read;
}

async function overdue(store: Store, name: string, scope: string, town: string | null): Promise<Verdict> {
  const [floor, ours] = [await floorPages(store, town), await ourPages(store, scope)];
  if (floor !== ours || ours === 0) throw new Error(`${name}: the floor read ${floor} rows, we read ${ours}`);
  return comparePairs(
    `overdue list, ${name}`,
    BOUND,
    () => floorPages(store, town),
    () => ourPages(store, scope),
  );
}

/** Boards are read by whole screens: 20 in a sample. */
async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += 1) await work();
}

async function board(store: Store, name: string, scope: string): Promise<Verdict> {
  const floor = () => store.pool.query(`select * from floor_board where starts_with(unit_path, $1) order by unit_path`, [scope]);
  const ours = () => boardRows(store.db, COUNTY, [scope], { process: 'c3' as ProcessId });
  const [expected, read] = [(await floor()).rows.length, (await ours()).length];
  if (expected !== read || read === 0) throw new Error(`board, ${name}: the floor read ${expected} rows, we read ${read}`);
  return comparePairs(
    `board, ${name}`,
    BOUND,
    () => times(20, floor),
    () => times(20, ours),
  );
}

process.exitCode = await withBenchDatabase(async (database) => {
  const store = openStore(database.url, 2);
  try {
    process.stdout.write(`${ROWS} open obligations in ${PROCESSES} campaigns, ${TOWNS * VILLAGES} villages: filling\n`);
    await fill(store, database);
    return report([
      await overdue(store, 'county', ROOT, null),
      await overdue(store, 'township', townPath(3), townPath(3)),
      await overdue(store, 'township overdue only lately', townPath(TOWNS - 1), townPath(TOWNS - 1)),
      await board(store, 'county', ROOT),
      await board(store, 'township', townPath(3)),
    ]);
  } finally {
    await store.close();
  }
});
