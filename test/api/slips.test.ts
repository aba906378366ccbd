import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { inventedId } from '../imports/given.js';
import type { Answer, As } from './support/client.js';
import { actPath, offices, refusal, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

/* Money is handed in under the number of a slip, and the duty to hand it in asks for the slip. */

let at: Offices;
let dues: Readonly<Record<string, string>>;

const path = (rest: string): string => `/campaigns/${at.campaign}/${rest}`;
const collect = async (as: As, name: string): Promise<void> => {
  expectStatus(await as.post(path('payments/collected'), { due: dues[name], amount: 10_000, on: '2026-12-20', channel: '柜台' }), 201);
};
const remit = (as: As, unit: string, slip: string | null, key?: string): Promise<Answer> =>
  as.post(
    path('payments/remitted'),
    { unit, insurance: 'pension', amount: 5_000, on: '2026-12-20', account: 'fiscal', slip },
    key === undefined ? {} : { key },
  );
/** The open obligation of a unit to hand in what it holds. */
const deposit = async (unit: string): Promise<string> => {
  for (let n = 0; n < 100; n += 1) {
    const open = (await at.leader.get(`/obligations?campaign=${at.campaign}&duty=deposit&status=open&below=${unit}`)).body.at(
      'items',
      0,
      'id',
    );
    if (open.value !== undefined) return open.text;
    await sleep(100);
  }
  throw new Error('nothing is owed');
};
const done = (as: As, obligation: string, number: string): Promise<Answer> =>
  as.post(actPath(at.campaign, obligation), { act: { kind: 'done', evidence: [{ paper: 'slip', fields: { number, amount: 100_00 } }] } });

beforeAll(async () => {
  at = await offices('changing');
  const people = ['甲 东坡村', '乙 东坡村', '丙 西坡村'].map((text, n) => {
    const [name = '', village = ''] = text.split(' ');
    return `${inventedId(61 + n)},测${name},${village},pension,2026,300`;
  });
  const form = new FormData();
  form.set('data', JSON.stringify({ campaign: at.campaign, kind: 'roster' }));
  form.set('file', new Blob([`身份证号码,姓名,村居,险种,年度,应缴金额\n${people.join('\n')}\n`]), 'roster.csv');
  expectStatus(await at.leader.post('/imports', undefined, { form }), 201);
  const unpaid = (await at.hr.get(path('unpaid'))).body.at('items').list;
  dues = Object.fromEntries(unpaid.map((row) => [row.at('name').text, row.at('due').text]));
  await collect(at.collector, '测甲');
  await collect(at.neighbour, '测丙');
}, 240_000);
afterAll(() => at.on.stop());

describe('the number of a slip', () => {
  test('is good for one handing-in; the same request again has one effect', async () => {
    const first = await remit(at.collector, at.east, 'S-1', 'slip-one-1');
    expectStatus(first, 201);
    expect((await remit(at.collector, at.east, 'S-1', 'slip-one-1')).body.value).toEqual(first.body.value);
    expect(refusal(await remit(at.collector, at.east, 'S-1'))).toEqual([409, 'act-refused', 'slip-used']);
    expect(refusal(await remit(at.neighbour, at.west, 'S-1'))).toEqual([409, 'act-refused', 'slip-used']);
  });

  test('handed in under it, the duty is done with the same slip, and no other village’s', async () => {
    const [east, west] = [await deposit(at.east), await deposit(at.west)];
    expect(refusal(await done(at.neighbour, west, 'S-1'))).toEqual([409, 'act-refused', 'serial-used']);
    expectStatus(await done(at.collector, east, 'S-1'), 200);
    // What is held next is another obligation: it asks for another slip.
    await collect(at.collector, '测乙');
    const next = await deposit(at.east);
    expect(next).not.toBe(east);
    expect(refusal(await done(at.collector, next, 'S-1'))).toEqual([409, 'act-refused', 'serial-used']);
  });

  test('named in the duty first, money is handed in under it by that village alone', async () => {
    expectStatus(await done(at.neighbour, await deposit(at.west), 'S-2'), 200);
    expect(refusal(await remit(at.collector, at.east, 'S-2'))).toEqual([409, 'act-refused', 'slip-used']);
    expectStatus(await remit(at.neighbour, at.west, 'S-2'), 201);
  });

  test('refused, it is free again; without a number nothing is claimed', async () => {
    const much = { unit: at.east, insurance: 'pension', amount: 90_000, on: '2026-12-20', account: 'fiscal', slip: 'S-3' };
    expect(refusal(await at.collector.post(path('payments/remitted'), much))).toEqual([409, 'act-refused', 'bad-amount']);
    expectStatus(await remit(at.collector, at.east, 'S-3'), 201);
    expectStatus(await remit(at.neighbour, at.west, null), 201);
  });
});
