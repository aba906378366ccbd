import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { addUnit, stage, type Stage } from '../api/support/stage.js';
import { duban } from '../cli/command.js';
import {
  bodyOf,
  csv,
  importFile,
  launch,
  move,
  obligations,
  refusalOf,
  release,
  rowsOf,
  untilQuiet,
  type Launched,
} from '../support/http.js';
import { employ, inventedId, type Staff } from './staff.js';

/* Cases over HTTP on the real engine: opened by hand, signed together, reminded, ended by the money; each sees those of its own units. */

let on: Stage;
let who: Staff;
let campaign: Launched;
const unit: Record<string, string> = {};
const VILLAGES = ['荷塘', '竹林'] as const;
const caseShape = z.object({
  id: z.string(),
  state: z.string(),
  status: z.string(),
  unitName: z.string(),
  notes: z.number(),
  dueId: z.string(),
});
const detail = caseShape.extend({
  due: z.string().nullable(),
  fields: z.array(z.object({ id: z.string(), value: z.union([z.string(), z.number(), z.boolean()]).nullable() })),
  acts: z.array(
    z.object({ id: z.string(), signed: z.array(z.string()), differs: z.array(z.string()), mine: z.boolean(), barred: z.boolean() }),
  ),
  passed: z.array(z.object({ title: z.string(), byName: z.string(), daysLate: z.number() })),
  history: z.array(z.object({ type: z.string(), event: z.string().nullable(), byName: z.string() })),
});

beforeAll(async () => {
  on = await stage({ worker: true });
  unit['白鹭镇'] = await addUnit(on, 'town', on.top, '白鹭镇');
  for (const name of VILLAGES) unit[name] = await addUnit(on, 'village', unit['白鹭镇'], name);
  await release(on.admin, 'test/definitions/cases.yaml');
  who = await employ(on, 'egret-town-medical', [
    { login: 'office', at: { 白鹭镇: ['office'] } },
    { login: 'lotus', at: { 荷塘: ['collector'] } },
    { login: 'bamboo', at: { 竹林: ['collector'] } },
  ]);
  campaign = await launch(who('office'), {
    definition: 'egret-town-medical',
    year: 2020,
    root: unit['白鹭镇'],
    parameters: {},
    asOf: '2020-05-04T08:00:00',
  });
  const roster = csv(
    ['身份证号码', '姓名', '村居', '险种', '年度', '缴费档次', '应缴金额'],
    ...[1, 2, 3, 4].map((n) => [inventedId(n), `某${n}`, VILLAGES[n % 2] ?? '', '医疗', 2020, 280, 280]),
  );
  expect(await importFile(who('office'), { kind: 'roster', campaign: campaign.id, text: roster })).toMatchObject({ kept: 4, bad: 0 });
}, 240_000);
afterAll(() => on.stop());

const rest = () => untilQuiet(who('office'), campaign.world);
const list = (as: string, filter = '') => rowsOf(who(as), `/cases?campaign=${campaign.id}${filter}`, caseShape);
const path = (id: string): string => `/cases/${campaign.id}/${id.split('/').map(encodeURIComponent).join('/')}`;
const show = async (as: string, id: string) => bodyOf(await who(as).get(path(id)), detail);
const act = (as: string, id: string, body: object, key?: string) =>
  who(as).post(`${path(id)}/acts`, body, key === undefined ? {} : { key });
const open = (as: string, due: string) => who(as).post('/cases', { campaign: campaign.id, type: 'doubt', due, reason: '电话不通' });
/** Due of the n-th person. */
async function dueOf(n: number): Promise<string> {
  const { rows } = await on.store.pool.query<{ due_id: string }>(
    `select d.due_id from dues d join people p using (county_id, person_id) where p.name = $1`,
    [`某${n}`],
  );
  return rows[0]?.due_id ?? '';
}
let first = '';

describe('opened by hand', () => {
  test('by a role that the kind of case names, in its own units; the second opening joins', async () => {
    expect((await open('bamboo', await dueOf(1))).status).toBe(202);
    await rest();
    first = (await list('bamboo'))[0]?.id ?? '';
    expect(await list('bamboo')).toMatchObject([{ id: `doubt/${await dueOf(1)}@1`, state: 'finding', status: 'open', unitName: '竹林' }]);
    expect((await open('office', await dueOf(1))).status).toBe(202);
    await rest();
    expect(await list('office')).toMatchObject([{ notes: 1 }]);
    // Out of the caller's units there is no such due, no such case and nothing in the list.
    expect(refusalOf(await open('lotus', await dueOf(1)))).toEqual([404, 'not-found']);
    expect(refusalOf(await who('lotus').get(path(first)))).toEqual([404, 'not-found']);
    expect(await list('lotus')).toEqual([]);
    expect((await list('office', `&below=${unit['荷塘']}`)).length).toBe(0);
  }, 60_000);

  test('refused: no such kind, no such due', async () => {
    const body = { campaign: campaign.id, type: 'doubt', due: await dueOf(1), reason: 'x' };
    expect(refusalOf(await who('office').post('/cases', { ...body, type: 'other' }))).toEqual([404, 'not-found']);
    expect(refusalOf(await who('office').post('/cases', { ...body, due: 'd999999' }))).toEqual([404, 'not-found']);
  });
});

