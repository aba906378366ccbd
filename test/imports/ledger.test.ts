import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { allotSuspense, listSuspense, recordCollected, recordRemitted, refundSuspense } from '../../activities/people/index.js';
import type { AccountId } from '../../domain/ledger/accounts.js';
import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import { openStore } from '../../store/connection.js';
import { balanceOf, dumpTransactions, statementOf, trialBalance } from '../../store/ledger/read.js';
import { verifyLedger, type Violation } from '../../store/ledger/verify.js';
import { migrate } from '../../store/migrate.js';
import { heldBy } from '../../store/payments/book.js';
import { freshDatabase } from '../support/runtime.js';
import { COUNTY, given, inventedId, refusal, tally, user, type Given } from './given.js';

const [A, B, C, D, X] = [inventedId(61), inventedId(62), inventedId(63), inventedId(64), inventedId(69)];
const NOW = '2020-05-12T10:00:00' as Moment;
const DAY = '2020-05-12' as LocalDate;
/** `[id number, name, village, amount in yuan]`; and for payments the day, the bank's number and the kind. */
const rosterCsv = (rows: readonly (readonly string[])[], insurance = 'pension'): string =>
  `身份证号码,姓名,村居,应缴金额,险种\n${rows.map((row) => [...row, insurance].join(',')).join('\n')}\n`;
const paymentsCsv = (rows: readonly (readonly string[])[], insurance = 'pension'): string =>
  `身份证号码,姓名,村居,缴费金额,缴费日期,流水号,交易类型,险种\n${rows.map((row) => [...[...row, '', ''].slice(0, 7), insurance].join(',')).join('\n')}\n`;
const ALWAYS = { on: null, recordedBy: null };

let g: Given;
let dues: Readonly<Record<string, string>>;
let persons: Readonly<Record<string, string>>;
beforeAll(async () => {
  g = await given({ rules: {}, insurance: ['pension', 'medical'] });
  await g.run(
    'roster',
    rosterCsv([
      [A, '测甲', '甲村', '300'],
      [B, '测乙', '甲村', '300'],
      [C, '测丙', '乙村', '300'],
      [D, '测丁', '丙社区', '300'],
    ]),
  );
  await g.run('roster', rosterCsv([[A, '测甲', '甲村', '280']], 'medical'));
  const rows = await g.store.db
    .selectFrom('dues')
    .innerJoin('people', 'people.person_id', 'dues.person_id')
    .select(['dues.due_id', 'dues.insurance', 'people.name', 'people.person_id'])
    .execute();
  dues = Object.fromEntries(rows.map((row) => [`${row.name}${row.insurance === 'medical' ? '医' : ''}`, row.due_id]));
  persons = Object.fromEntries(rows.map((row) => [row.name, row.person_id]));
});
afterAll(() => g.close());

const of = () => ({ county: COUNTY, process: g.process });
const act = (actId: string) => ({ store: g.store, ...of(), actor: { user, onBehalfOf: null }, now: NOW, actId });
const collect = (actId: string, name: string, amount: number) =>
  recordCollected({ ...act(actId), due: dues[name] ?? '', amount, on: DAY, receipt: null, channel: null, means: null });
const remit = (actId: string, unit: string, amount: number) =>
  recordRemitted({ ...act(actId), unit: unit as UnitId, insurance: 'pension', amount, on: DAY, account: 'fiscal', slip: null });
const balance = async (id: AccountId, holder: string | null = null, insurance = 'pension'): Promise<number> =>
  (await balanceOf(g.store.db, of(), { id, holder }, ALWAYS)).find((row) => row.insurance === insurance)?.balance ?? 0;
const held = (unit: string): Promise<number> => heldBy(g.store.db, COUNTY, g.process, unit as UnitId, 'pension');
const verified = async (): Promise<Violation | null> => (await verifyLedger(g.store.db, of())).violation;
const resting = async (reason: string) => {
  const found = await listSuspense(g.store.db, COUNTY, g.process, { status: 'open', paths: [], all: true, after: null, limit: 100 });
  const one = found.find((row) => row.reason === reason);
  if (one === undefined) throw new Error(`nothing rests for ${reason}`);
  return one;
};

