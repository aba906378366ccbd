import { describe, expect, test } from '@jest/globals';
import { told } from './bad-input.js';

const duty = (words: string): string =>
  `duties:\n  one: { owes: townOffice, due: 04-15, ladder: simple, clause: ours${words === '' ? '' : `, ${words}`} }`;

describe('duties', () => {
  test('an answer that is compared or nil without fields', () => {
    expect(told(duty('nil: explicit'))).toEqual(['fields-missing 1:70 duties.one.nil']);
    expect(told(duty('compare: [amount]').replace('owes: townOffice', 'owes: [townOffice, bureau], per: town'))).toEqual([
      'fields-missing 1:91 duties.one.compare',
    ]);
    expect(
      told(duty('fields: { amount: money }, compare: [amont]').replace('owes: townOffice', 'owes: [townOffice, bureau], per: town'), {
        withGuess: true,
      }),
    ).toEqual(['unknown-field 1:128 duties.one.compare[0] amount']);
  });

  test('needs in a circle, also through the gate of a phase', () => {
    const circle = `duties:\n  one: { owes: townOffice, due: 04-15, needs: [two], ladder: simple, clause: ours }\n  two: { owes: townOffice, due: 04-15, needs: [one], ladder: simple, clause: ours }`;
    expect(told(circle, { withWords: true })).toEqual(['needs-circle 1:47 duties.one.needs: duties need each other: one -> two -> one']);
    const gate = `phases:\n  collection: { from: 03-01, to: 04-30, needs: [one], clause: ours }\n${duty('during: collection')}`;
    expect(told(gate)).toEqual(['needs-circle 3:78 duties.one.during']);
  });

  test('an owner or a recipient below the unit', () => {
    expect(told(duty('per: county'))).toEqual(['owner-below 1:16 duties.one.owes']);
    const ladders = `ladders:\n  simple: { rungs: [{ at: +1d, tell: agent, text: late }], clause: ours }\n${duty('')}`;
    expect(told(ladders)).toEqual(['recipient-below 3:48 duties.one.ladder']);
  });

  test('two duties held apart that only one person can do', () => {
    const sections = `roles:\n  bureau: { per: county, most: 1, clause: ours }\nduties:\n  one: { owes: bureau, due: 04-15, ladder: simple, clause: ours }\n  two: { owes: bureau, due: 04-15, ladder: simple, clause: ours }\napart:\n  both: { of: [one, two], clause: ours }`;
    expect(told(sections)).toEqual(['apart-one-person 6:21 apart.both.of[1]']);
  });

  test('a role that is a group of groups, levels under each other', () => {
    expect(
      told(
        'roles:\n  bureau: { per: county, clause: ours }\n  some: { oneOf: [bureau], clause: ours }\n  more: { oneOf: [some], clause: ours }',
      ),
    ).toEqual(['role-circle 3:19 roles.more.oneOf[0]']);
    expect(
      told(
        'levels:\n  county: { under: town, clause: ours }\n  town: { under: county, clause: ours }\n  village: { under: town, clause: ours }',
      ),
    ).toContain('level-circle 1:20 levels.county.under');
  });
});

describe('ladders', () => {
  const ladder = (rungs: string): string => `ladders:\n  simple:\n    clause: ours\n    rungs:\n${rungs}`;

  test('a rung before the one above it', () => {
    const rungs = ladder('      - { at: +5d, tell: owner, text: late }\n      - { at: +1d, tell: owner, text: late }');
    expect(told(rungs, { withWords: true })).toEqual([
      'rung-order 5:15 ladders.simple.rungs[1].at: rung 2 (+1d) stands after rung 1 (+5d)',
    ]);
  });

  test('a reminder after an escalation, whatever its parameter is', () => {
    const rungs = `parameters:\n  before: { type: duration, clause: ours }\n${ladder('      - { at: +1d, tell: owner, text: late }\n      - { at: -$before, tell: owner, text: soon }')}`;
    expect(told(rungs)).toEqual(['rung-order 7:15 ladders.simple.rungs[1].at']);
  });

  test('a rung after the next due date', () => {
    const rungs = `${ladder('      - { at: +1d, tell: owner, text: late }\n      - { at: +29d, tell: owner, text: late }')}\n${duty('every: month').replace('04-15', 'end(period)')}`;
    expect(told(rungs)).toEqual(['rung-after-next-due 5:15 ladders.simple.rungs[1].at']);
  });

  test('a rung without a verb, or with two', () => {
    expect(told(ladder('      - { at: +1d, text: late }'))).toEqual(['rung-verb 4:9 ladders.simple.rungs[0]']);
    expect(told(ladder('      - { at: +1d, tell: owner, flag: bulletin, text: late }'))).toContain('rung-verb 4:9 ladders.simple.rungs[0]');
  });
});

