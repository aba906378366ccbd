import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Rule } from '../../domain/model/definition.js';
import { COUNTY, given, inventedId, key, MAY, paymentsCsv, rosterCsv, user, type Given } from './given.js';
import { previewImport, runImport } from '../../activities/imports/index.js';

const onRoster: Rule = {
  id: 'noCash',
  title: '不得收现金',
  clause: ['ours'],
  readings: [],
  guards: 'pay',
  deny: 'row.means == "现金"',
  mark: null,
};

describe('offices and their people', () => {
  let g: Given;
  beforeAll(async () => {
    g = await given({ rules: { noCash: onRoster } });
  });
  afterAll(() => g.close());

  test('a tree whose rows stand in any order: made once, then renamed and moved by code', async () => {
    const first = await g.run('units', '单位名称,编码,上级,层级\n丁村,D1,二片区,unit\n二片区,P2,测试镇,area\n戊村,E1,没有的片区,unit\n');
    expect(first).toMatchObject({ read: 3, kept: 2, bad: 1, detail: { created: 2, renamed: 0, moved: 0 } });
    expect(first.errors).toEqual([{ line: 4, column: '上级', code: 'unknown-parent', params: { parent: '没有的片区' } }]);
    const again = await g.run('units', '单位名称,编码,上级,层级\n丁新村,D1,一片区,unit\n二片区,P2,测试镇,area\n');
    expect(again).toMatchObject({ kept: 1, known: 1, detail: { created: 0, renamed: 1, moved: 1 } });
    const unit = await g.store.db.selectFrom('units').select(['name', 'parent_id']).where('code', '=', 'D1').executeTakeFirstOrThrow();
    expect(unit).toEqual({ name: '丁新村', parent_id: 'u3' });
  });

  test('workers get an account with a first password once, a role at a unit of its level', async () => {
    const issued: string[] = [];
    const issuePassword = ({ login }: { login: string }): Promise<{ hash: string }> => {
      issued.push(login);
      return Promise.resolve({ hash: `hash of ${login}` });
    };
    const content =
      '姓名,手机号,岗位,村居\n某代办,13900000001,村级代办员,甲村\n某代办,13900000001,村级代办员,乙村\n无岗位,13900000002,厨师,甲村\n错层级,13900000003,areaLeader,甲村\n无号码,,collector,甲村\n夺权,13900000004,admin,甲村\n';
    const first = await g.run('people', content, { issuePassword });
    expect(first).toMatchObject({ read: 6, kept: 2, bad: 4, detail: { accounts: 1, holdings: 2 } });
    expect(first.errors.map(({ line, code }) => [line, code])).toEqual([
      [4, 'unknown-role'],
      [5, 'role-level'],
      [6, 'no-login'],
      [7, 'unknown-role'],
    ]);
    expect(issued).toEqual(['13900000001']);
    expect(await g.run('people', content, { issuePassword })).toMatchObject({ kept: 0, known: 2, detail: { accounts: 0, holdings: 0 } });
    expect(issued).toHaveLength(1);
  });

  test('a payment that breaks a rule of the definition is booked to suspense with the rule', async () => {
    const id = inventedId(41);
    await g.run('roster', rosterCsv([[id, '测甲', '甲村', '300']]));
    const result = await g.run('payments', `身份证号码,姓名,村居,缴费金额,缴费日期,缴费方式\n${id},测甲,甲村,300,2020-05-09,现金\n`);
    expect(result.detail).toMatchObject({ credited: 0, suspense: 1, reasons: { 'rule:noCash': 1 } });
  });

  test('a connection that is killed in the middle leaves nothing, and the file can come again', async () => {
    const rows = Array.from({ length: 6_000 }, (_, n) => ['', `人${n}`, '甲村', '1', '2020-05-09', `K${n}`]);
    const source = { name: 'a.csv', content: Buffer.from(paymentsCsv(rows)) };
    const { profile } = await previewImport(source, 'payments', { sourceName: 'killed' });
    const count = async (): Promise<number> =>
      (await g.store.db.selectFrom('payments').select('payment_id').where('source', '=', 'killed').execute()).length;
    const admin = new pg.Client({ connectionString: g.adminUrl });
    await admin.connect();
    const request = {
      store: g.store,
      county: COUNTY,
      kind: 'payments',
      source,
      profile,
      process: g.process,
      key,
      actor: { user },
      now: MAY,
      dryRun: false,
    } as const;
    // Somebody else books money of the campaign: the import waits with its rows staged, and is killed there.
    await admin.query('begin');
    await admin.query(`select pg_advisory_xact_lock(hashtext('duban-money'), hashtext($1))`, [`${COUNTY}/${g.process}`]);
    const broken = expect(runImport(request)).rejects.toThrow();
    const waiting = `select pid from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`;
    let killed = 0;
    for (let tries = 0; tries < 500 && killed === 0; tries += 1) {
      await sleep(20);
      killed = (await g.store.pool.query(`select pg_terminate_backend(pid) from (${waiting}) w`)).rowCount ?? 0;
    }
    expect(killed).toBe(1);
    await broken;
    await admin.query('rollback');
    await admin.end();
    expect(await count()).toBe(0);
    expect(await runImport(request)).toMatchObject({ kept: 6_000, detail: { suspense: 6_000 } });
    expect(await count()).toBe(6_000);
  });
});
