import { describe, expect, test } from '@jest/globals';
import type { UnitFact } from '../../../domain/model/event.js';
import type { Moment, ObligationId, UnitId } from '../../../domain/model/ids.js';
import { confirmRefusal, initialState, runRefusal, step, viewCase } from '../../../domain/process/index.js';
import { compileExpression } from '../../../domain/rules/expressions.js';
import { Campaign, actor, at, day } from '../../support/campaign.js';
import { found } from '../../support/definitions.js';
import { BANK, BRANCH, CENTRE, OTHER_TOWNSHIP, shuchengSetting, TOWNSHIP } from '../../support/shucheng.js';
import { CaseRun, PROOF } from './given-cases.js';

const cause = (code: string, remedy: string, finding = '已核对') => ({ answer: { finding, cause: code, remedy } });

describe('a deduction that fell short is urged until the money has arrived', () => {
  test('C-D04 0.01 short: the township owes urging, and the person is told what is missing', () => {
    const run = CaseRun.open('deductionRetry', { deposited: 19_999 });
    expect(run.state).toBe('urging');
    expect(run.main).toMatchObject({ owes: ['townshipHr'], due: '2018-04-17', status: 'open', title: '扣款失败重试：督促预存' });
    expect(run.act(TOWNSHIP, 'urge')).toBeNull();
    expect(run.notices.map(({ text, to, fields }) => [text, to[0]?.role, fields['short']])).toEqual([['depositMore', 'person', '0.01']]);
  });

  test('C-D05 nothing deposited: 200.00 short', () => {
    const run = CaseRun.open('deductionRetry', {});
    expect(run.act(TOWNSHIP, 'urge')).toBeNull();
    expect(run.notices[0]?.fields).toMatchObject({ amount: '200.00', short: '200.00', margin: 1_000 });
  });

  test('C-D08 topped up, the second run takes it, the money arrives: closed', () => {
    const run = CaseRun.open('deductionRetry', {});
    run.until('2018-04-13');
    expect(run.act(TOWNSHIP, 'deposit', { answer: { deposited: 20_001 }, evidence: PROOF })).toBeNull();
    expect(run.frees).toEqual(['pensionDeduction d1 after 1 extra']);
    run.until('2018-04-21').tell('pensionDeduction.arrived', { round: 2 });
    expect(run.state).toBe('waiting');
    expect(run.main.case?.round).toBe(2);
    run.arrived('2018-04-21');
    expect(run.state).toBe('closed');
    expect(run.main).toMatchObject({ status: 'done', closed: { on: '2018-04-21', by: 'system' } });
    expect(run.obligations).toEqual(['urging done', 'waiting done']);
  });

  test('C-D09 short twice, then taken: the township was to urge twice', () => {
    const run = CaseRun.open('deductionRetry', {});
    run.act(TOWNSHIP, 'urge');
    run.until('2018-04-21').tell('pensionDeduction.short', { round: 2 }, 'deductionRetry');
    expect(run.state).toBe('urging');
    expect(run.main).toMatchObject({ due: '2018-04-26', dueVersion: 3, fired: [], late: false });
    expect(run.act(TOWNSHIP, 'urge')).toBeNull();
    run.until('2018-05-02').arrived('2018-05-01');
    expect(run.obligations.filter((one) => one.startsWith('urging'))).toEqual(['urging done', 'urging done']);
    expect(run.state).toBe('closed');
  });

  test('a second failure while nobody has urged is urged anew, and what was late stays late', () => {
    const run = CaseRun.open('deductionRetry', {});
    run.until('2018-04-20');
    expect(run.main.late).toBe(true);
    run.tell('pensionDeduction.short', { round: 2 }, 'deductionRetry');
    expect(run.obligations).toEqual(['urging done late 3', 'urging open']);
    expect(run.main.case?.notes).toBe(1);
  });

  test('C-D10 the bank says taken, the money is not in the books: the case stays open (S1-40)', () => {
    const run = CaseRun.open('deductionRetry', {});
    run.act(TOWNSHIP, 'urge');
    run.tell('pensionDeduction.arrived', { round: 2 }).until('2018-06-01');
    expect(run.state).toBe('waiting');
    expect(run.main.status).toBe('open');
  });

  test('money that was there and is taken back before the state hears of it closes nothing', () => {
    const run = CaseRun.open('deductionAnomaly', {});
    run.arrived('2018-04-12').arrived(null);
    for (const who of [TOWNSHIP, BANK, BRANCH]) run.act(who, 'find', cause('other', 'bank'));
    expect(run.state).toBe('curing');
  });
});

