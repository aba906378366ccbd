import { describe, expect, test } from '@jest/globals';
import type { UnitTallies } from '../../../domain/model/event.js';
import type { ObligationId, UnitId } from '../../../domain/model/ids.js';
import { Campaign, actor } from '../../support/campaign.js';
import { found } from '../../support/definitions.js';
import { shuchengSetting, TOWNSHIP } from '../../support/shucheng.js';

/* What the offices of Shucheng owe through the year besides money: who, by when, what is asked of them, and what happens when they are late. */

const DEPUTY = actor('deputy', ['townshipDeputy', 'u2']);
const BRANCH = actor('clerk', ['branchStaff', 'b1']);
const LEADING = actor('hr', ['hrDepartment', 'u1']);
const EFFICIENCY = actor('xiaoneng', ['efficiencyOffice', 'u1']);

const launched = (tallies: UnitTallies = {}): Campaign => new Campaign(shuchengSetting(), () => tallies).launch('2018-01-02');
/** Who was told what of an obligation: `overdue branchStaff@b1 2018-01-02`. */
const told = (run: Campaign, id: string): readonly string[] =>
  run.notices(id).flatMap(({ text, to, sendAt }) => to.map(({ role, unit }) => `${text} ${role}@${unit} ${sendAt.slice(0, 10)}`));

describe('S1-34 the window of a bank branch', () => {
  const id = 'windowList/b1';
  const items = ['led', 'plate', 'window', 'staff'];

  test('is owed by each branch from the first day of collection, item by item', () => {
    const run = new Campaign(shuchengSetting(), () => ({})).launch('2018-01-01');
    expect(run.open(id)).toMatchObject({ owes: ['branchStaff'], due: '2018-01-01', status: 'open' });
    expect(Object.keys(run.state.open['windowList'] ?? {})).toEqual([id]);
    expect(run.done(TOWNSHIP, id, { items })?.code).toBe('not-yours');
    expect(run.done(BRANCH, id, { items: items.slice(0, 3) })?.code).toBe('items-missing');
    expect(run.act(BRANCH, { kind: 'tick', obligation: id as ObligationId, items: ['led', 'plate'] })).toBeNull();
    expect(run.open(id)?.ticked).toEqual(['led', 'plate']);
    expect(run.done(BRANCH, id, { items: ['window', 'staff'] })).toBeNull();
    expect(run.row(id)).toMatchObject({ status: 'done', late: false });
  });

  test('late: the branch is told the day after, the leading department after the days the county has set', () => {
    const run = new Campaign(shuchengSetting(), () => ({})).launch('2018-01-01').until('2018-01-10');
    expect(run.open(id)).toMatchObject({ late: true });
    expect(told(run, id)).toEqual(['overdue branchStaff@b1 2018-01-02', 'overdueReport hrDepartment@u1 2018-01-04']);
  });
});

describe('S1-61 publicity before people deposit', () => {
  const id = 'publicityMeans/u2';
  const items = ['vehicle', 'leaflet', 'banner', 'sms', 'visits'];

  test('is owed by each township until the day that ends it, by every means the notice names', () => {
    const run = launched().until('2018-02-10');
    expect(run.open(id)).toMatchObject({ owes: ['townshipDeputy'], due: '2018-02-28' });
    expect(Object.keys(run.state.open['publicityMeans'] ?? {})).toEqual([id, 'publicityMeans/u3']);
    expect(run.done(BRANCH, id, { items })?.code).toBe('not-yours');
    expect(run.done(DEPUTY, id, { items: items.slice(1) })).toMatchObject({ code: 'items-missing' });
    expect(run.done(DEPUTY, id, { items })).toBeNull();
    expect(run.row(id)).toMatchObject({ status: 'done', late: false });
  });

  test('late: deputy, chief, bulletin, then an order that the supervisors release', () => {
    const run = launched().until('2018-03-09');
    expect(told(run, id)).toEqual([
      // The 25th is a Sunday, and so is the 4th: nothing goes out on days off.
      'dueSoon townshipDeputy@u2 2018-02-26',
      'overdue townshipDeputy@u2 2018-03-01',
      'overdueReport townshipChief@u2 2018-03-05',
      'rectificationProposal efficiencyOffice@u1 2018-03-07',
      'rectificationProposal livelihoodOffice@u1 2018-03-07',
    ]);
    expect(run.effects.some((effect) => effect.type === 'flag' && effect.about === id)).toBe(true);
    const orders = Object.values(run.state.open['~confirm'] ?? {}).filter(({ id: one }) => one.includes(id));
    expect(orders).toMatchObject([{ owes: ['supervisors'] }]);
  });
});