describe('money of a campaign stands in the ledger with what it is', () => {
  test('taken by a collector: with the village, for the person', async () => {
    await collect('c1', '测甲', 30_000);
    expect([await balance('cash', 'u4'), await balance('received', persons['测甲'] ?? ''), await balance('contribution')]).toEqual([
      30_000, 30_000, 0,
    ]);
    expect(await held('u4')).toBe(30_000);
  });

  test('the same act again is the same transaction', async () => {
    await collect('c1', '测甲', 30_000);
    expect(await balance('cash', 'u4')).toBe(30_000);
  });

  test('handed in: on its way', async () => {
    await remit('m1', 'u4', 20_000);
    expect([await balance('cash', 'u4'), await balance('transit', 'u4')]).toEqual([10_000, 20_000]);
    expect((await refusal(remit('m2', 'u4', 10_001))).code).toBe('bad-amount');
  });

  test('arrived: claim and way are closed as far as the collector had taken it', async () => {
    await g.run(
      'payments',
      paymentsCsv([
        [A, '测甲', '甲村', '300', '2020-05-12', 'L1'],
        [B, '测乙', '甲村', '100', '2020-05-12', 'L2'],
      ]),
    );
    expect([await balance('income'), await balance('contribution', persons['测甲'] ?? '')]).toEqual([40_000, 30_000]);
    expect([await balance('received'), await balance('transit', 'u4'), await balance('cash', 'u4')]).toEqual([0, -10_000, 10_000]);
    await remit('m3', 'u4', 10_000);
    expect([await balance('transit', 'u4'), await held('u4')]).toEqual([0, 0]);
    expect(await verified()).toBeNull();
  });

  test('what breaks a rule rests; what a file says again has no second effect', async () => {
    const file = paymentsCsv([
      [B, '测乙', '甲村', '500', '2020-05-13', 'L3'],
      [X, '无名', '甲村', '300', '2020-05-13', 'L4'],
      ['', '无名', '戊村', '120', '2020-05-13', 'L5', '代收'],
      [A, '测甲', '甲村', '300', '2020-05-13', 'L6'],
    ]);
    await g.run('payments', file);
    await g.run('payments', file);
    expect(await balance('suspense')).toBe(30_000 + 30_000 + 12_000 + 30_000);
    expect(await balance('cash', '-')).toBe(12_000);
    expect(await verified()).toBeNull();
  });

  test('taken back: what rested is cancelled out, the credit follows', async () => {
    await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '-300', '2020-05-14', 'L6R', '冲正']]));
    expect(await balance('contribution', persons['测甲'] ?? '')).toBe(30_000);
    expect(await balance('suspense')).toBe(30_000 + 30_000 + 12_000);
    await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '-300', '2020-05-14', 'L1R', '冲正']]));
    expect([await balance('contribution', persons['测甲'] ?? ''), await balance('received', persons['测甲'] ?? '')]).toEqual([0, 30_000]);
    expect(await balance('transit', 'u4')).toBe(30_000);
    expect(await verified()).toBeNull();
  });

  test('a reversal of what nobody knows is owed to us until it is settled', async () => {
    await g.run('payments', paymentsCsv([[D, '测丁', '丙社区', '-70', '2020-05-14', 'L9R', '冲正']]));
    const { suspense } = await resting('reversal-unknown');
    expect(await balance('suspense', suspense)).toBe(-7_000);
    expect(await verified()).toBeNull();
  });

  test('allotted and refunded, each once; money of one insurance is never booked to another', async () => {
    const [collected, unknown] = [await resting('unknown-unit'), await resting('unknown-person')];
    expect((await refusal(allotSuspense({ ...act('a0'), suspense: unknown.suspense, due: dues['测甲医'] ?? '', reason: '试' }))).code).toBe(
      'other-insurance',
    );
    await allotSuspense({ ...act('a1'), suspense: unknown.suspense, due: dues['测丙'] ?? '', reason: '姓名写错' });
    await allotSuspense({ ...act('a2'), suspense: collected.suspense, due: dues['测丁'] ?? '', reason: '村名写错' });
    expect([await balance('contribution', persons['测丙'] ?? ''), await balance('received', persons['测丁'] ?? '')]).toEqual([
      30_000, 12_000,
    ]);
    expect([await balance('cash', '-'), await balance('cash', 'u6'), await held('u6')]).toEqual([0, 12_000, 12_000]);
    const { suspense } = await resting('too-much');
    const before = await balance('income');
    await refundSuspense({ ...act('a3'), suspense, on: '2020-05-15' as LocalDate, reason: '多缴' });
    expect(before - (await balance('income'))).toBe(30_000);
    expect((await refusal(refundSuspense({ ...act('a4'), suspense, on: DAY, reason: '多缴' }))).code).toBe('suspense-settled');
    expect(await verified()).toBeNull();
  });

  test('another insurance has books of its own', async () => {
    await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '280', '2020-05-15', 'L20']], 'medical'));
    expect([await balance('contribution', persons['测甲'] ?? '', 'medical'), await balance('income', null, 'medical')]).toEqual([
      28_000, 28_000,
    ]);
    for (const { insurance } of await trialBalance(g.store.db, of(), ALWAYS)) {
      const rows = (await trialBalance(g.store.db, of(), ALWAYS)).filter((row) => row.insurance === insurance);
      expect(rows.reduce((sum, { debit, credit }) => sum + debit - credit, 0)).toBe(0);
    }
  });

  test('a cumulative statement books the difference, up and down', async () => {
    const said = (amount: string, on: string): string => paymentsCsv([[D, '测丁', '丙社区', amount, on, '', '代收']]);
    await g.run('payments', said('200', '2020-05-16'), { change: { mode: 'cumulative', source: '月报' } });
    expect(await balance('received', persons['测丁'] ?? '')).toBe(20_000);
    await g.run('payments', said('150', '2020-05-17'), { change: { mode: 'cumulative', source: '月报' } });
    expect([await balance('received', persons['测丁'] ?? ''), await held('u6')]).toEqual([15_000, 15_000]);
    expect(await verified()).toBeNull();
  });

  test('the figures of reports are the balances', async () => {
    const sums = await tally(g.store, 'paidSum');
    const contributions = (await balanceOf(g.store.db, of(), { id: 'contribution', holder: null }, ALWAYS)).reduce(
      (sum, row) => sum + row.balance,
      0,
    );
    expect(Object.values(sums).reduce((sum, value) => sum + value, 0)).toBe(contributions);
  });
});