describe('deposited enough and still not taken: the cause is found together', () => {
  /** The kind of case that an outcome of the shipped part leads to, by what stands deposited. */
  const routed = (what: string, deposited: number): string | null => {
    const setting = shuchengSetting();
    const { if: condition, open, else: other } = found(setting.definition.deductions?.['pensionDeduction']?.outcomes[what], what);
    if (condition === null) return open;
    const scope = { setting, unit: 'v1' as UnitId, today: day('2018-04-12'), row: { deposited, amount: 20_000 } };
    return compileExpression(condition, { kind: 'row', over: 'dues' }, setting.definition).evaluate(scope) === true ? open : other;
  };

  test('C-D03 200.00 reported, failed without a reason of its own: the cause is sought', () => {
    expect(routed('bare', 20_000)).toBe('deductionAnomaly');
    expect(routed('bare', 19_999)).toBe('deductionRetry');
    expect(CaseRun.open('deductionAnomaly', { deposited: 20_000 }, '2018-04-12', 'pensionDeduction.bare').state).toBe('finding');
  });

  test('C-D06 500.00 reported, failed without a reason of its own: the cause is sought', () => {
    expect(routed('bare', 50_000)).toBe('deductionAnomaly');
    expect(routed('short', 50_000)).toBe('deductionRetry');
    expect(routed('unknown', 0)).toBe('deductionAnomaly');
    expect(routed('arrived', 0)).toBeNull();
  });

  test('each of the three signs; the last signature leads on', () => {
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000, code: '99' });
    expect(run.main).toMatchObject({ owes: ['townshipHr', 'bank', 'townshipBranch'], due: '2018-04-19' });
    expect(run.act(TOWNSHIP, 'find', cause('nameMismatch', 'office'))).toBeNull();
    expect(run.act(BANK, 'find', cause('nameMismatch', 'office'))).toBeNull();
    expect(run.state).toBe('finding');
    expect(run.act(BRANCH, 'find', cause('nameMismatch', 'office'))).toBeNull();
    expect(run.state).toBe('curing');
    expect(run.main.case?.fields).toEqual({ amount: 20_000, cause: 'nameMismatch', remedy: 'office', deposited: 50_000, code: '99' });
  });

  test('S1-39 each party enters its own finding, which stays with its signature; cause and remedy are found together', () => {
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000 });
    expect(run.act(TOWNSHIP, 'find', { answer: { cause: 'nameMismatch', remedy: 'office' } })).toBe('fields-missing');
    expect(run.act(TOWNSHIP, 'find', cause('nameMismatch', 'office', '档案姓名少一字'))).toBeNull();
    expect(run.act(BANK, 'find', cause('nameMismatch', 'bank', '系统按户名拒付'))).toBeNull();
    expect(run.act(BRANCH, 'find', cause('nameMismatch', 'office', '存折户名与身份证一致'))).toBeNull();
    // Findings may differ; who is to remedy it may not.
    expect([run.state, run.main.differences]).toEqual(['finding', ['find.remedy']]);
    expect(run.act(BANK, 'find', cause('nameMismatch', 'office', '系统按户名拒付'))).toBeNull();
    expect(run.state).toBe('curing');
    const left = run.effects.flatMap((effect) =>
      effect.type === 'obligation' && effect.obligation.id.startsWith('~entry/') ? [effect.obligation] : [],
    );
    const signed = left.at(-1)?.parts.map(({ role, answer }) => [role, answer['finding']]);
    expect(signed?.sort()).toEqual([
      ['bank', '系统按户名拒付'],
      ['townshipBranch', '存折户名与身份证一致'],
      ['townshipHr', '档案姓名少一字'],
    ]);
    expect(run.folded()).toEqual(run.row);
  });

  test('S1-39 whoever owes a state of a case may do what leads out of it', () => {
    const silent = Object.values(shuchengSetting().definition.cases ?? {}).flatMap((type) =>
      type.states.flatMap((state) =>
        state.owes
          .filter((role) => {
            const acts = type.acts.filter((act) => act.in.includes(state.id));
            return !acts.some((act) => act.by.includes(role)) && !acts.some((act) => act.by.length === 0);
          })
          .map((role) => `${type.id}.${state.id} ${role}`),
      ),
    );
    expect(silent).toEqual([]);
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000 });
    for (const who of [TOWNSHIP, BANK, BRANCH]) run.act(who, 'find', cause('other', 'branch'));
    expect(run.main.owes).toEqual(['townshipHr', 'bank', 'townshipBranch']);
    for (const who of [TOWNSHIP, BANK]) expect(run.act(who, 'cure', { reason: '已按职责办理' })).toBeNull();
    expect(run.state).toBe('curing');
    expect(run.act(BRANCH, 'cure', { reason: '已恢复账户' })).toBeNull();
    expect(run.state).toBe('waiting');
  });

  test('who has signed is not urged; while they differ all are, and the act waits', () => {
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000 });
    run.act(TOWNSHIP, 'find', cause('nameMismatch', 'office'));
    run.until('2018-04-19T08:30:00');
    expect(run.notices.at(-1)?.to.map(({ role }) => role)).toEqual(['bank', 'townshipBranch']);
    run.act(BANK, 'find', cause('nameMismatch', 'office'));
    expect(run.act(BRANCH, 'find', cause('agencyData', 'office'))).toBeNull();
    expect(run.state).toBe('finding');
    expect(run.main.differences).toEqual(['find.cause']);
    const view = found(viewCase(run.setting, [], run.main, BANK), 'view');
    expect(view.acts).toMatchObject([{ id: 'find', signed: ['townshipHr', 'bank', 'townshipBranch'], differs: ['cause'], mine: true }]);
    run.until('2018-04-20T08:30:00');
    expect(run.notices.at(-1)?.to.map(({ role }) => role)).toEqual(['townshipHr', 'bank', 'townshipBranch']);
    // One of them signs again.
    expect(run.act(BRANCH, 'find', cause('nameMismatch', 'office'))).toBeNull();
    expect(run.state).toBe('curing');
  });

  test('C-D14 without a cause nothing leads on, and money that arrives does not close it', () => {
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000 });
    expect(run.act(TOWNSHIP, 'find', { answer: { finding: '不明', remedy: 'bank' } })).toBe('fields-missing');
    expect(run.act(TOWNSHIP, 'find', cause('weather', 'bank'))).toBe('wrong-field');
    expect(run.act(TOWNSHIP, 'cure', { reason: '已改户名' })).toBe('wrong-case-state');
    run.arrived('2018-04-12');
    expect(run.state).toBe('finding');
    // With the cause given, the money that is there closes it at once.
    for (const who of [TOWNSHIP, BANK, BRANCH]) run.act(who, 'find', cause('zeroBalance', 'bank'));
    expect(run.state).toBe('closed');
  });

  test('cured, the due is freed for the next round; failed again, the cause is sought again', () => {
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000 });
    for (const who of [TOWNSHIP, BANK, BRANCH]) run.act(who, 'find', cause('accountClosed', 'bank'));
    expect(run.act(TOWNSHIP, 'cure')).toBe('reason-missing');
    expect(run.act(TOWNSHIP, 'cure', { reason: '已换账户' })).toBeNull();
    expect(run.act(BANK, 'cure', { reason: '账户已恢复' })).toBeNull();
    expect(run.act(BRANCH, 'cure', { reason: '已通知本人' })).toBeNull();
    expect(run.frees).toEqual(['pensionDeduction d1 after 1']);
    expect(run.state).toBe('waiting');
    run.until('2018-04-21').tell('pensionDeduction.account', { round: 2 }, 'deductionAnomaly');
    expect(run.state).toBe('finding');
    // Found once is not found again.
    expect(run.main.parts).toEqual([]);
    expect(run.main.due).toBe('2018-04-28');
  });

  test('a retry whose money should have sufficed is handed to the joint finding', () => {
    const run = CaseRun.open('deductionRetry', { deposited: 20_000 });
    run.act(TOWNSHIP, 'urge');
    run.tell('pensionDeduction.bare', { round: 2 }, 'deductionAnomaly');
    expect(run.state).toBe('handed');
    expect(run.calls).toEqual(['deductionRetry.odd -> deductionAnomaly']);
    // Below the amount it is urged again.
    const short = CaseRun.open('deductionRetry', { deposited: 19_999 });
    short.act(TOWNSHIP, 'urge');
    short.tell('pensionDeduction.bare', { round: 2 }, 'deductionRetry');
    expect(short.state).toBe('urging');
  });
});

