import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parseDateExpr } from '../../../domain/calendar/date-expr.js';
import type { DateExpr, Definition } from '../../../domain/model/definition.js';
import type { Act } from '../../../domain/model/event.js';
import type { ObligationId } from '../../../domain/model/ids.js';
import type { MilestoneState } from '../../../domain/model/state.js';
import type { Setting } from '../../../domain/model/setting.js';
import { Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const setting = settingOf(definition, units);
const office = actor('p1', ['office', 'c']);
const bureau = actor('p2', ['bureau', 'c']);
const inspector = actor('p3', ['inspector', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const filing = { evidence: [{ paper: 'filing', fields: { number: '1' }, file: null }] };
const campaign = (on: Setting = setting): Campaign => new Campaign(on).launch('2020-05-01');
const overlay = (own: Partial<Definition>): Setting => settingOf({ ...definition, ...own }, units);
const date = (text: string): DateExpr => {
  const parsed = parseDateExpr(text);
  if (!parsed.ok) throw new Error(`no date: ${text}`);
  return parsed.expr;
};

/** The milestone of the county with another date, asking for nothing else. */
const plannedBy = (due: string, own: Partial<Definition['milestones'][string]> = {}): Setting => {
  const { planned } = definition.milestones;
  if (!planned) throw new Error('the definition has changed');
  return overlay({ milestones: { planned: { ...planned, due: date(due), needs: [], ...own } } });
};
const planned = (run: Campaign): MilestoneState | undefined => run.state.milestones['planned/c'];
const summed = (run: Campaign): MilestoneState | undefined => run.state.milestones['summed/c'];
const first = (run: Campaign, kind: string): ObligationId => Object.keys(run.state.open[`~${kind}`] ?? {})[0] as ObligationId;
const strike = (run: Campaign): void => expect(run.act(inspector, { kind: 'strike', obligation: first(run, 'check') })).toBeNull();
const lengthened: Act = { kind: 'amendPhase', phase: 'collection', from: null, to: day('2020-06-10'), reason: '县里决定' };

describe('a milestone whose date hangs on a duty being done', () => {
  test('is set when it is done, from the day on which it was done, and judged', () => {
    const run = campaign().until('2020-05-13');
    expect(summed(run)).toBeUndefined();
    run.done(bureau, 'plan/c', filing);
    expect(summed(run)).toBeUndefined();
    run.until('2020-05-18');
    strike(run);
    expect(summed(run)).toMatchObject({ status: 'ahead', due: '2020-05-23', judgeAt: '2020-05-24T00:00:00' });
    expect(run.done(office, 'summary/c')).toBeNull();
    run.until('2020-05-25');
    expect(summed(run)).toMatchObject({ status: 'judged', result: 'met' });
  });

  test('what is sent back was not done: an amendment meanwhile sets nothing either', () => {
    const run = campaign().until('2020-05-13');
    run.done(bureau, 'plan/c', filing);
    expect(run.act(office, lengthened)).toBeNull();
    expect([summed(run), run.open('summary/c')?.status]).toEqual([undefined, 'waiting']);
    expect(run.act(inspector, { kind: 'sendBack', obligation: first(run, 'check'), reason: '编号不符' })).toBeNull();
    run.until('2020-05-15');
    run.done(bureau, 'plan/c', filing);
    strike(run);
    expect(summed(run)?.due).toBe('2020-05-25');
    expect(run.open('summary/c')).toMatchObject({ status: 'open', due: '2020-05-22' });
  });

  test('of several units the last one counts, also when that one is waived', () => {
    const run = campaign(plannedBy('done(task) +5d')).until('2020-05-20');
    expect(run.done(cadre, 'task/v1')).toBeNull();
    expect(planned(run)).toBeUndefined();
    run.until('2020-05-22');
    expect(run.act(office, { kind: 'waive', obligation: 'task/v2' as ObligationId, reason: '无人参保' })).toBeNull();
    const waiver = Object.keys(run.state.open['~confirm'] ?? {}).find((id) => id.includes('task/v2')) as ObligationId;
    expect(run.act(inspector, { kind: 'release', obligation: waiver })).toBeNull();
    expect(planned(run)).toMatchObject({ status: 'ahead', due: '2020-05-25' });
  });

  test('done in another period it moves while it is ahead; reached it stands', () => {
    const run = campaign(plannedBy('done(tour) +15d')).until('2020-05-05');
    run.done(bureau, 'tour/c@2020-05-01');
    expect(planned(run)).toMatchObject({ status: 'ahead', due: '2020-05-20' });
    run.until('2020-05-12');
    run.done(bureau, 'tour/c@2020-05-11');
    expect(planned(run)).toMatchObject({ status: 'ahead', due: '2020-05-27' });
    run.until('2020-05-29');
    run.done(bureau, 'tour/c@2020-05-21');
    expect(planned(run)).toMatchObject({ status: 'judged', due: '2020-05-27' });
  });

  test('done long before it was recorded, it is judged at once, by its own day', () => {
    const run = campaign(plannedBy('done(task) +5d', { per: 'village', needs: ['meeting'] })).until('2020-05-20');
    expect(run.done(cadre, 'task/v1', { on: day('2020-05-10') })).toBeNull();
    expect(run.state.milestones['planned/v1']).toMatchObject({ status: 'judged', due: '2020-05-15', result: 'missed' });
    expect(run.state.milestones['planned/v2']).toBeUndefined();
  });

  test('a phase that begins when it is done opens then, with what is owed and recurs in it', () => {
    const { closing } = definition.phases;
    const { visit, wrapUp } = definition.duties;
    if (!closing || !visit || !wrapUp) throw new Error('the definition has changed');
    const on = overlay({
      phases: { ...definition.phases, closing: { ...closing, from: date('done(plan) +1d') } },
      duties: { ...definition.duties, visit: { ...visit, during: 'closing' }, wrapUp: { ...wrapUp, due: date('start(closing) +9d') } },
    });
    const run = campaign(on).until('2020-05-13');
    expect(run.state.phases['closing']).toBe('ahead');
    expect(run.open('wrapUp/c')).toMatchObject({ status: 'waiting', waitsFor: 'done(plan)' });
    run.done(bureau, 'plan/c', filing);
    strike(run);
    expect(run.open('wrapUp/c')).toMatchObject({ status: 'open', due: '2020-05-23' });
    run.until('2020-05-14T12:00:00');
    expect(run.state.phases['closing']).toBe('open');
    expect(Object.keys(run.state.open['visit'] ?? {})).toEqual(['visit/v1@2020-05', 'visit/v2@2020-05']);
  });
});

describe('a milestone whose date is amended', () => {
  test('moves while it is ahead, but not to before the day of the amendment', () => {
    const run = campaign(plannedBy('end(collection) -5d')).until('2020-05-20');
    expect(run.act(office, lengthened)).toBeNull();
    expect(planned(run)).toMatchObject({ status: 'ahead', due: '2020-06-05' });
    expect(run.act(office, { ...lengthened, to: day('2020-05-22') })).toBeNull();
    expect(planned(run)).toMatchObject({ status: 'ahead', due: '2020-05-20', judgeAt: '2020-05-21T00:00:00' });
  });

  test('stands once its day was reached, though its grace still runs', () => {
    const run = campaign(plannedBy('end(collection)', { grace: { kind: 'fixed', n: 3, unit: 'd' }, needs: ['plan'] })).until('2020-06-02');
    expect(run.act(office, lengthened)).toBeNull();
    expect(planned(run)).toMatchObject({ status: 'ahead', due: '2020-05-31', judgeAt: '2020-06-04T00:00:00' });
    run.until('2020-06-05');
    expect(planned(run)).toMatchObject({ status: 'judged', due: '2020-05-31', result: 'missed' });
  });
});