describe('statements', () => {
  test('a person reads what came in, what was taken back and what is on its way, with the balance after each', async () => {
    const lines = await statementOf(g.store.db, of(), persons['测甲'] ?? '', ALWAYS);
    const own = lines.filter((row) => row.insurance === 'pension' && row.account !== 'suspense');
    expect(own.map((row) => [row.on, row.kind, row.account, row.amount, row.balance])).toEqual([
      ['2020-05-12', 'arrived', 'contribution', 30_000, 30_000],
      ['2020-05-12', 'collected', 'received', 30_000, 30_000],
      ['2020-05-12', 'matched', 'received', -30_000, 0],
      ['2020-05-14', 'reversed', 'contribution', -30_000, 0],
      ['2020-05-14', 'matched', 'received', 30_000, 30_000],
    ]);
    const rested = lines.filter((row) => row.account === 'suspense').map((row) => row.amount);
    expect(rested.reduce((sum, amount) => sum + amount, 0)).toBe(0);
    expect(lines.some((row) => row.insurance === 'medical' && row.amount === 28_000)).toBe(true);
  });

  test('as of a day it stops there', async () => {
    const lines = await statementOf(g.store.db, of(), persons['测甲'] ?? '', { on: '2020-05-13' as LocalDate, recordedBy: null });
    expect(lines.every((row) => row.on <= '2020-05-13')).toBe(true);
    expect(lines.some((row) => row.kind === 'reversed')).toBe(false);
  });
});

test('the dump comes in pages in the order of ids, without a moment of recording', async () => {
  const all = await dumpTransactions(g.store.db, of(), '', 1_000);
  const paged: unknown[] = [];
  for (let after = ''; ;) {
    const page = await dumpTransactions(g.store.db, of(), after, 3);
    paged.push(...page);
    if (page.length < 3) break;
    after = page.at(-1)?.id ?? '';
  }
  expect(paged).toEqual(all);
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort());
  expect(Object.keys(all[0] ?? {}).sort()).toEqual(['by', 'campaign', 'id', 'kind', 'on', 'postings', 'reverses', 'year']);
});

