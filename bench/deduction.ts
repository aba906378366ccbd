import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { finishMake, handOverBatch } from '../activities/deductions/hand-over.js';
import { makeBatches } from '../activities/deductions/make.js';
import type { CycleOf, CycleParts } from '../activities/deductions/parts.js';
import { feedBack, postReturn } from '../activities/deductions/post.js';
import { stageReturn } from '../activities/deductions/stage.js';
import { charsetOf } from '../activities/files/charset.js';
import { loadDefinition } from '../definitions/schema/index.js';
import { stateCouncilCalendar } from '../domain/calendar/data/state-council.js';
import type { FileRow } from '../domain/formats/columns.js';
import { layoutOf } from '../domain/formats/layout.js';
import { FormatReader } from '../domain/formats/read.js';
import { FormatWriter } from '../domain/formats/write.js';
import type { Fen, Moment, ProcessId, UnitId, UserId } from '../domain/model/ids.js';
import type { Setting, Unit } from '../domain/model/setting.js';
import { openStore, type Store } from '../store/connection.js';
import { contentOf, FileKeeper } from '../store/deductions/files.js';
import { findBatch } from '../store/deductions/batches.js';
import { addOrder } from '../store/deductions/orders.js';
import { STAGED_RETURN } from '../store/deductions/stage.js';
import { verifyLedger } from '../store/ledger/verify.js';
import { personalDataKey } from '../store/people/personal-data-key.js';
import { startProcess } from '../store/processes.js';
import { fixedRing } from '../store/sealing.js';
import { putSetting } from '../store/settings.js';
import { createVirtualWorld } from '../store/worlds.js';
import { RehearsalBank, type BankAccount } from '../rehearsal/bank/bank.js';
import { withBenchDatabase, type BenchDatabase } from './database.js';
import { median, tell, timed, type Figure } from './figures.js';

/*
 * A round of 400,000 lines: the request file made, the bank's return posted. Eight campaigns over the same persons and accounts, each with debts of its own; the
 * first does not count. The floor of the return parses the same file, copies its lines into a table like our staging table, and writes exactly the rows that we
 * write with one insert for each table into tables with the same indexes; it checks and matches nothing. The floor of the request reads the same lines once, writes
 * the file and the same rows.
 */
const COUNTY = 'k1';
const LINES = Number(process.env['BENCH_ROWS'] ?? 400_000);
const VILLAGES = 400;
const PAIRS = 7;
const BOUND = 2;
const MEMORY_BOUND_MB = 300;
const DEDUCTION = 'pensionDeduction';
const AT = '2018-04-10T09:00:00' as Moment;
const RETURNED = '2018-04-13T09:00:00' as Moment;
const clerk = 'p1' as UserId;
const key = personalDataKey(fixedRing({ active: 'k1', keys: { k1: Buffer.alloc(32, 9).toString('base64') } }), Buffer.alloc(32, 8));
const accountOf = (n: number): string => `6228480000${String(n).padStart(9, '0')}`;
/** Tables that a posted return adds to, with what tells its rows; each has a copy for the floor. */
const WRITTEN: readonly (readonly [table: string, own: string])[] = [
  ['deduction_outcomes', `batch_id = $1`],
  ['deduction_releases', `batch_id = $1`],
  ['ledger_transactions', `tx_id like 'deduction/' || $1 || '/%'`],
  ['ledger_postings', `tx_id like 'deduction/' || $1 || '/%'`],
  ['case_openings', `cause ->> 'batch' = $1`],
  ['case_openings_waiting', `n in (select n from case_openings where cause ->> 'batch' = $1)`],
];

