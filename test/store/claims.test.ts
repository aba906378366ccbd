import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Digest, UserId } from '../../domain/model/ids.js';
import { openStore, type Store } from '../../store/connection.js';
import { answerKey, claimKey, holdKey } from '../../store/idempotency.js';
import { freshDatabase, type TestDatabase } from '../support/runtime.js';

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = openStore(database.url);
}, 180_000);
afterAll(async () => {
  await store.close();
  await database.drop();
});

const request = (keyHash: string) => ({
  county: 'k1',
  keyHash,
  user: 'p1' as UserId,
  route: 'post /imports',
  bodyDigest: 'd1' as Digest,
});
const old = (keyHash: string) =>
  store.db
    .updateTable('idempotency')
    .set({ stored_at: new Date(Date.now() - 120_000) })
    .where('key_hash', '=', keyHash)
    .execute();

test('given work that takes longer than a claim holds, when it is held, then nobody else claims it', async () => {
  await claimKey(store.db, request('long'));
  await old('long');
  await holdKey(store.db, request('long'));
  await expect(claimKey(store.db, request('long'))).rejects.toMatchObject({ code: 'idempotency-in-progress' });
});

test('given a claim that nobody holds any more, then it may be claimed again', async () => {
  await claimKey(store.db, request('dead'));
  await old('dead');
  expect(await claimKey(store.db, request('dead'))).toEqual({ kind: 'new' });
});

test('given an answer, then holding changes nothing of it', async () => {
  await claimKey(store.db, request('done'));
  await answerKey(store.db, request('done'), { status: 201, response: { kept: 2 } });
  await holdKey(store.db, request('done'));
  expect(await claimKey(store.db, request('done'))).toEqual({ kind: 'answered', status: 201, response: { kept: 2 } });
});
