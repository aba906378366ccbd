import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COUNTY, given, inventedId, paymentsCsv, rosterCsv, tally, type Given } from './given.js';

const [A, B, C, X] = [inventedId(1), inventedId(2), inventedId(3), inventedId(99)];
const ROSTER = rosterCsv([
  [A, '测甲', '甲村', '300'],
  [B, '测乙', '甲村', '300'],
  [C, '测丙', '乙村', '300'],
]);

describe('payments', () => {
  let g: Given;
  beforeAll(async () => {
    g = await given({ rules: {} });
    await g.run('roster', ROSTER);
  });
  afterAll(() => g.close());

  const suspense = () =>
    g.store.db
      .selectFrom('suspense')
      .select(['reason', 'amount', 'status'])
      .where('county_id', '=', COUNTY)
      .orderBy('suspense_id')
      .execute();

  test('given a roster, when a payment arrives, then the due, the figures and the campaign know', async () => {
    const result = await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '300.00', '2020-05-09', 'T1']]));
    expect(result).toMatchObject({ read: 1, kept: 1, known: 0, bad: 0, detail: { payments: 1, credited: 1, suspense: 0 } });
    expect(await tally(g.store, 'paid')).toEqual({ u4: 1, u5: 0 });
    expect(await tally(g.store, 'paidSum')).toEqual({ u4: 30_000, u5: 0 });
    const inbox = await g.store.db.selectFrom('inbox').select('fact').execute();
    expect(inbox.map(({ fact }) => fact)).toEqual([
      { kind: 'payment.arrived', unit: 'u4', insurance: 'pension', on: '2020-05-09', amount: 30_000 },
    ]);
  });

  test('given a file that is known, when it comes again, then it has no second effect', async () => {
    const result = await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '300.00', '2020-05-09', 'T1']]));
    expect(result).toMatchObject({ read: 1, kept: 0, known: 1, detail: { payments: 0, suspense: 0 } });
    expect(await tally(g.store, 'paidSum')).toEqual({ u4: 30_000, u5: 0 });
    expect(await g.store.db.selectFrom('inbox').select('inbox_id').execute()).toHaveLength(1);
  });

  test('what breaks a rule is never refused: too much, twice, unknown person and village, late, wrong number', async () => {
    const result = await g.run(
      'payments',
      paymentsCsv([
        [B, '测乙', '甲村', '500', '2020-05-09', 'T2'],
        [A, '测甲', '甲村', '300', '2020-05-10', 'T3'],
        [X, '无名', '甲村', '300', '2020-05-10', 'T4'],
        ['', '无名', '戊村', '300', '2020-05-10', 'T5'],
        [C, '测丙', '乙村', '300', '2021-02-01', 'T6'],
        ['990000197003150000', '测丁', '乙村', '300', '2020-05-10', 'T7'],
      ]),
    );
    expect(result).toMatchObject({ read: 6, kept: 6, bad: 0, detail: { credited: 1, suspense: 6, suspenseAmount: 170_000 } });
    expect(result.detail).toMatchObject({
      reasons: { 'too-much': 1, twice: 1, 'unknown-person': 1, 'unknown-unit': 1, late: 1, 'id-number-invalid': 1 },
    });
    expect(await tally(g.store, 'paid')).toEqual({ u4: 2, u5: 0 });
    expect(await tally(g.store, 'paidSum')).toEqual({ u4: 60_000, u5: 0 });
  });

  test('a reversal takes the credit back and settles what rested in suspense', async () => {
    const before = (await suspense()).filter(({ status }) => status === 'open').length;
    await g.run('payments', paymentsCsv([[B, '测乙', '甲村', '-500', '2020-05-11', 'T2R', '冲正']]));
    const due = await g.store.db
      .selectFrom('dues')
      .innerJoin('people', 'people.person_id', 'dues.person_id')
      .select(['arrived', 'arrived_on'])
      .where('people.name', '=', '测乙')
      .executeTakeFirstOrThrow();
    expect(due).toEqual({ arrived: 0, arrived_on: null });
    expect((await suspense()).filter(({ status }) => status === 'open')).toHaveLength(before - 1);
    const all = await g.store.db
      .selectFrom('payments')
      .select((eb) => eb.fn.sum('amount').as('sum'))
      .executeTakeFirstOrThrow();
    expect(Number(all.sum)).toBe(30_000 + 200_000 - 50_000);
  });
});
