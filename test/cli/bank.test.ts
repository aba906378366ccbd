import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { registerBank } from '../../cli/bank/index.js';
import { wholeFile } from '../../definitions/schema/publish/snippets.js';
import { fen } from '../../domain/money/fen.js';
import { layoutOf } from '../../domain/formats/layout.js';
import { bank as settingWith, CODES, readWhole, writeWhole } from '../domain/formats/given.js';
import { duban, type Ran } from './command.js';

const PARTS = ['bank-return-delimited', 'bank-return-fixed'] as const;
type Part = (typeof PARTS)[number];

/** A folder with a definition, the bank's codes, five accounts, and a request for one debt of each. */
function given(part: Part) {
  const folder = mkdtempSync(join(tmpdir(), 'duban-bank-'));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('definition.yaml'), wholeFile(`use:\n  ${part}: { version: "1.0", map: { bank: finance }, clause: ours }`));
  writeFileSync(at(`${part}.yaml`), readFileSync(`definitions/parts/${part}.yaml`));
  writeFileSync(at('codes.csv'), ['code,outcome', ...CODES.map(({ code, outcome }) => `${String(code)},${String(outcome)}`), '1009,account', '1010,name'].join('\n')); // prettier-ignore
  writeFileSync(at('accounts.csv'), 'account,name,balance,temper\n6201,张三,260.00,\n6202,李四,199.99,\n6203,王小明,300,closed\n6204,赵钱孙李,500,unsure\n6205,欧阳春晓,201,silent\n'); // prettier-ignore
  const names = ['张三', '李四', '王小明', '赵钱孙李', '欧阳春晓'];
  const rows = names.map((name, n) => ({ line: n + 1, account: `620${n + 1}`, name, amount: fen(20_000) }));
  const request = writeWhole(layoutOf(settingWith(part), 'bankRequest'), rows, { header: { batch: '201804100001', madeOn: '2018-04-10' } });
  const name = part === 'bank-return-delimited' ? 'DK20180410001.txt' : 'QQ20180410001.dat';
  writeFileSync(at(name), request);
  const files = [
    '--definition',
    at('definition.yaml'),
    '--table',
    `bankCodes=${at('codes.csv')}`,
    '--book',
    at('book'),
    '--out',
    at('out'),
  ];
  return { at, request: at(name), files, book: ['--book', at('book')] };
}
const bank = (args: readonly string[]): Promise<Ran> => duban(args, {}, [registerBank]);
const returned = z.object({ files: z.array(z.object({ path: z.string(), name: z.string(), lines: z.number() })) });
const summed = z.object({ takenSum: z.number(), batches: z.array(z.object({ lines: z.number(), open: z.number(), taken: z.number(), reasons: z.record(z.string(), z.number()) })) }); // prettier-ignore

describe.each(PARTS)('%s', (part) => {
  /** Detail lines of a return as the county reads them. */
  const read = (path: string) => {
    const layout = layoutOf(settingWith(part), 'bankReturn');
    const reading = readWhole(layout, readFileSync(path), { name: path.slice(path.lastIndexOf('/') + 1), batch: '201804100001' });
    return { reading, lines: reading.read.map(({ row }) => [row['line'], row['code'], row['takenOn']]) };
  };

  test('answers a request in the county’s own format, keeps its book, adds what was left open', async () => {
    const { at, request, files, book } = given(part);
    expect((await bank(['open', at('accounts.csv'), ...book])).exit).toBe(0);
    // A request is known by what stands in it, under whatever name it was saved.
    writeFileSync(at('r.txt'), readFileSync(request));
    const { exit, out } = await bank(['answer', at('r.txt'), ...files, '--on', '2018-04-12', '--json']);
    expect(exit).toBe(0);
    const [first, ...rest] = returned.parse(JSON.parse(out)).files;
    expect(rest).toEqual([]);
    const { reading, lines } = read(first?.path ?? '');
    expect([reading.sound, reading.details]).toEqual([true, 4]);
    expect(lines).toEqual([
      [1, '0000', '2018-04-12'],
      [2, '1001', null],
      [3, '1009', null],
      [4, '9999', null],
    ]);
    const supplement = await bank(['supplement', '201804100001', ...files, '--on', '2018-04-20', '--seq', '2', '--json']);
    expect(read(returned.parse(JSON.parse(supplement.out)).files[0]?.path ?? '').lines).toEqual([
      [4, '0000', '2018-04-20'],
      [5, '0000', '2018-04-20'],
    ]);
    const sums = summed.parse(JSON.parse((await bank(['show', 'sums', ...book, '--json'])).out));
    expect(sums).toMatchObject({
      takenSum: 60_000,
      batches: [{ lines: 5, open: 0, taken: 3, reasons: { taken: 3, short: 1, account: 1 } }],
    });
  });

  test('the same request again gives the same file and takes nothing', async () => {
    const { at, request, files, book } = given(part);
    await bank(['open', at('accounts.csv'), ...book]);
    const answer = ['answer', request, ...files, '--on', '2018-04-12', '--json'];
    const first = returned.parse(JSON.parse((await bank(answer)).out)).files[0]?.path ?? '';
    const before = readFileSync(first);
    // What was silent the first time is answered now, so the second file is another.
    const second = returned.parse(JSON.parse((await bank([...answer, '--seq', '2'])).out)).files[0]?.path ?? '';
    expect(readFileSync(first).equals(before)).toBe(true);
    expect(read(second).lines.slice(0, 4)).toEqual(read(first).lines);
    expect(summed.parse(JSON.parse((await bank(['show', 'sums', ...book, '--json'])).out)).takenSum).toBe(40_000);
  });

  test('partial, split, and the same lines once more under another name', async () => {
    const { at, request, files, book } = given(part);
    await bank(['open', at('accounts.csv'), ...book]);
    const { out } = await bank(['answer', request, ...files, '--on', '2018-04-12', '--part', '40', '--files', '2', '--twice', '--json']);
    const parts = returned.parse(JSON.parse(out)).files;
    expect(parts.map(({ lines }) => lines)).toEqual([1, 1, 1, 1]);
    expect(new Set(parts.map(({ name }) => name)).size).toBe(4);
    expect(parts.map(({ path }) => read(path).lines[0]?.[0])).toEqual([1, 2, 1, 2]);
  });
});

