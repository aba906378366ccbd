import { describe, expect, test } from '@jest/globals';
import { found } from '../../support/definitions.js';
import { OTHER_TOWNSHIP, shuchengSetting, TOWNSHIP, BANK, BRANCH } from '../../support/shucheng.js';
import { CaseRun } from './given-cases.js';

/* What the township puts right by itself before others are asked: the account, the name, and a death that only the bank speaks of. */

const ACCOUNT = [{ paper: 'accountProof', fields: {}, file: null }];
const DEATH = [{ paper: 'deathProof', fields: { diedOn: '2018-02-03' }, file: null }];
const outcome = (what: string) => found(shuchengSetting().definition.deductions?.['pensionDeduction']?.outcomes[what], what);

describe('an account or a name that the bank does not know is corrected by the township first', () => {
  const opened = (code = '1002') => CaseRun.open('accountCorrection', { code }, '2018-04-12', 'pensionDeduction.account');

  test.each(['account', 'name'])('%s: it stops, and leads to the correction', (what) => {
    expect(outcome(what)).toMatchObject({ class: 'stop', open: 'accountCorrection' });
  });

  test('corrected, with what was corrected and the proof: the due is freed, and the money closes it', () => {
    const run = opened();
    expect(run.main).toMatchObject({ owes: ['townshipHr'], due: '2018-04-19', title: '账户或户名不符（更正资料）：更正账户或户名' });
    expect(run.act(TOWNSHIP, 'correct', { reason: '账号录错' })).toBe('evidence-missing');
    expect(run.act(TOWNSHIP, 'correct', { evidence: ACCOUNT })).toBe('reason-missing');
    expect(run.act(OTHER_TOWNSHIP, 'correct', { reason: '账号录错', evidence: ACCOUNT })).toBe('not-yours');
    expect(run.frees).toEqual([]);
    expect(run.act(TOWNSHIP, 'correct', { reason: '账号录错', evidence: ACCOUNT })).toBeNull();
    expect(run.frees).toEqual(['pensionDeduction d1 after 1']);
    expect(run.state).toBe('waiting');
    run.until('2018-04-22').arrived('2018-04-21');
    expect(run.state).toBe('closed');
    expect(run.folded().main).toEqual(run.main);
  });

  test('refused again, it is owed anew and not free; found in order, it goes to the joint finding', () => {
    const run = opened();
    run.act(TOWNSHIP, 'correct', { reason: '户名改正', evidence: ACCOUNT });
    run.until('2018-04-21').tell('pensionDeduction.name', { round: 2, code: '1003' }, 'accountCorrection');
    expect([run.state, run.main.due, run.frees.length]).toEqual(['correcting', '2018-04-28', 1]);
    expect(run.main.case?.fields['code']).toBe('1003');
    expect(run.act(TOWNSHIP, 'refer', { reason: '户名与存折一致' })).toBeNull();
    expect(run.state).toBe('handed');
    expect(run.calls).toEqual(['accountCorrection.refer -> deductionAnomaly']);
  });

  test('nobody corrects it: the township is urged, then its head hears of it', () => {
    const run = opened();
    run.until('2018-04-27');
    expect(run.notices.map(({ to }) => to[0]?.role)).toEqual(['townshipHr', 'townshipHr', 'townshipChief']);
    expect(run.main.late).toBe(true);
  });

  test('where the cause is sought together already, it stays there', () => {
    const anomaly = CaseRun.open('deductionAnomaly', { deposited: 50_000 });
    const said = { answer: { finding: '查明', cause: 'accountClosed', remedy: 'bank' } };
    for (const who of [TOWNSHIP, BANK, BRANCH]) anomaly.act(who, 'find', said);
    for (const who of [TOWNSHIP, BANK, BRANCH]) anomaly.act(who, 'cure', { reason: '账户已恢复' });
    anomaly.tell('pensionDeduction.account', { round: 2 });
    expect(anomaly.state).toBe('finding');
    expect(anomaly.calls).toEqual(['deductionAnomaly.again -> null']);
    const run = opened();
    run.tell('deductionAnomaly.again');
    expect(run.state).toBe('handed');
  });

  test('corrected, but too little is there: it is for the retry, and the correction is over', () => {
    const run = opened();
    run.act(TOWNSHIP, 'correct', { reason: '账号录错', evidence: ACCOUNT });
    run.tell('pensionDeduction.short', { round: 2 }, 'deductionRetry');
    expect(run.state).toBe('handed');
  });
});

