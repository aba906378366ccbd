import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Refused, Staged } from '../../domain/deduction/order.js';
import type { ReturnProblem } from '../../domain/deduction/problems.js';
import type { FileReading } from '../../domain/formats/reading.js';
import { appendAudit } from '../../store/audit.js';
import { findBatch } from '../../store/deductions/batches.js';
import { contentOf, findDeductionFile } from '../../store/deductions/files.js';
import { changeOrder, holdOrder, keepReturnProblems, lockOrder, takeOrder, type Order } from '../../store/deductions/orders.js';
import { clearStaged, stageChunk } from '../../store/deductions/stage.js';
import { CopyText } from '../../store/imports/copy-text.js';
import { inSession } from '../../store/imports/session.js';
import { loadCycle, type CycleOf, type CycleParts } from './parts.js';
import { ReturnReader } from './read.js';
import { CycleRefusal, refusalOf, refusedBy } from './refusal.js';

/** Lines staged in one transaction. */
const CHUNK = 20_000;
/** Bytes that are read before the chunk under way is fed on to the database. */
const SLICE = 32 * 1024;

/**
 * Reads a return into the staging table, a chunk a transaction, each by whoever holds the order: one who was given up by the engine and still works is refused at
 * its next chunk (`order-fenced`). Nothing is posted here. What refuses the file as a whole is kept line by line.
 */
export async function stageReturn(parts: CycleParts, of: CycleOf, orderId: string): Promise<Staged | Refused> {
  const { store } = parts;
  const { county } = of;
  const order = await store.db.transaction().execute(async (trx) => {
    const taken = await takeOrder(trx, county, orderId);
    if (taken.status === 'working') await clearStaged(trx, county, orderId, taken.token);
    return taken;
  });
  if (order.status !== 'working') return answered(order);
  try {
    return await stage(parts, of, order);
  } catch (error) {
    return refuseReturn(parts, of, order, refusalOf(error));
  }
}

/** The answer that was given before; what was posted since was staged. */
function answered({ order_id, result }: Order): Staged | Refused {
  if (result?.kind === 'refused' || result?.kind === 'staged') return result;
  if (result?.kind === 'posted') return { kind: 'staged', lines: result.lines, notices: result.notices };
  throw new Error(`order ${order_id} has no answer`);
}

async function stage(parts: CycleParts, of: CycleOf, order: Order): Promise<Staged> {
  const { store, key } = parts;
  const { county } = of;
  const context = await loadCycle(parts, of);
  const file = order.file_id === null ? null : await findDeductionFile(store.db, county, order.file_id);
  if (file === null) throw new Error(`order ${order.order_id} has no file`);
  const reader = new ReturnReader(parts, context, ({ line }) => [county, order.order_id, order.token, line], {
    name: file.name,
    batch: order.batch_id,
  });
  let waiting = new CopyText();
  let lines = 0;
  const write = async (rows: CopyText): Promise<void> => {
    lines += rows.rows;
    await inSession(store, async (session) => {
      await holdOrder(session.trx, county, order.order_id, order.token);
      await stageChunk(session, rows);
      await changeOrder(session.trx, county, order.order_id, { status: 'working', lines });
    });
    await parts.at?.('staging');
  };
  // While the database takes one chunk, the next is read.
  let writing = Promise.resolve();
  const put = async (): Promise<void> => {
    const rows = waiting;
    waiting = new CopyText();
    await writing;
    writing = write(rows);
    writing.catch(() => undefined);
  };
  try {
    for await (const piece of contentOf(store.db, key, county, file.id))
      for (let at = 0; at < piece.length; at += SLICE) {
        for (const row of reader.push(piece.subarray(at, at + SLICE))) waiting.add(row);
        if (waiting.rows >= CHUNK) await put();
        else await othersTurn();
      }
  } finally {
    // Nobody writes any more when the reading is given up.
    await Promise.allSettled([writing]);
  }
  const { rows, reading } = reader.finish();
  for (const row of rows) waiting.add(row);
  if (waiting.rows > 0) await put();
  await writing;
  const { batch, staged, told } = await readOf(parts, of, order, { reader, reading, lines });
  await store.db.transaction().execute(async (trx) => {
    await holdOrder(trx, county, order.order_id, order.token);
    await keepReturnProblems(trx, county, order.order_id, told);
    await changeOrder(trx, county, order.order_id, { status: 'staged', result: staged, batch, lines });
  });
  await parts.at?.('staged');
  return staged;
}

