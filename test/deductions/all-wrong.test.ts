import { afterAll, beforeAll, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { problemLines, resultText } from '../../cli/print/deductions.js';
import { codedWord } from '../../cli/print/problem-words.js';
import { showProblem, showResult } from '../../server/routes/deduction-shapes.js';
import { returnProblems } from '../../store/deductions/orders.js';
import { all, counters, COUNTY, givenCounty, key, type County } from './given.js';

/* A file of a county's size in which nothing is right: told, counted, never posted in part, and held in a bounded memory. */
const LINES = process.env['DUBAN_LONG'] === '1' ? 400_000 : 50_000;
const PATIENCE_MS = 900_000;
/** What a worker may grow by while it takes a return in (the bound for a sound one of 400,000 lines). */
const MOST_GROWTH = 300 * 1024 * 1024;
const MOST_KEPT = 1_000;

let county: County;
let batch = '';
let sound: { readonly name: string; readonly content: Buffer };
beforeAll(async () => {
  county = await givenCounty();
  await manyPeople();
  batch = await county.made('2018-04-02');
  sound = await county.written(batch, all(LINES, 'arrived'));
}, PATIENCE_MS);
afterAll(() => county.close());

/** As many persons as there are lines, some thousands in a statement. */
async function manyPeople(): Promise<void> {
  for (let from = 0; from < LINES; from += 10_000) {
    const nth = Array.from({ length: Math.min(10_000, LINES - from) }, (_, i) => String(from + i + 1).padStart(6, '0'));
    const numbers = nth.map((n) => `6228480000000${n}`);
    await county.rows(`insert into people (county_id, person_id, name, unit_id) select '${COUNTY}', 'n8' || n, '张三', 'u4' from unnest($1::text[]) as n`, nth); // prettier-ignore
    await county.rows(
      `insert into dues (county_id, process_id, due_id, person_id, unit_id, unit_path, insurance, year, tier, amount, since_at)
       select '${COUNTY}', $1, 'd8' || n, 'n8' || n, 'u4', '/u1/u2/u4/', 'pension', 2018, 20000, 20000, '2018-01-02T08:00:00' from unnest($2::text[]) as n`,
      county.process, nth,
    ); // prettier-ignore
    await county.rows(
      `insert into bank_accounts (county_id, account_id, person_id, insurance, holder_name, bank, account_cipher, account_index, since_at, recorded_by)
       select '${COUNTY}', 'a8' || n, 'n8' || n, 'pension', '张三', '农商行', c, i, '2018-01-02T08:00:00', 'p1'
       from unnest($1::text[], $2::bytea[], $3::bytea[]) as v (n, c, i)`,
      nth, numbers.map((number) => key.encrypt(number)), numbers.map((number) => key.index(number)),
    ); // prettier-ignore
  }
}

/** Each line of the sound return changed; header and trailer as they are. */
const eachLine = (change: (line: string) => string): Buffer =>
  iconv.encode(
    iconv
      .decode(sound.content, 'gb18030')
      .split('\r\n')
      .map((line) => (line.startsWith('D|') ? change(line) : line))
      .join('\r\n'),
    'gb18030',
  );

/** The most that memory grew by while `work` ran. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, process.memoryUsage().rss) - before;
}

test.each<readonly [string, (line: string) => string, string]>([
  ['every account is another', (line) => line.replace(/\|62284800/, '|95595900'), 'account-differs'],
  ['every amount cannot be read', (line) => line.replace('张三|20000|', '张三|2OOOO|'), 'not-fen'],
  ['every line lacks a column', (line) => line.slice(0, line.lastIndexOf('|')), 'too-few-columns'],
])(
  '%s',
  async (_, change, code) => {
    const content = eachLine(change);
    const order = await county.order('2018-04-04', { name: sound.name, content });
    let result: Awaited<ReturnType<County['takeOrder']>> | null = null;
    const growth = await growthOf(async () => (result = await county.takeOrder(order)));
    expect(result).toMatchObject({ kind: 'refused', code: 'file-refused', counts: { [code]: LINES } });
    expect(growth).toBeLessThan(MOST_GROWTH);

    // The first are kept with the order, and all are counted.
    const kept = await returnProblems(county.store.db, COUNTY, order, LINES);
    expect(kept.filter((one) => one.code === code)).toHaveLength(MOST_KEPT);
    expect(kept.length).toBeLessThanOrEqual(MOST_KEPT + 100);
    expect(JSON.stringify(result).length).toBeLessThan(2_000);

    // Nothing is posted, nothing stays staged.
    expect(await county.rows('select (select count(*) from deduction_outcomes)::int as outcomes, (select count(*) from deduction_staged)::int as staged, (select count(*) from deduction_returns)::int as returns')).toEqual([{ outcomes: 0, staged: 0, returns: 0 }]); // prettier-ignore

    // The operator reads the first lines, how many more there are, and what to do next.
    if (result === null) throw new Error('nothing came of it');
    const shown = showResult(result);
    const text = resultText(shown, {}, 'zh') + problemLines(kept.map(showProblem), shown, 'zh');
    expect(text).toContain('整个文件未入账');
    expect(text).toContain(`${codedWord(code, 'zh')} ${LINES}`);
    expect(text).toMatch(/退回/);
    expect(text).toMatch(/另有 \d+ 处/);
    expect(text.split('\n').length).toBeLessThan(60);
  },
  PATIENCE_MS,
);

test(
  'the right file behind it is taken',
  async () => {
    expect(counters(await county.take('2018-04-05', sound))).toBe(`${LINES} 0 0 0`);
  },
  PATIENCE_MS,
);