describe('the bank says that the holder has died', () => {
  const opened = () => CaseRun.open('deathCheck', { code: '1005' }, '2018-04-12', 'pensionDeduction.deceased');

  test('it stops, and the township checks; nothing is freed meanwhile', () => {
    expect(outcome('deceased')).toMatchObject({ class: 'stop', open: 'deathCheck' });
    const run = opened();
    expect(run.main).toMatchObject({ owes: ['townshipHr'], due: '2018-04-19', title: '银行称户主已死亡（核实）：核实是否死亡' });
    expect(run.frees).toEqual([]);
  });

  test('alive: the data are corrected with proof, the due is freed', () => {
    const run = opened();
    expect(run.act(TOWNSHIP, 'alive', { reason: '本人在家，银行资料有误' })).toBe('evidence-missing');
    expect(run.act(BANK, 'alive', { reason: '本人在家，银行资料有误', evidence: ACCOUNT })).toBe('not-yours');
    expect(run.act(TOWNSHIP, 'alive', { reason: '本人在家，银行资料有误', evidence: ACCOUNT })).toBeNull();
    expect(run.frees).toEqual(['pensionDeduction d1 after 1']);
    run.until('2018-04-22').tell('pensionDeduction.deceased', { round: 2 }, 'deathCheck');
    expect(run.state).toBe('checking');
    run.act(TOWNSHIP, 'alive', { reason: '已换账户', evidence: ACCOUNT });
    run.until('2018-05-03').arrived('2018-05-02');
    expect(run.state).toBe('closed');
  });

  test('dead: ended with the day and the proof, never freed, and nothing but this case is touched', () => {
    const run = opened();
    expect(run.act(TOWNSHIP, 'died', { evidence: DEATH })).toBe('fields-missing');
    expect(run.act(TOWNSHIP, 'died', { answer: { diedOn: '2018-02-03' } })).toBe('evidence-missing');
    expect(run.act(TOWNSHIP, 'died', { answer: { diedOn: '2018-02-03' }, evidence: DEATH })).toBeNull();
    expect(run.main).toMatchObject({ status: 'done', case: { state: 'died', fields: { diedOn: '2018-02-03' } } });
    expect([run.frees, run.calls]).toEqual([[], []]);
    expect(run.act(TOWNSHIP, 'alive', { reason: '误', evidence: ACCOUNT })).toBe('already-closed');
  });

  test('money that comes while it is being checked does not answer the question', () => {
    const run = opened();
    run.arrived('2018-04-12');
    expect(run.state).toBe('checking');
    run.act(TOWNSHIP, 'alive', { reason: '本人在家', evidence: ACCOUNT });
    expect(run.state).toBe('closed');
  });

  test.each(['deductionRetry', 'deductionAnomaly'] as const)('heard by an open %s, it hands over', (type) => {
    const run = CaseRun.open(type, { deposited: 20_000 });
    if (type === 'deductionAnomaly')
      for (const who of [TOWNSHIP, BANK, BRANCH]) run.act(who, 'find', { answer: { finding: '查明', cause: 'other', remedy: 'bank' } });
    run.tell('pensionDeduction.deceased', { round: 2 }, 'deathCheck');
    expect(run.state).toBe('handed');
    expect(run.calls).toEqual([`${type}.dead -> deathCheck`]);
  });
});
