import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

import { Recorder } from '../../activities/record/index.js';
import type { ProcessId } from '../../domain/model/ids.js';
import { verifyAudit } from '../../store/audit.js';
import { isUnused, readTables } from '../../store/backup/read.js';
import { countTables, fileOf, writeTables, type TableWritten } from '../../store/backup/write.js';
import { openStore } from '../../store/connection.js';
import { allCounties } from '../../store/counties.js';
import { StoreError } from '../../store/errors.js';
import { verifyLedger } from '../../store/ledger/verify.js';
import { migrate } from '../../store/migrate.js';
import { MIGRATIONS } from '../../store/migrations/index.js';
import { loadSettings, type Settings } from '../config.js';
import { down } from './down.js';
import { pathsOf, type Paths } from './paths.js';
import { APP_ROLE, databaseUrl } from './postgres/cluster.js';
import { messageOf, RuntimeProblem, sayToStderr, type Say } from './problem.js';
import { isAlive } from './process.js';
import { readSecrets } from '../secrets.js';
import { readRunState } from './state.js';
import { up } from './up.js';

const manifestShape = z.strictObject({
  duban: z.literal(1),
  /** When it was made, by the clock of the machine. */
  madeAt: z.iso.datetime(),
  /** Whether the keys are in the backup; without them personal data in it cannot be read. */
  keys: z.boolean(),
  migrations: z.array(z.string()).min(1),
  tables: z.array(z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1), rows: z.int().min(0), digest: z.string() })),
  sequences: z.array(z.strictObject({ name: z.string(), last: z.string().regex(/^\d+$/), called: z.boolean() })),
});
type Manifest = z.infer<typeof manifestShape>;

interface Where {
  readonly paths?: Paths;
  readonly settings?: Settings;
  readonly say?: Say;
  /** Only looks. */
  readonly dryRun?: boolean;
}
export interface BackedUp {
  readonly folder: string;
  readonly tables: number;
  readonly rows: number;
  readonly keys: boolean;
  readonly seconds: number;
}

/**
 * Writes all that must not be lost into a new folder, while everything goes on: the database as it stands at one moment, and the keys. The engine is not in it:
 * after a restore every open process begins anew from its journal. Errors: `backup-exists`, `database-not-running`, those of the database.
 */