describe('acted on', () => {
  test('both sign; while they differ the case waits and says so; a repeat has one effect', async () => {
    expect(refusalOf(await act('lotus', first, { act: 'find', answer: { cause: 'moved' } }))).toEqual([404, 'not-found']);
    expect(refusalOf(await act('bamboo', first, { act: 'find' }))).toEqual([409, 'act-refused', 'fields-missing']);
    expect(refusalOf(await act('bamboo', first, { act: 'arrive' }))).toEqual([409, 'act-refused', 'engine-act']);
    expect((await act('bamboo', first, { act: 'find', answer: { cause: 'moved' } })).status).toBe(200);
    expect((await act('office', first, { act: 'find', answer: { cause: 'refused' } })).status).toBe(200);
    expect((await show('office', first)).acts).toMatchObject([
      { id: 'find', signed: ['collector', 'office'], differs: ['cause'], mine: true },
    ]);
    const signed = { act: 'find', answer: { cause: 'moved' } };
    const once = bodyOf(await act('office', first, signed, 'office-signs'), z.object({ seq: z.number() }));
    expect(bodyOf(await act('office', first, signed, 'office-signs'), z.object({ seq: z.number() }))).toEqual(once);
    await rest();
    const shown = await show('bamboo', first);
    expect([shown.state, shown.due]).toEqual(['paying', '2020-05-14']);
    expect(shown.fields).toEqual([
      { id: 'cause', value: 'moved' },
      { id: 'promised', value: null },
    ]);
    expect(shown.passed).toMatchObject([{ title: '缴费疑点：共同核实', byName: '虚构office', daysLate: 0 }]);
    expect(shown.history.map(({ type, event }) => `${type} ${event ?? ''}`.trim())).toEqual([
      'caseOpened doubt.byHand',
      'told doubt.byHand',
      'acted find',
      'acted find',
      'acted find',
    ]);
  }, 60_000);

  test('a paper, a reason, at most twice', async () => {
    const remind = (number: string) => ({
      act: 'remind',
      answer: { promised: 28_000 },
      reason: '答应月底交',
      evidence: [{ paper: 'proof', fields: { number } }],
    });
    expect(refusalOf(await act('office', first, remind('1')))).toEqual([403, 'not-permitted', 'not-yours']);
    // Tried first from the command line: checked as the real one, and nothing is kept.
    const env = { DUBAN_API_URL: on.url, DUBAN_TOKEN: who('bamboo').token ?? '' };
    const tried = async (data: object, ...rest: readonly string[]): Promise<string> => {
      const remindArgs = ['case', 'act', `${campaign.id}:${first}`, 'remind', '--data', JSON.stringify(data), '--dry-run'];
      const { exit, out, err } = await duban([...remindArgs, ...rest], { env });
      return `${exit} ${out}${err}`;
    };
    const before = await show('bamboo', first);
    const bare = { promised: 28_000, reason: '答应月底交' };
    const given = { ...bare, evidence: remind('1').evidence };
    const lacking = await tried(bare);
    expect(lacking).toMatch(/^1 试算：现在不能办理/);
    expect(lacking).toContain('材料随本次办理给出：{"evidence":[{"paper":"proof","fields":{"number":"…"}}]}');
    expect(lacking).toContain('--file 材料编号=文件');
    for (let times = 0; times < 3; times += 1) expect(await tried(given)).toMatch(/^0 试算：可以办理，什么也没有改变/);
    expect(await tried(given, '--file', 'proof=/no/such/file')).toMatch(/^1 /);
    expect(await show('bamboo', first)).toEqual(before);
    expect((await act('bamboo', first, remind('1'))).status).toBe(200);
    expect((await act('bamboo', first, remind('2'))).status).toBe(200);
    expect(refusalOf(await act('bamboo', first, remind('3')))).toEqual([409, 'act-refused', 'too-often']);
    await rest();
    expect((await show('bamboo', first)).acts).toMatchObject([{ id: 'remind', barred: true }]);
  }, 60_000);

  test('through the obligations too, where cases stand beside duties', async () => {
    expect((await open('lotus', await dueOf(2))).status).toBe(202);
    await rest();
    const [other] = await list('lotus');
    const mine = await obligations(who('lotus'), campaign.id, '&mine=true&status=open');
    expect(mine.map(({ id }) => id)).toEqual([other?.id]);
    const at = `/obligations/${campaign.id}/${(other?.id ?? '').split('/').map(encodeURIComponent).join('/')}`;
    const answer = await who('lotus').post(`${at}/acts`, { act: { kind: 'step', act: 'find', answer: { cause: 'error' } } });
    expect(answer.status).toBe(200);
    const why = bodyOf(await who('lotus').get(`${at}/why`), z.object({ due: z.string(), rule: z.string(), clause: z.array(z.string()) }));
    expect(why).toEqual({ due: '2020-05-09', rule: 'since +5d', clause: ['ours'] });
  }, 60_000);

  test('from the command line', async () => {
    const env = { DUBAN_API_URL: on.url, DUBAN_TOKEN: who('office').token ?? '' };
    const say = async (...args: string[]): Promise<string> => {
      const { exit, out, err } = await duban(args, { env });
      return `${exit} ${out}${err}`;
    };
    expect(await say('case', 'list', campaign.id, '--open')).toContain(`${campaign.id}:${first}`);
    const shown = await say('case', 'show', `${campaign.id}:${first}`);
    expect(shown).toContain('缴费疑点：催缴');
    expect(shown).toContain('约定金额: 280.00');
    expect(await say('case', 'act', `${campaign.id}:${first}`, 'find', '--dry-run')).toContain('现在不能办理');
    // Tried as it would be done: refused for the same reason, with exit 1, and nothing kept.
    expect(await say('case', 'act', `${campaign.id}:${first}`, 'nosuch', '--dry-run')).toMatch(/^1 [^]*\[/);
    const second = (await list('office', `&below=${unit['荷塘']}`))[0]?.id ?? '';
    expect(await say('case', 'act', `${campaign.id}:${second}`, 'find', '--data', '{"cause":"error"}')).toMatch(/^0 ✓/);
    // The number of a paper is good in one case.
    const again = { act: 'remind', answer: { promised: 1 }, reason: '上门', evidence: [{ paper: 'proof', fields: { number: '1' } }] };
    expect(refusalOf(await act('lotus', second, again))).toEqual([409, 'act-refused', 'serial-used']);
  }, 60_000);
});

describe('followed', () => {
  test('late, counted, told with their number; ended by the money', async () => {
    expect((await open('bamboo', await dueOf(3))).status).toBe(202);
    await rest();
    await move(who('office'), campaign.world, '2020-05-16');
    expect((await list('office', '&overdue=true')).map(({ unitName }) => unitName).sort()).toEqual(['竹林', '竹林', '荷塘']);
    const progress = bodyOf(
      await who('office').get(`/reports/${campaign.id}/progress`),
      z.looseObject({
        units: z.array(z.looseObject({ unit: z.string(), figures: z.array(z.looseObject({ measure: z.string(), part: z.number() })) })),
      }),
    );
    const shown = progress.units.find((row) => row.unit === unit['竹林'])?.figures.map(({ measure, part }) => `${measure} ${part}`);
    expect(shown?.sort()).toEqual(['lateDoubts 2', 'openDoubts 2']);
    const notices = await rowsOf(who('bamboo'), '/notices', z.object({ body: z.string() }));
    expect(notices.map(({ body }) => body).filter((body) => body.includes('共同核实'))).toHaveLength(1);
    const payments = csv(
      ['身份证号码', '姓名', '村居', '险种', '年度', '日期', '金额', '款项类别'],
      ...[1, 2, 3].map((n) => [inventedId(n), `某${n}`, VILLAGES[n % 2] ?? '', '医疗', 2020, '2020-05-15', 280, '到账']),
    );
    expect(await importFile(who('office'), { kind: 'payments', campaign: campaign.id, text: payments })).toMatchObject({ bad: 0 });
    await rest();
    expect((await list('office')).map(({ state, status }) => `${state} ${status}`)).toEqual(['closed done', 'closed done', 'closed done']);
    expect(await list('office', '&open=true')).toEqual([]);
    expect(refusalOf(await act('bamboo', first, { act: 'find', answer: { cause: 'moved' } }))).toEqual([
      409,
      'act-refused',
      'already-closed',
    ]);
  }, 120_000);
});