describe('refused', () => {
  test('by whom it is not owed, before its time, without its paper, and what no act is', () => {
    const run = CaseRun.open('deductionRetry', {});
    expect(run.act(OTHER_TOWNSHIP, 'urge')).toBe('not-yours');
    expect(run.act(BANK, 'urge')).toBe('not-yours');
    expect(run.act(TOWNSHIP, 'urge', { on: day('2018-04-11') })).toBe('date-before-start');
    expect(run.act(TOWNSHIP, 'urge', { on: day('2018-04-13') })).toBe('future-date');
    expect(run.act(TOWNSHIP, 'deposit', { answer: { deposited: 20_000 } })).toBe('evidence-missing');
    expect(run.act(TOWNSHIP, 'deposit', { answer: { deposited: '200' }, evidence: PROOF })).toBe('wrong-field');
    expect(run.act(TOWNSHIP, 'deposit', { answer: { deposited: 1, note: 'x' }, evidence: PROOF })).toBe('unknown-field');
    expect(run.act(TOWNSHIP, 'arrive')).toBe('engine-act');
    expect(run.act(TOWNSHIP, 'close')).toBe('unknown-case-act');
    expect(run.do(TOWNSHIP, { kind: 'done', obligation: run.row.id })).toBe('not-a-follow-up');
    expect(run.entries).toHaveLength(1);
  });

  test('a deposit below the amount frees nothing', () => {
    const run = CaseRun.open('deductionRetry', {});
    expect(run.act(TOWNSHIP, 'deposit', { answer: { deposited: 19_999 }, evidence: PROOF })).toBeNull();
    expect(run.frees).toEqual([]);
    expect(run.state).toBe('waiting');
  });

  test('an ended case hears nothing more', () => {
    const run = CaseRun.open('deductionRetry', {}).arrived('2018-04-12');
    const before = run.row;
    run.tell('pensionDeduction.short', { round: 2 }).arrived(null);
    expect(run.row).toBe(before);
    expect(run.act(TOWNSHIP, 'urge')).toBe('already-closed');
  });
});

