import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, As, Json } from './support/client.js';
import { addPerson, expectStatus, stage, type Stage } from './support/stage.js';

const folder = join(process.cwd(), 'definitions');
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
const bundle = {
  file: 'campaigns/lingcheng-2020.yaml',
  files: {
    'campaigns/lingcheng-2020.yaml': read('campaigns/lingcheng-2020.yaml'),
    'campaigns/lingcheng-2020-villages.csv': read('campaigns/lingcheng-2020-villages.csv'),
    'parts/supervision.yaml': read('parts/supervision.yaml'),
  },
};
const root = {
  path: [
    { level: 'city', name: '示范市' },
    { level: 'town', name: '示范镇' },
  ],
};

let on: Stage;
let answers: { parameters: Record<string, string | number>; readings: string[] };
let campaign: string;
let town: string;

const VALUES: Readonly<Record<string, string>> = {
  duration: '30d',
  date: '2020-12-20',
  money: '30',
  count: '10',
  percent: '50%',
  text: '如通知',
  roll: 'none',
  yesno: 'true',
};
const CHANNELS = { channels: 'phase,population,channel,means,open\ncollection,一般人员,银行,现金,是\n' };
/** A launch with the county's own table of channels, as a multipart request. */
function launch(
  as: As,
  body: Record<string, unknown>,
  files: Record<string, string> = CHANNELS,
  key = `launch-${Math.random()}`,
): Promise<Answer> {
  const form = new FormData();
  form.set('data', JSON.stringify({ definition: 'lingcheng-pension', year: 2020, root, asOf: '2020-04-28', ...body }));
  for (const [table, text] of Object.entries(files)) form.set(table, new Blob([text]), `${table}.csv`);
  return as.post('/campaigns', undefined, { form, key });
}
const codes = (body: Json): string[] => body.at('errors').list.map((error) => `${error.at('path').text} ${error.at('code').text}`);

beforeAll(async () => {
  on = await stage({ worker: true });
}, 240_000);
afterAll(() => on.stop());

