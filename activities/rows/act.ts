import type { Refusal } from '../../domain/model/effect.js';
import type { Act, Actor } from '../../domain/model/event.js';
import type { ActId, Moment, ObligationId, ProcessId } from '../../domain/model/ids.js';
import { notForRows, stepRow } from '../../domain/process/rows.js';
import type { Store } from '../../store/connection.js';
import { nextId } from '../../store/ids.js';
import { appendFacts, rowsTouched } from '../../store/inbox.js';
import { findProcess } from '../../store/processes.js';
import { appendEntries, findRowAct } from '../../store/rows/journal.js';
import { holdRows } from '../../store/rows/standing.js';
import { writeRows } from '../../store/rows/write.js';
import type { TurnBook } from './turns.js';

export interface RowAct {
  readonly county: string;
  readonly process: ProcessId;
  readonly row: ObligationId;
  readonly actId: ActId;
  readonly actor: Actor;
  readonly act: Act;
  /** The world's present moment. */
  readonly at: Moment;
}

/**
 * One act on a row, one transaction: the row is held, brought to the present, stepped by the core, journalled under its own next number, and the process is
 * told. The same act again is answered from the journal. `seq` is the row's number. Acts on different rows do not wait for each other but for
 * the moment of telling the process.
 */
export async function actOnRow(
  store: Store,
  book: TurnBook,
  { county, process, row: id, actId, actor, act, at }: RowAct,
): Promise<{ readonly ok: true; readonly seq: number } | { readonly ok: false; readonly refusal: Refusal }> {
  const refused = notForRows(act);
  if (refused) return { ok: false, refusal: refused };
  return store.db.transaction().execute(async (trx) => {
    const [row] = await holdRows(trx, county, process, [id]);
    const known = await findRowAct(trx, county, process, actId);
    if (known !== null) return { ok: true, seq: known.number };
    const owner = await findProcess(trx, county, process);
    if (row === undefined || owner === null) throw new Error(`no row ${id}`);
    const turns = await book.since(trx, county, process, row.turn);
    const event = { type: 'acted' as const, at, actId, actor, act };
    const stepped = stepRow(row, turns, event);
    if (stepped.refusal !== null) return { ok: false, refusal: stepped.refusal };
    const setting = turns.at(-1)?.setting;
    if (setting === undefined) throw new Error(`row ${id} has no turn`);
    const change = { before: row, row: stepped.row, effects: stepped.effects };
    await writeRows(trx, county, process, setting, [change], await nextId(trx, county, 'f'));
    await appendEntries(trx, county, process, [{ row: id, number: stepped.row.number, under: stepped.row.turn, event }]);
    await appendFacts(trx, county, process, [rowsTouched(owner.root_unit, at)], at);
    return { ok: true, seq: stepped.row.number };
  });
}
