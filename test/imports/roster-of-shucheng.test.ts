import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { measure } from '../../activities/measures/index.js';
import type { LocalDate, Moment, ProcessId, UnitId } from '../../domain/model/ids.js';
import { personalDataKey } from '../../store/people/personal-data-key.js';
import { countStale, reseal } from '../../store/people/reseal.js';
import { CannotOpen, fixedRing } from '../../store/sealing.js';
import { COUNTY, key, tally } from './given.js';
import { EAST, givenShucheng, nameOf, office, onRoster, person, ROSTER_HEAD, township, type Shucheng } from './shucheng.js';

let g: Shucheng;
beforeAll(async () => {
  g = await givenShucheng();
  await g.take('roster', '2018-01-05', [
    ROSTER_HEAD,
    onRoster(1, '甲村'),
    onRoster(2, '甲村', '400'),
    onRoster(3, '乙村'),
    onRoster(4, '乙村'),
    onRoster(5, '丙村'),
    onRoster(6, '丙村', '500'),
  ]);
});
afterAll(() => g.close());

interface Owed {
  readonly groups: readonly string[];
  readonly late: readonly string[];
  readonly paid: number;
  readonly deposited: number;
}
/** What stands on the due of a person. */
async function owed(n: number): Promise<Owed | undefined> {
  const { rows } = await sql<Owed>`
    select d.groups, d.late_groups as late, d.government_paid as paid, d.deposited from dues d join people p on p.county_id = d.county_id and p.person_id = d.person_id
    where d.county_id = ${COUNTY} and p.id_number_index = ${key.index(person(n))}`.execute(g.store.db);
  return rows[0];
}
/** Every account, in force or not, opened. */
const accounts = async (open: (sealed: Buffer) => string = (sealed) => key.decrypt(sealed)) => {
  const rows = await g.store.db.selectFrom('bank_accounts').selectAll().orderBy('since_at').orderBy('account_id').execute();
  return rows.map((row) => ({ ...row, number: open(row.account_cipher) }));
};
const codes = (result: { readonly errors: readonly { readonly line: number; readonly code: string }[] }): (readonly [number, string])[] =>
  result.errors.map(({ line, code }) => [line, code] as const);

/** Counts of all units together, as of the end of a day with nothing recorded later. */
async function asOf(day: string, recordedBefore: string, ...needed: string[]): Promise<Readonly<Record<string, number>>> {
  const { tallies } = await measure(g.store, {
    county: COUNTY,
    process: g.process as ProcessId,
    effect: { type: 'measure', milestone: 'ninety', key: `test/${day}/${recordedBefore}/${needed.join('+')}`, unit: 'u1' as UnitId, happenedBy: day as LocalDate, recordedBefore: recordedBefore as Moment, needed },
  }); // prettier-ignore
  const sums: Record<string, number> = {};
  for (const values of Object.values(tallies)) for (const [id, value] of Object.entries(values)) sums[id] = (sums[id] ?? 0) + value;
  return sums;
}
const all = async (count: string): Promise<number> => Object.values(await tally(g.store, count)).reduce((a, b) => a + b, 0);

