import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { LEDGER_ACCOUNTS, type AccountId } from '../../domain/ledger/accounts.js';
import type { LedgerEvent } from '../../domain/ledger/events.js';
import type { LocalDate, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import { fen } from '../../domain/money/fen.js';
import type { Store } from '../../store/connection.js';
import { postEvents, type Recording } from '../../store/ledger/post.js';
import { balanceOf, trialBalance } from '../../store/ledger/read.js';
import { COUNTY, givenProcess, givenStore, lines } from './given.js';

let store: Store;
let adminUrl: string;
let close: () => Promise<void>;
let process: ProcessId;
beforeAll(async () => {
  ({ store, adminUrl, close } = await givenStore());
  ({ process } = await givenProcess(store));
});
afterAll(() => close());

const recording = (at = '2020-05-10T09:00:00'): Recording => ({ county: COUNTY, process, at: at as Moment, by: 'p1' as UserId });
const arrived = (cause: string, more: Partial<LedgerEvent> = {}): LedgerEvent =>
  ({ kind: 'arrived', cause, book: 'personalAccount', insurance: 'pension', year: 2020, amount: fen(30_000), on: '2020-05-10' as LocalDate, person: 'n1', ...more }) as LedgerEvent; // prettier-ignore
const posted = (event: LedgerEvent, at?: string): Promise<void> =>
  store.db.transaction().execute((trx) => postEvents(trx, recording(at), [event]));

async function asOwner(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Writes postings past the posting rules, as a fault of a program would. */
const raw = (
  tx: string,
  postings: readonly (readonly [n: number, account: string, holder: string | null, insurance: string, amount: number])[],
) =>
  store.pool.query(
    `with t as (insert into ledger_transactions (county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by)
       select '${COUNTY}', $1::text, $2::text, 'arrived', 2020, '2020-05-10', '2020-05-10T09:00:00', 'p1' where not exists (select from ledger_transactions where tx_id = $2::text))
     insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount)
     select '${COUNTY}', $1::text, $2::text, (p ->> 0)::smallint, p ->> 1, p ->> 2, 'personalAccount', p ->> 3, (p ->> 4)::bigint from jsonb_array_elements($3::jsonb) p`,
    [process, tx, JSON.stringify(postings)],
  );

describe('posting', () => {
  test('the same cause twice is the same transaction; the same cause for something else is refused', async () => {
    await posted(arrived('payment/k1'));
    await posted(arrived('payment/k1'), '2020-05-11T09:00:00');
    expect(await lines(store, `select count(*) as n, min(recorded_at) as at from ledger_transactions where tx_id = 'payment/k1'`)).toEqual([
      { n: 1, at: '2020-05-10T09:00:00' },
    ]);
    await expect(posted(arrived('payment/k1', { amount: fen(30_001) }))).rejects.toMatchObject({ code: 'ledger-conflict' });
    await expect(posted(arrived('payment/k1', { insurance: 'medical' }))).rejects.toMatchObject({ code: 'ledger-conflict' });
    const [balance] = await balanceOf(store.db, recording(), { id: 'contribution', holder: 'n1' }, { on: null, recordedBy: null });
    expect(balance).toEqual({
      book: 'personalAccount',
      insurance: 'pension',
      account: 'contribution',
      debit: 0,
      credit: 30_000,
      balance: 30_000,
    });
  });

  test('a balance is asked as of a day on which things happened, and as of a moment by which they were recorded', async () => {
    await posted(arrived('payment/k2', { on: '2020-05-12' as LocalDate, amount: fen(100) }), '2020-05-20T09:00:00');
    const at = async (on: string | null, recordedBy: string | null): Promise<number> =>
      (
        await balanceOf(
          store.db,
          recording(),
          { id: 'contribution', holder: 'n1' },
          { on: on as LocalDate | null, recordedBy: recordedBy as Moment | null },
        )
      )[0]?.balance ?? 0;
    expect(await at('2020-05-09', null)).toBe(0);
    expect(await at('2020-05-11', null)).toBe(30_000);
    expect(await at('2020-05-12', null)).toBe(30_100);
    expect(await at('2020-05-12', '2020-05-19T23:59:59')).toBe(30_000);
    expect(await at(null, '2020-05-20T09:00:00')).toBe(30_100);
  });

  test('insurances and books have trial balances of their own, each summing to nothing', async () => {
    await posted(arrived('payment/k3', { insurance: 'medical' }));
    await posted(arrived('payment/k4', { book: 'basicPension', amount: fen(7) }));
    const rows = await trialBalance(store.db, recording(), { on: null, recordedBy: null });
    const sums = new Map<string, number>();
    for (const { book, insurance, debit, credit } of rows)
      sums.set(`${book} ${insurance}`, (sums.get(`${book} ${insurance}`) ?? 0) + debit - credit);
    expect(Object.fromEntries(sums)).toEqual({ 'basicPension pension': 0, 'personalAccount medical': 0, 'personalAccount pension': 0 });
  });
});

describe('the database refuses', () => {
  test('what does not balance', async () => {
    const one = raw('payment/x1', [
      [1, 'income', null, 'pension', 100],
      [2, 'contribution', 'n1', 'pension', -99],
    ]);
    await expect(one).rejects.toMatchObject({ code: 'DB002', message: expect.stringContaining('payment/x1 does not balance') });
  });

  test('a posting across insurances, though the sum is nothing', async () => {
    const one = raw('payment/x2', [
      [1, 'income', null, 'pension', 100],
      [2, 'contribution', 'n1', 'medical', -100],
    ]);
    await expect(one).rejects.toMatchObject({ code: 'DB002', message: expect.stringContaining('medical') });
  });

  test('one insurance of several, though the other balances; where each does, it is taken', async () => {
    const both = (tx: string, medical: number): Promise<unknown> =>
      raw(tx, [
        [1, 'income', null, 'pension', 100],
        [2, 'contribution', 'n1', 'pension', -100],
        [3, 'income', null, 'medical', 50],
        [4, 'contribution', 'n1', 'medical', -medical],
      ]);
    await expect(both('payment/x5', 49)).rejects.toMatchObject({
      code: 'DB002',
      message: expect.stringContaining('payment/x5 does not balance in book personalAccount of medical: 1'),
    });
    await expect(both('payment/both', 50)).resolves.toBeDefined();
  });

  test('an addition to a transaction that is there, though the addition balances', async () => {
    const one = raw('payment/k1', [
      [3, 'income', null, 'pension', 100],
      [4, 'contribution', 'n1', 'pension', -100],
    ]);
    await expect(one).rejects.toMatchObject({ code: 'DB002', message: expect.stringContaining('payment/k1 is not written whole') });
    const again = raw('payment/k1', [
      [1, 'income', null, 'pension', 100],
      [2, 'contribution', 'n1', 'pension', -100],
    ]);
    await expect(again).rejects.toMatchObject({ code: '23505' });
  });

  test('postings of no transaction, of an account that the chart does not know, and of nothing', async () => {
    const into = (account: string, holder: string | null, amount: number): Promise<unknown> =>
      raw('payment/x3', [
        [1, account, holder, 'pension', amount],
        [2, 'contribution', 'n1', 'pension', -amount],
      ]);
    await expect(into('purse', null, 100)).rejects.toMatchObject({ code: 'DB002', message: expect.stringContaining('purse') });
    await expect(into('income', 'n1', 100)).rejects.toMatchObject({ code: 'DB002' });
    await expect(into('cash', null, 100)).rejects.toMatchObject({ code: 'DB002' });
    await expect(into('income', null, 0)).rejects.toMatchObject({ code: '23514' });
    const loose = store.pool.query(
      `insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount)
       values ('${COUNTY}', $1, 'payment/x4', 1, 'income', null, 'personalAccount', 'pension', 1), ('${COUNTY}', $1, 'payment/x4', 2, 'contribution', 'n1', 'personalAccount', 'pension', -1)`,
      [process],
    );
    await expect(loose).rejects.toMatchObject({ code: 'DB002', message: expect.stringContaining('payment/x4') });
    expect(await lines(store, `select * from ledger_transactions where tx_id like 'payment/x%'`)).toEqual([]);
  });

  test.each(['ledger_transactions', 'ledger_postings'])(
    'changing, deleting and emptying %s: the application by rights, the owner by triggers',
    async (table) => {
      for (const statement of [`update ${table} set insurance = 'x'`, `delete from ${table}`, `truncate ${table}`].map((text) =>
        table === 'ledger_transactions' ? text.replace('insurance', 'kind') : text,
      )) {
        await expect(store.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
        await expect(asOwner(statement)).rejects.toMatchObject({ code: 'DB001' });
      }
    },
  );

  test('a change of the chart by the application', async () => {
    await expect(store.pool.query(`insert into ledger_accounts values ('purse', 'debit', null)`)).rejects.toMatchObject({ code: '42501' });
  });
});

test('the chart of the database is that of the core', async () => {
  const rows = await store.db.selectFrom('ledger_accounts').selectAll().execute();
  const chart = Object.entries(LEDGER_ACCOUNTS).map(([account, { side, holder }]) => ({ account: account as AccountId, side, holder }));
  const byId = (a: { account: string }, b: { account: string }): number => (a.account < b.account ? -1 : 1);
  expect(rows.sort(byId)).toEqual(chart.sort(byId));
});
