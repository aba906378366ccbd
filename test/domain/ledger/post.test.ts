import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACCOUNT_IDS, LEDGER_ACCOUNTS, NO_UNIT } from '../../../domain/ledger/accounts.js';
import { TRANSACTION_KINDS, type Basis, type LedgerEvent } from '../../../domain/ledger/events.js';
import { imbalances, post, shownBalance, type Posting } from '../../../domain/ledger/post.js';
import type { LocalDate, UnitId } from '../../../domain/model/ids.js';
import { fen } from '../../../domain/money/fen.js';

const common = {
  cause: 'payment/k1',
  book: 'personalAccount',
  insurance: 'pension',
  year: 2020,
  amount: fen(30_000),
  on: '2020-05-10' as LocalDate,
} as const;
const [village, other] = ['u4' as UnitId, 'u5' as UnitId];
const said = (postings: readonly Posting[]): readonly string[] =>
  postings.map(
    ({ account, holder, amount }) => `${amount > 0 ? 'D' : 'C'} ${account}${holder === null ? '' : ` ${holder}`} ${Math.abs(amount)}`,
  );

/** One event of each kind, so that a kind without a rule cannot be forgotten. */
const events: Readonly<Record<LedgerEvent['kind'], LedgerEvent>> = {
  collected: { ...common, kind: 'collected', person: 'n1', unit: village },
  remitted: { ...common, kind: 'remitted', unit: village },
  arrived: { ...common, kind: 'arrived', person: 'n1' },
  matched: { ...common, kind: 'matched', person: 'n1', unit: village },
  suspended: { ...common, kind: 'suspended', basis: 'arrived', suspense: 's1', unit: null },
  reversed: { ...common, kind: 'reversed', basis: 'arrived', from: { person: 'n1' }, unit: village, reverses: 'payment/k0' },
  offset: { ...common, kind: 'offset', suspense: 's1', against: 's2' },
  allotted: { ...common, kind: 'allotted', basis: 'arrived', suspense: 's1', person: 'n1', from: null, unit: village },
  refunded: { ...common, kind: 'refunded', basis: 'arrived', suspense: 's1', unit: null },
  deductionPosted: { ...common, kind: 'deductionPosted', batch: 'b1', person: 'n1' },
  deductionReversed: { ...common, kind: 'deductionReversed', batch: 'b1', person: 'n1', reverses: 'deduction/b1/1/posted' },
  refundOwed: { ...common, kind: 'refundOwed', batch: 'b1', person: 'n1' },
  refundPaid: { ...common, kind: 'refundPaid', person: 'n1' },
  refundCredited: { ...common, kind: 'refundCredited', person: 'n1' },
  deductionCleared: { ...common, kind: 'deductionCleared', batch: 'b1' },
};