describe('S1-57 the monthly bulletin', () => {
  const months = (run: Campaign): readonly string[] =>
    run.effects
      .flatMap((effect) => (effect.type === 'obligation' && effect.obligation.id.startsWith('monthlyBulletin/') ? [effect.obligation] : []))
      .map(({ period }) => period ?? '')
      .filter((period, i, all) => all.indexOf(period) === i);

  test('C-I13 deductions begin in April: a bulletin for each month to the end of June, and no other', () => {
    const run = launched().until('2018-03-31T23:00:00');
    expect(months(run)).toEqual([]);
    expect(months(run.until('2018-12-30'))).toEqual(['2018-04', '2018-05', '2018-06']);
  });

  test('is owed by the leading department, so many days after the month', () => {
    const run = launched().until('2018-05-02');
    const id = 'monthlyBulletin/u1@2018-04';
    expect(run.open(id)).toMatchObject({ owes: ['hrDepartment'], due: '2018-05-05' });
    expect(run.done(TOWNSHIP, id)?.code).toBe('not-yours');
    expect(run.done(LEADING, id)).toBeNull();
    expect(run.row(id)).toMatchObject({ status: 'done', late: false });
  });

  test('late: the leading department is told, twice', () => {
    const run = launched().until('2018-05-12');
    expect(told(run, 'monthlyBulletin/u1@2018-04')).toEqual([
      'dueSoon hrDepartment@u1 2018-05-02',
      'overdue hrDepartment@u1 2018-05-07',
      'overdueReport hrDepartment@u1 2018-05-08',
    ]);
  });
});

describe('S1-67 nine tenths by the end of March', () => {
  const v1 = 'v1' as UnitId;
  const ready = (persons: number): UnitTallies => ({ [v1]: { ready: persons, 'task.payers': 10_000 } });
  const key = 'ninety/u2';

  test('C-Q12 89.99 percent: missed on 1 April, flagged for the bulletin, and an order is proposed to the two offices', () => {
    const run = launched(ready(8_999)).until('2018-03-31T23:00:00');
    expect(run.state.milestones[key]?.status).toBe('ahead');
    run.until('2018-04-01T10:00:00');
    expect(run.state.milestones[key]).toMatchObject({ result: 'missed' });
    const flags = run.effects.flatMap((effect) => (effect.type === 'flag' ? [effect] : []));
    expect(flags.filter(({ about }) => about === key)).toHaveLength(1);
    const orders = Object.values(run.state.open['~confirm'] ?? {}).filter(({ id }) => id.includes(key));
    expect(orders).toMatchObject([{ unit: 'u1', owes: ['supervisors'], origin: { kind: 'confirm', of: key } }]);
    // Nobody is ordered to anything until one of the two offices releases it.
    expect(run.notices().filter(({ text }) => text === 'rectificationOrder')).toEqual([]);
    expect(run.act(LEADING, { kind: 'release', obligation: found(orders[0], 'proposal').id })?.code).toBe('not-yours');
    expect(run.act(EFFICIENCY, { kind: 'release', obligation: found(orders[0], 'proposal').id })).toBeNull();
    expect(run.notices().flatMap(({ text, to }) => (text === 'rectificationOrder' ? to : []))).toEqual([
      { role: 'townshipChief', unit: 'u2' },
    ]);
  });

  test('C-Q12 one person more: met, and nothing is proposed', () => {
    const run = launched(ready(9_000)).until('2018-04-01T10:00:00');
    expect(run.state.milestones[key]).toMatchObject({ result: 'met' });
    expect(Object.keys(run.state.open['~confirm'] ?? {}).filter((id) => id.includes(key))).toEqual([]);
  });
});
