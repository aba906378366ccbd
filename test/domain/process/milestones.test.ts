import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { stateCouncilCalendar } from '../../../domain/calendar/data/state-council.js';
import type { Definition } from '../../../domain/model/definition.js';
import type { Act } from '../../../domain/model/event.js';
import type { Refusal } from '../../../domain/model/effect.js';
import type { Digest, Moment, ObligationId, UnitId } from '../../../domain/model/ids.js';
import type { Calendar, Setting } from '../../../domain/model/setting.js';
import { Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const setting = settingOf(definition, units);
const office = actor('p1', ['office', 'c']);
const inspector = actor('p3', ['inspector', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const campaign = (on: Setting = setting, launch = '2020-05-01'): Campaign => new Campaign(on).launch(launch);
const overlay = (own: Partial<Definition>): Setting => settingOf({ ...definition, ...own }, units);

const days = (run: Campaign, id: string): readonly string[] => run.notices(id).map(({ sendAt }) => sendAt.slice(5, 10));

describe('milestones', () => {
  const figures = (paid: number) => ({ ['v1' as UnitId]: { paid }, ['v2' as UnitId]: { paid: 0 } });

  test('each period is judged after its grace, on what happened by its last day', () => {
    const asked: (string | null)[] = [];
    const run = new Campaign(setting, (by) => (asked.push(by), figures(12))).launch('2020-05-01').until('2020-06-02T23:59:59');
    expect(run.state.milestones['monthly/v1@2020-05']?.status).toBe('ahead');
    run.until('2020-06-03T00:00:00');
    expect(run.state.milestones['monthly/v1@2020-05']).toMatchObject({ status: 'judged', result: 'met', due: '2020-05-31' });
    expect(run.state.milestones['monthly/v2@2020-05']?.result).toBe('missed');
    expect(run.state.milestones['monthly/v1@2020-06']?.status).toBe('ahead');
    expect(asked.filter((by) => by !== null)).toEqual(['2020-05-31', '2020-05-31']);
    const measure = run.effects.find((effect) => effect.type === 'measure');
    expect(measure).toMatchObject({ recordedBefore: '2020-06-03T00:00:00', needed: ['paid'] });
  });

  test('met sets a flag; missed waits for the inspector, goes out when released and asks for a reply that is checked', () => {
    const run = new Campaign(setting, () => figures(12)).launch('2020-05-01').until('2020-06-03T12:00:00');
    expect(run.effects.filter((effect) => effect.type === 'flag')).toMatchObject([
      { report: 'progress', unit: 'v1', about: 'monthly/v1@2020-05' },
    ]);
    const proposal = Object.keys(run.state.open['~confirm'] ?? {}).find((id) => id.includes('monthly/v2'));
    expect(run.act(inspector, { kind: 'release', obligation: proposal as ObligationId })).toBeNull();
    expect(run.notices().filter(({ id }) => id.startsWith('monthly/v2'))).toMatchObject([
      { text: 'order', to: [{ role: 'cadre', unit: 'v2' }] },
    ]);
    expect(
      Object.values(run.state.open['~reply'] ?? {}).filter(({ origin }) => origin.kind === 'reply' && origin.of === 'monthly/v2@2020-05'),
    ).toMatchObject([{ owes: ['cadre'], unit: 'v2', due: '2020-06-08' }]);
  });

  test('what a milestone says goes out at notice time, not at midnight', () => {
    const run = campaign().until('2020-05-21T12:00:00');
    expect(run.state.milestones['planned/c']?.result).toBe('missed');
    expect(run.notices().find(({ id }) => id.startsWith('planned/c'))?.sendAt).toBe('2020-05-21T08:30:00');
  });

  test('a corrected snapshot is judged again under a new version', () => {
    let paid = 9;
    const run = new Campaign(setting, () => figures(paid)).launch('2020-05-01').until('2020-06-03T12:00:00');
    const correct = (who: typeof office, reason: string): Refusal | null =>
      run.act(who, { kind: 'correctSnapshot', milestone: 'monthly/v1@2020-05', reason });
    paid = 10;
    expect(correct(office, '补录')?.code).toBe('not-granted');
    expect(correct(inspector, '')?.code).toBe('reason-missing');
    expect(correct(inspector, '漏录一笔')).toBeNull();
    expect(run.state.milestones['monthly/v1@2020-05']).toMatchObject({ result: 'met', version: 2 });
    expect(run.act(inspector, { kind: 'correctSnapshot', milestone: 'monthly/v1@2020-06', reason: '早了' })?.code).toBe(
      'milestone-not-reached',
    );
  });
});

describe('units that end', () => {
  const ended = { to: day('2020-06-09'), successors: ['v3' as UnitId] };
  const merged = settingOf(definition, [
    ...units.map((one) => (one.level === 'village' ? { ...one, ...ended } : one)),
    { ...unit('v3', 'village', 'c'), from: day('2020-06-10') },
  ]);

  test('two villages merge into a third: what is ahead is judged for the third only, and what was judged before stays theirs', () => {
    const run = campaign().until('2020-06-10T08:00:00');
    const judged = run.state.milestones['monthly/v1@2020-05'];
    expect(judged?.status).toBe('judged');
    const after = new Campaign(merged, () => ({ ['v3' as UnitId]: { paid: 12 } }));
    after.state = run.state;
    const changed = { type: 'settingChanged', at: '2020-06-10T10:00:00' as Moment, setting: 'e'.repeat(64) as Digest } as const;
    after.take({ ...changed, what: 'units', by: office.user, reason: '合村并居' });
    after.until('2020-07-03T12:00:00');
    expect(after.state.milestones['monthly/v1@2020-05']).toEqual(judged);
    expect(after.state.milestones['monthly/v1@2020-06']).toMatchObject({ status: 'dropped', result: null });
    expect(after.state.milestones['monthly/v3@2020-06']).toMatchObject({ status: 'judged', result: 'met' });
    expect(after.state.milestones['monthly/v3@2020-05']).toBeUndefined();
    const about = after.effects.flatMap((effect) =>
      effect.type === 'milestone' && effect.milestone.status === 'judged' ? [effect.key] : [],
    );
    expect(about).toEqual(['monthly/v3@2020-06']);
    const asked = { kind: 'correctSnapshot', milestone: 'monthly/v1@2020-06', reason: '补录' } as const;
    expect(after.act(inspector, asked)?.code).toBe('wrong-state');
  });
});

describe('the calendar', () => {
  const without = (calendar: Calendar, ...years: readonly string[]): Calendar => ({
    ...calendar,
    years: Object.fromEntries(Object.entries(calendar.years).filter(([year]) => !years.includes(year))),
  });
  const amended = (run: Campaign, calendar: Calendar): Campaign => {
    const after = new Campaign({ ...run.setting, calendar });
    after.state = run.state;
    after.take({
      type: 'settingChanged',
      at: run.state.now,
      setting: 'e'.repeat(64) as never,
      what: 'calendar',
      by: 'p1' as never,
      reason: '国务院通知',
    });
    return after;
  };

  test('a year without data: a date in working days waits and says so; with the data it is projected', () => {
    const none = { ...setting, calendar: without(stateCouncilCalendar, '2020') };
    const run = new Campaign(none).launch('2020-05-01').until('2020-05-04');
    expect(run.open('visit/v1@2020-05')).toMatchObject({ status: 'waiting', due: null, waitsFor: 'calendar(2020)' });
    expect(run.open('plan/c')).toMatchObject({ status: 'open', due: '2020-05-15' });
    const after = amended(run, stateCouncilCalendar);
    expect(after.open('visit/v1@2020-05')).toMatchObject({ status: 'open', due: '2020-06-02', waitsFor: null });
    expect(after.wakeAt).toBe('2020-05-07T08:30:00');
  });

  test('a make-up day announced later moves what is open; what is reached stands', () => {
    const run = campaign().until('2020-05-20');
    const more: Calendar = {
      ...stateCouncilCalendar,
      years: {
        ...stateCouncilCalendar.years,
        '2020': {
          source: 'test',
          off: [...(stateCouncilCalendar.years['2020']?.off ?? []), day('2020-06-01')],
          work: stateCouncilCalendar.years['2020']?.work ?? [],
        },
      },
    };
    const after = amended(run, more);
    expect(after.open('visit/v1@2020-05')).toMatchObject({ due: '2020-06-03', dueVersion: 2 });
    expect(after.open('plan/c')).toMatchObject({ due: '2020-05-15', dueVersion: 1 });
  });

  test('a milestone whose day waited for the calendar is set when the data come', () => {
    const planned = { ...definition.milestones['planned'], due: definition.duties['visit']?.due } as NonNullable<
      Definition['milestones'][string]
    >;
    const later = { ...planned, due: { ...planned.due, anchor: { kind: 'date', date: day('2020-05-15') } } } as typeof planned;
    const on = { ...overlay({ milestones: { planned: later } }), calendar: without(stateCouncilCalendar, '2020') };
    const run = new Campaign(on).launch('2020-05-01');
    expect(run.state.milestones).toEqual({});
    expect(amended(run, stateCouncilCalendar).state.milestones).toMatchObject({ 'planned/c': { status: 'ahead', due: '2020-05-19' } });
  });

  test('a rung in working days of a year without data stays silent instead of stopping the campaign', () => {
    const rungs = (definition.ladders['main']?.rungs ?? []).map((rung, i) =>
      i === 2 ? { ...rung, at: { kind: 'fixed', n: 3, unit: 'wd' } as const } : rung,
    );
    const on = {
      ...overlay({ ladders: { main: { ...definition.ladders['main'], rungs } as NonNullable<Definition['ladders'][string]> } }),
      calendar: without(stateCouncilCalendar, '2020'),
    };
    const run = new Campaign(on).launch('2020-05-01').until('2020-05-20');
    expect(days(run, 'plan/c')).toEqual(['05-12', '05-16']);
    const after = amended(run, stateCouncilCalendar).until('2020-05-21');
    expect(after.notices('plan/c').map(({ rung }) => rung)).toEqual(['2']);
  });
});

describe('duties that recur', () => {
  test('launched in the middle: periods whose day has passed wait for a mark, the present one is owed', () => {
    const run = campaign(setting, '2020-07-20');
    expect(run.open('visit/v1@2020-05')?.status).toBe('beforeLaunch');
    expect(run.open('visit/v1@2020-06')?.status).toBe('beforeLaunch');
    expect(run.open('visit/v1@2020-07')).toMatchObject({ status: 'open', due: '2020-08-04' });
    expect(run.state.milestones['monthly/v1@2020-06']?.status).toBe('beforeLaunch');
    expect(run.state.milestones['monthly/v1@2020-07']?.status).toBe('ahead');
    const judge: Act = { kind: 'judge', milestone: 'monthly/v1@2020-06' };
    expect(run.act(cadre, judge)?.code).toBe('not-granted');
    expect(run.act(office, judge)).toBeNull();
    expect(run.state.milestones['monthly/v1@2020-06']?.status).toBe('judged');
  });

  test('nil is a signed answer, silence is late', () => {
    const run = campaign().until('2020-06-01');
    expect(run.done(cadre, 'visit/v1@2020-05', { nil: true })).toBeNull();
    run.until('2020-06-03T00:00:00');
    expect([run.row('visit/v1@2020-05')?.status, run.open('visit/v2@2020-05')?.late]).toEqual(['done', true]);
  });

  test('a definition without end goes on opening its periods year after year', () => {
    const run = campaign(overlay({ to: null, milestones: {} })).until('2022-03-02');
    expect(run.open('visit/v1@2022-03')).toMatchObject({ status: 'open', due: '2022-04-02' });
    expect(Object.keys(run.state.open['visit'] ?? {})).toHaveLength(46);
    expect(run.state.status).toBe('running');
    expect(run.state.periods['visit']).toBe('2022-04-01');
  });
});
