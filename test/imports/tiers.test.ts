import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { measure } from '../../activities/measures/index.js';
import { declareTier, type DailyAct } from '../../activities/people/index.js';
import type { LocalDate, Moment, UnitId } from '../../domain/model/ids.js';
import { evaluateMeasure, evaluateReach, type Tally } from '../../domain/rules/measures.js';
import { figuresAt } from '../../activities/measures/figures-at.js';
import { loadCampaign } from '../../activities/imports/context.js';
import { versionsOfDue } from '../../store/payments/tiers.js';
import { found } from '../support/definitions.js';
import { COUNTY, inventedId, key, refusal, tally, user } from './given.js';
import { definition, givenShucheng, onRoster, person, ROSTER_HEAD, type Shucheng } from './shucheng.js';

const dueOf = async (g: Shucheng, n: number): Promise<string> => {
  const { rows } = await sql<{ due: string }>`
    select d.due_id as due from dues d join people p on p.county_id = d.county_id and p.person_id = d.person_id where p.id_number_index = ${key.index(person(n))}`.execute(
    g.store.db,
  );
  return found(rows[0]?.due, 'a due');
};

describe('the tier that a person chose (S1-15 to S1-17)', () => {
  let g: Shucheng;
  beforeAll(async () => {
    // Every township advises 300 (A-54); the county's own floor stays 200.
    g = await givenShucheng({ lowestTier: 30_000 });
    await g.take('roster', '2018-01-05', [ROSTER_HEAD, onRoster(1, '甲村'), onRoster(2, '甲村'), onRoster(3, '乙村'), onRoster(4, '丙村')]);
  });
  afterAll(() => g.close());

  const act = (on: string): DailyAct => ({
    store: g.store,
    county: COUNTY,
    process: g.process,
    actor: { user, onBehalfOf: null },
    now: `${on}T10:00:00` as Moment,
    actId: `act-${on}`,
  });
  const declare = async (n: number, tier: number, on = '2018-01-20') =>
    declareTier({ ...act(on), due: await dueOf(g, n), tier, reason: '本人申请' });

  test('below the county’s floor it is refused with the clause; below the township’s advice it is marked', async () => {
    expect(await refusal(declare(1, 10_000))).toMatchObject({
      code: 'rule-broken',
      params: { rule: 'countyFloor', clause: ['S1-15', 'S1-16'] },
    });
    const { changed, marked } = await declare(1, 20_000);
    expect([changed, marked.map(({ rule }) => rule)]).toEqual([false, ['townFloor']]);
    expect(await declare(1, 40_000)).toEqual({ changed: true, marked: [] });
  });

  test('what it was stays with the moment and the reason; what is owed moves with it', async () => {
    const versions = await versionsOfDue(g.store.db, COUNTY, g.process, await dueOf(g, 1));
    expect(versions.map(({ since, until, tier, amount, reason, changedBy }) => [since, until, tier, amount, reason, changedBy])).toEqual([
      ['2018-01-05T09:00:00', '2018-01-20T10:00:00', 20_000, 20_000, null, null],
      ['2018-01-20T10:00:00', null, 40_000, 40_000, '本人申请', user],
    ]);
    const audit = await g.store.db.selectFrom('audit').select('detail').where('action', '=', 'due.declared').execute();
    expect(audit.map(({ detail }) => detail)).toMatchObject([{ from: 20_000, to: 40_000, reason: '本人申请' }]);
  });

  test('what is paid stands', async () => {
    await g.run('payments', `身份证号码,缴费金额,缴费日期\n${person(2)},200,2018-02-01\n`, { now: '2018-02-01T09:00:00' as Moment });
    expect(await refusal(declare(2, 40_000, '2018-02-02'))).toMatchObject({ code: 'already-paid' });
  });

  test('while a request about it is with the bank it stands; after a definite failure it may be changed', async () => {
    const due = await dueOf(g, 3);
    await sql`
      insert into contribution_dues (county_id, contribution_id, person_id, insurance, year) select county_id, 'x1', person_id, insurance, year from dues where due_id = ${due}`.execute(
      g.store.db,
    );
    await sql`
      insert into deduction_batches (county_id, batch_id, process_id, round, seq, format, digest, made_at, made_by) values (${COUNTY}, 'b1', ${g.process}, 1, 1, 'request', ${'d'.repeat(64)}, '2018-02-01T09:00:00', ${user})`.execute(
      g.store.db,
    );
    await sql`
      insert into deduction_lines (county_id, batch_id, line, contribution_id, attempt, amount, bank_account) values (${COUNTY}, 'b1', 1, 'x1', 1, 20000, 'a1')`.execute(
      g.store.db,
    );
    expect(await refusal(declare(3, 40_000, '2018-02-03'))).toMatchObject({ code: 'with-bank' });
    await sql`
      insert into deduction_returns (county_id, return_id, batch_id, kind, bytes_digest, meaning_digest, at, by_user) values (${COUNTY}, 'r1', 'b1', 'file', ${'e'.repeat(64)}, ${'f'.repeat(64)}, '2018-02-04T09:00:00', ${user})`.execute(
      g.store.db,
    );
    await sql`
      insert into deduction_outcomes (county_id, batch_id, line, return_id, class, code) values (${COUNTY}, 'b1', 1, 'r1', 'failed-retryable', 'E010')`.execute(
      g.store.db,
    );
    await sql`
      insert into deduction_releases (county_id, contribution_id, attempt, batch_id, line, return_id, class) values (${COUNTY}, 'x1', 1, 'b1', 1, 'r1', 'failed-retryable')`.execute(
      g.store.db,
    );
    expect(await declare(3, 40_000, '2018-02-05')).toMatchObject({ changed: true });
  });

  test('a due of another campaign, an amount that is none', async () => {
    expect(await refusal(declareTier({ ...act('2018-02-06'), due: 'd999999', tier: 20_000, reason: 'x' }))).toMatchObject({
      code: 'unknown-due',
    });
    expect(await refusal(declareTier({ ...act('2018-02-06'), due: await dueOf(g, 4), tier: 0, reason: 'x' }))).toMatchObject({
      code: 'bad-amount',
    });
  });
});