describe('a launch of the printed campaign', () => {
  test('given nothing answered, then it is refused with every open question and nothing is made', async () => {
    const released = await on.admin.post('/definitions', bundle);
    expectStatus(released, 201);
    const refused = await launch(on.admin, {}, {});
    expect([refused.status, refused.body.at('code').value]).toEqual([422, 'launch-open-questions']);
    const questions = refused.body.at('questions').list;
    const of = (kind: string): string[] =>
      questions.filter((question) => question.at('kind').value === kind).map((question) => question.at('id').text);
    expect(of('parameter')).toEqual(expect.arrayContaining(['patrolEvery', 'shareEvery', 'assessBy', 'subsidy100']));
    expect(of('reading')).toContain('A-18');
    expect(of('table')).toEqual(['channels']);
    const asked = await on.admin.post('/definitions/lingcheng-pension/questions', { year: 2020, asOf: '2020-04-28' });
    const unanswered = await on.admin.get('/definitions/lingcheng-pension/questions?year=2020&asOf=2020-04-28');
    expect(unanswered.body.value).toEqual(asked.body.value);
    expect(questions.filter((question) => question.at('blocks').value === false).map((question) => question.at('kind').text)).toEqual(
      expect.arrayContaining(['role']),
    );
    expect(asked.body.at('questions').value).toEqual(refused.body.at('questions').value);
    expect((await on.admin.get('/campaigns')).body.at('items').list).toHaveLength(0);
    expect((await on.admin.get('/units')).body.at('items').list).toHaveLength(1);
    answers = {
      parameters: Object.fromEntries(
        questions.filter((q) => q.at('kind').value === 'parameter').map((q) => [q.at('id').text, VALUES[q.at('type').text] ?? '1']),
      ),
      readings: of('reading'),
    };
  });

  test('given answers of wrong types and to nothing, then each is named and nothing is made', async () => {
    const refused = await launch(on.admin, { ...answers, parameters: { ...answers.parameters, patrolEvery: 'often', noSuch: 1 } });
    expect([refused.status, refused.body.at('code').value]).toEqual([422, 'launch-refused']);
    expect(codes(refused.body)).toEqual(['parameters.patrolEvery wrong-type', 'parameters.noSuch unknown-key']);
    expect((await on.admin.get('/units')).body.at('items').list).toHaveLength(1);
  });

  test('given a table whose rows do not add up to the printed total, then it is refused by the figure', async () => {
    const villages = 'village,payers,amount_yuan\n甲村,10,3000\n乙村,20,6000\n';
    const refused = await launch(on.admin, answers, { ...CHANNELS, villages });
    expect([refused.status, refused.body.at('code').value]).toEqual([422, 'launch-refused']);
    expect(codes(refused.body)).toEqual(expect.arrayContaining(['villages.payers total-differs', 'villages.amount total-differs']));
    expect((await on.admin.get('/units')).body.at('items').list).toHaveLength(1);
  });

  test('given all answers, then its 51 villages are units, its targets add up to the printed table, and it runs', async () => {
    const launched = await launch(on.admin, answers);
    expectStatus(launched, 201);
    campaign = launched.body.at('id').text;
    town = launched.body.at('rootUnit').text;
    const villages = await on.admin.get('/units?level=unit&limit=200');
    expect(villages.body.at('items').list).toHaveLength(51);
    expect(new Set(villages.body.at('items').list.map((unit) => unit.at('parent').text))).toEqual(new Set([town]));
    const targets = (await on.admin.get(`/campaigns/${campaign}/targets?table=villages&limit=200`)).body.at('items').list;
    const sum = (column: string): number => targets.reduce((total, row) => total + Number(row.at('values', column).value), 0);
    expect([targets.length, sum('payers'), sum('amount')]).toEqual([51, 25_284, 758_520_000]);
    const shown = await on.admin.get(`/campaigns/${campaign}`);
    expect([shown.body.at('status').value, shown.body.at('now').value]).toEqual(['running', '2020-04-28T00:00:00']);
  });

  test('the same units, definition and year in the real world are launched once', async () => {
    const again = await launch(on.admin, { ...answers, root: { unit: town }, asOf: undefined });
    expectStatus(again, 201);
    const twice = await launch(on.admin, { ...answers, root: { unit: town }, asOf: undefined });
    expect([twice.status, twice.body.at('code').value, twice.body.at('campaign').value]).toEqual([
      409,
      'already-launched',
      again.body.at('id').value,
    ]);
    expect((await on.admin.get('/units?level=unit&limit=200')).body.at('items').list).toHaveLength(51);
  });
});

describe('what a launch refuses', () => {
  test('given a row that breaks the rule of its table, then it is named with its clause', async () => {
    const villages = readFileSync(join(folder, 'campaigns/lingcheng-2020-villages.csv'), 'utf8').split('\n');
    const [first = '', second = ''] = [villages[1], villages[2]];
    // One payer's money moved from the first village to the second: the totals stay, both rows break the rule.
    const moved = (text: string, yuan: number): string => {
      const cells = text.split(',');
      return cells.map((cell, index) => (index === 3 ? Number(cell) + yuan : cell)).join(',');
    };
    const changed = [villages[0], moved(first, -300), moved(second, 300), ...villages.slice(3)].join('\n');
    const refused = await launch(on.admin, answers, { ...CHANNELS, villages: changed });
    expect([refused.status, refused.body.at('code').value]).toEqual([422, 'launch-refused']);
    expect(codes(refused.body)).toEqual(['villages[1] row-denied', 'villages[2] row-denied']);
    expect(refused.body.at('errors', 0, 'zh').text).toContain('S4-');
  });

  test('given values for single units, then a parameter that is one for all, and a unit that is not there, are refused', async () => {
    const refused = await launch(on.admin, { ...answers, perUnit: { patrolEvery: { 陵北: '10d' } } });
    expect([refused.status, ...codes(refused.body)]).toEqual([422, 'perUnit.patrolEvery not-per-unit']);
  });

  test('given a calendar file that is none, a wrong day, or a day both off and worked, then it is refused by its place', async () => {
    const tried = async (calendar: string): Promise<string[]> => {
      const refused = await launch(on.admin, answers, { ...CHANNELS, calendar });
      expect([refused.status, refused.body.at('code').value]).toEqual([400, 'invalid-request']);
      return codes(refused.body);
    };
    expect(await tried('year: [')).toEqual(['calendar bad-format']);
    expect(await tried('{ year: 2027, source: 虚构, off: [2027-02-30] }')).toEqual([expect.stringMatching(/^calendar\.off\[0\] /)]);
    expect(await tried('{ year: 2027, source: 虚构, off: [2027-02-06], work: [2027-02-06] }')).toEqual(['calendar calendar-data-broken']);
  });
});