function settingOf(): Setting {
  const loaded = loadDefinition(join(process.cwd(), 'definitions/campaigns/shucheng-2018.yaml'), (path) =>
    existsSync(path) ? readFileSync(path, 'utf8') : null,
  );
  if (!loaded.ok) throw new Error('the definition does not load');
  const unit = (id: string, level: string, parent: string | null): Unit => ({ id: id as UnitId, level, parent: parent as UnitId | null, name: id, kind: null, from: null, to: null, successors: [] }); // prettier-ignore
  const days = ['runEvery', 'returnWithin', 'listWithin', 'urgeWithin', 'causeWithin', 'cureWithin'];
  return {
    definition: loaded.definition,
    definitionDigest: loaded.digest,
    year: 2018,
    parameters: {
      ...Object.fromEntries(days.map((id) => [id, { value: '15d', perUnit: {} }])),
      margin: { value: 1_000, perUnit: {} },
    },
    tables: { bankCodes: [['0000', 'arrived'], ['1001', 'short'], ['1002', 'account'], ['1003', 'name'], ['1004', 'bare']].map(([code = '', outcome = '']) => ({ code, outcome })) }, // prettier-ignore
    calendar: stateCouncilCalendar,
    units: [
      unit('u1', 'county', null),
      unit('t1', 'township', 'u1'),
      ...Array.from({ length: VILLAGES }, (_, i) => unit(`v${i + 1}`, 'village', 't1')),
    ],
  };
}

async function copyRows(client: pg.ClientBase, target: string, rows: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(rows), client.query(copyFrom(`copy ${target} from stdin`)));
}

function* many(line: (n: number) => string): Generator<string> {
  for (let n = 0; n < LINES; n += 1_000) {
    let text = '';
    for (let i = n; i < Math.min(n + 1_000, LINES); i += 1) text += `${line(i)}\n`;
    yield text;
  }
}

/** County, persons and their accounts; and an empty copy of every table that is written to. */
async function plant({ adminUrl }: BenchDatabase, store: Store, setting: Setting): Promise<void> {
  await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测速县' }).execute();
  const path = ({ id, level }: Unit): string => (level === 'county' ? '/u1/' : level === 'township' ? '/u1/t1/' : `/u1/t1/${id}/`);
  await store.db
    .insertInto('units')
    .values(
      setting.units.map((one) => ({
        county_id: COUNTY,
        unit_id: one.id,
        level: one.level,
        parent_id: one.parent,
        name: one.name,
        path: path(one),
      })),
    )
    .execute();
  const owner = new pg.Client({ connectionString: adminUrl });
  await owner.connect();
  await copyRows(
    owner,
    'people (county_id, person_id, name, unit_id)',
    many((n) => `${COUNTY}\tn${n}\t某${n % 10_000}\tv${(n % VILLAGES) + 1}`),
  );
  await copyRows(
    owner,
    'bank_accounts (county_id, account_id, person_id, insurance, holder_name, bank, account_cipher, account_index, since_at, recorded_by)',
    many((n) => {
      const number = accountOf(n);
      return `${COUNTY}\ta${n}\tn${n}\tpension\t某${n % 10_000}\t农商行\t\\\\x${key.encrypt(number).toString('hex')}\t\\\\x${key.index(number).toString('hex')}\t2018-01-02T08:00:00\tp1`;
    }),
  );
  for (const table of [
    ...WRITTEN.map(([name]) => name),
    'deduction_staged',
    'deduction_lines',
    'contribution_dues',
    'deduction_file_pieces',
  ]) {
    await owner.query(`create table floor_${table} (like ${table} including all)`);
    await owner.query(`grant all on floor_${table} to public`);
  }
  await owner.query('grant create on schema public to public');
  await owner.query('analyze');
  await owner.end();
}

async function campaignOf(store: Store, setting: Setting, n: number): Promise<ProcessId> {
  const world = await createVirtualWorld(store.db, COUNTY, AT);
  const digest = await putSetting(store.db, COUNTY, setting);
  const { process: row } = await store.db.transaction().execute((trx) =>
    startProcess(trx, {
      county: COUNTY,
      definition: setting.definition.id,
      version: setting.definition.version,
      definitionDigest: setting.definitionDigest,
      setting: digest,
      world: world.id,
      rootUnit: 'u1' as UnitId,
      year: 2018 + n,
      title: 'bench',
      by: clerk,
    }),
  );
  await store.pool.query(
    `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, tier, amount, since_at)
     select '${COUNTY}', $1, 'd' || $2::int || '-' || i, 'n' || i, 'v' || (i % ${VILLAGES} + 1), '/u1/t1/v' || (i % ${VILLAGES} + 1) || '/', 'pension', 2018 + $2::int, 20000, 20000, '2018-01-02T08:00:00'
     from generate_series(0, ${LINES - 1}) i`,
    [row.process_id, n],
  );
  await store.pool.query('analyze dues');
  return row.process_id;
}

