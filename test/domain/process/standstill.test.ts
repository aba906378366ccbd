import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { stateCouncilCalendar } from '../../../domain/calendar/data/state-council.js';
import type { Definition, Distance, Rung } from '../../../domain/model/definition.js';
import type { Refusal } from '../../../domain/model/effect.js';
import type { Act } from '../../../domain/model/event.js';
import type { Digest, ObligationId, UnitId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { viewObligation } from '../../../domain/process/index.js';
import { Campaign, actor, at, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const setting = settingOf(definition, units);
const office = actor('p1', ['office', 'c']);
const bureau = actor('p2', ['bureau', 'c']);
const inspector = actor('p3', ['inspector', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const filing = { evidence: [{ paper: 'filing', fields: { number: '1' }, file: null }] };
const campaign = (on: Setting = setting, launch = '2020-05-01'): Campaign => new Campaign(on).launch(launch);
const overlay = (own: Partial<Definition>): Setting => settingOf({ ...definition, ...own }, units);
const ladder = (rungs: readonly Rung[]): Definition['ladders'] => {
  const { main } = definition.ladders;
  if (!main) throw new Error('the definition has changed');
  return { main: { ...main, rungs } };
};
const rung = (n: number, to: string, text = 'noted', mandatory = false): Rung => ({
  at: { kind: 'fixed', n, unit: 'd' },
  response: { kind: 'tell', to: [to], text, if: null, confirm: null, mandatory },
});

const PLAN = 'plan/c' as ObligationId;
const act = (run: Campaign, kind: 'suspend' | 'unsuspend' | 'pause' | 'resume', moment?: string): Refusal | null => {
  const acts = {
    suspend: { kind: 'suspend', obligation: PLAN, reason: '汛期停工' },
    unsuspend: { kind: 'unsuspend', obligation: PLAN },
    pause: { kind: 'pause', reason: '汛期停工' },
    resume: { kind: 'resume' },
  } as const satisfies Record<typeof kind, Act>;
  return run.act(office, acts[kind], moment);
};
/** Notices about an obligation: due version and rung, when. */
const sent = (run: Campaign, id: string = PLAN): readonly string[] =>
  run.notices(id).map(({ id: notice, sendAt }) => `${notice.slice(notice.lastIndexOf('#') + 1)} ${sendAt.slice(5, 16)}`);
const only = (run: Campaign, kind: string, of: string): ObligationId => {
  const found = Object.values(run.state.open[`~${kind}`] ?? {}).filter(({ origin }) => 'of' in origin && origin.of === of);
  expect(found).toHaveLength(1);
  return found[0]?.id as ObligationId;
};

describe.each([
  ['one obligation', 'suspend', 'unsuspend'],
  ['the whole campaign', 'pause', 'resume'],
] as const)('a clock that stood still: %s', (_name, stop, goOn) => {
  // The plan is due on Friday 15 May: -3d owner, +1d owner (mandatory), +3d office, +5d an order to be released.
  test('what was late keeps its day; its escalation goes on where it was and does not come all at once', () => {
    const run = campaign().until('2020-05-17');
    expect(sent(run)).toEqual(['1.0 05-12T08:30', '1.1 05-16T08:30']);
    expect(act(run, stop)).toBeNull();
    run.until('2020-06-08');
    expect(act(run, goOn)).toBeNull();
    expect(run.open(PLAN)).toMatchObject({ due: '2020-05-15', late: true, dueVersion: 1, fired: [0, 1], stood: 22 });
    run.until('2020-06-09T08:00:00');
    expect(sent(run)).toHaveLength(2);
    run.until('2020-06-12');
    expect(sent(run)).toEqual(['1.0 05-12T08:30', '1.1 05-16T08:30', '1.2 06-09T08:30']);
    expect(run.open(PLAN)?.fired).toEqual([0, 1, 2, 3]);
    expect(only(run, 'confirm', PLAN)).toContain('#1.3');
  });

  test('stopped and gone on twice, each time as long as it stood', () => {
    const run = campaign().until('2020-05-17');
    act(run, stop);
    act(run, goOn, '2020-05-19T09:00:00');
    act(run, stop, '2020-05-19T10:00:00');
    act(run, goOn, '2020-05-25T09:00:00');
    expect(run.open(PLAN)).toMatchObject({ due: '2020-05-15', stood: 8 });
    run.until('2020-06-05');
    expect(sent(run).slice(2)).toEqual(['1.2 05-26T08:30']);
  });

  test('a mandatory rung that fell into the standstill goes out at the next notice time, once', () => {
    const run = campaign().until('2020-05-16T07:00:00');
    expect(act(run, stop)).toBeNull();
    run.until('2020-06-05T12:00:00');
    expect(act(run, goOn)).toBeNull();
    run.until('2020-06-06T12:00:00');
    expect(sent(run)).toEqual(['1.0 05-12T08:30', '1.1 06-06T08:30']);
  });

  test('what was not late gets a new day and a new ladder: the reminder says the new day', () => {
    const run = campaign().until('2020-05-13');
    expect(act(run, stop)).toBeNull();
    run.until('2020-06-02');
    expect(act(run, goOn)).toBeNull();
    expect(run.open(PLAN)).toMatchObject({ due: '2020-06-04', dueVersion: 2, moved: 20, late: false });
    run.until('2020-06-06');
    expect(sent(run)).toEqual(['1.0 05-12T08:30', '2.0 06-03T08:30', '2.1 06-05T08:30']);
    expect(run.notices(PLAN).map(({ fields }) => fields['due'])).toEqual(['2020-05-15', '2020-06-04', '2020-06-04']);
  });

  test('within a day nothing moves; what fell into it goes out once', () => {
    const run = campaign().until('2020-05-12T08:00:00');
    expect(act(run, stop)).toBeNull();
    run.until('2020-05-12T12:00:00');
    expect(sent(run)).toEqual([]);
    expect(act(run, goOn)).toBeNull();
    expect(run.open(PLAN)).toMatchObject({ due: '2020-05-15', dueVersion: 1 });
    run.until('2020-05-16T12:00:00');
    expect(sent(run)).toEqual(['1.0 05-13T08:30', '1.1 05-16T08:30']);
  });

  test('nothing is left behind: the next wake lies ahead', () => {
    const run = campaign().until('2020-05-17');
    act(run, stop);
    run.until('2020-06-20');
    act(run, goOn);
    expect(run.wakeAt !== null && run.wakeAt > run.state.now).toBe(true);
    expect(run.state.milestones['planned/c']?.status).toBe('judged');
    expect(run.state.phases['collection']).toBe('ended');
  });
});

describe('a reminder that was missed', () => {
  test('each addressee hears the latest that was for them; what it repeats is left out', () => {
    const rungs = [rung(-9, 'inspector'), rung(-7, 'owner'), rung(-5, 'owner'), rung(1, 'owner')];
    const run = campaign(overlay({ ladders: ladder(rungs) }), '2020-05-12').until('2020-05-19');
    expect(run.notices(PLAN).map(({ rung: at, sendAt, to }) => [at, sendAt.slice(5, 10), to[0]?.role])).toEqual([
      ['0', '05-13', 'inspector'],
      ['2', '05-13', 'bureau'],
      ['3', '05-18', 'bureau'],
    ]);
  });

  test('one that asks for an answer, or goes out on days off, is not left out for one that does not', () => {
    const rungs = [rung(-8, 'owner', 'overdue'), rung(-7, 'owner', 'noted', true), rung(-5, 'owner')];
    const run = campaign(overlay({ ladders: ladder(rungs) }), '2020-05-12').until('2020-05-15');
    expect(run.notices(PLAN).map(({ rung: at }) => at)).toEqual(['0', '1', '2']);
  });
});

describe('what becomes owed when its day is over', () => {
  test('is late at once, is told so, and climbs from the day it began: owner first', () => {
    const answer = { ...definition.duties['answer'], id: 'answer', after: ['hand.late'] } as NonNullable<Definition['duties'][string]>;
    const run = campaign(overlay({ duties: { ...definition.duties, answer } })).until('2020-05-20');
    run.facts([{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day('2020-05-10'), amount: 20_000 }]);
    const [id = ''] = Object.keys(run.state.open['hand'] ?? {});
    expect(run.open(id)).toMatchObject({ due: '2020-05-15', late: true });
    expect(Object.keys(run.state.open['answer'] ?? {})).toEqual(['answer/v1@2020-05-20']);
    run.until('2020-05-26');
    expect(sent(run, id)).toEqual(['1.1 05-21T08:30', '1.2 05-25T08:30']);
    // An older payment that is recorded now does not move a day that was reached.
    run.facts([{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day('2020-05-08'), amount: 20_000 }]);
    expect(run.open(id)).toMatchObject({ due: '2020-05-15', dueVersion: 1 });
  });
});

describe('sent back after the due day', () => {
  const late = overlay({
    duties: {
      ...definition.duties,
      answer: { ...definition.duties['answer'], after: ['plan.late'] } as NonNullable<Definition['duties'][string]>,
    },
  });
  const answers = (run: Campaign): readonly string[] => Object.keys(run.state.open['answer'] ?? {}).filter((id) => id.includes('/v1@'));
  const sendBack = (run: Campaign): Refusal | null =>
    run.act(inspector, { kind: 'sendBack', obligation: only(run, 'check', PLAN), reason: '编号不符' });

  test('what was given in time becomes late now, and is escalated from now on', () => {
    const run = campaign(late).until('2020-05-14');
    run.done(bureau, PLAN, filing);
    run.until('2020-05-18T15:00:00');
    expect(answers(run)).toEqual([]);
    expect(sendBack(run)).toBeNull();
    expect(run.open(PLAN)).toMatchObject({ status: 'open', due: '2020-05-15', late: true });
    expect(answers(run)).toEqual(['answer/v1@2020-05-18']);
    run.until('2020-05-22');
    expect(sent(run)).toEqual(['1.0 05-12T08:30', '1.1 05-19T08:30', '1.2 05-21T08:30']);
  });

  test('what was given late was told late once; its escalation goes on where it was', () => {
    const run = campaign(late).until('2020-05-17');
    run.done(bureau, PLAN, filing);
    run.until('2020-06-01');
    expect(sendBack(run)).toBeNull();
    expect(answers(run)).toEqual(['answer/v1@2020-05-16']);
    run.until('2020-06-03');
    expect(sent(run)).toEqual(['1.0 05-12T08:30', '1.1 05-16T08:30', '1.2 06-02T08:30']);
  });

  const checkedReply = (reply: Distance): Setting => {
    const { overdue } = definition.texts;
    if (!overdue) throw new Error('the definition has changed');
    return overlay({ texts: { ...definition.texts, overdue: { ...overdue, reply, checker: 'inspector' } } });
  };
  /** The reply to the first urging of the village is late when it is given on 6 June. */
  const repliedLate = (on: Setting): { run: Campaign; reply: ObligationId; check: ObligationId } => {
    const run = campaign(on).until('2020-06-01T12:00:00');
    const reply = only(run, 'reply', 'task/v1');
    expect(run.open(reply)).toMatchObject({ due: '2020-06-04', dueVersion: 1 });
    run.until('2020-06-06T12:00:00');
    expect(run.open(reply)).toMatchObject({ late: true, fired: [0] });
    expect(run.act(cadre, { kind: 'reply', obligation: reply, text: '正在催收' })).toBeNull();
    return { run, reply, check: only(run, 'check', reply) };
  };

  test('a reply gets its time anew; when that is over it is late again and urged again', () => {
    const { run, reply, check } = repliedLate(checkedReply({ kind: 'fixed', n: 3, unit: 'd' }));
    run.until('2020-06-08');
    expect(run.act(inspector, { kind: 'sendBack', obligation: check, reason: '不实' })).toBeNull();
    expect(run.open(reply)).toMatchObject({ status: 'open', since: '2020-06-08', due: '2020-06-11', dueVersion: 2, late: false });
    run.until('2020-06-12T12:00:00');
    expect(run.open(reply)?.late).toBe(true);
    expect(sent(run, reply)).toEqual(['1.0 06-05T08:30', '2.0 06-12T08:30']);
  });

  test('a reply whose time needs a calendar that is not there waits for it, under a version of its own', () => {
    const on = checkedReply({ kind: 'fixed', n: 3, unit: 'wd' });
    const { run, reply, check } = repliedLate(on);
    const blind = new Campaign({ ...on, calendar: { ...on.calendar, years: {} } });
    blind.state = run.state;
    expect(blind.act(inspector, { kind: 'sendBack', obligation: check, reason: '不实' })).toBeNull();
    expect(blind.open(reply)).toMatchObject({ status: 'waiting', due: null, waitsFor: 'calendar', late: false, nextAt: null });
    const seeing = new Campaign({ ...on, calendar: stateCouncilCalendar });
    seeing.state = blind.state;
    const digest = 'e'.repeat(64) as Digest;
    seeing.take({ type: 'settingChanged', at: at('2020-06-08'), setting: digest, what: 'calendar', by: office.user, reason: '国务院通知' });
    expect(seeing.open(reply)).toMatchObject({ status: 'open', due: '2020-06-10', dueVersion: 2, fired: [], late: false });
    seeing.until('2020-06-11T12:00:00');
    expect(seeing.open(reply)?.late).toBe(true);
    expect(sent(seeing, reply)).toEqual(['2.0 06-11T08:30']);
  });
});

describe('an extension', () => {
  const extend = (run: Campaign, due: string): Refusal | null =>
    run.act(office, { kind: 'extend', obligation: PLAN, due: day(due), reason: '汛期' });

  test('withdraws what the ladder of the old day had proposed and nobody released', () => {
    const run = campaign().until('2020-05-21');
    const proposal = only(run, 'confirm', PLAN);
    expect(extend(run, '2020-06-15')).toBeNull();
    expect(run.row(proposal)?.status).toBe('withdrawn');
    expect(run.act(inspector, { kind: 'release', obligation: proposal })?.code).toBe('already-closed');
    run.until('2020-06-23T12:00:00');
    expect(only(run, 'confirm', PLAN)).toContain('#2.3');
  });

  test('is not given while the clock stands still, and is not offered', () => {
    const run = campaign().until('2020-05-10');
    act(run, 'suspend');
    const before = run.state;
    expect(extend(run, '2020-06-15')?.code).toBe('clock-stands');
    expect(run.state).toBe(before);
    const offered = (): readonly string[] => {
      const plan = run.open(PLAN);
      return plan ? viewObligation(setting, [], plan, office, () => 0).allowed : [];
    };
    expect(offered()).not.toContain('extend');
    act(run, 'unsuspend');
    expect(offered()).toContain('extend');
    expect(extend(run, '2020-06-15')).toBeNull();
  });
});
