import { dateOf } from '../../domain/calendar/dates.js';
import type { RowBirth } from '../../domain/model/effect.js';
import type { LocalDate, Moment, ObligationId, UnitId } from '../../domain/model/ids.js';
import { frameOf } from '../../domain/process/index.js';
import { rowId } from '../../domain/process/obligation-ids.js';
import { closedByFact, openRow, stepRow, type Row, type Turn } from '../../domain/process/rows.js';
import type { DueSeen } from '../../store/rows/dues.js';
import type { RowEntry } from '../../store/rows/journal.js';
import type { RowChange } from '../../store/rows/write.js';
import type { Stands } from './judge.js';
import { lastOf } from './turns.js';

/** One row for each of these dues that has none yet. */
export function openedRows(
  turn: Turn,
  at: Moment,
  birth: RowBirth,
  dues: readonly DueSeen[],
  standing: ReadonlySet<ObligationId>,
): { readonly changes: readonly RowChange[]; readonly entries: readonly RowEntry[] } {
  const changes: RowChange[] = [];
  const entries: RowEntry[] = [];
  if (turn.context.status === 'stopped') return { changes, entries };
  for (const { due, person, unit, insurance } of dues) {
    if (standing.has(rowId(birth.duty, due, birth.period))) continue;
    const event = { type: 'opened' as const, at, birth, due, person, unit, insurance };
    const opened = openRow(turn, event);
    if (opened === null) continue;
    changes.push({ before: null, row: opened.row, effects: opened.effects });
    entries.push({ row: opened.row.id, number: 1, under: turn.seq, event });
  }
  return { changes, entries };
}

/** A row after what the facts now say of its due; null where they say what they said. */
export function settledRow(
  turns: readonly Turn[],
  at: Moment,
  row: Row,
  due: DueSeen,
  stands: Stands,
): { readonly change: RowChange; readonly entry: RowEntry | null } | null {
  const turn = lastOf(turns);
  const today = dateOf(at);
  const unit = inForce(turn, due.unit, today) ? due.unit : row.main.unit;
  if (stoodBefore(row, stands) === stands && (row.main.closed !== null || row.main.unit === unit)) return null;
  const event = { type: 'settled' as const, at, stands, on: due.arrivedOn ?? today, unit };
  const stepped = stepRow(row, turns, event);
  if (!stepped.changed) return null;
  const entry = stepped.row.number > row.number ? { row: row.id, number: stepped.row.number, under: turn.seq, event } : null;
  return { change: { before: row, row: stepped.row, effects: stepped.effects }, entry };
}

function stoodBefore({ main }: Row, stands: Stands): Stands {
  if (main.case !== undefined && main.case.arrivedOn !== null) return 'done';
  if (main.closed === null) return 'owed';
  return closedByFact(main) && stands === 'owed' ? 'done' : stands;
}

const inForce = (turn: Turn, unit: UnitId, on: LocalDate): boolean => {
  const found = frameOf(turn.setting, turn.context.amendments).unit(unit);
  return found !== undefined && (found.to === null || found.to >= on);
};