describe('people and money of the campaign', () => {
  const upload = (kind: string, csv: string, more: Record<string, unknown> = {}): FormData => {
    const form = new FormData();
    form.set('data', JSON.stringify({ kind, campaign, ...more }));
    form.set('file', new Blob([csv]), `${kind}.csv`);
    return form;
  };

  test('given a list of people, then accounts are made, their first passwords shown once, bad rows reported', async () => {
    const csv =
      '姓名,登录名,手机,岗位,单位\n张示例,zhang,13800000001,collector,陵北\n李示例,li,13800000002,townHr,示范镇\n王示例,wang,13800000003,nobody,陵北\n';
    const done = await on.admin.post('/imports', undefined, { form: upload('people', csv), key: 'people-import-1' });
    expectStatus(done, 201);
    expect([done.body.at('kept').value, done.body.at('bad').value, done.body.at('errors', 0, 'line').value]).toEqual([2, 1, 4]);
    expect(done.body.at('accounts').list.map((account) => account.at('login').value)).toEqual(['zhang', 'li']);
    const signedIn = await on.nobody.post('/sessions', { login: 'zhang', password: done.body.at('accounts', 0, 'firstPassword').text });
    expect([signedIn.status, signedIn.body.at('me', 'mustChangePassword').value]).toEqual([201, true]);
    const again = await on.admin.post('/imports', undefined, { form: upload('people', csv), key: 'people-import-1' });
    expect([again.body.at('importId').value, again.body.at('accounts').value]).toEqual([done.body.at('importId').value, []]);
    const errors = await on.admin.get(`/imports/${done.body.at('importId').text}/errors`);
    expect(errors.body.at('items').list.map((error) => error.at('line').value)).toEqual([4]);
  });

  test('who may not see persons is refused; who may, sees its own village, and each look is audited', async () => {
    const roster = '身份证号码,姓名,村居,险种,年度,应缴金额\n990101199001010016,示例甲,陵北,pension,2020,300\n';
    const dry = await on.admin.post('/imports', undefined, { form: upload('roster', roster, { dryRun: true }) });
    expectStatus(dry, 201);
    expect([dry.body.at('importId').value, (await on.store.db.selectFrom('dues').select('due_id').execute()).length]).toEqual([null, 0]);
    const admin = await on.admin.get(`/campaigns/${campaign}/unpaid`);
    expect([admin.status, admin.body.at('code').value]).toEqual([403, 'not-permitted']);
    const units = (await on.admin.get('/units?level=unit&text=陵北')).body.at('items').list;
    const collector = await addPerson(on, 'viewer', { role: 'collector', unit: units[0]?.at('id').text ?? '' });
    const seen = await collector.as.get(`/campaigns/${campaign}/unpaid`);
    expect(seen.status).toBe(200);
    const looks = await on.store.db.selectFrom('audit').select(['actor', 'subject']).where('action', '=', 'persons.read').execute();
    expect(looks).toEqual([{ actor: collector.id, subject: campaign }]);
    expect((await collector.as.post('/imports', undefined, { form: upload('roster', roster) })).status).toBe(403);
    expect((await collector.as.get(`/imports?campaign=${campaign}`)).status).toBe(403);
  });
});