describe('a database that was filled before there was a ledger', () => {
  const TABLES = ['people', 'dues', 'payments', 'suspense'];
  const ask = async (url: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };

  test('is posted by the migration as if the ledger had been there', async () => {
    const old = await freshDatabase({ empty: true });
    try {
      await migrate({ ...old, upTo: '0002_evidence' });
      await ask(old.adminUrl, `insert into counties values ('${COUNTY}', '测试县')`);
      for (const unit of await ask(g.adminUrl, 'select to_jsonb(t) as row from units t order by path'))
        await ask(old.adminUrl, 'insert into units select * from jsonb_populate_record(null::units, $1)', [unit['row']]);
      for (const table of TABLES)
        for (const { row } of await ask(g.adminUrl, `select to_jsonb(t) as row from ${table} t`))
          await ask(old.adminUrl, `insert into ${table} overriding system value select * from jsonb_populate_record(null::${table}, $1)`, [
            row,
          ]);
      await migrate(old);
      const store = openStore(old.url, 2);
      try {
        expect((await verifyLedger(store.db, of())).violation).toBeNull();
        const posted = async (db: typeof store.db) =>
          (await dumpTransactions(db, of(), '', 10_000)).filter(({ kind }) => kind !== 'matched');
        expect(await posted(store.db)).toEqual(await posted(g.store.db));
        const balances = async (db: typeof store.db) =>
          (await trialBalance(db, of(), ALWAYS)).map(({ account, insurance, balance: left }) => [account, insurance, left]);
        expect(await balances(store.db)).toEqual(await balances(g.store.db));
      } finally {
        await store.close();
      }
    } finally {
      await old.drop();
    }
  });
});

