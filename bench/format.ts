import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import { stateCouncilCalendar } from '../domain/calendar/data/state-council.js';
import type { FileRow } from '../domain/formats/columns.js';
import { layoutOf, type Layout } from '../domain/formats/layout.js';
import { FormatWriter } from '../domain/formats/write.js';
import type { Digest } from '../domain/model/ids.js';
import { loadDefinition } from '../definitions/schema/index.js';
import { charsetOf } from '../activities/files/charset.js';
import { handOver } from '../activities/files/hand-over.js';
import { readFormatFile } from '../activities/files/read-file.js';
import { comparePairs, ratioFigure } from './pairs.js';
import { tell, type Figure } from './figures.js';

/*
 * 400,000 lines of the two shipped return layouts. The floor does what cannot be left out. Reading: decode, cut into lines and columns, copy them out as a database
 * takes them. Writing: put the columns of a row together, encode, write to a file, fsync. Both sides read and write real files.
 */
const LINES = Number(process.env['BENCH_ROWS'] ?? 400_000);
const PAIRS = 7;
const BOUND = 2;
const PIECE = 4000;
const NAMES = ['张三', '欧阳翠花', '鑾春', '李建国', '買買提', '王秀英'];

const row = (n: number): FileRow => ({
  line: n + 1,
  account: `622848000000${String(n).padStart(7, '0')}`,
  name: NAMES[n % NAMES.length] ?? '',
  amount: 20_000 + (n % 500) * 100,
  code: n % 9 === 0 ? '1001' : '0000',
  takenOn: n % 9 === 0 ? null : '2018-03-15',
});

/** The sample campaign of the language's reference with one of the shipped parts. */
function layout(part: string): Layout {
  const file = 'definitions/campaigns/bench.yaml';
  const text = `{ duban: 1, kind: campaign, id: bench, version: "1", title: bench, from: 2018-01-01, source: [bench], insurance: [pension], leads: bank, clause: ours,
    levels: { county: { clause: ours } }, roles: { bank: { per: county, clause: ours } }, use: { ${part}: { version: "1.0" } } }`;
  const loaded = loadDefinition(file, (path) => (path === file ? text : existsSync(path) ? readFileSync(path, 'utf8') : null));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ en }) => en).join('\n'));
  const codes = [
    { code: '0000', outcome: 'arrived' },
    { code: '1001', outcome: 'short' },
  ];
  const { definition } = loaded;
  const setting = {
    definition,
    definitionDigest: '0' as Digest,
    year: 2018,
    parameters: {},
    tables: { bankCodes: codes },
    calendar: stateCouncilCalendar,
    units: [],
  };
  return layoutOf(setting, 'bankReturn');
}

/** Made once: where rows come from is no part of either side. */
const pieces: readonly (readonly FileRow[])[] = Array.from({ length: Math.ceil(LINES / PIECE) }, (_, p) =>
  Array.from({ length: Math.min(PIECE, LINES - p * PIECE) }, (_unused, i) => row(p * PIECE + i)),
);

async function write(of: Layout, folder: string, name: string): Promise<void> {
  const writer = new FormatWriter(of, charsetOf(of.format.charset));
  for (const piece of pieces) writer.check(piece);
  const content = function* (): Generator<Uint8Array> {
    yield writer.begin({ header: { batch: 'PC2018030001' }, trailer: {} });
    for (const piece of pieces) yield writer.rows(piece);
    yield writer.end();
  };
  await handOver({ folder, name, content });
}

/** Columns of a row as text, in the order of the file. */
const columnsOf = ({ line, account, name, amount, code, takenOn }: FileRow): readonly string[] => [
  'D', String(line), String(account), String(name), String(amount), String(code), takenOn === null ? '' : String(takenOn).replaceAll('-', ''),
]; // prettier-ignore

async function writeFloor(path: string, widths: readonly number[] | null): Promise<void> {
  const stream = createWriteStream(path);
  for (const piece of pieces) {
    let text = '';
    for (const one of piece) {
      const columns = columnsOf(one);
      text += `${widths === null ? columns.join('|') : columns.map((column, i) => column.padEnd(widths[i] ?? 0)).join('')}\r\n`;
    }
    if (!stream.write(iconv.encode(text, 'gb18030'))) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  const file = await open(path);
  await file.sync();
  await file.close();
}

/** Rows as a database's COPY takes them. */
class Copied {
  bytes = 0;
  take(lines: Iterable<readonly (string | number | null)[]>): void {
    let text = '';
    for (const columns of lines) text += `${columns.join('\t')}\n`;
    this.bytes += Buffer.from(text, 'utf8').length;
  }
}

async function read(of: Layout, path: string): Promise<void> {
  const copied = new Copied();
  const reading = await readFormatFile(path, of, { name: null }, (lines) => copied.take(lines.map(({ values }) => values)));
  if (!reading.sound || reading.details !== LINES) throw new Error(`read ${reading.details} lines, ${reading.problems[0]?.code ?? ''}`);
}

async function readFloor(path: string, bytes: readonly (readonly [number, number])[] | null): Promise<void> {
  const copied = new Copied();
  const decoder = new TextDecoder('gb18030');
  let held = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const all = Buffer.concat([held, chunk as Buffer]);
    const end = all.lastIndexOf(10) + 1;
    held = all.subarray(end);
    if (bytes === null) {
      const lines = decoder.decode(all.subarray(0, end)).split('\r\n');
      copied.take(lines.map((line) => line.split('|')));
      continue;
    }
    const cut: (readonly string[])[] = [];
    for (let at = 0; at < end;) {
      const feed = all.indexOf(10, at);
      const start = at;
      cut.push(bytes.map(([from, to]) => decoder.decode(all.subarray(start + from, Math.min(start + to, feed)))));
      at = feed + 1;
    }
    copied.take(cut);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'duban-format-'));
try {
  const figures: Figure[] = [];
  for (const [part, what] of [
    ['bank-return-delimited', 'delimited'],
    ['bank-return-fixed', 'fixed width'],
  ] as const) {
    const of = layout(part);
    const cuts = of.format.separator === null ? of.detail.columns.map(({ from, to }) => [from, to] as const) : null;
    let n = 0;
    const ours = async (): Promise<void> => {
      n += 1;
      await write(of, folder, `${part}-${n}`);
    };
    const file = join(folder, `${part}-1`);
    await ours();
    figures.push(
      ratioFigure(
        await comparePairs(
          `reading ${LINES} lines, ${what}, against decoding, cutting and copying`,
          BOUND,
          () => readFloor(file, cuts),
          () => read(of, file),
          PAIRS,
        ),
      ),
      ratioFigure(
        await comparePairs(
          `writing ${LINES} lines, ${what}, checked before, against joining, encoding and writing`,
          BOUND,
          () => writeFloor(join(folder, 'floor'), cuts?.map(([from, to]) => to - from) ?? null),
          ours,
          PAIRS,
        ),
      ),
    );
  }
  process.exitCode = tell(figures);
} finally {
  await rm(folder, { recursive: true, force: true });
}