describe('a target that stands in for another (S1-05)', () => {
  let g: Shucheng;
  const HEADS = 9_100;
  /** Persons by birthdays: the last three digits alone do not give ten thousand. */
  const idOf = (n: number): string => inventedId(n % 1000, `19${String(60 + Math.floor(n / 1000))}0315`);
  const lines = (make: (n: number) => string): string => Array.from({ length: HEADS }, (_, n) => make(n)).join('\n');
  const figures = async (asked: {
    readonly at: string;
    readonly asOf: boolean;
  }): Promise<{ readonly tally: Tally; readonly versions: Readonly<Record<string, number>> }> => {
    const { setting, amended } = await loadCampaign(g.store.db, COUNTY, g.process);
    const asOf = asked.asOf ? { happenedBy: asked.at as LocalDate, recordedBefore: `${asked.at}T24:00:00` as Moment } : null;
    const of = { county: COUNTY, process: g.process, asOf, today: asked.at as LocalDate, units: ['u2' as UnitId, 'u3' as UnitId] };
    const { tallies, targetVersions } = await g.store.db
      .transaction()
      .execute((trx) => figuresAt(trx, { ...of, setting, amended, needed: ['ready', 'task.payers'] }));
    const sums: Record<string, number> = {};
    for (const values of Object.values(tallies)) for (const [id, value] of Object.entries(values)) sums[id] = (sums[id] ?? 0) + value;
    return { tally: sums, versions: targetVersions };
  };
  const ninety = found(definition.milestones['ninety'], 'ninety');
  const full = found(definition.milestones['full'], 'full');
  const judged = (milestone: typeof ninety, tally: Tally) =>
    evaluateReach(settingOnly, milestone, tally, { unit: null, today: '2018-04-10' as LocalDate });
  let settingOnly: Awaited<ReturnType<typeof loadCampaign>>['setting'];

  beforeAll(async () => {
    g = await givenShucheng();
    settingOnly = (await loadCampaign(g.store.db, COUNTY, g.process)).setting;
    await g.run('roster', `身份证号码,姓名,村居,缴费档次\n${lines((n) => `${idOf(n)},测某,甲村,200`)}\n`);
    await g.run('targets', '单位,任务人数\n东乡,10000\n', { table: 'targets2017', provisional: true });
    await g.run('deposits', `身份证号码,预存金额,截止日期\n${lines((n) => `${idOf(n)},200,2018-03-30`)}\n`, {
      now: '2018-03-30T09:00:00' as Moment,
    });
  }, 120_000);
  afterAll(() => g.close());

  test('C-P10 9,100 of a provisional 10,000 met the ninety; with the final 11,000 of 10 April the milestone is kept and the rate is 82.73%', async () => {
    const effect = {
      type: 'measure',
      milestone: 'ninety',
      key: 'ninety/u2',
      unit: 'u2' as UnitId,
      happenedBy: '2018-03-31' as LocalDate,
      recordedBefore: '2018-04-01T00:00:00' as Moment,
      needed: ['ready', 'task.payers'],
    } as const;
    const request = { county: COUNTY, process: g.process, effect };
    const first = await measure(g.store, request);
    expect(await tally(g.store, 'ready')).toEqual({ u3: HEADS });
    await g.run('targets', '单位,任务人数\n东乡,11000\n', { table: 'task', now: '2018-04-10T09:00:00' as Moment });
    expect(await measure(g.store, request)).toEqual(first);
    const then = await figures({ at: '2018-03-31', asOf: true });
    expect([then.tally['task.payers'], then.versions, judged(ninety, then.tally)]).toEqual([10_000, { targets2017: 1 }, 'met']);
    const now = await figures({ at: '2018-04-10', asOf: false });
    expect([now.tally['ready'], now.tally['task.payers'], now.versions]).toEqual([HEADS, 11_000, { task: 1 }]);
    expect(evaluateMeasure(definition, 'readyRate', now.tally).shown).toBe('82.73%');
  });

  test('C-P11 the milestone of 30 June asks for 11,000 payers', async () => {
    const { tally: now } = await figures({ at: '2018-04-10', asOf: false });
    expect([judged(full, { ...now, arrived: 10_999 }), judged(full, { ...now, arrived: 11_000 })]).toEqual(['missed', 'met']);
  });
});
