import { describe, expect, test } from '@jest/globals';
import type { Value } from '../../../domain/model/definition.js';
import type { UnitFact } from '../../../domain/model/event.js';
import type { EvidenceGiven } from '../../../domain/model/state.js';
import { Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

const definition = definitionOf('xuecheng-2019.yaml');
const units = [
  unit('c', 'county', null),
  unit('t1', 'town', 'c'),
  unit('t2', 'town', 'c'),
  unit('v1', 'village', 't1'),
  unit('v2', 'village', 't1'),
  unit('v3', 'village', 't2'),
];
const parameters: Readonly<Record<string, Value>> = {
  remindBefore: '2d',
  headAfter: '3d',
  bulletinAfter: '5d',
  orderAfter: '7d',
  receiveWithin: '2d',
  replyWithin: '3d',
  accountAfter: '5d',
  solveWithin: '10d',
  pensionYear: 2020,
  medicalYear: 2020,
  remitWithin: '5d',
  remitAmount: 1_000_000,
  surveyEvery: '1m',
  inspectEvery: '10d',
  exchangeEvery: '10d',
  reconcileEvery: '1m',
  verifyEvery: '1m',
  listBefore: '3d',
  fundWithin: '10d',
  checkDay: 25,
};
const campaign = (more: Readonly<Record<string, Value>> = {}): Campaign =>
  new Campaign(settingOf(definition, units, { ...parameters, ...more })).launch('2019-10-20');

const tax = actor('p-tax', ['taxAuthority', 'c']);
const hr = actor('p-hr', ['hrDepartment', 'c']);
const medical = actor('p-med', ['medicalBureau', 'c']);
const town = actor('p-town', ['townOffice', 't1'], ['townCentre', 't1']);
const village = actor('p-village', ['villageOffice', 'v1']);
const agent = actor('p-agent', ['agent', 'v1']);
const paper = (name: string, fields: Readonly<Record<string, Value>>): { evidence: readonly EvidenceGiven[] } => ({
  evidence: [{ paper: name, fields, file: null }],
});

const GATES: Readonly<Record<string, (run: Campaign) => void>> = {
  taxRegistration: (run) => expect(run.done(town, 'taxRegistration/t1', paper('taxCertificate', { number: '3704' }))).toBeNull(),
  dedicatedAccount: (run) => expect(run.done(town, 'dedicatedAccount/t1', paper('accountProof', { number: '6222' }))).toBeNull(),
  tripartite: (run) => {
    const given = paper('tripartiteAgreement', { number: 'S1', parties: '镇、税务、银行', validFrom: '2019-10-01', validTo: '2020-09-30' });
    expect(run.done(town, 'tripartite/t1', given)).toBeNull();
    expect(run.done(tax, 'tripartite/t1', given)).toBeNull();
  },
  entrusted: (run) => {
    const given = paper('entrustedAgreement', { number: 'W1', validFrom: '2019-10-01', validTo: '2020-09-30' });
    expect(run.done(village, 'entrusted/v1', given)).toBeNull();
    expect(run.done(tax, 'entrusted/v1', given)).toBeNull();
  },
};
const openGates = (run: Campaign, but: string | null = null): void => {
  for (const [gate, open] of Object.entries(GATES)) if (gate !== but) open(run);
};
/** Up to the roster handed out, so that only the gates and the phase stand before collecting. */
const rosterOut = (run: Campaign): void => {
  for (const who of [hr, medical]) expect(run.done(who, 'listsOut/v1')).toBeNull();
  expect(run.done(tax, 'rosterOut/v1/pension')).toBeNull();
};

describe('phases (S3-01, S3-05, S3-09)', () => {
  const titles = (run: Campaign): string => {
    const at = (phase: string) => run.state.phases[phase];
    const open = ['publicity', 'collection', 'processing'].filter((phase) => at(phase) === 'open');
    return open[0] ?? (at('processing') === 'ended' ? 'ended' : at('publicity') === 'ahead' ? 'before start' : 'between');
  };
  test.each([
    ['C-H01', '2019-10-20', 'before start'],
    ['C-H02', '2019-10-21', 'publicity'],
    ['C-H03', '2019-10-27', 'publicity'],
    ['C-H04', '2019-10-28', 'collection'],
    ['C-H05', '2019-11-30', 'collection'],
    ['C-H06', '2019-12-01', 'processing'],
    ['C-H07', '2019-12-20', 'processing'],
    ['C-H08', '2019-12-21', 'ended'],
  ])('%s: %s is %s', (_id, date, phase) => {
    expect(titles(campaign().until(`${date}T12:00:00`))).toBe(phase);
  });
});

describe('gates of collection, village by village (S3-34 to S3-37)', () => {
  const collect = (but: string | null) => {
    const run = campaign().until('2019-10-26');
    openGates(run, but);
    rosterOut(run);
    run.until('2019-10-28');
    return { run, refusal: run.done(agent, 'collectRoster/v1/pension', paper('receipt', { number: 'P0001', amount: 30_000 })) };
  };

  test('C-H09 all four: the village may collect', () => {
    const { run, refusal } = collect(null);
    expect(refusal).toBeNull();
    expect(run.row('collectRoster/v1/pension')?.status).toBe('done');
  });

  test.each([
    ['C-H10', 'taxRegistration', '办理税务登记'],
    ['C-H11', 'dedicatedAccount', '开设征缴专用帐户'],
    ['C-H12', 'tripartite', '签订三方缴款协议'],
    ['C-H13', 'entrusted', '签订委托代收协议'],
  ])('%s without %s: blocked, and the missing one is named', (_id, gate, title) => {
    expect(collect(gate).refusal).toMatchObject({ code: 'gate-closed', params: { missing: [title] } });
  });

  test('before the phase begins nothing of it is taken', () => {
    const run = campaign().until('2019-10-26');
    openGates(run);
    rosterOut(run);
    expect(run.done(agent, 'collectRoster/v1/pension', paper('receipt', { number: 'P0001', amount: 1 }))).toMatchObject({
      code: 'phase-not-open',
      params: { start: '2019-10-28' },
    });
  });

  test("one village's gates do not open another's", () => {
    const run = campaign().until('2019-10-27');
    openGates(run);
    run.until('2019-10-29');
    expect(run.state.milestones['gatesOpen/v1']?.result).toBe('met');
    expect(run.state.milestones['gatesOpen/v2']?.result).toBe('missed');
  });
});

describe('order of work', () => {
  test('C-H16 special groups passed on on 12-01: one day late', () => {
    const run = campaign().until('2019-12-01');
    for (const [role, who] of [
      ['disabledFederation', 'a'],
      ['povertyOffice', 'b'],
      ['civilAffairs', 'd'],
    ] as const)
      expect(run.done(actor(`p-${who}`, [role, 'c']), 'certifyGroups/c', { answer: fieldsOf('certifyGroups') })).toBeNull();
    expect(run.done(hr, 'passGroupsHr/c')).toBeNull();
    expect(run.row('passGroupsHr/c')?.closed?.daysLate).toBe(1);
  });

  test('a joint duty is done when every part is; the ladder speaks to the parts that are missing', () => {
    const run = campaign().until('2019-10-24');
    expect(run.done(hr, 'training/t1')).toBeNull();
    expect(run.open('training/t1')?.status).toBe('open');
    run.until('2019-10-28T12:00:00');
    const overdue = run.notices('training/t1').at(-1);
    expect(overdue?.to.map(({ role }) => role)).not.toContain('hrDepartment');
    expect(run.done(tax, 'training/t1')).toBeNull();
    expect(run.done(medical, 'training/t1')).toBeNull();
    expect(run.row('training/t1')).toMatchObject({ status: 'done', closed: { daysLate: 1 } });
  });

  test('funds are paid within days of the application: no date before, the date on the day', () => {
    const run = campaign().until('2019-11-20');
    expect(run.open('fundsPaid/c')).toMatchObject({ status: 'waiting', due: null, waitsFor: 'done(fundsApplied)' });
    for (const role of ['disabledFederation', 'povertyOffice', 'civilAffairs'])
      run.done(actor(`p-${role}`, [role, 'c']), 'certifyGroups/c', { answer: fieldsOf('certifyGroups') });
    expect(run.done(hr, 'fundsApplied/c')).toBeNull();
    expect(run.done(medical, 'fundsApplied/c')).toBeNull();
    expect(run.open('fundsPaid/c')).toMatchObject({ status: 'open', due: '2019-11-30' });
  });

  test('lists climb backwards from the day on which they must be passed on', () => {
    const run = campaign();
    expect([
      run.open('villageGroups/v1')?.due,
      run.open('townGroups/t1')?.due,
      run.open('certifyGroups/c')?.due,
      run.open('passGroupsHr/c')?.due,
    ]).toEqual(['2019-11-21', '2019-11-24', '2019-11-27', '2019-11-30']);
  });

  test('a missing list of a village is named but does not hold up the town (wants)', () => {
    const run = campaign().until('2019-11-24');
    expect(run.done(town, 'townGroups/t1', { answer: { persons: 3 } })).toBeNull();
    expect(run.row('townGroups/t1')?.missing).toEqual(['villageGroups/v1', 'villageGroups/v2']);
  });

  test('nil is a signed answer where the duty takes one, silence is late', () => {
    const run = campaign().until('2019-11-20');
    expect(run.done(village, 'villageGroups/v1')?.code).toBe('fields-missing');
    expect(run.done(village, 'villageGroups/v1', { nil: true })).toBeNull();
    expect(run.row('villageGroups/v1')?.parts[0]).toMatchObject({ nil: true, by: 'p-village' });
    expect(run.done(town, 'townPlan/t1', { nil: true })?.code).toBe('nil-not-allowed');
    run.until('2019-11-22T00:00:00');
    expect(run.open('villageGroups/v2')?.late).toBe(true);
  });
});

const fieldsOf = (duty: string): Readonly<Record<string, Value>> =>
  Object.fromEntries((definition.duties[duty]?.fields ?? []).map(({ id, type }) => [id, type === 'text' ? '略' : 0]));

describe('remittance by the double limit (S3-40, A-38): 10,000 yuan or 5 days', () => {
  const collected = (on: string, yuan: number): UnitFact => ({
    kind: 'payment.collected',
    unit: 'v1' as never,
    insurance: 'pension',
    on: day(on),
    amount: Math.round(yuan * 100),
  });
  const held = (run: Campaign, payments: readonly (readonly [string, number])[]): Campaign => {
    for (const [on, yuan] of payments) {
      run.until(`${on}T10:00:00`);
      run.facts([collected(on, yuan)], `${on}T18:00:00`);
    }
    return run;
  };
  const due = (run: Campaign) => Object.values(run.state.open['remitMoney'] ?? {}).map((obligation) => obligation.due);

  test.each([
    ['C-L01 (daily mode)', { remitWithin: '0d' }, [['2019-10-28', 3000]], '2019-10-28'],
    [
      'C-L02',
      {},
      [
        ['2019-10-28', 3000],
        ['2019-10-29', 4000],
        ['2019-10-30', 3500],
      ],
      '2019-10-30',
    ],
    ['C-L03', {}, [['2019-10-28', 1000]], '2019-11-02'],
    ['C-L04', {}, [['2019-10-28', 9999.99]], '2019-11-02'],
    ['C-L05', {}, [['2019-10-28', 10_000]], '2019-10-28'],
    [
      'C-L06',
      {},
      [
        ['2019-10-28', 2000],
        ['2019-11-02', 8000],
      ],
      '2019-11-02',
    ],
    [
      'C-L07',
      {},
      [
        ['2019-10-28', 2000],
        ['2019-11-03', 8000],
      ],
      '2019-11-02',
    ],
    ['C-L08', {}, [['2019-11-29', 500]], '2019-12-04'],
  ] as const)('%s', (_id, more, payments, expected) => {
    expect(due(held(campaign(more), payments))).toEqual([expected]);
  });

  test('C-L09 handed over the same day, then 500 on 10-30: the clock starts anew, 11-04', () => {
    const run = held(campaign(), [['2019-10-28', 10_000]]);
    openGates(run);
    expect(run.done(agent, String(Object.keys(run.state.open['remitMoney'] ?? {})[0]), {}, '2019-10-28T19:00:00')).toBeNull();
    expect(due(held(run, [['2019-10-30', 500]]))).toEqual(['2019-11-04']);
  });

  test('C-L10 500 held since 10-28, handed over on 11-03: due 11-02, one day late', () => {
    const run = held(campaign(), [['2019-10-28', 500]]);
    openGates(run);
    const [id] = Object.keys(run.state.open['remitMoney'] ?? {});
    run.until('2019-11-03T09:00:00');
    expect(run.open(String(id))).toMatchObject({ due: '2019-11-02', late: true });
    expect(run.done(agent, String(id))).toBeNull();
    expect(run.row(String(id))?.closed?.daysLate).toBe(1);
  });

  test('money remitted by the books lessens what is held', () => {
    const run = held(campaign(), [['2019-10-28', 500]]);
    run.facts([{ ...collected('2019-10-29', 500), kind: 'payment.remitted' }], '2019-10-29T18:00:00');
    expect(run.state.held).toEqual({});
  });
});

describe('stamp and posting (S3-11, S3-42)', () => {
  const filed = (): Campaign => {
    const run = campaign().until('2019-10-27');
    openGates(run);
    rosterOut(run);
    run.done(tax, 'rosterOut/v1/medical');
    run.until('2019-11-30');
    for (const kind of ['pension', 'medical'])
      expect(run.done(agent, `collectRoster/v1/${kind}`, paper('receipt', { number: `R-${kind}`, amount: 1 }))).toBeNull();
    run.until('2019-12-05');
    for (const kind of ['pension', 'medical'])
      expect(run.done(town, `fileRoster/v1/${kind}`, { answer: { persons: 10, amount: 300_000 } })).toBeNull();
    return run;
  };
  const enter = (run: Campaign) => {
    for (const kind of ['pension', 'medical'])
      expect(run.done(town, `treasuryEntry/v1/${kind}`, paper('treasuryProof', { number: 'G1', amount: 300_000 }))).toBeNull();
  };
  const stamp = (run: Campaign) => {
    for (const kind of ['pension', 'medical']) expect(run.done(tax, `stampRoster/v1/${kind}`, {})).toBeNull();
  };
  const photo = paper('postingPhoto', { postedOn: '2019-12-18' });

  test('C-U13 a roster stamped before treasury entry: refused', () => {
    expect(filed().done(tax, 'stampRoster/v1/pension')).toMatchObject({ code: 'needs-open' });
  });

  test('C-U12 a roster posted without the tax stamp: refused', () => {
    const run = filed();
    enter(run);
    expect(run.done(agent, 'postRoster/v1', photo)).toMatchObject({ code: 'needs-open' });
  });

  test('C-U11 posted on 12-18 for three days: enough, no minimum is printed', () => {
    const run = filed();
    enter(run);
    stamp(run);
    run.until('2019-12-18');
    expect(run.done(agent, 'postRoster/v1', photo)).toBeNull();
    run.until('2019-12-21T09:00:00');
    expect(run.act(agent, { kind: 'takeDown', obligation: 'postRoster/v1' as never })).toBeNull();
  });

  test('a list that must hang ten full days comes down on the eleventh, not before', () => {
    const run = new Campaign(settingOf(definition, units, { ...parameters, rosterDays: 10 })).launch('2019-10-20').until('2019-12-01');
    run.state = {
      ...run.state,
      publications: {
        ['postRoster/v1' as never]: {
          obligation: 'postRoster/v1' as never,
          postedOn: day('2019-12-01'),
          earliestDown: day('2019-12-12'),
          takenDownOn: null,
        },
      },
    };
    run.until('2019-12-11');
    expect(run.act(agent, { kind: 'takeDown', obligation: 'postRoster/v1' as never })).toMatchObject({
      code: 'too-early-down',
      params: { days: 10, earliest: '2019-12-12' },
    });
    run.until('2019-12-12');
    expect(run.act(agent, { kind: 'takeDown', obligation: 'postRoster/v1' as never })).toBeNull();
  });

  test('C-U14 posted on 12-21: one day late', () => {
    const run = filed();
    enter(run);
    stamp(run);
    run.until('2019-12-21T10:00:00');
    expect(run.done(agent, 'postRoster/v1', photo)).toBeNull();
    expect(run.row('postRoster/v1')?.closed?.daysLate).toBe(1);
  });

  test('C-U15 no photo that proves the posting: the task stays open', () => {
    const run = filed();
    enter(run);
    stamp(run);
    expect(run.done(agent, 'postRoster/v1')).toMatchObject({ code: 'evidence-missing' });
    expect(run.open('postRoster/v1')?.status).toBe('open');
  });

  test('who collected does not stamp (S3-75)', () => {
    const run = filed();
    enter(run);
    const both = actor('p-agent', ['taxAuthority', 'c']);
    expect(run.done(both, 'stampRoster/v1/pension')).toMatchObject({ code: 'apart' });
  });
});

describe('monthly check between the parties (S3-47)', () => {
  const id = 'monthlyMatchPension/c@2019-11';
  const give = (run: Campaign, who: typeof tax, persons: number, yuan: number) =>
    run.done(who, id, { answer: { persons, amount: yuan * 100 } });

  test('C-H23 10,000 lines and 3,000,000 on both sides: agree, one report', () => {
    const run = campaign().until('2019-11-20');
    expect(give(run, tax, 10_000, 3_000_000)).toBeNull();
    expect(give(run, hr, 10_000, 3_000_000)).toBeNull();
    expect(run.row(id)?.status).toBe('done');
  });

  test('C-H24 one line and 300 yuan apart: it stays open, both are told, once for each difference', () => {
    const run = campaign().until('2019-11-20');
    give(run, tax, 10_000, 3_000_000);
    give(run, hr, 9_999, 2_999_700);
    give(run, hr, 9_999, 2_999_700);
    expect(run.open(id)?.status).toBe('open');
    const told = run.notices(id).filter(({ text }) => text === 'difference');
    expect(told.map(({ to }) => to.map(({ role }) => role))).toEqual([['taxAuthority', 'hrDepartment']]);
    expect(give(run, hr, 10_000, 3_000_000)).toBeNull();
    expect(run.row(id)?.status).toBe('done');
  });
});

describe('acts that need a second person (may: confirm)', () => {
  const office = actor('p-office', ['groupOffice', 'c']);
  const waive = { kind: 'waive', obligation: 'townPlan/t1', reason: '区里统一制定' } as never;

  test('a waiver waits for the leading group and is carried out when another person releases it', () => {
    const run = campaign().until('2019-10-23');
    expect(run.act(town, waive)?.code).toBe('not-granted');
    expect(run.act(office, waive)).toBeNull();
    expect(run.open('townPlan/t1')?.status).toBe('open');
    const [proposal] = Object.keys(run.state.open['~confirm'] ?? {});
    const release = (user: string) => run.act(actor(user, ['groupDeputy', 'c']), { kind: 'release', obligation: proposal } as never);
    expect(release('p-office')?.code).toBe('second-person');
    expect(release('p-deputy')).toBeNull();
    expect(run.row('townPlan/t1')).toMatchObject({ status: 'waived', closed: { by: 'p-office', reason: '区里统一制定' } });
  });

  test('dropped with a reason, nothing is waived', () => {
    const run = campaign().until('2019-10-23');
    run.act(office, waive);
    const [proposal] = Object.keys(run.state.open['~confirm'] ?? {});
    expect(run.act(actor('p-deputy', ['groupDeputy', 'c']), { kind: 'drop', obligation: proposal, reason: ' ' } as never)?.code).toBe(
      'reason-missing',
    );
    expect(
      run.act(actor('p-deputy', ['groupDeputy', 'c']), { kind: 'drop', obligation: proposal, reason: '必须制定' } as never),
    ).toBeNull();
    expect(run.open('townPlan/t1')?.status).toBe('open');
  });
});
