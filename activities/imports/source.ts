import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import type { Digest } from '../../domain/model/ids.js';
import { ImportRefusal } from './problem.js';

/** A file to read, more than once: on disk (an upload) or in memory. `name` is as the office named it. */
export type ImportSource = { readonly name: string; readonly path: string } | { readonly name: string; readonly content: Buffer };

export type Charset = 'utf-8' | 'gb18030';

/** What the first pass over the bytes tells. */
export interface SourceFacts {
  readonly size: number;
  readonly digest: Digest;
  readonly format: 'csv' | 'xlsx';
  /** Meaning only for a CSV. */
  readonly charset: Charset;
}

export const openSource = (source: ImportSource): Readable =>
  'path' in source ? createReadStream(source.path, { highWaterMark: 256 * 1024 }) : Readable.from(chunksOf(source.content));

async function sizeOf(source: ImportSource): Promise<number> {
  return 'path' in source ? (await stat(source.path)).size : source.content.length;
}

async function firstBytes(source: ImportSource, count: number): Promise<Buffer> {
  if (!('path' in source)) return source.content.subarray(0, count);
  const file = await open(source.path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Size, digest, format by its first bytes (never by its name) and charset: a BOM or strict UTF-8, else GB18030. Throws `empty-file`,
 * `old-excel` (with the way out), `not-a-table` for a PDF or a Word file of the old kind.
 */
export async function inspectSource(source: ImportSource): Promise<SourceFacts> {
  const size = await sizeOf(source);
  if (size === 0) throw new ImportRefusal('empty-file', '文件是空的', 'the file is empty');
  const head = await firstBytes(source, 8);
  if (head.subarray(0, 4).toString('hex') === 'd0cf11e0')
    throw new ImportRefusal(
      'old-excel',
      '旧版 .xls 文件无法读取，请在表格软件中“另存为 .xlsx”或 CSV 后再导入',
      'old .xls files cannot be read: save as .xlsx or CSV and import that',
    );
  if (head.subarray(0, 5).toString('latin1') === '%PDF-')
    throw new ImportRefusal('not-a-table', '这是 PDF 文件，请导入 .xlsx 或 CSV', 'this is a PDF: import an .xlsx or CSV file');
  const format = head.subarray(0, 2).toString('latin1') === 'PK' ? 'xlsx' : 'csv';
  const hash = createHash('sha256');
  let decoder: TextDecoder | null = format === 'csv' ? new TextDecoder('utf-8', { fatal: true }) : null;
  for await (const chunk of openSource(source)) {
    const bytes = chunk as Buffer;
    hash.update(bytes);
    if (!decoder) continue;
    if (bytes.includes(0))
      throw new ImportRefusal(
        'wrong-charset',
        '文件编码无法识别（可能是 UTF-16），请另存为 UTF-8 CSV 或 .xlsx',
        'the charset cannot be read (perhaps UTF-16): save as UTF-8 CSV or .xlsx',
      );
    try {
      decoder.decode(bytes, { stream: true });
    } catch {
      decoder = null;
    }
  }
  let charset: Charset = 'utf-8';
  try {
    if (format === 'csv' && !decoder) charset = 'gb18030';
    decoder?.decode();
  } catch {
    charset = 'gb18030';
  }
  return { size, digest: hash.digest('hex') as Digest, format, charset };
}

function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 256 * 1024) yield content.subarray(at, at + 256 * 1024);
}
