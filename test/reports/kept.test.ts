import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { recountMissing } from '../../activities/measures/index.js';
import { Recorder } from '../../activities/record/recorder.js';
import { keepIssues } from '../../activities/reports/issue.js';
import type { Digest, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import { canonicalJson } from '../../store/json.js';
import { sha256 } from '../../store/settings.js';
import type { As } from '../api/support/client.js';
import { duban } from '../cli/command.js';
import { act, bodyOf, refusalOf, rowsOf, tryAct } from '../support/http.js';
import { bulletinShape, PEOPLE, said, shown, TwoKinds, type Seen } from './two-kinds.js';

/* Nothing in a report is stale, mixed or lost. */

let county: TwoKinds;
let campaign: string;
let unit: TwoKinds['unit'];
const who = (login: string): As => county.who(login);
const at = (path: string): string => county.at(path);
const bulletin = (query?: string, as?: As, name?: string): Promise<Seen> => county.bulletin(query, as, name);

/** Undoes a transaction and brings out what it saw. */
class Undone extends Error {
  constructor(readonly saw: unknown) {
    super('undone');
  }
}
const NOW = '2021-05-01T23:59:59' as Moment;

beforeAll(async () => {
  county = await TwoKinds.open();
  campaign = county.campaign.id;
  unit = county.unit;
}, 300_000);
afterAll(() => county.on.stop());

describe('each kind for itself', () => {
  test('a line for each village and kind, ranked within the kind, papers and counts among what is shown', async () => {
    const seen = await bulletin();
    expect(seen.rows.map(({ name, insurance, rank }) => `${insurance} ${rank} ${name}`)).toEqual([
      'pension 1 东村',
      'pension 2 西村',
      'medical 1 东村',
      'medical 2 西村',
    ]);
    expect(['paidRate', 'perHead', 'listed', 'slip'].map((show) => shown(seen, '东村', 'pension', show))).toEqual([
      [3, 8],
      [90_000, 3],
      [8, null],
      '0/1',
    ]);
    expect(shown(seen, '东村', 'medical', 'paidRate')).toEqual([1, 8]);
    // A whole of nobody has no value and comes last.
    expect(seen.rows.at(-1)?.cells.find(({ show }) => show === 'paidRate')?.figure).toMatchObject({ part: 0, whole: 0, shown: '—' });
  });

  test('the files say the kind: a column in the bulletin, headings in the progress; the daily line names both', async () => {
    const text = async (path: string): Promise<string[][]> =>
      parse((await who('office').get(at(path))).body.text, { bom: true, relax_column_count: true });
    const [head, ...lines] = (await text('bulletins/bulletin.csv')).slice(2);
    expect(head?.slice(0, 4)).toEqual(['名次', '单位', '险种', '缴费率']);
    expect(lines.slice(0, 3).map((line) => line.slice(0, 4))).toEqual([
      ['1', '东村', '养老保险', '37.50%'],
      ['2', '西村', '养老保险', '0.00%'],
      ['1', '东村', '医疗保险', '12.50%'],
    ]);
    expect((await text('progress.csv')).flat()).toEqual(
      expect.arrayContaining(['已缴人数（养老保险）', '已缴人数（医疗保险）', '已缴金额（养老保险）（元）', '900.00']),
    );
    const daily = (await who('office').get(at('daily'))).body;
    expect(daily.at('text', 'zh').text).toContain('养老保险缴费率 3/10（30.00%）；医疗保险缴费率 1/8（12.50%）');
    expect(daily.at('text', 'zh').text).toContain('今日到账 1 笔、280.00 元（医疗保险 280.00）');
  });

  test('figures kept by an earlier version are counted anew once, and give the same', async () => {
    const before = said(await bulletin());
    const kinds = await county.on.store.pool.query(`delete from tallies where count_id like '%@%'`);
    expect(kinds.rowCount).toBeGreaterThan(0);
    expect(shown(await bulletin(), '东村', 'pension', 'paidRate')).toEqual([0, 0]);
    expect(await recountMissing(county.on.store)).toBe(1);
    expect(await recountMissing(county.on.store)).toBe(0);
    expect(said(await bulletin())).toEqual(before);
  });
});

describe('never stale', () => {
  test('an answer is counted when it is given, with its paper; the rows behind it are the answers', async () => {
    await act(who('east'), campaign, `handOver/${unit['东村']}/medical`, {
      kind: 'done',
      answer: { amount: 28_000 },
      evidence: [{ paper: 'slip', fields: { number: 'S1' } }],
    });
    const seen = await bulletin();
    expect([shown(seen, '东村', 'medical', 'handed'), shown(seen, '东村', 'pension', 'handed')]).toEqual([
      [28_000, null],
      [0, null],
    ]);
    expect(shown(seen, '东村', 'medical', 'slip')).toBe('1/1（2021-03-10）');
    const link = seen.rows.find((row) => row.name === '东村' && row.insurance === 'medical')?.cells.find(({ show }) => show === 'handed');
    const behind = z.object({ obligation: z.string(), values: z.record(z.string(), z.number()) });
    expect(await rowsOf(who('office'), (link?.figure?.rows ?? '').replace('/api/v1', ''), behind)).toEqual([
      { obligation: `handOver/${unit['东村']}/medical`, values: { amount: 28_000 } },
    ]);
  });

  test('a birthday counts on its day, without any import', async () => {
    expect(shown(await bulletin(), '西村', 'pension', 'grown')).toEqual([1, null]);
    await county.goTo('2021-03-20');
    expect(shown(await bulletin(), '西村', 'pension', 'grown')).toEqual([2, null]);
  });

  test('an amended parameter counts from its release by a second person on', async () => {
    const high = async () => shown(await bulletin('', who('office'), 'towns'), '河镇', null, 'high');
    expect(await high()).toEqual([10, null]);
    const amend = { kind: 'amendParameter', parameter: 'floor', unit: null, value: 30_100, reason: '提高' };
    expect((await who('office').post(`/campaigns/${campaign}/acts`, amend)).status).toBe(200);
    expect(await high()).toEqual([10, null]);
    const [waiting] = await rowsOf(who('checker'), `/obligations?campaign=${campaign}&duty=~confirm`, z.object({ id: z.string() }));
    await act(who('checker'), campaign, waiting?.id ?? '', { kind: 'release' });
    expect(await high()).toEqual([0, null]);
  });
});

describe('as of an earlier day', () => {
  let then: unknown;

  test('what was shown at the end of a day is shown again, whatever came since', async () => {
    await county.goTo('2021-03-31');
    await act(who('office'), campaign, `issue/${unit['县']}@2021-03`, { kind: 'done' });
    then = said(await bulletin());
    await county.goTo('2021-04-02');
    // Late news of March, a new participant, an amount corrected, a duty done late, a milestone judged.
    await county.pay('pension', '2021-03-30', 300, PEOPLE.slice(3, 6));
    await county.roster('medical', 280, PEOPLE.slice(8, 9));
    await county.roster('pension', 400, PEOPLE.slice(0, 1));
    await act(who('east'), campaign, `handOver/${unit['东村']}/pension`, {
      kind: 'done',
      answer: { amount: 90_000 },
      evidence: [{ paper: 'slip', fields: { number: 'S2' } }],
    });
    await county.goTo('2021-05-01');
    const now = await bulletin();
    expect(said(now)).not.toEqual(then);
    // One of the first three owes 400 now and has paid 300.
    expect(shown(now, '东村', 'pension', 'paidRate')).toEqual([5, 8]);
    const past = await bulletin('?asOf=2021-03-31');
    expect(past.cutOff).toEqual({ happenedBy: '2021-03-31', recordedBefore: '2021-04-01T00:00:00' });
    expect(said(past)).toEqual(then);
    expect(said(await bulletin('?asOf=2021-05-01'))).toEqual(said(now));
  });

  test('before anybody had paid nothing was paid, and the rows behind say so', async () => {
    const past = await bulletin('?asOf=2021-03-08');
    expect(past.rows.map(({ cells }) => cells[0]?.figure?.part)).toEqual([0, 0, 0, 0]);
    // And before the parameter was raised ten were above it.
    expect(shown(await bulletin('?asOf=2021-03-19', who('office'), 'towns'), '河镇', null, 'high')).toEqual([10, null]);
    const progress = await who('office').get(at('progress?asOf=2021-03-31'));
    const [top] = progress.body.at('units').list;
    const rate = top?.at('figures').list.find((one) => one.at('measure').value === 'paidRate' && one.at('insurance').value === 'pension');
    expect([rate?.at('part').value, rate?.at('whole').value]).toEqual([3, 10]);
    const link = (rate?.at('rows').text ?? '').replace('/api/v1', '');
    const due = z.object({ insurance: z.string(), amount: z.number(), arrived: z.number() });
    const dues = await rowsOf(who('office'), link, due);
    expect([dues.length, dues.filter(({ amount, arrived }) => arrived >= amount).length, dues.filter(({ amount }) => amount > 30_000).length]).toEqual([10, 3, 0]); // prettier-ignore
  });

  test('a day that has not come is refused, and so is one that is none', async () => {
    for (const day of ['2021-05-02', '2021-02-30']) {
      const answer = await who('office').get(at(`bulletins/bulletin?asOf=${day}`));
      expect([...refusalOf(answer), answer.body.at('errors', 0, 'path').value]).toEqual([400, 'invalid-request', 'asOf']);
    }
  });

  test('the bulletin that was issued stays as it was issued, beside the live one; its digest is in the audit chain', async () => {
    const issues = z.object({
      items: z.array(z.object({ number: z.number(), at: z.string(), digest: z.string(), obligation: z.string() })),
    });
    const { items } = bodyOf(await who('office').get(at('bulletins/bulletin/issues')), issues);
    expect(items.map(({ number, at: on_, obligation }) => [number, on_.slice(0, 10), obligation])).toEqual([
      [1, '2021-03-31', `issue/${unit['县']}@2021-03`],
    ]);
    const answer = await who('office').get(at('bulletins/bulletin/issues/1'));
    const issued = bodyOf(answer, bulletinShape);
    expect(said(issued)).toEqual(then);
    expect(issued.chainHeads.map(({ chain }) => chain)).toEqual([campaign, 'county']);
    const whole = z.looseObject({ issue: z.unknown() }).parse(answer.body.value);
    expect(sha256(canonicalJson({ ...whole, issue: null }))).toBe(items[0]?.digest);
    const audited = (await county.on.admin.get('/audit?chain=county&limit=200')).body.at('items').list;
    const told = audited.find((entry) => entry.at('action').value === 'bulletin.issued');
    expect([told?.at('subject').value, told?.at('detail', 'number').value, told?.at('detail', 'digest').value]).toEqual([
      campaign,
      1,
      items[0]?.digest,
    ]);
    expect((await county.on.admin.post('/audit/verify', {})).body.at('ok').value).toBe(true);
    const file = (await who('office').get(at('bulletins/bulletin/issues/1.csv'))).body.text;
    expect(file).toContain(`摘要 ${items[0]?.digest}`);
    // The rows behind an issued figure are those of its moment.
    const link = issued.rows[0]?.cells[0]?.figure?.rows.replace('/api/v1', '') ?? '';
    expect((await rowsOf(who('office'), link, z.object({ arrived: z.number() }))).filter(({ arrived }) => arrived > 0)).toHaveLength(3);
  });

  test('sent back and issued again it is a second issue; the first stands', async () => {
    const check = (await rowsOf(who('checker'), `/obligations?campaign=${campaign}&duty=~check`, z.object({ id: z.string() })))[0]?.id;
    await act(who('checker'), campaign, check ?? '', { kind: 'sendBack', reason: '漏列' });
    await act(who('office'), campaign, `issue/${unit['县']}@2021-03`, { kind: 'done' });
    const second = await county.issued(2);
    expect(shown(second, '东村', 'pension', 'paidRate')).toEqual([5, 8]);
    expect(said(await county.issued(1))).toEqual(then);
    await expect(county.on.store.pool.query(`update bulletins set number = 9`)).rejects.toMatchObject({ code: '42501' });
    // Folding the journal again issues nothing again.
    await new Recorder(county.on.store).rebuild('county', county.campaign.id as ProcessId);
    expect(refusalOf(await who('office').get(at('bulletins/bulletin/issues/3')))).toEqual([404, 'not-found']);
  });

  test('a bulletin that cannot be made stops no act: it is an incident', async () => {
    const { db } = county.on.store;
    const made = db.transaction().execute(async (trx) => {
      const { body } = await trx
        .selectFrom('obligations')
        .select('body')
        .where('duty', '=', 'issue')
        .where('period', '=', '2021-03')
        .executeTakeFirstOrThrow();
      await trx
        .updateTable('processes')
        .set({ setting_digest: 'lost' as Digest })
        .execute();
      await keepIssues(trx, 'county', county.campaign.id as ProcessId, [
        { report: 'bulletin', obligation: body, at: NOW, by: body.closed?.by ?? ('' as UserId) },
      ]);
      const told = await trx.selectFrom('incidents').select(['code', 'cause', 'detail']).where('code', '=', 'bulletin-not-kept').execute();
      const kept = await trx.selectFrom('bulletins').select('number').execute();
      throw new Undone([told, kept.length]);
    });
    const undone = await made.catch((error: unknown) => (error instanceof Undone ? error.saw : Promise.reject(error)));
    expect(undone).toEqual([
      [{ code: 'bulletin-not-kept', cause: 'bulletin', detail: { obligation: `issue/${unit['县']}@2021-03`, why: 'setting-missing' } }],
      2,
    ]);
  });

  test('typed: the figures of a day, the issues, one of them', async () => {
    const home = mkdtempSync(join(tmpdir(), 'duban-reports-'));
    const run = (...args: string[]) =>
      duban(['report', campaign, ...args, '--lang', 'zh'], {
        env: { DUBAN_HOME: home, DUBAN_API_URL: county.on.url, DUBAN_TOKEN: who('office').token ?? '' },
        cwd: home,
      });
    const past = await run('bulletin', '--as-of', '2021-03-31');
    expect(
      past.out
        .split('\n')
        .filter((line) => /^ +\d/.test(line))
        .map((line) => line.trim().split(/ {2,}/).slice(0, 4).join(' ')),
    ).toEqual(['1 东村 养老保险 37.50%', '2 西村 养老保险 0.00%', '1 东村 医疗保险 12.50%', '2 西村 医疗保险 —']);
    const [first] = bodyOf(
      await who('office').get(at('bulletins/bulletin/issues')),
      z.object({ items: z.array(z.object({ digest: z.string() })) }),
    ).items.slice(-1);
    expect((await run('bulletin', '--issues')).out).toContain(first?.digest);
    expect((await run('bulletin', '--issue', '1')).out).toContain(`第1期，2021-03-31 23:59:59 印发，摘要: ${first?.digest}`);
    const [progress] = [await run('progress', '--as-of', '2021-03-31')];
    expect(progress.out).toContain('缴费率 · 养老保险');
    for (const wrong of [
      ['daily', '--as-of', '2021-03-31'],
      ['progress', '--issues'],
      ['bulletin', '--issues', '--issue', '1'],
    ])
      expect([...wrong, (await run(...wrong)).exit]).toEqual([...wrong, 2]);
    expect((await run('bulletin', '--as-of', '2021-13-01')).exit).toBe(1);
  });

  test('a village sees its own lines of an issue, its neighbour’s nowhere; a stranger sees no issue at all', async () => {
    const mine = await county.issued(1, who('east'));
    expect([new Set(mine.rows.map(({ name }) => name)), mine.total]).toEqual([new Set(['东村']), null]);
    expect(new Set((await bulletin('?asOf=2021-03-31', who('east'))).rows.map(({ name }) => name))).toEqual(new Set(['东村']));
    for (const path of [
      'bulletins/bulletin/issues',
      'bulletins/bulletin/issues/1',
      'bulletins/bulletin?asOf=2021-03-31',
      'progress?asOf=2021-03-31',
    ])
      expect([path, ...refusalOf(await county.stranger.get(at(path)))]).toEqual([path, 404, 'not-found']);
    expect(refusalOf(await who('office').get(at('bulletins/bulletin/issues/3')))).toEqual([404, 'not-found']);
    expect(refusalOf(await tryAct(who('east'), campaign, `issue/${unit['县']}@2021-03`, { kind: 'done' }))).toEqual([404, 'not-found']);
  });
});
