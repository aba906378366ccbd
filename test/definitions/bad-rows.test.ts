import { expect, test } from '@jest/globals';
import { told } from './bad-input.js';

/* A duty about persons (`per: due`) is refused where it asks for what thousands of rows cannot have; never silently ignored. */

const duty = (words: string, owes = 'agent'): string =>
  `duties:\n  one: { owes: ${owes}, per: due, due: 04-15, ladder: simple, clause: ours${words === '' ? '' : `, ${words}`} }`;
const ladder = (rung: string): string => `ladders:\n  simple: { rungs: [{ at: +1d, ${rung} }], clause: ours }\n`;
const placed = (sections: string): readonly string[] =>
  told(sections).map((one) =>
    one
      .split(' ')
      .filter((_, i) => i !== 1)
      .join(' '),
  );

test('owed by a role about each person, for whom, and what discharges it: accepted', () => {
  expect(told(duty(`if: "row.amount > yuan('0')", doneIf: row.arrived`))).toEqual([]);
  expect(told(duty('doneIf: row.arrived', 'person'))).toEqual([]);
  expect(told(`counts:\n  behind: { over: one, if: row.late, clause: ours }\n${duty('')}`)).toEqual([]);
});

test('words of an office: not-for-rows 1', () => {
  expect(told(duty('needs: [one]'))).toContain('not-for-rows 1:75 duties.one.needs');
  expect(placed(duty('wants: [one]'))).toContain('not-for-rows duties.one.wants');
  expect(placed(duty('fields: { n: count }, compare: [n]'))).toContain('not-for-rows duties.one.compare');
  expect(placed(duty('after: payment.collected'))).toContain('not-for-rows duties.one.after');
  expect(placed(duty('over: held'))).toContain('not-for-rows duties.one.over');
  expect(placed(duty('publish: { over: dues, shows: [name], days: 3 }'))).toContain('not-for-rows duties.one.publish');
  expect(placed(duty('', '[agent, bureau]'))).toContain('not-for-rows duties.one.owes');
  expect(placed(duty('').replace('per: due', 'per: [due, insurance]'))).toContain('not-for-rows duties.one.per');
});

test('persons have no account: owed by the person, it needs a fact; and a fact is no day', () => {
  expect(placed(duty('', 'person'))).toEqual(['not-for-rows duties.one.owes']);
  expect(placed(duty('doneIf: row.age >= 16'))).toEqual(['not-for-rows duties.one.doneIf']);
  expect(placed('duties:\n  one: { owes: person, due: 04-15, ladder: simple, clause: ours }')).toContain(
    'unknown-reference duties.one.owes',
  );
  expect(placed(`duties:\n  one: { owes: agent, due: 04-15, if: row.arrived, ladder: simple, clause: ours }`)).toEqual([
    'bad-value duties.one.if',
  ]);
});

test('what would stand open a thousand times belongs to an office that counts', () => {
  expect(placed(`${ladder('tell: bureau, text: late, confirm: bureau')}${duty('')}`)).toEqual(['not-for-rows duties.one.ladder']);
  expect(
    placed(
      `counts:\n  n: { over: dues, clause: ours }\nreports:\n  list: { per: county, shows: [n], for: [bureau], clause: ours }\n${ladder('flag: list')}${duty('')}`,
    ),
  ).toEqual(['not-for-rows duties.one.ladder']);
  expect(placed(`${ladder('tell: bureau, text: late, if: "done(\\"one\\")"')}${duty('')}`)).toContain('not-for-rows duties.one.ladder');
});

test('other elements cannot wait for rows, they count them', () => {
  const other = (words: string): string => `${duty('')}\n  two: { owes: townOffice, due: 04-20, ladder: simple, clause: ours, ${words} }`;
  expect(placed(other('needs: [one]'))).toEqual(['not-for-rows duties.two.needs']);
  expect(placed(other('after: one.late').replace('04-20', 'since'))).toEqual(['not-for-rows duties.two.after']);
  expect(placed(other('wants: [one]').replace('04-20', 'due(one) +5d'))).toEqual([
    'not-for-rows duties.two.due',
    'not-for-rows duties.two.wants',
  ]);
  expect(placed(`apart:\n  both: { of: [one, two], clause: ours }\n${other('nil: explicit, fields: { n: count }')}`)).toEqual([
    'not-for-rows apart.both.of[0]',
  ]);
  expect(placed(`phases:\n  afterwards: { from: 05-01, to: 05-31, needs: [one], clause: ours }\n${duty('')}`)).toEqual([
    'not-for-rows phases.afterwards.needs',
  ]);
});

test('an answer of a row is not summed, a level is not called due', () => {
  expect(placed(`counts:\n  n: { over: one, value: row.n, clause: ours }\n${duty('fields: { n: count }')}`)).toEqual([
    'bad-expression counts.n.value',
  ]);
  expect(placed('levels:\n  due: { under: county, clause: ours }')).toContain('bad-id levels.due');
});