describe('accounts', () => {
  const HEAD = ['身份证号码', '姓名', '银行账号', '户名', '开户银行', '网点'];
  const row = (n: number, account: string, holder = nameOf(n), branch = '东乡支行'): readonly string[] => [
    person(n),
    nameOf(n),
    account,
    holder,
    '农商行',
    branch,
  ];

  test('are kept sealed, found in force, and taken once', async () => {
    const file = [HEAD, row(1, '6217 9979 0000 0000 011'), row(2, '6217997900000000022'), row(3, '6217997900000000033', '测母')];
    expect(await g.take('accounts', '2018-01-06', file)).toMatchObject({
      read: 3,
      kept: 3,
      known: 0,
      bad: 0,
      detail: { put: 3, replaced: 0 },
    });
    expect(await g.take('accounts', '2018-01-07', file)).toMatchObject({ kept: 0, known: 3, bad: 0 });
    const shown = (await accounts()).map(({ holder_name, number, branch_unit }) => `${holder_name} ${number} ${branch_unit}`);
    expect(shown.sort()).toEqual(['测丑 6217997900000000011 u5', '测寅 6217997900000000022 u5', '测母 6217997900000000033 u5']);
    const { rows } = await sql<{
      sealed: string;
    }>`select string_agg(encode(account_cipher, 'escape'), '') as sealed from bank_accounts`.execute(g.store.db);
    expect(rows[0]?.sealed).not.toContain('62179979');
  });

  test('another number takes the place of the one before, which stays with its id', async () => {
    expect(await g.take('accounts', '2018-01-08', [HEAD, row(2, '6217997900000000099')])).toMatchObject({
      kept: 1,
      detail: { put: 1, replaced: 1 },
    });
    const history = (await accounts()).filter(({ holder_name }) => holder_name === nameOf(2));
    expect(history.map(({ number, since_at, until_at }) => [number, since_at, until_at])).toEqual([
      ['6217997900000000022', '2018-01-06T09:00:00', '2018-01-08T09:00:00'],
      ['6217997900000000099', '2018-01-08T09:00:00', null],
    ]);
    expect(new Set(history.map(({ account_id }) => account_id)).size).toBe(2);
  });

  test('what cannot be an account, a stranger, a person outside the sender’s township are rows that are told', async () => {
    const file = [
      HEAD,
      row(1, '62179'),
      row(50, '6217997900000000044'),
      row(5, '6217997900000000055'),
      row(4, '6217997900000000066'),
      row(4, '6217997900000000067'),
    ];
    const result = await g.take('accounts', '2018-01-09', file, township(EAST));
    expect(codes(result)).toEqual([[2, 'bad-account'], [3, 'unknown-person'], [4, 'unknown-person'], [6, 'twice-in-file']]); // prettier-ignore
    expect(JSON.stringify(result.errors)).not.toContain('62179');
  });
});