describe('posting rules', () => {
  test.each([
    ['collected', ['D cash u4 30000', 'C received n1 30000']],
    ['remitted', ['D transit u4 30000', 'C cash u4 30000']],
    ['arrived', ['D income 30000', 'C contribution n1 30000']],
    ['matched', ['D received n1 30000', 'C transit u4 30000']],
    ['suspended', ['D income 30000', 'C suspense s1 30000']],
    ['reversed', ['C income 30000', 'D contribution n1 30000']],
    ['offset', ['D suspense s1 30000', 'C suspense s2 30000']],
    ['allotted', ['D suspense s1 30000', 'C contribution n1 30000']],
    ['refunded', ['D suspense s1 30000', 'C income 30000']],
    ['deductionPosted', ['D clearing b1 30000', 'C contribution n1 30000']],
    ['deductionReversed', ['C clearing b1 30000', 'D contribution n1 30000']],
    ['refundOwed', ['D clearing b1 30000', 'C refundPayable n1 30000']],
    ['refundPaid', ['D refundPayable n1 30000', 'C income 30000']],
    ['refundCredited', ['D refundPayable n1 30000', 'C contribution n1 30000']],
    ['deductionCleared', ['D income 30000', 'C clearing b1 30000']],
  ] as const)('given %s, then it is booked so', (kind, expected) => {
    expect(said(post(events[kind]).postings)).toEqual(expected);
  });

  test('every kind has a rule, a name, and names accounts with the holder that the chart asks for', () => {
    expect(Object.keys(events).sort()).toEqual(Object.keys(TRANSACTION_KINDS).sort());
    for (const event of Object.values(events))
      for (const { account, holder } of post(event).postings) {
        expect(ACCOUNT_IDS).toContain(account);
        expect([account, holder === null]).toEqual([account, LEDGER_ACCOUNTS[account].holder === null]);
      }
  });

  test('collected money in suspense lies with its unit, also where nobody knows the unit', () => {
    const collected = { ...events.suspended, basis: 'collected', unit: null } as LedgerEvent;
    expect(said(post(collected).postings)).toEqual([`D cash ${NO_UNIT} 30000`, 'C suspense s1 30000']);
  });

  test('collected money allotted to a due of another village moves there with it', () => {
    const moved = { ...events.allotted, basis: 'collected', from: other } as LedgerEvent;
    expect(said(post(moved).postings)).toEqual(['D suspense s1 30000', 'C received n1 30000', 'D cash u4 30000', 'C cash u5 30000']);
    const stayed = { ...events.allotted, basis: 'collected', from: village } as LedgerEvent;
    expect(said(post(stayed).postings)).toEqual(['D suspense s1 30000', 'C received n1 30000']);
  });

  test('a reversal undoes what it names to the fen', () => {
    const [arrived, reversed] = [post(events.arrived), post(events.reversed)];
    const sums = new Map<string, number>();
    for (const { account, holder, amount } of [...arrived.postings, ...reversed.postings])
      sums.set(`${account} ${holder}`, (sums.get(`${account} ${holder}`) ?? 0) + amount);
    expect([...sums.values()]).toEqual([0, 0]);
    expect(reversed.reverses).toBe('payment/k0');
  });

  test('the cause is the id: the same cause makes the same transaction', () => {
    expect(post(events.arrived)).toEqual(post({ ...events.arrived }));
    expect(post(events.arrived).id).toBe('payment/k1');
  });

  test('nothing is not a transaction', () => {
    expect(() => post({ ...events.arrived, amount: fen(0) })).toThrow(RangeError);
  });

  test('balances are shown above 0 on the own side of the account', () => {
    expect([shownBalance('income', 5), shownBalance('contribution', -5), shownBalance('suspense', 5)]).toEqual([5, 5, -5]);
  });
});

test('whatever happens with whatever amount, each transaction balances in its book and insurance', () => {
  const kind = fc.constantFrom(...Object.values(events));
  const basis = fc.constantFrom<Basis>('collected', 'arrived');
  const amount = fc.integer({ min: -9_000_000_000, max: 9_000_000_000 }).filter((value) => value !== 0);
  fc.assert(
    fc.property(kind, basis, amount, fc.constantFrom('pension', 'medical'), (event, of, value, insurance) => {
      const changed = { ...event, ...('basis' in event ? { basis: of } : {}), amount: fen(value), insurance } as LedgerEvent;
      const { postings } = post(changed);
      expect(imbalances(postings)).toEqual([]);
      expect(postings.every((posting) => posting.insurance === insurance && Number.isSafeInteger(posting.amount))).toBe(true);
    }),
    { numRuns: 1_000, seed: 20_201 },
  );
});

test('what does not balance is named with book, insurance and difference', () => {
  const postings: readonly Posting[] = [
    { account: 'income', holder: null, book: 'personalAccount', insurance: 'pension', amount: fen(100) },
    { account: 'contribution', holder: 'n1', book: 'personalAccount', insurance: 'medical', amount: fen(-100) },
  ];
  expect(imbalances(postings)).toEqual([
    { book: 'personalAccount', insurance: 'pension', by: 100 },
    { book: 'personalAccount', insurance: 'medical', by: -100 },
  ]);
});