/** Resident memory above where it began, at its highest while something of ours runs. */
let peakMb = 0;
async function ours(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const begin = process.memoryUsage.rss();
  const look = setInterval(() => (peakMb = Math.max(peakMb, (process.memoryUsage.rss() - begin) / 2 ** 20)), 50);
  try {
    return await timed(work);
  } finally {
    clearInterval(look);
  }
}

/** The bank's accounts: seven of ten hold enough, the others too little; of a hundred one is closed and one bears another name. */
const bank = new RehearsalBank(
  (function* (): Generator<BankAccount> {
    for (let n = 0; n < LINES; n += 1)
      yield {
        account: accountOf(n),
        name: n % 100 === 1 ? '无名' : `某${n % 10_000}`,
        balance: (n % 10 < 7 ? 1_000_000_000 : 100) as Fen,
        temper: n % 100 === 0 ? 'closed' : 'normal',
      };
  })(),
  [],
  { keepsAccountsAboveZero: false },
);
const CODES = { taken: '0000', short: '1001', account: '1002', name: '1003' } as const;

/** The return of a batch, as the bank writes it. */
async function answered(parts: CycleParts, setting: Setting, batch: string): Promise<{ readonly name: string; readonly content: Buffer }> {
  const request = await findBatch(parts.store.db, COUNTY, batch);
  if (request === null) throw new Error('no batch');
  const asked = layoutOf(setting, 'bankRequest', 'optional');
  const reader = new FormatReader(asked, charsetOf(asked.format.charset), { name: request.fileName });
  const rows: FileRow[] = [];
  const take = (row: FileRow): void => {
    const { line, account, name, amount } = row;
    const wanted = { line: Number(line), account: String(account), name: String(name), amount: Number(amount) as Fen };
    const { reason } = bank.answer(batch, wanted, '2018-04-12' as never);
    rows.push({ ...wanted, code: reason === 'taken' || reason === 'short' || reason === 'account' || reason === 'name' ? CODES[reason] : '1004', takenOn: reason === 'taken' ? '2018-04-12' : null }); // prettier-ignore
  };
  for await (const piece of contentOf(parts.store.db, key, COUNTY, request.file)) for (const { row } of reader.push(piece)) take(row);
  for (const { row } of reader.finish().lines) take(row);
  const layout = layoutOf(setting, 'bankReturn');
  const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
  writer.check(rows);
  const content = Buffer.concat([writer.begin({ header: { batch }, trailer: {} }), writer.rows(rows), writer.end()]);
  return { name: writer.fileName(null, 1) ?? 'return', content };
}

async function order(
  parts: CycleParts,
  of: CycleOf,
  kind: 'make' | 'return',
  file: { name: string; content: Buffer } | null,
): Promise<string> {
  const at = kind === 'make' ? AT : RETURNED;
  return parts.store.db.transaction().execute(async (trx) => {
    let id: string | null = null;
    if (file !== null) {
      const keeper = await FileKeeper.begin(trx, key, { county: COUNTY, kind: 'return', at, by: clerk });
      for (let from = 0; from < file.content.length; from += 1 << 18) await keeper.add(file.content.subarray(from, from + (1 << 18)));
      ({ id } = await keeper.finish(file.name));
    }
    return addOrder(trx, {
      county: COUNTY,
      process: of.process,
      deduction: DEDUCTION,
      kind,
      status: 'waiting',
      request: {},
      file: id,
      at,
      by: clerk,
    });
  });
}