describe('special identities (S1-18 to S1-32)', () => {
  const LIST = ['身份证号码', '姓名', '身份类别', '残疾等级', '脱贫日期', '取消认定'];
  const certify = (n: number, group: string, grade = '', lifted = '', withdrawn = ''): readonly string[] => [
    person(n),
    nameOf(n),
    group,
    grade,
    lifted,
    withdrawn,
  ];
  const ENTRIES = ['身份证号码', '姓名', '身份类别'];
  const enter = (n: number, group: string): readonly string[] => [person(n), nameOf(n), group];

  test('only the department that the group names certifies it', async () => {
    const list = [LIST, certify(1, '低保对象'), certify(2, '重度残疾人（二级以上）', '一级')];
    expect(codes(await g.take('identities', '2018-02-05', list, office('povertyOffice')))).toEqual([[2, 'not-certifier'], [3, 'not-certifier']]); // prettier-ignore
    const result = await g.take('identities', '2018-02-05', list, office('civilAffairs'));
    expect(result).toMatchObject({ kept: 1, bad: 1, detail: { added: 1, changed: 0, dues: 0 } });
    expect([await all('identitiesDue'), await all('identitiesIn')]).toEqual([1, 0]);
    expect(await owed(1)).toMatchObject({ groups: [], paid: 0 });
  });

  test('who does not meet the group’s condition, or of whom the list does not say what it asks for, is told', async () => {
    const list = [
      LIST,
      certify(2, '重度残疾人（二级以上）', '三级'),
      certify(3, '重度残疾人（二级以上）'),
      certify(4, '重度残疾人（二级以上）', '2级'),
    ];
    const result = await g.take('identities', '2018-02-06', list, office('disabledFederation'));
    expect(codes(result)).toEqual([[2, 'group-condition'], [3, 'empty-cell']]); // prettier-ignore
    expect(await all('identitiesDue')).toBe(2);
  });

  test('a township enters what is certified and nothing else: the government pays from then on', async () => {
    const result = await g.take(
      'identityEntries',
      '2018-02-10',
      [ENTRIES, enter(1, '低保对象'), enter(3, '低保对象'), enter(5, '低保对象')],
      township(EAST),
    );
    expect(codes(result)).toEqual([[3, 'row-rule'], [4, 'not-on-roster']]); // prettier-ignore
    expect(result.errors[0]?.params).toEqual({ rule: '未经部门认定不得录入' });
    expect(await owed(1)).toMatchObject({ groups: ['minimumAllowance'], late: [], paid: 20_000 });
    expect([await all('identitiesIn'), await all('ready'), await all('arrived')]).toEqual([1, 1, 1]);
  });

  test('the same list and the same entry again change nothing', async () => {
    expect(await g.take('identities', '2018-02-11', [LIST, certify(1, '低保对象')], office('civilAffairs'))).toMatchObject({
      kept: 0,
      known: 1,
    });
    expect(await g.take('identityEntries', '2018-02-11', [ENTRIES, enter(1, '低保对象')], township(EAST))).toMatchObject({
      kept: 0,
      known: 1,
    });
    expect((await g.store.db.selectFrom('identities').select('entered_on').where('group_id', '=', 'minimumAllowance').where('until_at', 'is', null).execute())).toEqual([{ entered_on: '2018-02-10' }]); // prettier-ignore
  });

  test('entered on 1 March the payment of the year is lost, the group is not (A-27)', async () => {
    await g.take('identityEntries', '2018-03-01', [ENTRIES, enter(4, '重度残疾人（二级以上）')], township(EAST));
    expect(await owed(4)).toMatchObject({ groups: ['severelyDisabled'], late: ['severelyDisabled'], paid: 0 });
    expect([await all('identitiesIn'), await all('ready')]).toEqual([2, 1]);
    // The milestone of 28 February looks at that day, whatever was recorded within its grace.
    expect(await asOf('2018-02-28', '2018-03-06T00:00:00', 'identitiesDue', 'identitiesIn', 'ready')).toEqual({
      identitiesDue: 2,
      identitiesIn: 1,
      ready: 1,
    });
  });

  test('of several groups the highest payment counts, once (A-21)', async () => {
    await g.take('identities', '2018-02-20', [LIST, certify(1, '节育手术并发症人员（三级以上）', '2')], office('healthDepartment'));
    await g.take('identityEntries', '2018-02-21', [ENTRIES, enter(1, '节育手术并发症人员（三级以上）')], township(EAST));
    expect(await owed(1)).toMatchObject({ groups: ['minimumAllowance', 'surgeryComplication'], paid: 50_000 });
  });

  test('what is withdrawn pays no more; the day of entry stays for who is certified again', async () => {
    await g.take(
      'identities',
      '2018-03-02',
      [LIST, certify(1, '节育手术并发症人员（三级以上）', '2', '', '是')],
      office('healthDepartment'),
    );
    expect(await owed(1)).toMatchObject({ groups: ['minimumAllowance'], paid: 20_000 });
    await g.take('identities', '2018-03-03', [LIST, certify(1, '节育手术并发症人员（三级以上）', '2')], office('healthDepartment'));
    expect(await owed(1)).toMatchObject({ groups: ['minimumAllowance', 'surgeryComplication'], late: [], paid: 50_000 });
  });

  test('a roster brings no groups where they are certified', async () => {
    const result = await g.take('roster', '2018-03-04', [
      [...ROSTER_HEAD, '困难类别'],
      [...onRoster(5, '丙村'), '低保对象'],
    ]);
    expect(codes(result)).toEqual([[2, 'certified-only']]);
  });
});

