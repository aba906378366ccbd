import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { renderText } from '../../../activities/notify/render.js';
import type { Definition } from '../../../domain/model/definition.js';
import type { Refusal } from '../../../domain/model/effect.js';
import type { LocalDate, ObligationId, UnitId } from '../../../domain/model/ids.js';
import type { Setting } from '../../../domain/model/setting.js';
import { Campaign, actor, at, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
const units = [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')];
const setting = settingOf(definition, units);
const office = actor('p1', ['office', 'c']);
const bureau = actor('p2', ['bureau', 'c']);
const inspector = actor('p3', ['inspector', 'c']);
const cadre = actor('p4', ['cadre', 'v1']);
const campaign = (on: Setting = setting, launch = '2020-05-01'): Campaign => new Campaign(on).launch(launch);
const overlay = (own: Partial<Definition>): Setting => settingOf({ ...definition, ...own }, units);

const suspend = (run: Campaign, id: string): Refusal | null =>
  run.act(office, { kind: 'suspend', obligation: id as ObligationId, reason: '汛期停工' });
const unsuspend = (run: Campaign, id: string): Refusal | null => run.act(office, { kind: 'unsuspend', obligation: id as ObligationId });
const amendPhase = (run: Campaign, phase: string, from: string | null, to: string | null): Refusal | null =>
  run.act(office, { kind: 'amendPhase', phase, from: from as LocalDate | null, to: to as LocalDate | null, reason: '县里决定' });
const amendParameter = (run: Campaign, parameter: string, value: string | number, place: string | null = null): Refusal | null =>
  run.act(office, { kind: 'amendParameter', parameter, unit: place as UnitId | null, value, reason: '县里决定' });
const days = (run: Campaign, id: string): readonly string[] => run.notices(id).map(({ sendAt }) => sendAt.slice(5, 10));

describe('the clock of one obligation', () => {
  test('suspended it urges nobody; resumed its day moves by the days lost and the ladder goes on', () => {
    const run = campaign().until('2020-05-08');
    expect(suspend(run, 'plan/c')).toBeNull();
    expect(run.open('plan/c')).toMatchObject({ nextAt: null, suspended: { since: '2020-05-08', reason: '汛期停工' } });
    run.until('2020-05-28');
    expect(days(run, 'plan/c')).toEqual([]);
    expect(unsuspend(run, 'plan/c')).toBeNull();
    expect(run.open('plan/c')).toMatchObject({ due: '2020-06-04', suspended: null, late: false });
    run.until('2020-06-06');
    expect(days(run, 'plan/c')).toEqual(['06-01', '06-05']);
  });

  test('a day given for what was due before the launch stands, and is no extension yet', () => {
    const extend = definition.may['extend'];
    if (!extend) throw new Error('the definition grants no extension');
    const run = campaign(overlay({ may: { ...definition.may, extend: { ...extend, most: 1 } } }), '2020-05-20');
    const id = 'plan/c' as ObligationId;
    expect(run.act(office, { kind: 'markBeforeLaunch', obligation: id, mark: { as: 'stillOwed', due: day('2020-06-20') } })).toBeNull();
    expect(amendPhase(run, 'collection', null, '2020-07-15')).toBeNull();
    expect(run.open('plan/c')).toMatchObject({ status: 'open', due: '2020-06-20', extended: 0 });
    const later = (due: string) => run.act(office, { kind: 'extend', obligation: id, due: day(due), reason: '汛期' });
    expect(later('2020-06-25')).toBeNull();
    expect(later('2020-06-30')?.code).toBe('too-often');
  });

  test('suspended twice, or resumed without being suspended: refused; a reason is needed', () => {
    const run = campaign().until('2020-05-08');
    expect(unsuspend(run, 'plan/c')?.code).toBe('wrong-state');
    expect(run.act(office, { kind: 'suspend', obligation: 'plan/c' as ObligationId, reason: '' })?.code).toBe('reason-missing');
    suspend(run, 'plan/c');
    expect(suspend(run, 'plan/c')?.code).toBe('wrong-state');
    expect(run.act(cadre, { kind: 'unsuspend', obligation: 'plan/c' as ObligationId })?.code).toBe('not-granted');
  });

  test('one part of a joint duty leaves the clock of the other suspended', () => {
    const run = campaign().until('2020-05-08');
    suspend(run, 'meeting/c');
    expect(run.done(office, 'meeting/c', { items: ['notice', 'minutes'] })).toBeNull();
    expect(run.open('meeting/c')?.suspended).not.toBeNull();
    run.until('2020-05-30');
    expect(days(run, 'meeting/c')).toEqual([]);
    expect(run.done(bureau, 'meeting/c', { items: ['notice', 'minutes'] })).toBeNull();
    expect(run.row('meeting/c')).toMatchObject({ status: 'done', closed: { daysLate: 0 } });
  });

  test('a later amendment does not take back the days lost', () => {
    const run = campaign().until('2020-05-08');
    suspend(run, 'task/v1');
    run.until('2020-05-18');
    unsuspend(run, 'task/v1');
    expect(run.open('task/v1')?.due).toBe('2020-06-10');
    expect(amendParameter(run, 'remindBefore', '2d')).toBeNull();
    expect(run.open('task/v1')?.due).toBe('2020-06-10');
    expect(amendPhase(run, 'collection', null, '2020-06-05')).toBeNull();
    expect([run.open('task/v1')?.due, run.open('task/v2')?.due]).toEqual(['2020-06-15', '2020-06-05']);
  });

  test('an extension of what stands over money held outlives the next payment', () => {
    const run = campaign().until('2020-05-10');
    const paid = (moment: string): void =>
      void run.facts(
        [{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day(moment), amount: 20_000 }],
        at(moment),
      );
    paid('2020-05-10');
    const [id = ''] = Object.keys(run.state.open['hand'] ?? {});
    expect(run.open(id)?.due).toBe('2020-05-15');
    expect(run.act(office, { kind: 'extend', obligation: id as ObligationId, due: day('2020-05-25'), reason: '银行停业' })).toBeNull();
    paid('2020-05-12');
    expect(run.open(id)).toMatchObject({ due: '2020-05-25', dueVersion: 2 });
    run.facts(
      [{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day('2020-05-13'), amount: 90_000 }],
      at('2020-05-13'),
    );
    expect(run.open(id)?.due).toBe('2020-05-13');
  });
});

describe('a campaign that stands still or is over', () => {
  const confirmed = overlay({
    may: { ...definition.may, pause: { ...definition.may['pause'], confirm: 'inspector' } as NonNullable<Definition['may'][string]> },
  });

  test('what began during the pause moves only by its own days', () => {
    const run = campaign().until('2020-05-10');
    run.act(office, { kind: 'pause', reason: '汛期' });
    run.facts(
      [{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day('2020-05-18'), amount: 20_000 }],
      at('2020-05-18'),
    );
    run.until('2020-05-20');
    run.act(office, { kind: 'resume' });
    const [id = ''] = Object.keys(run.state.open['hand'] ?? {});
    expect([run.open(id)?.due, run.open('task/v1')?.due]).toEqual(['2020-05-25', '2020-06-10']);
  });

  test('a pause that two persons made is ended by two persons', () => {
    const run = campaign(confirmed).until('2020-05-10');
    const release = (who = inspector): Refusal | null =>
      run.act(who, { kind: 'release', obligation: Object.keys(run.state.open['~confirm'] ?? {})[0] as ObligationId });
    expect(run.act(office, { kind: 'pause', reason: '汛期' })).toBeNull();
    expect(run.state.status).toBe('running');
    expect(release()).toBeNull();
    expect(run.state.status).toBe('paused');
    run.until('2020-05-20');
    expect(run.act(office, { kind: 'resume' })).toBeNull();
    expect(release(office)?.code).toBe('not-yours');
    expect(release()).toBeNull();
    expect(run.state.status).toBe('running');
    expect(run.open('task/v1')?.due).toBe('2020-06-10');
  });

  test('money that comes after the stop is counted in and asks nobody for anything', () => {
    const run = campaign().until('2020-05-10');
    run.act(office, { kind: 'stop', reason: '另行部署' });
    run.facts(
      [{ kind: 'payment.collected', unit: 'v1' as UnitId, insurance: 'pension', on: day('2020-05-11'), amount: 20_000 }],
      at('2020-05-11'),
    );
    expect(run.state.factsUpTo).toBe(1);
    expect(Object.values(run.state.open).flatMap((shelf) => Object.values(shelf))).toEqual([]);
  });

  test('it ends by itself when its last day has passed and nothing is owed', () => {
    const small = overlay({
      to: day('2020-05-31'),
      milestones: {},
      duties: { task: { ...definition.duties['task'], doneIf: null } as NonNullable<Definition['duties'][string]> },
    });
    const run = campaign(small).until('2020-05-20');
    run.done(cadre, 'task/v1');
    run.until('2020-06-02');
    expect(run.state.status).toBe('running');
    expect(run.done(actor('p5', ['cadre', 'v2']), 'task/v2')).toBeNull();
    expect(run.state.status).toBe('ended');
    expect(run.wakeAt).toBeNull();
  });
});

describe('amendments while it runs', () => {
  test('a phase that ends later moves what is open and ahead; what is reached stands', () => {
    const run = campaign().until('2020-05-20');
    run.done(cadre, 'task/v1');
    expect(amendPhase(run, 'collection', null, '2020-06-10')).toBeNull();
    expect(run.open('task/v2')).toMatchObject({ due: '2020-06-10', dueVersion: 2, fired: [] });
    expect(run.row('task/v1')).toMatchObject({ status: 'done', due: '2020-05-31' });
    expect(run.open('plan/c')).toMatchObject({ due: '2020-05-15', late: true });
    expect(run.state.amendments).toMatchObject([{ kind: 'phase', phase: 'collection', to: '2020-06-10', by: 'p1', reason: '县里决定' }]);
    run.until('2020-06-11T12:00:00');
    expect(days(run, 'task/v2')).toEqual(['06-08', '06-11']);
  });

  test('an overdue obligation keeps its day when the phase is lengthened', () => {
    const run = campaign().until('2020-06-02');
    expect(amendPhase(run, 'collection', null, '2020-06-10')).toBeNull();
    expect(run.open('task/v1')).toMatchObject({ due: '2020-05-31', late: true, dueVersion: 1 });
  });

  test('days that have passed, phases back to front, no reason, no grant: refused and unchanged', () => {
    const run = campaign().until('2020-06-05');
    const before = run.state;
    expect(amendPhase(run, 'closing', '2020-06-10', null)?.code).toBe('phase-begun');
    expect(amendPhase(run, 'closing', null, '2020-06-04')?.code).toBe('phase-reached');
    expect(amendPhase(run, 'closing', '2020-07-10', '2020-07-01')?.code).toBe('phase-order');
    expect(amendPhase(run, 'nowhere', null, '2020-07-01')?.code).toBe('unknown-phase');
    expect(run.act(office, { kind: 'amendPhase', phase: 'closing', from: null, to: day('2020-07-10'), reason: ' ' })?.code).toBe(
      'reason-missing',
    );
    expect(run.act(cadre, { kind: 'amendPhase', phase: 'closing', from: null, to: day('2020-07-10'), reason: '改' })?.code).toBe(
      'not-granted',
    );
    expect(run.state).toBe(before);
  });

  test('a longer phase has further periods of what recurs in it; the ones that are over are not owed anew', () => {
    const visit = { ...definition.duties['visit'], during: 'collection', due: definition.duties['task']?.due } as NonNullable<
      Definition['duties'][string]
    >;
    const run = campaign(overlay({ duties: { visit } })).until('2020-05-20');
    expect(run.done(cadre, 'visit/v1@2020-05', { nil: true })).toBeNull();
    expect(run.state.periods).toEqual({ visit: '9999-12-31' });
    expect(amendPhase(run, 'collection', null, '2020-07-15')).toBeNull();
    expect(run.state.periods).toEqual({ visit: '2020-06-01' });
    run.until('2020-07-02');
    expect(Object.keys(run.state.open['visit'] ?? {}).sort()).toEqual([
      'visit/v1@2020-06',
      'visit/v1@2020-07',
      'visit/v2@2020-05',
      'visit/v2@2020-06',
      'visit/v2@2020-07',
    ]);
  });

  test('a parameter moves the rungs that are ahead, for all or for one unit', () => {
    const run = campaign().until('2020-05-10');
    expect(amendParameter(run, 'remindBefore', '10d', 'v1')).toBeNull();
    run.until('2020-05-29');
    expect([days(run, 'task/v1'), days(run, 'task/v2')]).toEqual([['05-21'], ['05-28']]);
  });

  test('a notice prints a parameter as it is for its unit when it is sent: amended, and the unit’s own', () => {
    const noted = definition.texts['noted'];
    const handLimit = definition.parameters['handLimit'];
    if (!noted || !handLimit) throw new Error('the definition has changed');
    const text = { ...noted, say: { zh: '{unit}：提前{remindBefore}提醒，限额{handLimit}元。', en: null } };
    const on = overlay({
      texts: { ...definition.texts, noted: text },
      parameters: { ...definition.parameters, handLimit: { ...handLimit, per: 'village' } },
    });
    const run = campaign(on).until('2020-05-10');
    expect(amendParameter(run, 'remindBefore', '4d')).toBeNull();
    expect(amendParameter(run, 'handLimit', 150_050, 'v1')).toBeNull();
    run.until('2020-05-28');
    const printed = (village: string) =>
      run.notices(`task/${village}`).map(({ fields, to }) => renderText(on, text, fields, to[0]?.role ?? '', 'zh'));
    expect(printed('v1')).toEqual(['v1：提前4d提醒，限额1500.50元。']);
    expect(printed('v2')).toEqual(['v2：提前4d提醒，限额1000.00元。']);
    expect(run.notices('task/v2')[0]?.fields).not.toHaveProperty('orderAfter');
  });

  test('C-T37 a lower unit sets its own floor upwards only: 150 under a county floor of 200 is refused', () => {
    const lowestTier = {
      ...definition.parameters['handLimit'],
      id: 'lowestTier',
      value: 20_000,
      per: 'village',
      reach: 'value >= yuan("200")',
    } as NonNullable<Definition['parameters'][string]>;
    const run = campaign(overlay({ parameters: { ...definition.parameters, lowestTier } }));
    expect(amendParameter(run, 'lowestTier', 15_000, 'v1')?.code).toBe('parameter-refused');
    expect(amendParameter(run, 'lowestTier', 30_000, 'v1')).toBeNull();
  });

  test('a value of the wrong type, or outside its reach, or one that leads nowhere: refused', () => {
    const floor = { ...definition.parameters['handLimit'], per: 'village', reach: 'value >= yuan("1000")' } as NonNullable<
      Definition['parameters'][string]
    >;
    const every = {
      ...definition.duties['visit'],
      every: { kind: 'distance', distance: { kind: 'parameter', sign: 1, parameter: 'remindBefore' } },
    } as NonNullable<Definition['duties'][string]>;
    const run = campaign(
      overlay({ parameters: { ...definition.parameters, handLimit: floor }, duties: { ...definition.duties, visit: every } }),
    ).until('2020-05-10');
    const before = run.state;
    expect(amendParameter(run, 'remindBefore', 'soon')?.code).toBe('wrong-field');
    expect(amendParameter(run, 'nothing', 1)?.code).toBe('unknown-parameter');
    expect(amendParameter(run, 'handLimit', 90_000, 'v1')?.code).toBe('parameter-refused');
    expect(amendParameter(run, 'remindBefore', '0d')?.code).toBe('parameter-refused');
    expect(run.state).toBe(before);
    expect(amendParameter(run, 'handLimit', 100_000, 'v1')).toBeNull();
  });
});
