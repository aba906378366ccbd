import { describe, expect, test } from '@jest/globals';
import { told, warned } from './bad-input.js';

/** Each mistake with its code, its line and column within the sections shown (the first line is 0), and its path. */
const duty = (words: string): string =>
  `duties:\n  one: { owes: townOffice, due: 04-15, ladder: simple, clause: ours${words === '' ? '' : `, ${words}`} }`;

describe('shape', () => {
  test('an unknown key, with the word that was meant', () => {
    expect(told('phases:\n  collection: { form: 03-01, to: 04-30, clause: ours }', { withGuess: true })).toEqual([
      'unknown-key 1:17 phases.collection.form from',
    ]);
    expect(told('dutys: {}', { withGuess: true })).toEqual(['unknown-key 0:1 dutys duties']);
  });

  test('a word that this version does not know yet', () => {
    expect(
      told('milestones:\n  half: { per: town, due: 03-end, reach: "1 >= 1", missed: [{ open: rectification }], clause: ours }'),
    ).toContain('later-word 1:63 milestones.half.missed[0].open');
    expect(told('papers:\n  deed: { fields: { to: expiry }, clause: ours }')).toEqual(['later-word 1:25 papers.deed.fields.to']);
    expect(told('may:\n  merge: { by: bureau, clause: ours }')).toEqual(['later-word 1:3 may.merge']);
    expect(told('phases:\n  collection: { runs: other-plan, clause: ours }')).toEqual(['later-word 1:23 phases.collection.runs']);
  });

  test('a wrong type', () => {
    expect(told(duty('').replace('townOffice', '7'))).toEqual(['wrong-type 1:16 duties.one.owes']);
    expect(told('roles:\n  bureau: { per: county, most: many, clause: ours }')).toContain('wrong-type 1:32 roles.bureau.most');
    expect(told('duties: 3')).toEqual(['wrong-type 0:9 duties']);
  });

  test('a version that is a number and not a text', () => {
    expect(
      told('duban: 1\nkind: campaign\nid: x\nversion: 2021.10\ntitle: x\nfrom: 2021-01-01\nsource: x\ninsurance: pension\nleads: bureau', {
        withGuess: true,
      }),
    ).toContain('wrong-type 3:10 version "2021.10"');
  });

  test('a missing key', () => {
    expect(told('duties:\n  one: { owes: townOffice, ladder: simple, clause: ours }')).toEqual(['missing-key 1:3 duties.one']);
  });

  test('a value that is not in its list', () => {
    expect(
      told('texts:\n  soon: { say: { zh: 一 }, via: [inbox, emial], clause: ours }\n  late: { say: { zh: 二 }, clause: ours }', {
        withGuess: true,
      }),
    ).toEqual(['not-in-list 1:40 texts.soon.via[1] email']);
    expect(told('parameters:\n  n: { type: monye, clause: ours }', { withGuess: true })).toContain(
      'not-in-list 1:14 parameters.n.type money',
    );
  });

  test('an id that is none', () => {
    expect(told('papers:\n  Deed: { clause: ours }')).toEqual(['bad-id 1:3 papers.Deed']);
    expect(told('papers:\n  契约: { clause: ours }')).toEqual(['bad-id 1:3 papers.契约']);
    expect(told(duty('').replace('one', 'collect'))).toEqual(['bad-id 1:3 duties.collect']);
  });

  test('an id that another section has', () => {
    expect(told('papers:\n  bureau: { clause: ours }')).toEqual(['duplicate-id 1:3 papers.bureau']);
  });

  test('a value that is not of its parameter', () => {
    expect(told('parameters:\n  n: { type: duration, value: soon, clause: ours }')).toEqual(['bad-value 1:31 parameters.n.value']);
    expect(told('parameters:\n  n: { type: money, value: 1.005, clause: ours }')).toEqual(['bad-value 1:28 parameters.n.value']);
    expect(told('parameters:\n  n: { type: money, per: town, reach: at least 3, clause: ours }')).toEqual([
      'bad-value 1:39 parameters.n.reach',
    ]);
  });
});

