import { describe, expect, test } from '@jest/globals';
import { told, warned } from './bad-input.js';

/* Deductions and cases: each mistake by its code, where it stands, and the way out. */

const FORMATS = `formats:
  ask: { charset: GBK, separator: ",", header: [{ id: batch, type: text }], detail: [{ id: line, type: count }, { id: account, type: text }, { id: amount, type: fen }], clause: ours }
  back: { charset: GBK, separator: ",", header: [{ id: batch, type: text }], detail: [{ id: line, type: count }, { id: account, type: text }, { id: name, type: text }, { id: amount, type: fen }, { id: code, type: code }], codes: codes, clause: ours }
tables:
  codes: { inputs: { code: text }, outputs: { outcome: text }, rows: [["00", arrived], ["51", short]], else: unknown, clause: ours }
`;
const deduction = (outcomes: string, words = 'takes: back'): string =>
  `deductions:\n  pull: { over: dues, if: "!row.arrived", owes: bureau, during: collection, every: 7d, due: start(period), gives: [ask], ${words}, ladder: simple, clause: ours, outcomes: { ${outcomes} } }\n${FORMATS}`;
const OUTCOMES = 'arrived: { class: success }, short: { class: retry, open: retry }, unknown: { class: unknown, open: retry }';
const STATES = 'urging: { owes: townOffice, due: since +3d, ladder: simple }, closed: { title: 到账 }';
const ARRIVE = 'arrive: { in: urging, after: payment.arrived, next: closed }';
const caseOf = (states = STATES, acts = ARRIVE, words = 'per: due, unique: [due]'): string =>
  `cases:\n  retry: { ${words}, states: { ${states} }, acts: { ${acts} }, clause: ours }\n`;
/** Codes and paths alone. */
const placed = (sections: string): readonly string[] =>
  told(sections).map((one) =>
    one
      .split(' ')
      .filter((_, i) => i !== 1)
      .join(' '),
  );
const withCase = (states: string, acts: string, words?: string): readonly string[] =>
  placed(`${caseOf(states, acts, words)}${deduction(OUTCOMES)}`);

test('a deduction with its formats, codes and case: accepted', () => {
  expect(told(`${caseOf()}${deduction(OUTCOMES)}`)).toEqual([]);
  expect(
    told(
      `counts:\n  open: { over: cases.retry, if: row.open, clause: ours }\nduties:\n  list: { owes: bureau, per: town, after: pull.returned, due: since +2d, needs: [pull], ladder: simple, clause: ours }\n${caseOf()}${deduction(OUTCOMES)}`,
    ),
  ).toEqual([]);
});

