import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import { measure, recount } from '../../activities/measures/index.js';
import { getProfile, runImport, saveProfile } from '../../activities/imports/index.js';
import { loadCampaign } from '../../activities/imports/context.js';
import { COUNTY, given, inventedId, key, MAY, paymentsCsv, refusal, rosterCsv, tally, user, type Given } from './given.js';

const [A, B, C, D] = [inventedId(11), inventedId(12), inventedId(13), inventedId(14)];
const VILLAGES = readFileSync(join(import.meta.dirname ?? '.', '../../definitions/campaigns/lingcheng-2020-villages.csv'), 'utf8');
const printed = VILLAGES.trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => line.split(','));
const withTotal = (rows: readonly (readonly string[])[]): string =>
  `序号,村居,缴费人数,缴费金额（元）\n${rows.map((row) => row.slice(0, 4).join(',')).join('\n')}\n合计,,25284,7585200\n`;

describe('targets', () => {
  let g: Given;
  beforeAll(async () => {
    g = await given(
      {},
      printed.map(([, name]) => name ?? ''),
    );
  });
  afterAll(() => g.close());

  test('C-V11 a table whose sum differs from its total row is refused with the difference', async () => {
    const wrong = printed.map((row, index) => (index === 0 ? [row[0] ?? '', row[1] ?? '', String(Number(row[2]) + 1), row[3] ?? ''] : row));
    const refused = await refusal(g.run('targets', withTotal(wrong), { table: 'villages' }));
    expect(refused).toMatchObject({ code: 'wrong-total', params: { sum: 25_285, total: 25_284, difference: 1 } });
    expect(await g.store.db.selectFrom('targets').select('unit_id').execute()).toEqual([]);
    expect(await g.store.db.selectFrom('imports').select('status').execute()).toEqual([{ status: 'refused' }]);
  });

  test('the printed table is taken, a second time it changes nothing', async () => {
    const first = await g.run('targets', withTotal(printed), { table: 'villages' });
    expect(first).toMatchObject({ read: 51, kept: 51, detail: { version: 1, changed: true } });
    expect(first.sums.map(({ sum }) => sum)).toEqual([25_284, 758_520_000]);
    expect(await g.run('targets', withTotal(printed), { table: 'villages' })).toMatchObject({
      kept: 0,
      known: 51,
      detail: { version: 1, changed: false },
    });
  });

  test('an unknown village refuses the table whole and is named', async () => {
    const refused = await refusal(
      g.run('targets', withTotal(printed.map((row, index) => (index === 0 ? [row[0] ?? '', '无此村', row[2] ?? '', row[3] ?? ''] : row))), {
        table: 'villages',
      }),
    );
    expect(refused.code).toBe('bad-rows');
    expect(refused.zh).toContain('无此村');
  });
});