test('folding its journal gives the same case', () => {
  const run = CaseRun.open('deductionRetry', { deposited: 10 });
  run.until('2018-04-19').act(TOWNSHIP, 'urge');
  run.until('2018-04-21').tell('pensionDeduction.short', { round: 2 }, 'deductionRetry');
  run.until('2018-04-30').arrived('2018-04-29');
  expect(run.folded()).toEqual(run.row);
});

describe('the year ends', () => {
  test('S1-04 who has not paid when the deductions are over is owed by the bank no longer', () => {
    const run = CaseRun.open('deductionRetry', {}, '2018-06-20').until('2018-06-28');
    expect(run.act(TOWNSHIP, 'urge')).toBeNull();
    run.until('2018-06-30T23:59:00');
    expect(run.state).toBe('waiting');
    run.until('2018-07-05');
    expect(run.state).toBe('left');
    // At the first moment after the phase, whenever it is looked at.
    expect(run.main).toMatchObject({ status: 'done', closed: { on: '2018-07-01', at: '2018-07-01T00:00:00', by: 'system' } });
    expect(run.obligations).toEqual(['urging done late 3', 'waiting done']);
    expect(run.folded()).toEqual(run.row);
    expect(run.act(TOWNSHIP, 'deposit', { answer: { deposited: 20_000 }, evidence: PROOF })).toBe('already-closed');
  });

  test('S1-04 money that came by then closes the case as paid', () => {
    const run = CaseRun.open('deductionRetry', {}, '2018-06-28').arrived('2018-06-28');
    expect(run.until('2018-07-05').state).toBe('closed');
  });

  test('S1-04 an answer that comes after the last day opens nothing that would wait for a further round', () => {
    const run = CaseRun.open('deductionRetry', {}, '2018-07-03');
    expect(run.state).toBe('left');
    expect(run.notices).toEqual([]);
  });

  test('S1-39 a cause that is sought is still found and put right; then no round is waited for', () => {
    const run = CaseRun.open('deductionAnomaly', { deposited: 50_000 }, '2018-06-28').until('2018-07-05');
    expect(run.state).toBe('finding');
    for (const who of [TOWNSHIP, BANK, BRANCH]) run.act(who, 'find', cause('bankSystem', 'bank'));
    for (const who of [TOWNSHIP, BANK, BRANCH]) expect(run.act(who, 'cure', { reason: '已办' })).toBeNull();
    expect(run.state).toBe('left');
    expect(run.folded()).toEqual(run.row);
  });

  test('S1-04 the phase may be lengthened until it has ended: the case waits on', () => {
    const run = CaseRun.open('deductionRetry', {}, '2018-06-28');
    run.amendPhase('stragglers', '2018-07-31').until('2018-07-20');
    expect(run.state).toBe('urging');
    expect(run.until('2018-08-01T09:00:00').state).toBe('left');
    expect(run.main.closed?.on).toBe('2018-08-01');
    expect(run.folded()).toEqual(run.row);
  });

  test('S1-04 while everything stands still nothing ends; it does as soon as it goes on', () => {
    const run = CaseRun.open('deductionRetry', {}, '2018-06-28').pause('2018-06-29');
    run.until('2018-07-04');
    expect(run.state).toBe('urging');
    expect(run.goOn().state).toBe('left');
    expect(run.folded()).toEqual(run.row);
  });

  test('S1-04 the centre owes each township the list of those who are not in, none where there is nobody', () => {
    const run = new Campaign(shuchengSetting(), () => ({})).launch('2018-01-02').until('2018-07-02');
    const own = 'unpaidList/u2@2018-07-01';
    expect(run.open(own)).toMatchObject({ owes: ['pensionCentre'], due: '2018-07-03' });
    const paper = [{ paper: 'unpaidPersons', fields: { persons: 3 }, file: null }];
    expect(run.done(TOWNSHIP, own, { answer: { persons: 3 }, evidence: paper })?.code).toBe('not-yours');
    expect(run.done(CENTRE, own, {})?.code).toBe('fields-missing');
    expect(run.done(CENTRE, own, { answer: { persons: 3 } })).toBeNull();
    expect(run.done(CENTRE, 'unpaidList/u3@2018-07-01', { nil: true })).toBeNull();
    expect(run.state.open['unpaidList'] ?? {}).toEqual({});
  });
});

