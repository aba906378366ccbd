import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Act, Actor } from '../../../domain/model/event.js';
import type { Refusal } from '../../../domain/model/effect.js';
import type { ObligationId } from '../../../domain/model/ids.js';
import type { Obligation } from '../../../domain/model/state.js';
import { viewObligation } from '../../../domain/process/index.js';
import { Campaign, actor, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const setting = settingOf(definition, [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')]);
const office = actor('p1', ['office', 'c']);
const bureau = actor('p2', ['bureau', 'c']);
const inspector = actor('p3', ['inspector', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const otherCadre = actor('p5', ['cadre', 'v2']);
const filing = { evidence: [{ paper: 'filing', fields: { number: '1' }, file: null }] };

const campaign = (): Campaign => new Campaign(setting).launch('2020-05-01');
/** Open follow-ups of a kind, about one obligation. */
const follow = (run: Campaign, kind: string, of: string): readonly Obligation[] =>
  Object.values(run.state.open[`~${kind}`] ?? {}).filter(({ origin }) => 'of' in origin && origin.of === of);
const only = (found: readonly Obligation[]): ObligationId => {
  expect(found).toHaveLength(1);
  return found[0]?.id as ObligationId;
};
const say = (run: Campaign, who: Actor, act: Act): Refusal | null => run.act(who, act);
/** The village's task is late, the inspector has released the order of the fifth day. */
const ordered = (): Campaign => {
  const run = campaign().until('2020-06-05T10:00:00');
  expect(say(run, inspector, { kind: 'release', obligation: only(follow(run, 'confirm', 'task/v1')) })).toBeNull();
  return run;
};

describe('签收 and 反馈: a notice asks for an answer', () => {
  test('an overdue notice makes a reply owed by whom it was sent to, counted from sending', () => {
    const run = campaign().until('2020-06-01T12:00:00');
    expect(follow(run, 'reply', 'task/v1')).toMatchObject([{ owes: ['cadre'], unit: 'v1', due: '2020-06-04', status: 'open' }]);
  });

  test('an order is received and replied to, each by the addressee, each once', () => {
    const run = ordered();
    const receive = only(follow(run, 'receive', 'task/v1'));
    expect(run.open(receive)).toMatchObject({ owes: ['cadre'], due: '2020-06-07' });
    expect(say(run, otherCadre, { kind: 'receive', obligation: receive })?.code).toBe('not-yours');
    expect(say(run, cadre, { kind: 'reply', obligation: receive, text: '收到' })?.code).toBe('not-a-follow-up');
    expect(say(run, cadre, { kind: 'receive', obligation: receive })).toBeNull();
    expect(run.row(receive)).toMatchObject({ status: 'done', closed: { by: 'p4', on: '2020-06-05', daysLate: 0 } });
    expect(say(run, cadre, { kind: 'receive', obligation: receive })?.code).toBe('already-closed');
  });

  test('one reply is owed about an obligation, however many notices asked for it', () => {
    const run = ordered();
    expect(run.notices('task/v1').filter(({ text }) => text === 'overdue' || text === 'order')).toHaveLength(2);
    expect(follow(run, 'reply', 'task/v1')).toHaveLength(1);
  });

  test('who has answered one notice owes an answer to the next', () => {
    const run = campaign().until('2020-06-02T09:00:00');
    expect(say(run, cadre, { kind: 'reply', obligation: only(follow(run, 'reply', 'task/v1')), text: '正在催收' })).toBeNull();
    run.until('2020-06-05T10:00:00');
    expect(follow(run, 'reply', 'task/v1')).toEqual([]);
    say(run, inspector, { kind: 'release', obligation: only(follow(run, 'confirm', 'task/v1')) });
    expect(follow(run, 'reply', 'task/v1')).toMatchObject([{ due: '2020-06-10' }]);
  });

  test('an empty reply is refused and the state stays as it was', () => {
    const run = campaign().until('2020-06-02T09:00:00');
    const before = run.state;
    expect(say(run, cadre, { kind: 'reply', obligation: only(follow(run, 'reply', 'task/v1')), text: ' ' })?.code).toBe('reason-missing');
    expect(run.state).toBe(before);
  });

  test('a late reply climbs the ladder of its obligation and asks for no further reply', () => {
    const run = campaign().until('2020-06-30T12:00:00');
    const reply = only(follow(run, 'reply', 'task/v1'));
    expect(run.open(reply)?.late).toBe(true);
    const told = run.notices(reply);
    expect(told.map(({ text, to }) => [text, ...to.map(({ role }) => role)])).toEqual([
      ['overdue', 'cadre'],
      ['noted', 'cadre', 'office'],
    ]);
    const second = Object.values(run.state.open)
      .flatMap((shelf) => Object.values(shelf))
      .filter(({ origin }) => 'of' in origin && origin.of === reply);
    expect(second).toEqual([]);
  });

  test('done withdraws what only asked about it; a reply that a checker waits for stays', () => {
    const plain = campaign().until('2020-06-02T09:00:00');
    const reply = only(follow(plain, 'reply', 'task/v1'));
    expect(plain.done(cadre, 'task/v1')).toBeNull();
    expect(plain.row(reply)?.status).toBe('withdrawn');

    const run = campaign().until('2020-06-02T09:00:00');
    say(run, cadre, { kind: 'reply', obligation: only(follow(run, 'reply', 'task/v1')), text: '正在催收' });
    run.until('2020-06-05T10:00:00');
    say(run, inspector, { kind: 'release', obligation: only(follow(run, 'confirm', 'task/v1')) });
    const order = only(follow(run, 'reply', 'task/v1'));
    const receive = only(follow(run, 'receive', 'task/v1'));
    run.done(cadre, 'task/v1');
    expect(run.row(receive)?.status).toBe('withdrawn');
    expect(run.open(order)?.status).toBe('open');
  });
});

describe('核查 and 销号: a reply with a checker', () => {
  /** The reply to the order of 06-05 has been given on the same day. */
  const replied = (): { run: Campaign; reply: ObligationId; check: ObligationId } => {
    const run = campaign().until('2020-06-02T09:00:00');
    say(run, cadre, { kind: 'reply', obligation: only(follow(run, 'reply', 'task/v1')), text: '正在催收' });
    run.until('2020-06-05T10:00:00');
    say(run, inspector, { kind: 'release', obligation: only(follow(run, 'confirm', 'task/v1')) });
    const reply = only(follow(run, 'reply', 'task/v1'));
    expect(say(run, cadre, { kind: 'reply', obligation: reply, text: '已收齐' })).toBeNull();
    return { run, reply, check: only(follow(run, 'check', reply)) };
  };

  test('the reply waits for the check, which the checker owes', () => {
    const { run, reply, check } = replied();
    expect(run.open(reply)).toMatchObject({ status: 'checking', nextAt: null, parts: [{ by: 'p4', answer: { text: '已收齐' } }] });
    expect(run.open(check)).toMatchObject({ owes: ['inspector'], unit: 'c', due: '2020-06-10', status: 'open' });
    expect(say(run, cadre, { kind: 'reply', obligation: reply, text: '再报' })?.code).toBe('wrong-state');
    expect(follow(run, 'check', reply)).toHaveLength(1);
  });

  test('struck off, the reply is closed on the day it was given', () => {
    const { run, reply, check } = replied();
    expect(say(run, cadre, { kind: 'strike', obligation: check })?.code).toBe('not-yours');
    run.until('2020-06-08');
    expect(say(run, inspector, { kind: 'strike', obligation: check })).toBeNull();
    expect(run.row(reply)).toMatchObject({ status: 'done', closed: { on: '2020-06-05', by: 'p4', reason: '已收齐' } });
  });

  test('sent back with a reason, it is owed anew with its time anew', () => {
    const { run, reply, check } = replied();
    run.until('2020-06-09');
    expect(say(run, inspector, { kind: 'sendBack', obligation: check, reason: '' })?.code).toBe('reason-missing');
    expect(say(run, inspector, { kind: 'sendBack', obligation: check, reason: '附件不全' })).toBeNull();
    expect(run.open(reply)).toMatchObject({ status: 'open', parts: [], due: '2020-06-14', dueVersion: 2, late: false });
    expect(say(run, cadre, { kind: 'reply', obligation: reply, text: '已补' })).toBeNull();
    expect(say(run, inspector, { kind: 'strike', obligation: only(follow(run, 'check', reply)) })).toBeNull();
    expect(run.row(reply)?.status).toBe('done');
  });

  test('a proposal or a check is not waived over the head of whom it waits for', () => {
    const { run, check } = replied();
    expect(say(run, office, { kind: 'waive', obligation: check, reason: '免查' })?.code).toBe('not-a-follow-up');
    const waiver = campaign().until('2020-06-05T10:00:00');
    const proposal = only(follow(waiver, 'confirm', 'task/v1'));
    expect(say(waiver, office, { kind: 'waive', obligation: proposal, reason: '免发' })?.code).toBe('not-a-follow-up');
    const there = run.open(check);
    if (!there) throw new Error('the check has gone');
    expect(viewObligation(setting, [], there, office, () => 0).allowed).not.toContain('waive');
    expect(viewObligation(setting, [], there, inspector, () => 0).allowed).toEqual(expect.arrayContaining(['strike', 'sendBack']));
  });

  test('without a checker a reply is closed at once', () => {
    const run = campaign().until('2020-06-02T09:00:00');
    const reply = only(follow(run, 'reply', 'task/v1'));
    say(run, cadre, { kind: 'reply', obligation: reply, text: '正在催收' });
    expect(run.row(reply)?.status).toBe('done');
    expect(follow(run, 'check', reply)).toEqual([]);
  });
});

describe('a duty with a checker', () => {
  test('done waits for the check and holds up nothing behind it; struck off, it is done on its own day', () => {
    const run = campaign().until('2020-05-14');
    expect(run.done(bureau, 'plan/c', filing)).toBeNull();
    expect(run.open('plan/c')).toMatchObject({ status: 'checking', closed: { on: '2020-05-14', daysLate: 0 } });
    const check = only(follow(run, 'check', 'plan/c'));
    expect(run.open(check)).toMatchObject({ owes: ['inspector'], due: '2020-05-15' });
    expect(run.done(bureau, 'plan/c', filing)?.code).toBe('wrong-state');
    run.until('2020-05-20');
    expect(run.notices('plan/c').filter(({ sendAt }) => sendAt > '2020-05-14')).toEqual([]);
    expect(say(run, inspector, { kind: 'strike', obligation: check })).toBeNull();
    expect(run.row('plan/c')).toMatchObject({ status: 'done', closed: { on: '2020-05-14', by: 'p2', daysLate: 0 } });
    expect(run.open('summary/c')).toMatchObject({ status: 'open', due: '2020-05-21' });
  });

  test('sent back after its due day it is late, and what was given is owed again', () => {
    const run = campaign().until('2020-05-14');
    run.done(bureau, 'plan/c', filing);
    run.until('2020-05-18T15:00:00');
    say(run, inspector, { kind: 'sendBack', obligation: only(follow(run, 'check', 'plan/c')), reason: '编号不符' });
    expect(run.open('plan/c')).toMatchObject({ status: 'open', due: '2020-05-15', late: true, parts: [], closed: null });
    run.until('2020-05-19');
    expect(run.done(bureau, 'plan/c', filing)).toBeNull();
    expect(say(run, inspector, { kind: 'strike', obligation: only(follow(run, 'check', 'plan/c')) })).toBeNull();
    expect(run.row('plan/c')?.closed?.daysLate).toBe(4);
  });

  test('waived while it is checked, nobody has to check it any more', () => {
    const run = campaign().until('2020-05-14');
    run.done(bureau, 'plan/c', filing);
    expect(say(run, office, { kind: 'waive', obligation: 'plan/c' as ObligationId, reason: '改由市里备案' })).toBeNull();
    expect(say(run, inspector, { kind: 'release', obligation: only(follow(run, 'confirm', 'plan/c')) })).toBeNull();
    expect(run.row('plan/c')?.status).toBe('waived');
    expect(follow(run, 'check', 'plan/c')).toEqual([]);
  });
});