/** Parsing, COPY, one insert for each table. */
async function floorReturn(client: pg.Client, setting: Setting, file: { readonly name: string; readonly content: Buffer }): Promise<void> {
  const layout = layoutOf(setting, 'bankReturn');
  await client.query('begin');
  const rows = async function* (): AsyncGenerator<string> {
    const reader = new FormatReader(layout, charsetOf(layout.format.charset), { name: file.name });
    const { own } = layout.detail;
    const [line, account, name, amount, code, takenOn] = ['line', 'account', 'name', 'amount', 'code', 'takenOn'].map((id) =>
      own.indexOf(id),
    );
    let at = 0;
    const textOf = (read: ReturnType<typeof reader.push>): string => {
      let text = '';
      for (const { values, outcome } of read) {
        at += 1;
        const cell = (slot: number | undefined): string => String(values[slot ?? -1] ?? '\\N');
        text += `${COUNTY}\tx\t1\t${at}\t${cell(line)}\t\\\\x${key.index(cell(account)).toString('hex')}\t${cell(name)}\t${cell(amount)}\t${cell(code)}\t${outcome ?? 'unknown'}\tsuccess\t${cell(takenOn)}\n`;
      }
      return text;
    };
    for (let from = 0; from < file.content.length; from += 1 << 18)
      yield textOf(reader.push(file.content.subarray(from, from + (1 << 18))));
    yield textOf(reader.finish().lines);
  };
  await copyRows(client, `floor_deduction_staged (${STAGED_RETURN.join(', ')})`, rows());
  for (const [table] of WRITTEN) await client.query(`insert into floor_${table} overriding system value select * from rows_${table}`);
  await client.query('commit');
}

