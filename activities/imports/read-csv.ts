import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { SheetRow } from './cell.js';
import { ImportRefusal } from './problem.js';
import { openSource, type Charset, type ImportSource } from './source.js';

const DELIMITERS = [',', '\t', ';', '|'] as const;

/**
 * Rows of a delimited text, streamed: memory does not grow with the file. Quoted cells may hold line breaks. The delimiter is the one that
 * the first lines hold most of. Throws `half-written` for a quote that never closes or a file that stops within a row.
 */
export async function* readCsv(source: ImportSource, charset: Charset): AsyncGenerator<SheetRow> {
  const decoder = new TextDecoder(charset);
  const tail = { last: '' };
  const decoded = async function* (): AsyncGenerator<string> {
    for await (const chunk of openSource(source)) yield keep(decoder.decode(chunk as Buffer, { stream: true }), tail);
    yield keep(decoder.decode(), tail);
  };
  const parser = parse({
    delimiter: await delimiterOf(source, charset),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: 1024 * 1024,
  });
  const feeding = pipeline(decoded, parser);
  feeding.catch(() => undefined);
  let widest = 0;
  let held: SheetRow | null = null;
  try {
    for await (const item of parser) {
      const { record, info } = item as { record: string[]; info: { lines: number } };
      if (held) yield held;
      held = { line: info.lines, cells: record };
      if (record.length > widest) widest = record.length;
    }
    await feeding;
  } catch (error) {
    if (error instanceof CsvError)
      throw new ImportRefusal(
        'half-written',
        `文件不完整或引号不成对：${error.code}`,
        `the file is cut short or a quote never closes: ${error.code}`,
        { reason: error.code },
      );
    throw error;
  }
  // A file that was cut while being written ends within a row: no line end, and fewer cells than the rows before.
  if (held && widest > 1 && held.cells.length < widest && held.cells.length > 1 && !tail.last.endsWith('\n') && !tail.last.endsWith('\r'))
    throw new ImportRefusal(
      'half-written',
      `文件在第${held.line}行中断，像是没有写完`,
      `the file stops within line ${held.line}: it was not written to its end`,
      { line: held.line },
    );
  if (held) yield held;
}

function keep(text: string, tail: { last: string }): string {
  if (text !== '') tail.last = text.slice(-1);
  return text;
}

async function delimiterOf(source: ImportSource, charset: Charset): Promise<string> {
  for await (const chunk of openSource(source)) {
    const start = new TextDecoder(charset).decode((chunk as Buffer).subarray(0, 16_384), { stream: true }).replace(/"[^"]*"/g, '');
    const counts = DELIMITERS.map((delimiter) => start.split(delimiter).length);
    return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
  }
  return ',';
}