describe('expressions', () => {
  test('an expression that does not type-check, at the column of the mistake', () => {
    expect(told("counts:\n  paid: { over: dues, if: 'row.arived', clause: ours }", { withGuess: true })).toEqual([
      'bad-expression 1:32 counts.paid.if arrived',
    ]);
    expect(told("rules:\n  floor: { guards: declare, deny: 'row.tier < 300', clause: ours }")).toEqual([
      expect.stringMatching(/^bad-expression 1:\d+ rules\.floor\.deny$/),
    ]);
    expect(told("rules:\n  floor: { guards: declare, deny: 'row.tier <', clause: ours }")).toEqual([
      expect.stringMatching(/^bad-expression 1:\d+ rules\.floor\.deny$/),
    ]);
  });

  test('a condition that is no yes or no', () => {
    expect(told("counts:\n  paid: { over: dues, if: 'row.amount', clause: ours }", { withWords: true })).toEqual([
      'bad-expression 1:28 counts.paid.if: the result should be bool, it is Money',
    ]);
  });

  test('doubles and timestamps are refused', () => {
    expect(told("counts:\n  paid: { over: dues, if: '1.5 > 1.0', clause: ours }")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^bad-expression 1:28/)]),
    );
    expect(told('counts:\n  paid: { over: dues, if: \'timestamp("2020-01-01T00:00:00Z") == null\', clause: ours }')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^bad-expression 1:/)]),
    );
  });

  test('amounts that refer to each other are told once', () => {
    const sections = 'amounts:\n  one: { over: dues, value: row.two, clause: ours }\n  two: { over: dues, value: row.one, clause: ours }';
    expect(told(sections, { withWords: true })).toEqual([
      'bad-expression 1:29 amounts.one.value: amounts refer to each other: one -> two -> one',
    ]);
  });

  test('a measure that is not in the condition of its milestone', () => {
    expect(told('milestones:\n  half: { per: town, due: 04-15, reach: "paidRat >= 50%", clause: ours }')).toEqual([
      'bad-expression 1:42 milestones.half.reach',
    ]);
  });
});

describe('figures', () => {
  const head = `counts:
  paid: { over: dues, if: 'row.arrived', clause: ours }
  meetings: { over: meeting, clause: ours }
  handed: { over: handOver, value: row.amount, clause: ours }
tables:
  goals: { inputs: { unit: village }, outputs: { people: count }, load: leads, clause: ours }
duties:
  meeting: { owes: townOffice, due: 03-05, ladder: simple, clause: ours }
  handOver: { owes: agent, per: [village, insurance], due: 04-05, fields: { amount: money }, ladder: simple, clause: ours }
`;
  const lines = head.split('\n').length;
  const figures = (measure: string, shows = '[rate]', per = '[village, insurance]') =>
    told(
      `${head}measures:\n  rate: { ${measure}, clause: ours }\nreports:\n  list: { per: ${per}, shows: ${shows}, for: bureau, clause: ours }`,
    ).map((one) => one.replace(/ \d+:/, ` ${Number(/ (\d+):/.exec(one)?.[1] ?? 0) - lines}:`));

  test('a figure for each kind of what belongs to no kind: a task, the answers to a duty of all kinds', () => {
    expect(figures('part: paid, whole: goals.people, per: insurance')).toEqual(['bad-value 0:30 measures.rate.whole']);
    expect(figures('part: meetings, per: insurance')).toEqual(['bad-value 0:17 measures.rate.part']);
    expect(figures('part: handed, per: insurance')).toEqual([]);
    expect(figures('part: paid, whole: goals.people')).toEqual([]);
  });

  test('a line of one kind shows no count of all kinds, a line of all kinds may', () => {
    expect(figures('part: paid', '[rate, meetings]')).toEqual(['bad-value 2:52 reports.list.shows[1]']);
    expect(figures('part: paid', '[rate, meetings]', 'village')).toEqual([]);
    expect(figures('part: paid, per: insurance', '[rate, meetings]', 'village')).toEqual(['bad-value 2:39 reports.list.shows[1]']);
  });

  test('a set of rows is for a report per person; counts, papers, duties are shown of units', () => {
    expect(figures('part: paid', '[rate, payments]', 'village')).toEqual(['bad-value 2:39 reports.list.shows[1]']);
    expect(figures('part: paid', '[payments]', 'person')).toEqual([]);
    expect(figures('part: paid', '[paid, handOver]', 'village')).toEqual([]);
  });
});

describe('tables', () => {
  const table = (words: string): string =>
    `tables:\n  t:\n    inputs: { age: count }\n    outputs: { yuan: money }\n    clause: ours\n${words}`;

  test('a gap without else, told with its witness', () => {
    expect(told(table('    rows: [["60..64", 1], ["66..", 2]]\n    else: refuse'))).toEqual([]);
    expect(told(table('    rows: [["..64", 1], ["66..", 2]]'), { withWords: true })).toEqual([
      expect.stringContaining("table-gap 5:5 tables.t.rows: table 't' has no row for (after 64)"),
    ]);
  });

  test('rows that overlap, or are never hit', () => {
    expect(told(table('    rows: [["..64", 1], ["60..", 2]]'))).toEqual(['table-overlap 5:25 tables.t.rows[1]']);
    expect(told(table('    hit: first\n    rows: [["any", 1], ["60..", 2]]'))).toEqual(['table-overlap 6:24 tables.t.rows[1]']);
  });

  test('cells and rows that are none', () => {
    expect(told(table('    rows: [["any", zwei]]'))).toEqual(['bad-cell 5:20 tables.t.rows[0][1]']);
    expect(told(table('    rows: [["64..60", 1]]\n    else: 0'))).toEqual(['bad-cell 5:13 tables.t.rows[0][0]']);
    expect(told(table('    rows: [["any", 1, 2]]'))).toEqual(['row-width 5:12 tables.t.rows[0]']);
  });

  test('rows and a file at once, or neither', () => {
    expect(told(table('    load: leads\n    rows: [["any", 1]]'))).toEqual(['table-source 1:3 tables.t']);
    expect(told(table('    hit: one'))).toEqual(['table-source 1:3 tables.t']);
  });

  test('a file that is not there, a column that is none', () => {
    expect(told(table('    load: ages.csv'))).toEqual(['file-missing 5:11 tables.t.load']);
    expect(told(table('    load: leads\n    totals: { yaun: 3 }'), { withGuess: true })).toEqual([
      'column-missing 6:15 tables.t.totals.yaun yuan',
    ]);
  });
});
