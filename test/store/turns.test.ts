import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../store/connection.js';
import { inTurn, joinOthers, keptTurn } from '../../store/engine/turns.js';
import { freshDatabase, type TestDatabase } from '../support/runtime.js';

/* Workers and APIs on one database take turns, and know whether they are alone. */

let database: TestDatabase;
let one: Store;
let other: Store;
beforeAll(async () => {
  database = await freshDatabase();
  [one, other] = [openStore(database.url, 3), openStore(database.url, 3)];
});
afterAll(async () => {
  await one.close();
  await other.close();
  await database.drop();
});

const nothing = (): Promise<void> => Promise.resolve();
/** Ends every other connection to the database, as a server that is restarted does. */
const breakAll = (): Promise<unknown> =>
  other.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');

test('a turn is of one at a time; a second does nothing meanwhile', async () => {
  const order: string[] = [];
  await inTurn(one, 'a', async () => {
    order.push('one');
    expect(await inTurn(other, 'a', async () => void order.push('other'))).toBe(false);
    expect(await inTurn(other, 'b', async () => void order.push('another turn'))).toBe(true);
  });
  expect(await inTurn(other, 'a', async () => void order.push('other'))).toBe(true);
  expect(order).toEqual(['one', 'another turn', 'other']);
});

test('a kept turn stays with who has it, also between calls, until it is given back', async () => {
  const [first, second] = [keptTurn(one, 'kept'), keptTurn(other, 'kept')];
  for (let n = 0; n < 3; n += 1) {
    expect(await first.take(nothing)).toBe(true);
    expect(await second.take(nothing)).toBe(false);
  }
  await expect(first.take(() => Promise.reject(new Error('the work failed')))).rejects.toThrow('the work failed');
  expect(await second.take(nothing)).toBe(false);
  await first.release();
  expect(await second.take(nothing)).toBe(true);
  expect(await first.take(nothing)).toBe(false);
  await second.release();
});

test('whose connection breaks loses the kept turn to who asks next, and says so', async () => {
  const [first, second] = [keptTurn(one, 'lost'), keptTurn(other, 'lost')];
  expect(await first.take(nothing)).toBe(true);
  await breakAll();
  await expect(first.take(nothing)).rejects.toThrow();
  expect(await second.take(nothing)).toBe(true);
  expect(await first.take(nothing)).toBe(false);
  await second.release();
});

test('only who is alone clears up after those who are gone', async () => {
  const cleared: string[] = [];
  const join = (store: Store, name: string): Promise<() => void> => joinOthers(store, 'api k1', async () => void cleared.push(name));
  const leaveFirst = await join(one, 'first');
  const leaveSecond = await join(other, 'second');
  leaveFirst();
  const leaveThird = await join(one, 'third');
  leaveSecond();
  leaveThird();
  for (let tries = 0; cleared.length < 2 && tries < 100; tries += 1) {
    const leave = await join(one, 'fourth');
    leave();
  }
  expect(cleared).toEqual(['first', 'fourth']);
});

test('two that begin together: one clears up, the other waits for it', async () => {
  const order: string[] = [];
  const join = (store: Store, name: string): Promise<() => void> =>
    joinOthers(store, 'api k2', async () => {
      order.push(`${name} clears`);
      await store.pool.query('select pg_sleep(0.2)');
      order.push('cleared');
    }).then((leave) => {
      order.push('joined');
      return leave;
    });
  const leaves = await Promise.all([join(one, 'one'), join(other, 'other')]);
  expect(order.slice(1)).toEqual(['cleared', 'joined', 'joined']);
  for (const leave of leaves) leave();
});
