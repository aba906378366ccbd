import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Rule } from '../../domain/model/definition.js';
import type { LocalDate, Moment, UnitId, UserId } from '../../domain/model/ids.js';
import {
  allotSuspense,
  assignPeople,
  cadreShares,
  issueReceipts,
  listSuspense,
  notYetPaid,
  receiptUse,
  recordCollected,
  recordRemitted,
  refundSuspense,
} from '../../activities/people/index.js';
import { COUNTY, given, inventedId, paymentsCsv, refusal, tally, user, type Given } from './given.js';

const [A, B, C] = [inventedId(21), inventedId(22), inventedId(23)];
const receiptUsed: Rule = {
  id: 'receiptUsed',
  title: '未使用统一票据',
  clause: ['S3-38'],
  readings: [],
  guards: 'collect',
  deny: 'row.receipt == ""',
  mark: null,
};

describe('daily work', () => {
  let g: Given;
  let dues: Readonly<Record<string, string>>;
  const NOW = '2020-05-12T10:00:00' as Moment;
  const act = (actId: string) => ({
    store: g.store,
    county: COUNTY,
    process: g.process,
    actor: { user, onBehalfOf: '某代办员' },
    now: NOW,
    actId,
  });
  const on = '2020-05-12' as LocalDate;
  const collect = (actId: string, due: string, receipt: string | null, amount = 30_000) =>
    recordCollected({ ...act(actId), due, amount, on, receipt, channel: null, means: null });
  beforeAll(async () => {
    g = await given({ rules: { receiptUsed } });
    await g.store.db
      .insertInto('users')
      .values({ county_id: COUNTY, user_id: 'p7' as UserId, login: 'cadre', name: '包户人' })
      .execute();
    await g.run(
      'roster',
      `身份证号码,姓名,村居,应缴金额,上年缴费\n${A},测甲,甲村,300,是\n${B},测乙,甲村,300,否\n${C},测丙,丙社区,300,是\n`,
    );
    const rows = await g.store.db
      .selectFrom('dues')
      .innerJoin('people', 'people.person_id', 'dues.person_id')
      .select(['dues.due_id', 'people.name'])
      .execute();
    dues = Object.fromEntries(rows.map((row) => [row.name, row.due_id]));
    await issueReceipts({ ...act('r1'), prefix: 'P', first: 100, last: 109, unit: 'u4' as UnitId, issuedTo: '某代办员', on });
  });
  afterAll(() => g.close());
  const dueOf = (name: string): string => dues[name] ?? '';
  const unpaid = async (lastYearOnly: boolean) =>
    (
      await notYetPaid(g.store.db, COUNTY, g.process, {
        paths: ['/u1/u2/'],
        unit: null,
        collector: null,
        insurance: null,
        lastYearOnly,
        after: null,
        limit: 10,
      })
    ).rows.map(({ name }) => name);

  test('a rule is asked before money moves: refused with title and clause', async () => {
    expect(await refusal(collect('c0', dueOf('测甲'), null))).toMatchObject({
      code: 'rule-broken',
      params: { title: '未使用统一票据', clause: ['S3-38'] },
    });
    expect(await tally(g.store, 'paid')).toEqual({ u4: 0, u6: 0 });
  });

  test('a receipt comes from the range of the unit and is used once; gaps are listed', async () => {
    expect((await refusal(collect('c1', dueOf('测甲'), 'P110'))).code).toBe('receipt-not-issued');
    expect((await refusal(collect('c1', dueOf('测丙'), 'P100'))).code).toBe('receipt-not-issued');
    const first = await collect('c1', dueOf('测甲'), 'P102');
    expect(await collect('c1', dueOf('测甲'), 'P102')).toEqual(first);
    expect((await refusal(collect('c2', dueOf('测乙'), 'P102'))).code).toBe('receipt-used');
    expect(await receiptUse(g.store.db, COUNTY, g.process)).toMatchObject([{ used: 1, unused: 9, gaps: ['P100', 'P101'] }]);
    expect(
      (await refusal(issueReceipts({ ...act('r2'), prefix: 'P', first: 109, last: 120, unit: 'u5' as UnitId, issuedTo: null, on }))).code,
    ).toBe('receipt-overlap');
  });

  test('both names are kept, and more than is owed is refused', async () => {
    const row = await g.store.db.selectFrom('payments').select(['recorded_by', 'on_behalf_of', 'receipt']).executeTakeFirstOrThrow();
    expect(row).toEqual({ recorded_by: 'p1', on_behalf_of: '某代办员', receipt: 'P102' });
    expect((await refusal(collect('c3', dueOf('测甲'), 'P103', 1))).code).toBe('too-much-for-due');
  });

  test('what is held is handed in, never more', async () => {
    const remit = (actId: string, amount: number) =>
      recordRemitted({ ...act(actId), unit: 'u4' as UnitId, insurance: 'pension', amount, on, account: 'fiscal', slip: 'J1' });
    expect((await refusal(remit('m1', 30_001))).code).toBe('bad-amount');
    await remit('m2', 30_000);
    expect((await refusal(remit('m3', 1))).code).toBe('bad-amount');
    const facts = await g.store.db.selectFrom('inbox').select('fact').orderBy('inbox_id').execute();
    expect(facts.map(({ fact }) => fact.kind)).toEqual(['payment.collected', 'payment.remitted']);
  });

  test("the not-yet-paid list, last year's payers less this year's", async () => {
    expect(await unpaid(false)).toEqual(['测乙', '测丙']);
    expect(await unpaid(true)).toEqual(['测丙']);
  });

  test('a village is assigned, its share counts what has arrived', async () => {
    await assignPeople({ ...act('a1'), to: 'p7' as UserId, from: on, what: { kind: 'village', unit: 'u4' as UnitId } });
    await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '300', '2020-05-12', 'E1']]));
    expect(await cadreShares(g.store.db, COUNTY, g.process, ['/u1/u2/'])).toEqual([
      { user: 'p7', name: '包户人', assigned: 2, paid: 1, amount: 30_000 },
    ]);
    expect(await tally(g.store, 'cadreShare')).toEqual({ u4: 1, u6: 0 });
    expect(
      (await refusal(assignPeople({ ...act('a2'), to: 'p99' as UserId, from: on, what: { kind: 'village', unit: 'u4' as UnitId } }))).code,
    ).toBe('unknown-user');
  });

  test('money in suspense is allotted or refunded once, and the sum of all payments stays what came in', async () => {
    await g.run(
      'payments',
      paymentsCsv([
        ['', '某人', '丙社区', '300', '2020-05-12', 'E2'],
        ['', '旁人', '丙社区', '100', '2020-05-12', 'E3'],
      ]),
    );
    const open = await listSuspense(g.store.db, COUNTY, g.process, { status: 'open', paths: [], all: true, after: null, limit: 10 });
    expect(open.map(({ reason, amount }) => [reason, amount])).toEqual([
      ['unknown-person', 30_000],
      ['unknown-person', 10_000],
    ]);
    const [one, two] = open.map(({ suspense }) => suspense);
    await allotSuspense({ ...act('s1'), suspense: one ?? '', due: dueOf('测丙'), reason: '查实为测丙' });
    expect((await refusal(allotSuspense({ ...act('s2'), suspense: one ?? '', due: dueOf('测丙'), reason: '再次' }))).code).toBe(
      'suspense-settled',
    );
    expect(await tally(g.store, 'paid')).toEqual({ u4: 1, u6: 1 });
    await refundSuspense({ ...act('s3'), suspense: two ?? '', on, reason: '退回' });
    const { sum } = await g.store.db
      .selectFrom('payments')
      .select((eb) => eb.fn.sum('amount').as('sum'))
      .where('kind', 'in', ['arrived', 'reversal'])
      .executeTakeFirstOrThrow();
    expect(Number(sum)).toBe(30_000 + 30_000);
    expect((await refusal(refundSuspense({ ...act('s4'), suspense: 's0', on, reason: '' }))).code).toBe('unknown-suspense');
  });

  test('a household that is not on the roster cannot be assigned', async () => {
    expect(
      (await refusal(assignPeople({ ...act('a3'), to: 'p7' as UserId, from: on, what: { kind: 'household', person: 'n0' } }))).code,
    ).toBe('unknown-person');
  });
});
