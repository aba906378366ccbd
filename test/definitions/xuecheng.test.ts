import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseDate } from '../../domain/calendar/dates.js';
import { checkRules } from '../../domain/rules/check-rules.js';
import type { Row } from '../../domain/rules/values.js';
import { committedDefinition, settingOf } from '../support/definitions.js';

const definition = committedDefinition('xuecheng-2019');
const setting = settingOf(definition, 2019, { pensionYear: 2020, medicalYear: 2020 });
const collecting = (row: Row, today: string): readonly string[] =>
  checkRules('collect', { setting, unit: null, today: parseDate(today), row: { onRoster: true, receipt: '0001', ...row } }).denied.map(
    ({ rule }) => rule,
  );

describe('the leading group and its departments', () => {
  test('C-H25 head, deputies and members of the printed list make 17, as many as the roles take', () => {
    const posts = readFileSync('definitions/campaigns/xuecheng-2019-leading-group.csv', 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',')[1]);
    const most = (role: string): number | null | undefined => definition.roles[role]?.most;
    expect(posts.filter((role) => role === 'head')).toHaveLength(most('groupHead') ?? 0);
    expect(posts.filter((role) => role === 'deputy head')).toHaveLength(most('groupDeputy') ?? 0);
    expect(posts.filter((role) => role === 'member')).toHaveLength(most('groupMember') ?? 0);
    expect(posts).toHaveLength(17);
    expect(definition.roles['leadingGroup']?.oneOf).toEqual(['groupHead', 'groupDeputy', 'groupMember']);
  });

  test('each duty of the annex stands on the list of its department', () => {
    const printed = {
      disabledDuties: ['disabledFederation', 2], povertyDuties: ['povertyOffice', 3], civilDuties: ['civilAffairs', 3], financeDuties: ['financeDepartment', 4], hrDuties: ['hrDepartment', 9],
      healthDuties: ['healthDepartment', 1], medicalDuties: ['medicalBureau', 8], taxDuties: ['taxAuthority', 11], bankDuties: ['centralBank', 4], townDuties: ['townOffice', 6], villageDuties: ['villageOffice', 6],
    } as const; // prettier-ignore
    const written = Object.keys(printed).map((id) => {
      const duty = definition.duties[id];
      return [id, [duty?.owes[0], Object.keys(duty?.items ?? {}).length]];
    });
    expect(Object.fromEntries(written)).toEqual(printed);
  });
});

describe('collecting by the agent', () => {
  test('C-H14 money on 2019-12-02 is outside the window', () => {
    expect(collecting({ happenedOn: '2019-12-02' }, '2019-12-02')).toEqual(['inWindow']);
    expect(collecting({ happenedOn: '2019-11-30' }, '2019-11-30')).toEqual([]);
  });

  test('C-H15 a person who is not on the roster', () => {
    expect(collecting({ happenedOn: '2019-11-05', onRoster: false }, '2019-11-05')).toEqual(['onRoster']);
  });

  test('without a unified receipt', () => {
    expect(collecting({ happenedOn: '2019-11-05', receipt: '' }, '2019-11-05')).toEqual(['receiptUsed']);
  });
});

test('the four gates open the window village by village, and the money goes two ways', () => {
  expect(definition.phases['collection']?.needs).toEqual(['taxRegistration', 'dedicatedAccount', 'tripartite', 'entrusted']);
  expect(definition.insurance).toEqual(['pension', 'medical']);
  expect(definition.duties['remitMoney']).toMatchObject({ over: 'held', dueIf: 'held >= param.remitAmount', after: ['payment.collected'] });
  expect(definition.duties['postRoster']).toMatchObject({ needs: ['stampRoster'], publish: { days: { parameter: 'rosterDays' } } });
  expect(definition.duties['stampRoster']?.needs).toEqual(['treasuryEntry']);
});