describe('deductions', () => {
  test('outcome-missing 2: no unknown, a code that is no outcome, a return without codes', () => {
    expect(told(`${caseOf()}${deduction('arrived: { class: success }, short: { class: retry, open: retry }')}`)).toEqual([
      'outcome-missing 3:165 deductions.pull.outcomes',
    ]);
    expect(
      placed(`${caseOf()}${deduction('arrived: { class: success }, shrt: { class: retry, open: retry }, unknown: { class: unknown }')}`),
    ).toEqual(['outcome-missing deductions.pull.outcomes']);
    expect(placed(`${caseOf()}${deduction(OUTCOMES, 'takes: ask')}`)).toContain('outcome-missing deductions.pull.takes');
  });

  test('the advised margin is a money parameter: another kind, a figure and an unknown name are told', () => {
    const margin = (written: string): readonly string[] =>
      placed(
        `parameters:\n  more: { type: money, clause: ours }\n  days: { type: duration, clause: ours }\n${caseOf()}${deduction(OUTCOMES, `takes: back, margin: ${written}`)}`,
      ).filter((one) => one.includes('margin'));
    expect(margin('$more')).toEqual([]);
    expect(margin('$days')).toEqual(['bad-value deductions.pull.margin']);
    expect(margin('"10"')).toEqual(['bad-value deductions.pull.margin']);
    expect(margin('$less')).toEqual(['unknown-reference deductions.pull.margin']);
  });

  test('outcome-route 3: nowhere to go, a choice without a question, a success that opens a case, a stop nobody can free', () => {
    const route = (short: string): readonly string[] =>
      placed(`${caseOf()}${deduction(`arrived: { class: success }, short: { ${short} }, unknown: { class: unknown, open: retry }`)}`);
    expect(route('class: retry, if: "row.deposited < row.amount"')).toEqual(['outcome-route deductions.pull.outcomes.short.if']);
    expect(route('class: retry, open: retry, else: retry')).toEqual(['outcome-route deductions.pull.outcomes.short.else']);
    expect(route('class: success, open: retry')).toEqual(['outcome-route deductions.pull.outcomes.short.open']);
    expect(route('class: stop')).toEqual(['outcome-route deductions.pull.outcomes.short']);
    expect(route('class: stop, if: row.arrived, open: retry')).toEqual(['outcome-route deductions.pull.outcomes.short']);
    const named = `arrived: { class: success }, short: { class: retry, open: retry }, owedBack: { class: retry }, unknown: { class: unknown }`;
    expect(placed(`${caseOf()}${deduction(named)}`)).toEqual(['outcome-route deductions.pull.outcomes.owedBack']);
  });

  test('a round or a built-in act is not held apart: the second person is named where it is granted', () => {
    const apart = (of: string): readonly string[] =>
      placed(`${caseOf()}${deduction(OUTCOMES)}\napart:\n  both: { of: [${of}], clause: ours }`);
    expect(apart('makeRun, pull')).toEqual(['bad-value apart.both.of[0]', 'bad-value apart.both.of[1]']);
  });

  test('what its files must carry, and what they name', () => {
    expect(placed(`${caseOf()}${deduction(OUTCOMES).replace('{ id: account, type: text }, ', '')}`)).toEqual([
      'column-missing deductions.pull.gives',
    ]);
    expect(placed(`${caseOf()}${deduction(OUTCOMES, 'takes: bck')}`)).toEqual(['unknown-reference deductions.pull.takes']);
    expect(placed(`${caseOf()}${deduction(OUTCOMES.replace('open: retry', 'open: rety'))}`)).toEqual([
      'unknown-reference deductions.pull.outcomes.short.open',
    ]);
    expect(placed(`${caseOf()}${deduction(OUTCOMES).replace('!row.arrived', 'row.arived')}`)).toEqual([
      'bad-expression deductions.pull.if',
    ]);
    expect(placed(`${caseOf()}${deduction(OUTCOMES.replace('class: retry', 'class: again'))}`)).toContain(
      'not-in-list deductions.pull.outcomes.short.class',
    );
  });

  test('column-sourceless 1: what a request holds is written by the cycle, or stands in the format', () => {
    const header = (columns: string, more = ''): readonly string[] =>
      told(
        `${caseOf()}${deduction(OUTCOMES).replace('header: [{ id: batch, type: text }], detail: [{ id: line, type: count }, { id: account, type: text }, { id: amount', `header: [{ id: batch, type: text }, ${columns}], ${more}detail: [{ id: line, type: count }, { id: account, type: text }, { id: amount`)}`,
        { withGuess: true },
      );
    expect(header('{ id: agency, type: text }')).toEqual(['column-sourceless 5:82 formats.ask.header[1].id null']);
    expect(header('{ id: insurence, type: text }')).toEqual(['column-sourceless 5:82 formats.ask.header[1].id insurance']);
    expect(header('{ id: agency, value: "07" }')).toEqual([]);
    expect(header('{ id: note, type: text, empty: "" }')).toEqual([]);
    expect(header('{ id: lines, type: count }', "totals: { lines: 'file.header.lines == file.count' }, ")).toEqual([]);
    expect(header('{ id: round, type: count }, { id: year, type: count }, { id: date, type: date }')).toEqual([]);
    expect(header('{ id: year, type: text }')).toEqual(['value-unfit 5:94 formats.ask.header[1].type null']);
    expect(
      placed(
        `${caseOf()}${deduction(OUTCOMES).replace('{ id: account, type: text }, { id: amount, type: fen }]', '{ id: account, type: text }, { id: amount, type: fen }, { id: holder, type: text }]')}`,
      ),
    ).toEqual(['column-sourceless formats.ask.detail[3].id']);
  });

  test('two requests never bear one name', () => {
    const file = (pattern: string): readonly string[] =>
      placed(`${caseOf()}${deduction(OUTCOMES).replace('ask: { charset: GBK,', `ask: { charset: GBK, file: "${pattern}",`)}`);
    expect(file('DK{yyyyMMdd}.txt')).toEqual(['bad-pattern formats.ask.file']);
    expect(file('DK{seq:3}.txt')).toEqual(['bad-pattern formats.ask.file']);
    expect(file('DK{yyyyMMdd}{seq:3}.txt')).toEqual([]);
    expect(file('DK{batch}.txt')).toEqual([]);
  });

  test('not-compared 1: what the return does not carry is not held against what was sent, and that is told', () => {
    const back = (detail: string): string =>
      `${caseOf()}${deduction(OUTCOMES).replace('{ id: account, type: text }, { id: name, type: text }, { id: amount, type: fen }, { id: code', `${detail}{ id: code`)}`;
    const known = '{ id: account, type: text }, { id: amount, type: fen }, ';
    expect(warned(back(`${known}{ id: name, type: text }, `))).toEqual([]);
    expect(warned(back(`${known}{ id: holder, type: text }, `))).toEqual(['not-compared 3:129 deductions.pull.takes']);
    expect(warned(back('{ id: account, type: text }, { id: name, type: text }, { id: taken, type: fen, empty: "-" }, '))).toEqual([]);
    expect(placed(back('{ id: account, type: text }, { id: name, type: text }, { id: amount, type: text }, '))).toEqual([
      'value-unfit formats.back.detail[3].type',
    ]);
  });

  test('events that it does not tell', () => {
    const after = (event: string): readonly string[] =>
      placed(
        `duties:\n  list: { owes: bureau, after: ${event}, due: since, ladder: simple, clause: ours }\n${caseOf()}${deduction(OUTCOMES)}`,
      );
    expect(after('pull.short')).toEqual([]);
    expect(after('pull.shrt')).toEqual(['unknown-event duties.list.after']);
  });
});

describe('cases', () => {
  test('later-word 1: for now a case is about one due, and office ladders open none', () => {
    expect(withCase(STATES, ARRIVE, 'per: person')).toContain('later-word cases.retry.per');
    expect(withCase(STATES, ARRIVE, 'per: due, clocks: {}')).toContain('later-word cases.retry.clocks');
    expect(
      placed(
        `ladders:\n  simple: { rungs: [{ at: +1d, tell: owner, text: late }], clause: ours }\n  opens: { rungs: [{ at: +1d, open: retry }], clause: ours }\nduties:\n  one: { owes: bureau, due: 04-15, ladder: opens, clause: ours }\n${caseOf()}${deduction(OUTCOMES)}`,
      ),
    ).toEqual(['later-word duties.one.ladder']);
    expect(
      placed(
        `counts:\n  n: { over: dues, clause: ours }\nmeasures:\n  all: { part: n, clause: ours }\nmilestones:\n  half: { per: town, due: 03-end, reach: "all >= 5", missed: [{ open: retry }], clause: ours }\n${caseOf()}${deduction(OUTCOMES)}`,
      ),
    ).toEqual(['later-word milestones.half.missed[0].open']);
  });

  test('bad-value: a state of a case may have a ladder without a rung, because a duty speaks for it; a duty may not', () => {
    const silent = `ladders:\n  simple: { rungs: [{ at: +1d, tell: owner, text: late }], clause: ours }\n  silent: { rungs: [], clause: ours }\n`;
    const counted = `counts:\n  urging: { over: cases.retry, if: 'row.open && row.state == "urging" && row.round > 1', clause: ours }\nmeasures:\n  now: { part: urging, clause: ours }\n`;
    const duty = (more: string): string => `duties:\n  one: { owes: bureau, after: pull.short, due: since, ${more}, clause: ours }\n`;
    const rest = `${caseOf(STATES.replace('ladder: simple', 'ladder: silent'))}${deduction(OUTCOMES)}`;
    expect(placed(`${silent}${counted}${duty("doneIf: 'urging == 0', ladder: simple")}${rest}`)).toEqual([]);
    expect(placed(`${silent}${counted}${duty("doneIf: 'urging == 0', ladder: silent")}${rest}`)).toEqual(['bad-value duties.one.ladder']);
    expect(placed(`${silent}${counted.replace('row.round', 'row.rounds')}${rest}`)).toHaveLength(1);
  });

  test('state-final 1: the start is owed, an end is not, and nothing leads out of it', () => {
    expect(withCase('closed: { title: 到账 }', 'a: { in: closed, after: payment.arrived, next: closed }')).toEqual([
      'state-final cases.retry.states.closed',
      'state-final cases.retry.acts.a.in',
    ]);
    expect(withCase(STATES.replace('{ title: 到账 }', '{ due: since }'), ARRIVE)).toEqual(['state-final cases.retry.states.closed.due']);
    expect(withCase('urging: { owes: townOffice }, closed: {}', ARRIVE)).toEqual([
      'missing-key cases.retry.states.urging',
      'missing-key cases.retry.states.urging',
    ]);
  });

  test('case-stuck 1: a state that nobody reaches, a state without an end', () => {
    const more = `${STATES}, lost: { owes: townOffice, due: since, ladder: simple }`;
    expect(withCase(more, ARRIVE)).toEqual(['case-stuck cases.retry.states.lost']);
    expect(withCase(more, `${ARRIVE}, lose: { in: urging, by: townOffice, next: lost }`)).toEqual(['case-stuck cases.retry.states.lost']);
  });

  test('bad-value: the end of a phase is waited for once, and only of a phase that has one', () => {
    const ends = (words: string, more = ''): readonly string[] =>
      withCase(`${STATES}, left: {}`, `${ARRIVE}, end: { in: urging, ${words} }${more}`);
    expect(ends('after: collection.ended, next: left')).toEqual([]);
    expect(ends('after: collection.opened, next: left')).toEqual(['unknown-event cases.retry.acts.end.after']);
    expect(ends('after: nothing.ended, next: left')).toEqual(['unknown-event cases.retry.acts.end.after']);
    expect(ends('after: collection.ended, next: urging', `, go: { in: urging, by: townOffice, next: left }`)).toEqual([
      'bad-value cases.retry.acts.end.after',
    ]);
    expect(withCase(STATES, ARRIVE, 'per: due, after: collection.ended')).toEqual(['unknown-event cases.retry.after']);
  });

  test("bad-value: only in a case a field can be each signer's own", () => {
    const own = 'fields: { found: { type: text, own: true } }';
    expect(withCase(STATES, ARRIVE, `per: due, ${own}`)).toEqual([]);
    expect(placed(`papers:\n  proof: { ${own}, clause: ours }\n${caseOf()}${deduction(OUTCOMES)}`)).toEqual([
      'bad-value papers.proof.fields.found.own',
    ]);
  });

  test('case-unopened 1: nothing opens it', () => {
    expect(placed(`${caseOf()}${deduction(OUTCOMES.replaceAll(', open: retry', ''))}`)).toEqual(['case-unopened cases.retry']);
    expect(placed(`${caseOf(STATES, ARRIVE, 'per: due, by: townOffice')}`)).toEqual([]);
  });

  test('act-actor 1: by whom or on what, and only people can give something', () => {
    const act = (words: string): readonly string[] => withCase(STATES, `${ARRIVE}, more: { in: urging, next: closed, ${words} }`);
    expect(act('most: 2')).toEqual(['act-actor cases.retry.acts.more']);
    expect(act('by: townOffice, after: pull.short')).toEqual(['act-actor cases.retry.acts.more']);
    expect(act('after: pull.short, asks: [reason]')).toEqual(['act-actor cases.retry.acts.more.asks']);
  });

  test('names within the case, and what it hears', () => {
    const act = (words: string): readonly string[] =>
      withCase(STATES, `${ARRIVE}, more: { in: urging, by: townOffice, next: closed, ${words} }`);
    expect(act('asks: [reason]')).toEqual([]);
    expect(act('asks: [cause]')).toEqual(['unknown-field cases.retry.acts.more.asks[0]']);
    expect(act('if: case.cause != null')).toEqual(['bad-expression cases.retry.acts.more.if']);
    expect(act('needs: [retry.closed]')).toEqual(['bad-value cases.retry.acts.more.needs[0]']);
    expect(act('needs: [retry.done]')).toContain('bad-value cases.retry.acts.more.needs[0]');
    expect(act('does: reportDeposit')).toEqual(['unknown-field cases.retry.acts.more.does']);
    expect(act('does: pay')).toEqual(['not-in-list cases.retry.acts.more.does']);
    expect(act('then: [{ retry: pul }]')).toEqual(['unknown-reference cases.retry.acts.more.then[0].retry']);
    expect(act('then: [{ open: retry, tell: owner, text: late }]')).toContain('rung-verb cases.retry.acts.more.then[0]');
    expect(withCase(STATES, `${ARRIVE}, more: { in: urgin, by: townOffice, next: close }`)).toEqual([
      'unknown-reference cases.retry.acts.more.in',
      'unknown-reference cases.retry.acts.more.next',
    ]);
    expect(withCase(STATES, ARRIVE.replace('payment.arrived', 'pull.late'))).toEqual(['unknown-event cases.retry.acts.arrive.after']);
  });

  test('what would stand open a thousand times is counted: not-for-rows 1', () => {
    const then = (words: string): readonly string[] =>
      placed(
        `texts:\n  soon: { say: { zh: 快, en: soon }, clause: ours }\n  late: { say: { zh: 迟, en: late }, reply: +5d, clause: ours }\ncounts:\n  n: { over: dues, clause: ours }\nreports:\n  list: { per: county, shows: [n], for: [bureau], clause: ours }\nladders:\n  simple: { rungs: [{ at: +1d, tell: owner, text: soon }], clause: ours }\n${caseOf(STATES, `${ARRIVE}, more: { in: urging, by: townOffice, next: closed, then: [{ ${words} }] }`)}${deduction(OUTCOMES)}`,
      );
    expect(then('tell: person, text: soon')).toEqual([]);
    expect(then('flag: list')).toEqual(['not-for-rows cases.retry.acts.more.then[0]']);
    expect(then('tell: owner, text: late')).toEqual(['not-for-rows cases.retry.acts.more.then[0]']);
    expect(then('tell: owner, text: soon, confirm: bureau')).toEqual(['not-for-rows cases.retry.acts.more.then[0]']);
    expect(withCase(STATES.replace('since +3d', 'done(pull)'), ARRIVE)).toEqual(['not-for-rows cases.retry.states.urging.due']);
  });

  test('a text prints fields of a case only where the case has them', () => {
    const texts = (field: string): readonly string[] =>
      placed(
        `texts:\n  soon: { say: { zh: 快, en: soon }, clause: ours }\n  late: { say: { zh: "{${field}}", en: late }, clause: ours }\n${caseOf(STATES, ARRIVE, 'per: due, fields: { shortOf: money }')}${deduction(OUTCOMES)}duties:\n  one: { owes: bureau, due: 04-15, ladder: simple, clause: ours }\n`,
      );
    expect(texts('nothing')).toContain('unknown-field texts.late.say.zh');
    // The ladder of the duty and of the rounds sends it too, and neither has such a field; to an office a case says it of several at once.
    expect(texts('shortOf')).toEqual(['unknown-field texts.late.say', 'unknown-field texts.late.say', 'unknown-field texts.late.say']);
    const alone = `texts:\n  soon: { say: { zh: 快, en: soon }, clause: ours }\n  late: { say: { zh: 迟, en: late }, clause: ours }\n  own: { say: { zh: "{name}{shortOf}" }, via: [sms], clause: ours }\n`;
    const remind = 'remind: { in: urging, by: townOffice, next: urging, then: [{ tell: person, text: own }] }';
    expect(
      placed(`${alone}${caseOf(STATES, `${ARRIVE}, ${remind}`, 'per: due, fields: { shortOf: money }')}${deduction(OUTCOMES)}`),
    ).toEqual([]);
  });
});
