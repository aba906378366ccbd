import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loadSettings } from '../../server/config.js';
import { liveKeys } from '../../server/keys.js';
import { lookAtKeys, pathsOf, rotateKeys, saySilently, type Paths } from '../../server/runtime/index.js';
import { settleKeys } from '../../server/runtime/keys.js';
import { addKeys, ensureSecrets, readSecrets, useKeys } from '../../server/secrets.js';
import { openStore, type Store } from '../../store/connection.js';
import { listAudit } from '../../store/lists/audit.js';
import { reseal } from '../../store/people/reseal.js';
import type { ProcessId, UnitId } from '../../domain/model/ids.js';
import { campaignWorkflowId } from '../../workflows/contract/campaign.js';
import { found } from '../support/definitions.js';
import { freshDatabase, sharedRuntime, type TestDatabase } from '../support/runtime.js';
import { collector, COUNTY, done, smallSetting, Stage } from '../workflows/support/stage.js';

/* Keys are rotated while everything runs; what they have sealed stays readable. */

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'duban-keys-'));
  await sharedRuntime();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A home whose secrets are a file of its own. */
function ownHome(name: string): Paths {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const paths = { ...pathsOf(home), secretsFile: join(home, 'secrets.json') };
  ensureSecrets(paths.secretsFile, () => false);
  return paths;
}

describe('over a live history', () => {
  const open = async (name: string): Promise<{ stage: Stage; paths: Paths; rotate: (prepare?: boolean) => Promise<string> }> => {
    const paths = ownHome(name);
    const stage = await Stage.open({ DUBAN_SECRETS_FILE: paths.secretsFile });
    const settings = loadSettings({ DATABASE_URL: stage.config.database.url }, 'no-such-file.yaml');
    const rotate = async (prepare = false): Promise<string> => (await rotateKeys({ paths, settings, prepare, say: saySilently })).key;
    return { stage, paths, rotate };
  };

  /** Ids of the keys with which a process's history is sealed, in the order of its events. */
  async function keysIn(stage: Stage, process: ProcessId): Promise<readonly string[]> {
    const history = await stage.engine.client.workflow.getHandle(campaignWorkflowId(COUNTY, process)).fetchHistory();
    const ids: string[] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('encryption-key-id' in value && value['encryption-key-id'] instanceof Uint8Array)
        ids.push(Buffer.from(value['encryption-key-id']).toString());
      if (!ArrayBuffer.isView(value)) Object.values(value).forEach(walk);
    };
    walk(history.events);
    return ids;
  }

  test('what runs goes on without a restart; new payloads have the new key, old ones are read with theirs, in whatever order services come back', async () => {
    const { stage, rotate } = await open('live');
    try {
      await stage.startWorker();
      const world = await stage.virtualWorld('2020-05-01T09:00:00');
      const process = await stage.launch(world, smallSetting(6));
      const act = async (n: number): Promise<unknown> => stage.act(process, `a${n}`, collector(`v${n}`), done(`material/v${n}`));
      expect(await act(1)).toEqual({ ok: true, seq: 2 });
      expect([...new Set(await keysIn(stage, process))]).toEqual(['k1']);

      expect(await rotate()).toBe('k2');
      await stage.until('both have seen it', async () => {
        await stage.messages.advance(COUNTY, process, found(world.now));
        return stage.config.keys.payloads.active().id === 'k2' && (await keysIn(stage, process)).at(-1) === 'k2';
      });
      expect(await act(2)).toEqual({ ok: true, seq: 3 });

      // The worker first: it replays what k1 and k2 have sealed.
      await stage.killWorker();
      await stage.startWorker();
      expect(await stage.summary(process)).toMatchObject({ seq: 3, recorded: 3 });
      expect(await act(3)).toEqual({ ok: true, seq: 4 });

      // The caller first: it uses the next key while no worker is there to read it.
      await stage.killWorker();
      expect(await rotate()).toBe('k3');
      await stage.until('the caller has seen it', async () => stage.config.keys.payloads.active().id === 'k3');
      // Its answer may come too late for this first try: the same act again is safe.
      await Promise.allSettled([act(4), stage.startWorker()]);
      expect(await act(4)).toEqual({ ok: true, seq: 5 });
      expect(await act(1)).toEqual({ ok: true, seq: 2 });
      expect([...new Set(await keysIn(stage, process))]).toEqual(['k1', 'k2', 'k3']);
      await stage.move(world, '2020-06-01T00:00:00');
      expect((await stage.journal(process)).filter(({ type }) => type === 'acted').length).toBe(4);
    } finally {
      await stage.close();
    }
  });

  test('a worker elsewhere that lacks the key yet: the act waits for it and is done once, when the file has come', async () => {
    const { stage, paths, rotate } = await open('here');
    const elsewhere = join(folder, 'elsewhere.json');
    copyFileSync(paths.secretsFile, elsewhere);
    try {
      await stage.startWorker({ DUBAN_SECRETS_FILE: elsewhere });
      const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(2));
      const act = async (n: number): Promise<unknown> => stage.act(process, `b${n}`, collector(`v${n}`), done(`material/v${n}`));
      expect(await act(1)).toEqual({ ok: true, seq: 2 });
      await rotate();
      await stage.until('the caller has seen it', async () => stage.config.keys.payloads.active().id === 'k2');
      await expect(act(2)).rejects.toMatchObject({ code: 'engine-busy' });
      copyFileSync(paths.secretsFile, elsewhere);
      await stage.until('it is answered', async () => act(2).then(() => true, () => false)); // prettier-ignore
      expect(await act(2)).toEqual({ ok: true, seq: 3 });
      expect((await stage.journal(process)).length).toBe(3);
    } finally {
      await stage.close();
    }
  });

  test('prepared first and copied, nothing has to wait', async () => {
    const { stage, paths, rotate } = await open('prepared');
    const elsewhere = join(folder, 'prepared-elsewhere.json');
    try {
      expect(await rotate(true)).toBe('k2');
      expect(readSecrets(paths.secretsFile).payloadCodec.active).toBe('k1');
      copyFileSync(paths.secretsFile, elsewhere);
      await stage.startWorker({ DUBAN_SECRETS_FILE: elsewhere });
      const process = await stage.launch(await stage.virtualWorld('2020-05-01T09:00:00'), smallSetting(1));
      expect(await rotate()).toBe('k2');
      await stage.until('the caller has seen it', async () => stage.config.keys.payloads.active().id === 'k2');
      expect(await stage.act(process, 'c1', collector('v1'), done('material/v1'))).toEqual({ ok: true, seq: 2 });
      expect([...new Set(await keysIn(stage, process))]).toEqual(['k1', 'k2']);
    } finally {
      await stage.close();
    }
  });
});

