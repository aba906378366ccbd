import { epochToMoment } from '../../domain/calendar/dates.js';
import type { UserId } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import { openStore, type Store } from '../../store/connection.js';
import { allCounties } from '../../store/counties.js';
import { countStale, reseal } from '../../store/people/reseal.js';
import { databaseProblem } from '../../store/reach.js';
import { agreeOnKeys, sealedBeforeKeys } from '../../store/sealing-keys.js';
import { checkSchema } from '../../store/version.js';
import { loadSettings, type Settings } from '../config.js';
import { checkKeys, liveKeys } from '../keys.js';
import { addKeys, nextKey, readSecrets, useKeys } from '../secrets.js';
import { withLock } from './lock.js';
import { pathsOf, type Paths } from './paths.js';
import { databaseUrl } from './postgres/cluster.js';
import { isAlive } from './process.js';
import { RuntimeProblem, sayToStderr, type Say } from './problem.js';
import { readRunState } from './state.js';

export interface KeysSeen {
  /** The secrets file. */
  readonly file: string;
  readonly all: readonly string[];
  readonly active: string;
  /** Added, handed out to the other machines, and not used yet. */
  readonly next: string | null;
  /** Persons and accounts of which something is still sealed with an older key. */
  readonly stale: number;
}

export interface Rotated {
  readonly key: string;
  /** False: only added; the next rotation uses it. */
  readonly used: boolean;
  /** Persons and accounts that were sealed anew. */
  readonly resealed: number;
}

interface Where {
  readonly paths?: Paths;
  readonly settings?: Settings;
  readonly say?: Say;
}

/** What keys there are and how far a rotation has come. Changes nothing. Errors: those of `secrets.ts`, `database-*`, `secrets-differ`, `keys-missing`. */
export async function lookAtKeys(where: Where = {}): Promise<KeysSeen> {
  const paths = where.paths ?? pathsOf();
  return withDatabase(where, async (store) => {
    const secrets = readSecrets(paths.secretsFile);
    const stale = await countStale(store.db, liveKeys(paths.secretsFile).personalData);
    return {
      file: paths.secretsFile,
      all: Object.keys(secrets.payloadCodec.keys),
      active: secrets.payloadCodec.active,
      next: nextKey(secrets),
      stale,
    };
  });
}

/**
 * Takes a new key into use for payloads and personal data alike, and seals personal data anew; histories keep their keys. Services follow by themselves. With
 * `prepare` the key is only added, so that the file can be handed to other machines first. Broken off, the next call goes on.
 */
export async function rotateKeys(where: Where & { readonly prepare?: boolean } = {}): Promise<Rotated> {
  const paths = where.paths ?? pathsOf();
  const say = where.say ?? sayToStderr;
  return withLock(paths.lockFile, say, () =>
    withDatabase(where, async (store) => {
      const file = paths.secretsFile;
      const unfinished = nextKey(readSecrets(file)) === null && (await countStale(store.db, liveKeys(file).personalData)) > 0;
      const key = unfinished ? readSecrets(file).payloadCodec.active : addKeys(file);
      if (where.prepare === true && !unfinished) return { key, used: false, resealed: 0 };
      useKeys(file, key);
      await agreeOnKeys(store.db, liveKeys(file).proofs());
      const resealed = await resealAll(store, paths, say);
      await tellAudit(store, key, resealed);
      return { key, used: true, resealed };
    }),
  );
}

/** Sees to it that the keys are those of the database; personal data from before there were proofs is sealed anew, once. Errors: those of `checkKeys`. */
export async function settleKeys(url: string, paths: Paths, say: Say): Promise<void> {
  await withStore(url, async (store) => {
    if (await sealedBeforeKeys(store.db)) {
      say('正在重新加密个人信息……', 'Sealing personal data anew.');
      await resealAll(store, paths, say);
      await agreeOnKeys(store.db, liveKeys(paths.secretsFile).proofs());
    }
    await checkKeys(store.db, liveKeys(paths.secretsFile));
  });
}

const TOLD_EVERY = 20_000;

function resealAll(store: Store, paths: Paths, say: Say): Promise<number> {
  let told = 0;
  return reseal(store.db, liveKeys(paths.secretsFile).personalData, (done) => {
    if (done - told < TOLD_EVERY) return;
    told = done;
    say(`  已重新加密 ${done} 人`, `${done} persons sealed anew`);
  });
}

async function tellAudit(store: Store, key: string, resealed: number): Promise<void> {
  const entry = { at: epochToMoment(Date.now()), actor: 'system' as UserId, action: 'keys.rotated', subject: key, detail: { resealed } };
  for (const county of await allCounties(store.db)) await store.db.transaction().execute((trx) => appendAudit(trx, county, entry));
}

/** The database of this home, as the application sees it. Errors: `database-not-running`, `database-*`, `schema-*`, those of `checkKeys`. */
export async function withDatabase<T>(where: Where, work: (store: Store) => Promise<T>): Promise<T> {
  const paths = where.paths ?? pathsOf();
  const { database } = where.settings ?? loadSettings();
  const state = readRunState(paths);
  if (database.url === undefined && !isAlive(state.database))
    throw new RuntimeProblem(
      'database-not-running',
      '数据库没有启动，请先运行 npx duban up。',
      'The database is not running: run npx duban up first.',
    );
  const url = database.url ?? databaseUrl(readSecrets(paths.secretsFile), state.ports?.database ?? 0, 'app');
  return withStore(url, async (store) => {
    await checkSchema(store);
    await checkKeys(store.db, liveKeys(paths.secretsFile));
    return work(store);
  });
}

async function withStore<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(url, 2);
  try {
    return await work(store);
  } catch (cause) {
    if (cause instanceof RuntimeProblem) throw cause;
    const { code, zh, en } = databaseProblem(cause, url);
    throw new RuntimeProblem(code, zh, en, { cause });
  } finally {
    await store.close();
  }
}
