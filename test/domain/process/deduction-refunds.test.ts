import { expect, test } from '@jest/globals';
import { CENTRE, TOWNSHIP } from '../../support/shucheng.js';
import { CaseRun } from './given-cases.js';

/* Money that the bank took and nobody owed is a case until the books say that it was paid back or credited. */

const opened = (why: 'late' | 'excess' = 'late') =>
  CaseRun.open('deductionRefund', { owed: 20_000, why }, '2018-04-12', 'pensionDeduction.owedBack');

test('owed back: the centre owes it, and the centre and the township hear of it the next morning', () => {
  const run = opened();
  expect(run.main).toMatchObject({ owes: ['pensionCentre'], due: '2018-04-19', title: '多扣应退：应退未退' });
  expect(run.main.case?.fields).toEqual({ owed: 20_000, why: 'late' });
  run.until('2018-04-13T08:30:00');
  expect(run.notices.map(({ to }) => to.map(({ role, unit }) => `${role} ${unit}`))).toEqual([['pensionCentre u1', 'townshipHr u2']]);
});

test.each([
  ['paidBack', 'paid'],
  ['credited', 'credited'],
] as const)('%s: it is over', (event, state) => {
  const run = opened('excess');
  run.until('2018-04-16').tell(`pensionDeduction.${event}`);
  expect(run.main).toMatchObject({ status: 'done', case: { state } });
  expect(run.folded().main).toEqual(run.main);
});

test('no office closes it by hand, the money of the due does not, and the next round’s answer neither', () => {
  const run = opened();
  for (const who of [CENTRE, TOWNSHIP]) expect(run.act(who, 'pay')).toBe('engine-act');
  run.arrived('2018-04-13').tell('pensionDeduction.arrived', { round: 2 });
  expect([run.state, run.main.status]).toEqual(['owed', 'open']);
});

test('nothing is done: the centre is urged and the leading department hears of it', () => {
  const run = opened();
  run.until('2018-04-28');
  expect(run.notices.flatMap(({ to }) => to.map(({ role }) => role)).slice(-2)).toEqual(['pensionCentre', 'hrDepartment']);
  expect(run.main.late).toBe(true);
});

test('more is owed back of the same due: it joins, with the whole sum', () => {
  const run = opened();
  run.tell('pensionDeduction.owedBack', { owed: 25_000, why: 'excess' });
  expect(run.main.case).toMatchObject({ state: 'owed', entry: 1, fields: { owed: 25_000, why: 'excess' } });
});

test('a person who is urged to deposit and was taken all the same is urged no more: paid back, the township urges again; credited, it is over', () => {
  const retry = () => CaseRun.open('deductionRetry', { deposited: 0 }, '2018-04-12');
  const run = retry();
  run.until('2018-04-13').tell('pensionDeduction.owedBack', { owed: 20_000, why: 'late' });
  expect(run.main).toMatchObject({ owes: ['pensionCentre'], case: { state: 'taken' } });
  for (const act of ['urge', 'deposit']) expect(run.act(TOWNSHIP, act)).toBe('wrong-case-state');
  run.until('2018-04-16').tell('pensionDeduction.paidBack');
  expect(run.main).toMatchObject({ owes: ['townshipHr'], status: 'open', case: { state: 'urging' } });
  expect(run.folded().main).toEqual(run.main);

  const other = retry();
  other.tell('pensionDeduction.owedBack', { owed: 20_000, why: 'late' });
  other.until('2018-04-16').tell('pensionDeduction.credited');
  other.arrived('2018-04-16');
  expect(other.main).toMatchObject({ status: 'done', case: { state: 'closed' } });
});