describe('references', () => {
  test('a name that is not there, with the one that was meant', () => {
    expect(told(duty('').replace('townOffice', 'townOfice'), { withGuess: true })).toEqual([
      'unknown-reference 1:16 duties.one.owes townOffice',
    ]);
    expect(told(duty('needs: [two]'))).toEqual(['unknown-reference 1:78 duties.one.needs[0]']);
  });

  test('a phase in a date is told at its own column', () => {
    expect(told(duty('').replace('04-15', 'end(colection)'), { withGuess: true, withWords: true })).toEqual([
      "unknown-reference 1:37 duties.one.due collection: unknown phase 'colection'",
    ]);
  });

  test('a parameter in a distance is told at its own column', () => {
    expect(told(duty('').replace('04-15', 'end(collection) +$late'))).toEqual(['unknown-reference 1:51 duties.one.due']);
  });

  test('an event that never happens', () => {
    expect(told(duty('after: payment.arived').replace('04-15', 'since'), { withGuess: true })).toEqual([
      'unknown-event 1:77 duties.one.after payment.arrived',
    ]);
  });

  test('a field that no text can print', () => {
    expect(
      told('texts:\n  soon: { say: { zh: "期限{duty}" }, clause: ours }\n  late: { say: { zh: 二 }, clause: ours }', { withGuess: true }),
    ).toEqual(['unknown-field 1:26 texts.soon.say.zh due']);
  });

  test('an act that does not exist', () => {
    expect(told('may:\n  waife: { by: bureau, clause: ours }', { withGuess: true })).toEqual(['unknown-act 1:3 may.waife waive']);
  });
});

describe('dates', () => {
  test('a day that does not exist', () => {
    expect(told(duty('').replace('04-15', '02-30'))).toEqual(['bad-date 1:33 duties.one.due']);
    expect(told(duty('').replace('04-15', '2021-02-29'))).toEqual(['bad-date 1:33 duties.one.due']);
    expect(told(duty('').replace('04-15', '02-29'))).toEqual(['bad-date 1:33 duties.one.due']);
  });

  test('a distance that is none', () => {
    expect(told(duty('').replace('04-15', 'end(collection) +3w'))).toEqual(['bad-distance 1:49 duties.one.due']);
  });

  test('a phase that ends before it starts', () => {
    expect(told('phases:\n  collection: { from: 04-01, to: 03-31, clause: ours }')).toEqual(['phase-backwards 1:34 phases.collection.to']);
  });

  test('a validity that ends before it starts', () => {
    expect(
      told(
        'duban: 1\nkind: campaign\nid: x\nversion: "1"\ntitle: x\nfrom: 2021-02-01\nto: 2021-01-31\nsource: x\ninsurance: pension\nleads: bureau',
      ),
    ).toContain('phase-backwards 6:5 to');
  });

  test('a due date outside the validity, unless the word says so', () => {
    expect(told(duty('').replace('04-15', '2022-01-01'), { withGuess: true })).toEqual([
      'due-outside-validity 1:33 duties.one.due 2022-01-01 outside',
    ]);
    expect(told(duty('').replace('04-15', '2022-01-01 outside'))).toEqual([]);
  });

  test('a due date before its period, or always on one day', () => {
    expect(told(duty('every: month').replace('04-15', 'start(period) -1d'))).toEqual(['due-before-period 1:33 duties.one.due']);
    expect(told(duty('every: month').replace('04-15', 'end(period) -40d'))).toEqual(['due-before-period 1:33 duties.one.due']);
    expect(told(duty('every: month'))).toEqual(['due-before-period 1:33 duties.one.due']);
  });

  test('a period or an event that the duty does not have', () => {
    expect(told(duty('').replace('04-15', 'day(10)'))).toEqual(['no-period 1:33 duties.one.due']);
    expect(told(duty('').replace('04-15', 'since +1d'))).toEqual(['since-without-after 1:33 duties.one.due']);
  });

  test('dates in a circle are printed as the chain', () => {
    const circle = `duties:\n  one: { owes: townOffice, due: due(two) -1d, ladder: simple, clause: ours }\n  two: { owes: townOffice, due: due(one) +1d, ladder: simple, clause: ours }`;
    expect(told(circle, { withWords: true })).toEqual(['date-circle 1:33 duties.one.due: dates depend on each other: one -> two -> one']);
    expect(told('phases:\n  collection: { from: end(collection), to: 04-30, clause: ours }')).toEqual([
      'date-circle 1:23 phases.collection.from',
    ]);
    expect(
      told(
        'phases:\n  collection: { from: end(other), to: 04-30, clause: ours }\n  other: { from: 01-01, to: start(collection), clause: ours }',
      ),
    ).toEqual(['date-circle 1:23 phases.collection.from']);
  });
});

describe('warnings', () => {
  test('a parameter used nowhere', () => {
    expect(warned('parameters:\n  n: { type: count, clause: ours }')).toEqual(['parameter-unused 1:3 parameters.n']);
  });

  test('a prerequisite due later than its user', () => {
    const sections = `duties:\n  one: { owes: townOffice, due: 04-15, needs: [two], ladder: simple, clause: ours }\n  two: { owes: townOffice, due: 04-16, ladder: simple, clause: ours }`;
    expect(warned(sections)).toEqual(['needs-due-later 1:48 duties.one.needs[0]']);
  });

  test('an element without clause', () => {
    expect(warned('papers:\n  deed: { title: 契约 }')).toEqual(['no-clause 1:3 papers.deed']);
  });
});
