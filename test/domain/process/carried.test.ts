import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { addDays } from '../../../domain/calendar/dates.js';
import type { ActId, LocalDate, ObligationId, ProcessId, UnitId } from '../../../domain/model/ids.js';
import type { ClosedMark, State } from '../../../domain/model/state.js';
import { initialState, pack, unpack, type Carried } from '../../../domain/process/index.js';
import { markShelfOf, obligationId } from '../../../domain/process/obligation-ids.js';
import { actor, Campaign, definitionOf, LINGCHENG_2020, settingOf, unit } from '../../support/campaign.js';

/** Bytes of what a run hands over to the next one. */
const bytesOf = (state: State): number => Buffer.byteLength(JSON.stringify(pack(state)));
/** As the next run finds it. */
const handedOver = (state: State): State => {
  const text: Carried = JSON.parse(JSON.stringify(pack(state)));
  return unpack(text);
};
/** Equal, and what is open in the same order. The framework's own comparison, a hundred times slower, only words what differs. */
function same(found: State, expected: State): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toStrictEqual(expected);
  expect(inOrder(found)).toBe(inOrder(expected));
}
const inOrder = ({ open, milestones }: State): string =>
  [...Object.values(open).flatMap((shelf) => Object.keys(shelf)), ...Object.keys(milestones)].join(' ');
const empty = initialState('c1' as ProcessId);
const digest = (n: number): ActId => createHash('sha256').update(String(n)).digest('hex') as ActId;

describe('what is handed over comes back as it was', () => {
  test('Lingcheng 2020 with eight villages, at every event of its year: notices, follow-ups, figures, the end', () => {
    const villages = Array.from({ length: 8 }, (_, n) => unit(`u${n + 4}`, 'unit', 'u3'));
    const units = [unit('u1', 'city', null), unit('u2', 'town', 'u1'), unit('u3', 'area', 'u2'), ...villages];
    const run = new Campaign(settingOf(definitionOf('lingcheng-2020.yaml'), units, LINGCHENG_2020), () => ({
      ['u4' as UnitId]: { paid: 97, paidSum: 2_910_000, 'villages.payers': 100, 'villages.amount': 3_000_000 },
    }));
    run.launch('2020-04-28');
    const town = actor('p2', ['townGovernment', 'u2']);
    run.done(town, 'assign/u2', { items: ['areas', 'villages', 'households'] }, '2020-05-06T10:00:00');
    for (let at = run.wakeAt; at !== null && at < '2021-01-15'; at = run.wakeAt) {
      run.take({ type: 'woke', at });
      same(handedOver(run.state), run.state);
    }
    expect(Object.keys(run.state.open).some((shelf) => shelf.startsWith('~'))).toBe(true);
    run.act(town, { kind: 'stop', reason: '年度工作结束' });
    same(handedOver(run.state), run.state);
  });

  test('texts that look like marks, units or patterns', () => {
    const id = 'visit/c@2020-05' as ObligationId;
    const odd = ['\u0001', '\u0002c\u0008', '$&$1', '"c":\\"', 'c'.repeat(40), '\u{1f600}', '0:0-1 2'];
    const marks = Object.fromEntries(odd.map((text, n) => [`visit/c${n}@2020-05`, { s: 'd', on: text, by: [text] }]));
    const state = {
      ...empty,
      closed: {
        [markShelfOf(id)]: marks,
        'visit@': {},
        '~reply@visit': { '~reply/visit/c1@2020-05#1.missed/cadre/c': { s: 'x', on: '1' } },
      },
    };
    expect(handedOver(JSON.parse(JSON.stringify(state)))).toStrictEqual(state);
  });

  test('ids of acts: digests, others, answers kept with them, in their order', () => {
    const acts: State['acts'] = [
      [digest(1), null],
      [digest(2), null],
      ['a3' as ActId, null],
      [digest(4), 'answer'],
      [`${'f'.repeat(63)}0` as ActId, null],
      ['F'.repeat(64) as ActId, null],
    ];
    expect(handedOver({ ...empty, acts })).toStrictEqual({ ...empty, acts });
  });

  test('what a later core adds to the state is carried too', () => {
    const later = { ...empty, told: { 'collection.ended': '2020-05-26' as LocalDate } };
    expect(handedOver(later)).toStrictEqual(later);
  });

  test('a state as the first runs carried it is taken as it is', () => {
    expect(unpack(empty)).toBe(empty);
  });
});

describe('how large it is', () => {
  const villages = Array.from({ length: 400 }, (_, n) => `u${1000 + n}` as UnitId);

  test('a daily duty of 400 villages: a year of marks, a third of them late by up to three days, stays under 512 KB', () => {
    const closed: Record<string, Record<string, ClosedMark>> = {};
    for (let n = 0; n < 365; n += 1) {
      const day = addDays('2020-01-01' as LocalDate, n);
      const marks: Record<string, ClosedMark> = (closed[`patrol@${day}`] = {});
      villages.forEach((village, v) => {
        const late = ((v * 31 + n * 17) % 9) - 5;
        const id = obligationId({ duty: 'patrol', unit: village, insurance: null, period: day });
        marks[id] = late > 0 ? { s: 'd', on: addDays(day, late), l: late } : { s: 'd', on: day };
      });
    }
    const acts = Array.from({ length: 2000 }, (_, n): State['acts'][number] => [digest(n), null]);
    const state = { ...empty, closed, acts };
    expect(bytesOf(state)).toBeLessThan(512 * 1024);
    expect(JSON.stringify(state).length).toBeGreaterThan(2 * 1024 * 1024);
    expect(Object.keys(handedOver(state).closed['patrol@2020-12-30'] ?? {}).length).toBe(400);
  });
});
