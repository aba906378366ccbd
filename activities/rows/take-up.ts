import { dateOf } from '../../domain/calendar/dates.js';
import type { Moment, ObligationId, ProcessId } from '../../domain/model/ids.js';
import { isOpenedBy } from '../../domain/process/case-types.js';
import { openCaseRow, stepRow, type Row, type RowEvent, type RowStepped, type Turn } from '../../domain/process/rows.js';
import { casesOfDues, type CaseKnown, type StoredOpening } from '../../store/cases/openings.js';
import type { Trx } from '../../store/connection.js';
import type { DueSeen } from '../../store/rows/dues.js';
import type { RowEntry } from '../../store/rows/journal.js';
import { holdRows } from '../../store/rows/standing.js';
import type { RowChange } from '../../store/rows/write.js';
import { lastOf, sinceTurn } from './turns.js';

interface Of {
  readonly county: string;
  readonly process: ProcessId;
  /** Moment of the turn. */
  readonly at: Moment;
}

/** Holds the open cases of some dues. `since`: the turns that any of these rows has not had, the last of them in force. */
export async function holdCases(
  trx: Trx,
  { county, process, at }: Of,
  dues: readonly string[],
  now: Turn,
  since: (rows: readonly Row[]) => Promise<readonly Turn[]>,
): Promise<Cases> {
  const types = Object.keys(now.setting.definition.cases ?? {});
  const known = await casesOfDues(trx, county, process, types, [...new Set(dues)]);
  const open = known.flatMap((one) => (one.open ? [one.id] : []));
  const held = await holdRows(trx, county, process, open);
  return new Cases(at, held.length === 0 ? [now] : await since(held), known, held);
}

/** Cases as a page of openings finds and leaves them. */
export class Cases {
  readonly #rows = new Map<ObligationId, { readonly before: Row | null; row: Row; readonly effects: RowStepped['effects'][number][] }>();
  readonly #numbers = new Map<string, number>();
  readonly #ofDue = new Map<string, ObligationId[]>();
  readonly #changed = new Set<ObligationId>();
  readonly #now: Turn;
  readonly entries: RowEntry[] = [];
  opened = 0;
  told = 0;

  /** `turns`: those since any of the held rows was written, the last is the one in force. */
  constructor(
    private readonly at: Moment,
    private readonly turns: readonly Turn[],
    known: readonly CaseKnown[],
    held: readonly Row[],
  ) {
    this.#now = lastOf(turns);
    for (const one of known) this.#number(one);
    for (const row of held) this.#add(row, row);
  }

  /** Tells the open cases of the due, then opens what is called for and not open already. */
  take(opening: StoredOpening, due: DueSeen, arrived: boolean): void {
    const { id, type, event, cause } = opening;
    for (const of of this.#openOf(due.due))
      if (cause['case'] !== of) this.step(of, { type: 'told', at: this.at, opening: id, told: { opens: type, event, cause } });
    const kinds = Object.values(this.#now.setting.definition.cases ?? {}).filter((kind) => kind.id === type || isOpenedBy(kind, event));
    for (const kind of kinds) {
      if (kind.unique && this.#openOf(due.due).some((one) => this.#row(one).main.case?.type === kind.id)) continue;
      const number = (this.#numbers.get(`${kind.id}/${due.due}`) ?? 0) + 1;
      const { person, unit, insurance } = due;
      const birth = {
        case: kind.id,
        number,
        due: due.due,
        person,
        unit,
        insurance,
        since: dateOf(opening.at),
        event,
        cause,
        by: opening.by,
      };
      const born = { type: 'caseOpened' as const, at: this.at, birth };
      const stepped = openCaseRow(this.#now, born);
      if (stepped === null) continue;
      this.opened += 1;
      this.#numbers.set(`${kind.id}/${due.due}`, number);
      this.#add(null, stepped.row, stepped.effects);
      this.#changed.add(stepped.row.id);
      this.entries.push({ row: stepped.row.id, number: 1, under: this.#now.seq, event: born });
      if (arrived) this.step(stepped.row.id, { type: 'settled', at: this.at, stands: 'done', on: due.arrivedOn ?? dateOf(this.at), unit });
    }
  }

  /** Takes an event in, unless it changes nothing. */
  step(id: ObligationId, event: Exclude<RowEvent, { type: 'opened' | 'caseOpened' | 'acted' }>): void {
    const found = this.#rows.get(id);
    if (found === undefined) return;
    const stepped = stepRow(found.row, sinceTurn(this.turns, found.row.turn), event);
    if (!stepped.changed) return;
    if (stepped.row.number > found.row.number) this.entries.push({ row: id, number: stepped.row.number, under: this.#now.seq, event });
    this.told += 1;
    found.row = stepped.row;
    found.effects.push(...stepped.effects);
    this.#changed.add(id);
  }

  get changes(): readonly RowChange[] {
    return [...this.#changed].map((id) => {
      const { before, row, effects } = this.#entry(id);
      return { before, row, effects };
    });
  }

  #number({ type, due, number }: CaseKnown): void {
    const key = `${type}/${due}`;
    this.#numbers.set(key, Math.max(number, this.#numbers.get(key) ?? 0));
  }

  #add(before: Row | null, row: Row, effects: RowStepped['effects'] = []): void {
    this.#rows.set(row.id, { before, row, effects: [...effects] });
    const due = row.main.subject?.due ?? '';
    this.#ofDue.set(due, [...(this.#ofDue.get(due) ?? []), row.id]);
  }

  #entry(id: ObligationId) {
    const found = this.#rows.get(id);
    if (found === undefined) throw new Error(`no case ${id}`);
    return found;
  }
  #row(id: ObligationId): Row {
    return this.#entry(id).row;
  }
  #openOf(due: string): readonly ObligationId[] {
    return (this.#ofDue.get(due) ?? []).filter((id) => this.#row(id).main.closed === null);
  }
}
