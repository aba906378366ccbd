import { describe, expect, test } from '@jest/globals';
import {
  clauseMap,
  launchQuestions,
  loadDefinition,
  type Given,
  type Question,
  type QuestionKind,
} from '../../definitions/schema/index.js';
import type { LocalDate } from '../../domain/model/ids.js';
import { readFile } from './files.js';
import { unknownOutcomes } from '../../server/launch/code-tables.js';
import { committedDefinition } from '../support/definitions.js';

function committed(name: string) {
  const loaded = loadDefinition(`definitions/campaigns/${name}.yaml`, readFile);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ en }) => en).join('\n'));
  return loaded.definition;
}
const lingcheng = committed('lingcheng-2020');

/** What Lingcheng's county would answer. */
const answers: Given = {
  parameters: {
    remindBefore: '5d', headAfter: '2wd', bulletinAfter: '5wd', orderAfter: '10wd', receiveWithin: '1wd', replyWithin: '5wd',
    patrolEvery: '1m', shareEvery: '1m', servicePointsBy: '2020-06-30', assessBy: '2020-12-31', subsidy100: 0,
  },
  readings: ['A-01', 'A-02', 'A-03', 'A-04', 'A-05', 'A-06', 'A-07', 'A-08', 'A-09', 'A-10', 'A-11', 'A-12', 'A-13', 'A-14', 'A-16', 'A-17', 'A-18', 'A-19', 'A-31', 'A-37', 'A-43', 'A-44'],
  tables: ['villages', 'channels'],
  year: 2020,
  today: '2020-04-28' as LocalDate,
}; // prettier-ignore
const empty: Given = { parameters: {}, readings: [], tables: [], year: 2020, today: '2020-04-28' as LocalDate };

const idsOf = (questions: readonly Question[], kind: QuestionKind): readonly string[] =>
  questions.filter((one) => one.kind === kind).map(({ id }) => id);

describe('what the launch asks', () => {
  test('given every answer, nothing is left', () => {
    expect(launchQuestions(lingcheng, answers)).toEqual([]);
  });

  test('given no answer, every value that the notice leaves open, every reading and every table', () => {
    const asked = launchQuestions(lingcheng, empty);
    expect([...idsOf(asked, 'parameter')].sort()).toEqual(Object.keys(answers.parameters).sort());
    expect(idsOf(asked, 'reading')).toEqual(answers.readings);
    expect(idsOf(asked, 'table')).toEqual(['villages', 'channels']);
    expect(asked.filter(({ kind }) => kind === 'parameter' || kind === 'reading' || kind === 'table').every(({ blocks }) => blocks)).toBe(
      true,
    );
  });

  test('a reading names the elements and clauses that rest on it', () => {
    const reading = launchQuestions(lingcheng, empty).find(({ id }) => id === 'A-17');
    expect(reading).toMatchObject({ for: ['material'], clause: ['S4-06', 'S4-52'] });
  });

  test('a value of the wrong type is a conflict', () => {
    const asked = launchQuestions(lingcheng, { ...answers, parameters: { ...answers.parameters, patrolEvery: 'weekly' } });
    expect(asked.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['conflict patrolEvery']);
  });

  test('rungs that do not ascend with the values given', () => {
    const asked = launchQuestions(lingcheng, { ...answers, parameters: { ...answers.parameters, headAfter: '20d' } });
    expect(asked.filter(({ kind, blocks }) => kind === 'conflict' && blocks).map(({ id }) => id)).toEqual(['gridLadder', 'unitLadder']);
    expect(asked[0]?.for).toEqual(expect.arrayContaining(['headAfter']));
  });

  test('a rung that comes after the next due date with the values given', () => {
    const asked = launchQuestions(lingcheng, { ...answers, parameters: { ...answers.parameters, patrolEvery: '7d' } });
    expect(asked.map(({ kind, id, blocks }) => `${kind} ${id} ${blocks}`)).toEqual(['conflict patrol false']);
  });

  test('roles that nobody holds; a group of roles is held by any of them', () => {
    const xuecheng = committed('xuecheng-2019');
    const held = Object.keys(xuecheng.roles).filter((id) => id !== 'agent' && id !== 'groupHead' && id !== 'leadingGroup');
    const asked = launchQuestions(xuecheng, { ...empty, year: 2019, today: '2019-10-20' as LocalDate, heldRoles: held });
    expect(idsOf(asked, 'role')).toEqual(['groupHead', 'agent']);
    expect(idsOf(asked, 'phase')).toEqual(['townPlans']);
  });

  test('calendar years without data', () => {
    expect(idsOf(launchQuestions(lingcheng, { ...answers, calendarYears: [2019, 2020] }), 'calendar')).toEqual([]);
    expect(idsOf(launchQuestions(lingcheng, { ...answers, calendarYears: [2019] }), 'calendar')).toEqual(['2020']);
  });

  test('due dates already past are told and do not block', () => {
    const past = launchQuestions(lingcheng, { ...answers, today: '2020-05-26' as LocalDate });
    expect([...idsOf(past, 'pastDue')].sort()).toEqual(['assign', 'byMay25', 'channelsSet', 'collectTask', 'material', 'publicity']);
    expect(past.every(({ blocks }) => !blocks)).toBe(true);
  });
});

describe('the clause map', () => {
  test('S4-06 is carried by the milestone, its measure, the material and the score', () => {
    const carried = clauseMap(lingcheng).byClause.find(({ clause }) => clause === 'S4-06')?.elements;
    expect(carried).toEqual(
      expect.arrayContaining(['milestones.byMay25', 'measures.paidRate', 'duties.material', 'duties.townPoints', 'tables.points']),
    );
  });

  test('and back', () => {
    const material = clauseMap(lingcheng).byElement.find(({ element }) => element === 'duties.material');
    expect(material).toMatchObject({ clause: ['S4-06', 'S4-52'], readings: ['A-17'], title: '相关材料上报完成' });
  });
});

test("a bank's code that leads to no outcome of its deduction is refused when its table is loaded", () => {
  const definition = committedDefinition('shucheng-2018');
  const codes = (...outcomes: readonly string[]) => ({ bankCodes: outcomes.map((outcome, i) => ({ code: `E${i}`, outcome })) });
  expect(unknownOutcomes(definition, codes('arrived', 'short', 'bare', 'unknown', 'duplicate'))).toEqual([]);
  expect(unknownOutcomes(definition, {})).toEqual([]);
  expect(unknownOutcomes(definition, codes('arrived', 'shrot')).map(({ path, code }) => [path, code])).toEqual([
    ['bankCodes[2]', 'outcome-unknown'],
  ]);
});