describe('verifying names the first place where a promise is broken', () => {
  /** Somebody with all rights over the database, its safeguards switched off. */
  async function forged(text: string, undo: string): Promise<Violation | null> {
    const client = new pg.Client({ connectionString: g.adminUrl });
    await client.connect();
    const without = async (work: string): Promise<void> => {
      for (const table of ['ledger_postings', 'ledger_transactions', 'payments'])
        await client.query(`alter table ${table} disable trigger user`);
      try {
        await client.query(work);
      } finally {
        for (const table of ['ledger_postings', 'ledger_transactions', 'payments'])
          await client.query(`alter table ${table} enable trigger user`);
      }
    };
    try {
      await without(text);
      try {
        return await verified();
      } finally {
        await without(undo);
      }
    } finally {
      await client.end();
    }
  }
  const first = async (): Promise<string> => {
    const [row] = await dumpTransactions(g.store.db, of(), 'payment/', 1);
    return row?.id ?? '';
  };

  test('a posting that was changed', async () => {
    const id = await first();
    const found = await forged(
      `update ledger_postings set amount = amount + 1 where tx_id = '${id}' and n = 1`,
      `update ledger_postings set amount = amount - 1 where tx_id = '${id}' and n = 1`,
    );
    expect(found).toEqual({ code: 'unbalanced', at: `${id} personalAccount pension`, expected: '0', found: '1' });
  });

  test('a transaction that was changed on both sides, as a careful hand would', async () => {
    const id = await first();
    const found = await forged(
      `update ledger_postings set amount = amount * 2 where tx_id = '${id}'`,
      `update ledger_postings set amount = amount / 2 where tx_id = '${id}'`,
    );
    expect(found).toMatchObject({ code: 'differs', at: id });
  });

  test('a day that was changed', async () => {
    const id = await first();
    const [row] = (await g.store.pool.query<{ happened_on: string }>(`select happened_on from ledger_transactions where tx_id = $1`, [id]))
      .rows;
    const found = await forged(
      `update ledger_transactions set happened_on = '2020-01-01' where tx_id = '${id}'`,
      `update ledger_transactions set happened_on = '${row?.happened_on}' where tx_id = '${id}'`,
    );
    expect(found).toMatchObject({ code: 'differs', at: id });
    expect(found?.found).toContain('2020-01-01');
  });

  test('a transaction without postings, and postings without a transaction', async () => {
    const of1 = `'${COUNTY}', '${g.process}'`;
    const empty = await forged(
      `insert into ledger_transactions (county_id, process_id, tx_id, kind, year, happened_on, recorded_at, recorded_by) values (${of1}, 'payment/z', 'arrived', 2020, '2020-05-01', '2020-05-01T08:00:00', 'p1')`,
      `delete from ledger_transactions where tx_id = 'payment/z'`,
    );
    expect(empty).toEqual({ code: 'not-whole', at: 'payment/z', expected: '1..n', found: 'no postings' });
    const loose = await forged(
      `insert into ledger_postings (county_id, process_id, tx_id, n, account, holder, book, insurance, amount) values (${of1}, 'payment/z', 1, 'income', null, 'personalAccount', 'pension', 1), (${of1}, 'payment/z', 2, 'income', null, 'personalAccount', 'pension', -1)`,
      `delete from ledger_postings where tx_id = 'payment/z'`,
    );
    expect(loose).toEqual({ code: 'not-whole', at: 'payment/z', expected: '1..n', found: 'no transaction' });
  });

  test('money that was booked past the ledger, and a transaction of no payment', async () => {
    const past = await forged(
      `insert into payments (county_id, process_id, payment_id, due_id, person_id, unit_id, insurance, year, amount, kind, happened_on, recorded_at, source, meaning, recorded_by)
       select county_id, process_id, 'k999999', due_id, person_id, unit_id, insurance, year, 500, 'arrived', happened_on, recorded_at, 'x', 'a|x', recorded_by from payments where due_id is not null limit 1`,
      `delete from payments where payment_id = 'k999999'`,
    );
    expect(past).toMatchObject({ code: 'not-posted', at: 'payment/k999999', found: 'nothing' });
    const id = await first();
    const without = await forged(
      `update payments set payment_id = 'k999999' where payment_id = '${id.slice('payment/'.length)}'`,
      `update payments set payment_id = '${id.slice('payment/'.length)}' where payment_id = 'k999999'`,
    );
    expect(without?.code).toBe('not-posted');
  });

  test('a match of nothing known', async () => {
    const [row] = (
      await g.store.pool.query<{ tx_id: string }>(`select tx_id from ledger_transactions where kind = 'matched' order by 1 limit 1`)
    ).rows;
    const id = row?.tx_id ?? '';
    const rename = (from: string, to: string): string =>
      `update ledger_postings set tx_id = '${to}' where tx_id = '${from}'; update ledger_transactions set tx_id = '${to}' where tx_id = '${from}'`;
    expect(await forged(rename(id, 'match/i1/d999999'), rename('match/i1/d999999', id))).toEqual({
      code: 'missing-cause', at: 'match/i1/d999999', expected: 'a cause', found: 'none',
    }); // prettier-ignore
  });

  test('a reversal of more than came in', async () => {
    const raise = (by: number): string =>
      `update payments set amount = amount - ${by} where external_id = 'L1R'; update ledger_postings set amount = amount + case when amount > 0 then ${by} else ${-by} end where tx_id = (select 'payment/' || payment_id from payments where external_id = 'L1R')`;
    expect(await forged(raise(1), raise(-1))).toMatchObject({ code: 'broken-reversal', found: '30001 of pension' });
  });

  test('a due, a case of suspense, a unit’s cash that says something else', async () => {
    const due = dues['测丙'] ?? '';
    const found = await forged(
      `update dues set arrived = arrived - 1 where due_id = '${due}'`,
      `update dues set arrived = arrived + 1 where due_id = '${due}'`,
    );
    expect(found).toEqual({ code: 'contribution-differs', at: `${persons['测丙']} pension 2020`, expected: '29999', found: '30000' });
    const collected = await forged(
      `update dues set collected = collected + 1 where due_id = '${dues['测丁']}'`,
      `update dues set collected = collected - 1 where due_id = '${dues['测丁']}'`,
    );
    expect(collected).toMatchObject({ code: 'received-differs', at: `${persons['测丁']} pension 2020` });
    const { suspense } = await resting('reversal-unknown');
    const rested = await forged(
      `update suspense set amount = amount - 1 where suspense_id = '${suspense}'`,
      `update suspense set amount = amount + 1 where suspense_id = '${suspense}'`,
    );
    expect(rested).toEqual({ code: 'suspense-differs', at: suspense, expected: '-7001', found: '-7000' });
  });

  test('and afterwards, everything put back, all is well', async () => {
    expect(await verified()).toBeNull();
  });
});