describe('refused', () => {
  test.each([
    ['no accounts yet', (of: ReturnType<typeof given>) => ['deposit', '6201', '10', ...of.book], 2, 'no-bank'],
    ['no such account', (of: ReturnType<typeof given>) => ['deposit', '9', '10', ...of.book], 1, 'no-account'],
    ['a deposit of nothing', (of: ReturnType<typeof given>) => ['deposit', '6201', '0', ...of.book], 2, 'not-a-deposit'],
    ['no request', (of: ReturnType<typeof given>) => ['answer', of.at('nothing'), ...of.files, '--on', '2018-04-12'], 2, 'file-missing'],
    [
      'a file that is none',
      (of: ReturnType<typeof given>) => ['answer', of.at('accounts.csv'), ...of.files, '--on', '2018-04-12'],
      1,
      'request-refused',
    ],
  ] as const)('%s', async (name, args, exit, code) => {
    const of = given('bank-return-delimited');
    if (name !== 'no accounts yet') await bank(['open', of.at('accounts.csv'), ...of.book]);
    const ran = await bank(args(of));
    expect([ran.exit, ran.err]).toEqual([exit, expect.stringContaining(`[${code}]`)]);
  });

  test('a broken book is told with its line, and is left as it is', async () => {
    const { at, book } = given('bank-return-delimited');
    await bank(['open', at('accounts.csv'), ...book]);
    writeFileSync(join(at('book'), 'accounts.jsonl'), '{"account":1}\n');
    const { exit, err } = await bank(['deposit', '6201', '10', ...book]);
    expect([exit, err]).toEqual([2, expect.stringContaining('accounts.jsonl:1')]);
    expect(readFileSync(join(at('book'), 'accounts.jsonl'), 'utf8')).toBe('{"account":1}\n');
  });

  test('a dry run shows what would be answered, and takes and writes nothing', async () => {
    const { at, request, files, book } = given('bank-return-delimited');
    await bank(['open', at('accounts.csv'), ...book]);
    const { exit, out } = await bank(['answer', request, ...files, '--on', '2018-04-12', '--dry-run', '--json']);
    expect([exit, returned.parse(JSON.parse(out)).files.map(({ lines }) => lines)]).toEqual([0, [4]]);
    expect(existsSync(at('out'))).toBe(false);
    expect((await bank(['deposit', '6202', '60', ...book, '--dry-run'])).exit).toBe(0);
    expect(summed.parse(JSON.parse((await bank(['show', 'sums', ...book, '--json'])).out))).toEqual({ takenSum: 0, batches: [] });
    expect(JSON.parse((await bank(['show', 'account', '6202', ...book, '--json'])).out)).toMatchObject({ balance: 19_999 });
  });

  test('money and names can be changed as people do at a counter', async () => {
    const { at, book } = given('bank-return-delimited');
    await bank(['open', at('accounts.csv'), ...book]);
    await bank(['deposit', '6202', '60.01', ...book]);
    await bank(['change', '6203', '--temper', 'normal', '--name', '王大明', ...book]);
    const shape = z.object({ balance: z.number(), temper: z.string(), name: z.string() });
    const show = async (number: string) => shape.parse(JSON.parse((await bank(['show', 'account', number, ...book, '--json'])).out));
    expect(await show('6202')).toEqual({ balance: 26_000, temper: 'normal', name: '李四' });
    expect(await show('6203')).toEqual({ balance: 30_000, temper: 'normal', name: '王大明' });
  });
});
