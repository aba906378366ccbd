import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from './support/client.js';
import { arrive, offices, order, refusal, type Offices } from './support/offices.js';
import { expectStatus } from './support/stage.js';

let at: Offices;
beforeAll(async () => {
  at = await offices();
}, 240_000);
afterAll(() => at.on.stop());

const settle = (): Promise<Answer> => at.leader.get(`/obligations/${at.campaign}/${encodeURIComponent(`settle/${at.town}`)}`);
const days = async (): Promise<unknown[]> => {
  const { body } = await settle();
  return [body.at('status').value, body.at('due').value];
};
const published = { year: 2027, source: '虚构通知〔2026〕1号', off: ['2027-01-01'], work: [] };
const later = { year: 2027, source: '虚构通知〔2027〕2号', off: ['2027-01-05', '2027-01-06'], work: ['2027-01-09'] };
const path = (): string => `/campaigns/${at.campaign}/calendar`;

describe('a year without a calendar', () => {
  test('is told at launch and does not hinder it', async () => {
    const asked = await at.leader.post('/definitions/offices/questions', { year: 2026, asOf: '2026-12-20' });
    const about = asked.body.at('questions').list.filter((question) => question.at('kind').value === 'calendar');
    expect(about.map((question) => [question.at('id').value, question.at('blocks').value])).toEqual([['2027', false]]);
    expect(await days()).toEqual(['waiting', null]);
  });

  test('a dry run tells which deadline would come and changes nothing', async () => {
    const dry = await at.hr.post(`${path()}?dryRun=true`, { calendar: published, reason: '安排已公布' });
    expectStatus(dry, 200);
    expect(dry.body.value).toEqual({
      changed: true,
      deadlines: [
        { obligation: `settle/${at.town}`, title: '年度结算', unit: at.town, unitName: '柳河镇', from: null, to: '2027-01-06', days: null },
      ],
      milestones: [],
    });
    expect(await days()).toEqual(['waiting', null]);
  });

  test('only who amendCalendar names may amend it; the leading role is not named', async () => {
    for (const as of [at.leader, at.collector])
      expect(refusal(await as.post(path(), { calendar: published, reason: '试' }))).toEqual([403, 'not-permitted']);
    expect((await at.stranger.post(path(), { calendar: published, reason: '试' })).status).toBe(404);
    const broken = await at.hr.post(path(), { calendar: { ...published, work: ['2027-01-01'] }, reason: '试' });
    expect([...refusal(broken), broken.body.at('errors', 0, 'code').value]).toEqual([400, 'invalid-request', 'calendar-data-broken']);
  });

  test('given the year’s days off, then what waited is projected, once, and the journal says who and why', async () => {
    const amended = await at.hr.post(path(), { calendar: published, reason: '安排已公布' });
    expect([amended.status, amended.body.at('changed').value]).toEqual([200, true]);
    expect(await days()).toEqual(['open', '2027-01-06']);
    const again = await at.hr.post(path(), { calendar: published, reason: '安排已公布' });
    expect([again.body.at('changed').value, again.body.at('deadlines').value]).toEqual([false, []]);
    const events = (await at.on.store.db.selectFrom('journal').select('event').execute()).flatMap(({ event }) =>
      event.type === 'settingChanged' ? [[event.what, event.reason]] : [],
    );
    expect(events).toEqual([['calendar', '安排已公布']]);
    const shown = await at.leader.get(path());
    expect(
      shown.body
        .at('years')
        .list.find((year) => year.at('year').value === 2027)
        ?.at('days').value,
    ).toEqual([{ date: '2027-01-01', kind: 'off' }]);
  });

  test('given further days off, then the open deadline moves by as many days as the dry run said; a reached one stands', async () => {
    await arrive(at.leader, at.world, '2027-01-04');
    const dry = await at.hr.post(`${path()}?dryRun=true`, { calendar: later, reason: '调休' });
    expect(dry.body.at('deadlines').list.map((moved) => [moved.at('from').value, moved.at('to').value, moved.at('days').value])).toEqual([
      ['2027-01-06', '2027-01-08', 2],
    ]);
    expectStatus(await at.hr.post(path(), { calendar: later, reason: '调休' }), 200);
    expect(await days()).toEqual(['open', '2027-01-08']);
    await arrive(at.leader, at.world, '2027-01-11');
    expect((await settle()).body.at('daysLate').value).toBe(3);
    expectStatus(await at.hr.post(path(), { calendar: { ...later, off: ['2027-01-08'], work: [] }, reason: '再调' }), 200);
    expect(await days()).toEqual(['open', '2027-01-08']);
  });
});

describe('at launch', () => {
  test('given the county’s own calendar, then nothing waits; values for single units keep within reach', async () => {
    const more = { calendar: published, perUnit: { floor: { 东坡村: '310' } } };
    const launched = await at.leader.post('/campaigns', order(at.town, more));
    expectStatus(launched, 201);
    const id = launched.body.at('id').text;
    expect((await at.leader.get(`/obligations/${id}/${encodeURIComponent(`settle/${at.town}`)}`)).body.at('due').value).toBe('2027-01-06');
    expect((await at.leader.get(`/campaigns/${id}`)).body.at('parameters', 'floor').value).toEqual({
      value: 30_000,
      perUnit: { [at.east]: 31_000 },
    });
  });

  test.each([
    ['below reach, for all', { parameters: { floor: '290' } }, 'parameters.floor out-of-reach'],
    ['below reach, for one unit', { perUnit: { floor: { 西坡村: '299.99' } } }, 'out-of-reach'],
    ['of a unit that is not there', { perUnit: { floor: { 无此村: '310' } } }, 'unknown-unit'],
    ['of a wrong type', { perUnit: { floor: { 西坡村: 'much' } } }, 'wrong-type'],
  ])('given a value %s, then it is refused', async (_what, more, code) => {
    const refused = await at.leader.post('/campaigns', order(at.town, more));
    expect(refusal(refused)).toEqual([422, 'launch-refused']);
    expect(`${refused.body.at('errors', 0, 'path').text} ${refused.body.at('errors', 0, 'code').text}`).toContain(code);
  });
});
