import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { charsetOf } from './charset.js';
import type { Layout } from '../../domain/formats/layout.js';
import { FormatReader } from '../../domain/formats/read.js';
import type { FileReading, ReadLine, ReadOptions } from '../../domain/formats/reading.js';

/**
 * Reads a file of a bank or an office, streamed. `take` gets its detail lines as they come and is awaited, so that no more is read than can be taken. The name is that
 * of the path unless `options` say another (an upload).
 */
export async function readFormatFile(
  path: string,
  layout: Layout,
  options: ReadOptions = {},
  take?: (lines: readonly ReadLine[]) => void | Promise<void>,
): Promise<FileReading> {
  const reader = new FormatReader(layout, charsetOf(layout.format.charset), { name: basename(path), ...options });
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const lines = reader.push(chunk as Buffer);
    if (lines.length > 0) await take?.(lines);
  }
  const { lines, reading } = reader.finish();
  if (lines.length > 0) await take?.(lines);
  return reading;
}
