import { describe, expect, test } from '@jest/globals';
import { fen } from '../../domain/money/fen.js';
import type { LocalDate } from '../../domain/model/ids.js';
import { bankSums, RehearsalBank, type BankAccount, type Temper, type Wanted } from '../../rehearsal/bank/bank.js';

const DAY = '2018-04-10' as LocalDate;
const LATER = '2018-04-20' as LocalDate;
const account = (number: string, yuan: number, temper: Temper = 'normal', name = '张三'): BankAccount => ({
  account: number,
  name,
  balance: fen(yuan * 100),
  temper,
});
const wanted = (line: number, number: string, yuan = 200, name = '张三'): Wanted => ({
  line,
  account: number,
  name,
  amount: fen(yuan * 100),
});
const bankOf = (accounts: readonly BankAccount[], keepsAccountsAboveZero = false): RehearsalBank =>
  new RehearsalBank(accounts, [], { keepsAccountsAboveZero });

describe('a line is taken, or refused for a reason', () => {
  test.each([
    ['enough', account('a', 260), 'taken', 60],
    ['exactly enough', account('a', 200), 'taken', 0],
    ['a yuan too little', account('a', 199), 'short', 199],
    ['closed', account('a', 260, 'closed'), 'account', 260],
    ['frozen', account('a', 260, 'frozen'), 'account', 260],
    ['the holder has died', account('a', 260, 'deceased'), 'deceased', 260],
    ['another name', account('a', 260, 'normal', '李四'), 'name', 260],
    ['it says that it took it before', account('a', 260, 'twice'), 'duplicate', 260],
    ['not known at first', account('a', 260, 'unsure'), 'unsure', 260],
  ] as const)('%s', (_, given, reason, left) => {
    const bank = bankOf([given]);
    expect(bank.answer('b1', wanted(1, 'a'), DAY)).toMatchObject({ reason, taken: reason === 'taken' ? 20_000 : 0 });
    expect(bank.account('a')?.balance).toBe(left * 100);
  });

  test('an account that would fall to zero is refused without a reason, where the bank has that rule', () => {
    expect(bankOf([account('a', 200)], true).answer('b1', wanted(1, 'a'), DAY).reason).toBe('bare');
    expect(bankOf([account('a', 201)], true).answer('b1', wanted(1, 'a'), DAY).reason).toBe('taken');
  });

  test('an account of another bank is no account', () => {
    expect(bankOf([]).answer('b1', wanted(1, 'a'), DAY).reason).toBe('account');
  });
});

describe('what was asked before', () => {
  test('the same line again is answered as before, and nothing is taken', () => {
    const bank = bankOf([account('a', 500)]);
    const first = bank.answer('b1', wanted(1, 'a'), DAY);
    expect(bank.answer('b1', wanted(1, 'a'), LATER)).toEqual(first);
    expect(bank.account('a')?.balance).toBe(30_000);
  });

  test('the same debt in another batch is taken once more: nobody but the county can know', () => {
    const bank = bankOf([account('a', 500)]);
    bank.answer('b1', wanted(1, 'a'), DAY);
    bank.answer('b2', wanted(1, 'a'), LATER);
    expect(bank.account('a')?.balance).toBe(10_000);
    expect(bankSums(bank.answered()).map(({ batch, taken, takenSum }) => [batch, taken, takenSum])).toEqual([
      ['b1', 1, 20_000],
      ['b2', 1, 20_000],
    ]);
  });
});

describe('what is added later', () => {
  test('the unsure and the silent are settled, the slow succeeds after its failure; a second supplement adds nothing', () => {
    const bank = bankOf([account('u', 300, 'unsure'), account('q', 300, 'silent'), account('s', 300, 'slow'), account('n', 300)]);
    const said = ['u', 'q', 's', 'n'].map((number, n) => bank.answer('b1', wanted(n + 1, number), DAY).reason);
    expect(said).toEqual(['unsure', null, 'short', 'taken']);
    const added = bank.supplement('b1', LATER);
    expect(added.map(({ account: number, reason, on }) => [number, reason, on])).toEqual([
      ['u', 'taken', LATER],
      ['q', 'taken', LATER],
      ['s', 'taken', LATER],
    ]);
    expect(bank.supplement('b1', LATER)).toEqual([]);
    expect(bankSums(bank.answered())).toEqual([{ batch: 'b1', lines: 4, open: 0, taken: 4, takenSum: 80_000, reasons: { taken: 4 } }]);
  });

  test('a slow account with too little stays refused; kept lines of a partial return come later', () => {
    const bank = bankOf([account('s', 100, 'slow'), account('k', 300)]);
    expect(bank.answer('b1', wanted(1, 's'), DAY).reason).toBe('short');
    expect(bank.answer('b1', wanted(2, 'k'), DAY, true).reason).toBeNull();
    expect(bank.supplement('b1', LATER).map(({ account: number }) => number)).toEqual(['k']);
  });

  test('a bank read back from its book goes on where it was', () => {
    const before = bankOf([account('a', 500), account('q', 300, 'silent')]);
    before.answer('b1', wanted(1, 'a'), DAY);
    before.answer('b1', wanted(2, 'q'), DAY);
    const bank = new RehearsalBank([...before.accounts], [...before.answered()], { keepsAccountsAboveZero: false });
    expect(bank.answer('b1', wanted(1, 'a'), LATER).on).toBe(DAY);
    expect(bank.supplement('b1', LATER).map(({ account: number }) => number)).toEqual(['q']);
    expect(bank.account('a')?.balance).toBe(30_000);
  });
});
