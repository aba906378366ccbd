import { charsetOf } from '../../activities/files/charset.js';
import { handOver } from '../../activities/files/hand-over.js';
import { readFormatFile } from '../../activities/files/read-file.js';
import type { FileRow } from '../../domain/formats/columns.js';
import type { Layout } from '../../domain/formats/layout.js';
import { tellFormatProblem } from '../../domain/formats/problem.js';
import { FormatWriter } from '../../domain/formats/write.js';
import { fen } from '../../domain/money/fen.js';
import type { LocalDate } from '../../domain/model/ids.js';
import type { Answered, Wanted } from '../../rehearsal/bank/bank.js';
import { codesOf } from '../../rehearsal/bank/codes.js';
import { EXIT, Failure } from '../failure.js';

export interface Request {
  readonly batch: string;
  readonly lines: readonly Wanted[];
}

/** A request of the county, whatever its file is called now. Errors: `request-refused` (its problems are told as the bank's counter would), `request-without-columns`. */
export async function readRequest(path: string, layout: Layout): Promise<Request> {
  const lines: Wanted[] = [];
  const reading = await readFormatFile(path, layout, { name: null }, (read) => {
    for (const { row } of read) lines.push(wantedOf(row));
  });
  if (!reading.sound || reading.batch === null) {
    const [first] = reading.problems;
    const { zh, en } = first === undefined ? { zh: '没有批次号', en: 'no batch' } : tellFormatProblem(first);
    const line = first?.line ?? null;
    throw new Failure(EXIT.refused, 'request-refused', {
      zh: `请求文件不能受理：${line === null ? '' : `第 ${line} 行：`}${zh}`,
      en: `The request is refused: ${line === null ? '' : `line ${line}: `}${en}`,
    });
  }
  return { batch: reading.batch, lines };
}

function wantedOf(row: FileRow): Wanted {
  const { line, account, name, amount } = row;
  if (typeof line !== 'number' || typeof account !== 'string' || typeof name !== 'string' || typeof amount !== 'number')
    throw new Failure(EXIT.refused, 'request-without-columns', {
      zh: '请求文件的明细须有 line、account、name、amount 各列',
      en: 'The lines of a request need the columns line, account, name, amount',
    });
  return { line, account, name, amount: fen(amount) };
}

/** Writes a return file. `seq`: its number for the batch. Error: `code-missing` when the bank's table has no code for a reason. */
export async function writeReturn(
  folder: string,
  layout: Layout,
  given: { readonly batch: string; readonly seq: number; readonly on: LocalDate; readonly lines: readonly Answered[] },
): Promise<{ readonly path: string; readonly name: string; readonly lines: number }> {
  const codeOf = codesOf(layout);
  const rows = given.lines.map((line): FileRow => {
    const code = line.reason === null ? null : codeOf(line.reason);
    if (code === null)
      throw new Failure(EXIT.refused, 'code-missing', {
        zh: `返回码表里没有“${line.reason ?? ''}”的代码`,
        en: `The table of codes has none for '${line.reason ?? ''}'`,
      });
    const { account, name, amount } = line;
    return { batch: line.batch, line: line.line, account, name, amount, code, takenOn: line.taken > 0 ? line.on : null };
  });
  const writer = new FormatWriter(layout, charsetOf(layout.format.charset));
  writer.check(rows);
  const PAGE = 10_000;
  const content = function* (): Generator<Uint8Array> {
    yield writer.begin({ header: { batch: given.batch, madeOn: given.on }, trailer: {} });
    for (let at = 0; at < rows.length; at += PAGE) yield writer.rows(rows.slice(at, at + PAGE));
    yield writer.end();
  };
  // The name holds columns of the header, which are made by `begin`.
  const pieces = [...content()];
  const name = writer.fileName(given.on, given.seq) ?? `${given.batch}-${given.seq}.txt`;
  const { path } = await handOver({ folder, name, content: () => pieces });
  return { path, name, lines: rows.length };
}
