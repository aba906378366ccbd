import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore } from '../../store/connection.js';
import { listOrders } from '../../store/lists/deductions.js';
import { addOrder, takeOrder } from '../../store/deductions/orders.js';
import { dropProgress, keepProgress } from '../../store/deductions/progress.js';
import { telling } from '../../activities/deductions/progress.js';
import { sharedRuntime } from '../support/runtime.js';
import { all, clerk, COUNTY, DEDUCTION, givenCounty, moment, type County } from './given.js';

/* While a request is made or a return is posted, in one transaction, others see how far it is. */
let county: County;
beforeAll(async () => {
  county = await givenCounty();
  // Each word is kept by the owner of the tables, as it comes.
  const { database } = await sharedRuntime();
  const [{ name } = {}] = await county.rows('select current_database() as name');
  const url = new URL(database.adminUrl ?? '');
  url.pathname = `/${String(name)}`;
  const owner = openStore(url.href, 1);
  try {
    await owner.pool.query(`create table told (n bigserial, step text, done bigint, total bigint);
      create function tell() returns trigger language plpgsql security definer as
        $$ begin insert into told (step, done, total) values (new.step, new.done, new.total); return new; end $$;
      create trigger tell after insert or update on deduction_progress for each row execute function tell();
      grant select on told to public`);
  } finally {
    await owner.close();
  }
});
afterAll(() => county.close());

const told = () => county.rows('select step, done::int, total::int from told order by n');
const shown = async (order: string) => {
  const [found] = await listOrders(county.store.db, COUNTY, county.process, DEDUCTION, 1, order);
  return found;
};

test('making and posting tell their steps, the lines of the file among them, and nothing is told of what is done', async () => {
  await county.people([{}, {}, {}]);
  const batch = await county.made('2018-04-02');
  const made = await told();
  expect(made[0]).toEqual({ step: 'considering', done: 0, total: 3 });
  expect(made.at(-1)).toEqual({ step: 'writing', done: 3, total: 3 });
  await county.returned('2018-04-04', batch, all(3, 'arrived'));
  const posted = (await told()).slice(made.length);
  expect(posted[0]).toEqual({ step: 'judging', done: 0, total: 3 });
  expect(posted.at(-1)).toEqual({ step: 'opening', done: 0, total: 3 });
  expect(await county.rows('select * from deduction_progress')).toEqual([]);
});

test('while the work holds its order, others read how far it is', async () => {
  const at = moment('2018-04-05');
  const of = { county: COUNTY, process: county.process, deduction: DEDUCTION };
  const { db } = county.store;
  const order = await db.transaction().execute(async (trx) => {
    const id = await addOrder(trx, { ...of, kind: 'make', status: 'waiting', request: {}, file: null, at, by: clerk });
    await takeOrder(trx, COUNTY, id);
    return id;
  });
  expect(await shown(order)).toMatchObject({ status: 'working', step: null });
  await db.transaction().execute(async (trx) => {
    await takeOrder(trx, COUNTY, order);
    await keepProgress(db, COUNTY, order, { step: 'writing', done: 5_000, total: 400_000 });
    expect(await shown(order)).toMatchObject({ step: 'writing', done: 5_000, total: 400_000 });
    await keepProgress(db, COUNTY, order, { step: 'writing', done: 10_000, total: 400_000 });
    expect(await shown(order)).toMatchObject({ done: 10_000 });
  });
  await dropProgress(db, COUNTY, order);
  expect(await shown(order)).toMatchObject({ step: null });
});

test('what cannot be told neither holds up nor fails the work, and work that fails leaves nothing behind', async () => {
  const tooMany = { step: 'writing' as const, done: -1, total: 1 };
  expect(await telling(county.store, COUNTY, 'w1', async (tell) => (tell(tooMany), 'done'))).toBe('done');
  const failed = telling(county.store, COUNTY, 'w1', async (tell) => {
    tell({ step: 'writing', done: 1, total: 1 });
    throw new Error('the disk is full');
  });
  await expect(failed).rejects.toThrow('the disk is full');
  expect(await county.rows('select * from deduction_progress')).toEqual([]);
});
