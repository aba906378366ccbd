import { describe, expect, test } from '@jest/globals';
import { OUTCOME_CLASSES, STANDINGS } from '../../../domain/deduction/classes.js';
import { allPending, difference, moved } from '../../../domain/deduction/counters.js';
import { judgeAnswer, VERDICTS } from '../../../domain/deduction/judge.js';
import { roundOn, standsInRound, type Candidate } from '../../../domain/deduction/round.js';
import { parseDate } from '../../../domain/calendar/dates.js';
import { found } from '../../support/definitions.js';
import { setting } from '../../deductions/given.js';

const deduction = found(setting.definition.deductions?.['pensionDeduction']);

describe('one answer', () => {
  test.each([
    ['pending', 'unknown', 'post'],
    ['unknown', 'success', 'post'],
    ['unknown', 'unknown', 'again'],
    ['duplicate-reported', 'unknown', 'again'],
    ['duplicate-reported', 'failed-retryable', 'post'],
    ['success', 'success', 'again'],
    ['success', 'duplicate-reported', 'again'],
    ['success', 'failed-retryable', 'quarantine'],
    ['success', 'unknown', 'quarantine'],
    ['failed-retryable', 'success', 'late'],
    ['failed-retryable', 'failed-permanent', 'quarantine'],
    ['failed-permanent', 'unknown', 'quarantine'],
  ] as const)('given %s, when the bank says %s, then %s', (standing, said, verdict) => {
    expect(judgeAnswer(standing, false, said)).toBe(verdict);
  });

  test('a late success is late once', () => {
    expect(judgeAnswer('failed-permanent', true, 'success')).toBe('again');
  });

  test('the table that the store joins with has one verdict for everything that can be', () => {
    const keys = VERDICTS.map(({ standing, late, said }) => `${standing} ${late} ${said}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength((STANDINGS.length + 2) * OUTCOME_CLASSES.length);
  });
});

describe('counters', () => {
  test('follow the answers, and a break is named with its difference', () => {
    const after = moved(allPending(10), [
      { from: 'pending', to: 'success', lines: 6 },
      { from: 'pending', to: 'failed-retryable', lines: 3 },
      { from: 'pending', to: 'duplicate-reported', lines: 1 },
    ]);
    expect(after).toEqual({ sent: 10, succeeded: 6, failed: 3, unknown: 1, pending: 0 });
    expect(difference(after, after)).toBeNull();
    expect(difference({ ...after, failed: 4, unknown: 0 }, after)).toEqual({ counter: 'failed', expected: 3, found: 4 });
    expect(difference({ ...after, pending: 1 }, after)).toEqual({ counter: 'sent', expected: 10, found: 11 });
  });
});

describe('who is in a round', () => {
  const fresh: Candidate = {
    due: true, owes: true, account: true, attempts: 0, standing: null, refund: false, lastRound: 0, firstOn: null, freedUpTo: 0, extra: false,
  }; // prettier-ignore
  const second = { round: 2, on: parseDate('2018-04-20') };
  const tried: Candidate = { ...fresh, attempts: 1, lastRound: 1, firstOn: parseDate('2018-04-02'), standing: 'failed-retryable' };
  test.each<readonly [string, Candidate, ReturnType<typeof standsInRound>]>([
    ['never tried', fresh, 'in'],
    ['short last time', tried, 'in'],
    ['no answer yet', { ...tried, standing: 'pending' }, 'pending'],
    ['unknown', { ...tried, standing: 'unknown' }, 'unknown'],
    ['taken before, says the bank', { ...tried, standing: 'duplicate-reported' }, 'duplicate'],
    ['taken', { ...tried, standing: 'success' }, 'taken'],
    ['stopped', { ...tried, standing: 'failed-permanent' }, 'stopped'],
    ['stopped and freed', { ...tried, standing: 'failed-permanent', freedUpTo: 1 }, 'in'],
    ['tried in this round', { ...tried, lastRound: 2 }, 'this-round'],
    ['tried in this round, and asked for again outside the rhythm', { ...tried, lastRound: 2, freedUpTo: 2, extra: true }, 'in'],
    ['taken late and not given back', { ...tried, refund: true }, 'refund'],
    ['nothing left to pay', { ...tried, owes: false }, 'nothing-owed'],
    ['no account', { ...fresh, account: false }, 'no-account'],
    ['not meant', { ...fresh, due: false }, 'not-due'],
  ])('%s', (_, candidate, verdict) => {
    expect(standsInRound(deduction, second, candidate)).toBe(verdict);
  });

  test('no more often and no longer than the definition says', () => {
    expect(standsInRound({ ...deduction, most: 1 }, second, tried)).toBe('too-many');
    expect(standsInRound({ ...deduction, within: 17 }, second, tried)).toBe('too-late');
    expect(standsInRound({ ...deduction, within: 18 }, second, tried)).toBe('in');
  });

  test('rounds are the periods of the phase, numbered; there is none outside it', () => {
    const on = (day: string) => roundOn(setting, deduction, parseDate(day))?.round ?? null;
    expect([on('2018-03-31'), on('2018-04-01'), on('2018-04-15'), on('2018-04-16'), on('2018-06-30'), on('2018-07-01')]).toEqual([
      null,
      1,
      1,
      2,
      7,
      null,
    ]);
  });
});
