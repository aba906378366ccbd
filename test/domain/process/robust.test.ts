import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Definition, Duty } from '../../../domain/model/definition.js';
import type { UnitFact } from '../../../domain/model/event.js';
import type { ObligationId, UnitId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

/** What once stopped a campaign, looped it or gave the wrong answer. */
const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const office = actor('p1', ['office', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const duty = (id: string): Duty => {
  const found = definition.duties[id];
  if (!found) throw new Error(`no duty ${id}`);
  return found;
};
const overlay = (own: Partial<Definition>, on = units): Setting => settingOf({ ...definition, ...own }, on);
const campaign = (on: Setting): Campaign => new Campaign(on).launch('2020-05-01');
const paid = (on: string): UnitFact => ({ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: null, on: day(on), amount: 100 });

describe('a campaign never stops or loops', () => {
  test('a recurring duty after an event, in a phase that has no days yet, waits for the phase', () => {
    const later = { ...Object.values(definition.phases)[0], id: 'later', from: null, to: null, runs: 'later', needs: [] };
    const visit: Duty = {
      ...duty('task'),
      id: 'visit',
      every: { kind: 'month' },
      after: ['payment.collected'],
      during: 'later',
      needs: [],
      wants: [],
      doneIf: null,
    };
    const run = campaign(overlay({ phases: { ...definition.phases, later: later as never }, duties: { visit } })).until('2020-05-10');
    run.facts([paid('2020-05-10')]).until('2020-06-10');
    expect(run.state.open['visit'] ?? {}).toEqual({});
    expect(run.state.now).toBe('2020-06-10T09:00:00');
  });

  test('a rhythm that is over is not owed by a village that joins later', () => {
    const weekly: Duty = {
      ...duty('task'),
      id: 'weekly',
      every: { kind: 'distance', distance: { kind: 'fixed', n: 7, unit: 'd' } },
      during: 'collection',
      due: at('since'),
      needs: [],
      wants: [],
      doneIf: null,
      after: [],
    };
    const monthly: Duty = { ...weekly, id: 'monthly', every: { kind: 'month' }, during: null };
    const run = campaign(overlay({ duties: { weekly, monthly } })).until('2020-06-15');
    const joined = new Campaign(overlay({ duties: { weekly, monthly } }, [...units, unit('v3', 'village', 'c')]));
    joined.state = run.state;
    joined.take({
      type: 'settingChanged',
      at: '2020-06-15T10:00:00' as never,
      setting: 'e'.repeat(64) as never,
      what: 'units',
      by: 'p1' as never,
      reason: '新设村',
    });
    joined.until('2020-07-02');
    expect(Object.keys(joined.state.open['weekly'] ?? {}).filter((id) => id.includes('v3'))).toEqual([]);
    expect(Object.keys(joined.state.open['monthly'] ?? {}).filter((id) => id.includes('v3'))).toContain('monthly/v3@2020-07');
  });

  test('an extension beyond the days that can be reckoned is refused, not an incident', () => {
    const run = campaign(overlay({})).until('2020-05-05');
    const before = run.state;
    const refusal = run.act(office, { kind: 'extend', obligation: 'plan/c' as ObligationId, due: '9999-12-31' as never, reason: '长期' });
    expect(refusal?.code).toBe('date-impossible');
    expect(run.state).toBe(before);
  });
});

const at = (text: 'since') => ({ text, anchor: { kind: text }, distances: [], roll: 'none' as const, outside: false });

describe('who may act for all', () => {
  const grant = {
    ...Object.values(definition.may)[0],
    id: 'pause',
    title: '',
    clause: [],
    readings: [],
    of: [],
    effect: null,
    evidence: [],
    most: null,
    confirm: null,
    asks: [],
  };

  test('a village cannot pause the campaign of the county, whatever it is granted', () => {
    const run = campaign(overlay({ may: { ...definition.may, pause: { ...grant, by: ['cadre'] } as never } })).until('2020-05-05');
    expect(run.act(cadre, { kind: 'pause', reason: '停' })?.code).toBe('not-granted');
    expect(run.state.status).toBe('running');
  });

  test('a grant for one duty does not reach the replies about another', () => {
    const granted = overlay({ may: { ...definition.may, waive: { ...grant, id: 'waive', by: ['cadre'], of: ['visit'] } as never } });
    const run = campaign(granted).until('2020-06-10');
    const reply = Object.keys(run.state.open['~reply'] ?? {}).find((id) => id.includes('task/v1'));
    expect(reply).toBeDefined();
    expect(run.act(cadre, { kind: 'waive', obligation: reply as ObligationId, reason: '免' })?.code).toBe('never-granted');
  });
});

describe('figures asked again', () => {
  test('a corrected snapshot counts what was recorded until the correction', () => {
    const milestone = Object.values(definition.milestones).find(({ reach }) => reach !== null);
    if (!milestone) throw new Error('no milestone with a figure');
    const correct = {
      ...definition.may,
      correctSnapshot: { ...Object.values(definition.may)[0], id: 'correctSnapshot', by: ['office'], of: [], confirm: null } as never,
    };
    const run = campaign(overlay({ may: correct })).until('2020-09-01');
    const key = Object.keys(run.state.milestones).find(
      (one) => one.startsWith(`${milestone.id}/`) && run.state.milestones[one]?.status === 'judged',
    );
    expect(key).toBeDefined();
    const asked = () => run.effects.flatMap((effect) => (effect.type === 'measure' && effect.key === key ? [effect.recordedBefore] : []));
    const first = asked().at(-1) ?? '';
    expect(run.act(office, { kind: 'correctSnapshot', milestone: String(key), reason: '补录到账' })).toBeNull();
    expect(asked().at(-1)).toBe('2020-09-01T09:00:01');
    expect(first < '2020-09-01').toBe(true);
    expect(run.state.milestones[String(key)]?.version).toBe(2);
  });
});
