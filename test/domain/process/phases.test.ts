import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parseDateExpr } from '../../../domain/calendar/date-expr.js';
import type { DateExpr, Definition, Duty } from '../../../domain/model/definition.js';
import type { Refusal } from '../../../domain/model/effect.js';
import type { LocalDate, ObligationId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const setting = settingOf(definition, units);
const office = actor('p1', ['office', 'c']);
const bureau = actor('p2', ['bureau', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const campaign = (on: Setting = setting, launch = '2020-05-01'): Campaign => new Campaign(on).launch(launch);
const overlay = (own: Partial<Definition>): Setting => settingOf({ ...definition, ...own }, units);
const date = (text: string): DateExpr => {
  const parsed = parseDateExpr(text);
  if (!parsed.ok) throw new Error(`no date: ${text}`);
  return parsed.expr;
};
const duty = (id: string, own: Partial<Duty>): Duty => {
  const found = definition.duties[id];
  if (!found) throw new Error(`no duty ${id}`);
  return { ...found, ...own };
};
const withPhase = (id: string, from: string, to: string): Definition['phases'] => {
  const { closing } = definition.phases;
  if (!closing) throw new Error('the definition has changed');
  return { ...definition.phases, [id]: { ...closing, id, title: id, from: date(from), to: date(to) } };
};

const amend = (run: Campaign, phase: string, from: string | null, to: string | null): Refusal | null =>
  run.act(office, { kind: 'amendPhase', phase, from: from as LocalDate | null, to: to as LocalDate | null, reason: '县里决定' });
const every = (run: Campaign, value: string): Refusal | null =>
  run.act(office, { kind: 'amendParameter', parameter: 'tourEvery', unit: null, value, reason: '县里决定' });
const turns = (run: Campaign): readonly string[] =>
  Object.values(run.state.open['tour'] ?? {}).map(({ window, due }) => `${window?.start}..${window?.end} due ${due}`);
const days = (run: Campaign, id: string): readonly string[] => run.notices(id).map(({ sendAt }) => sendAt.slice(5, 10));
const owed = (run: Campaign, key: string): readonly string[] => Object.keys(run.state.open[key] ?? {});

describe('a period that is open follows its phase', () => {
  test('lengthened, the turn that the end of the phase had cut short gets its days, and the next follows it', () => {
    const run = campaign().until('2020-05-31');
    expect(turns(run).at(-1)).toBe('2020-05-31..2020-05-31 due 2020-05-31');
    expect(amend(run, 'collection', null, '2020-06-15')).toBeNull();
    expect(turns(run).at(-1)).toBe('2020-05-31..2020-06-09 due 2020-06-09');
    expect(run.open('tour/c@2020-05-31')).toMatchObject({ since: '2020-05-31', dueVersion: 2, late: false });
    run.until('2020-06-10');
    expect(turns(run).at(-1)).toBe('2020-06-10..2020-06-15 due 2020-06-15');
  });

  test('shortened, the open turn ends with the phase; a turn whose day was reached stands', () => {
    const run = campaign().until('2020-05-22');
    expect(amend(run, 'collection', null, '2020-05-25')).toBeNull();
    expect(turns(run)).toEqual([
      '2020-05-01..2020-05-10 due 2020-05-10',
      '2020-05-11..2020-05-20 due 2020-05-20',
      '2020-05-21..2020-05-25 due 2020-05-25',
    ]);
    run.until('2020-06-10');
    expect(turns(run)).toHaveLength(3);
  });

  test('a month keeps its id and is cut anew', () => {
    const visit = duty('visit', { during: 'collection', due: date('end(period)') });
    const run = campaign(overlay({ duties: { visit } })).until('2020-05-20');
    expect(amend(run, 'collection', null, '2020-05-24')).toBeNull();
    expect(run.open('visit/v1@2020-05')).toMatchObject({ window: { start: '2020-05-01', end: '2020-05-24' }, due: '2020-05-24' });
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    expect(run.open('visit/v1@2020-05')).toMatchObject({
      window: { start: '2020-05-01', end: '2020-05-31' },
      due: '2020-05-31',
      dueVersion: 3,
    });
  });

  test('what was extended keeps the day that was granted, but its period is cut anew', () => {
    const run = campaign().until('2020-05-22');
    const id = 'tour/c@2020-05-21' as ObligationId;
    expect(run.act(office, { kind: 'extend', obligation: id, due: day('2020-06-05'), reason: '汛期' })).toBeNull();
    expect(amend(run, 'collection', null, '2020-05-25')).toBeNull();
    expect(run.open(id)).toMatchObject({ window: { end: '2020-05-25' }, due: '2020-06-05' });
  });

  test('a duty owed once begins when its phase does', () => {
    const wrapUp = duty('wrapUp', { due: date('since +10d') });
    const run = campaign(overlay({ duties: { ...definition.duties, wrapUp } })).until('2020-05-10');
    expect(run.open('wrapUp/c')).toMatchObject({ since: '2020-06-01', due: '2020-06-11' });
    expect(amend(run, 'closing', '2020-06-05', null)).toBeNull();
    expect(run.open('wrapUp/c')).toMatchObject({ since: '2020-06-05', due: '2020-06-15', dueVersion: 2 });
  });

  test('no day is brought forward to before the day of the amendment', () => {
    const task = duty('task', { due: date('end(collection) -5d') });
    const run = campaign(overlay({ duties: { ...definition.duties, task } })).until('2020-05-20T16:00:00');
    expect(amend(run, 'collection', null, '2020-05-22')).toBeNull();
    expect(run.open('task/v1')).toMatchObject({ due: '2020-05-20', late: false });
    run.until('2020-05-21T12:00:00');
    expect(run.open('task/v1')?.late).toBe(true);
    expect(days(run, 'task/v1')).toEqual(['05-21']);
  });

  test('a clock that stands still has reached nothing: its day follows the phase, and then the days lost', () => {
    const run = campaign().until('2020-05-21');
    expect(run.act(office, { kind: 'suspend', obligation: 'task/v1' as ObligationId, reason: '汛期' })).toBeNull();
    run.until('2020-06-03');
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    expect([run.open('task/v1'), run.open('task/v2')]).toMatchObject([
      { due: '2020-06-10', late: false },
      { due: '2020-05-31', late: true },
    ]);
    expect(run.act(office, { kind: 'unsuspend', obligation: 'task/v1' as ObligationId })).toBeNull();
    expect(run.open('task/v1')).toMatchObject({ due: '2020-06-23', moved: 13, late: false });
  });
});

describe('another interval', () => {
  test('the turn that has begun keeps its own; the next ones have the new one', () => {
    const run = campaign().until('2020-05-15');
    expect(every(run, '3d')).toBeNull();
    expect(turns(run)).toEqual(['2020-05-01..2020-05-10 due 2020-05-10', '2020-05-11..2020-05-20 due 2020-05-20']);
    run.until('2020-05-25');
    expect(turns(run).slice(2)).toEqual(['2020-05-21..2020-05-23 due 2020-05-23', '2020-05-24..2020-05-26 due 2020-05-26']);
    expect(every(run, '20d')).toBeNull();
    expect(amend(run, 'collection', null, '2020-06-20')).toBeNull();
    run.until('2020-06-17');
    expect(turns(run).slice(3)).toEqual([
      '2020-05-24..2020-05-26 due 2020-05-26',
      '2020-05-27..2020-06-15 due 2020-06-15',
      '2020-06-16..2020-06-20 due 2020-06-20',
    ]);
  });

  test('milestones ahead that the new interval no longer has are dropped; the present one stands', () => {
    const { monthly } = definition.milestones;
    const { tour } = definition.duties;
    if (!monthly || !tour) throw new Error('the definition has changed');
    const run = campaign(overlay({ milestones: { monthly: { ...monthly, every: tour.every } } })).until('2020-05-05');
    expect(run.state.milestones['monthly/v1@2020-05-11']?.status).toBe('ahead');
    expect(every(run, '15d')).toBeNull();
    expect(run.state.milestones['monthly/v1@2020-05-01']).toMatchObject({ status: 'ahead', due: '2020-05-10' });
    expect(run.state.milestones['monthly/v1@2020-05-11']).toMatchObject({ status: 'ahead', due: '2020-05-25' });
    expect(run.state.milestones['monthly/v1@2020-05-21']).toMatchObject({ status: 'dropped', judgeAt: null });
    expect(every(run, '10d')).toBeNull();
    expect(run.state.milestones['monthly/v1@2020-05-21']).toMatchObject({ status: 'ahead', due: '2020-05-30' });
  });
});

describe('a date that hangs on the due day of another duty', () => {
  const plan = 'plan/c' as ObligationId;
  /** The task is written before the plan on which it hangs. */
  const hanging = (due: string): Setting => {
    const task = duty('task', { due: date('due(plan) +10d') });
    return overlay({ duties: { task, plan: duty('plan', { due: date(due), checker: null }) } });
  };
  const remind = (run: Campaign): Refusal | null =>
    run.act(office, { kind: 'amendParameter', parameter: 'remindBefore', unit: null, value: '2d', reason: '县里决定' });
  const dues = (run: Campaign): readonly unknown[] => [run.open(plan)?.due, run.open('task/v1')?.due];

  test('follows it through an amendment, whichever is written first', () => {
    const run = campaign(hanging('end(collection) -10d')).until('2020-05-10');
    expect(dues(run)).toEqual(['2020-05-21', '2020-05-31']);
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    expect(dues(run)).toEqual(['2020-05-31', '2020-06-10']);
  });

  test('follows an extension, also when the other is done by then', () => {
    const run = campaign(hanging('05-15')).until('2020-05-10');
    expect(run.act(office, { kind: 'extend', obligation: plan, due: day('2020-05-20'), reason: '汛期' })).toBeNull();
    expect(dues(run)).toEqual(['2020-05-20', '2020-05-30']);
    const filing = [{ paper: 'filing', fields: { number: '1' }, file: null }];
    expect(run.done(bureau, plan, { evidence: filing })).toBeNull();
    expect(remind(run)).toBeNull();
    expect(dues(run)).toEqual([undefined, '2020-05-30']);
  });

  test('is moved once by a pause, and by none that held up the other alone', () => {
    const run = campaign(hanging('05-15')).until('2020-05-10');
    expect(run.act(office, { kind: 'suspend', obligation: plan, reason: '等文件' })).toBeNull();
    run.until('2020-05-13');
    expect(run.act(office, { kind: 'unsuspend', obligation: plan })).toBeNull();
    expect(remind(run)).toBeNull();
    expect(dues(run)).toEqual(['2020-05-18', '2020-05-25']);
    expect(run.act(office, { kind: 'pause', reason: '汛期' })).toBeNull();
    run.until('2020-05-17');
    expect(run.act(office, { kind: 'resume' })).toBeNull();
    expect(dues(run)).toEqual(['2020-05-22', '2020-05-29']);
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    expect(dues(run)).toEqual(['2020-05-22', '2020-05-29']);
  });
});

describe('a phase that is lengthened after it ended', () => {
  test('opens again; what hangs on its end is owed once, from the new end; the phase behind it begins later', () => {
    const run = campaign().until('2020-06-03');
    expect([run.state.phases['collection'], run.state.phases['stragglers']]).toEqual(['ended', 'open']);
    expect(run.open('bulletin/c@2020-06-01')).toMatchObject({ since: '2020-06-01', due: '2020-06-08' });
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    expect([run.state.phases['collection'], run.state.phases['stragglers']]).toEqual(['open', 'ahead']);
    expect(run.open('bulletin/c@2020-06-01')).toMatchObject({ since: '2020-06-11', due: '2020-06-18', dueVersion: 2 });
    run.until('2020-06-12');
    expect([run.state.phases['collection'], run.state.phases['stragglers']]).toEqual(['ended', 'open']);
    expect(owed(run, 'bulletin')).toEqual(['bulletin/c@2020-06-01']);
    expect(owed(run, 'sweep')).toEqual(['sweep/v1@2020-06-01', 'sweep/v2@2020-06-01']);
    run.until('2020-06-16');
    expect(days(run, 'bulletin/c@2020-06-01')).toEqual(['06-15']);
  });

  test('what hung on its end and is done is not owed anew', () => {
    const run = campaign().until('2020-06-02');
    expect(run.done(office, 'bulletin/c@2020-06-01')).toBeNull();
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    run.until('2020-06-30');
    expect(owed(run, 'bulletin')).toEqual([]);
    expect(run.row('bulletin/c@2020-06-01')?.status).toBe('done');
  });

  test('its deadlines that were reached stand, each extended by itself where the county wants it', () => {
    const run = campaign().until('2020-06-03');
    expect(amend(run, 'collection', null, '2020-06-10')).toBeNull();
    expect(run.open('task/v1')).toMatchObject({ due: '2020-05-31', late: true, dueVersion: 1 });
    const extend = { kind: 'extend', obligation: 'task/v1' as ObligationId, due: day('2020-06-10'), reason: '集中征缴延长' } as const;
    expect(run.act(office, extend)).toBeNull();
    expect(run.open('task/v1')).toMatchObject({ due: '2020-06-10', late: false, dueVersion: 2 });
  });

  test('for its last day alone, or twice: each time it ends once more and nothing is owed twice', () => {
    const run = campaign().until('2020-06-03');
    expect(amend(run, 'collection', null, '2020-06-03')).toBeNull();
    expect(run.state.phases['collection']).toBe('open');
    run.until('2020-06-05');
    expect(run.state.phases['collection']).toBe('ended');
    expect(amend(run, 'collection', null, '2020-06-20')).toBeNull();
    run.until('2020-06-22');
    expect(owed(run, 'bulletin')).toEqual(['bulletin/c@2020-06-01']);
    expect(run.open('bulletin/c@2020-06-01')).toMatchObject({ since: '2020-06-21', due: '2020-06-28' });
  });

  test('launched after it began or ended, what hangs on it is owed from that day, or waits for a mark', () => {
    const open = campaign(setting, '2020-06-03');
    expect(open.open('bulletin/c@2020-06-01')).toMatchObject({ status: 'open', since: '2020-06-01', due: '2020-06-08' });
    expect(owed(open, 'sweep')).toHaveLength(2);
    expect(campaign(setting, '2020-06-20').open('bulletin/c@2020-06-01')).toMatchObject({ status: 'beforeLaunch', due: '2020-06-08' });
  });
});

describe('amendments of phases that are refused', () => {
  const refused = (run: Campaign, phase: string, from: string | null, to: string | null): string | undefined => {
    const before = run.state;
    const found = amend(run, phase, from, to);
    if (found) expect(run.state).toBe(before);
    return found?.code;
  };

  test('a first day that has come, on the day itself too', () => {
    const run = campaign();
    expect(refused(run, 'collection', '2020-05-10', null)).toBe('phase-begun');
    expect(refused(run.until('2020-06-05'), 'closing', '2020-06-10', '2020-07-10')).toBe('phase-begun');
  });

  test('the first day as it is already is no change', () => {
    const run = campaign().until('2020-05-10');
    expect(refused(run, 'collection', '2020-05-01', '2020-06-10')).toBeUndefined();
    expect(run.state.amendments).toMatchObject([{ from: null, to: '2020-06-10' }]);
    expect(refused(run, 'collection', '2020-05-01', '2020-06-10')).toBe('nothing-amended');
    expect(refused(run, 'collection', null, null)).toBe('nothing-amended');
  });

  test('a last day before today, for the phase itself or for one that hangs on it', () => {
    const phases = withPhase('lists', '05-01', 'end(collection) -10d');
    const run = campaign(overlay({ phases })).until('2020-05-20');
    expect(refused(run, 'collection', null, '2020-05-19')).toBe('phase-reached');
    const before = run.state;
    const cut = amend(run, 'collection', null, '2020-05-25');
    expect(cut).toMatchObject({ code: 'phase-cut-short', params: { phase: 'lists', end: '2020-05-15', today: '2020-05-20' } });
    expect(run.state).toBe(before);
    expect(refused(run, 'collection', null, '2020-05-30')).toBeUndefined();
  });

  test('a parameter that would end a phase before today', () => {
    const { handWithin } = definition.parameters;
    if (!handWithin) throw new Error('the definition has changed');
    const parameters = { ...definition.parameters, lastDay: { ...handWithin, id: 'lastDay', type: 'date', value: '2020-06-30' } as const };
    const run = campaign(overlay({ parameters, phases: withPhase('closing', '05-01', '$lastDay') })).until('2020-05-20');
    const set = (value: string): Refusal | null =>
      run.act(office, { kind: 'amendParameter', parameter: 'lastDay', unit: null, value, reason: '县里决定' });
    expect(set('2020-05-19')?.code).toBe('phase-cut-short');
    expect(set('2020-06-10')).toBeNull();
    expect(run.open('wrapUp/c')?.due).toBe('2020-06-10');
  });

  test('days beyond the validity of the definition, and an end before the beginning', () => {
    const run = campaign().until('2020-05-10');
    expect(refused(run, 'closing', null, '2021-01-05')).toBe('phase-outside');
    expect(refused(run, 'stragglers', '2020-07-30', null)).toBe('phase-order');
    expect(refused(run, 'collection', null, '2020-07-25')).toBe('phase-order');
  });

  test('by whom no grant names', () => {
    const run = campaign().until('2020-05-10');
    const act = { kind: 'amendPhase', phase: 'collection', from: null, to: day('2020-06-10'), reason: '改' } as const;
    expect(run.act(cadre, act)?.code).toBe('not-granted');
    expect(run.act(bureau, act)?.code).toBe('not-granted');
  });
});
