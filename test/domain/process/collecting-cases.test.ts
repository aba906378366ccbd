import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Duty } from '../../../domain/model/definition.js';
import type { ObligationId, UnitId } from '../../../domain/model/ids.js';
import { checkRules } from '../../../domain/rules/check-rules.js';
import type { Row } from '../../../domain/rules/values.js';
import { Campaign, actor, at, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const xuecheng = definitionOf('xuecheng-2019.yaml');
const lingcheng = definitionOf('lingcheng-2020.yaml');
const units = [unit('c', 'county', null), unit('t1', 'town', 'c'), unit('v1', 'village', 't1')];
const denied = (definition: typeof xuecheng, activity: string, row: Row): readonly string[] =>
  checkRules(activity, { setting: settingOf(definition, units), unit: null, today: day('2019-12-05'), row }).denied.map(({ rule }) => rule);

describe('what the agent may collect (薛城)', () => {
  const collected = (row: Row): readonly string[] => denied(xuecheng, 'collect', { receipt: 'P0001', onRoster: true, ...row });

  test('C-H14 money received on 12-02 lies outside the window', () => {
    expect(collected({ happenedOn: day('2019-12-02') })).toEqual(['inWindow']);
    expect(collected({ happenedOn: day('2019-11-30') })).toEqual([]);
  });

  test('C-H15 a person who is not on the roster pays the agent in the window', () => {
    expect(collected({ happenedOn: day('2019-11-10'), onRoster: false })).toEqual(['onRoster']);
  });

  test('without a numbered receipt nothing is collected', () => {
    expect(collected({ happenedOn: day('2019-11-10'), receipt: '' })).toEqual(['receiptUsed']);
  });

  test('C-H25 the leading group: a head, three deputies and thirteen members', () => {
    const [, ...posts] = readFileSync('definitions/campaigns/xuecheng-2019-leading-group.csv', 'utf8').trim().split('\n');
    const count = (role: string): number => posts.filter((line) => line.split(',')[1] === role).length;
    const { groupHead, groupDeputy, groupMember } = xuecheng.roles;
    expect([count('head'), count('deputy head'), count('member'), posts.length]).toEqual([1, 3, 13, 17]);
    expect([groupHead?.most, groupDeputy?.most, groupMember?.most]).toEqual([1, 3, 13]);
  });
});

describe('where collected money goes (陵城)', () => {
  test('C-A09 cash booked on the dedicated account is accepted', () => {
    expect(denied(lingcheng, 'remit', { account: 'dedicated' })).toEqual([]);
  });

  test('C-A10 a deposit into a personal account is refused', () => {
    expect(denied(lingcheng, 'remit', { account: 'personal' })).toEqual(['noPersonalAccount']);
  });
});

describe('handing over', () => {
  const remitMoney = {
    ...xuecheng.duties['remitMoney'],
    during: null,
    fields: [{ id: 'amount', title: '金额', type: 'money', codes: {} }],
  } as Duty;
  const own = { ...xuecheng, duties: { remitMoney } };
  const setting = settingOf(own, units, {
    remindBefore: '2d',
    headAfter: '3d',
    bulletinAfter: '5d',
    orderAfter: '7d',
    remitWithin: '5d',
    remitAmount: 1_000_000,
  });
  const agent = actor('p1', ['agent', 'v1']);

  test('C-L11 12,000 collected and 11,990 handed over: blocked, 10 are missing', () => {
    const run = new Campaign(setting).launch('2019-10-28');
    run.facts(
      [{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day('2019-10-28'), amount: 1_200_000 }],
      at('2019-10-28'),
    );
    const [id] = Object.keys(run.state.open['remitMoney'] ?? {}) as ObligationId[];
    const handed = (amount: number) => run.done(agent, id ?? '', { answer: { amount } });
    expect(handed(1_199_000)).toMatchObject({ code: 'remittance-short', params: { missing: '10.00' } });
    expect(run.state.held).not.toEqual({});
    expect(handed(1_200_000)).toBeNull();
    expect(run.state.held).toEqual({});
  });
});
