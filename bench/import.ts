import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { loadDefinition } from '../definitions/schema/index.js';
import { stateCouncilCalendar } from '../domain/calendar/data/state-council.js';
import type { Digest, Moment, ProcessId, UnitId, UserId } from '../domain/model/ids.js';
import type { Setting } from '../domain/model/setting.js';
import { previewImport, runImport, type ImportKind, type ImportResult } from '../activities/imports/index.js';
import { openStore, type Store } from '../store/connection.js';
import { fixedRing } from '../store/sealing.js';
import { personalDataKey } from '../store/people/personal-data-key.js';
import { startProcess } from '../store/processes.js';
import { putSetting } from '../store/settings.js';
import { createVirtualWorld } from '../store/worlds.js';
import { command, withBenchDatabase, type BenchDatabase } from './database.js';
import { report, type Pair } from './pairs.js';
import { idOf, writeLines } from './support/roster-files.js';

/*
 * 400,000 payments of 400 villages. The floor does what cannot be left out: it parses the file, hashes the ID numbers, copies the rows into a
 * staging table and merges them once into the same tables (payments, ledger, dues), writing exactly the rows that we write and checking nothing of
 * its own. Each run has a copy of one database to itself.
 */
const COUNTY = 'k1';
const ROWS = Number(process.env['BENCH_ROWS'] ?? 400_000);
const VILLAGES = 400;
const PAIRS = 7;
const BOUND = 2;
const NOW = '2020-05-20T18:00:00' as Moment;
const key = personalDataKey(fixedRing({ active: 'k1', keys: { k1: Buffer.alloc(32, 9).toString('base64') } }), Buffer.alloc(32, 8));
const user = 'p1' as UserId;

const villageOf = (n: number): string => `第${(n % VILLAGES) + 1}村`;