/** Stored generated columns are the table's own business. */
async function plainColumns(client: pg.Client, table: string): Promise<string> {
  const { rows } = await client.query<{ columns: string }>(
    `select string_agg(attname, ', ' order by attnum) as columns from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  return rows[0]?.columns ?? '*';
}

/** Reads the lines once, writes the file and the rows that the making of a request writes. */
async function floorMake(client: pg.Client, setting: Setting, batch: string): Promise<void> {
  const layout = layoutOf(setting, 'bankRequest', 'optional');
  await client.query('begin');
  const rows: FileRow[] = [];
  const PAGE = 5_000;
  for (let after = 0; after < LINES; after += PAGE) {
    const read = await client.query<{ line: number; amount: string; holder: string; sealed: Buffer }>(
      `select l.line, l.amount, a.holder_name as holder, a.account_cipher as sealed from deduction_lines l
       join bank_accounts a on a.county_id = l.county_id and a.account_id = l.bank_account where l.county_id = $1 and l.batch_id = $2 and l.line > $3 and l.line <= $4 order by l.line`,
      [COUNTY, batch, after, after + PAGE],
    );
    for (const { line, amount, holder, sealed } of read.rows)
      rows.push({ batch, line, account: key.decrypt(sealed), name: holder, amount: Number(amount) });
  }
  const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
  writer.check(rows);
  const content = Buffer.concat([writer.begin({ header: { batch, madeOn: '2018-04-10' }, trailer: {} }), writer.rows(rows), writer.end()]);
  for (let n = 0; n * (1 << 20) < content.length; n += 1)
    await client.query('insert into floor_deduction_file_pieces values ($1, $2, $3, $4)', [
      COUNTY,
      batch,
      n + 1,
      key.encryptBytes(content.subarray(n << 20, (n + 1) << 20)),
    ]);
  const columns = {
    deduction_lines: await plainColumns(client, 'deduction_lines'),
    contribution_dues: await plainColumns(client, 'contribution_dues'),
  };
  await client.query(
    `insert into floor_contribution_dues (${columns.contribution_dues}) select ${columns.contribution_dues} from rows_contribution_dues`,
  );
  await client.query(
    `insert into floor_deduction_lines (${columns.deduction_lines}) select ${columns.deduction_lines} from rows_deduction_lines`,
  );
  await client.query('commit');
}

/** The rows that ours wrote, beside their tables: what fetching them costs is nobody's time. */
async function keep(client: pg.Client, table: string, own: string, batch: string): Promise<void> {
  await client.query(`drop table if exists rows_${table}`);
  await client.query(
    `create unlogged table rows_${table} as select * from ${table} where county_id = '${COUNTY}' and ${own.replaceAll('$1', `'${batch}'`)}`,
  );
  await client.query(`analyze rows_${table}`);
}

interface Pair {
  readonly floor: number;
  readonly ours: number;
}
const ratio = (name: string, pairs: readonly Pair[]): Figure => {
  const counted = pairs.slice(1);
  const [floor, own] = [median(counted.map((pair) => pair.floor)), median(counted.map((pair) => pair.ours))];
  return {
    name,
    value: median(counted.map((pair) => pair.ours / pair.floor)),
    unit: 'x',
    bound: { is: 'at most', value: BOUND },
    samples: counted.length,
    detail: `${LINES} lines: floor ${(floor / 1000).toFixed(1)} s, ours ${(own / 1000).toFixed(1)} s`,
  };
};

process.exitCode = await withBenchDatabase(async (database) => {
  const store = openStore(database.url, 8);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const parts: CycleParts = { store, key, handOverFolder: null };
  try {
    const setting = settingOf();
    await plant(database, store, setting);
    const pairs: Record<'make' | 'take', Pair[]> = { make: [], take: [] };
    const staged: number[] = [];
    for (let n = 0; n <= PAIRS; n += 1) {
      const of: CycleOf = { county: COUNTY, process: await campaignOf(store, setting, n), deduction: DEDUCTION };
      const making = await order(parts, of, 'make', null);
      let batch = '';
      const made = await ours(async () => {
        const result = await makeBatches(parts, of, making);
        if (result.kind !== 'made' || result.batches.length !== 1) throw new Error(JSON.stringify(result));
        batch = result.batches[0]?.id ?? '';
      });
      await keep(client, 'deduction_lines', 'batch_id = $1', batch);
      await keep(client, 'contribution_dues', `year = ${2018 + n}`, batch);
      pairs.make.push({ ours: made, floor: await timed(() => floorMake(client, setting, batch)) });
      await handOverBatch(parts, of, batch);
      await finishMake(parts, of, making);

      const file = await answered(parts, setting, batch);
      const taking = await order(parts, of, 'return', file);
      const took = await ours(async () => {
        staged.push(await timed(() => stageReturn(parts, of, taking)));
        const posted = await postReturn(parts, of, taking);
        if (posted.kind !== 'posted' || posted.counters.pending !== 0) throw new Error(JSON.stringify(posted));
        await feedBack(parts, of, taking);
      });
      for (const [table, own] of WRITTEN) await keep(client, table, own, batch);
      pairs.take.push({ ours: took, floor: await timed(() => floorReturn(client, setting, file)) });
      await client.query('delete from floor_deduction_staged');
      process.stderr.write(`${n} / ${PAIRS}: request ${(made / 1000).toFixed(1)} s, return ${(took / 1000).toFixed(1)} s\n`);
      if (n === 0) {
        const { violation } = await verifyLedger(store.db, of);
        if (violation !== null) throw new Error(JSON.stringify(violation));
      }
    }
    return tell([
      ratio('return file to posted ledger, against parsing, COPY and one insert a table', pairs.take),
      ratio('request file, against reading and writing it', pairs.make),
      {
        name: 'reading and checking a return until its first report',
        value: median(staged.slice(1)),
        unit: 'ms',
        bound: null,
        samples: staged.length - 1,
        detail: `${LINES} lines staged`,
      },
      {
        name: 'memory of the worker above its start',
        value: peakMb,
        unit: 'MB',
        bound: { is: 'at most', value: MEMORY_BOUND_MB },
        samples: PAIRS + 1,
        detail: 'peak while a file is made or taken in',
      },
    ]);
  } finally {
    await client.end();
    await store.close();
  }
});