describe('roster, figures and snapshots', () => {
  let g: Given;
  beforeAll(async () => {
    g = await given({ rules: {} });
  });
  afterAll(() => g.close());
  const roster = rosterCsv([
    [A, '测甲', '甲村', '300'],
    [B, '测乙', '甲村', '300'],
    [C, '测丙', '丙社区', '500'],
  ]);

  test('good rows are kept, bad ones reported with row, column and reason', async () => {
    const bad = rosterCsv([
      [A, '测甲', '甲村', '300'],
      ['990000197003150001', '测丁', '甲村', '300'],
      [B, '测乙', '无此村', '300'],
      [C, '测丙', '丙社区', '三百'],
      [A, '测甲', '甲村', '300'],
    ]);
    const result = await g.run('roster', bad);
    expect(result).toMatchObject({ read: 5, kept: 1, bad: 4 });
    expect(result.errors.map(({ line, column, code }) => [line, column, code])).toEqual([
      [3, '身份证号码', 'id-number'],
      [4, '村居', 'unknown-unit'],
      [5, '应缴金额', 'not-money'],
      [6, '身份证号码', 'twice-in-file'],
    ]);
    expect(await g.store.db.selectFrom('import_errors').select('line').orderBy('line').execute()).toHaveLength(4);
  });

  test('a dry run and a cancelled import change nothing', async () => {
    const before = await g.store.db.selectFrom('dues').select('due_id').execute();
    expect(await g.run('roster', roster, { dryRun: true })).toMatchObject({ importId: null, kept: 2, known: 1 });
    expect((await refusal(g.run('roster', roster, { signal: AbortSignal.abort() }))).code).toBe('cancelled');
    expect(await g.store.db.selectFrom('dues').select('due_id').execute()).toEqual(before);
  });

  test('ID numbers are unreadable in the store and found by their index', async () => {
    await g.run('roster', roster);
    const row = await g.store.db
      .selectFrom('people')
      .select(['id_number_cipher', 'born'])
      .where('id_number_index', '=', key.index(B))
      .executeTakeFirstOrThrow();
    expect(row.id_number_cipher?.includes(B)).toBe(false);
    expect(key.decrypt(row.id_number_cipher ?? Buffer.alloc(0))).toBe(B);
    expect(row.born).toBe('1970-03-15');
    expect(await g.run('roster', roster)).toMatchObject({ kept: 0, known: 3 });
  });

  test('village totals count until the detail replaces them, and the difference is shown', async () => {
    const total = await g.run('unitTotals', '村居,日期,人数,金额\n甲村,2020-05-09,2,600\n合计,,2,600\n');
    expect(total.detail).toMatchObject({ entered: 1, differences: [] });
    expect(await tally(g.store, 'paid')).toEqual({ u4: 2, u6: 0 });
    expect(await tally(g.store, 'paidSum')).toEqual({ u4: 60_000, u6: 0 });
    const detail = await g.run('payments', paymentsCsv([[A, '测甲', '甲村', '300', '2020-05-09', 'D1']]));
    expect(detail.detail).toMatchObject({
      differences: [
        {
          unit: 'u4',
          insurance: 'pension',
          on: '2020-05-09',
          totalPersons: 2,
          totalAmount: 60_000,
          detailPersons: 1,
          detailAmount: 30_000,
        },
      ],
    });
    expect(await tally(g.store, 'paid')).toEqual({ u4: 1, u6: 0 });
  });

  test('a cumulative file books what is new since the last, and nothing the second time', async () => {
    const upTo = `截止2020-05-12累计缴费明细\n身份证号码,姓名,村居,累计缴费,截止日期\n${A},测甲,甲村,300,2020-05-12\n${C},测丙,丙社区,200,2020-05-12\n`;
    const first = await g.run('payments', upTo);
    expect(first.detail).toMatchObject({ credited: 1, suspense: 0 });
    const later = upTo.replaceAll('2020-05-12', '2020-05-14').replace(`丙社区,200`, '丙社区,500');
    expect((await g.run('payments', later)).detail).toMatchObject({ credited: 1 });
    expect((await g.run('payments', later)).detail).toMatchObject({ payments: 0 });
    const due = await g.store.db
      .selectFrom('dues')
      .select('arrived')
      .where('unit_id', '=', 'u6' as UnitId)
      .executeTakeFirstOrThrow();
    expect(due.arrived).toBe(50_000);
  });

  test('a snapshot counts what happened by its day and was recorded before its moment; asked again it answers alike', async () => {
    const effect = {
      type: 'measure',
      key: 'byMay25/u2',
      milestone: 'byMay25',
      unit: 'u2' as UnitId,
      happenedBy: '2020-05-13' as LocalDate,
      recordedBefore: '2020-05-26T00:00:00' as Moment,
      needed: ['paid', 'paidSum'],
    } as const;
    const asked = await measure(g.store, { county: COUNTY, process: g.process, effect });
    expect(asked.tallies).toMatchObject({ u4: { paid: 1, paidSum: 30_000 }, u6: { paid: 0, paidSum: 0 } });
    await g.run('payments', paymentsCsv([[B, '测乙', '甲村', '300', '2020-05-13', 'D2']]), { now: '2020-05-27T09:00:00' as Moment });
    expect(await measure(g.store, { county: COUNTY, process: g.process, effect })).toEqual(asked);
    const corrected = await measure(g.store, {
      county: COUNTY,
      process: g.process,
      effect: { ...effect, recordedBefore: '2020-05-28T00:00:00' as Moment },
    });
    expect(corrected.snapshot).not.toBe(asked.snapshot);
    expect(corrected.tallies).toMatchObject({ u4: { paid: 2, paidSum: 60_000 } });
  });

  test('a snapshot counts the roster as it was recorded by its moment: who came, moved or was certified later is not in it', async () => {
    const at = (recordedBefore: string, key: string) =>
      measure(g.store, {
        county: COUNTY,
        process: g.process,
        effect: {
          type: 'measure',
          key,
          milestone: 'byMay30',
          unit: 'u2' as UnitId,
          happenedBy: '2020-05-30' as LocalDate,
          recordedBefore: recordedBefore as Moment,
          needed: ['paid', 'paidSum'],
        },
      });
    const before = await at('2020-06-02T00:00:00', 'byMay30/u2');
    const rows = [`${A},测甲,丙社区,300,`, `${C},测丙,丙社区,500,城乡最低生活保障对象`, `${D},测丁,乙村,300,城乡最低生活保障对象`];
    const changed = `身份证号码,姓名,村居,应缴金额,困难群体\n${rows.join('\n')}\n`;
    expect(await g.run('roster', changed, { now: '2020-06-03T09:00:00' as Moment })).toMatchObject({ kept: 3, bad: 0 });
    expect((await at('2020-06-02T00:00:00', 'another/u2')).tallies).toEqual(before.tallies);
    const after = await at('2020-06-04T00:00:00', 'byMay30/u2');
    expect(before.tallies).toMatchObject({ u4: { paid: 2 }, u6: { paid: 1 } });
    expect(after.tallies).toMatchObject({ u4: { paid: 1 }, u5: { paid: 1 }, u6: { paid: 2 } });
  });

  test('counting all rows anew gives the figures that were kept', async () => {
    const read = () =>
      g.store.db.selectFrom('tallies').select(['unit_id', 'count_id', 'value']).orderBy('unit_id').orderBy('count_id').execute();
    const kept = await read();
    expect(kept.length).toBeGreaterThan(0);
    const { setting } = await loadCampaign(g.store.db, COUNTY, g.process);
    await g.store.db
      .transaction()
      .execute((trx) => recount(trx, { county: COUNTY, process: g.process, setting, today: '2020-05-27' as LocalDate }));
    expect(await read()).toEqual(kept);
  });

  test('a remembered profile refuses a file that lacks its columns or its total row', async () => {
    await saveProfile(g.store.db, COUNTY, '银行日报', {
      kind: 'payments',
      headerLine: null,
      headerRows: 1,
      columns: { idNumber: '身份证号码', amount: '缴费金额', on: '缴费日期' },
      totalRow: 'required',
      constants: {},
      mode: 'daily',
      money: 'yuan',
      source: 'bank',
    });
    const profile = await getProfile(g.store.db, COUNTY, '银行日报');
    const run = (content: string) =>
      runImport({
        store: g.store,
        county: COUNTY,
        kind: 'payments',
        source: { name: 'a.csv', content: Buffer.from(content) },
        profile,
        process: g.process,
        key,
        actor: { user },
        now: MAY,
        dryRun: false,
      });
    expect(await refusal(run('身份证号码,缴费日期\nx,2020-05-01\n'))).toMatchObject({
      code: 'missing-columns',
      params: { missing: ['缴费金额'] },
    });
    expect((await refusal(run(`身份证号码,缴费金额,缴费日期\n${A},1,2020-05-01\n`))).code).toBe('total-row-missing');
    expect((await refusal(getProfile(g.store.db, COUNTY, '没有'))).code).toBe('unknown-profile');
  });
});