function definitionFile(): Setting['definition'] {
  const loaded = loadDefinition(join(process.cwd(), 'definitions/campaigns/lingcheng-2020.yaml'), (path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : null,
  );
  if (!loaded.ok) throw new Error('the demonstration definition does not load');
  return loaded.definition;
}

async function fill(store: Store): Promise<ProcessId> {
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测试县' }).execute();
  const villages = Array.from({ length: VILLAGES }, (_, n) => ({
    county_id: COUNTY,
    unit_id: `u${n + 10}` as UnitId,
    level: 'unit',
    parent_id: 'u2' as UnitId,
    name: villageOf(n),
    path: `/u1/u2/u${n + 10}/`,
  }));
  await store.db
    .insertInto('units')
    .values([
      { county_id: COUNTY, unit_id: 'u1' as UnitId, level: 'city', parent_id: null, name: '测试市', path: '/u1/' },
      { county_id: COUNTY, unit_id: 'u2' as UnitId, level: 'town', parent_id: 'u1' as UnitId, name: '测试镇', path: '/u1/u2/' },
      ...villages,
    ])
    .execute();
  // The rules on channels need a table that only a tax office can give; everything else is the printed campaign.
  const setting: Setting = {
    definition: { ...definitionFile(), rules: {} },
    definitionDigest: 'd'.repeat(64) as Digest,
    year: 2020,
    parameters: {},
    tables: {},
    calendar: stateCouncilCalendar,
    units: [],
  };
  const world = await createVirtualWorld(store.db, COUNTY, NOW);
  const digest = await putSetting(store.db, COUNTY, setting);
  const { process: row } = await store.db.transaction().execute((trx) =>
    startProcess(trx, {
      county: COUNTY,
      definition: setting.definition.id,
      version: setting.definition.version,
      definitionDigest: setting.definitionDigest,
      setting: digest,
      world: world.id,
      rootUnit: 'u2' as UnitId,
      year: 2020,
      title: 'bench',
      by: user,
    }),
  );
  return row.process_id;
}

async function ours(store: Store, process: ProcessId, kind: ImportKind, path: string): Promise<ImportResult> {
  const source = { name: `${kind}.csv`, path };
  const { profile } = await previewImport(source, kind, { sourceName: 'bench' });
  return runImport({ store, county: COUNTY, kind, source, profile, process, key, actor: { user }, now: NOW, dryRun: false });
}

/** Parse, COPY, one merge; the same rows in the same tables. */
async function floor(url: string, process: ProcessId, path: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(
      'create temp table raw (line integer, id_index bytea, name text, village text, amount bigint, on_date text, number text) on commit drop',
    );
    const rows = async function* (): AsyncGenerator<string> {
      let [line, batch] = [1, ''];
      for await (const cells of createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(parse({ from_line: 2 })) as AsyncIterable<
        string[]
      >) {
        line += 1;
        const [id = '', name = '', village = '', amount = '', on = '', number = ''] = cells;
        batch += `${line}\t\\\\x${key.index(id).toString('hex')}\t${name}\t${village}\t${Math.round(Number(amount) * 100)}\t${on}\t${number}\n`;
        if (batch.length > 65_536) {
          yield batch;
          batch = '';
        }
      }
      yield batch;
    };
    await pipeline(Readable.from(rows(), { objectMode: true, highWaterMark: 2 }), client.query(copyFrom('copy raw from stdin')));
    await client.query('analyze raw');
    const values = [COUNTY, process, NOW];
    await client.query(
      `insert into payments (county_id, process_id, payment_id, due_id, person_id, unit_id, insurance, year, amount, kind, happened_on, recorded_at, source, source_line, external_id, meaning, import_id, recorded_by)
       select $1, $2, 'i1-' || r.line, d.due_id, p.person_id, d.unit_id, 'pension', 2020, r.amount, 'arrived', r.on_date, $3, 'bench', r.line, r.number, 'x|bench|' || r.number || '|arrived', 'i1', 'p1'
       from raw r join people p on p.county_id = $1 and p.id_number_index = r.id_index
       join dues d on d.county_id = $1 and d.process_id = $2 and d.person_id = p.person_id and d.insurance = 'pension' and d.year = 2020 and d.item = 'contribution'`,
      values,
    );
    const booked = `from payments k where k.county_id = $1 and k.process_id = $2 and k.payment_id >= 'i1-' and k.payment_id < 'i1.'`;
    await client.query(
      `insert into ledger_transactions (county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by)
       select k.county_id, k.process_id, 'payment/' || k.payment_id, 'arrived', k.year, k.happened_on, k.recorded_at, k.recorded_by ${booked}`,
      values.slice(0, 2),
    );
    await client.query(
      `insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount)
       select k.county_id, k.process_id, 'payment/' || k.payment_id, s.n, s.account, s.holder, 'personalAccount', k.insurance, s.amount
       from (select * ${booked}) k cross join lateral (values (1, 'income', null, k.amount), (2, 'contribution', k.person_id::text, -k.amount)) as s (n, account, holder, amount)`,
      values.slice(0, 2),
    );
    await client.query(
      `update dues d set arrived = d.arrived + r.amount, arrived_on = r.on_date
       from raw r join people p on p.county_id = $1 and p.id_number_index = r.id_index where d.county_id = $1 and d.process_id = $2 and d.person_id = p.person_id`,
      values.slice(0, 2),
    );
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** A copy of the filled database for one run alone. */
async function onCopy<T>(database: BenchDatabase, name: string, work: (url: string) => Promise<T>): Promise<T> {
  const on = (base: string): string => {
    const url = new URL(base);
    url.pathname = `/${name}`;
    return url.href;
  };
  const maintenance = new URL(database.adminUrl);
  maintenance.pathname = '/postgres';
  const filled = new URL(database.adminUrl).pathname.slice(1);
  await command(maintenance.href, `create database ${name} template ${filled}`);
  try {
    return await work(on(database.url));
  } finally {
    // Not by force: only the server's own drop may end an autovacuum that has just begun there.
    await command(maintenance.href, `drop database ${name}`);
  }
}

const sumOf = async (url: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ sum: string; dues: string; posted: string }>(
    `select (select sum(amount) from payments)::text as sum, (select sum(arrived) from dues)::text as dues,
       (select count(*) || ' ' || sum(amount) filter (where account = 'contribution') from ledger_postings) as posted`,
  );
  await client.end();
  return `${rows[0]?.sum} ${rows[0]?.dues} ${rows[0]?.posted}`;
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

process.exitCode = await withBenchDatabase(async (database) => {
  const folder = await mkdtemp(join(tmpdir(), 'duban-bench-'));
  try {
    const [roster, payments] = [join(folder, 'roster.csv'), join(folder, 'payments.csv')];
    await writeLines(roster, '身份证号码,姓名,村居,应缴金额', ROWS, (n) => `${idOf(n)},测试${n},${villageOf(n)},300`);
    await writeLines(
      payments,
      '身份证号码,姓名,村居,缴费金额,缴费日期,流水号',
      ROWS,
      (n) => `${idOf(n)},测试${n},${villageOf(n)},300.00,2020-05-${String((n % 19) + 1).padStart(2, '0')},T${n}`,
    );
    const store = openStore(database.url, 2);
    const campaign = await fill(store);
    const filling = await timed(() => ours(store, campaign, 'roster', roster));
    process.stdout.write(`roster of ${ROWS} persons: ${(filling / 1000).toFixed(1)} s\n`);
    await store.close();
    const sums = new Set<string>();
    const runFloor = (n: number): Promise<number> =>
      onCopy(database, `bench_floor_${n}`, async (url) => {
        const time = await timed(() => floor(url, campaign, payments));
        sums.add(await sumOf(url));
        return time;
      });
    let [highest, base] = [0, 0];
    const runOurs = (n: number): Promise<number> =>
      onCopy(database, `bench_ours_${n}`, async (url) => {
        const own = openStore(url, 2);
        base = process.memoryUsage().rss;
        const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 50);
        const time = await timed(() => ours(own, campaign, 'payments', payments));
        clearInterval(watch);
        await own.close();
        sums.add(await sumOf(url));
        return time;
      });
    const pairs: Pair[] = [];
    for (let n = 0; n < PAIRS; n += 1) {
      const pair =
        n % 2 === 0
          ? { floor: await runFloor(n), ours: await runOurs(n) }
          : await runOurs(n).then(async (time) => ({ ours: time, floor: await runFloor(n) }));
      pairs.push(pair);
      process.stdout.write(`pair ${n + 1}: floor ${(pair.floor / 1000).toFixed(2)} s, ours ${(pair.ours / 1000).toFixed(2)} s\n`);
    }
    if (sums.size !== 1) throw new Error(`the runs booked different sums: ${[...sums].join(' | ')}`);
    process.stdout.write(
      `highest memory while importing ${(highest / 1048576).toFixed(0)} MB (before the last import ${(base / 1048576).toFixed(0)} MB)\n`,
    );
    return report([
      {
        name: `import of ${ROWS} payments against parsing, COPY and one merge`,
        bound: BOUND,
        pairs,
        ratio: median(pairs.map((pair) => pair.ours / pair.floor)),
      },
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