describe('deposits (S1-02, S1-33)', () => {
  const HEAD = ['身份证号码', '姓名', '预存金额', '截止日期'];
  const deposit = (n: number, yuan: string, on: string): readonly string[] => [person(n), nameOf(n), yuan, on];

  test('a fen too little is not ready, enough is; nothing has arrived by it (A-25)', async () => {
    const before = [await all('ready'), await all('arrived')];
    const result = await g.take('deposits', '2018-03-10', [
      HEAD,
      deposit(3, '199.99', '2018-03-09'),
      deposit(5, '200', '2018-03-09'),
      deposit(6, '400', '2018-03-09'),
    ]);
    expect(result).toMatchObject({ read: 3, kept: 3, bad: 0, detail: { source: 'bank', reports: 3, changed: 3 } });
    expect([await all('ready'), await all('arrived')]).toEqual([(before[0] ?? 0) + 1, before[1]]);
    expect(await owed(3)).toMatchObject({ deposited: 19_999 });
  });

  test('the same list again is known', async () => {
    const again = await g.take('deposits', '2018-03-11', [HEAD, deposit(3, '199.99', '2018-03-09'), deposit(5, '200', '2018-03-09')]);
    expect(again).toMatchObject({ kept: 0, known: 2, detail: { reports: 0, changed: 0 } });
  });

  test('the newest day counts, on the same day the bank', async () => {
    await g.take('deposits', '2018-03-15', [HEAD, deposit(3, '200', '2018-03-14')], township(EAST));
    expect(await owed(3)).toMatchObject({ deposited: 20_000 });
    await g.take('deposits', '2018-03-16', [HEAD, deposit(3, '150', '2018-03-14')]);
    expect(await owed(3)).toMatchObject({ deposited: 15_000 });
    await g.take('deposits', '2018-03-16', [HEAD, deposit(3, '500', '2018-03-13')]);
    expect(await owed(3)).toMatchObject({ deposited: 15_000 });
  });

  test('a township reports for its own persons; a day ahead, a stranger and a second line are told', async () => {
    const file = [
      HEAD,
      deposit(5, '300', '2018-03-17'),
      deposit(3, '300', '2018-04-01'),
      deposit(50, '1', '2018-03-17'),
      deposit(4, '200', '2018-03-17'),
      deposit(4, '210', '2018-03-17'),
    ];
    expect(codes(await g.take('deposits', '2018-03-17', file, township(EAST)))).toEqual([[2, 'not-on-roster'], [3, 'future-day'], [4, 'not-on-roster'], [6, 'twice-in-file']]); // prettier-ignore
    expect(await owed(5)).toMatchObject({ deposited: 20_000 });
  });

  test('a list without ID numbers finds its person by the account', async () => {
    const result = await g.take('deposits', '2018-03-18', [['银行账号', '账户余额', '截止日期'], ['6217997900000000099', '400.00', '2018-03-18'], ['6217997900000000022', '400.00', '2018-03-18']]); // prettier-ignore
    expect(codes(result)).toEqual([[3, 'not-on-roster']]);
    expect(await owed(2)).toMatchObject({ deposited: 40_000 });
  });

  test('as of a day: what was said about it by then, not what the list of a later day says', async () => {
    await g.take('deposits', '2018-04-02', [HEAD, deposit(3, '200', '2018-03-31'), deposit(6, '500', '2018-04-01')]);
    // 1, 2, 4, 5 were ready; 3 by a report recorded within the grace; 6 only on 1 April.
    expect(await asOf('2018-03-31', '2018-04-01T00:00:00', 'ready')).toEqual({ ready: 4 });
    expect(await asOf('2018-03-31', '2018-04-06T00:00:00', 'ready')).toEqual({ ready: 5 });
    expect(await all('ready')).toBe(6);
  });
});

describe('a rotation of keys', () => {
  test('seals accounts anew: found as before, opened with the new key only', async () => {
    const secret = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
    const rotated = personalDataKey(fixedRing({ active: 'k2', keys: { k1: secret(7), k2: secret(8) } }), Buffer.alloc(32, 6));
    const indexes = async () =>
      (await accounts(() => '')).map(({ account_id, account_index }) => [account_id, account_index.toString('hex')]);
    const before = [await indexes(), (await accounts()).map(({ number }) => number)];
    await reseal(g.store.db, rotated);
    expect(await countStale(g.store.db, rotated)).toBe(0);
    expect([await indexes(), (await accounts((sealed) => rotated.decrypt(sealed))).map(({ number }) => number)]).toEqual(before);
    await expect(accounts()).rejects.toThrow(CannotOpen);
  });
});
