import { existsSync, readFileSync } from 'node:fs';
import { charsetOf } from '../../../activities/files/charset.js';
import { loadDefinition, printProblem } from '../../../definitions/schema/index.js';
import { wholeFile } from '../../../definitions/schema/publish/snippets.js';
import type { FileRow } from '../../../domain/formats/columns.js';
import { layoutOf, type Layout } from '../../../domain/formats/layout.js';
import { FormatReader } from '../../../domain/formats/read.js';
import type { FileReading, ReadLine, ReadOptions } from '../../../domain/formats/reading.js';
import { FormatWriter, type FileGiven } from '../../../domain/formats/write.js';
import type { Setting, TableRow } from '../../../domain/model/setting.js';
import { settingOf } from '../../support/definitions.js';

/** What a bank supplies as its list of codes. */
export const CODES: readonly TableRow[] = [
  { code: '0000', outcome: 'arrived' },
  { code: '1001', outcome: 'short' },
  { code: '1002', outcome: 'frozen' },
];

/** Sections set into the sample county, with the codes of a bank; parts are those that are shipped. */
export function countyWith(sections: string, tables: Readonly<Record<string, readonly TableRow[]>> = { bankCodes: CODES }): Setting {
  const file = 'definitions/campaigns/sample.yaml';
  const loaded = loadDefinition(file, (path) =>
    path === file ? wholeFile(sections) : existsSync(path) ? readFileSync(path, 'utf8') : null,
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(printProblem).join('\n'));
  return settingOf(loaded.definition, 2021, {}, tables);
}

/** The sample county with one of the shipped layouts. */
export const bank = (part: 'bank-return-delimited' | 'bank-return-fixed'): Setting =>
  countyWith(`use:\n  ${part}: { version: "1.0", map: { bank: finance }, clause: ours }`);

/** A format alone: its keys as YAML, one a line. */
export const layoutFrom = (format: string): Layout =>
  layoutOf(countyWith(`formats:\n  f:\n    clause: ours\n${format.replace(/^/gm, '    ')}`, {}), 'f');

export interface Whole extends FileReading {
  readonly read: readonly ReadLine[];
}

/** Reads a file in chunks of the given size. */
export function readWhole(layout: Layout, bytes: Uint8Array, options: ReadOptions = {}, chunk = bytes.length): Whole {
  const reader = new FormatReader(layout, charsetOf(layout.format.charset), options);
  const read: ReadLine[] = [];
  for (let at = 0; at < bytes.length; at += chunk) read.push(...reader.push(bytes.subarray(at, at + chunk)));
  const { lines, reading } = reader.finish();
  return { ...reading, read: [...read, ...lines] };
}

/** Writes a file; throws what cannot be written. */
export function writeWhole(layout: Layout, rows: readonly FileRow[], given: Partial<FileGiven> = {}): Buffer {
  const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
  writer.check(rows);
  const begun = writer.begin({ header: {}, trailer: {}, ...given });
  return Buffer.concat([begun, writer.rows(rows), writer.end()]);
}

/** `code line:byte column` of every problem that is kept; `-` where there is none. */
export const told = ({ problems }: Pick<FileReading, 'problems'>): readonly string[] =>
  problems.map(({ code, line, byte, column }) => `${code} ${line ?? '-'}:${byte ?? '-'} ${column ?? '-'}`);

/** Lines of the return of the shipped layouts. */
export const returned = (n: number): readonly FileRow[] =>
  Array.from({ length: n }, (_, i) => ({
    line: i + 1,
    account: `62284800000000${String(10_000 + i)}`,
    name: ['张三', '欧阳翠花', '鑾春', '李四'][i % 4] ?? '',
    amount: 20_000 + i,
    code: ['0000', '0000', '1001', '7777'][i % 4] ?? '',
    takenOn: i % 4 < 2 ? '2018-03-15' : null,
  }));
