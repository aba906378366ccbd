import { describe, expect, test } from '@jest/globals';
import type { LocalDate } from '../../../domain/model/ids.js';
import type { UnitTallies } from '../../../domain/model/event.js';
import { LINGCHENG_2020, Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('lingcheng-2020.yaml');
const units = [
  unit('u1', 'city', null),
  unit('u2', 'town', 'u1'),
  unit('u3', 'area', 'u2'),
  unit('u4', 'unit', 'u3'),
  unit('u5', 'unit', 'u2'),
];
const setting = settingOf(definition, units, LINGCHENG_2020);
const town = actor('p2', ['townGovernment', 'u2']);
const assessor = actor('p3', ['cityAssessor', 'u1']);
const cadre = actor('p4', ['villageCadre', 'u4']);
const campaign = (tallies?: (by: LocalDate | null) => UnitTallies): Campaign => new Campaign(setting, tallies).launch('2020-04-28');
const receipt = (on: string) => ({ on: day(on), evidence: [{ paper: 'materialReceipt', fields: { handedInOn: on }, file: null }] });

describe('the score of the town (S4-06 to S4-08)', () => {
  /** Payers on 05-25, 05-30 and 06-30; day of the material, or null for never. */
  const play = (payers: readonly [number, number, number], material: string | null): Campaign => {
    const counted = (by: LocalDate | null): number =>
      by === null || by > '2020-05-30' ? payers[2] : by > '2020-05-25' ? payers[1] : payers[0];
    const run = campaign((by) => ({
      ['u4' as never]: { paid: counted(by) - 1, 'villages.payers': 25_000 },
      ['u5' as never]: { paid: 1, 'villages.payers': 284 },
    }));
    if (material !== null) {
      run.until(`${material}T12:00:00`);
      expect(run.done(town, 'material/u2', receipt(material))).toBeNull();
    }
    return run.until('2020-07-02');
  };
  const proposal = (run: Campaign) => run.open('townPoints/u2')?.proposal;

  test.each([
    ['C-K01', [24_273, 24_273, 24_273], '2020-05-25', 10],
    ['C-K02', [25_284, 25_284, 25_284], '2020-05-01', 10],
    ['C-K03', [24_272, 24_273, 24_300], '2020-05-20', 8],
    ['C-K04', [24_272, 24_272, 24_272], '2020-05-20', 0],
    ['C-K05', [24_270, 24_270, 24_270], '2020-05-25', 0],
    ['C-K06', [24_273, 24_273, 24_273], '2020-05-26', 8],
    ['C-K07', [24_000, 24_273, 24_273], '2020-05-30', 8],
    ['C-K10', [24_000, 24_200, 24_272], '2020-05-20', 0],
    ['C-K12', [24_300, 24_100, 24_100], '2020-05-25', 10],
    ['C-K13', [1, 1, 1], null, 0],
    ['C-K14 (24,273 only on 07-01)', [24_272, 24_272, 24_272], '2020-06-01', 0],
    ['C-K15 (payers 24,000 whatever the amount)', [24_000, 24_000, 24_000], '2020-05-20', 0],
  ] as const)('%s: %j, material %s: %d points, final', (_id, payers, material, points) => {
    expect(proposal(play(payers, material))).toEqual({ values: { points }, final: true, decisionNeeded: false });
  });

  test.each([
    ['C-K08', [24_000, 24_273, 24_273], '2020-05-31'],
    ['C-K09', [24_000, 24_200, 24_273], '2020-05-20'],
    ['C-K11', [25_000, 25_000, 25_000], null],
  ] as const)('%s: %j, material %s: 0 provisional, a person decides', (_id, payers, material) => {
    const run = play(payers, material);
    expect(proposal(run)).toEqual({ values: { points: 0 }, final: false, decisionNeeded: true });

    expect(run.done(assessor, 'townPoints/u2')?.code).toBe('decision-needed');
    expect(run.done(assessor, 'townPoints/u2', { answer: { points: 6 } })?.code).toBe('decision-needed');
    expect(run.done(assessor, 'townPoints/u2', { answer: { points: 6 }, reason: '县考核办研究决定' })).toBeNull();
    expect(run.row('townPoints/u2')).toMatchObject({
      status: 'done',
      parts: [{ answer: { points: 6 } }],
      closed: { reason: '县考核办研究决定' },
    });
  });

  test('points that the table gives are not entered otherwise', () => {
    const run = play([24_273, 24_273, 24_273], '2020-05-25');
    expect(run.done(assessor, 'townPoints/u2', { answer: { points: 8 } })?.code).toBe('points-fixed');
    expect(run.done(assessor, 'townPoints/u2')).toBeNull();
  });

  test('before the milestones are judged nobody can give points', () => {
    expect(campaign().done(assessor, 'townPoints/u2')?.code).toBe('milestones-open');
  });

  test('a target table that is empty is neither met nor missed: nothing final comes of it', () => {
    expect(proposal(campaign(() => ({})).until('2020-07-02'))).toBeNull();
  });
});

describe('launch', () => {
  test('before the first day: what is owed once stands open with its day, nothing has gone out', () => {
    const run = campaign();
    expect(run.open('assign/u2')).toMatchObject({ status: 'open', due: '2020-05-01', late: false });
    expect(run.open('collectTask/u5')).toMatchObject({ due: '2020-05-25', since: '2020-04-28' });
    expect(run.open('adjustPension/u1')).toMatchObject({ due: '2023-01-01' });
    expect(run.notices()).toEqual([]);
  });

  test('a reminder that fell before the launch still goes out next morning', () => {
    const run = campaign().until('2020-04-29');
    expect(run.notices('assign/u2').map(({ sendAt, rung }) => [sendAt, rung])).toEqual([['2020-04-29T08:30:00', '0']]);
  });

  test('launched after the first dates: what was due waits for a mark, no past rung fires', () => {
    const run = new Campaign(setting).launch('2020-06-10');
    expect(run.open('assign/u2')?.status).toBe('beforeLaunch');
    expect(run.open('collectTask/u4')?.status).toBe('beforeLaunch');
    run.until('2020-06-20');
    expect(run.notices('assign/u2')).toEqual([]);
    expect(run.state.milestones['byMay25/u2']).toMatchObject({ status: 'beforeLaunch', result: null });

    expect(run.done(town, 'assign/u2')?.code).toBe('mark-before-launch');
    const mark = (obligation: string, mark: unknown) => run.act(town, { kind: 'markBeforeLaunch', obligation, mark } as never);
    expect(mark('assign/u2', { as: 'done', on: '2020-04-30' })).toBeNull();
    expect(mark('collectTask/u4', { as: 'stillOwed', due: '2020-06-25' })).toBeNull();
    expect(mark('publicity/u4', { as: 'notApplicable', reason: '由镇统一宣传' })).toBeNull();
    expect(run.row('assign/u2')).toMatchObject({ status: 'done', closed: { on: '2020-04-30', daysLate: 0 } });
    expect(run.row('publicity/u4')).toMatchObject({ status: 'notApplicable', closed: { reason: '由镇统一宣传' } });
    run.until('2020-07-01');
    expect(run.notices('collectTask/u4').map(({ sendAt }) => sendAt.slice(0, 10))).toEqual(['2020-06-22', '2020-06-28', '2020-06-28']);
  });

  test('only the leading role marks', () => {
    const run = new Campaign(setting).launch('2020-06-10');
    const refusal = run.act(cadre, {
      kind: 'markBeforeLaunch',
      obligation: 'publicity/u4',
      mark: { as: 'notApplicable', reason: '已办' },
    } as never);
    expect(refusal?.code).toBe('not-granted');
    expect(run.open('publicity/u4')?.status).toBe('beforeLaunch');
  });
});

describe('days and ladders', () => {
  test('by the 25th includes the 25th: late from 00:00 of the 26th', () => {
    const run = campaign().until('2020-05-25T23:59:59');
    expect(run.open('publicity/u4')?.late).toBe(false);
    run.until('2020-05-26T00:00:00');
    expect(run.open('publicity/u4')?.late).toBe(true);
  });

  test('a village without an area is urged where the tree leads: rungs of a missing level go to the leading role', () => {
    const run = campaign().until('2020-06-05');
    const to = (id: string) => run.notices(id).map((notice) => notice.to.map(({ role, unit: at }) => `${role}@${at}`));
    expect(to('collectTask/u4')).toContainEqual(['areaLeader@u3']);
    expect(to('collectTask/u5')).toContainEqual(['townGovernment@u2']);
  });

  test('a rung with confirm goes out only when released, and not at all when dropped', () => {
    const run = campaign().until('2020-06-03');
    const proposal = Object.keys(run.state.open['~confirm'] ?? {}).find((id) => id.includes('collectTask/u4'));
    expect(proposal).toBeDefined();
    const before = run.notices('collectTask/u4').length;
    expect(run.act(cadre, { kind: 'release', obligation: proposal as never })?.code).toBe('not-yours');
    expect(run.act(town, { kind: 'release', obligation: proposal as never })).toBeNull();
    expect(run.notices('collectTask/u4')).toHaveLength(before + 1);
    expect(run.act(town, { kind: 'release', obligation: proposal as never })?.code).toBe('already-closed');
  });

  test('each rung goes out once for a due date; done stops the ladder', () => {
    const run = campaign().until('2020-05-27');
    const collector = actor('p9', ['collector', 'u4']);
    const sent = run.notices('collectTask/u4').length;
    expect(run.done(collector, 'collectTask/u4')).toBeNull();
    run.until('2020-08-01');
    expect(run.notices('collectTask/u4')).toHaveLength(sent);
    expect(new Set(run.notices().map(({ id }) => id)).size).toBe(run.notices().length);
    expect(run.row('collectTask/u4')).toMatchObject({ status: 'done', closed: { daysLate: 2 } });
    expect(run.done(collector, 'collectTask/u4')?.code).toBe('already-closed');
  });

  test('playing the year in one stride or day by day gives the same state and the same notices', () => {
    const stride = campaign().until('2020-12-31');
    const daily = campaign();
    for (let month = 5; month <= 12; month += 1)
      for (let date = 1; date <= 28; date += 1)
        daily.until(`2020-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}T23:00:00`);
    daily.until('2020-12-31');
    expect(daily.notices()).toEqual(stride.notices());
    expect({ ...daily.state, seq: 0 }).toEqual({ ...stride.state, seq: 0 });
  });

  test('carried state is plain JSON', () => {
    const { state } = campaign().until('2020-07-01');
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

describe('acts and refusals', () => {
  test('what is missing is named and nothing changes', () => {
    const run = campaign().until('2020-05-10');
    const before = run.state;
    expect(run.done(town, 'material/u2')).toMatchObject({ code: 'evidence-missing', zh: '还缺证明材料：材料报送回执' });
    expect(run.done(town, 'assign/u2', { items: ['areas'] })).toMatchObject({
      code: 'items-missing',
      params: { missing: ['干部包村', '村组干部包户'] },
    });
    expect(run.done(cadre, 'material/u2')?.code).toBe('not-yours');
    expect(run.done(town, 'nothing/u2')?.code).toBe('unknown-obligation');
    expect(run.done(town, 'material/u2', receipt('2020-05-11'))?.code).toBe('future-date');
    expect(run.done(town, 'assign/u2', { items: ['tea'] })?.code).toBe('unknown-item');
    expect(run.state).toBe(before);
  });

  test('items are ticked one by one', () => {
    const run = campaign();
    expect(run.act(town, { kind: 'tick', obligation: 'assign/u2' as never, items: ['areas'] })).toBeNull();
    expect(run.act(town, { kind: 'tick', obligation: 'assign/u2' as never, items: ['villages'] })).toBeNull();
    expect(run.done(town, 'assign/u2', { items: ['households'] })).toBeNull();
    expect(run.row('assign/u2')?.ticked).toEqual(['areas', 'villages', 'households']);
  });

  test('a village cadre does nothing for another village', () => {
    expect(
      campaign().done(actor('p4', ['villageCadre', 'u4']), 'publicity/u5', { items: ['broadcast', 'television', 'internet', 'visits'] })
        ?.code,
    ).toBe('not-yours');
  });

  test('an extension is an act of who may: a new date, the ladder anew', () => {
    const run = campaign().until('2020-05-27');
    const sent = run.notices('publicity/u4').length;
    const extend = (who: typeof town, due: string) =>
      run.act(who, { kind: 'extend', obligation: 'publicity/u4' as never, due: day(due), reason: '疫情影响' });
    expect(extend(cadre, '2020-06-15')?.code).toBe('not-granted');
    expect(extend(town, '2020-05-20')?.code).toBe('date-not-later');
    expect(extend(town, '2020-06-15')).toBeNull();
    expect(run.open('publicity/u4')).toMatchObject({ due: '2020-06-15', dueVersion: 2, late: false, extended: 1 });
    run.until('2020-06-17');
    expect(
      run
        .notices('publicity/u4')
        .slice(sent)
        .map(({ sendAt, id }) => [sendAt.slice(0, 10), id.slice(-3)]),
    ).toEqual([
      ['2020-06-12', '2.0'],
      ['2020-06-16', '2.1'],
    ]);
  });

  test('a campaign paused for ten days urges nobody and moves what is open by ten days', () => {
    const run = campaign().until('2020-05-10');
    expect(run.act(cadre, { kind: 'pause', reason: '暂停' })?.code).toBe('not-granted');
    expect(run.act(town, { kind: 'pause', reason: '汛期' })).toBeNull();
    const sent = run.notices().length;
    expect(run.wakeAt).toBeNull();
    expect(run.done(town, 'material/u2', receipt('2020-05-10'))?.code).toBe('campaign-paused');
    run.until('2020-05-20');
    expect(run.act(town, { kind: 'resume' })).toBeNull();
    expect(run.notices().filter(({ sendAt }) => sendAt < '2020-05-20')).toHaveLength(sent);
    expect(run.open('publicity/u4')?.due).toBe('2020-06-04');
    // Two replies were late by nine hours when the clock stopped; what they owe goes on where it was.
    expect(
      run
        .notices()
        .slice(sent)
        .map(({ id, sendAt }) => [id.slice(0, id.indexOf('/', 7)), sendAt]),
    ).toEqual([
      ['~reply/assign', '2020-05-21T08:30:00'],
      ['~reply/channelsSet', '2020-05-21T08:30:00'],
    ]);
  });

  test('stopped: everything open is withdrawn with the reason, and nothing is taken any more', () => {
    const run = campaign().until('2020-05-10');
    expect(run.act(town, { kind: 'stop', reason: '上级另行部署' })).toBeNull();
    expect(Object.values(run.state.open).flatMap((shelf) => Object.values(shelf))).toEqual([]);
    expect(run.row('publicity/u4')).toMatchObject({ status: 'withdrawn', closed: { reason: '上级另行部署' } });
    expect(run.act(town, { kind: 'resume' })?.code).toBe('campaign-ended');
    expect(run.wakeAt).toBeNull();
  });

  test('a village that merges hands over what it owes; what the other owes already stays one', () => {
    const run = campaign().until('2020-05-10');
    const merged = units.map((one) => (one.id === 'u4' ? { ...one, to: day('2020-05-09'), successors: [units[4]?.id as never] } : one));
    const after = new Campaign(settingOf(definition, merged, LINGCHENG_2020));
    after.state = run.state;
    after.take({
      type: 'settingChanged',
      at: '2020-05-10T10:00:00' as never,
      setting: 'e'.repeat(64) as never,
      what: 'units',
      by: 'p2' as never,
      reason: '合村并居',
    });
    expect(after.row('publicity/u4')?.status).toBe('withdrawn');
    expect(after.open('publicity/u5')?.status).toBe('open');
    expect(after.open('publicity/u4')).toBeUndefined();
  });
});