describe('personal data', () => {
  let database: TestDatabase;
  let store: Store;
  let paths: Paths;
  const numbers = Array.from({ length: 1_203 }, (_, i) => `99000019700101${String(i).padStart(4, '0')}`);

  const unitAt = 'u1' as UnitId;
  /** Persons as an import writes them; every third with a telephone. */
  async function givenPeople(seal: (text: string) => Buffer, index: (text: string) => Buffer): Promise<void> {
    await store.db.insertInto('counties').values({ county_id: COUNTY, name: '测试县' }).execute();
    await store.db
      .insertInto('units')
      .values({ county_id: COUNTY, unit_id: unitAt, level: 'town', parent_id: null, name: '镇', path: '/u1/' })
      .execute();
    const rows = numbers.map((number, i) => ({
      county_id: COUNTY,
      person_id: `n${i}`,
      id_number_cipher: seal(number),
      id_number_index: index(number),
      phone_cipher: i % 3 === 0 ? seal(`138${i}`) : null,
      name: '某',
      unit_id: unitAt,
    }));
    for (let at = 0; at < rows.length; at += 400) await store.db.insertInto('people').values(rows.slice(at, at + 400)).execute(); // prettier-ignore
  }
  const settings = () => loadSettings({ DATABASE_URL: database.url }, 'no-such-file.yaml');
  const rotate = () => rotateKeys({ paths, settings: settings(), say: saySilently });

  /** Every person is found by the exact number, and what is kept reads as it was given. */
  async function allReadable(file = paths.secretsFile): Promise<void> {
    const { personalData: key } = liveKeys(file);
    const people = await store.db.selectFrom('people').selectAll().execute();
    const byIndex = new Map(people.map((row) => [row.id_number_index?.toString('hex'), row]));
    const read = numbers.map((number, i) => {
      const row = found(byIndex.get(key.index(number).toString('hex')), number);
      return [row.person_id, key.decrypt(found(row.id_number_cipher)), row.phone_cipher === null ? null : key.decrypt(row.phone_cipher), i];
    });
    expect(read).toEqual(numbers.map((number, i) => [`n${i}`, number, i % 3 === 0 ? `138${i}` : null, i]));
    expect(people.length).toBe(numbers.length);
  }

  beforeAll(() => {
    paths = ownHome('people');
  });
  const fresh = async (): Promise<void> => {
    database = await freshDatabase();
    store = openStore(database.url);
  };
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  test('is sealed anew by a rotation, page by page, found as before, and told in the audit', async () => {
    await fresh();
    const before = liveKeys(paths.secretsFile);
    await settleKeys(database.url, paths, saySilently);
    await givenPeople((number) => before.personalData.encrypt(number), (number) => before.personalData.index(number)); // prettier-ignore
    const { active } = await lookAtKeys({ paths, settings: settings() });
    const { key, resealed, used } = await rotate();
    expect([key > active, used, resealed]).toEqual([true, true, numbers.length]);
    expect(await lookAtKeys({ paths, settings: settings() })).toMatchObject({ active: key, next: null, stale: 0 });
    await allReadable();
    // A service that was there before the rotation reads and finds too, without a restart.
    const row = await store.db.selectFrom('people').selectAll().where('person_id', '=', 'n7').executeTakeFirstOrThrow();
    expect(before.personalData.decrypt(found(row.id_number_cipher))).toBe(numbers[7]);
    expect(row.id_number_index?.equals(before.personalData.index(found(numbers[7])))).toBe(true);
    expect((await listAudit(store.db, COUNTY, 'county', 0, 10)).map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
      ['keys.rotated', key, { resealed: numbers.length }],
    ]);
    expect(statSync(paths.secretsFile).mode & 0o777).toBe(0o600);
  });

  test('a rotation that was broken off goes on with the same key', async () => {
    await fresh();
    const before = liveKeys(paths.secretsFile);
    await settleKeys(database.url, paths, saySilently);
    await givenPeople((number) => before.personalData.encrypt(number), (number) => before.personalData.index(number)); // prettier-ignore
    const key = addKeys(paths.secretsFile);
    useKeys(paths.secretsFile, key);
    const { personalData } = liveKeys(paths.secretsFile);
    const broken = reseal(store.db, personalData, () => {
      throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    const { stale } = await lookAtKeys({ paths, settings: settings() });
    expect(stale).toBeGreaterThan(0);
    expect(stale).toBeLessThan(numbers.length);
    await allReadable();
    expect(await rotate()).toEqual({ key, used: true, resealed: stale });
    await allReadable();
  });

  test('two at once seal each person once or twice, never wrongly, while others read', async () => {
    await fresh();
    const before = liveKeys(paths.secretsFile);
    await settleKeys(database.url, paths, saySilently);
    await givenPeople((number) => before.personalData.encrypt(number), (number) => before.personalData.index(number)); // prettier-ignore
    useKeys(paths.secretsFile, addKeys(paths.secretsFile));
    const { personalData: now } = liveKeys(paths.secretsFile);
    const [one, other] = await Promise.all([reseal(store.db, now), reseal(store.db, now), allReadable()]);
    expect(one + other).toBeGreaterThanOrEqual(numbers.length);
    await allReadable();
    expect(await reseal(store.db, now)).toBe(0);
  });

  test('that was sealed before there were proofs of keys is sealed anew by up, once; a service does not start on it', async () => {
    await fresh();
    const secrets = readSecrets(paths.secretsFile);
    const master = Buffer.from(found(secrets.columnCipher.keys['k1']), 'base64');
    const derive = (purpose: string): Buffer =>
      Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `duban personal data ${purpose}`, 32));
    const sealFirst = (number: string): Buffer => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', derive('cipher'), nonce);
      const body = Buffer.concat([cipher.update(number, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([1]), nonce, cipher.getAuthTag(), body]);
    };
    await givenPeople(sealFirst, (number) => createHmac('sha256', derive('index')).update(number, 'utf8').digest());
    expect(await startService('api', paths)).toContain('keys-older');
    await settleKeys(database.url, paths, saySilently);
    await allReadable();
    expect((await lookAtKeys({ paths, settings: settings() })).stale).toBe(0);
  });

  /** Starts a service by hand; what it says when it ends by itself. */
  async function startService(name: 'api' | 'worker', of: Paths): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      DUBAN_HOME: of.home,
      DUBAN_SECRETS_FILE: of.secretsFile,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: '127.0.0.1:9',
      DUBAN_API_PORT: '1',
      DUBAN_WORKER_PORT: '1',
    };
    const child = spawn(process.execPath, [join(of.root, 'dist', 'server', `${name}.js`)], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const [output, ended] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(ended).toEqual([1, null]);
    return output;
  }

  test('secrets of another installation, or from before the last rotation, are refused before anything is sealed with them', async () => {
    await fresh();
    await settleKeys(database.url, paths, saySilently);
    const others = ownHome('others');
    await expect(settleKeys(database.url, others, saySilently)).rejects.toMatchObject({ code: 'secrets-differ' });
    await expect(rotateKeys({ paths: others, settings: settings(), say: saySilently })).rejects.toMatchObject({ code: 'secrets-differ' });
    for (const name of ['api', 'worker'] as const) expect(await startService(name, others)).toContain('secrets-differ');
    const old = join(folder, 'old.json');
    copyFileSync(paths.secretsFile, old);
    await rotate();
    await expect(settleKeys(database.url, { ...paths, secretsFile: old }, saySilently)).rejects.toMatchObject({ code: 'keys-missing' });
    const kept = await store.db.selectFrom('sealing_keys').select('key_id').where('purpose', '=', 'index').execute();
    expect(kept.length).toBe(1);
  });
});