/** As it is kept and told: with the column's title, so that whoever reads it need not know the format. */
const problemOf =
  (reader: ReturnReader) =>
  ({ line, code, params, column, byte }: FileReading['problems'][number]): ReturnProblem => ({
    line,
    code,
    params: { ...(column === null ? {} : { column, title: reader.titleOf(column) }), ...(byte === null ? {} : { byte }), ...params },
  });

/** What a file that was read comes to, for the real run and the dry one: its batch, what is kept of it, and what is told line by line. Refusals: of `batchOf`. */
export async function readOf(
  parts: Pick<CycleParts, 'store'>,
  of: CycleOf,
  order: Pick<Order, 'batch_id'>,
  { reader, reading, lines }: { readonly reader: ReturnReader; readonly reading: FileReading; readonly lines: number },
): Promise<{ readonly batch: string; readonly staged: Staged; readonly told: readonly ReturnProblem[] }> {
  const batch = await batchOf(parts, of, order, reader, reading);
  return { batch, staged: { kind: 'staged', lines, notices: reader.noticesOf(reading) }, told: reading.problems.map(problemOf(reader)) };
}

/** The batch that a sound file answers. Refusals: the file's own problems, an unknown batch, nothing said. */
async function batchOf(
  { store }: Pick<CycleParts, 'store'>,
  of: CycleOf,
  order: Pick<Order, 'batch_id'>,
  reader: ReturnReader,
  reading: FileReading,
): Promise<string> {
  if (!reading.sound)
    throw refusedFile(
      '回盘文件有误，整个文件未入账',
      'the return file is not sound: nothing of it was posted',
      reading.problems.map(problemOf(reader)),
      Object.fromEntries(Object.entries(reading.counts).map(([code, n]) => [code, n ?? 0])),
    );
  const named = reading.batch ?? order.batch_id;
  if (named === null)
    throw refusedFile('回盘文件没有写批次号', 'the return file names no batch', [{ line: null, code: 'batch-missing', params: {} }]);
  const batch = await findBatch(store.db, of.county, named);
  if (batch === null || batch.process !== of.process || batch.deduction !== of.deduction)
    throw refusedFile(`没有批次 ${named}`, `there is no batch ${named}`, [{ line: null, code: 'batch-unknown', params: { found: named } }]);
  if (reading.details === 0)
    throw refusedFile('回盘文件没有一行结果', 'the return file answers no line', [{ line: null, code: 'nothing-said', params: {} }]);
  return batch.id;
}

/** A file that is refused as a whole. `counts`: all problems, when more than are listed. */
class FileRefused extends CycleRefusal {
  constructor(
    zh: string,
    en: string,
    problems: readonly ReturnProblem[],
    readonly counts: Readonly<Record<string, number>> | null,
  ) {
    super('file-refused', zh, en, {}, problems);
  }
}
export const refusedFile = (
  zh: string,
  en: string,
  problems: readonly ReturnProblem[],
  counts: Readonly<Record<string, number>> | null = null,
): FileRefused => new FileRefused(zh, en, problems, counts);

/** A refusal as an order keeps it, with all of its problems counted. */
export const refusedOf = (refusal: CycleRefusal): Refused => refusedBy(refusal, refusal instanceof FileRefused ? refusal.counts : null);

/** Keeps the refusal with the order: nothing of the file was posted, and nothing of it stays staged. */
export async function refuseReturn(
  { store }: Pick<CycleParts, 'store'>,
  of: CycleOf,
  order: Order,
  refusal: CycleRefusal,
): Promise<Refused> {
  const { county } = of;
  const refused = refusedOf(refusal);
  await store.db.transaction().execute(async (trx) => {
    const { status } = await lockOrder(trx, county, order.order_id);
    if (status === 'refused' || status === 'posted' || status === 'done' || status === 'dropped') return;
    await clearStaged(trx, county, order.order_id);
    await keepReturnProblems(trx, county, order.order_id, refusal.problems);
    await changeOrder(trx, county, order.order_id, { status: 'refused', result: refused });
    await appendAudit(trx, county, {
      at: order.at,
      actor: order.by_user,
      action: 'deduction.return.refused',
      subject: order.order_id,
      detail: { process: of.process, file: order.file_id, code: refused.code, counts: refused.counts },
    });
  });
  return refused;
}