export async function backup(folder: string, where: Where & { readonly withoutKeys?: boolean } = {}): Promise<BackedUp> {
  const paths = where.paths ?? pathsOf();
  const settings = where.settings ?? loadSettings();
  const say = where.say ?? sayToStderr;
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new RuntimeProblem('backup-exists', `目录 ${target} 不是空的：请另选一个。`, `${target} is not empty: choose another folder.`);
  const began = Date.now();
  if (where.dryRun === true) {
    const tables = await asProblem(() => countTables(readerUrl(paths, settings)));
    return { folder: target, tables, rows: 0, keys: where.withoutKeys !== true, seconds: 0 };
  }
  const half = `${target}.incomplete`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  try {
    const written = await asProblem(() => writeTables(readerUrl(paths, settings), join(half, 'tables'), told(say)));
    const keys = where.withoutKeys !== true;
    if (keys) copyFileSync(paths.secretsFile, join(half, 'secrets.json'));
    const manifest: Manifest = {
      duban: 1,
      madeAt: new Date(began).toISOString(),
      keys,
      migrations: [...written.migrations],
      tables: written.tables.map((table) => ({ ...table, columns: [...table.columns] })),
      sequences: [...written.sequences],
    };
    writeFileSync(join(half, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    mkdirSync(dirname(target), { recursive: true });
    rmSync(target, { recursive: true, force: true });
    renameSync(half, target);
    const rows = written.tables.reduce((sum, table) => sum + table.rows, 0);
    return { folder: target, tables: written.tables.length, rows, keys, seconds: (Date.now() - began) / 1000 };
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    throw error;
  }
}

export interface Restored {
  /** When the backup was made. */
  readonly madeAt: string;
  readonly rows: number;
  readonly seconds: number;
  readonly audit: { readonly entries: number; readonly violations: number };
  readonly ledger: { readonly campaigns: number; readonly violations: number };
  /** Journals folded anew: a violation is one that does not fold, or gives other rows than those that stand. `why`: each, in words. */
  readonly journals: { readonly campaigns: number; readonly events: number; readonly violations: number; readonly why: readonly string[] };
}

/**
 * Reads a backup into a home or database that holds nothing yet, and verifies what it read: audit chains, journals and ledgers. Nothing is started beyond database
 * and engine; `up` does the rest. Errors: `no-backup`, `backup-newer`, `restore-over-data`, `secrets-differ`, `keys-not-in-backup`, `backup-differs`.
 */
export async function restore(folder: string, where: Where = {}): Promise<Restored> {
  const paths = where.paths ?? pathsOf();
  const settings = where.settings ?? loadSettings();
  const say = where.say ?? sayToStderr;
  const from = resolve(folder);
  const manifest = readManifest(from);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const began = Date.now();
  if (where.dryRun === true) {
    for (const { table } of manifest.tables)
      if (!existsSync(fileOf(join(from, 'tables'), table)))
        throw new RuntimeProblem('no-backup', `备份缺少表 ${table} 的文件。`, `The backup lacks the file of table ${table}.`);
    const nothing = {
      audit: { entries: 0, violations: 0 },
      ledger: { campaigns: 0, violations: 0 },
      journals: { campaigns: 0, events: 0, violations: 0, why: [] },
    };
    return { madeAt: manifest.madeAt, rows, seconds: 0, ...nothing };
  }
  const placed = placeKeys(paths, from, manifest);
  let [started, filled] = [false, false];
  try {
    const ground = await up({ paths, settings, say, what: 'ground' });
    started = ground.started.length > 0;
    const { database } = ground;
    const { adminUrl } = database;
    if (adminUrl === null)
      throw new RuntimeProblem(
        'admin-url-missing',
        '恢复需要 DATABASE_ADMIN_URL（数据库的所有者）。',
        'A restore needs DATABASE_ADMIN_URL, the owner of the database.',
      );
    if (!(await asProblem(() => isUnused(adminUrl))))
      throw new RuntimeProblem(
        'restore-over-data',
        '这里已有数据，不会覆盖。请恢复到空的目录（DUBAN_HOME）或空的数据库。',
        'There is data here, which is never overwritten. Restore into an empty home (DUBAN_HOME) or database.',
      );
    const appRole = settings.database.url === undefined ? APP_ROLE : decodeURIComponent(new URL(settings.database.url).username);
    await asProblem(async () => {
      await migrate({ adminUrl, appRole, upTo: manifest.migrations.at(-1) ?? '' });
      await readTables(adminUrl, join(from, 'tables'), manifest, told(say));
      filled = true;
      await migrate({ adminUrl, appRole });
    });
    say('校验审计链、日志和账目……', 'Verifying audit chains, journals and ledgers.');
    const verified = await verifyAll(database.url);
    return { madeAt: manifest.madeAt, rows, seconds: (Date.now() - began) / 1000, ...verified };
  } catch (error) {
    // What this call had to start is not left behind.
    if (started) await down({ paths, say });
    if (filled) say('数据已恢复，但随后的升级或校验没有完成。', 'The data is restored, but it was not migrated or verified to the end.');
    else if (placed)
      say(
        '恢复未完成：没有恢复任何数据；备份的密钥已放在这里，可以重试。',
        'Not restored: no data was read in. The keys of the backup are in place; it can be tried again.',
      );
    throw error;
  }
}

async function verifyAll(url: string): Promise<Pick<Restored, 'audit' | 'ledger' | 'journals'>> {
  const store = openStore(url, 2);
  try {
    const audit = { entries: 0, violations: 0 };
    const ledger = { campaigns: 0, violations: 0 };
    const journals = { campaigns: 0, events: 0, violations: 0, why: [] as string[] };
    const recorder = new Recorder(store);
    for (const county of await allCounties(store.db)) {
      const found = await verifyAudit(store.db, county);
      audit.entries += found.entries;
      audit.violations += found.violations.length;
      const processes = await store.db.selectFrom('processes').select('process_id').where('county_id', '=', county).execute();
      for (const { process_id: process } of processes) {
        ledger.campaigns += 1;
        if ((await verifyLedger(store.db, { county, process })).violation !== null) ledger.violations += 1;
        journals.campaigns += 1;
        const { events, wrong } = await foldedAgain(recorder, county, process);
        journals.events += events;
        if (wrong === null) continue;
        journals.violations += 1;
        journals.why.push(`${process}: ${wrong}`);
      }
    }
    return { audit, ledger, journals };
  } finally {
    await store.close();
  }
}

/** What is wrong with the journal of a process; null = it folds to just what stands. */
async function foldedAgain(recorder: Recorder, county: string, process: ProcessId): Promise<{ events: number; wrong: string | null }> {
  try {
    const { events, differs } = await recorder.verify(county, process);
    return { events, wrong: differs.length === 0 ? null : differs.join(', ') };
  } catch (error) {
    return { events: 0, wrong: messageOf(error) };
  }
}

function readManifest(from: string): Manifest {
  const file = join(from, 'manifest.json');
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new RuntimeProblem('no-backup', `${from} 里没有完整的备份：${messageOf(cause)}`, `There is no whole backup in ${from}.`, {
      cause,
    });
  }
  const parsed = manifestShape.safeParse(read);
  if (!parsed.success) throw new RuntimeProblem('no-backup', `${file} 不是备份清单。`, `${file} is no list of a backup.`);
  const unknown = parsed.data.migrations.find((name) => !(name in MIGRATIONS));
  if (unknown !== undefined)
    throw new RuntimeProblem(
      'backup-newer',
      `备份由更新版本的督办制作（${unknown}），请用那个版本恢复。`,
      `The backup was made by a newer Duban (${unknown}): restore it with that one.`,
    );
  return parsed.data;
}

/** The keys of the backup, where there are none yet. True: they were put there now. */
function placeKeys(paths: Paths, from: string, manifest: Manifest): boolean {
  const there = existsSync(paths.secretsFile);
  if (!manifest.keys) {
    if (there) return false;
    throw new RuntimeProblem(
      'keys-not-in-backup',
      `备份不含密钥：请先把密钥文件放到 ${paths.secretsFile}。`,
      `The backup holds no keys: put the secrets file at ${paths.secretsFile} first.`,
    );
  }
  const kept = join(from, 'secrets.json');
  if (there) {
    if (readSecrets(paths.secretsFile).blindIndexKey === readSecrets(kept).blindIndexKey) return false;
    throw new RuntimeProblem(
      'secrets-differ',
      `${paths.secretsFile} 是另一套系统的密钥。请恢复到空的目录。`,
      `${paths.secretsFile} holds the keys of another installation. Restore into an empty home.`,
    );
  }
  mkdirSync(dirname(paths.secretsFile), { recursive: true, mode: 0o700 });
  copyFileSync(kept, paths.secretsFile);
  return true;
}

/** Who reads for a backup: the owner where it is known, else the application's role. */
function readerUrl(paths: Paths, settings: Settings): string {
  const { url, adminUrl } = settings.database;
  if (url !== undefined) return adminUrl ?? url;
  const state = readRunState(paths);
  if (!isAlive(state.database) || state.ports === undefined)
    throw new RuntimeProblem(
      'database-not-running',
      '数据库没有运行：先运行 npx duban up。',
      'The database is not running: npx duban up first.',
    );
  return databaseUrl(readSecrets(paths.secretsFile), state.ports.database, 'owner');
}

const LARGE = 10_000;
const told =
  (say: Say) =>
  ({ table, rows }: TableWritten): void => {
    if (rows >= LARGE) say(`  ${table}：${rows} 行`, `  ${table}: ${rows} rows`);
  };

async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StoreError) throw new RuntimeProblem(cause.code, cause.zh, cause.en, { cause });
    throw cause;
  }
}
