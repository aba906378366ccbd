import { createReadStream } from 'node:fs';
import type { Posted, Refused } from '../../domain/deduction/order.js';
import type { ReturnProblem } from '../../domain/deduction/problems.js';
import type { Moment, UserId } from '../../domain/model/ids.js';
import { FileKeeper } from '../../store/deductions/files.js';
import { addOrder, changeOrder, lockOrder, returnProblems } from '../../store/deductions/orders.js';
import { stageChunk } from '../../store/deductions/stage.js';
import { CopyText } from '../../store/imports/copy-text.js';
import { inSession, Undo } from '../../store/imports/session.js';
import { lockMoney } from '../../store/payments/merge.js';
import { loadCycle, type CycleOf, type CycleParts } from './parts.js';
import { MOST_LISTED, postIn } from './post.js';
import { ReturnReader } from './read.js';
import { refusalOf } from './refusal.js';
import { readOf, refusedOf } from './stage.js';

const CHUNK = 20_000;

export interface Preview {
  readonly result: Posted | Refused;
  readonly problems: readonly ReturnProblem[];
}

/** What a return would do, and what would be told of its lines: it is read, judged and posted as a whole in one transaction, which is then undone. */
export async function previewReturn(
  parts: CycleParts,
  of: CycleOf,
  file: { readonly name: string; readonly path: string; readonly at: Moment; readonly by: UserId },
): Promise<Preview> {
  const { county, process, deduction } = of;
  const context = await loadCycle(parts, of);
  return inSession(parts.store, async (session) => {
    const { trx } = session;
    const { name, at, by } = file;
    await lockMoney(trx, county, process);
    const keeper = await FileKeeper.begin(trx, parts.key, { county, kind: 'return', at, by });
    const id = await addOrder(trx, { county, process, deduction, kind: 'return', status: 'waiting', request: {}, file: keeper.id, at, by });
    const told: ReturnProblem[] = [];
    try {
      const reader = new ReturnReader(parts, context, ({ line }) => [county, id, 0, line], { name, batch: null });
      let lines = 0;
      let waiting = new CopyText();
      const put = async (): Promise<void> => {
        const rows = waiting;
        waiting = new CopyText();
        lines += rows.rows;
        await stageChunk(session, rows);
      };
      for await (const piece of createReadStream(file.path, { highWaterMark: 256 * 1024 })) {
        const bytes = piece as Buffer;
        await keeper.add(bytes);
        for (const row of reader.push(bytes)) waiting.add(row);
        if (waiting.rows >= CHUNK) await put();
      }
      await keeper.finish(name);
      const last = reader.finish();
      for (const row of last.rows) waiting.add(row);
      await put();
      const { batch, staged, told: noticed } = await readOf(parts, of, { batch_id: null }, { reader, reading: last.reading, lines });
      told.push(...noticed);
      await changeOrder(trx, county, id, { status: 'staged', batch, lines, result: staged });
      const result = await postIn(trx, of, context, await lockOrder(trx, county, id));
      throw new Undo<Preview>({ result, problems: [...told, ...(await returnProblems(trx, county, id, MOST_LISTED))] });
    } catch (error) {
      if (error instanceof Undo) throw error;
      const refusal = refusalOf(error);
      throw new Undo<Preview>({ result: refusedOf(refusal), problems: [...told, ...refusal.problems] });
    }
  });
}
