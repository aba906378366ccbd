import type { ObligationId, ProcessId } from '../../domain/model/ids.js';
import { foldRow } from '../../domain/process/rows.js';
import type { Trx } from '../../store/connection.js';
import { entriesOf, journalledRows } from '../../store/rows/journal.js';
import { lastTurnDone } from '../../store/rows/turns.js';
import { writeRows, type RowChange } from '../../store/rows/write.js';
import { TurnBook, type SettingOf } from './turns.js';

const PAGE = 1_000;

/** Writes all rows of a process anew from their journals and the process's turns, in the caller's transaction. What was said stays said. */
export async function rebuildRows(trx: Trx, settingOf: SettingOf, county: string, process: ProcessId): Promise<number> {
  const turns = await new TurnBook(settingOf).since(trx, county, process, 0);
  const setting = turns.at(-1)?.setting;
  if (setting === undefined) return 0;
  const until = await lastTurnDone(trx, county, process);
  let rows = 0;
  for (let after: ObligationId | null = null; ;) {
    const ids: readonly ObligationId[] = await journalledRows(trx, county, process, after, PAGE);
    if (ids.length === 0) return rows;
    const entries = await entriesOf(trx, county, process, ids);
    const changes = ids.flatMap((id): RowChange[] => {
      const folded = foldRow(entries.get(id) ?? [], turns, until);
      return folded === null ? [] : [{ before: null, row: folded.row, effects: folded.effects }];
    });
    await writeRows(trx, county, process, setting, changes, null);
    rows += changes.length;
    after = ids.at(-1) ?? null;
  }
}