describe('rounds', () => {
  /** Lines without an answer, as the store would count them. */
  let unanswered = 0;
  const launched = (): Campaign => new Campaign(shuchengSetting(), () => ({ ['v1' as UnitId]: { unanswered } })).launch('2018-01-02');
  const fact = (event: string, on: string, of = 'v1'): UnitFact => ({
    kind: 'deduction',
    event,
    round: 1,
    unit: of as UnitId,
    insurance: 'pension',
    on: day(on),
    persons: 3,
    amount: 60_000,
  });

  test('what was sent discharges the rounds that had begun; the return is owed, then a list for every township', () => {
    const run = launched().until('2018-04-13');
    expect(Object.keys(run.state.open['pensionDeduction'] ?? {})).toEqual([
      'pensionDeduction/u1@2018-04-01',
      'pensionDeduction/u1@2018-04-11',
    ]);
    unanswered = 3;
    run.facts([fact('pensionDeduction.sent', '2018-04-12')]);
    expect(run.state.open['pensionDeduction'] ?? {}).toEqual({});
    expect(Object.keys(run.state.open['returnFile'] ?? {})).toEqual(['returnFile/u1@2018-04-12']);
    run.facts([fact('pensionDeduction.returned', '2018-04-13'), fact('pensionDeduction.short', '2018-04-13', 'v2')]);
    expect(Object.keys(run.state.open['failureList'] ?? {})).toEqual(['failureList/u2@2018-04-13', 'failureList/u3@2018-04-13']);
    expect(run.state.held).toEqual({});
  });

  test('C-D12 a line has no answer (S1-36): the bank still owes the return, and past its day a supervisor has to look', () => {
    const run = launched().until('2018-04-12');
    unanswered = 10;
    run.facts([fact('pensionDeduction.sent', '2018-04-12')]);
    unanswered = 1;
    run.until('2018-04-13').facts([fact('pensionDeduction.returned', '2018-04-13')]);
    const open = (duty: string): readonly string[] => Object.keys(run.state.open[duty] ?? {});
    expect(open('returnFile')).toEqual(['returnFile/u1@2018-04-12']);
    expect(open('missingAnswers')).toEqual([]);
    run.until('2018-04-16');
    expect(run.state.open['returnFile']?.['returnFile/u1@2018-04-12' as ObligationId]).toMatchObject({ late: true, owes: ['bank'] });
    expect(open('missingAnswers')).toHaveLength(1);
    unanswered = 0;
    run.facts([fact('pensionDeduction.returned', '2018-04-16')]);
    expect([...open('returnFile'), ...open('missingAnswers')]).toEqual([]);
  });

  test('C-D15 no round inside the window (S1-35); afterwards by the bank, with the centre as second person', () => {
    const setting = shuchengSetting();
    const run = launched().until('2018-03-20');
    const ask = (who: ReturnType<typeof actor>, moment: string) => ({ deduction: 'pensionDeduction', actor: who, at: moment as Moment });
    expect(runRefusal(setting, run.state, ask(BANK, at('2018-03-20')))?.code).toBe('phase-not-open');
    run.until('2018-04-02');
    const now = at('2018-04-02');
    expect(runRefusal(setting, run.state, ask(BANK, now))).toBeNull();
    expect(runRefusal(setting, run.state, ask(CENTRE, now))?.code).toBe('not-granted');
    expect(confirmRefusal(setting, run.state, ask(CENTRE, now), BANK.user)).toBeNull();
    expect(confirmRefusal(setting, run.state, ask(TOWNSHIP, now), BANK.user)?.code).toBe('not-granted');
    const both = actor('bank', ['bank', 'u1'], ['pensionCentre', 'u1']);
    expect(confirmRefusal(setting, run.state, ask(both, now), BANK.user)?.code).toBe('second-person');
    expect(runRefusal(setting, run.state, { ...ask(BANK, now), deduction: 'none' })?.code).toBe('unknown-deduction');
    expect(runRefusal(setting, run.state, ask(BANK, at('2018-07-01')))?.code).toBe('phase-over');
    const stopped = { ...initialState(run.state.process), status: 'stopped' as const };
    expect(runRefusal(setting, stopped, ask(BANK, now))?.code).toBe('campaign-ended');
    expect(step(setting, run.state, { type: 'woke', at: now }).refusal).toBeNull();
  });
});
