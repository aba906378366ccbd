import { dateOf } from '../../domain/calendar/dates.js';
import type { DepositEffect, Refusal } from '../../domain/model/effect.js';
import type { Act, Actor } from '../../domain/model/event.js';
import type { ActId, Moment, ObligationId, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { notForRows, stepRow } from '../../domain/process/rows.js';
import { appendAudit } from '../../store/audit.js';
import type { Store, Trx } from '../../store/connection.js';
import { nextId } from '../../store/ids.js';
import { appendFacts, rowsTouched } from '../../store/inbox.js';
import { lockDue } from '../../store/payments/book.js';
import { addDeposit } from '../../store/payments/deposits.js';
import { lockMoney } from '../../store/payments/merge.js';
import { findProcess } from '../../store/processes.js';
import { appendEntries, findRowAct } from '../../store/rows/journal.js';
import { holdRows } from '../../store/rows/standing.js';
import { writeRows } from '../../store/rows/write.js';
import { inTransaction } from '../../store/tried.js';
import { refreshTallies } from '../measures/keep-tallies.js';
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
  /** Everything is checked and done, and then undone. */
  readonly dryRun?: boolean;
}

/**
 * One act on a row, one transaction: the row is held, brought to the present, stepped by the core, journalled under its own next number, and the process is
 * told. The same act again is answered from the journal. `seq` is the row's number. Acts on different rows do not wait for each other but for
 * the moment of telling the process.
 */
export async function actOnRow(
  store: Store,
  book: TurnBook,
  { county, process, row: id, actId, actor, act, at, dryRun = false }: RowAct,
): Promise<{ readonly ok: true; readonly seq: number } | { readonly ok: false; readonly refusal: Refusal }> {
  const refused = notForRows(act);
  if (refused) return { ok: false, refusal: refused };
  return inTransaction(store, dryRun, async (trx) => {
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
    const reported = stepped.effects.filter((effect) => effect.type === 'deposit');
    if (reported.length > 0)
      await recordDeposits(trx, { county, process, setting, at, user: actor.user, onBehalfOf: actor.onBehalfOf }, reported);
    await appendEntries(trx, county, process, [{ row: id, number: stepped.row.number, under: stepped.row.turn, event }]);
    await appendFacts(trx, county, process, [rowsTouched(owner.root_unit, at)], at);
    return { ok: true, seq: stepped.row.number };
  });
}

interface Recording {
  readonly county: string;
  readonly process: ProcessId;
  readonly setting: Setting;
  readonly at: Moment;
  readonly user: UserId;
  readonly onBehalfOf: string | null;
}

/** What an act says stands deposited is the township's report of the day, as if it had come by itself. */
async function recordDeposits(trx: Trx, of: Recording, reported: readonly DepositEffect[]): Promise<void> {
  const { county, process, setting, at, user, onBehalfOf } = of;
  await lockMoney(trx, county, process);
  for (const { due: id, amount, on } of reported) {
    const due = await lockDue(trx, county, process, id);
    if (due === null) continue;
    const source = 'township' as const;
    const added = await addDeposit(trx, { county, process, source, at, by: user, importId: null }, { due: id, amount, on });
    if (!added) continue;
    await refreshTallies(trx, { county, process, setting, today: dateOf(at) }, [due.unit]);
    const detail = { process, amount, on, source, onBehalfOf };
    await appendAudit(trx, county, { at, actor: user, action: 'deposit.reported', subject: id, detail });
  }
}
